//! The proof that a change of policy hides nothing that an audit log is kept for, as far as a log can show it.

use audit_policy::{Level, Matcher, Policy};
use audit_sim::{EventTable, Verdicts};
use serde::Serialize;

use crate::compare::{Effect, Ruling};
use crate::guard::Guard;

/// Breaches that a [`Safety`] lists.
pub const MOST_BREACHES: usize = 100;

/// Whether guarded requests of a log are seen as well as before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Safety {
    /// Guarded requests of the log, each counted once however often it comes.
    pub guarded: u64,
    /// Those that lose something; at most [`MOST_BREACHES`].
    pub breaches: Vec<Breach>,
    /// How many more there are.
    pub more_breaches: u64,
}

/// A guarded request that is seen less of than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Breach {
    /// The request, by its number in the table.
    pub request: u32,
    /// Why it is guarded.
    pub guard: Guard,
    /// What was said of it; none where that cannot be known.
    pub from: Option<Ruling>,
    /// What is said of it now; none where that cannot be known.
    pub to: Option<Ruling>,
}

impl Safety {
    /// Whether nothing guarded loses anything.
    pub const fn holds(&self) -> bool {
        self.breaches.is_empty()
    }
}

/// Proves on every distinct request of a table that no write, and nothing on secrets, roles, certificates, tokens, connections and so on
/// (see [`Guard`]), loses a level, a stage or its managed fields from one policy to another; or says which do.
///
/// A proof on requests: what a request was answered, and in whose name it was made, no rule can see and no request here tells.
///
/// ```
/// use audit_policy::{KubernetesVersion, load};
/// use audit_sim::EventTable;
/// use audit_volume::safety::prove_safe;
///
/// let text = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
/// let policy = load(text, KubernetesVersion::NEWEST).policy.unwrap();
/// assert!(prove_safe(&policy, &policy, &EventTable::new()).holds());
/// ```
pub fn prove_safe(before: &Policy, after: &Policy, table: &EventTable) -> Safety {
    let judge = |policy| Verdicts::of(&Matcher::new(policy), table.requests());
    prove_safe_by(&judge(before), &judge(after), table)
}

/// The same by verdicts on the table's requests.
pub fn prove_safe_by(before: &Verdicts, after: &Verdicts, table: &EventTable) -> Safety {
    let mut safety = Safety::default();
    for (number, request) in (0..).zip(table.requests().iter()) {
        let Some(guard) = Guard::of(&request) else {
            continue;
        };
        safety.guarded += 1;
        let [from, to] = [before, after].map(|verdicts| verdicts.get(number).map(Ruling::of));
        if !is_lost(from, to) {
            continue;
        }
        if safety.breaches.len() < MOST_BREACHES {
            safety.breaches.push(Breach {
                request: number,
                guard,
                from,
                to,
            });
        } else {
            safety.more_breaches += 1;
        }
    }
    safety
}

/// Whether something may be lost: what was known not to be and cannot be known now counts as lost.
fn is_lost(from: Option<Ruling>, to: Option<Ruling>) -> bool {
    match (from, to) {
        (Some(from), Some(to)) => Effect::of(from, to).is_some_and(Effect::loses),
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
        let rule = |(level, verbs): &(Level, &[&str])| Rule {
            level: *level,
            verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
            ..Rule::default()
        };
        Policy {
            rules: rules.iter().map(rule).collect(),
            ..Policy::default()
        }
    }

    #[test]
    fn what_is_guarded_may_gain_and_not_lose() {
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
                vec![Guard::Secrets],
            ),
            (
                all(Request),
                all(Metadata),
                vec![Guard::Secrets, Guard::Write],
            ),
            (all(Nothing), all(Nothing), vec![]),
        ] {
            let safety = prove_safe(&policy(&before), &policy(&after), &table);
            let found: Vec<Guard> = safety.breaches.iter().map(|breach| breach.guard).collect();
            assert_eq!((safety.guarded, found), (2, breaches));
        }
    }

    #[test]
    fn what_cannot_be_known_any_more_counts_as_lost() {
        let table = table(&[r#"{"stage":"Panic","verb":"create","user":{"username":"alice"}}"#]);
        let by_namespace = Policy {
            rules: vec![
                Rule {
                    namespaces: vec!["a".to_owned()],
                    ..Rule::default()
                },
                Rule {
                    level: Level::Metadata,
                    ..Rule::default()
                },
            ],
            ..Policy::default()
        };
        let all = policy(&[(Level::Metadata, &[])]);
        assert_eq!(prove_safe(&all, &by_namespace, &table).breaches.len(), 1);
        assert!(prove_safe(&by_namespace, &all, &table).holds());
    }
}
