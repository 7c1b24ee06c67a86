//! `AP037`: policies, and beginnings of policies, under which nothing, or nobody signed in, is logged.

use super::context::Lint;
use super::report::{DiagnosticBuilder, rule_name};
use crate::codes::PolicyCode;
use crate::policy::Rule;
use audit_types::{Level, Path, Severity, Stage, StageSet};

/// Kinds of requests, as a set: by sender, each for resources and for other URLs.
type Kinds = u8;

const SIGNED_IN: Kinds = 0b000_011;
const ANONYMOUS: Kinds = 0b001_100;
/// Requests that fail authentication have neither a user nor groups.
const UNKNOWN_SENDER: Kinds = 0b110_000;
const RESOURCES: Kinds = 0b010_101;
const URLS: Kinds = 0b101_010;
const ALL: Kinds = 0b111_111;

/// Verbs of requests for resources.
const RESOURCE_VERBS: [&str; 8] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
];

pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    let common: StageSet = policy.omit_stages.iter().copied().collect();
    // A policy that omits all stages has a finding for that.
    if common.iter().count() == Stage::ALL.len() || policy.rules.is_empty() {
        return;
    }
    let mut hidden: Kinds = 0;
    let mut logged: Kinds = 0;
    let mut hides_resources = None;
    for (index, (rule, widest)) in policy.rules.iter().zip(&lint.widest.rules).enumerate() {
        if !is_silent(lint, index, rule) {
            if !lint.dead.contains(&index) {
                logged |= loggable(lint, index, widest) & !hidden;
            }
            if logged & SIGNED_IN & RESOURCES != 0 {
                return;
            }
            continue;
        }
        if !lint.doubts.is_read(index) {
            continue;
        }
        let before = hidden;
        hidden |= certain(rule);
        let newly = |kinds: Kinds| hidden & kinds == kinds && before & kinds != kinds;
        if newly(SIGNED_IN) && logged & SIGNED_IN == 0 {
            return report_hidden(lint, (index, rule), hidden, logged);
        }
        if newly(SIGNED_IN & RESOURCES) {
            hides_resources = Some(index);
        }
    }
    if let Some(index) = hides_resources {
        report_resources_hidden(lint, index);
    } else if logged & SIGNED_IN == 0 {
        report_silent(lint);
    }
}

/// Returns true if a rule certainly logs nothing. One whose level or stages are not known may log.
fn is_silent(lint: &Lint, index: usize, rule: &Rule) -> bool {
    let omits_all = |omitted: StageSet| omitted.iter().count() == Stage::ALL.len();
    lint.doubts.level(index, rule) == Some(Level::None)
        || lint.omitted(index, rule).is_some_and(omits_all)
}

/// Reports the rule after which no request for a resource by anyone signed in is logged.
fn report_resources_hidden(lint: &mut Lint, index: usize) {
    let name = rule_name(index);
    lint.report.add_for_rule(
        index,
        DiagnosticBuilder {
            code: PolicyCode::NobodyLogged,
            severity: Severity::Warning,
            message: format!(
                "no signed-in user's request for a resource is logged: {name} matches all that are left, and logs nothing"
            ),
            help: format!(
                "the first match decides: move {name} below the rules that log, or give it conditions"
            ),
        },
    );
}

/// Returns the kinds of requests of which a rule matches every one.
fn certain(rule: &Rule) -> Kinds {
    let groups = |wanted: &str| rule.user_groups.iter().any(|group| group == wanted);
    let senders = if rule.user_groups.is_empty() {
        ALL
    } else {
        let mut senders = 0;
        if groups("system:authenticated") {
            senders |= SIGNED_IN;
        }
        if groups("system:unauthenticated") {
            senders |= ANONYMOUS;
        }
        senders
    };
    let all = |patterns: &[String]| patterns.is_empty() || patterns.iter().any(|one| one == "*");
    let targets = if !rule.resources.is_empty() {
        let mut entries = rule.resources.iter();
        let is_all = entries.any(|entry| {
            entry.group == "*" && all(&entry.resources) && entry.resource_names.is_empty()
        });
        if is_all { RESOURCES } else { 0 }
    } else if !rule.non_resource_urls.is_empty() {
        let mut urls = rule.non_resource_urls.iter();
        if urls.any(|url| url == "*" || url == "/*") {
            URLS
        } else {
            0
        }
    } else {
        ALL
    };
    let lists = |verb: &&str| rule.verbs.iter().any(|own| own == verb);
    if !rule.users.is_empty() || !rule.namespaces.is_empty() {
        0
    } else if rule.verbs.is_empty() {
        senders & targets
    } else if RESOURCE_VERBS.iter().all(lists) {
        senders & targets & RESOURCES
    } else {
        0
    }
}

