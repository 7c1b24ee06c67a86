//! Logs that were requested, the open log, and the one that was open before it.
//!
//! A requested log replaces the open one with its first event. Until then, and if it has no events, the open one stays.

use playground_figures::numbers;
use playground_protocol::{
    ClusterProfile, FileReport, KubernetesVersion, LogId, LogReport, ToWorker, View,
};

use crate::identity_rc::IdentityRc;

/// Files that were left out: name and reason.
pub type Skipped = Vec<(String, String)>;

/// Origin of a log, with all that is needed to open it again.
#[derive(Debug, Clone, PartialEq)]
pub enum LogSource {
    /// Files, by their names. [`crate::worker_client::WorkerClient`] has the files themselves, under this number.
    Files(u32, Vec<String>),
    /// A pasted text.
    Text(IdentityRc<String>),
    /// An example, by its index in the menu.
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

    /// Returns a short title, with names in backticks.
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

    /// Returns a sentence that it has no events.
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

    /// Returns a sentence that it has no events any more. Only files change.
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

    /// Returns reports of its files, as far as known without reading.
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

/// A requested log.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pending {
    pub(super) number: LogId,
    pub(super) source: LogSource,
    /// Files that were left out before the request.
    pub(super) skipped: Skipped,
    /// It is the open log, for a new worker.
    pub(super) is_reload: bool,
    /// It was open before, and had events.
    pub(super) is_reopened: bool,
    /// It belongs to the workspace that was opened.
    pub(super) is_part_of_workspace: bool,
    /// The worker sends a policy with it.
    pub(super) with_policy: bool,
    /// If a policy was opened with the log: the previous policy, and the opened one.
    pub(super) policy: Option<(IdentityRc<String>, String)>,
    /// Filter and order of the log that was open.
    pub(super) view: IdentityRc<View>,
}

/// The log that was open before.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Previous {
    pub(super) source: LogSource,
    /// If an example or a file opened with the log replaced the policy: the previous policy, and the new one.
    pub(super) policy: Option<(IdentityRc<String>, String)>,
    /// Its filter and order.
    pub(super) view: IdentityRc<View>,
}

/// Requested and opened logs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogOpenings {
    pub(super) count: LogId,
    /// Requested logs without an event so far, in order.
    pub(super) pending: Vec<Pending>,
    /// The open log.
    pub(super) current: Option<LogSource>,
    pub(super) previous: Option<Previous>,
    /// The policy of the example that was requested last is not wanted any more.
    pub(super) ignores_example: bool,
    /// Report of the last log, if it had no events.
    pub rejected: Option<IdentityRc<LogReport>>,
}

impl LogOpenings {
    /// Returns whether a requested log has no event so far.
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Returns whether a requested log brings a policy.
    pub(super) fn brings_policy(&self) -> bool {
        self.pending.iter().any(|pending| pending.with_policy)
    }

    /// Returns whether no log was requested but the first example's.
    pub(super) fn are_first_example(&self) -> bool {
        let pending = self.pending.iter().map(|pending| &pending.source);
        let mut sources = pending.chain(&self.current);
        sources.all(|source| *source == LogSource::Example(0))
    }

    /// Marks the last requested log as the open one.
    pub(super) fn mark_as_reload(&mut self) {
        if let Some(last) = self.pending.last_mut() {
            last.is_reload = true;
        }
    }

    /// Marks the last requested log as one that was open before.
    pub(super) fn mark_as_reopened(&mut self) {
        if let Some(last) = self.pending.last_mut() {
            last.is_reopened = true;
        }
    }

    /// Marks the last requested log as part of the workspace that was opened.
    pub(super) fn mark_as_part_of_workspace(&mut self) {
        if let Some(last) = self.pending.last_mut() {
            last.is_part_of_workspace = true;
        }
    }

    /// Forgets the requested logs: there will be no response.
    pub(super) fn clear_pending(&mut self) {
        self.pending.clear();
    }

    /// Returns the open log.
    pub fn current(&self) -> Option<&LogSource> {
        self.current.as_ref()
    }

    /// Takes a log off the list, and those requested before it: the worker has abandoned them.
    pub(super) fn settle(&mut self, number: LogId) -> Option<Pending> {
        let at = self.pending.iter().position(|one| one.number == number)?;
        self.pending.drain(..=at).next_back()
    }
}
