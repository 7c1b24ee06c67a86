//! Events and bytes of a log in each difference, and in each class of the summary.

use audit_analysis::{Class, Difference, Summary};
use audit_policy::{KubernetesVersion, Matcher, Policy};
use audit_sim::Verdicts;
use audit_volume::class_counts::{ClassCount, count_classes};

use crate::arguments::Diff;
use crate::chunks::thread_count;
use crate::error::Result;
use crate::estimate::read::Logs;
use crate::files::LogReport;

/// Counts of all differences and of all classes of the summary, in their order.
pub(super) struct LogCounts {
    pub(super) of_differences: Vec<ClassCount>,
    pub(super) of_summaries: Vec<ClassCount>,
    /// Events whose class is not known.
    pub(super) unknown: u64,
    pub(super) files: Vec<LogReport>,
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
        let mut counts = count_classes(
            &logs.table,
            &logs.window,
            verdicts.each_ref(),
            version,
            &classes,
        );
        let of_summaries = counts.classes.split_off(differences.len());
        Ok(Self {
            of_differences: counts.classes,
            of_summaries,
            unknown: counts.unknown,
            files: logs.files,
        })
    }
}
