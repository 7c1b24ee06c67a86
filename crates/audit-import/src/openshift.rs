//! Reads the audit profiles of OpenShift's APIServer, also in a HostedCluster: the policy that OpenShift creates from them, and the flags that it sets.
//! Sources are those of the export.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use apiserver_config::openshift::AuditProfile;
use apiserver_config::platforms::OPENSHIFT_FLAGS;
use audit_policy::document::{Kind, Node};
use audit_text::quote::yaml;
use audit_types::excerpt::{excerpt, quote};
use audit_types::{Severity, spelling};

use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::policy_origin::PolicyOrigin;

/// Maximum number of custom rules that are read.
const MAX_CUSTOM_RULES: usize = 200;

/// Maximum number of letters between a misspelled profile and a suggestion, and the length from which as many may differ.
const MAX_DISTANCE: usize = 3;
const MIN_LONG: usize = 12;

/// Returns the audit settings of an APIServer, or those of a HostedCluster and its HostedControlPlane.
pub(crate) fn audit(root: Node<'_>) -> Option<Node<'_>> {
    let hosted = ["spec", "configuration", "apiServer", "audit"];
    root.at_path(&["spec", "audit"])
        .or_else(|| root.at_path(&hosted))
}

/// Reads an APIServer, a HostedCluster or a HostedControlPlane.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::OpenShift);
    found.defaults = OPENSHIFT_FLAGS.to_vec();
    found.policy_origin = PolicyOrigin::Program;
    let audit = audit(root);
    other_name(root, lines, &mut found);
    // Nothing, as with no field, is the default.
    let profile = audit
        .and_then(|audit| audit.get("profile"))
        .filter(|profile| profile.kind() != Kind::Null);
    let main = match profile {
        Some(profile) => named(profile, lines, &mut found),
        None => Some(AuditProfile::Default),
    };
    let custom = audit.and_then(|audit| audit.get("customRules"));
    let mut rules = custom_rules(custom, lines, &mut found);
    if main == Some(AuditProfile::None)
        && let Some(custom) = custom.filter(|custom| custom.items().next().is_some())
    {
        found.report(
            ImportCode::AuditProfile,
            Severity::Warning,
            lines.of(custom),
            "`customRules` is ignored with the profile `None`",
            "use another profile, or give each group the profile `None` instead",
        );
        rules.clear();
    } else if main == Some(AuditProfile::None) {
        found.report(
            SettingCode::NothingRecorded,
            Severity::Warning,
            profile.map_or_else(|| lines.of(root), |profile| lines.of(profile)),
            "the audit profile `None` records nothing",
            "use `Default`, `WriteRequestBodies` or `AllRequestBodies`",
        );
    }
    let rules: Vec<_> = rules
        .iter()
        .map(|(group, profile)| (group.as_str(), *profile))
        .collect();
    found.policy = main.map(|main| main.policy(&rules));
    found
}

/// Reads the groups of users with profiles of their own.
fn custom_rules(
    custom: Option<Node<'_>>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) -> Vec<(String, AuditProfile)> {
    let mut rules: Vec<(String, AuditProfile)> = Vec::new();
    let items = custom.into_iter().flat_map(Node::items);
    for item in items.take(MAX_CUSTOM_RULES) {
        let Some((group, profile)) = custom_rule(item, lines, found) else {
            continue;
        };
        if rules.iter().any(|(known, _)| *known == group) {
            found.report(
                ImportCode::AuditProfile,
                Severity::Error,
                lines.of(item),
                format!("`customRules` has the group {} twice", excerpt_of(&group)),
                "the API rejects it: keep one item per group",
            );
        }
        rules.push((group, profile));
    }
    rules
}

/// Reports an APIServer with a name that no operator looks up.
fn other_name(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let is_server = root
        .get("kind")
        .is_some_and(|kind| scalar(kind) == "APIServer");
    let Some(name) = root.at_path(&["metadata", "name"]).filter(|_| is_server) else {
        return;
    };
    if !matches!(scalar(name), "" | "cluster") {
        found.report(
            ImportCode::AuditProfile,
            Severity::Error,
            lines.of(name),
            format!(
                "OpenShift ignores the APIServer `{}`",
                excerpt(scalar(name))
            ),
            "it reads only the one with the name `cluster`",
        );
    }
}

/// Reads an item of `customRules`: the group as a YAML scalar, and its profile.
fn custom_rule(
    item: Node<'_>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) -> Option<(String, AuditProfile)> {
    for name in ["group", "profile"] {
        if item.get(name).is_none_or(|value| scalar(value).is_empty()) {
            found.report(
                ImportCode::AuditProfile,
                Severity::Error,
                lines.of(item),
                format!("an item of `customRules` has no `{name}`"),
                "the API rejects it: each item has the name of a `group` and its `profile`",
            );
            return None;
        }
    }
    let profile = named(item.get("profile")?, lines, found)?;
    Some((yaml(item.get("group")?.text()?), profile))
}

fn excerpt_of(group: &str) -> String {
    quote(group.trim_matches('"'))
}

/// Reads the name of a profile; an unknown one is reported.
fn named(value: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) -> Option<AuditProfile> {
    let name = scalar(value);
    let profile = AuditProfile::from_name(name);
    if profile.is_none() {
        let known = AuditProfile::ALL.map(AuditProfile::name);
        let near = spelling::nearest(name, known, MAX_DISTANCE)
            .filter(|near| name.len() >= MIN_LONG || spelling::is_similar(name, near));
        let help = near.map_or_else(
            || "the API rejects it: the profiles are `Default`, `WriteRequestBodies`, `AllRequestBodies` and `None`".to_owned(),
            |known| format!("the API rejects it; did you mean `{known}`?"),
        );
        found.report(
            ImportCode::AuditProfile,
            Severity::Error,
            lines.of(value),
            format!("unknown audit profile `{}`", excerpt(name)),
            help,
        );
    }
    profile
}