/// Returns the kinds of requests that a rule may match, and of which its stages leave an event.
fn loggable(lint: &Lint, index: usize, rule: &Rule) -> Kinds {
    let omitted = lint.omitted(index, rule);
    // A failed authentication has no other stage.
    if omitted.is_some_and(|omitted| omitted.contains(Stage::ResponseStarted)) {
        possible(rule) & !UNKNOWN_SENDER
    } else {
        possible(rule)
    }
}

/// Returns the kinds of requests that a rule may match.
fn possible(rule: &Rule) -> Kinds {
    let is_for_resources = !rule.resources.is_empty() || !rule.namespaces.is_empty();
    let targets = if is_for_resources {
        RESOURCES
    } else if rule.non_resource_urls.is_empty() {
        ALL
    } else {
        URLS
    };
    let mut senders = ALL;
    if !rule.users.is_empty() || !rule.user_groups.is_empty() {
        senders &= !UNKNOWN_SENDER;
    }
    let is_anonymous_only =
        |list: &[String], name: &str| !list.is_empty() && list.iter().all(|own| own == name);
    if is_anonymous_only(&rule.users, "system:anonymous")
        || is_anonymous_only(&rule.user_groups, "system:unauthenticated")
    {
        senders &= ANONYMOUS;
    }
    senders & targets
}

/// Reports the rule after which nobody signed in is logged.
fn report_hidden(lint: &mut Lint, (index, rule): (usize, &Rule), hidden: Kinds, before: Kinds) {
    let rest = lint.widest.rules.iter().enumerate().skip(index + 1);
    let after = rest.filter(|(at, rule)| {
        // A rule whose level was not read may log.
        lint.doubts.level(*at, rule) != Some(Level::None) && !lint.dead.contains(at)
    });
    let mut after = after.peekable();
    // Moving a rule below others that log nothing would change nothing.
    let has_rest = after.peek().is_some();
    let logged = after.fold(before, |logged, (at, rule)| {
        logged | loggable(lint, at, rule) & !hidden
    });
    let name = rule_name(index);
    let what = match certain(rule) {
        ALL => "every request",
        kinds if kinds & SIGNED_IN == SIGNED_IN => "everyone signed in",
        _ => "every remaining request",
    };
    let mut how = if lint.doubts.level(index, rule) == Some(Level::None) {
        "at level `None`".to_owned()
    } else {
        "and omits all stages".to_owned()
    };
    if index > 0 {
        how.push_str(", and no rule above it logs them");
    }
    let who = if logged & ANONYMOUS != 0 {
        "nobody signed in is logged"
    } else if logged & UNKNOWN_SENDER != 0 {
        "only failed authentications (401) are logged"
    } else {
        "nothing is logged"
    };
    if logged & ANONYMOUS == 0 {
        lint.silent_after = Some(index);
    }
    let help = if has_rest {
        format!(
            "the first match decides: move {name} below the rules that log, or give it conditions"
        )
    } else {
        "add a rule with level `Metadata` or higher above it".to_owned()
    };
    lint.report.add_for_rule(
        index,
        DiagnosticBuilder {
            code: PolicyCode::NobodyLogged,
            severity: Severity::Warning,
            message: format!("{who}: {name} matches {what} {how}"),
            help,
        },
    );
}

/// Reports a policy whose rules log nothing, and which has no catch-all.
fn report_silent(lint: &mut Lint) {
    let message = if lint
        .policy
        .rules
        .iter()
        .enumerate()
        .all(|(index, rule)| lint.doubts.level(index, rule) == Some(Level::None))
    {
        let rules = match lint.policy.rules.len() {
            1 => "rule 1, the only rule, has".to_owned(),
            count => format!("rules 1 to {count} have"),
        };
        format!(
            "nothing is logged: {rules} level `None`, and requests that match no rule are not logged"
        )
    } else {
        "nobody signed in is logged: no rule that logs matches their requests".to_owned()
    };
    lint.report.add_for_key(
        Path::root().field("rules"),
        DiagnosticBuilder {
            code: PolicyCode::NobodyLogged,
            severity: Severity::Warning,
            message,
            help: "end with a rule that logs the rest, such as `- level: Metadata`".to_owned(),
        },
        None,
    );
}
