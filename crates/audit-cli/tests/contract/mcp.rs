//! `mcp`: exchanges of a client with the server.

mod calls;
mod wrong;

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::Folder;

/// A request of the protocol.
fn request(id: u32, method: &str, params: Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
}

/// A call of a tool.
fn call(id: u32, tool: &str, arguments: Value) -> String {
    request(
        id,
        "tools/call",
        json!({"name": tool, "arguments": arguments}),
    )
}

/// The first request of a client.
fn hello(version: &str) -> String {
    let client = json!({"name": "contract", "version": "1"});
    let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": client});
    request(0, "initialize", params)
}

/// Returns the messages of the server until its input ends.
fn lines(folder: &Folder, messages: &[String]) -> Vec<Value> {
    let ran = folder.run_on(&(messages.join("\n") + "\n"), &["mcp"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    ran.objects()
}

/// The answers by the id of their request, after a handshake. Calls run side by side, so their order is not known.
fn answers(folder: &Folder, messages: &[String]) -> HashMap<u64, Value> {
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let mut all = vec![hello("2025-06-18"), initialized.to_string()];
    all.extend_from_slice(messages);
    let lines = lines(folder, &all).into_iter();
    lines
        .filter_map(|line| Some((line["id"].as_u64()?, line)))
        .collect()
}

/// The result of one call of a tool.
fn result(folder: &Folder, tool: &str, arguments: Value) -> Value {
    let mut answers = answers(folder, &[call(1, tool, arguments)]);
    answers.remove(&1).unwrap()["result"].take()
}

#[test]
fn the_handshake_names_the_program_and_the_version_of_the_client() {
    let folder = Folder::new("mcp-hello", &[]);
    for (requested, agreed) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        // The newest with a handshake.
        ("1999-01-01", "2025-11-25"),
    ] {
        let lines = lines(&folder, &[hello(requested)]);
        let [line] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        let result = &line["result"];
        assert_eq!(result["protocolVersion"], agreed, "{requested}");
        assert_eq!(result["serverInfo"]["name"], "audit-policy");
        assert_eq!(result["capabilities"], json!({"tools": {}}));
        let instructions = result["instructions"].as_str().unwrap();
        assert!(instructions.contains("no file is read or written"));
    }
}

#[test]
fn every_tool_is_listed_with_the_meaning_of_its_arguments() {
    let folder = Folder::new("mcp-list", &[]);
    let list = answers(&folder, &[request(1, "tools/list", json!({}))]);
    let tools = list[&1]["result"]["tools"].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| &tool["name"]).collect();
    assert_eq!(
        names,
        [
            "check", "evaluate", "explain", "can", "diff", "test", "estimate", "export"
        ]
    );
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mcp.md"));
    let page = page.unwrap();
    for tool in tools {
        let schema = &tool["inputSchema"];
        assert_eq!(schema["additionalProperties"], false, "{tool}");
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        let row = format!("| `{}` |", tool["name"].as_str().unwrap());
        let row = page.lines().find(|line| line.starts_with(&row));
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].as_str().unwrap().len() > 10);
            if name != "kubernetesVersion" {
                let row = row.unwrap();
                assert!(row.contains(&format!("`{name}`")), "docs/mcp.md: {name}");
            }
        }
    }
}

/// The last line may lack its end, and an answer is not lost because the input has ended.
#[test]
fn every_request_is_answered_before_the_server_ends() {
    let folder = Folder::new("mcp-end", &[]);
    let mut messages = vec![hello("2025-06-18")];
    messages.extend((1..=40).map(|id| call(id, "check", json!({"policy": crate::GOOD}))));
    let ran = folder.run_on(&messages.join("\n"), &["mcp"]);
    assert_eq!((ran.status, ran.objects().len()), (0, 41));
    let ran = folder.run(&["mcp"]);
    assert_eq!((ran.status, &*ran.out, &*ran.err), (0, "", ""));
}

/// Once a request is cancelled, the server need not answer it, and does not wait for it at the end.
#[test]
fn a_cancelled_request_does_not_keep_the_server() {
    let folder = Folder::new("mcp-cancel", &[]);
    let cancel =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    let messages = [
        call(1, "check", json!({"policy": crate::GOOD})),
        cancel.to_string(),
        request(2, "ping", json!({})),
    ];
    assert_eq!(answers(&folder, &messages)[&2]["result"], json!({}));
}
