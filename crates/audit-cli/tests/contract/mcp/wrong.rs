//! Calls that are wrong, texts that are too large, and lines that are not messages.

use std::io::{BufRead, BufReader, Write};

use serde_json::{Value, json};

use super::{answers, call, hello, lines, request, result};
use crate::{BAD, BAD_LEVEL, Folder, GOOD, errors_of};

/// A call of a tool, with the start of the error and a part of the help.
type WrongCall = (&'static str, Value, &'static str, &'static str);

fn check_all(test: &str, calls: &[WrongCall]) {
    let folder = Folder::new(test, &[]);
    for (tool, arguments, error, help) in calls {
        let result = result(&folder, tool, arguments.clone());
        assert_eq!(result["isError"], true, "{tool} {arguments}: {result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.starts_with(error), "{tool} {arguments}: {text}");
        assert!(text.contains(help), "{tool} {arguments}: {text}");
        assert!(!text.contains("--"), "an option of the command: {text}");
    }
}

#[test]
fn a_wrong_name_of_an_argument_has_the_right_one() {
    check_all(
        "mcp-arguments-0",
        &[
            (
                "check",
                json!({"policyy": GOOD}),
                "unknown argument `policyy` of `check`",
                "did you mean `policy`?",
            ),
            (
                "check",
                json!({"policy": GOOD, "frobnicate": 1}),
                "unknown argument `frobnicate` of `check`",
                "the arguments are `kubernetesVersion`, `policy`",
            ),
            (
                "check",
                json!({}),
                "missing argument `policy` of `check`",
                "Text of the policy",
            ),
            (
                "check",
                json!({"policy": null}),
                "missing argument `policy` of `check`",
                "Text of the policy",
            ),
        ],
    );
}

#[test]
fn a_value_of_another_type_is_named() {
    check_all(
        "mcp-arguments-1",
        &[
            (
                "check",
                json!({"policy": ["a"]}),
                "`policy` must be a string, not a list",
                "",
            ),
            (
                "evaluate",
                json!({"policy": GOOD, "requests": "a"}),
                "`requests` must be a list of objects, not a string",
                "",
            ),
            (
                "can",
                json!({"policy": GOOD, "possible": "yes"}),
                "`possible` must be a boolean, not a string",
                "",
            ),
            (
                "estimate",
                json!({"policy": GOOD, "metrics": ["a", 1]}),
                "`metrics[1]` must be a string, not a number",
                "",
            ),
        ],
    );
}

#[test]
fn what_a_policy_tool_rejects_is_in_names_of_arguments() {
    check_all(
        "mcp-arguments-2",
        &[
            (
                "check",
                json!({"policy": GOOD, "kubernetesVersion": "1.19"}),
                "`kubernetesVersion`: ",
                "",
            ),
            (
                "evaluate",
                json!({"policy": GOOD, "requests": [{}, {"vreb": "get"}]}),
                "requests:2: not a request: unknown key `vreb` (did you mean `verb`?)",
                "",
            ),
            (
                "can",
                json!({"policy": GOOD, "query": "verbs=get"}),
                "query, column 1: ",
                "",
            ),
            (
                "explain",
                json!({"code": "AP999"}),
                "unknown code `AP999`",
                "",
            ),
            (
                "explain",
                json!({"request": {}}),
                "missing argument `policy` of `explain`",
                "`request` is explained together with it",
            ),
        ],
    );
}

#[test]
fn what_other_tools_reject_is_in_names_of_arguments() {
    check_all(
        "mcp-arguments-3",
        &[
            (
                "explain",
                json!({"code": "AP020", "policy": GOOD}),
                "`code` is explained without a policy and a request",
                "",
            ),
            (
                "estimate",
                json!({"policy": GOOD}),
                "missing argument `log`",
                "`metrics`",
            ),
            (
                "estimate",
                json!({"policy": GOOD, "log": "", "metrics": ["a"]}),
                "`metrics` cannot be used together with `log`",
                "leave one of them out",
            ),
            (
                "estimate",
                json!({"policy": GOOD, "log": "", "priceIngested": -1}),
                "`priceIngested`: a price is",
                "",
            ),
            (
                "export",
                json!({"policy": GOOD, "target": "bogus"}),
                "unknown target `bogus`: the targets are policy, flags",
                "",
            ),
            (
                "export",
                json!({}),
                "no policy given: use `policy`, or `settings` with one in it",
                "",
            ),
        ],
    );
}

/// kube-apiserver's own message, as an answer.
#[test]
fn a_rejected_policy_is_an_answer() {
    let folder = Folder::new("mcp-rejected", &[]);
    for (tool, arguments) in [
        ("evaluate", json!({"policy": BAD, "requests": [{}]})),
        ("can", json!({"policy": BAD})),
        ("diff", json!({"old": GOOD, "new": BAD})),
        ("estimate", json!({"policy": BAD, "log": ""})),
    ] {
        let result = result(&folder, tool, arguments);
        assert_eq!(result["isError"], false, "{tool}");
        assert_eq!(result["structuredContent"]["accepted"], false, "{tool}");
        assert_eq!(result["structuredContent"]["error"], BAD_LEVEL, "{tool}");
    }
}

/// The names in texts are not those of files.
#[test]
fn no_file_is_read() {
    let inside = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n";
    let folder = Folder::new("mcp-files", &[("p.yaml", inside), ("policy", inside)]);
    let case = "tests:\n- {name: all, requests: {}, level: RequestResponse}\n";
    // A file that exists, by its name and its path, and one that is named like an argument that is left out.
    let path = folder.0.join("p.yaml");
    for named in ["p.yaml", "policy", path.to_str().unwrap(), "-"] {
        let tests = format!("policy: \"{named}\"\n{case}");
        let result = result(&folder, "test", json!({"tests": tests}));
        let results = &result["structuredContent"]["results"];
        assert_eq!(results[0]["passed"], false, "{named}: {result}");
        let message = results[0]["message"].as_str().unwrap();
        let reason = "no file is read here, only the texts of the call";
        assert!(message.contains(reason), "{named}: {message}");
    }
    let tests = format!(
        "policy: {{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{{level: RequestResponse}}]}}\n{case}"
    );
    let result = result(&folder, "test", json!({"tests": tests}));
    assert_eq!(result["structuredContent"]["results"][0]["passed"], true);
}

#[test]
fn a_text_that_is_too_large_is_rejected_with_its_limit() {
    let folder = Folder::new("mcp-large", &[]);
    let limit = 1 << 20;
    let fits = format!("{GOOD}#{}", "x".repeat(limit - GOOD.len() - 1));
    let accepted = &result(&folder, "check", json!({"policy": fits}))["structuredContent"];
    assert_eq!(accepted["policies"][0]["accepted"], true);
    let result = result(&folder, "check", json!({"policy": fits + "x"}));
    assert_eq!(result["isError"], true);
    let message = "`policy` is too large: 1048577 bytes, the limit is 1048576";
    assert_eq!(result["structuredContent"]["error"], message);
}

/// 200,000 verdicts of more than 60 bytes are more than 8 MiB.
#[test]
fn an_answer_that_is_too_large_is_rejected_with_its_limit() {
    let folder = Folder::new("mcp-answer", &[]);
    let requests = vec![json!({}); 200_000];
    let result = result(
        &folder,
        "evaluate",
        json!({"policy": GOOD, "requests": requests}),
    );
    assert_eq!(result["isError"], true);
    let message = "the answer has more than 8388608 bytes, which is the limit";
    assert_eq!(result["structuredContent"]["error"], message);
}

/// The codes are those of JSON-RPC 2.0.
#[test]
fn what_is_not_a_call_is_answered_and_the_server_goes_on() {
    let folder = Folder::new("mcp-garbage", &[]);
    let table: [(String, i64, &str); 8] = [
        ("garbage".to_owned(), -32700, "the message is not JSON"),
        (
            "{\"jsonrpc\": ".to_owned(),
            -32700,
            "the message is not JSON",
        ),
        ("\u{0}\u{1}".to_owned(), -32700, "the message is not JSON"),
        (
            "[]".to_owned(),
            -32600,
            "a list of messages is not supported",
        ),
        (
            "{}".to_owned(),
            -32600,
            "the message is not one of JSON-RPC 2.0",
        ),
        (
            request(7, "tools/guess", json!({})),
            -32601,
            "unknown method `tools/guess`",
        ),
        (
            request(7, "tools/call", json!({"name": 1})),
            -32602,
            "the parameters of `tools/call`",
        ),
        (
            call(7, "checks", json!({})),
            -32602,
            "unknown tool `checks` (help: did you mean `check`?)",
        ),
    ];
    for (message, code, text) in table {
        let later = call(8, "check", json!({"policy": GOOD}));
        let lines = lines(&folder, &[hello("2025-06-18"), message.clone(), later]);
        assert_eq!(lines.len(), 3, "{message}: {lines:?}");
        let error = lines.iter().find(|line| !line["error"].is_null()).unwrap();
        assert_eq!(error["error"]["code"], code, "{message}");
        let found = error["error"]["message"].as_str().unwrap();
        assert!(found.starts_with(text), "{message}: {found}");
        let id = if message.contains("\"id\"") {
            json!(7)
        } else {
            Value::Null
        };
        assert_eq!(error["id"], id, "{message}");
        assert!(lines.iter().any(|line| line["id"] == 8), "{message}");
    }
}

/// A blank line is nothing, and neither is a notification before the handshake.
#[test]
fn what_is_out_of_place_before_the_handshake_does_not_end_the_server() {
    let folder = Folder::new("mcp-early", &[]);
    let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let early = call(1, "check", json!({"policy": GOOD}));
    let messages = [
        "not json".to_owned(),
        note.to_string(),
        String::new(),
        early,
        hello("2025-06-18"),
    ];
    let lines = lines(&folder, &messages);
    let has_error: Vec<bool> = lines.iter().map(|line| !line["error"].is_null()).collect();
    assert_eq!(has_error, [true, true, false]);
    assert_eq!(lines[1]["id"], 1);
}

/// The id comes last in this one, after 64 MiB.
#[test]
fn a_message_that_is_too_long_is_skipped_and_answered() {
    let folder = Folder::new("mcp-long", &[]);
    let text = "x".repeat(64 << 20);
    let long = format!(
        r#"{{"jsonrpc":"2.0","method":"tools/call","params":{{"name":"check","arguments":{{"policy":"{text}"}}}},"id":1}}"#
    );
    let bytes = long.len();
    let answers = answers(&folder, &[long, call(2, "check", json!({"policy": GOOD}))]);
    let error = answers[&1]["error"]["message"].as_str().unwrap();
    let expected = format!("the message is too long: {bytes} bytes, the limit is 67108864");
    assert!(error.starts_with(&expected), "{error}");
    assert_eq!(answers[&2]["result"]["isError"], false);
}

#[test]
fn a_client_that_is_gone_ends_the_server() {
    let folder = Folder::new("mcp-gone", &[]);
    let mut child = folder.command(&["mcp"]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", hello("2025-06-18")).unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(line.contains("serverInfo"), "{line}");
    drop(output);
    // The input stays open.
    writeln!(input, "{}", request(1, "ping", json!({}))).unwrap();
    let status = child.wait().unwrap();
    let err = errors_of(&mut child);
    assert_eq!((status.code(), err.as_str()), (Some(0), ""));
}
