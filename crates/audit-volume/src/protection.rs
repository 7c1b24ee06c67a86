//! Check that a policy change hides no protected request, as far as a log can show it.

use audit_policy::{Level, Matcher, Policy};
use audit_sim::{EventTable, Verdicts};
use audit_types::RequestId;
use serde::Serialize;

use crate::compare::{CoverageChange, EffectiveVerdict};
use crate::protected::ProtectedReason;

/// Maximum number of losses that a [`ProtectionCheck`] lists.
pub const MAX_LOSSES: usize = 100;

/// Result of checking that the protected requests of a log are recorded as before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProtectionCheck {
    /// Number of distinct protected requests in the log.
    pub protected_requests: u64,
    /// Protected requests that lose something; at most [`MAX_LOSSES`].
    pub losses: Vec<ProtectionLoss>,
    /// Number of losses that are not listed.
    pub more_losses: u64,
}

/// A protected request that is recorded with less detail, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProtectionLoss {
    /// Id of the request in the table.
    pub request: RequestId,
    /// Reason why it is protected.
    pub reason: ProtectedReason,
    /// Verdict before; `None` if it can't be determined.
    pub from: Option<EffectiveVerdict>,
    /// Verdict after; `None` if it can't be determined.
    pub to: Option<EffectiveVerdict>,
}

impl ProtectionCheck {
    /// Returns whether no protected request loses anything.
    pub const fn passes(&self) -> bool {
        self.losses.is_empty()
    }
}

/// Checks every distinct request of a table: finds writes, and requests for secrets, roles, certificates, tokens, connections and so on (see
/// [`ProtectedReason`]), that lose a level, a stage or managed fields from one policy to another.
///
/// The check covers what rules can match on. Responses and impersonation are not part of it.
///
/// ```
/// use audit_policy::{KubernetesVersion, load};
/// use audit_sim::EventTable;
/// use audit_volume::protection::check_protection;
///
/// let text = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
/// let policy = load(text, KubernetesVersion::NEWEST).policy.unwrap();
/// assert!(check_protection(&policy, &policy, &EventTable::new()).passes());
/// ```
pub fn check_protection(before: &Policy, after: &Policy, table: &EventTable) -> ProtectionCheck {
    let verdicts_of = |policy| Verdicts::new(&Matcher::new(policy), table.requests());
    check_protection_of(&verdicts_of(before), &verdicts_of(after), table)
}

/// Checks protected requests, given the verdicts on the table's requests.
pub(crate) fn check_protection_of(
    before: &Verdicts,
    after: &Verdicts,
    table: &EventTable,
) -> ProtectionCheck {
    let mut check = ProtectionCheck::default();
    for (number, request) in table.requests().ids().zip(table.requests().iter()) {
        let Some(guard) = ProtectedReason::from_request(&request) else {
            continue;
        };
        check.protected_requests += 1;
        let [from, to] =
            [before, after].map(|verdicts| verdicts.get(number).map(EffectiveVerdict::new));
        if !is_lost(from, to) {
            continue;
        }
        if check.losses.len() < MAX_LOSSES {
            check.losses.push(ProtectionLoss {
                request: number,
                reason: guard,
                from,
                to,
            });
        } else {
            check.more_losses += 1;
        }
    }
    check
}

/// Returns whether something may be lost; a verdict that can no longer be determined counts as lost.
fn is_lost(from: Option<EffectiveVerdict>, to: Option<EffectiveVerdict>) -> bool {
    match (from, to) {
        (Some(from), Some(to)) => {
            CoverageChange::between(from, to).is_some_and(CoverageChange::is_loss)
        }
        (Some(from), None) => from.level > Level::None,
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use audit_policy::Rule;

    use super::*;
    use crate::testing::{event, table};

    fn policy(rules: &[(Level, &[&str])]) -> Policy {
        let rule = |(level, verbs): &(Level, &[&str])| {
            let mut rule = Rule::new(*level);
            rule.verbs = verbs.iter().map(|verb| (*verb).to_owned()).collect();
            rule
        };
        Policy::new(rules.iter().map(rule).collect())
    }

    #[test]
    fn protected_requests_may_gain_but_not_lose_detail() {
        use Level::{Metadata, None as Nothing, Request};
        let events = [
            event(1, "alice", "get", "/api/v1/pods", 200),
            event(2, "alice", "list", "/api/v1/secrets", 200),
            event(3, "alice", "create", "/api/v1/namespaces/a/pods", 201),
        ];
        let lines: Vec<&str> = events.iter().map(String::as_str).collect();
        let table = table(&lines);
        let all = |level| vec![(level, &[][..])];
        for (before, after, breaches) in [
            (all(Metadata), all(Request), vec![]),
            (
                all(Metadata),
                vec![(Nothing, &["get"][..]), (Metadata, &[])],
                vec![],
            ),
            (
                all(Metadata),
                vec![(Nothing, &["list"][..]), (Metadata, &[])],
                vec![ProtectedReason::Secrets],
            ),
            (
                all(Request),
                all(Metadata),
                vec![ProtectedReason::Secrets, ProtectedReason::Write],
            ),
            (all(Nothing), all(Nothing), vec![]),
        ] {
            let check = check_protection(&policy(&before), &policy(&after), &table);
            let found: Vec<ProtectedReason> =
                check.losses.iter().map(|breach| breach.reason).collect();
            assert_eq!((check.protected_requests, found), (2, breaches));
        }
    }

    #[test]
    fn a_verdict_that_can_no_longer_be_determined_counts_as_lost() {
        let table = table(&[r#"{"stage":"Panic","verb":"create","user":{"username":"alice"}}"#]);
        let mut of_namespace = Rule::new(Level::None);
        of_namespace.namespaces = vec!["a".to_owned()];
        let by_namespace = Policy::new(vec![of_namespace, Rule::new(Level::Metadata)]);
        let all = policy(&[(Level::Metadata, &[])]);
        assert_eq!(
            check_protection(&all, &by_namespace, &table).losses.len(),
            1
        );
        assert!(check_protection(&by_namespace, &all, &table).passes());
    }
}
