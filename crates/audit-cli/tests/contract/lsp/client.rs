//! A client of the language server protocol, which waits for each reply.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout};

use serde_json::{Value, json};

use crate::Folder;

/// The document of the tests.
pub(super) const URI: &str = "file:///p.yaml";

/// A running server, and what the client has sent.
pub(super) struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last_id: i64,
    document_version: i64,
}

impl Client {
    pub(super) fn start(folder: &Folder, words: &[&str]) -> Self {
        let words = [&["lsp"], words].concat();
        let mut child = folder.command(&words).spawn().unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            last_id: 0,
            document_version: 0,
        }
    }

    pub(super) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    }

    pub(super) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Reads the next message.
    pub(super) fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(
                self.output.read_line(&mut line).unwrap(),
                0,
                "the server has ended"
            );
            if line == "\r\n" {
                break;
            }
            let value = line.strip_prefix("Content-Length: ").unwrap();
            length = value.trim().parse().unwrap();
        }
        let mut content = vec![0; length];
        self.output.read_exact(&mut content).unwrap();
        serde_json::from_slice(&content).unwrap()
    }

    /// Sends a request. Returns the response; notifications before it are dropped.
    pub(super) fn request(&mut self, method: &str, params: Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
        }
    }

    /// Returns the result of `initialize`.
    pub(super) fn initialize(&mut self, capabilities: Value) -> Value {
        self.initialize_with(capabilities, Value::Null)
    }

    pub(super) fn initialize_with(&mut self, capabilities: Value, options: Value) -> Value {
        let params = json!({
            "processId": null, "rootUri": null, "capabilities": capabilities, "initializationOptions": options,
        });
        let response = self.request("initialize", params);
        self.notify("initialized", json!({}));
        response["result"].clone()
    }

    /// Opens the document. Returns its diagnostics.
    pub(super) fn open(&mut self, text: &str) -> Vec<Value> {
        self.document_version += 1;
        let version = self.document_version;
        let document = json!({"uri": URI, "languageId": "yaml", "version": version, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
        self.diagnostics()
    }

    /// Changes the document. Returns its diagnostics.
    pub(super) fn change(&mut self, changes: Value) -> Vec<Value> {
        self.document_version += 1;
        let document = json!({"uri": URI, "version": self.document_version});
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.notify("textDocument/didChange", params);
        self.diagnostics()
    }

    /// Waits for diagnostics.
    pub(super) fn diagnostics(&mut self) -> Vec<Value> {
        loop {
            let message = self.read();
            if message["method"] == "textDocument/publishDiagnostics" {
                assert_eq!(message["params"]["uri"], URI);
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// Returns the actions at a range, of a kind if one is given.
    pub(super) fn actions(&mut self, range: [u64; 4], only: Option<&str>) -> Vec<Value> {
        let [line, column, last_line, last_column] = range;
        let mut context = json!({"diagnostics": []});
        if let Some(kind) = only {
            context["only"] = json!([kind]);
        }
        let response = self.request("textDocument/codeAction", json!({
            "textDocument": {"uri": URI},
            "range": {"start": {"line": line, "character": column}, "end": {"line": last_line, "character": last_column}},
            "context": context,
        }));
        response["result"].as_array().unwrap().clone()
    }

    /// Sends a request about a position. Returns its result.
    pub(super) fn at(&mut self, method: &str, line: u64, column: u64) -> Value {
        let params =
            json!({"textDocument": {"uri": URI}, "position": {"line": line, "character": column}});
        self.request(method, params)["result"].clone()
    }

    /// Ends the session as an editor does. Returns the exit status.
    pub(super) fn end(mut self) -> i32 {
        assert_eq!(self.request("shutdown", Value::Null)["result"], Value::Null);
        self.notify("exit", Value::Null);
        let mut rest = Vec::new();
        self.output.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty(), "nothing follows `exit`");
        self.child.wait().unwrap().code().unwrap()
    }
}

/// Returns a text with the edits of an action or a completion, whose columns are UTF-16.
pub(super) fn applied(text: &str, action: &Value) -> String {
    let edits = action["edit"]["changes"][URI].as_array().unwrap();
    let mut edits: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let place = |name: &str| offset(text, &edit["range"][name]);
            (
                place("start"),
                place("end"),
                edit["newText"].as_str().unwrap(),
            )
        })
        .collect();
    edits.sort_unstable();
    let mut result = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        result.replace_range(start..end, new);
    }
    result
}

/// Returns the byte at a position.
pub(super) fn offset(text: &str, position: &Value) -> usize {
    let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
    let column = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = 0;
    for (at, character) in text[start..].char_indices() {
        if units >= column {
            return start + at;
        }
        units += character.len_utf16();
    }
    text.len()
}
