//! Findings agree with each other and with their fixes: no two contradict, and an applied fix removes its finding and adds none.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "common/random.rs"]
mod random;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path as FilePath, PathBuf};

use random::Random;

use audit_policy::{Diagnostic, Edit, Fix, KubernetesVersion, Loaded, lint, load};

fn all(text: &str, version: KubernetesVersion) -> (Loaded, Vec<Diagnostic>) {
    let loaded = load(text.as_bytes(), version);
    let mut findings = loaded.findings.clone();
    findings.extend(lint(&loaded, version));
    (loaded, findings)
}

fn applied(text: &str, fix: &Fix) -> String {
    let mut text = text.to_owned();
    for edit in fix.edits.iter().rev() {
        text.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    text
}

/// Claims of findings about the whole policy or a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// No request is logged by it.
    Silent,
    /// No request matches it first.
    Unmatched,
    /// It logs something.
    Logs,
    /// It logs requests at two stages.
    LogsTwice,
    /// It logs bodies.
    LogsBodies,
    /// It never logs a body.
    NoBodies,
    /// It does not log the response of ordinary requests.
    NoResponses,
    /// Some requests match no rule.
    NoCatchAll,
    /// It matches every request.
    CatchAll,
}

/// Pairs of claims about the same rule, or of one about the policy and one about a rule, that cannot both be true.
const CONTRADICTIONS: [(Claim, Claim); 11] = [
    (Claim::Silent, Claim::Logs),
    (Claim::Silent, Claim::LogsTwice),
    (Claim::Silent, Claim::LogsBodies),
    (Claim::Unmatched, Claim::Logs),
    (Claim::Unmatched, Claim::LogsTwice),
    (Claim::Unmatched, Claim::LogsBodies),
    (Claim::Unmatched, Claim::CatchAll),
    (Claim::NoBodies, Claim::LogsBodies),
    (Claim::NoResponses, Claim::LogsBodies),
    (Claim::NoResponses, Claim::LogsTwice),
    (Claim::NoCatchAll, Claim::CatchAll),
];

