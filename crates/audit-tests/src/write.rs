//! Cases as text, such as those that are made of the requests of a log.

use audit_policy::Verdict;
use audit_text::quote::{double, yaml};
use audit_types::{Level, Request, Stage};

/// Returns a name for a case about a request: "alice: delete secrets in payments".
pub fn case_name(request: &Request) -> String {
    let target = match request.is_resource_request {
        true => request.full_resource(),
        false => request.path.clone(),
    };
    let user = request.user.as_deref().unwrap_or("no user");
    let mut name = format!("{user}: {} {target}", request.verb);
    if !request.namespace.is_empty() {
        name.push_str(&format!(" in {}", request.namespace));
    }
    name
}

/// Writes the case that a request has a verdict, as an item of `tests`. If the name is blank, [`case_name`] names it. Whatever the texts contain,
/// the case reads back as this request and this verdict.
///
/// ```
/// use audit_policy::{Matcher, Policy, Rule};
/// use audit_tests::{TestFile, case_text};
/// use audit_types::{Level, Request};
///
/// let request = Request::for_resource("get", "", "secrets").with_user("a: [b]");
/// let policy = Policy::new(vec![Rule::new(Level::Metadata)]);
/// let verdict = Matcher::new(&policy).evaluate(&request);
/// let case = case_text("as today", &request, verdict);
/// assert!(case.starts_with("- name: \"as today\"\n  request: {user: \"a: [b]\", "), "{case}");
/// assert!(TestFile::parse(&format!("tests:\n{case}")).is_ok());
/// ```
pub fn case_text(name: &str, request: &Request, verdict: Verdict) -> String {
    let name = match name.trim().is_empty() {
        true => case_name(request),
        false => name.to_owned(),
    };
    let mut lines = vec![
        format!("- name: {}", yaml(&name)),
        format!("  request: {{{}}}", fields(request).join(", ")),
        format!("  level: {}", verdict.level),
    ];
    if verdict.level != Level::None {
        let recorded = Stage::ALL
            .into_iter()
            .filter(|stage| !verdict.omit_stages.contains(*stage));
        let stages: Vec<&str> = recorded.map(Stage::name).collect();
        lines.push(format!("  stages: [{}]", stages.join(", ")));
        lines.push(format!(
            "  omitManagedFields: {}",
            verdict.omit_managed_fields
        ));
    }
    lines.push(match verdict.rule {
        Some(rule) => format!("  rule: {}", rule.number()),
        None => "  rule: none".to_owned(),
    });
    lines.push(String::new());
    lines.join("\n")
}

/// Returns the attributes of a request, as they stand in braces.
fn fields(request: &Request) -> Vec<String> {
    let user = request.user.as_deref();
    let groups = request.groups.iter().map(|group| in_braces(group));
    let groups: Vec<String> = groups.collect();
    let mut fields = vec![
        format!("user: {}", user.map_or("null".to_owned(), in_braces)),
        format!("groups: [{}]", groups.join(", ")),
        format!("verb: {}", in_braces(&request.verb)),
    ];
    if !request.is_resource_request {
        fields.push(format!("path: {}", in_braces(&request.path)));
        if !request.path.starts_with('/') || request.path.contains(['*', '?']) {
            fields.push("isResourceRequest: false".to_owned());
        }
        return fields;
    }
    let further = [
        ("apiGroup", request.api_group.as_str(), true),
        ("resource", &request.resource, true),
        ("subresource", &request.subresource, false),
        ("namespace", &request.namespace, false),
        ("name", &request.name, false),
    ];
    for (name, value, is_always) in further {
        if is_always || !value.is_empty() {
            fields.push(format!("{name}: {}", in_braces(value)));
        }
    }
    if request.resource.is_empty() || request.resource.contains('*') {
        fields.push("isResourceRequest: true".to_owned());
    }
    fields
}

/// Formats a text inside of braces, where a comma or a bracket would end it.
fn in_braces(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    match text.chars().all(is_safe) {
        true => yaml(text),
        false => double(text),
    }
}

#[cfg(test)]
mod tests {
    use audit_policy::{KubernetesVersion, Policy, Rule};

    use super::*;
    use crate::{Claim, Runner, TestFile};

    /// Texts that YAML reads as something else unless they are quoted, and texts that end a scalar.
    const HOSTILE: [&str; 22] = [
        "",
        " ",
        "true",
        "null",
        "~",
        "1.30",
        "0x1f",
        "2024-01-01",
        "---",
        "- a",
        "a: b",
        "a #b",
        "a, b}]",
        "\"",
        "'",
        "\\",
        "a\nrule: 7",
        "\r\t\0\u{7f}",
        "&a",
        "{{ x }}",
        "\u{feff}\u{202e}\u{2028}",
        "журнал\u{10ffff}",
    ];

    fn reads_back(name: &str, request: &Request, policy: &Policy) {
        let runner = Runner::new(policy, KubernetesVersion::NEWEST);
        let verdict = runner.verdict(request);
        let text = case_text(name, request, verdict);
        let file = TestFile::parse(&format!("tests:\n{text}"))
            .unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        let [case] = file.tests.as_slice() else {
            panic!("not one case: {text}");
        };
        let Claim::Request { request: read, .. } = &case.claim else {
            panic!("not a request: {text}");
        };
        assert_eq!(**read, *request, "{text}");
        assert!(runner.run(case).has_passed(), "{text}");
        if !name.trim().is_empty() {
            assert_eq!(case.name, name);
        }
    }

    #[test]
    fn a_case_reads_back_whatever_its_texts_contain() {
        let mut rule = Rule::new(Level::Request);
        rule.omit_stages = [Stage::RequestReceived].into_iter().collect();
        let policy = Policy::new(vec![rule]);
        let nothing = Policy::default();
        for text in HOSTILE {
            let resource = Request::for_resource(text, text, "pods")
                .with_subresource(text)
                .with_namespace(text)
                .with_name(text)
                .with_user(text)
                .with_groups([text, "b"]);
            reads_back(text, &resource, &policy);
            reads_back(text, &resource, &nothing);
            let url = Request::for_path(text, format!("/{text}?*"));
            reads_back(text, &url, &policy);
        }
        reads_back("", &Request::for_resource("get", "a", ""), &policy);
        reads_back("", &Request::for_resource("get", "a", "*"), &policy);
        reads_back("", &Request::for_path("get", "no slash"), &policy);
    }

    #[test]
    fn a_case_without_a_name_is_named_by_its_request() {
        let request = Request::for_resource("delete", "", "pods")
            .with_subresource("exec")
            .with_namespace("payments");
        assert_eq!(case_name(&request), "no user: delete pods/exec in payments");
        let text = case_text(" ", &request, Verdict::default());
        let name = "- name: \"no user: delete pods/exec in payments\"\n";
        assert!(text.starts_with(name), "{text}");
        assert!(text.ends_with("\n  level: None\n  rule: none\n"), "{text}");
    }
}
