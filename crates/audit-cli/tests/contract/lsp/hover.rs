//! Help at a position.

use serde_json::{Value, json};

use super::client::Client;
use super::range;
use crate::{Folder, NESTED};

fn text(hover: &Value) -> &str {
    hover["contents"]["value"].as_str().unwrap()
}

#[test]
fn words_and_findings_are_explained() {
    let folder = Folder::new("lsp-hover", &[]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(json!({}));
    client.open(NESTED);
    // `level` and `Request` in the fifth line: `- level: Request`. The words are those of the page's help.
    let key = client.at("textDocument/hover", 4 - 1, 3);
    assert_eq!(range(&key["range"]), [3, 2, 3, 7]);
    assert!(text(&key).contains("How much is logged"), "{key}");
    assert_eq!(key["contents"]["kind"], "plaintext");
    let value = client.at("textDocument/hover", 3, 12);
    assert_eq!(range(&value["range"]), [3, 9, 3, 16]);
    assert!(text(&value).contains("the request body"), "{value}");
    // `pods` in `    resources: [pods]`.
    let resource = client.at("textDocument/hover", 6, 18);
    assert!(
        text(&resource).contains("`pods/*` includes both"),
        "{resource}"
    );
    // The finding about `verbs`, which is not a field of an entry.
    let finding = client.at("textDocument/hover", 7, 6);
    assert_eq!(range(&finding["range"]), [7, 4, 7, 9]);
    assert!(text(&finding).starts_with("warning AP012: "), "{finding}");
    // White space has nothing to explain.
    assert_eq!(client.at("textDocument/hover", 4, 0), Value::Null);
    assert_eq!(client.end(), 0);
}

#[test]
fn markdown_has_no_links_and_no_pictures_of_the_policy() {
    let folder = Folder::new("lsp-hover-markdown", &[]);
    let mut client = Client::start(&folder, &[]);
    client.initialize(
        json!({"textDocument": {"hover": {"contentFormat": ["markdown", "plaintext"]}}}),
    );
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  \"a` ![x](http://a.example/b) <img src=c>\": 1\n- level: Metadata\n";
    let diagnostics = client.open(policy);
    assert!(!diagnostics.is_empty());
    let hover = client.at("textDocument/hover", 4, 6);
    assert_eq!(hover["contents"]["kind"], "markdown");
    // The policy's backtick ends the code of the message; what follows is escaped.
    assert!(
        text(&hover).contains(r"\!\[x\](http&#58;//a.example/b) &lt;img src=c&gt;"),
        "{hover}"
    );
    assert_eq!(client.end(), 0);
}
