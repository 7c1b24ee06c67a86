//! Reads what is certain of a Terraform configuration: literal audit settings, and texts within it. Expressions are not evaluated.

use audit_types::excerpt::excerpt;
use audit_types::{LineIndex, Severity, Span};

use crate::codes::ImportCode;
use crate::finding::LineFinding;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput};
use crate::recognize::{PolicySource, Recognized, here_documents, is_terraform, source_of_policy};
use crate::shell_words::{Language, ShellWord};
use crate::{flag_lines, segments};

/// Fields of `audit_log` in the Terraform provider of RKE1 (`rke_cluster`, `services.kube_api.audit_log.configuration`), and their flags.
const AUDIT_LOG: [(&str, &str); 5] = [
    ("path", "audit-log-path"),
    ("format", "audit-log-format"),
    ("max_age", "audit-log-maxage"),
    ("max_backup", "audit-log-maxbackup"),
    ("max_size", "audit-log-maxsize"),
];

/// Flags that RKE1 sets by itself if `audit_log` is enabled.
const RKE_DEFAULTS: [(&str, &str); 5] = [
    ("audit-policy-file", "/etc/kubernetes/audit-policy.yaml"),
    ("audit-log-path", "/var/log/kube-audit/audit-log.json"),
    ("audit-log-maxage", "30"),
    ("audit-log-maxbackup", "10"),
    ("audit-log-maxsize", "100"),
];

/// Message about a configuration without flags.
const NO_SETTING: &str =
    "this is a Terraform configuration, and no audit setting can be read from it";

/// Message about an expression that is the policy.
const POLICY_EXPRESSION: &str = "the policy is an expression of Terraform, which is not evaluated";

/// Removes findings about a policy that cannot be read, where the configuration contains it as a literal.
pub(crate) fn keep_unread(documents: &Recognized, text: &str, findings: &mut Vec<LineFinding>) {
    let lines = LineIndex::new(text);
    let policies = documents.policies().map(|(_, policy)| policy.span().start);
    let policies: Vec<usize> = policies.map(|at| lines.position(at).line).collect();
    let names = documents.policies().map(|(_, policy)| policy.path.clone());
    let names: Vec<String> = names.collect();
    findings.retain(|finding| {
        // A literal starts on the line of its field, or on the next one.
        let is_read = |line: &usize| (finding.line..=finding.line + 2).contains(line);
        if finding.message != POLICY_EXPRESSION {
            return true;
        }
        let expression = lines.line_text(finding.line);
        let is_reference = |name: &String| names_local(expression, name);
        !policies.iter().any(is_read) && !names.iter().any(is_reference)
    });
    let no_setting = findings
        .iter_mut()
        .find(|finding| finding.message == NO_SETTING);
    if let Some(finding) = no_setting.filter(|_| !policies.is_empty()) {
        finding.message = "this is a Terraform configuration with a policy, and no audit flag can be read from it".to_owned();
    }
}

/// Returns whether a line refers to a local or a variable by name.
fn names_local(line: &str, name: &str) -> bool {
    let reference = if name.starts_with("var.") {
        name.to_owned()
    } else {
        format!("local.{name}")
    };
    line.match_indices(&reference).any(|(at, _)| {
        let after = line.get(at + reference.len()..).unwrap_or_default();
        !after.starts_with(|c: char| c.is_alphanumeric() || "_-.".contains(c))
    })
}

/// Reads a Terraform configuration. `None` if the text is none.
pub(crate) fn read(text: &str) -> Option<ParsedInput> {
    if !is_terraform(text) {
        return None;
    }
    let mut found = texts(text);
    found.format = InputFormat::Terraform;
    let ours = [ImportCode::UnreadableText, ImportCode::UnclosedQuote];
    found
        .findings
        .retain(|finding| !ours.map(audit_types::Code::id).contains(&finding.code));
    fields(text, &mut found);
    if found.words.is_empty() && found.defaults.is_empty() && found.findings.is_empty() {
        found.report(
            ImportCode::UnreadableText,
            Severity::Info,
            1,
            NO_SETTING,
            "paste what it creates: the flags or the manifest of kube-apiserver, or the file with `--audit-policy-file` and `--audit-log-path`",
        );
    }
    Some(found)
}

