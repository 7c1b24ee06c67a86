//! Reads what is certain of a Terraform configuration: literal audit settings, and texts within it. Expressions are not evaluated.

use apiserver_config::platforms::TALOS_POLICY;
use audit_policy::document::{Document, Node};
use audit_types::excerpt::excerpt;
use audit_types::{LineIndex, Severity, Span};

use crate::codes::ImportCode;
use crate::finding::LineFinding;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, NamedServer, ParsedInput};
use crate::policy_origin::{LINES_TO_LITERAL, PolicyOrigin};
use crate::recognize::{
    self, PolicySource, Recognized, here_documents, is_terraform, source_of_policy, talos_policy,
    terraform_objects,
};
use crate::shell_words::{Language, ShellWord};
use crate::{flag_lines, format, segments};

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

/// Start of a resource that is a cluster of RKE1.
const RKE_CLUSTER: &str = "resource \"rke_cluster\" ";

/// The flag with the policy's path.
const POLICY_FLAG: &str = "--audit-policy-file=";

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
        let is_read =
            |line: &usize| (finding.line..=finding.line + LINES_TO_LITERAL).contains(line);
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
    clusters(text, &mut found);
    objects(text, &mut found);
    rancher_text(text, &mut found);
    let is_talos = |default: &(&str, &str)| default.1 == TALOS_POLICY;
    if found.defaults.iter().any(is_talos)
        && let Some((at, _)) = talos_policy(text)
    {
        found.report(
            ImportCode::UnreadableText,
            Severity::Info,
            LineIndex::new(text).position(at).line,
            POLICY_EXPRESSION,
            "`terraform console` prints it: check the result as the policy",
        );
    }
    if found.words.is_empty() && found.defaults.is_empty() && found.findings.is_empty() {
        found.report(
            ImportCode::UnreadableText,
            Severity::Info,
            1,
            NO_SETTING,
            "use what it creates: the flags or the manifest of kube-apiserver, or the file with `--audit-policy-file` and `--audit-log-path`",
        );
    }
    Some(found)
}

/// Reads the configurations in `yamlencode(…)` and `jsonencode(…)`, such as patches of Talos: what their program sets by itself, and their mounts. Their flags
/// are read line by line, with the expressions that they are.
fn objects(text: &str, found: &mut ParsedInput) {
    let lines = Lines::new(text);
    for value in terraform_objects(text) {
        let Some(object) = value.object else { continue };
        let Ok(document) = Document::read(&object) else {
            continue;
        };
        let is_configuration =
            |root: &Node<'_>| recognize::kind::of(*root).rank() > InputFormat::Template.rank();
        let Some(root) = document.root().filter(is_configuration) else {
            continue;
        };
        let inner = match value.parts.as_slice() {
            [_] => Lines::from(text, value.span.start),
            _ => Lines::on(lines.at(value.span)),
        };
        let Some(mut read) = format::read(root, &inner) else {
            continue;
        };
        read.format = InputFormat::Terraform;
        read.words.clear();
        read.policy = None;
        read.findings
            .retain(|finding| finding.severity == Severity::Error);
        if !value.unknown.is_empty() {
            read.has_all_mounts = false;
            read.has_all_volumes = false;
            read.mounts.clear();
            read.volumes.clear();
            read.findings.clear();
        }
        if read.policy_origin == PolicyOrigin::Program {
            read.policy_origin = PolicyOrigin::Field(&["auditPolicy"]);
        }
        found.add(read);
    }
}

/// Reads the configuration itself, and each here-document in its own format.
fn texts(text: &str) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Terraform);
    let lines = Lines::new(text);
    let mut at = 0;
    for body in here_documents(text) {
        own(text, Span::new(at, body.span.start), &lines, &mut found);
        found.add_document(segments::read_part(text, body.span, &lines));
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

/// Gives a policy that is a text in `audit-policy-file` the path of the file that Rancher writes it to.
fn rancher_text(text: &str, found: &mut ParsedInput) {
    let lines = LineIndex::new(text);
    let program = if text.contains("+k3s") { "k3s" } else { "rke2" };
    for word in &mut found.words {
        let value = word.text.strip_prefix(POLICY_FLAG);
        let is_text = value
            .is_some_and(|value| value.contains('\n') || lines.line_text(word.line).contains("<<"));
        if is_text {
            word.text = format!(
                "{POLICY_FLAG}/var/lib/rancher/{program}/etc/config-files/audit-policy-file"
            );
            found.policy_origin = PolicyOrigin::Field(&["audit-policy-file"]);
        }
    }
}

/// Reads the fields of each cluster of RKE1. A second one has settings of its own.
fn clusters(text: &str, found: &mut ParsedInput) {
    let starts = text.lines().enumerate();
    let starts = starts.filter(|(_, line)| line.starts_with(RKE_CLUSTER));
    let starts: Vec<(usize, &str)> = std::iter::once((0, "")).chain(starts).collect();
    let mut lines = text.lines().enumerate().peekable();
    for (number, (start, opener)) in starts.iter().enumerate() {
        let end = starts
            .get(number + 1)
            .map_or(usize::MAX, |(start, _)| *start);
        let mut part = ParsedInput::new(InputFormat::Terraform);
        let own = std::iter::from_fn(|| lines.next_if(|(index, _)| *index < end));
        fields(own.map(|(index, line)| (index + 1, line)), &mut part);
        if let Some(name) = opener.strip_prefix(RKE_CLUSTER) {
            let name = name.trim_start_matches(['"', ' ']).split('"').next();
            part.server = Some(NamedServer {
                title: format!("the cluster `{}`", excerpt(name.unwrap_or_default())),
                is_whole: true,
                line: start + 1,
            });
        }
        found.add(part);
    }
}

/// Reads the fields of `audit_log` with a literal value.
fn fields<'t>(lines: impl Iterator<Item = (usize, &'t str)>, found: &mut ParsedInput) {
    // Number of open braces of an `audit_log` block. `None` outside of one.
    let mut depth: Option<usize> = None;
    for (line_number, line) in lines {
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
        let source = source_of_policy(expression);
        found.policy_origin = match &source {
            Some(PolicySource::File(_)) => PolicyOrigin::Program,
            _ => PolicyOrigin::Expression {
                line,
                reference: reference_of(expression),
            },
        };
        let (message, help) = match source {
            Some(PolicySource::File(path)) => (
                format!(
                    "the policy is the file `{}`, which is not in this text",
                    excerpt(path)
                ),
                "check that file",
            ),
            _ => (
                POLICY_EXPRESSION.to_owned(),
                "`terraform console` prints it: check the result as the policy",
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

/// Returns the variable or local that an expression has its whole value from: `var.a`, `jsonencode(local.a)`, `"${var.a}"`. `None` for another expression.
fn reference_of(expression: &str) -> Option<String> {
    let mut inner = expression.trim();
    for encoder in ["jsonencode(", "yamlencode("] {
        inner = inner.strip_prefix(encoder).unwrap_or(inner).trim_start();
    }
    inner = inner.trim_start_matches(['"', '$', '{', ' ']);
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let end = inner.find(|c| !is_of_name(c)).unwrap_or(inner.len());
    let (name, rest) = inner.split_at_checked(end)?;
    let is_whole = rest.trim_start_matches([')', '}', '"', ' ']);
    let is_whole = is_whole.is_empty() || is_whole.starts_with(['#', '/']);
    let is_reference = name.starts_with("var.") || name.starts_with("local.");
    (is_whole && is_reference).then(|| name.to_owned())
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
