//! Detection of policies, workspaces, metrics and logs among files and pasted texts.

/// Maximum size of a policy for the editor. Typical policies have a few kilobytes.
pub const MAX_POLICY_BYTES: f64 = 8_000_000.0;

/// Maximum size of metrics, the limit of the engine. Those of a large API server have some 20 MB.
pub const MAX_METRICS_BYTES: f64 = 134_217_728.0;

/// Size of the part of a text that is inspected.
pub const DETECT_BYTES: usize = 64 * 1024;

/// Returns whether a file name has an extension of policies.
pub fn has_policy_extension(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Returns the name of a text's encoding by its first two bytes.
pub const fn encoding(head: &[u8]) -> &'static str {
    match head {
        [0xff, 0xfe] => "utf-16le",
        [0xfe, 0xff] => "utf-16be",
        _ => "utf-8",
    }
}

/// Returns whether a text is a policy rather than a log.
///
/// Events have the same API group, and other objects have rules, too: a text with an audit ID or of another kind is not a policy.
pub fn is_policy(text: &str) -> bool {
    let head = head(text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t', '\u{a0}']));
    if head.starts_with(['{', '[']) {
        return is_flow_policy(head);
    }
    let lines = || {
        head.lines()
            .map(|line| line.trim_start_matches([' ', '\t', '\u{a0}', '-']))
    };
    let values = |key| lines().filter_map(move |line| value_of(line, key));
    let kinds = || values("kind").map(|kind| kind.trim_matches(['"', '\'']));
    if values("auditID").next().is_some() || kinds().any(|kind| kind.starts_with("Event")) {
        return false;
    }
    let is_named = values("apiVersion").any(|version| version.contains("audit.k8s.io"))
        || kinds().any(|kind| kind == "Policy");
    is_named || (values("rules").next().is_some() && values("kind").next().is_none())
}

/// Returns whether a text is a file of policy tests.
pub fn is_policy_tests(text: &str) -> bool {
    let head = head(text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']));
    if head.starts_with('{') {
        return without_spaces_and_quotes(head).contains("kind:PolicyTests");
    }
    let values = |key| head.lines().filter_map(move |line| value_of(line, key));
    let mut kinds = values("kind").map(|kind| kind.trim_matches(['"', '\'']));
    let has_other_kind =
        || values("kind").next().is_some() || values("apiVersion").next().is_some();
    // The kind is the default of a file of tests.
    kinds.any(|kind| kind == "PolicyTests") || values("tests").next().is_some() && !has_other_kind()
}

/// Returns whether a text is a lesson: its front matter names the track.
pub fn is_lesson(text: &str) -> bool {
    let mut lines = head(text.trim_start_matches('\u{feff}')).lines();
    lines.next().is_some_and(|line| line.trim_end() == "---")
        && lines
            .take_while(|line| line.trim_end() != "---")
            .any(|line| line.starts_with("track:"))
}

fn without_spaces_and_quotes(head: &str) -> String {
    let is_kept = |character: &char| !character.is_whitespace() && !matches!(character, '"' | '\'');
    head.chars().filter(is_kept).take(DETECT_BYTES).collect()
}

/// Returns whether a text is a YAML object that runs or configures kube-apiserver, such as its pod manifest or a kubeadm file. It has settings to
/// read, but no events.
pub fn is_server_configuration(text: &str) -> bool {
    let head = head(text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']));
    if head.starts_with(['{', '[']) {
        return false;
    }
    let values = |key| head.lines().filter_map(move |line| value_of(line, key));
    let is_of_event = |kind: &str| kind.trim_matches(['"', '\'']).starts_with("Event");
    let is_object = values("apiVersion").next().is_some()
        && values("kind").next().is_some()
        && !values("kind").any(is_of_event);
    let configures = |line: &str| line.contains("kube-apiserver") || line.starts_with("apiServer:");
    is_object && !head.contains("auditID") && head.lines().any(configures)
}

/// Returns whether a text is metrics, of whatever program: the Prometheus text format, or the result of a query.
pub fn is_metrics(text: &str) -> bool {
    let text = head(text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']));
    if text.starts_with(['{', '[']) {
        return is_query_result(text);
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_comment = |line: &&str| line.starts_with('#');
    let is_described = |line: &str| {
        let mut words = line.split_whitespace();
        words.next() == Some("#") && matches!(words.next(), Some("HELP" | "TYPE" | "UNIT"))
    };
    lines.clone().take_while(is_comment).any(is_described)
        || lines.find(|line| !is_comment(line)).is_some_and(is_sample)
}

/// Returns whether a text is the JSON of Prometheus' query API, or its error.
fn is_query_result(head: &str) -> bool {
    let plain: String = head
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let is_result = plain.contains("\"metric\":{") && !plain.contains("\"auditID\"");
    is_result
        || plain.starts_with("{\"status\":\"error\",\"errorType\":")
        // Loki answers a query for logs in the same form, with the type `streams`.
        || ["vector", "matrix", "scalar", "string"]
            .iter()
            .any(|kind| plain.contains(&["\"resultType\":\"", kind, "\""].concat()))
}

/// Returns whether a line is a sample: a name with an underscore, labels, and a number.
fn is_sample(line: &str) -> bool {
    let is_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let end = line.find(|character| !is_of_name(character));
    let Some((name, rest)) = end.and_then(|end| line.split_at_checked(end)) else {
        return false;
    };
    let value = match rest.strip_prefix('{') {
        Some(labels) => labels.rsplit_once('}').map(|(_, value)| value),
        None => Some(rest).filter(|rest| rest.starts_with([' ', '\t'])),
    };
    let number = value.and_then(|value| value.split_whitespace().next());
    name.contains('_') && number.is_some_and(|number| number.parse::<f64>().is_ok())
}

/// Returns the value of a line that begins with a key, quoted or not.
fn value_of<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end().trim_matches(['"', '\'']);
    (name == key).then(|| value.split(" #").next().unwrap_or(value).trim())
}

/// Returns the same for JSON, and for YAML in flow style.
fn is_flow_policy(head: &str) -> bool {
    if head.contains("auditID") || head.contains("\"requestURI\"") {
        return false;
    }
    let plain = without_spaces_and_quotes(head);
    if plain.contains("kind:Event") {
        return false;
    }
    let is_named = plain.contains("apiVersion:audit.k8s.io/") || plain.contains("kind:Policy");
    is_named || (plain.contains("rules:") && !plain.contains("kind:"))
}

/// Returns the name of a workspace by the name of its file.
pub fn workspace_name(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.strip_suffix(".json").unwrap_or(name);
    name.strip_suffix(".workspace").unwrap_or(name).to_owned()
}

/// Returns the beginning of a text.
pub fn head(text: &str) -> &str {
    let mut end = text.len().min(DETECT_BYTES);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_recognized_by_their_kind() {
        for (text, is_tests) in [
            ("# ours\nkind: PolicyTests\ntests: []\n", true),
            ("kind: \"PolicyTests\"\n", true),
            (r#"{"kind": "PolicyTests", "tests": []}"#, true),
            ("{kind: PolicyTests, tests: []}", true),
            ("tests:\n- name: a\n", true),
            ("apiVersion: v1\nkind: Suite\ntests: []\n", false),
            (r#"{"kind": "Policy", "rules": []}"#, false),
            ("kind: Policy\nrules: []\n", false),
            ("policy:\n  kind: PolicyTests2\n", false),
        ] {
            assert_eq!(is_policy_tests(text), is_tests, "{text}");
        }
    }

    #[test]
    fn lessons_are_recognized_by_their_front_matter() {
        for (text, is_expected) in [
            ("---\nid: a\ntrack: hardening\n---\n", true),
            ("\u{feff}---\r\nid: a\r\ntrack: hardening\r\n---\r\n", true),
            ("---\nid: a\n---\ntrack: hardening\n", false),
            ("track: hardening\n", false),
            ("---\napiVersion: audit.k8s.io/v1\nkind: Policy\n", false),
        ] {
            assert_eq!(is_lesson(text), is_expected, "{text}");
        }
    }

    #[test]
    fn policies_and_logs_are_distinguished() {
        for (text, policy) in [
            ("apiVersion: audit.k8s.io/v1\nkind: Policy\n", true),
            ("# ours\n\nrules:\n- level: None\n", true),
            ("\u{feff}\u{a0}apiVersion: audit.k8s.io/v1", true),
            (
                r#"{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[]}"#,
                true,
            ),
            (
                r#"{"apiVersion":"audit.k8s.io/v1","kind":"Event","auditID":"a"}"#,
                false,
            ),
            (
                r#"{"kind":"Event","auditID":"a","requestObject":{"kind":"Role","rules":[]}}"#,
                false,
            ),
            (
                "apiVersion: audit.k8s.io/v1\nkind: Event\nauditID: a\n",
                false,
            ),
            ("", false),
            ("apiVersion: v1\nkind: Pod\n", false),
            ("{apiVersion: audit.k8s.io/v1, kind: Policy}", true),
            ("{apiVersion: audit.k8s.io/v1, kind: EventList}", false),
            ("kind: Event\napiVersion: audit.k8s.io/v1\n", false),
            (
                r#"{ "kind" : "Policy", "apiVersion" : "audit.k8s.io/v1" }"#,
                true,
            ),
            (r#"{"rules":[{"level":"None"}]}"#, true),
            ("\"kind\": \"Policy\"\n\"rules\": []\n", true),
            ("  - level: None\nrules:\n", true),
            (
                "kind: Role\napiVersion: rbac.authorization.k8s.io/v1\nrules:\n- verbs: [get]\n",
                false,
            ),
            (r#"{"kind":"Ingress","spec":{"rules":[]}}"#, false),
            (
                "kind: ClusterConfiguration\napiServer:\n  extraArgs: []\n",
                false,
            ),
            ("2024-01-01 something happened", false),
        ] {
            assert_eq!(is_policy(text), policy, "{text}");
        }
    }

    #[test]
    fn configurations_of_the_server_are_distinguished_from_logs() {
        for (text, expected) in [
            (
                "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - command:\n    - kube-apiserver\n",
                true,
            ),
            (
                "# from the node\n---\nkind: Pod\napiVersion: v1\nmetadata:\n  name: kube-apiserver\n",
                true,
            ),
            (
                "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs: []\n",
                true,
            ),
            (
                "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n",
                false,
            ),
            ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n", false),
            (
                "apiVersion: v1\nkind: EventList\nitems:\n- source: kube-apiserver\n",
                false,
            ),
            (
                "apiVersion: audit.k8s.io/v1\nkind: Event\nauditID: a\nuserAgent: kube-apiserver\n",
                false,
            ),
            (
                "apiVersion: v1\nkind: List\nitems:\n- auditID: a\n  userAgent: kube-apiserver\n",
                false,
            ),
            (
                r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","userAgent":"kube-apiserver"}"#,
                false,
            ),
            ("I0102 kube-apiserver started\n", false),
            ("", false),
        ] {
            assert_eq!(is_server_configuration(text), expected, "{text}");
        }
    }

    #[test]
    fn metrics_are_distinguished_from_other_texts() {
        for (text, metrics) in [
            ("# HELP apiserver_request_total Counter\n", true),
            (
                "# TYPE kubelet_running_pods gauge\nkubelet_running_pods 3\n",
                true,
            ),
            (
                "\u{feff}\n apiserver_request_total{verb=\"GET\",path=\"/a}\"} 12\n",
                true,
            ),
            ("process_start_time_seconds 1.7e+09\n", true),
            (
                "# scraped by hand\nprocess_start_time_seconds 1.7e+09 1700000000\n",
                true,
            ),
            (
                r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
                true,
            ),
            (
                r#"{"status": "error", "errorType": "bad_data", "error": "x"}"#,
                true,
            ),
            (
                r#"[{"metric": {"__name__": "a"}, "value": [1, "2"]}]"#,
                true,
            ),
            ("", false),
            ("# a comment\n", false),
            ("apiVersion: audit.k8s.io/v1\nkind: Policy\n", false),
            ("replicas: 3\n", false),
            (
                "2024-01-02T03:04:05Z AUDIT: id=\"a\" stage=\"Panic\"",
                false,
            ),
            ("Jan 02 03:04:05 host process: {}", false),
            (
                r#"{"kind":"Event","auditID":"a","requestObject":{"metric":{"x":1}}}"#,
                false,
            ),
            (
                r#"{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[]}]}}"#,
                false,
            ),
            ("some_name some words", false),
            ("some_name", false),
        ] {
            assert_eq!(is_metrics(text), metrics, "{text}");
        }
    }

    #[test]
    fn names_and_encodings_are_recognized() {
        assert!(has_policy_extension("Audit-Policy.YAML"));
        assert!(has_policy_extension("folder/policy.json"));
        assert!(!has_policy_extension("audit.log"));
        assert_eq!(workspace_name("work/prod.workspace.json"), "prod");
        assert_eq!(encoding(b"ap"), "utf-8");
        assert_eq!(encoding(&[0xff, 0xfe]), "utf-16le");
        assert_eq!(encoding(b""), "utf-8");
    }

    #[test]
    fn a_cut_inside_a_character_does_not_panic() {
        let text = "é".repeat(DETECT_BYTES);
        assert!(!is_policy(&text[..]));
        assert!(!is_policy(&("x".to_owned() + &text)));
    }
}