/// Returns the number after `rule ` at the first place.
fn rule_in(text: &str) -> Option<usize> {
    let rest = &text[text.find("rule ")? + 5..];
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Returns the claims of a finding, each with its rule; `None` is the policy.
fn claims(finding: &Diagnostic) -> Vec<(Claim, Option<usize>)> {
    let message = finding.message.as_str();
    let rule = rule_in(message);
    match &*finding.code {
        "AP020" => {
            let mut claims = vec![(Claim::Unmatched, rule)];
            if let Some(at) = finding
                .help
                .find(" has no conditions, so it matches every request")
            {
                let words = &finding.help[..at];
                claims.push((Claim::CatchAll, rule_in(words)));
            }
            claims
        }
        "AP025" => vec![(Claim::LogsBodies, rule)],
        "AP027" => vec![(Claim::NoCatchAll, None)],
        "AP029" if message.contains("never logs a body") => vec![(Claim::NoBodies, rule)],
        "AP029" => vec![(Claim::Silent, rule)],
        "AP030" => vec![(Claim::LogsTwice, rule)],
        "AP034" if message.contains("never matches") => vec![(Claim::Unmatched, rule)],
        "AP037" if message.starts_with("nothing is logged") => vec![(Claim::Silent, None)],
        "AP038" => vec![(Claim::NoResponses, rule)],
        "AP040" => vec![(Claim::Logs, rule)],
        "AP041" if message.contains("at level `") => vec![(Claim::NoBodies, rule)],
        _ => Vec::new(),
    }
}

fn contradictions(findings: &[Diagnostic]) -> Vec<String> {
    let claims: Vec<_> = findings
        .iter()
        .flat_map(|finding| {
            claims(finding)
                .into_iter()
                .map(move |claim| (finding, claim))
        })
        .collect();
    let mut found = Vec::new();
    for (one, (claim, rule)) in &claims {
        for (other, (second, second_rule)) in &claims {
            let is_same = rule == second_rule || rule.is_none() || second_rule.is_none();
            // "Every request" and "no catch-all" are about the policy; a rule that never matches is not.
            let is_pair = CONTRADICTIONS.contains(&(*claim, *second));
            let needs_same = matches!(claim, Claim::Unmatched | Claim::NoBodies);
            if is_pair && is_same && (!needs_same || rule == second_rule) {
                found.push(format!(
                    "{}: {}\n  {}: {}",
                    one.code, one.message, other.code, other.message
                ));
            }
        }
    }
    for (at, one) in findings.iter().enumerate() {
        for other in &findings[at + 1..] {
            let edits = |finding: &Diagnostic| finding.fix.clone().map(|fix| fix.edits);
            let is_same_place = one.span().is_some() && one.span() == other.span();
            if let (Some(a), Some(b)) = (edits(one), edits(other))
                && (a.iter().any(|a| {
                    b.iter()
                        .any(|b| a.span == b.span && a.span.start < a.span.end && a.text != b.text)
                }) || (is_same_place && a != b))
            {
                found.push(format!(
                    "two fixes: {}: {}\n  {}: {}",
                    one.code, one.message, other.code, other.message
                ));
            }
        }
    }
    found
}

/// Returns advice about the same URL of which only one part can be followed.
fn opposite_advice(findings: &[Diagnostic]) -> Vec<String> {
    let of_urls: Vec<_> = findings
        .iter()
        .filter(|finding| finding.path.to_string().contains("nonResourceURLs["))
        .collect();
    let written = |finding: &Diagnostic| -> Option<String> {
        let rest = finding.help.strip_prefix("write `")?;
        Some(rest[..rest.find('`')?].to_owned())
    };
    let mut found = Vec::new();
    for one in &of_urls {
        for other in of_urls.iter().filter(|other| other.span() == one.span()) {
            let shortens = one.help.starts_with("end the URL");
            let is_other = other.code == "AP036" || other.help.starts_with("write the path");
            let differs = written(one)
                .zip(written(other))
                .is_some_and(|(a, b)| a != b);
            if (shortens && is_other) || differs {
                found.push(format!(
                    "{}: {} ({})\n  {}: {} ({})",
                    one.code, one.message, one.help, other.code, other.message, other.help
                ));
            }
        }
    }
    found
}

/// Codes whose fix completes a document, which may have other findings afterwards.
const COMPLETING: [&str; 6] = ["AP001", "AP002", "AP003", "AP006", "AP007", "AP014"];

/// Codes of findings about what a rule does, which a rule that starts to match may have: shadowed rules, what is logged, what is not.
const EFFECTS: [&str; 17] = [
    "AP020", "AP022", "AP025", "AP026", "AP027", "AP029", "AP030", "AP034", "AP035", "AP037",
    "AP038", "AP039", "AP040", "AP041", "AP042", "AP043", "AP044",
];

/// Checks every fix of a text; returns those that leave their finding or cause another.
fn bad_fixes(text: &str, findings: &[Diagnostic], version: KubernetesVersion) -> Vec<String> {
    let key = |finding: &Diagnostic| (finding.code.to_string(), finding.message.clone());
    let before: BTreeSet<_> = findings.iter().map(key).collect();
    let kinds: BTreeSet<_> = findings
        .iter()
        .map(|finding| (finding.code.to_string(), finding.path.to_string()))
        .collect();
    let mut bad = Vec::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        let fixed = applied(text, fix);
        let (again, after) = all(&fixed, version);
        let count =
            |list: &[Diagnostic]| list.iter().filter(|one| key(one) == key(finding)).count();
        if count(&after) >= count(findings) {
            bad.push(format!(
                "{}: {} is still there after {}",
                finding.code, finding.message, fix.title
            ));
        }
        for new in &after {
            let undone = new.fix.as_ref().map(|fix| applied(&fixed, fix));
            if undone.as_deref() == Some(text) {
                bad.push(format!(
                    "{}: {}\n  fix {} is undone by {}: {}",
                    finding.code, finding.message, fix.title, new.code, new.message
                ));
            }
            let is_known = before.contains(&key(new))
                || kinds.contains(&(new.code.to_string(), new.path.to_string()));
            let is_effect = EFFECTS.contains(&&*new.code);
            if !is_known && !is_effect && !COMPLETING.contains(&&*finding.code) {
                bad.push(format!(
                    "{}: {}\n  fix {} causes {}: {}",
                    finding.code, finding.message, fix.title, new.code, new.message
                ));
            }
        }
        let was_accepted = load(text.as_bytes(), version).error.is_none();
        if was_accepted && again.error.is_some() {
            bad.push(format!(
                "{}: the fix makes the policy unloadable",
                finding.code
            ));
        }
    }
    bad
}

