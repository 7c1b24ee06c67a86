//! Lints on whole policies: their findings and spans, the results of fixes, and policies without findings.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path as FilePath;

use audit_policy::{Diagnostic, KubernetesVersion, Severity, lint, load};

const HEAD: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n";

fn findings(text: &str, version: &str) -> Vec<Diagnostic> {
    let version: KubernetesVersion = version.parse().unwrap();
    let loaded = load(text.as_bytes(), version);
    assert_eq!(loaded.error, None, "{text}");
    lint(&loaded, version)
}

/// `rules` under a usual head and before a usual end, at the newest version.
fn of_rules(rules: &str) -> (String, Vec<Diagnostic>) {
    let text = format!("{HEAD}{rules}- level: Metadata\n");
    let found = findings(&text, "1.36");
    (text, found)
}

#[test]
fn each_trap_is_named_at_its_place() {
    // The rule, the code, its severity, the path, and the text that is underlined.
    for (rules, code, severity, path, underlined) in [
        (
            "- level: Metadata\n- level: None\n  users: [a]\n",
            "AP020",
            Severity::Warning,
            "rules[1]",
            "level: None",
        ),
        (
            "- level: None\n  users: [a]\n- level: None\n  users: [a]\n",
            "AP020",
            Severity::Info,
            "rules[1]",
            "level: None",
        ),
        (
            "- level: Request\n  resources: [{group: '', resources: [deployments]}]\n",
            "AP021",
            Severity::Warning,
            "rules[0].resources[0].resources[0]",
            "deployments",
        ),
        (
            "- level: Request\n  resources: [{group: extensions, resources: [ingresses]}, {group: networking.k8s.io}]\n",
            "AP021",
            Severity::Info,
            "rules[0].resources[0].resources[0]",
            "ingresses",
        ),
        (
            "- level: Request\n  resources: [{resources: [\"*/*\"]}]\n",
            "AP023",
            Severity::Warning,
            "rules[0].resources[0].resources[0]",
            "\"*/*\"",
        ),
        (
            "- level: None\n  users: ['system:node:*']\n",
            "AP023",
            Severity::Warning,
            "rules[0].users[0]",
            "'system:node:*'",
        ),
        (
            "- level: Request\n  resources: [{group: core}]\n",
            "AP024",
            Severity::Warning,
            "rules[0].resources[0].group",
            "core",
        ),
        (
            "- level: Request\n  resources: [{group: rbac}]\n",
            "AP024",
            Severity::Warning,
            "rules[0].resources[0].group",
            "rbac",
        ),
        (
            "- level: Request\n  resources: [{group: extensions}]\n",
            "AP024",
            Severity::Info,
            "rules[0].resources[0].group",
            "extensions",
        ),
        (
            "- level: Request\n  resources: [{resources: [secrets]}]\n",
            "AP025",
            Severity::Warning,
            "rules[0]",
            "level: Request",
        ),
        (
            "- level: Request\n  namespaces: [kube-system]\n  resources: [{resources: [configmaps]}]\n",
            "AP025",
            Severity::Info,
            "rules[0]",
            "level: Request",
        ),
        (
            "- level: Metadata\n  verbs: [create, update]\n  resources: [{resources: [pods], resourceNames: [a]}]\n",
            "AP026",
            Severity::Warning,
            "rules[0].resources[0].resourceNames",
            "resourceNames",
        ),
        (
            "- level: Metadata\n  resources: [{resources: [nodes], resourceNames: [a]}]\n",
            "AP026",
            Severity::Info,
            "rules[0].resources[0].resourceNames",
            "resourceNames",
        ),
        (
            "- level: Metadata\n  verbs: [get, exec]\n  resources: [{resources: [pods/exec]}]\n",
            "AP028",
            Severity::Warning,
            "rules[0].verbs[1]",
            "exec",
        ),
        (
            "- level: Metadata\n  verbs: [list]\n  nonResourceURLs: [/api]\n",
            "AP028",
            Severity::Warning,
            "rules[0].verbs[0]",
            "list",
        ),
        (
            "- level: Metadata\n  omitStages: [ResponseStarted, ResponseComplete, Panic]\n  users: [a]\n",
            "AP029",
            Severity::Warning,
            "rules[0].omitStages",
            "omitStages",
        ),
        (
            "- level: Request\n  resources: [{resources: [Pod]}]\n",
            "AP031",
            Severity::Warning,
            "rules[0].resources[0].resources[0]",
            "Pod",
        ),
        (
            "- level: Request\n  resources: [{resources: [pods/execs]}]\n",
            "AP031",
            Severity::Warning,
            "rules[0].resources[0].resources[0]",
            "pods/execs",
        ),
        (
            "- level: Request\n  resources: [{group: policy, resources: [podsecuritypolicies]}]\n",
            "AP031",
            Severity::Info,
            "rules[0].resources[0].resources[0]",
            "podsecuritypolicies",
        ),
        (
            "- level: Request\n  namespaces: [a]\n  resources: [{resources: [nodes]}]\n",
            "AP032",
            Severity::Warning,
            "rules[0].resources[0].resources[0]",
            "nodes",
        ),
    ] {
        let (text, found) = of_rules(rules);
        let finding = found.iter().find(|finding| finding.code == code);
        let Some(finding) = finding else {
            assert_eq!(code, "", "{rules}: {found:#?}");
            continue;
        };
        assert_eq!(
            (finding.severity, finding.path.to_string().as_str()),
            (severity, path),
            "{rules}"
        );
        assert_eq!(
            &text[finding.span().unwrap_or_default().start..finding.span().unwrap_or_default().end],
            underlined,
            "{rules}"
        );
    }
}

