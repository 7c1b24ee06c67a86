//! The configuration of a document.

use serde_json::{Value, json};

use super::client::Client;
use super::with_code;
use crate::{Folder, GOOD, NESTED};

/// The finding of [`GOOD`]: every request is logged twice, an info.
const TWICE: &str = "AP030";

/// Returns the URI of a file of a folder.
fn uri(folder: &Folder, file: &str) -> String {
    format!("file://{}", folder.0.join(file).display())
}

/// Starts a session with a client that can watch files.
fn start(folder: &Folder, words: &[&str]) -> Client {
    let mut client = Client::start(folder, words);
    let watching = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
    client.initialize(watching);
    client
}

/// Returns the next message about a file of a method.
fn next(client: &mut Client, method: &str) -> Value {
    loop {
        let message = client.read();
        if message["method"] == method {
            return message["params"].clone();
        }
    }
}

fn open(client: &mut Client, uri: &str, text: &str) -> Vec<Value> {
    let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    let params = next(client, "textDocument/publishDiagnostics");
    assert_eq!(params["uri"], uri);
    params["diagnostics"].as_array().unwrap().clone()
}

#[test]
fn severities_and_ignores_of_the_nearest_configuration_count() {
    let config = format!(
        "[severity]\nAP012 = \"error\"\n[[ignore]]\npath = \"a/vendor\"\ncodes = [\"{TWICE}\"]\nreason = \"from upstream\"\n"
    );
    let folder = Folder::new("lsp-config", &[("audit-policy.toml", &config)]);
    std::fs::create_dir(folder.0.join("b")).unwrap();
    folder.write("b/audit-policy.toml", "");
    let mut client = start(&folder, &[]);
    let nested = open(&mut client, &uri(&folder, "a/n.yaml"), NESTED);
    assert_eq!(with_code(&nested, "AP012")[0]["severity"], 1, "an error");
    let vendor = open(&mut client, &uri(&folder, "a/vendor/p.yaml"), GOOD);
    assert_eq!(with_code(&vendor, TWICE).len(), 0, "{vendor:?}");
    let other = open(&mut client, &uri(&folder, "a/p.yaml"), GOOD);
    assert_eq!(with_code(&other, TWICE).len(), 1, "{other:?}");
    // The nearest configuration is the only one.
    let below = open(&mut client, &uri(&folder, "b/n.yaml"), NESTED);
    assert_eq!(with_code(&below, "AP012")[0]["severity"], 2, "a warning");
    // A document without a file does not have one.
    let unsaved = open(&mut client, "untitled:Untitled-1", NESTED);
    assert_eq!(with_code(&unsaved, "AP012")[0]["severity"], 2);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_version_of_the_call_goes_before_that_of_the_configuration() {
    let policy = "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules:\n- level: Metadata\n";
    let folder = Folder::new(
        "lsp-config-version",
        &[("audit-policy.toml", "kubernetes-version = \"1.23\"\n")],
    );
    // v1beta1 was removed in 1.24.
    for (words, is_rejected) in [(&[][..], false), (&["--kubernetes-version", "1.24"], true)] {
        let mut client = start(&folder, words);
        let diagnostics = open(&mut client, &uri(&folder, "p.yaml"), policy);
        let has_error = diagnostics
            .iter()
            .any(|diagnostic| diagnostic["severity"] == 1);
        assert_eq!(has_error, is_rejected, "{words:?}: {diagnostics:?}");
        assert_eq!(client.end(), 0);
    }
}

#[test]
fn a_configuration_that_changes_is_read_again() {
    let folder = Folder::new("lsp-config-changes", &[("audit-policy.toml", "")]);
    let mut client = start(&folder, &[]);
    let request = next(&mut client, "client/registerCapability");
    let registration = &request["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    let pattern = &registration["registerOptions"]["watchers"][0]["globPattern"];
    assert_eq!(pattern, "**/audit-policy.toml");

    let own = uri(&folder, "p.yaml");
    assert_eq!(with_code(&open(&mut client, &own, GOOD), TWICE).len(), 1);
    let change = |client: &mut Client, config: &str, method: &str| {
        folder.write("audit-policy.toml", config);
        let changes = json!([{"uri": uri(&folder, "audit-policy.toml"), "type": 2}]);
        client.notify(
            method,
            json!({"changes": changes, "textDocument": {"uri": own}}),
        );
    };
    let off = format!("[severity]\n{TWICE} = \"off\"\n");
    change(&mut client, &off, "workspace/didChangeWatchedFiles");
    let params = next(&mut client, "textDocument/publishDiagnostics");
    assert_eq!(params["diagnostics"], json!([]));

    // A wrong one is reported once, with its place, and has no effect.
    change(
        &mut client,
        "[severity]\nAP999 = \"info\"\n",
        "textDocument/didSave",
    );
    let shown = next(&mut client, "window/showMessage");
    let message = shown["message"].as_str().unwrap();
    assert!(
        message.contains("audit-policy.toml:2:1: `AP999` is not the code"),
        "{message}"
    );
    let params = next(&mut client, "textDocument/publishDiagnostics");
    assert_eq!(params["diagnostics"][0]["code"], TWICE);
    assert_eq!(client.end(), 0);
}

#[test]
fn without_the_ability_nothing_is_requested_of_the_editor() {
    let folder = Folder::new("lsp-config-quiet", &[]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    assert_eq!(client.open(GOOD).len(), 1);
    // The next message is the answer, with no request before it.
    assert_eq!(client.end(), 0);
}
