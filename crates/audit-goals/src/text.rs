//! The policy as text: each rule with a comment that names its claims.

use std::fmt::{self, Display, Formatter};

use audit_policy::{Policy, Rule};
use audit_tests::Case;
use audit_text::escape;
use audit_text::quote::{double, yaml};
use audit_types::excerpt::excerpt_up_to;
use audit_types::{Level, Stage};

use crate::goals::Goals;
use crate::wanted::Wanted;

/// Maximum number of claims that a comment names.
const MAX_NAMED: usize = 12;

/// Maximum number of characters of a claim in a comment.
const MAX_CHARACTERS: usize = 120;

/// Parts of the text.
pub(crate) struct Text<'p> {
    pub(crate) policy: &'p Policy,
    pub(crate) cases: &'p [Case],
    pub(crate) goals: &'p Goals,
    /// For each rule the claims about its requests.
    pub(crate) rules: &'p [Vec<usize>],
    pub(crate) unmatched: &'p [usize],
    pub(crate) wanted: Wanted,
    pub(crate) is_exact: bool,
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        f.write_str("apiVersion: audit.k8s.io/v1\nkind: Policy\n")?;
        let policy = self.policy;
        if !policy.omit_stages.is_empty() {
            writeln!(f, "omitStages: [{}]", stages(&policy.omit_stages))?;
        }
        if policy.omit_managed_fields {
            f.write_str("omitManagedFields: true\n")?;
        }
        f.write_str("rules:\n")?;
        for (index, rule) in policy.rules.iter().enumerate() {
            let about = self.rules.get(index).map(Vec::as_slice);
            self.comment(f, rule, about.unwrap_or_default())?;
            write_rule(f, rule)?;
        }
        self.tail(f)
    }
}

impl Text<'_> {
    fn head(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.goals.cases.len() {
            1 => {
                f.write_str("# Meets one claim, which is proved for every request it is about.\n")?
            }
            count => writeln!(
                f,
                "# Meets {count} claims, each proved for every request it is about."
            )?,
        }
        match self.wanted.otherwise {
            Level::None => f.write_str("# Requests that no claim is about are not recorded")?,
            level => write!(
                f,
                "# Requests that no claim is about are recorded at {level}"
            )?,
        }
        f.write_str(match self.is_exact {
            true => ".\n",
            false => ", except some that rules cannot distinguish from those of a claim.\n",
        })?;
        let mut entries = self.policy.rules.iter().flat_map(|rule| &rule.resources);
        if entries.any(|entry| entry.group == "*") {
            f.write_str("# Needs Kubernetes 1.36: earlier versions reject the API group `*`. Name the API group in the claims to avoid it.\n")?;
        }
        let mut patterns = self.policy.rules.iter().flat_map(|rule| {
            let entries = rule.resources.iter();
            entries.flat_map(|entry| &entry.resources)
        });
        let named = |pattern: &&String| pattern.ends_with("/*") && !pattern.starts_with('*');
        if let Some(pattern) = patterns.find(named) {
            let resource = pattern.trim_end_matches("/*");
            let line = format!("`{pattern}` matches `{resource}` and its subresources.");
            writeln!(f, "# {}", escape(&line).replace('\n', " "))?;
        }
        if !self.goals.set_aside.is_empty() {
            f.write_str("# Not about the policy, so not part of the proof:\n")?;
            self.names(f, "", &self.goals.set_aside)?;
        }
        Ok(())
    }

    /// Writes the names of claims, one per line.
    fn names(&self, f: &mut Formatter<'_>, indent: &str, claims: &[usize]) -> fmt::Result {
        let cases = claims.iter().filter_map(|index| self.cases.get(*index));
        for case in cases.take(MAX_NAMED) {
            writeln!(f, "{indent}# - {}", label(case))?;
        }
        match claims.len().saturating_sub(MAX_NAMED) {
            0 => Ok(()),
            more => writeln!(f, "{indent}# - {more} more"),
        }
    }

    fn comment(&self, f: &mut Formatter<'_>, rule: &Rule, about: &[usize]) -> fmt::Result {
        let one = about.first().and_then(|index| self.cases.get(*index));
        let which = match self.policy.rules.len() {
            1 => "All requests",
            _ => "All other requests",
        };
        match (about, one) {
            ([], _) if is_for_all(rule) => writeln!(f, "  # {which}."),
            ([], _) => f.write_str(
                "  # No claim is about these requests: they come before a rule that would match them.\n",
            ),
            ([_], Some(case)) if !is_for_all(rule) => writeln!(f, "  # {}", label(case)),
            _ => {
                match is_for_all(rule) {
                    true => writeln!(f, "  # {which}. Claims about some of them:")?,
                    false => f.write_str("  # Claims about requests of this rule:\n")?,
                }
                self.names(f, "  ", about)
            }
        }
    }

    fn tail(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.policy.rules.last().is_some_and(is_for_all) {
            return Ok(());
        }
        f.write_str("# No other request is recorded.")?;
        if self.unmatched.is_empty() {
            return f.write_str("\n");
        }
        f.write_str(" Claims that this meets:\n")?;
        self.names(f, "", self.unmatched)
    }
}

/// Returns the short name and the name of a claim, on one line.
fn label(case: &Case) -> String {
    let name = escape(&case.name).replace('\n', " ");
    let label = match &case.id {
        Some(id) => format!("{}: {name}", escape(id).replace('\n', " ")),
        None => name,
    };
    excerpt_up_to(&label, MAX_CHARACTERS)
}

/// Returns true if a rule matches every request.
fn is_for_all(rule: &Rule) -> bool {
    rule.users.is_empty()
        && rule.user_groups.is_empty()
        && rule.verbs.is_empty()
        && rule.namespaces.is_empty()
        && rule.resources.is_empty()
        && rule.non_resource_urls.is_empty()
}

fn write_rule(f: &mut Formatter<'_>, rule: &Rule) -> fmt::Result {
    writeln!(f, "  - level: {}", rule.level)?;
    for (name, values) in [
        ("users", &rule.users),
        ("userGroups", &rule.user_groups),
        ("verbs", &rule.verbs),
        ("namespaces", &rule.namespaces),
        ("nonResourceURLs", &rule.non_resource_urls),
    ] {
        if !values.is_empty() {
            writeln!(f, "    {name}: [{}]", list(values))?;
        }
    }
    if !rule.resources.is_empty() {
        f.write_str("    resources:\n")?;
    }
    for entry in &rule.resources {
        writeln!(f, "      - group: {}", scalar(&entry.group))?;
        for (name, values) in [
            ("resources", &entry.resources),
            ("resourceNames", &entry.resource_names),
        ] {
            if !values.is_empty() {
                writeln!(f, "        {name}: [{}]", list(values))?;
            }
        }
    }
    if !rule.omit_stages.is_empty() {
        writeln!(f, "    omitStages: [{}]", stages(&rule.omit_stages))?;
    }
    if let Some(omit) = rule.omit_managed_fields {
        writeln!(f, "    omitManagedFields: {omit}")?;
    }
    Ok(())
}

fn stages(stages: &[Stage]) -> String {
    let names: Vec<&str> = stages.iter().map(|stage| stage.name()).collect();
    names.join(", ")
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
    values.join(", ")
}

/// Formats a text as an item in brackets, where a comma or a bracket would end it.
fn scalar(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    match text.chars().all(is_safe) {
        true => yaml(text),
        false => double(text),
    }
}