#[test]
fn what_works_as_it_says_is_not_spoken_of() {
    for (rules, code) in [
        (
            "- level: None\n  users: [a]\n- level: None\n  users: [a, b]\n",
            "AP020",
        ),
        (
            "- level: None\n  userGroups: [a]\n- level: Metadata\n  users: [b]\n",
            "AP020",
        ),
        (
            "- level: Request\n  resources: [{group: '*', resources: [deployments]}]\n",
            "AP021",
        ),
        (
            "- level: Request\n  resources: [{group: metrics.k8s.io, resources: [pods]}]\n",
            "AP021",
        ),
        (
            "- level: Request\n  resources: [{group: events.k8s.io, resources: [events]}]\n",
            "AP021",
        ),
        // `pods/exec` falls to the last rule, and has no body to lose.
        (
            "- level: Metadata\n  resources: [{resources: [pods]}]\n",
            "AP022",
        ),
        (
            "- level: None\n  resources: [{resources: [pods]}]\n",
            "AP022",
        ),
        (
            "- level: Request\n  verbs: [list]\n  resources: [{resources: [pods]}]\n",
            "AP022",
        ),
        (
            "- level: Request\n  resources: [{resources: ['*', 'pods/*', '*/scale']}]\n",
            "AP023",
        ),
        (
            "- level: None\n  nonResourceURLs: ['/healthz*', '*']\n",
            "AP023",
        ),
        (
            "- level: Request\n  resources: [{group: snapshot.storage.k8s.io}, {group: app.k8s.io}]\n",
            "AP024",
        ),
        (
            "- level: Request\n  resources: [{group: ''}, {group: '*'}, {group: apps}]\n",
            "AP024",
        ),
        // Reading is a request without a body; its answer is not recorded at this level.
        (
            "- level: Request\n  verbs: [get, list, watch]\n  resources: [{resources: [secrets]}]\n",
            "AP025",
        ),
        // Neither of the two alone takes all secrets away; together they do.
        (
            "- level: Metadata\n  verbs: [get, list]\n  resources: [{resources: [secrets, configmaps]}]\n\
             - level: None\n  verbs: [deletecollection, create, update, patch]\n  resources: [{resources: [secrets, configmaps]}]\n\
             - level: RequestResponse\n  resources: [{resources: [secrets, configmaps]}]\n",
            "AP025",
        ),
        (
            "- level: RequestResponse\n  resources: [{resources: [pods]}]\n",
            "AP025",
        ),
        // A create of a subresource has its name in the URL.
        (
            "- level: Metadata\n  verbs: [create]\n  resources: [{resources: [pods/exec], resourceNames: [a]}]\n",
            "AP026",
        ),
        (
            "- level: Metadata\n  verbs: [get]\n  resources: [{resources: [pods], resourceNames: [a]}]\n",
            "AP026",
        ),
        (
            "- level: None\n  resources: [{resources: [pods], resourceNames: [a]}]\n",
            "AP026",
        ),
        (
            "- level: Metadata\n  verbs: [get, post, deletecollection, watch]\n  users: [a]\n",
            "AP028",
        ),
        (
            "- level: Metadata\n  verbs: [get, head, options]\n  nonResourceURLs: [/api]\n",
            "AP028",
        ),
        (
            "- level: Request\n  omitStages: [ResponseStarted, Panic]\n  users: [a]\n",
            "AP029",
        ),
        (
            "- level: Metadata\n  resources: [{group: apps.example.com, resources: [foos]}]\n",
            "AP031",
        ),
        (
            "- level: Metadata\n  namespaces: ['', a]\n  resources: [{resources: [nodes]}]\n",
            "AP032",
        ),
        (
            "- level: Metadata\n  namespaces: [a]\n  resources: [{resources: [namespaces, pods]}]\n",
            "AP032",
        ),
    ] {
        let (_, found) = of_rules(rules);
        let said: Vec<_> = found
            .iter()
            .filter(|finding| finding.code == code)
            .collect();
        assert!(said.is_empty(), "{rules}: {said:#?}");
    }
}

