//! Events and bytes of a log in classes of requests that two policies treat differently.

use audit_analysis::Class;
use audit_policy::KubernetesVersion;
use audit_sim::{EventTable, Outcome, Requests, Verdicts, Window};
use audit_types::{MissingAttributes, RequestId};

/// Events of a log in one class, of those that one of two policies records.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassCount {
    /// Number of events, those of stages that the log lacks included.
    pub events: u64,
    /// More bytes per day with the second policy, or fewer. `None` if the log has no times, or lacks what sizes or classes depend on.
    pub bytes_per_day: Option<f64>,
}

/// Counts of a log in several classes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClassCounts {
    /// In the order of the classes. An event in several classes counts in each.
    pub classes: Vec<ClassCount>,
    /// Every event that the policies treat differently, counted once.
    pub total: ClassCount,
    /// Events that only the first policy records.
    pub lost: u64,
    /// Events that only the second policy records.
    pub gained: u64,
    /// Events whose class is not known, because the log lacks attributes that rules ask for. They count in no class.
    pub unknown: u64,
}

/// Classes of a distinct request.
#[derive(Debug, Clone)]
enum Membership {
    /// The policies treat it the same.
    Same,
    /// The log lacks what decides.
    Unknown,
    /// Indexes of its classes.
    In(Vec<usize>),
}

/// Counts the events of a log in each class, for the verdicts of the policies before and after a change on its requests.
pub fn count_classes(
    table: &EventTable,
    window: &Window,
    verdicts: [&Verdicts; 2],
    version: KubernetesVersion,
    classes: &[&Class],
) -> ClassCounts {
    let of_requests = memberships(table.requests(), verdicts, classes);
    let mut sums = vec![Sums::default(); classes.len()];
    let mut total = Sums::default();
    let mut counts = ClassCounts::default();
    for (_, row) in table.rows() {
        let of_request = of_requests.get(row.request_id.index());
        let indexes = match of_request {
            None | Some(Membership::Same) => continue,
            Some(Membership::Unknown) => {
                counts.unknown += 1;
                continue;
            }
            Some(Membership::In(indexes)) => indexes,
        };
        let outcomes = verdicts.map(|verdicts| row.outcome(verdicts, version));
        let [before, after] = outcomes.map(|outcome| outcome.outcome);
        let is_dropped = |outcome| !matches!(outcome, Outcome::Written | Outcome::Unknowable);
        if is_dropped(before) && is_dropped(after) {
            continue;
        }
        counts.lost += u64::from(before == Outcome::Written && is_dropped(after));
        counts.gained += u64::from(is_dropped(before) && after == Outcome::Written);
        let bytes = outcomes.map(|outcome| outcome.written_bytes);
        total.add(bytes);
        for index in indexes {
            if let Some(sum) = sums.get_mut(*index) {
                sum.add(bytes);
            }
        }
    }
    // With events that could be in any class, no sum is certain.
    let factor = window.extrapolate().factor.filter(|_| counts.unknown == 0);
    counts.classes = sums.into_iter().map(|sum| sum.count(factor)).collect();
    counts.total = total.count(factor);
    counts
}

fn memberships(
    requests: &Requests,
    verdicts: [&Verdicts; 2],
    classes: &[&Class],
) -> Vec<Membership> {
    let of_request = |id: RequestId| {
        let Some(view) = requests.get(id) else {
            return Membership::Unknown;
        };
        match verdicts.map(|verdicts| verdicts.get(id)) {
            [Some(before), Some(after)] if before.has_effect_of(after) => Membership::Same,
            [Some(_), Some(_)] if view.unknown() == MissingAttributes::NONE => {
                let request = view.to_request();
                let all = classes.iter().enumerate();
                let own = all.filter(|(_, class)| class.contains(&request));
                Membership::In(own.map(|(index, _)| index).collect())
            }
            _ => Membership::Unknown,
        }
    };
    requests.ids().map(of_request).collect()
}

/// Sums of one class while events are counted.
#[derive(Debug, Clone, Default)]
struct Sums {
    events: u64,
    /// Bytes of the second policy less those of the first.
    more: i128,
    is_unknown: bool,
}

impl Sums {
    fn add(&mut self, bytes: [Option<u64>; 2]) {
        self.events += 1;
        match bytes {
            [Some(before), Some(after)] => self.more += i128::from(after) - i128::from(before),
            _ => self.is_unknown = true,
        }
    }

    fn count(self, factor: Option<f64>) -> ClassCount {
        ClassCount {
            events: self.events,
            bytes_per_day: factor
                .filter(|_| !self.is_unknown)
                .map(|factor| self.more as f64 * factor),
        }
    }
}
