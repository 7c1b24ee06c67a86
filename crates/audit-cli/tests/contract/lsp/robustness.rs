//! Input that no editor should send: nothing is written for garbage, and no message ends the session that can be answered.

use serde_json::{Value, json};

use super::client::{Client, URI};
use crate::{Folder, GOOD};

#[test]
fn garbage_is_one_message_and_status_2_and_nothing_is_written() {
    let folder = Folder::new("lsp-garbage", &[]);
    let table: [(&str, &str); 7] = [
        (
            "hello\n",
            "`hello` is not a header of the language server protocol",
        ),
        ("\u{1b}[2J\u{0}garbage", "is not a header"),
        ("GET / HTTP/1.1\r\n\r\n", "is not a header"),
        ("X: y\r\n\r\n", "no valid `Content-Length`"),
        ("Content-Length: 67108865\r\n\r\n", "longer than 64 MiB"),
        ("Content-Length: 9\r\n\r\n{}", "ends inside a message"),
        ("Content-Length: 7\r\n\r\n\"hello\"", "is not JSON-RPC"),
    ];
    for (input, part) in table {
        let ran = folder.run_on(input, &["lsp"]);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{input:?}");
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert!(
            ran.err.starts_with("audit-policy: ") && ran.err.contains(part),
            "{}",
            ran.err
        );
        assert!(!ran.err.contains('\u{1b}'), "{}", ran.err);
    }
}

#[test]
fn an_input_that_ends_early_is_status_2_and_an_exit_without_shutdown_1() {
    let folder = Folder::new("lsp-ends", &[]);
    let ran = folder.run(&["lsp"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains("standard input ended before"),
        "{}",
        ran.err
    );
    let exit = r#"{"jsonrpc":"2.0","method":"exit"}"#;
    let ran = folder.run_on(
        &format!("Content-Length: {}\r\n\r\n{exit}", exit.len()),
        &["lsp"],
    );
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (1, "", "")
    );
}

#[test]
fn requests_at_the_wrong_time_are_errors_of_the_protocol() {
    let folder = Folder::new("lsp-order", &[]);
    let mut client = Client::start(&folder, &["--stdio"]);
    let code = |response: &Value| response["error"]["code"].as_i64().unwrap();
    // Numbers of JSON-RPC and of the protocol: not initialized, unknown method, wrong parameters, invalid request.
    let early = client.request("textDocument/hover", json!({}));
    assert_eq!(code(&early), -32002);
    client.notify("textDocument/didOpen", json!({}));
    let wrong = client.request(
        "initialize",
        json!({"initializationOptions": {"kubernetesVersion": "9"}}),
    );
    assert_eq!(code(&wrong), -32602);
    assert!(
        wrong["error"]["message"].as_str().unwrap().contains("`9`"),
        "{wrong}"
    );
    client.initialize(json!({"textDocument": 7}));
    assert_eq!(code(&client.request("initialize", json!({}))), -32600);
    let unknown = client.request("textDocument/rename", json!({}));
    assert_eq!(
        (code(&unknown), &unknown["error"]["message"]),
        (-32601, &json!("unknown method `textDocument/rename`"))
    );
    assert_eq!(
        code(&client.request("textDocument/hover", json!([1]))),
        -32602
    );
    client.notify("$/setTrace", json!({"value": "off"}));
    client.notify("textDocument/didOpen", json!({"textDocument": 1}));
    assert_eq!(client.read()["method"], "window/showMessage");
    client.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": {"kubernetesVersion": 1.3}}),
    );
    let shown = client.read()["params"]["message"].clone();
    assert!(shown.as_str().unwrap().contains("is not a text"), "{shown}");
    client.request("shutdown", Value::Null);
    assert_eq!(
        code(&client.request("textDocument/hover", json!({}))),
        -32600
    );
}

#[test]
fn positions_out_of_range_and_documents_that_are_not_open_have_no_effect() {
    let folder = Folder::new("lsp-range", &[]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    for method in ["textDocument/hover", "textDocument/completion"] {
        assert_eq!(client.at(method, 0, 0), Value::Null, "{method}");
    }
    client.notify(
        "textDocument/didChange",
        json!({"textDocument": {"uri": URI, "version": 1}, "contentChanges": [{"text": "a"}]}),
    );
    client.notify(
        "textDocument/didClose",
        json!({"textDocument": {"uri": URI}}),
    );
    client.open(GOOD);
    for (line, column) in [(0, 4_294_967_295_u64), (4_294_967_295, 0), (99, 99), (4, 1)] {
        for method in ["textDocument/hover", "textDocument/completion"] {
            assert!(client.at(method, line, column).is_null() || method.ends_with("completion"));
        }
        client.actions([line, column, 0, 0], None);
    }
    // An end before the start, and past the text: all of it is replaced.
    let far = json!({"start": {"line": 99, "character": 0}, "end": {"line": 0, "character": 0}});
    let diagnostics = client.change(json!([{"range": far, "text": crate::BAD}]));
    assert!(
        diagnostics.iter().any(|found| found["severity"] == 1),
        "{diagnostics:?}"
    );
    assert_eq!(client.end(), 0);
}

#[test]
fn strange_texts_end_nothing() {
    let folder = Folder::new("lsp-strange", &[]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    let marked = |text: &str| format!("# audit.k8s.io\r\n{text}");
    for text in [
        "rules:\r\n- level: None\r\n  verbs: [\t😀, \u{0}",
        "\u{feff}rules:\n\t- level: None\n",
        "a: [{\"b\\\": 'c\n- - : , ] } {[\n  - \"x\n? y\n&z *w !t | >\n--- \n- [}]\n",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "rules:\n- resources: [{group: \"",
    ] {
        let text = marked(text);
        client.open(&text);
        for (line, content) in (0..).zip(text.split('\n')) {
            for column in 0..=content.chars().count() as u64 + 1 {
                client.at("textDocument/completion", line, column);
                client.at("textDocument/hover", line, column);
            }
        }
    }
    assert_eq!(client.end(), 0);
}