#[test]
fn the_version_counts() {
    let ingresses = format!(
        "{HEAD}- level: Request\n  resources: [{{group: extensions, resources: [ingresses]}}]\n"
    );
    let at = |version| {
        let found = findings(&ingresses, version);
        found.iter().any(|finding| finding.code == "AP021")
    };
    assert!(!at("1.21"));
    assert!(at("1.22"));
}

#[test]
fn messages_name_rules_lines_and_levels() {
    let (_, found) = of_rules("- level: Metadata\n- level: None\n  users: [a]\n");
    let texts: Vec<_> = found
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "rule 2 can never match: rule 1 matches all its requests first, at level `Metadata` instead of `None`",
            "rule 3 is redundant: rule 1 matches all its requests first, with the same effect",
        ]
    );
    let text =
        format!("{HEAD}- level: Metadata\n  resources: [{{resources: [pods]}}]\n- level: None\n");
    let found = findings(&text, "1.36");
    let subresources = found
        .iter()
        .find(|finding| finding.code == "AP022")
        .unwrap();
    assert!(
        subresources
            .message
            .starts_with("`pods` does not cover `pods/exec`, `pods/attach`, "),
        "{}",
        subresources.message
    );
    assert!(
        subresources
            .message
            .ends_with(": they match rule 2 at level `None`, unless an earlier rule matches them"),
        "{}",
        subresources.message
    );
}

/// The blocks of a page that are YAML.
fn blocks(page: &str) -> Vec<&str> {
    page.split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

#[test]
fn each_page_shows_its_trap_and_the_way_out() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    for number in 20..=44 {
        let code = format!("AP{number:03}");
        let page = fs::read_to_string(folder.join(format!("{code}.md"))).unwrap();
        assert!(page.starts_with(&format!("# {code}: ")), "{code}");
        let has = |text: &str| {
            findings(text, "1.36")
                .iter()
                .any(|finding| finding.code == code)
        };
        let blocks = blocks(&page);
        let [flawed, fixed] = blocks.as_slice() else {
            assert_eq!(blocks.len(), 2, "{code}");
            continue;
        };
        assert!(has(flawed), "{code}: the first block does not show it");
        assert!(!has(fixed), "{code}: the second block still has it");
        // A rule that starts to match may have notes about what it does.
        let warnings = |text: &str| {
            let mut found = findings(text, "1.36");
            found.retain(|finding| finding.severity > Severity::Info);
            found
        };
        let (before, after) = (warnings(flawed), warnings(fixed));
        assert!(
            after.len() <= before.len(),
            "{code}: the way out is a trap: {after:#?}"
        );
    }
}

#[test]
fn findings_of_a_kind_are_counted_past_a_hundred() {
    let verbs = "exec, ".repeat(250);
    let (_, found) = of_rules(&format!(
        "- level: Metadata\n  users: [a]\n  verbs: [{verbs}get]\n"
    ));
    assert_eq!(found.len(), 100);
    let last = found
        .last()
        .map(|finding| finding.help.as_str())
        .unwrap_or_default();
    assert!(
        last.ends_with("; 150 more findings of this kind are not listed"),
        "{last}"
    );
}

