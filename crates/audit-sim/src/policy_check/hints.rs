//! Requests that are in every log of a running cluster. Their absence proves nothing, but is worth a hint.

use audit_policy::{Matcher, Stage};
use audit_types::{Level, Request, RuleIndex, format};
use serde::Serialize;

/// A reason for doubt that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hint {
    /// Kind of the hint.
    pub kind: HintKind,
    /// The hint in one sentence.
    pub message: String,
    /// The rule that logs what is absent.
    pub rule: Option<RuleIndex>,
}

/// Kind of a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HintKind {
    /// A component that renews a lease every few seconds does not do so in the log.
    NoLeaseRequests,
    /// New objects have no `managedFields`, although the policy keeps them.
    NoManagedFields,
}

/// A client that reads or renews a lease every few seconds: every 2 s by default for leader election, every 10 s for a kubelet.
#[derive(Debug, Clone, Copy)]
struct Client {
    /// Name of the user, or its prefix if it ends in a colon.
    user: &'static str,
    group: Option<&'static str>,
    namespace: &'static str,
    lease: &'static str,
}

const CLIENTS: [Client; 3] = [
    Client {
        user: "system:kube-controller-manager",
        group: None,
        namespace: "kube-system",
        lease: "kube-controller-manager",
    },
    Client {
        user: "system:kube-scheduler",
        group: None,
        namespace: "kube-system",
        lease: "kube-scheduler",
    },
    Client {
        user: "system:node:",
        group: Some("system:nodes"),
        namespace: "kube-node-lease",
        lease: "",
    },
];

/// Resources that components lock for leader election; endpoints and config maps up to Kubernetes 1.19.
const LOCKS: [&str; 3] = ["leases", "endpoints", "configmaps"];

/// Minimum number of requests of a client, and of microseconds between the first and the last, for its lease to be missed.
const MIN_REQUESTS: u64 = 10;
const MIN_MICROS: i64 = 60_000_000;

/// Requests of one client.
#[derive(Debug, Clone, Default)]
struct Seen {
    events: u64,
    locks: u64,
    bounds: Option<(i64, i64)>,
    /// Name of the first user of this kind.
    user: String,
}

/// Counts the requests of clients with leases.
#[derive(Debug, Clone, Default)]
pub(super) struct LeaseWatch {
    seen: [Seen; CLIENTS.len()],
}

impl LeaseWatch {
    pub(super) fn observe(&mut self, request: &Request, time: Option<i64>) {
        let Some(user) = request
            .user_name()
            .filter(|user| user.starts_with("system:"))
        else {
            return;
        };
        for (client, seen) in CLIENTS.iter().zip(&mut self.seen) {
            let is_client = if client.user.ends_with(':') {
                user.starts_with(client.user)
            } else {
                user == client.user
            };
            if !is_client {
                continue;
            }
            if seen.events == 0 {
                user.clone_into(&mut seen.user);
            }
            seen.events += 1;
            seen.locks += u64::from(LOCKS.contains(&request.resource.as_str()));
            if let Some(time) = time {
                seen.bounds = Some(match seen.bounds {
                    None => (time, time),
                    Some((first, last)) => (first.min(time), last.max(time)),
                });
            }
        }
    }

    pub(super) fn hints(&self, matcher: &Matcher) -> Vec<Hint> {
        CLIENTS
            .iter()
            .zip(&self.seen)
            .filter_map(|(client, seen)| client.hint(seen, matcher))
            .collect()
    }
}

impl Client {
    fn hint(&self, seen: &Seen, matcher: &Matcher) -> Option<Hint> {
        let (first, last) = seen.bounds?;
        if seen.locks > 0 || seen.events < MIN_REQUESTS || last.saturating_sub(first) < MIN_MICROS {
            return None;
        }
        // A leader updates its lease, and the others get it.
        let get = self.verdict(matcher, "get", &seen.user)?;
        let update = self.verdict(matcher, "update", &seen.user)?;
        let rule = update.or(get);
        let name = if self.user.ends_with(':') {
            "kubelets".to_owned()
        } else {
            format!("`{}`", self.user)
        };
        Some(Hint {
            kind: HintKind::NoLeaseRequests,
            message: format!(
                "{} events are requests of {name}, but none is for a lease, which {} logs: the log may be filtered, or be that of one of several control-plane nodes",
                format::count(seen.events),
                rule.map_or_else(
                    || "the policy".to_owned(),
                    |rule: RuleIndex| rule.to_string()
                ),
            ),
            rule,
        })
    }

    /// Returns the rule that logs the end of the client's request for its lease; `None` if it is not logged.
    fn verdict(&self, matcher: &Matcher, verb: &str, user: &str) -> Option<Option<RuleIndex>> {
        let name = if self.lease.is_empty() {
            user.strip_prefix(self.user).unwrap_or_default()
        } else {
            self.lease
        };
        let mut request = Request::for_resource(verb, "coordination.k8s.io", "leases")
            .with_namespace(self.namespace)
            .with_name(name)
            .with_user(user)
            .with_groups(self.group.into_iter().chain(["system:authenticated"]));
        request.path = format!(
            "/apis/coordination.k8s.io/v1/namespaces/{}/leases/{name}",
            self.namespace
        );
        let verdict = matcher.evaluate(&request);
        let is_logged =
            verdict.level != Level::None && !verdict.omit_stages.contains(Stage::ResponseComplete);
        is_logged.then_some(verdict.rule)
    }
}

/// Bodies of newly created objects, and whether any body has `managedFields`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ManagedFieldsWatch {
    /// Created objects without them.
    pub(super) bare: u64,
    /// Bodies with them.
    pub(super) full: u64,
    /// The rule of the first object without them.
    pub(super) rule: Option<RuleIndex>,
}

impl ManagedFieldsWatch {
    /// Adds a source in which no body has managed fields. Other sources say nothing about it.
    pub(super) fn add(&mut self, other: &Self) {
        if other.full == 0 {
            self.bare += other.bare;
            self.rule = self.rule.or(other.rule);
        }
    }

    pub(super) fn hint(&self) -> Option<Hint> {
        (self.bare > 0 && self.full == 0).then(|| Hint {
            kind: HintKind::NoManagedFields,
            message: format!(
                "none of the {} has `managedFields`, although the policy keeps them: another policy may omit them, or a log shipper may remove them",
                format::counted(self.bare as f64, "created object", "created objects")
            ),
            rule: self.rule,
        })
    }
}
