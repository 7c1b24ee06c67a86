//! The policy as text: each rule with a comment that names its claims.

use std::fmt::{self, Display, Formatter};

use audit_analysis::rule_yaml;
use audit_policy::{Policy, Rule};
use audit_tests::Case;
use audit_text::escape;
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
            for line in rule_yaml(rule).lines() {
                writeln!(f, "  {line}")?;
            }
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
            ([], _) if rule.is_unconditional() => writeln!(f, "  # {which}."),
            ([], _) => f.write_str(
                "  # No claim is about these requests: they come before a rule that would match them.\n",
            ),
            ([_], Some(case)) if !rule.is_unconditional() => writeln!(f, "  # {}", label(case)),
            _ => {
                match rule.is_unconditional() {
                    true => writeln!(f, "  # {which}. Claims about some of them:")?,
                    false => f.write_str("  # Claims about requests of this rule:\n")?,
                }
                self.names(f, "  ", about)
            }
        }
    }

    fn tail(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.policy.rules.last().is_some_and(Rule::is_unconditional) {
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

fn stages(stages: &[Stage]) -> String {
    let names: Vec<&str> = stages.iter().map(|stage| stage.name()).collect();
    names.join(", ")
}
