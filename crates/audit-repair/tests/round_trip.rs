//! Random policies are damaged as copying damages them, and repaired: each repaired policy is equal to the original, by proof.
//!
//! Excluded, because the damaged text is a policy that the server accepts and in which every line has a valid place: it is returned as it is,
//! and nothing in it tells that it was another one. The test counts them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

mod common;

use std::collections::BTreeMap;

use audit_policy::{KubernetesVersion, load};
use audit_repair::{Answer, Options, Outcome, repair};
use common::Random;

/// Number of random policies.
const POLICIES: u64 = 4_000;

const LEVELS: [&str; 4] = ["None", "Metadata", "Request", "RequestResponse"];
const USERS: [&str; 4] = [
    "system:kube-proxy",
    "alice",
    "system:serviceaccount:kube-system:cronjob-controller",
    "admin@example.com",
];
const GROUPS: [&str; 3] = [
    "system:authenticated",
    "system:nodes",
    "system:serviceaccounts:kube-system",
];
const VERBS: [&str; 5] = ["get", "list", "watch", "create", "delete"];
const NAMESPACES: [&str; 3] = ["kube-system", "payments", ""];
const URLS: [&str; 4] = ["/api*", "/version", "/healthz", "/metrics"];
const API_GROUPS: [&str; 4] = ["", "apps", "rbac.authorization.k8s.io", "extensions"];
const RESOURCES: [&str; 6] = [
    "pods",
    "pods/log",
    "secrets",
    "configmaps",
    "deployments",
    "services/*",
];
const NAMES: [&str; 3] = ["controller-leader", "kube-root-ca.crt", "app-config"];
const STAGES: [&str; 2] = ["RequestReceived", "ResponseStarted"];

/// A text of a policy, and where its rules have what is asked about.
struct Source {
    text: String,
    /// `true` if the policy has `omitStages` or `omitManagedFields` after its rules.
    is_policy_last: bool,
}

/// Writes a policy in one of many layouts.
struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    /// Columns before the dashes of rules and of entries.
    dash: usize,
    entry: usize,
}

impl Writer<'_> {
    fn line(&mut self, column: usize, text: &str) {
        let comment = if self.random.one_in(12) {
            " # as it was"
        } else {
            ""
        };
        self.text
            .push_str(&format!("{:column$}{text}{comment}\n", ""));
    }

    fn scalar(&mut self, text: &str) -> String {
        let needs = text.is_empty() || text.contains(['*', ':', '@']) || text.starts_with('/');
        match self.random.below(4) {
            0 if !text.is_empty() => format!("'{text}'"),
            1 if !needs => text.to_owned(),
            _ => format!("\"{text}\""),
        }
    }

    /// Writes a list of strings, on one line or below each other. `start` is before its key: a dash, or nothing.
    fn list(&mut self, column: usize, start: &str, key: &str, from: &[&str]) {
        let count = 1 + self.random.below(from.len().min(3));
        let first = self.random.below(from.len());
        let items: Vec<String> = (0..count)
            .map(|index| self.scalar(from[(first + index) % from.len()]))
            .collect();
        if self.random.one_in(3) {
            self.line(column, &format!("{start}{key}:"));
            let column = column + start.len() + self.random.of(&[0, 2]);
            for item in items {
                self.line(column, &format!("- {item}"));
            }
        } else if self.random.one_in(6) && count > 1 {
            let separator = format!(",\n{:width$}", "", width = column + start.len() + 2);
            let items = items.join(&separator);
            self.line(column, &format!("{start}{key}: [{items}]"));
        } else {
            let space = self.random.of(&["", " "]);
            self.line(
                column,
                &format!("{start}{key}: [{space}{}{space}]", items.join(", ")),
            );
        }
    }

    fn rule(&mut self) {
        if self.random.one_in(3) {
            let column = self.dash;
            self.line(column, "# what the next rule is for");
        }
        let level = self.random.of(&LEVELS);
        self.line(self.dash, &format!("- level: {level}"));
        let column = self.dash + 2;
        let has_urls = self.random.one_in(5);
        let mut parts: Vec<usize> = (0..7).filter(|_| self.random.one_in(3)).collect();
        for index in (1..parts.len()).rev() {
            let other = self.random.below(index + 1);
            parts.swap(index, other);
        }
        for part in parts {
            match part {
                0 => self.list(column, "", "users", &USERS),
                1 => self.list(column, "", "userGroups", &GROUPS),
                2 => self.list(column, "", "verbs", &VERBS),
                3 if has_urls => self.list(column, "", "nonResourceURLs", &URLS),
                4 if !has_urls => self.resources(column),
                5 if !has_urls => self.list(column, "", "namespaces", &NAMESPACES),
                6 if self.random.one_in(2) => self.list(column, "", "omitStages", &STAGES),
                _ => {}
            }
        }
    }

    fn resources(&mut self, column: usize) {
        self.line(column, "resources:");
        let column = column + self.entry;
        for _ in 0..1 + self.random.below(2) {
            let group = self.random.of(&API_GROUPS);
            let group = self.scalar(group);
            self.line(column, &format!("- group: {group}"));
            if self.random.one_in(4) {
                continue;
            }
            self.list(column + 2, "", "resources", &RESOURCES);
            if self.random.one_in(4) {
                self.list(column + 2, "", "resourceNames", &NAMES);
            }
        }
    }
}

