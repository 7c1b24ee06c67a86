//! Detection of policies, workspaces and logs among files and pasted texts.

/// Maximum size of a policy for the editor. Typical policies have a few kilobytes.
pub const MAX_POLICY_BYTES: f64 = 8_000_000.0;

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
    let plain: String = head
        .chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '"' | '\''))
        .take(DETECT_BYTES)
        .collect();
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
    fn names_and_encodings_are_recognised() {
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