/// Applies all certain fixes that do not touch each other, as `check --fix` does in each of its rounds.
fn round(text: &str, findings: &[Diagnostic]) -> String {
    let mut edits: Vec<&Edit> = Vec::new();
    for fix in findings.iter().filter_map(Diagnostic::certain_fix) {
        let is_free = |edit: &Edit| {
            let touches = |known: &&Edit| {
                known.span.start <= edit.span.end && edit.span.start <= known.span.end
            };
            !edits.iter().any(touches)
        };
        if fix.edits.iter().all(is_free) {
            edits.extend(&fix.edits);
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    let mut fixed = text.to_owned();
    for edit in edits.iter().rev() {
        fixed.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    fixed
}

/// Number of rounds of `check --fix`.
const ROUNDS: usize = 10;

/// Fixes a text until nothing changes; returns what is wrong if that does not end, so that a second `--fix` changes something.
fn endless_fixes(text: &str, version: KubernetesVersion) -> Option<String> {
    let mut seen = vec![text.to_owned()];
    for _ in 0..ROUNDS {
        let last = &seen[seen.len() - 1];
        let fixed = round(last, &all(last, version).1);
        if &fixed == last {
            return None;
        }
        if let Some(at) = seen.iter().position(|known| *known == fixed) {
            return Some(format!(
                "round {} returns to the text of round {at}",
                seen.len()
            ));
        }
        seen.push(fixed);
    }
    Some(format!("{ROUNDS} rounds of fixes are not enough"))
}

fn check(name: &str, text: &str, problems: &mut Vec<String>) -> usize {
    let minors = [20, 25, 36].into_iter();
    minors
        .map(|minor| check_at(minor, name, text, problems))
        .sum()
}

fn check_at(minor: u8, name: &str, text: &str, problems: &mut Vec<String>) -> usize {
    let version = KubernetesVersion::from_minor(minor).unwrap();
    let (loaded, findings) = all(text, version);
    for problem in contradictions(&findings) {
        problems.push(format!("{name} at {version}: {problem}"));
    }
    for problem in opposite_advice(&findings) {
        problems.push(format!("{name} at {version}: {problem}"));
    }
    for problem in bad_fixes(&loaded.text, &findings, version) {
        problems.push(format!("{name} at {version}: {problem}"));
    }
    if let Some(problem) = endless_fixes(&loaded.text, version) {
        problems.push(format!("{name} at {version}: {problem}"));
    }
    findings.len()
}

fn report(problems: &[String]) {
    let shown: Vec<&str> = problems.iter().take(30).map(String::as_str).collect();
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        shown.join("\n\n")
    );
}

fn texts(folders: &[PathBuf]) -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    let read = |path: PathBuf| Some((path.display().to_string(), fs::read_to_string(&path).ok()?));
    files.into_iter().filter_map(read).collect()
}

#[test]
fn findings_of_own_policies_agree() {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = [
        "tests/data/bench",
        "tests/data/kube-apiserver-1.20/policies",
        "tests/data/kube-apiserver-1.36/policies",
        "web/worker/examples",
    ];
    let folders: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut problems = Vec::new();
    let count: usize = texts(&folders)
        .iter()
        .map(|(name, text)| check(name, text, &mut problems))
        .sum();
    report(&problems);
    assert!(count > 50, "{count} findings are too few to be a test");
}

#[test]
fn findings_of_real_policies_agree() {
    let shared = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let texts = texts(&[shared.join("policies"), shared.join("seeds")]);
    if texts.is_empty() {
        println!("skipped: no policies of others next to the workspace");
        return;
    }
    let mut problems = Vec::new();
    for (name, text) in texts {
        check(&name, &text, &mut problems);
    }
    report(&problems);
}

#[test]
fn findings_of_random_policies_agree() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut problems = Vec::new();
    let mut count = 0;
    for index in 0..600 {
        let text = random.policy();
        let before = problems.len();
        let minor = [36, 20, 25][index % 3];
        count += check_at(minor, &format!("policy {index}"), &text, &mut problems);
        if problems.len() > before {
            problems.push(text);
        }
        if problems.len() > 40 {
            break;
        }
    }
    report(&problems);
    assert!(count > 3_000, "{count} findings are too few to be a test");
}