fn source(random: &mut Random) -> Source {
    let (dash, entry) = (random.of(&[0, 2]), random.of(&[0, 2]));
    let mut writer = Writer {
        random,
        text: String::new(),
        dash,
        entry,
    };
    writer.line(0, "apiVersion: audit.k8s.io/v1");
    writer.line(0, "kind: Policy");
    if writer.random.one_in(5) {
        writer.line(0, "metadata:");
        writer.line(2, "name: audit");
    }
    if writer.random.one_in(2) {
        writer.list(0, "", "omitStages", &STAGES);
    }
    writer.line(0, "rules:");
    for _ in 0..1 + writer.random.below(6) {
        writer.rule();
        if writer.random.one_in(3) {
            writer.text.push('\n');
        }
    }
    let has_stages = writer.text.contains("\nomitStages");
    let is_policy_last = !has_stages && writer.random.one_in(8);
    if is_policy_last {
        writer.list(0, "", "omitStages", &STAGES);
    }
    Source {
        text: writer.text,
        is_policy_last,
    }
}

/// Changes each line.
fn each_line(text: &str, mut change: impl FnMut(usize, &str) -> String) -> String {
    let lines = text.lines().enumerate();
    lines
        .map(|(index, line)| change(index, line) + "\n")
        .collect()
}

/// Returns a line with its code changed, but not its comment.
fn in_code(line: &str, change: impl Fn(&str) -> String) -> String {
    match line
        .find(" #")
        .or_else(|| line.trim_start().starts_with('#').then_some(0))
    {
        Some(at) => change(&line[..at]) + &line[at..],
        None => change(line),
    }
}

/// Damages of the text itself: its indentation and its characters.
const DAMAGES: [&str; 15] = [
    "lost dashes",
    "doubled dashes",
    "lost spaces",
    "wrapped lists",
    "wrapped comments",
    "all indentation",
    "indentation of some lines",
    "shifted after the first line",
    "no-break spaces",
    "typographic quotes",
    "typographic dashes",
    "tabs",
    "zero-width characters",
    "no header",
    "old version",
];

/// Those that only remove or add spaces before a line.
const INDENTATION: [&str; 3] = [
    "all indentation",
    "indentation of some lines",
    "shifted after the first line",
];

fn damage(name: &str, text: &str, random: &mut Random) -> String {
    match name {
        "all indentation" => each_line(text, |_, line| line.trim_start().to_owned()),
        "indentation of some lines" => each_line(text, |_, line| {
            if random.one_in(4) {
                line.trim_start().to_owned()
            } else {
                line.to_owned()
            }
        }),
        "shifted after the first line" => each_line(text, |index, line| match index {
            0 => line.to_owned(),
            _ => format!("    {line}"),
        }),
        "no-break spaces" => text.replace("  ", "\u{a0} "),
        "typographic quotes" => each_line(text, |_, line| {
            in_code(line, |code| {
                let mut is_open = false;
                let quotes = code.chars().map(|character| match character {
                    '"' => {
                        is_open = !is_open;
                        if is_open { '“' } else { '”' }
                    }
                    other => other,
                });
                quotes.collect()
            })
        }),
        "typographic dashes" => each_line(text, |_, line| {
            let indent = line.len() - line.trim_start().len();
            let (indent, rest) = line.split_at(indent);
            match rest.strip_prefix("- ") {
                Some(rest) => format!("{indent}– {rest}"),
                None => line.to_owned(),
            }
        }),
        "tabs" => each_line(text, |_, line| {
            let indent = line.len() - line.trim_start().len();
            format!("{}{}", "\t".repeat(indent / 2), &line[indent..])
        }),
        "zero-width characters" => each_line(text, |_, line| {
            in_code(line, |code| code.replacen(": ", ": \u{200b}", 1))
        }),
        "lost dashes" => text.replace("- level", "level").replace("- group", "group"),
        "doubled dashes" => text.replace("- level", "- - level"),
        "lost spaces" => each_line(text, |_, line| {
            in_code(line, |code| code.replacen(": ", ":", 1))
        }),
        "wrapped lists" => each_line(text, |_, line| match line.split_once(": [") {
            Some((key, list)) if list.contains(']') && !line.contains('#') => {
                format!("{key}:\n[{list}")
            }
            _ => line.to_owned(),
        }),
        "wrapped comments" => text.replace("# what the next rule", "# what the next\nrule"),
        "no header" => {
            let rules = text
                .find("rules:\n")
                .filter(|_| !text.contains("omitStages"));
            let kept = rules.map_or(text, |at| &text[at + 7..]);
            kept.to_owned()
        }
        _ => text.replacen("audit.k8s.io/v1", "audit.k8s.io/v1beta1", 1),
    }
}