/// Reads the configuration itself, and each here-document in its own format.
fn texts(text: &str) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Terraform);
    let lines = Lines::new(text);
    let mut at = 0;
    for body in here_documents(text) {
        own(text, Span::new(at, body.span.start), &lines, &mut found);
        found.add(segments::read_part(text, body.span, &lines));
        at = body.span.end;
    }
    own(text, Span::new(at, text.len()), &lines, &mut found);
    found
}

/// Reads the flags of a part in Terraform's own language.
fn own(text: &str, part: Span, lines: &Lines<'_>, found: &mut ParsedInput) {
    let source = text.get(part.start..part.end).unwrap_or_default();
    let before = lines.at(part) - 1;
    let words = flag_lines::words(Language::Terraform, source, &mut Vec::new());
    // Words of the language itself are not arguments.
    let mut is_value = false;
    for word in words {
        let is_audit = word.text.starts_with("--audit-");
        let is_kept = is_audit || (is_value && !word.text.starts_with(['-', '=']));
        is_value = is_audit && !word.text.contains('=');
        if is_kept {
            found.words.push(ShellWord {
                line: word.line + before,
                ..word
            });
        }
    }
}

/// Reads the fields of `audit_log` with a literal value.
fn fields(text: &str, found: &mut ParsedInput) {
    // Number of open braces of an `audit_log` block. `None` outside of one.
    let mut depth: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        let line = line.trim();
        if line.starts_with(['#', '/']) {
            continue;
        }
        let starts = line.strip_prefix("audit_log");
        if starts.is_some_and(|rest| rest.trim_start_matches([' ', '=']).starts_with('{')) {
            depth = Some(0);
        }
        if let Some((name, value)) = line.split_once('=') {
            let name = name.trim().trim_matches('"');
            field(name, value.trim(), depth.is_some(), line_number, found);
        }
        if let Some(open) = depth {
            let opened = line.matches(['{', '(']).count();
            let closed = line.matches(['}', ')']).count();
            depth = match (open + opened).checked_sub(closed) {
                Some(0) | None => None,
                open => open,
            };
        }
    }
}

fn field(name: &str, expression: &str, is_in_block: bool, line: usize, found: &mut ParsedInput) {
    let literal = literal(expression);
    let flag = AUDIT_LOG.iter().find(|(field, _)| *field == name);
    let value = expression.split([' ', ',', '}']).next().unwrap_or_default();
    if let Some((_, flag)) = flag.filter(|_| is_in_block) {
        // As a variable, the value counts as set but unknown.
        found.argument(flag, literal.unwrap_or("${…}"), line);
    } else if is_in_block && name == "enabled" && value == "false" {
        found.report(
            ImportCode::AuditingOff,
            Severity::Warning,
            line,
            "`audit_log` is not enabled: auditing is off",
            "set `enabled = true`; kube-apiserver then gets `--audit-policy-file` and `--audit-log-path`",
        );
    } else if is_in_block && name == "enabled" && value == "true" {
        found.defaults.extend(RKE_DEFAULTS);
    } else if is_in_block && name == "policy" {
        let (message, help) = match source_of_policy(expression) {
            Some(PolicySource::File(path)) => (
                format!(
                    "the policy is the file `{}`, which is not in this text",
                    excerpt(path)
                ),
                "check that file",
            ),
            _ => (
                POLICY_EXPRESSION.to_owned(),
                "`terraform console` prints it: paste the result as the policy",
            ),
        };
        found.report(
            ImportCode::UnreadableText,
            Severity::Info,
            line,
            message,
            help,
        );
    }
}

/// Returns the text, number or truth value that an expression starts with. `None` if it is not a literal.
fn literal(expression: &str) -> Option<&str> {
    if let Some(text) = expression.strip_prefix('"') {
        return text.split('"').next();
    }
    let end = expression.find([' ', ',', '}', '#']);
    let word = expression.get(..end.unwrap_or(expression.len()))?;
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    (is_number || matches!(word, "true" | "false")).then_some(word)
}
