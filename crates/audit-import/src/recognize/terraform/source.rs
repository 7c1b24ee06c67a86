//! Finds what a configuration without a literal policy names as its policy: a file, or a reference.

use super::Literals;

/// Place of a policy outside of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PolicySource<'t> {
    /// Path of a file, which may contain expressions.
    File(&'t str),
    /// Reference to a value, such as `var.audit_policy`, or another expression.
    Reference(&'t str),
}

/// Functions that read a file, up to their argument. The name of `templatefile` ends with that of `file`.
const FILES: [&str; 2] = ["file(", "filebase64("];

/// Functions whose argument becomes the text of a policy.
const ENCODERS: [&str; 3] = ["jsonencode(", "yamlencode(", "base64encode("];

/// Parts of the names of policies.
const NAMES: [&str; 2] = ["audit", "policy"];

/// Maximum number of calls and attributes that are inspected.
const MAX_PLACES: usize = 1_000;

/// Returns the file or reference that a configuration has the policy from: the first with the name of a policy.
pub(crate) fn source_of_policy(text: &str) -> Option<PolicySource<'_>> {
    let literals = Literals::of(text);
    let calls = FILES.iter().flat_map(|name| arguments(text, name));
    let file = calls.filter_map(|argument| path(text, argument, &literals));
    let named = |name: &&str| NAMES.iter().any(|part| name.contains(part));
    if let Some(path) = file.into_iter().find(named) {
        return Some(PolicySource::File(path));
    }
    if let Some((_, expression)) = talos_policy(text) {
        return Some(PolicySource::Reference(expression));
    }
    let encoded = ENCODERS.iter().flat_map(|name| arguments(text, name));
    encoded
        .chain(assigned(text))
        .filter_map(reference)
        .find(named)
        .map(PolicySource::Reference)
}

/// Field of Talos with the policy.
const TALOS_POLICY: &str = "auditPolicy";

/// Returns the expression that is Talos' policy, with its place. `None` if the policy is a literal, or if there is none.
pub(crate) fn talos_policy(text: &str) -> Option<(usize, &str)> {
    let fields = text.match_indices(TALOS_POLICY).take(MAX_PLACES);
    fields.into_iter().find_map(|(at, name)| {
        let after = text.get(at + name.len()..)?;
        let line = after.lines().next()?.trim_start_matches('"').trim_start();
        let value = line.strip_prefix(['=', ':'])?.trim();
        let expression = match value.trim_start_matches('"').strip_prefix("${") {
            Some(inner) => whole(inner),
            None => whole(value),
        };
        let is_literal = expression.is_empty() || expression.starts_with(['{', '|', '>', '<', '#']);
        (!is_literal && expression != "null").then_some((at, expression))
    })
}

/// Returns an expression up to the end of its line, or of the object or string around it.
fn whole(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            ')' | ']' | '}' | ',' | '#' if depth == 0 => {
                return text.get(..at).unwrap_or_default().trim_end();
            }
            _ => {}
        }
    }
    text
}

/// Returns the text after each call of a function.
fn arguments<'t>(text: &'t str, function: &'static str) -> impl Iterator<Item = &'t str> {
    text.match_indices(function)
        .take(MAX_PLACES)
        .filter_map(move |(at, _)| Some(text.get(at + function.len()..)?.trim_start()))
}

/// Returns the values of attributes that contain policies by their name: `policy = …`, `audit_policy = …`.
fn assigned(text: &str) -> impl Iterator<Item = &str> {
    let value = |line: &'_ str| {
        let (name, value) = line.split_once('=')?;
        let name = name.trim().trim_matches('"');
        let names_policy = name == "policy" || (name.contains("audit") && name.ends_with("policy"));
        names_policy.then_some(value.len())
    };
    text.lines()
        .filter_map(move |line| line.get(line.len() - value(line)?..))
        .map(str::trim_start)
        .take(MAX_PLACES)
}

/// Returns the path that an argument is: a string, or a local with one.
fn path<'t>(text: &'t str, argument: &'t str, literals: &Literals<'t>) -> Option<&'t str> {
    let string = match reference(argument).and_then(|name| name.strip_prefix("local.")) {
        Some(name) => literals.local(text, name)?,
        None => argument,
    };
    string.strip_prefix('"')?.split(['"', '\n']).next()
}

/// Returns the reference that an expression starts with.
fn reference(expression: &str) -> Option<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let end = expression.find(|c| !is_word(c)).unwrap_or(expression.len());
    let name = expression.get(..end)?;
    let starts = ["local.", "var.", "data.", "module."];
    starts
        .iter()
        .any(|start| name.starts_with(start))
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_a_policy_is_a_file_or_a_reference() {
        use PolicySource::{File, Reference};
        for (text, expected) in [
            ("a = file(\"x/audit.yaml\")", Some(File("x/audit.yaml"))),
            (
                "a = templatefile(\n \"policy.tpl\", {})",
                Some(File("policy.tpl")),
            ),
            ("a = filebase64(\"policy.yaml\")", Some(File("policy.yaml"))),
            (
                "locals {\n p = \"audit.yaml\"\n}\na = file(local.p)",
                Some(File("audit.yaml")),
            ),
            ("a = file(\"id_rsa\")", None),
            (
                "a = yamlencode(local.audit)",
                Some(Reference("local.audit")),
            ),
            (
                "policy = var.audit_policy",
                Some(Reference("var.audit_policy")),
            ),
            ("auditPolicy = var.p", Some(Reference("var.p"))),
            (
                "apiServer = { auditPolicy = local.a, b = 1 }",
                Some(Reference("local.a")),
            ),
            (
                "auditPolicy = var.a ? local.b : null # c",
                Some(Reference("var.a ? local.b : null")),
            ),
            (
                "    auditPolicy: ${jsonencode(var.p)}\n",
                Some(Reference("jsonencode(var.p)")),
            ),
            ("auditPolicy = {\n", None),
            ("auditPolicy:\n  kind: Policy\n", None),
            ("iam_policy = var.policy", None),
            ("policy = var.other", None),
        ] {
            assert_eq!(source_of_policy(text), expected, "{text}");
        }
    }
}
