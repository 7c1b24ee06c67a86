//! Logs that were requested, the open log, and the one that was open before it.
//!
//! A requested log replaces the open one with its first event. Until then, and if it has no events, the open one stays.

use playground_protocol::{
    ClusterProfile, FileReport, KubernetesVersion, LogId, LogReport, ToWorker,
};

use crate::identity_rc::IdentityRc;
use crate::numbers;

/// Files by name, with the reason why each was left out.
pub type Skipped = Vec<(String, String)>;

/// Where a log comes from: enough to open it again.
#[derive(Debug, Clone, PartialEq)]
pub enum LogSource {
    /// Files, by their names. The files themselves are kept by [`crate::link::WorkerClient`] under the number.
    Files(u32, Vec<String>),
    /// A pasted text.
    Text(IdentityRc<String>),
    /// A worked example, by its place in the menu.
    Example(usize),
    /// A generated log: the cluster, and the Kubernetes version.
    Model(ClusterProfile, KubernetesVersion),
}

impl LogSource {
    pub(super) fn request(&self, log: LogId, with_policy: bool) -> ToWorker {
        match self.clone() {
            Self::Files(_, names) => ToWorker::Open { log, names },
            Self::Text(text) => ToWorker::Paste {
                log,
                text: (*text).clone(),
            },
            Self::Example(index) => ToWorker::Example {
                log,
                index,
                with_policy,
            },
            Self::Model(profile, version) => ToWorker::Model {
                log,
                profile,
                version,
            },
        }
    }

    /// A few words, backticks around names.
    pub fn title(&self) -> String {
        match self {
            Self::Files(_, names) => match names.as_slice() {
                [name] => ["`", name, "`"].concat(),
                names => numbers::counted(names.len(), "file"),
            },
            Self::Text(_) => "the pasted log".to_owned(),
            Self::Example(_) => "the example".to_owned(),
            Self::Model(..) => "the generated log".to_owned(),
        }
    }
}

impl LogSource {
    pub(super) fn is_multiple(&self) -> bool {
        matches!(self, Self::Files(_, names) if names.len() != 1)
    }

    /// That it has no events: a sentence.
    pub(super) fn not_opened(&self) -> String {
        let [verb, them] = if self.is_multiple() {
            ["were", "them"]
        } else {
            ["was", "it"]
        };
        let title = self.title();
        // Some titles begin with an article.
        let title = title
            .strip_prefix("the ")
            .map_or_else(|| title.clone(), |rest| ["The ", rest].concat());
        [
            &title,
            " ",
            verb,
            " not opened: no audit events in ",
            them,
            ".",
        ]
        .concat()
    }

    /// That it had events when it was opened, and has none now: a sentence. Only files change.
    pub(super) fn changed(&self) -> Option<String> {
        let Self::Files(..) = self else {
            return None;
        };
        let rest = if self.is_multiple() {
            " have changed since they were opened; open them again."
        } else {
            " has changed since it was opened; open it again."
        };
        Some([&self.title(), rest].concat())
    }

    /// Its files, as far as they are known without reading.
    pub(super) fn file_reports(&self, bytes: f64) -> Vec<FileReport> {
        let names = match self {
            Self::Files(_, names) => names.clone(),
            Self::Text(_) => vec!["pasted text".to_owned()],
            Self::Example(_) => vec!["example".to_owned()],
            Self::Model(..) => vec!["generated log".to_owned()],
        };
        let share = bytes / f64::from(u32::try_from(names.len()).unwrap_or(u32::MAX).max(1));
        let report = |name| FileReport {
            name,
            bytes: share,
            format: String::new(),
            events: 0,
            rejection: None,
            losses: Vec::new(),
        };
        names.into_iter().map(report).collect()
    }
}

/// A log that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pending {
    pub(super) number: LogId,
    pub(super) source: LogSource,
    /// What was left out before the worker was asked.
    pub(super) skipped: Skipped,
    /// It is the open log, for a worker that does not have it.
    pub(super) is_reload: bool,
    /// It was open before, and had events.
    pub(super) is_reopened: bool,
    /// It belongs to the workspace that was opened.
    pub(super) is_part_of_workspace: bool,
    /// The policy before the one that came along with it, and that one.
    pub(super) policy: Option<(IdentityRc<String>, String)>,
}

/// The log that was open before, with the policies to go back between where both were replaced.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Previous {
    pub(super) source: LogSource,
    /// The policy of before, and the one that an example, or a file that was opened along with the log, put in its place.
    pub(super) policy: Option<(IdentityRc<String>, String)>,
}

/// Logs that were asked for, and those that were opened.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogOpenings {
    pub(super) count: LogId,
    /// Asked for and not there yet, in order.
    pub(super) pending: Vec<Pending>,
    /// The log that is open.
    pub(super) current: Option<LogSource>,
    pub(super) previous: Option<Previous>,
    /// What reading found in the last log, where it had no event.
    pub refused: Option<IdentityRc<LogReport>>,
}

impl LogOpenings {
    /// Whether a log was asked for and has no event yet.
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The log that was asked for last is the open one.
    pub(super) fn mark_as_reload(&mut self) {
        if let Some(last) = self.pending.last_mut() {
            last.is_reload = true;
        }
    }

    /// The log that was asked for last was open before.
    pub(super) fn mark_as_reopened(&mut self) {
        if let Some(last) = self.pending.last_mut() {
            last.is_reopened = true;
        }
    }

    /// The log that was asked for last belongs to the workspace that was opened.
    pub(super) fn mark_as_part_of_workspace(&mut self) {
        if let Some(last) = self.pending.last_mut() {
            last.is_part_of_workspace = true;
        }
    }

    /// What was asked for and has not come does not come any more.
    pub(super) fn clear_pending(&mut self) {
        self.pending.clear();
    }

    /// The log that is open.
    pub fn current(&self) -> Option<&LogSource> {
        self.current.as_ref()
    }

    /// Takes a log off the list, and with it those that were asked for before: the worker has left them.
    pub(super) fn settle(&mut self, number: LogId) -> Option<Pending> {
        let at = self.pending.iter().position(|one| one.number == number)?;
        self.pending.drain(..=at).next_back()
    }
}