/// Ways in which a text is put into another one.
const SURROUNDINGS: [&str; 8] = [
    "nothing",
    "line numbers",
    "line numbers with a sign",
    "line numbers at the right",
    "a quoted message",
    "a code block",
    "a here-document",
    "a terminal",
];

fn surround(name: &str, text: &str) -> String {
    match name {
        "line numbers" => each_line(text, |index, line| format!("{} {line}", index + 1)),
        "line numbers with a sign" => {
            each_line(text, |index, line| format!("{}: {line}", index + 1))
        }
        "line numbers at the right" => {
            each_line(text, |index, line| format!("{:>4}  {line}", index + 7))
        }
        "a quoted message" => each_line(text, |_, line| format!("> {line}")),
        "a code block" => format!(
            "Save this as `policy.yaml`:\n\n```yaml\n{text}```\n\nThen restart the server.\n"
        ),
        "a here-document" => {
            format!("$ cat <<EOF > /etc/kubernetes/policy.yaml\n{text}EOF\n$ ls\n")
        }
        "a terminal" => format!("root@master:~# cat policy.yaml\n{text}root@master:~# \n"),
        _ => text.to_owned(),
    }
}

/// Returns the repaired text, with each question answered as the original has it.
fn repaired(source: &Source, damaged: &str) -> (String, Outcome) {
    let mut options = Options::default();
    for _ in 0..20 {
        let repair = repair(damaged, &options);
        let Some(question) = repair.questions.first() else {
            return (repair.text, repair.outcome);
        };
        let is_of_policy = source.is_policy_last && question.sentence.contains("omit");
        options.answers.push(Answer {
            line: question.line,
            reading: usize::from(is_of_policy),
        });
    }
    panic!("too many questions: {damaged}");
}

#[test]
fn damaged_policies_are_repaired() {
    let mut proved: BTreeMap<&str, usize> = BTreeMap::new();
    let mut excluded = 0;
    let mut problems = Vec::new();
    for seed in 0..POLICIES {
        let mut random = Random(seed);
        let source = source(&mut random);
        let first = random.of(&DAMAGES);
        let second = random.of(&DAMAGES);
        let mut names = vec![first];
        names.extend((random.one_in(2) && second != first).then_some(second));
        let (mut damaged, mut indented) = (source.text.clone(), source.text.clone());
        for name in names {
            let mut same = Random(random.0);
            damaged = damage(name, &damaged, &mut random);
            if INDENTATION.contains(&name) {
                indented = damage(name, &indented, &mut same);
            }
        }
        // Without its other damages, the text is a policy, and no line of it has to move.
        let is_valid = load(indented.as_bytes(), KubernetesVersion::NEWEST)
            .policy
            .is_some();
        let around = random.of(&SURROUNDINGS);
        let damaged = surround(around, &damaged);
        let (text, outcome) = repaired(&source, &damaged);
        let again = repair(&text, &Options::default());
        if again.text != text || !again.changes.is_empty() {
            problems.push(format!("seed {seed}: not stable\n{text}\n{}", again.text));
            continue;
        }
        let is_accepted = load(text.as_bytes(), KubernetesVersion::NEWEST)
            .policy
            .is_some();
        if is_accepted && common::is_equal(&source.text, &text) {
            *proved.entry(first).or_default() += 1;
            *proved.entry(around).or_default() += 1;
        } else if is_valid {
            excluded += 1;
        } else {
            problems.push(format!(
                "seed {seed}: {first}, {around}: {outcome:?}\n{damaged}\n---- repaired to\n{text}\n---- instead of\n{}",
                source.text
            ));
        }
    }
    println!("proved: {proved:?}; excluded: {excluded}");
    assert!(
        problems.is_empty(),
        "{} problems\n{}",
        problems.len(),
        problems
            .iter()
            .take(3)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n\n")
    );
    assert!(excluded * 100 < POLICIES as usize, "{excluded} excluded");
}
