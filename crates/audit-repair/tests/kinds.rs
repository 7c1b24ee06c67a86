//! Each kind of damage: a text, the repaired text, the kinds of the changes.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use audit_repair::{Answer, ChangeKind, KubernetesVersion, Options, Outcome, repair};

const HEADER: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

/// A rule that the following rows damage.
const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n  verbs: [\"create\", \"patch\"]\n  resources:\n  - group: \"\"\n    resources: [\"pods\"]\n- level: Metadata\n";

fn kinds(text: &str) -> (String, Vec<ChangeKind>) {
    let repaired = repair(text, &Options::default());
    let kinds = repaired.changes.iter().map(|change| change.kind);
    (repaired.text.clone(), kinds.collect())
}

#[test]
fn each_kind_of_damage_is_repaired() {
    use ChangeKind::*;
    for (damaged, kind) in [
        (POLICY.replace("  ", "\u{a0}\u{a0}"), Spaces),
        (POLICY.replace("  ", "\u{2003}"), Spaces),
        (POLICY.replace("level: ", "level:\u{202f}"), Spaces),
        (
            POLICY.replace("level: R", "level: \u{200b}R"),
            HiddenCharacters,
        ),
        (
            POLICY.replace("kind: Policy\n", "kind: Policy\n\u{feff}"),
            HiddenCharacters,
        ),
        (
            POLICY.replace("kind: Policy\n", "kind: Policy\u{b}"),
            HiddenCharacters,
        ),
        (POLICY.replace("\"pods\"", "“pods”"), Quotes),
        (POLICY.replace("\"pods\"", "„pods“"), Quotes),
        (POLICY.replace("\"\"", "””"), Quotes),
        (POLICY.replace("[\"create\"", "[\"create”"), Quotes),
        (POLICY.replace("- ", "– "), Dashes),
        (POLICY.replace("- level", "• level"), Dashes),
        (POLICY.replace("  ", "\t"), Tabs),
        (POLICY.replace("- ", "-\t"), Tabs),
        (
            POLICY.lines().map(|line| format!("> {line}\n")).collect(),
            LinePrefix,
        ),
        (
            POLICY.lines().map(|line| format!("+{line}\n")).collect(),
            LinePrefix,
        ),
        (format!("$ cat policy.yaml\n{POLICY}$ \n"), Prompt),
        (
            format!("[root@master-1 ~]# cat policy.yaml\n{POLICY}"),
            Prompt,
        ),
        (format!("{POLICY}EOF\n"), Prompt),
        (format!("```yaml\n{POLICY}```\n"), CodeBlock),
        (
            format!("Use this:\n~~~\n{POLICY}~~~\nand restart.\n"),
            CodeBlock,
        ),
        (
            format!("cat <<'EOF' | sudo tee /etc/p.yaml\n{POLICY}EOF\n"),
            HereDocument,
        ),
        (POLICY.replace("/v1\n", "/v1beta1\n"), ApiVersion),
        (POLICY.replace("/v1\n", "/v1alpha1\n"), ApiVersion),
        (POLICY.replace(HEADER, ""), Header),
        (POLICY.replace("apiVersion: audit.k8s.io/v1\n", ""), Header),
        (POLICY.replace("\n  ", "\n"), Indentation),
        (POLICY.replace("\n    ", "\n"), Indentation),
        (POLICY.replace("\n  verbs", "\n   verbs"), Indentation),
        (
            POLICY.replace("kind", "  kind").replace("rules", "  rules"),
            Indentation,
        ),
        (POLICY.replace("resources: [", "resources:\n["), WrappedLine),
        (POLICY.replace("level: ", "level:\n"), WrappedLine),
        (
            POLICY.replace("rules:\n", "rules:\n# pods are created and\npatched\n"),
            WrappedLine,
        ),
        (
            POLICY.replace("rules:\n", "rules: # pods are created\nand patched\n"),
            WrappedLine,
        ),
        (POLICY.replace("- level", "- - level"), ListDash),
        (POLICY.replace("- level", "level"), ListDash),
        (POLICY.replace("- group", "group"), ListDash),
        (POLICY.replace("- level", "-level"), LostSpace),
        (POLICY.replace("verbs: ", "verbs:"), LostSpace),
        (format!("Listing 4. A policy of ours\n{POLICY}"), Prose),
        (format!("{POLICY}\nThen restart the server.\n"), Prose),
    ] {
        let (text, kinds) = kinds(&damaged);
        assert!(
            kinds.contains(&kind),
            "{kind:?}: {kinds:?}\n{damaged}\n{text}"
        );
        assert!(
            common::is_equal(POLICY, &text),
            "{kind:?}\n{damaged}\n{text}"
        );
    }
}

#[test]
fn line_numbers_are_removed() {
    let numbered = |format: &dyn Fn(usize, &str) -> String| -> String {
        let lines = POLICY.lines().enumerate();
        lines
            .map(|(index, line)| format(index + 1, line) + "\n")
            .collect()
    };
    let column: String = (1..=9).map(|number| format!("{number}\n")).collect();
    for damaged in [
        numbered(&|number, line| format!("{number} {line}")),
        numbered(&|number, line| format!("{number}: {line}")),
        numbered(&|number, line| format!("{number}| {line}")),
        numbered(&|number, line| format!("{number}. {line}")),
        numbered(&|number, line| format!("{:>6}\t{line}", number + 7)),
        numbered(&|number, line| format!("{:<4}{line}", number + 7)),
        numbered(&|number, line| format!("{number}{line}")),
        numbered(&|number, line| format!("  {number:02} │ {line}")),
        column + POLICY,
    ] {
        let (text, kinds) = kinds(&damaged);
        assert!(
            kinds.contains(&ChangeKind::LineNumbers),
            "{damaged}\n{text}"
        );
        assert!(common::is_equal(POLICY, &text), "{damaged}\n{text}");
    }
}

#[test]
fn lines_stay_as_they_are_where_nothing_is_damaged() {
    for (damaged, repaired) in [
        // An indented rule next to one that lost its indentation; the comment moves with its line.
        (
            "rules:\n- level: None\n# kube-proxy\nusers: [a]\n- level: Metadata\n  verbs:\n    - get # one\n",
            "rules:\n- level: None\n  # kube-proxy\n  users: [a]\n- level: Metadata\n  verbs:\n    - get # one\n",
        ),
        // A list over several lines is YAML.
        (
            "rules:\n- level: None\nverbs: [get,\nlist]\n- level: Metadata\n",
            "rules:\n- level: None\n  verbs: [get,\nlist]\n- level: Metadata\n",
        ),
        // Quotes and dashes in comments.
        (
            "rules: # “all” – of them\n- level: None\nverbs: [“get”]\n",
            "rules: # “all” – of them\n- level: None\n  verbs: [\"get\"]\n",
        ),
        // Line ends.
        (
            "rules:\r\n- level: None\r\nverbs: [get]\r\n- level: Metadata\r\n",
            "rules:\r\n- level: None\r\n  verbs: [get]\r\n- level: Metadata\r\n",
        ),
        // Documents after the first are not those of the server.
        (
            "rules:\n- level: None\nverbs: [get]\n- level: Metadata\n---\n- a\nb: c\n",
            "rules:\n- level: None\n  verbs: [get]\n- level: Metadata\n---\n- a\nb: c\n",
        ),
        // Metadata.
        (
            "metadata:\nname: audit\nlabels:\napp: a\nrules:\n- level: None\nverbs: [get]\n- level: Metadata\n",
            "metadata:\n  name: audit\n  labels:\n    app: a\nrules:\n- level: None\n  verbs: [get]\n- level: Metadata\n",
        ),
    ] {
        let end = if damaged.contains('\r') { "\r\n" } else { "\n" };
        let header = HEADER.replace('\n', end);
        let repaired_text = repair(&(header.clone() + damaged), &Options::default()).text;
        assert_eq!(repaired_text, header + repaired);
    }
}

#[test]
fn a_list_of_rules_gets_its_header() {
    let (text, kinds) = kinds("# all\n- level: Metadata\n");
    assert_eq!(
        text,
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n# all\n- level: Metadata\n"
    );
    assert_eq!(kinds, [ChangeKind::Header; 2]);
}

#[test]
fn accepted_policies_are_unchanged() {
    for text in [
        POLICY.to_owned(),
        // A field of a rule in an entry, where the server ignores it: a mistake, and no damage.
        format!("{HEADER}rules:\n- level: Request\n  resources:\n  - group: \"\"\n    resources: [pods]\n    verbs: [create]\n"),
        // After its rules, `omitStages` is a part of the policy.
        format!("{HEADER}rules:\n- level: Metadata\nomitStages:\n- RequestReceived\n"),
        format!("\u{feff}{POLICY}"),
        format!("{HEADER}rules:\n- level: None\n  users: [O’Brien, \"a – b\", 'x\u{a0}y', علی‌رضا]\n"),
        format!("{HEADER}# “a” – b\u{a0}c\nrules:\n- level: Metadata\n"),
        format!("  {}", POLICY.trim_end().replace('\n', "\n  ")),
        "{\"apiVersion\": \"audit.k8s.io/v1\", \"kind\": \"Policy\", \"rules\": [{\"level\": \"Metadata\"}]}".to_owned(),
    ] {
        let repaired = repair(&text, &Options::default());
        assert_eq!((repaired.changes, repaired.questions), (vec![], vec![]), "{text}");
        assert_eq!((repaired.text, repaired.outcome), (text, Outcome::Intact));
    }
}

#[test]
fn accepted_policies_with_damaged_values_are_repaired() {
    for (damaged, repaired) in [
        ("users: [“alice”]", "users: [\"alice\"]"),
        ("verbs: [get,\u{a0}list]", "verbs: [get, list]"),
        ("verbs: [\"get\u{200b}\"]", "verbs: [\"get\"]"),
        ("namespaces: [kube–system]", "namespaces: [kube-system]"),
    ] {
        let policy =
            |part: &str| format!("{HEADER}rules:\n- level: None\n  {part}\n- level: Metadata\n");
        let text = repair(&policy(damaged), &Options::default()).text;
        assert_eq!(text, policy(repaired));
    }
}

#[test]
fn an_old_version_is_kept_where_the_server_reads_it() {
    let old = POLICY.replace("/v1\n", "/v1beta1\n");
    let version = KubernetesVersion::from_minor(23).expect("1.23");
    let options = Options {
        version,
        ..Options::default()
    };
    assert_eq!(repair(&old, &options).changes, []);
}

#[test]
fn two_readings_are_asked() {
    let flat =
        "rules:\n- level: None\nverbs: [get]\n- level: Metadata\nomitStages:\n- RequestReceived\n";
    let flat = format!("{HEADER}{flat}");
    let first = repair(&flat, &Options::default());
    let question = &first.questions[0];
    assert_eq!((first.questions.len(), question.line), (1, 7));
    let labels: Vec<_> = question
        .readings
        .iter()
        .map(|reading| reading.label.as_str())
        .collect();
    assert_eq!(
        labels,
        ["a part of rule 2", "a part of the policy, for all rules"]
    );
    assert_eq!(question.readings[0].text, "  omitStages:");
    assert!(question.readings[1].is_as_printed);
    // Without an answer, the line is as printed.
    assert!(first.text.ends_with("\nomitStages:\n- RequestReceived\n"));
    for (reading, end) in [
        (0, "\n  omitStages:\n  - RequestReceived\n"),
        (1, "\nomitStages:\n- RequestReceived\n"),
    ] {
        let options = Options {
            answers: vec![Answer { line: 7, reading }],
            ..Options::default()
        };
        let repaired = repair(&flat, &options);
        assert_eq!(repaired.questions, []);
        assert!(repaired.text.ends_with(end), "{}", repaired.text);
    }
}

#[test]
fn each_question_has_its_readings() {
    for (text, line, readings) in [
        // The server ignores the field, and accepts the policy.
        (
            "rules:\n- level: None\n  verbs: [get]\nusers: [a]\n",
            6,
            ["  users: [a]", "users: [a]"],
        ),
        // A rule without a level, or a dash too many.
        (
            "rules:\n- level: None\n- users: [a]\n",
            5,
            ["  users: [a]", "- users: [a]"],
        ),
        // Two policies.
        (
            "```\nrules:\n- level: None\n```\n\n```\nrules:\n- level: Metadata\n```\n",
            4,
            ["rules:", "rules:"],
        ),
    ] {
        let repaired = repair(&format!("{HEADER}{text}"), &Options::default());
        assert_eq!(repaired.questions.len(), 1, "{text}");
        let question = &repaired.questions[0];
        let texts: Vec<_> = question
            .readings
            .iter()
            .map(|reading| reading.text.as_str())
            .collect();
        assert_eq!(
            (question.line, texts.as_slice()),
            (line, &readings[..]),
            "{text}"
        );
        // The question is not answered, so the text is not changed.
        assert_eq!(repaired.changes, [], "{text}");
    }
}

#[test]
fn unclear_texts_are_described() {
    for (text, sentence) in [
        (
            format!("{HEADER}rules:\n- level: None\n  verbs: [\"get\n- level: Metadata\n"),
            "found 2 rules; line 5 could not be placed",
        ),
        (
            format!(
                "{HEADER}rules:\n- level: None\n12 of 30\nverbs: [get]\nverbs: [list]\n- level: Metadata\n"
            ),
            "found 2 rules; lines 5 and 7 could not be placed",
        ),
        (
            format!("{HEADER}rules:\n  a: [\n"),
            "found no rule; line 4 could not be placed",
        ),
    ] {
        let repaired = repair(&text, &Options::default());
        let (Outcome::TooDamaged(understanding) | Outcome::Partial(understanding)) =
            &repaired.outcome
        else {
            panic!("{:?}: {text}", repaired.outcome);
        };
        assert_eq!(understanding.sentence(), sentence, "{text}");
    }
}

#[test]
fn templates_are_left_alone() {
    let text = format!("{{{{ if .Values.audit }}}}\n{POLICY}{{{{ end }}}}\n");
    let repaired = repair(&text, &Options::default());
    assert_eq!((repaired.text, repaired.outcome), (text, Outcome::Template));
}

#[test]
fn headlines_say_what_is_possible() {
    for (text, headline) in [
        (
            "rules:\n- level: None\nverbs: [“get”]\n- level: Metadata\n",
            Some("2 repairs possible"),
        ),
        (
            "rules:\n- level: None\n  verbs: [get]\nusers: [a]\n",
            Some("1 line with more than one reading"),
        ),
        (
            "rules:\n- level: None\nverbs: [get\n- level: Metadata\n",
            Some("found 2 rules; line 5 could not be placed"),
        ),
        ("rules:\n- level: Loud\n", None),
        ("rules:\n- level: Metadata\n", None),
    ] {
        let found = repair(&format!("{HEADER}{text}"), &Options::default()).headline();
        let headline = headline.map(|rest| format!("this looks like a damaged paste: {rest}"));
        assert_eq!(found, headline, "{text}");
    }
    // A missing header alone is a finding with a fix of its own.
    assert_eq!(
        repair("- level: Metadata\n", &Options::default()).headline(),
        None
    );
}

#[test]
fn other_documents_are_left_alone() {
    for text in [
        "",
        "hello\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nrules:\n- apiGroups: [\"\"]\n  verbs: [get]\n   resources: [pods]\n",
        "apiVersion: v1\nkind: Pod\nspec:\n\tcontainers: []\n",
        "loggers:\n- name: a\n  level: debug\n handlers: [b]\n",
    ] {
        let repaired = repair(text, &Options::default());
        assert_eq!(
            (repaired.text.as_str(), repaired.changes),
            (text, vec![]),
            "{text}"
        );
        assert_eq!(repaired.outcome, Outcome::NotPolicy, "{text}");
    }
}

#[test]
fn an_address_with_a_comment_is_a_user_and_not_a_prompt() {
    for users in [
        "  users:\n  -alice@example.com # admin\n",
        "  users: [alice@example.com,\n    bob@example.com # admin\n  ]\n",
        "  users:\n  - alice@example.com # admin\n",
    ] {
        // The dash is the damage, so that the text is repaired at all.
        let text = format!("{HEADER}rules:\n- level: Metadata\n{users}– level: None\n");
        let (repaired, kinds) = kinds(&text);
        assert!(!kinds.contains(&ChangeKind::Prompt), "{repaired}");
        for user in ["alice@example.com", "bob@example.com"] {
            assert_eq!(repaired.contains(user), text.contains(user), "{repaired}");
        }
    }
}

#[test]
fn prompts_of_several_shells_are_removed() {
    for prompt in [
        "root@master:~# ls",
        "me@host ~ % cat p.yaml",
        "[me@host dir]$ ls",
        "me@host:/etc$ ",
    ] {
        let (repaired, kinds) = kinds(&format!("{prompt}\n{POLICY}"));
        assert_eq!(
            (repaired.as_str(), kinds.as_slice()),
            (POLICY, [ChangeKind::Prompt].as_slice()),
            "{prompt}"
        );
    }
}
