//! Sums of a log under a policy, event by event, without storing the events.

use audit_log::Event;
use audit_policy::{KubernetesVersion, Matcher, Policy};

use crate::outcome::EventAttributes;
use crate::request_interner::RequestInterner;
use crate::sizes::SizeBreakdown;
use crate::tally::Tally;
use crate::verdicts::Verdicts;

/// Number of distinct requests after which they are forgotten, so that memory stays bounded: about 20 MB.
const MAX_REQUESTS: usize = 1 << 17;

/// Adds up the events of a log under a policy, on a server that writes JSON without truncation.
///
/// The sums are those of [`Simulator`](crate::Simulator), faster: a policy is evaluated once for each distinct request.
///
/// ```
/// use audit_log::Event;
/// use audit_policy::{KubernetesVersion, load};
/// use audit_sim::Totals;
///
/// let version = KubernetesVersion::NEWEST;
/// let policy = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";
/// let mut totals = Totals::new(&load(policy, version).policy.unwrap(), version);
/// totals.add(&Event::new(
///     r#"{"level":"Request","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"alice"}}"#,
/// ));
/// assert_eq!(totals.take().written.events, 1);
/// ```
#[derive(Debug)]
pub struct Totals {
    matcher: Matcher,
    version: KubernetesVersion,
    interner: RequestInterner,
    /// Verdicts on the interned requests.
    verdicts: Verdicts,
    max_requests: usize,
    tally: Tally,
}

impl Totals {
    /// Creates empty sums of a policy on a server of a version.
    pub fn new(policy: &Policy, version: KubernetesVersion) -> Self {
        Self {
            matcher: Matcher::new(policy),
            version,
            interner: RequestInterner::default(),
            verdicts: Verdicts::default(),
            max_requests: MAX_REQUESTS,
            tally: Tally::new(policy.rules.len()),
        }
    }

    /// Adds an event.
    pub fn add(&mut self, event: &Event<'_>) {
        let request = self.interner.intern(event);
        if request.request.index() >= self.verdicts.len() {
            self.verdicts
                .extend(&self.matcher, self.interner.requests());
        }
        let verdict = self.verdicts.get(request.request);
        let sizes = SizeBreakdown::measure(event);
        let attributes = EventAttributes::from_sizes(event, request.traits, event.code(), sizes);
        let outcome = attributes.outcome(verdict, self.version);
        let recorded = attributes.recorded_bytes();
        self.tally
            .add(attributes.stage, recorded, verdict, &outcome);
        if self.verdicts.len() >= self.max_requests {
            self.interner = RequestInterner::default();
            self.verdicts = Verdicts::default();
        }
    }

    /// Returns the sums of the events since the last call.
    pub fn take(&mut self) -> Tally {
        let empty = Tally::new(self.matcher.rule_count());
        std::mem::replace(&mut self.tally, empty)
    }
}

#[cfg(test)]
mod tests {
    use audit_policy::load;

    use super::*;
    use crate::simulator::Simulator;

    const VERSION: KubernetesVersion = KubernetesVersion::NEWEST;

    /// Events of many users and objects, some without attributes that the policy depends on.
    fn events() -> Vec<String> {
        let stages = [
            "RequestReceived",
            "ResponseComplete",
            "ResponseStarted",
            "Panic",
        ];
        let verbs = ["get", "list", "create", "delete"];
        let mut events = Vec::new();
        for number in 0..500 {
            let (stage, verb) = (stages[number % 4], verbs[number / 4 % 4]);
            events.push(format!(
                r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{number}","stage":"{stage}","requestURI":"/api/v1/namespaces/n{}/pods/p{number}","verb":"{verb}","user":{{"username":"u{}","groups":["g{}"]}},"responseStatus":{{"metadata":{{}},"code":200}}}}"#,
                number % 7,
                number % 31,
                number % 3,
            ));
        }
        events.push(r#"{"stage":"ResponseComplete","verb":"get"}"#.to_owned());
        events
    }

    #[test]
    fn the_sums_are_those_of_the_simulator_even_if_requests_are_forgotten() {
        let text = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  users: [u3]\n- level: Request\n  userGroups: [g1]\n  verbs: [create]\n- level: Metadata\n  namespaces: [n2, n3]\n";
        let policy = load(text, VERSION).policy.unwrap();
        let simulator = Simulator::new(&policy, VERSION);
        let mut expected = Tally::new(policy.rules.len());
        for raw in events() {
            expected.add_simulated(&simulator.simulate(&Event::new(&raw)));
        }
        assert_eq!(expected.recorded.events, 501);
        for max_requests in [1, 10, MAX_REQUESTS] {
            let mut totals = Totals::new(&policy, VERSION);
            totals.max_requests = max_requests;
            let mut sums = Tally::new(policy.rules.len());
            for (number, raw) in events().iter().enumerate() {
                totals.add(&Event::new(raw));
                if number % 100 == 0 {
                    sums += &totals.take();
                }
            }
            sums += &totals.take();
            assert_eq!(sums, expected, "at most {max_requests} requests");
        }
    }
}