/// Replaces one value by one that the server rejects.
fn broken(random: &mut Random, text: &str) -> Option<String> {
    let (pattern, end, replacement) = match random.below(4) {
        0 => ("level: ", '\n', "level: Everything"),
        1 => ("level: ", '\n', "level: 1"),
        2 => ("omitStages: [", ']', "omitStages: [Received"),
        _ => ("\"", '"', "1"),
    };
    let places: Vec<usize> = text.match_indices(pattern).map(|(at, _)| at).collect();
    // Every second quote opens a string.
    let step = if pattern == "\"" { 2 } else { 1 };
    let count = places.len() / step;
    let at = *places
        .get(random.below(count) * step)
        .filter(|_| count > 0)?;
    let rest = &text[at + pattern.len()..];
    let length = pattern.len() + rest.find(end)?;
    let tail = if pattern == "\"" { 1 } else { 0 };
    let after = &text[at + length + tail..];
    Some(format!("{}{replacement}{after}", &text[..at]))
}

/// Returns code and message. If a rule covers another, what both log is only said if it is known; the same holds for each resource with secrets.
fn without_effects(code: &str, message: &str) -> String {
    let message = message.replace("is redundant", "can never match");
    let end = " matches all its requests first";
    match message.split_once(end) {
        Some((rules, _)) if code == "AP020" => format!("{code}: {rules}{end}"),
        _ if code == "AP025" => message.split("contents of").take(1).collect(),
        _ => format!("{code}: {message}"),
    }
}

#[test]
fn a_rejected_policy_has_only_findings_that_it_has_when_accepted() {
    let mut random = Random(0x5851_f42d_4c95_7f2d);
    let mut problems = Vec::new();
    let mut count = 0;
    for index in 0..1_000 {
        let text = random
            .policy()
            .replace("level: metadata", "level: Metadata");
        let version = KubernetesVersion::NEWEST;
        let loaded = load(text.as_bytes(), version);
        let Some(broken) = broken(&mut random, &text).filter(|_| loaded.error.is_none()) else {
            continue;
        };
        let rejected = load(broken.as_bytes(), version);
        let known: BTreeSet<String> = lint(&loaded, version)
            .into_iter()
            .map(|finding| without_effects(&finding.code, &finding.message))
            .collect();
        for finding in lint(&rejected, version) {
            let finding = without_effects(&finding.code, &finding.message);
            count += 1;
            // One finding is enough for a policy that logs nothing.
            let has_code = |code: &str| known.iter().any(|known| known.starts_with(code));
            // Which of the others are logged is only said if it is known.
            if finding.starts_with("AP037: no") && has_code("AP037") {
                continue;
            }
            // A rule that is not covered any more makes a true statement about the policy necessary.
            if finding.starts_with("AP038") && !finding.contains("that match") {
                continue;
            }
            let is_silent = known
                .iter()
                .any(|known| known.starts_with("AP029: all stages"));
            if is_silent && finding.starts_with("AP037") {
                continue;
            }
            // The number of rules in the message counts those that were read.
            if !known.contains(&finding) && !finding.contains("AP030: requests of") {
                problems.push(format!(
                    "policy {index}: {finding}\n{broken}\nhas {known:#?}"
                ));
            }
        }
        assert!(rejected.error.is_some(), "{broken}");
    }
    report(&problems);
    assert!(count > 1_000, "{count} findings are too few to be a test");
}