#[test]
fn long_lists_are_gone_through_a_fixed_number_of_times() {
    const MANY: usize = 40_000;
    // Each of these, once for every other item, is more than 10^9 comparisons: minutes instead of seconds.
    let list = |item: &str| format!("[{}]", vec![item; MANY].join(","));
    let entry = "{group: '', resources: [nodes], resourceNames: [a]}";
    for (rules, code) in [
        (
            format!("- level: None\n  verbs: {}\n", list("GET")),
            "AP028",
        ),
        (
            format!("- level: None\n  users: {}\n", list("'*'")),
            "AP023",
        ),
        (
            format!(
                "- level: None\n  resources: [{{group: apps, resources: {}}}]\n",
                list("pods")
            ),
            "AP021",
        ),
        (
            format!(
                "- level: None\n  namespaces: {}\n  resources: {}\n",
                list("a"),
                list(entry)
            ),
            "AP032",
        ),
        (
            format!(
                "- level: None\n  namespaces: {}\n  resources: [{{resources: {}}}]\n",
                list("a"),
                list("nodes")
            ),
            "AP032",
        ),
        (
            format!(
                "- level: None\n  verbs: [{}create]\n  resources: {}\n",
                "get,".repeat(MANY),
                list(entry)
            ),
            "AP026",
        ),
        (
            format!(
                "- level: None\n  users: {}\n{}",
                list("a"),
                "- level: None\n  users: [a]\n".repeat(MANY)
            ),
            "AP020",
        ),
    ] {
        let (_, found) = of_rules(&rules);
        let mut of_code = found.iter().filter(|finding| finding.code == code);
        assert_eq!(of_code.clone().count(), 100, "{code}");
        let more = format!("; {} more findings of this kind are not listed", MANY - 100);
        assert!(
            of_code.any(|finding| finding.help.ends_with(&more)),
            "{code}"
        );
    }
}

#[test]
fn a_policy_without_rules_has_no_lints() {
    let version = KubernetesVersion::NEWEST;
    let loaded = load(
        b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n",
        version,
    );
    assert!(loaded.error.is_some());
    assert_eq!(lint(&loaded, version), []);
}

/// Suggested resources are in the API of Kubernetes 1.36, and can be written in a policy as they are.
#[test]
fn suggestions_for_resources_can_be_pasted() {
    for (group, pattern, suggestion) in [
        ("apps", "deployment", "deployments"),
        (
            "\"\"",
            "Deployment",
            "{group: apps, resources: [deployments]}",
        ),
        ("apps", "cm", "{group: \"\", resources: [configmaps]}"),
        (
            "\"\"",
            "deploy/scale",
            "{group: apps, resources: [deployments/scale]}",
        ),
        ("\"\"", "configmap,secrets", "[configmaps, secrets]"),
        ("\"\"", "pods; secret", "[pods, secrets]"),
        ("\"\"", "pods/", "pods"),
        ("\"\"", "/pods", "pods"),
    ] {
        let rules = |resources: &str| format!("- level: Request\n  resources: [{resources}]\n");
        let (_, found) = of_rules(&rules(&format!(
            "{{group: {group}, resources: ['{pattern}']}}"
        )));
        let [unknown] = found.as_slice() else {
            panic!("{pattern}: {found:#?}");
        };
        assert_eq!(unknown.code, "AP031", "{pattern}");
        assert!(
            unknown
                .help
                .starts_with(&format!("did you mean `{suggestion}`?")),
            "{pattern}: {}",
            unknown.help
        );
        let entry = match suggestion.chars().next() {
            Some('{') => suggestion.to_owned(),
            Some('[') => format!("{{group: {group}, resources: {suggestion}}}"),
            _ => format!("{{group: {group}, resources: [{suggestion}]}}"),
        };
        let (_, pasted) = of_rules(&rules(&entry));
        assert!(pasted.iter().all(|one| one.code != "AP031"), "{pasted:#?}");
    }
    let (_, nothing) = of_rules("- level: Request\n  resources: [{resources: ['']}]\n");
    let codes: Vec<_> = nothing.iter().map(|one| one.code.as_ref()).collect();
    assert_eq!(codes, ["AP031"]);
}
