//! Events and bytes of a log in each difference, and in each class of the summary.

use audit_analysis::{Class, Difference, Summary};
use audit_policy::{KubernetesVersion, Matcher, Policy, Request};
use audit_sim::{RequestView, Verdicts};

use crate::arguments::Diff;
use crate::chunks::thread_count;
use crate::error::Result;
use crate::estimate::read::Logs;
use crate::files::LogReport;

/// Events of a log in one difference.
#[derive(Debug, Clone, Default)]
pub(super) struct Count {
    /// Events that one of the policies records, those of stages that the log lacks included.
    pub(super) events: u64,
    /// More bytes per day with the second policy, or fewer. `None` if the log has no times, or lacks what sizes depend on.
    pub(super) bytes_per_day: Option<f64>,
}

/// Counts of all differences.
pub(super) struct LogCounts {
    /// In the order of the differences. An event in several classes counts in each.
    pub(super) of_differences: Vec<Count>,
    pub(super) of_summaries: Vec<Count>,
    pub(super) files: Vec<LogReport>,
}

/// Sums of one difference while events are counted.
#[derive(Default, Clone)]
struct Sums {
    events: u64,
    more: i128,
    is_unknown: bool,
}

impl LogCounts {
    /// Reads the logs and counts their events.
    pub(super) fn read(
        arguments: &Diff,
        (differences, summaries): (&[Difference], &[Summary]),
        policies: [&Policy; 2],
        version: KubernetesVersion,
    ) -> Result<Self> {
        let logs = Logs::read(&arguments.log, None, thread_count(None))?;
        let requests = logs.table.requests();
        let verdicts = policies.map(|policy| Verdicts::new(&Matcher::new(policy), requests));
        let of_differences = differences.iter().map(|difference| &difference.class);
        let of_summaries = summaries.iter().map(|summary| &summary.class);
        let classes: Vec<&Class> = of_differences.chain(of_summaries).collect();
        let of_request: Vec<Vec<usize>> = requests
            .iter()
            .map(|view| classes_of(&request(view), &classes))
            .collect();
        let mut sums = vec![Sums::default(); classes.len()];
        for (_, row) in logs.table.rows() {
            let [before, after] = verdicts
                .each_ref()
                .map(|verdicts| row.outcome(verdicts, version).written_bytes);
            for at in of_request.get(row.request_id.index()).into_iter().flatten() {
                if let Some(sum) = sums.get_mut(*at) {
                    sum.add(before, after);
                }
            }
        }
        let factor = logs.window.extrapolate().factor;
        let count = |sum: Sums| Count {
            events: sum.events,
            bytes_per_day: factor
                .filter(|_| !sum.is_unknown)
                .map(|factor| sum.more as f64 * factor),
        };
        let mut of_differences: Vec<Count> = sums.into_iter().map(count).collect();
        let of_summaries = of_differences.split_off(differences.len());
        Ok(Self {
            of_differences,
            of_summaries,
            files: logs.files,
        })
    }
}

impl Sums {
    fn add(&mut self, before: Option<u64>, after: Option<u64>) {
        // An event of a stage that neither policy records, or that the log lacks and neither would have.
        if before == Some(0) && after == Some(0) {
            return;
        }
        self.events += 1;
        match (before, after) {
            (Some(before), Some(after)) => self.more += i128::from(after) - i128::from(before),
            _ => self.is_unknown = true,
        }
    }
}

fn classes_of(request: &Request, classes: &[&Class]) -> Vec<usize> {
    let all = classes.iter().enumerate();
    all.filter(|(_, class)| class.contains(request))
        .map(|(at, _)| at)
        .collect()
}

fn request(view: RequestView<'_>) -> Request {
    let request = if view.is_resource_request() {
        Request::for_resource(view.verb(), view.api_group(), view.resource())
            .with_subresource(view.subresource())
            .with_namespace(view.namespace())
            .with_name(view.name())
    } else {
        Request::for_path(view.verb(), view.path())
    };
    match view.user() {
        Some(user) => request.with_user(user).with_groups(view.groups()),
        None => request,
    }
}
