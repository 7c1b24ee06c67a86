//! Logs on their way in: what was asked for, what is open, and what was open before it.
//!
//! A log that is asked for takes the place of the open one with its first event. Until then, and where it has none, the open one stays.

use playground_protocol::volume::ClusterProfile;
use playground_protocol::{Ask, FileReport, LogNumber, LogReport, Progress};

use super::notices::{Notice, NoticeKind};
use super::{AppState, Pane, Tab};
use crate::identity_rc::IdentityRc;
use crate::numbers;

/// Reasons listed with a notice; the others are counted.
const MAX_REASONS: usize = 5;

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
    Model(ClusterProfile, String),
}

impl LogSource {
    fn ask(&self, log: LogNumber, with_policy: bool) -> Ask {
        match self.clone() {
            Self::Files(_, names) => Ask::Open { log, names },
            Self::Text(text) => Ask::Paste {
                log,
                text: (*text).clone(),
            },
            Self::Example(index) => Ask::Example {
                log,
                index,
                with_policy,
            },
            Self::Model(profile, version) => Ask::Model {
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
    fn is_multiple(&self) -> bool {
        matches!(self, Self::Files(_, names) if names.len() != 1)
    }

    /// That it has no events: a sentence.
    fn not_opened(&self) -> String {
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
    fn changed(&self) -> Option<String> {
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
            Self::Model(..) => vec!["model of a cluster".to_owned()],
        };
        let share = bytes / f64::from(u32::try_from(names.len()).unwrap_or(u32::MAX).max(1));
        let report = |name| FileReport {
            name,
            bytes: share,
            format: String::new(),
            events: 0,
            refusal: None,
            lost: Vec::new(),
        };
        names.into_iter().map(report).collect()
    }
}

/// A log that was asked for.
#[derive(Debug, Clone, PartialEq)]
struct Pending {
    number: LogNumber,
    source: LogSource,
    /// What was left out before the worker was asked.
    skipped: Skipped,
    /// It is the open log, for a worker that does not have it.
    is_reload: bool,
    /// It was open before, and had events.
    is_reopened: bool,
    /// It belongs to the workspace that was opened.
    is_part_of_workspace: bool,
    /// The policy before the one that came along with it, and that one.
    policy: Option<(IdentityRc<String>, String)>,
}

/// The log that was open before, with the policies to go back between where both were replaced.
#[derive(Debug, Clone, PartialEq)]
struct Previous {
    source: LogSource,
    /// The policy of before, and the one that an example, or a file that was opened along with the log, put in its place.
    policy: Option<(IdentityRc<String>, String)>,
}

/// Logs that were asked for, and those that were opened.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogOpenings {
    pub(super) count: LogNumber,
    /// Asked for and not there yet, in order.
    pending: Vec<Pending>,
    /// The log that is open.
    current: Option<LogSource>,
    previous: Option<Previous>,
    /// What reading found in the last log, where it had no event.
    pub refused: Option<IdentityRc<LogReport>>,
}

impl LogOpenings {
    /// Whether a log was asked for and has no event yet.
    pub fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The number of the files that the worker is asked to open now.
    pub fn files_of(&self, number: LogNumber) -> Option<u32> {
        let pending = self.pending.iter().find(|one| one.number == number)?;
        match pending.source {
            LogSource::Files(files, _) => Some(files),
            _ => None,
        }
    }

    /// The log that was asked for last is the open one.
    pub(super) fn mark_as_reload(&mut self) {
        if let Some(last) = self.pending.last_mut() {
            last.is_reload = true;
        }
    }

    /// The log that was asked for last was open before.
    fn mark_as_reopened(&mut self) {
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
    fn settle(&mut self, number: LogNumber) -> Option<Pending> {
        let at = self.pending.iter().position(|one| one.number == number)?;
        self.pending.drain(..=at).next_back()
    }
}

impl AppState {
    /// Asks for a log.
    pub(super) fn open(
        &mut self,
        source: LogSource,
        with_policy: bool,
        skipped: Skipped,
    ) -> Vec<Ask> {
        self.reading = Some(IdentityRc::new(Progress {
            file: String::new(),
            bytes: 0.0,
            total_bytes: 0.0,
            events: 0,
            seconds: 0.0,
        }));
        self.error_message = None;
        self.dialog = None;
        self.dismiss(NoticeKind::LogNotOpened);
        if self.pane != Pane::Volume {
            self.pane = Pane::Events;
        }
        let openings = &mut self.openings;
        openings.count = openings.count.wrapping_add(1);
        let number = openings.count;
        let ask = source.ask(number, with_policy);
        let is_certain = with_policy && matches!(source, LogSource::Example(_));
        openings.pending.push(Pending {
            number,
            source,
            skipped,
            is_reload: false,
            is_reopened: false,
            is_part_of_workspace: false,
            policy: None,
        });
        // An example has events: there is no reason to go on showing another log.
        let mut asks = if is_certain {
            self.clear_log()
        } else {
            Vec::new()
        };
        asks.push(ask);
        asks
    }

    /// Another log takes the place of the one that is shown.
    fn clear_log(&mut self) -> Vec<Ask> {
        self.worker.has_lost_log = false;
        self.log = None;
        self.answer = None;
        self.description = None;
        self.inspection = None;
        self.inspecting = None;
        if self.tab == Tab::Problems {
            self.tab = Tab::Why;
        }
        self.table = self.table.for_new_log();
        self.facets = self.facets.for_new_log();
        self.volume = self.volume.for_new_log();
        let asks = self.cancel_download("Cancelled: another log was opened.");
        self.downloads.last_result = self
            .downloads
            .last_result
            .take()
            .filter(|_| !asks.is_empty());
        asks
    }

    pub(super) fn open_example(&mut self, index: usize) -> Vec<Ask> {
        self.open(LogSource::Example(index), true, Skipped::new())
    }

    pub(super) fn open_text(&mut self, text: String) -> Vec<Ask> {
        let source = LogSource::Text(IdentityRc::new(text));
        self.open(source, false, Skipped::new())
    }

    pub(super) fn open_model(&mut self, profile: ClusterProfile) -> Vec<Ask> {
        self.pane = Pane::Volume;
        self.volume.profile = profile;
        let source = LogSource::Model(profile, self.version.clone());
        self.open(source, false, Skipped::new())
    }

    /// The log of this number has an event, and takes the place of the one that was open.
    pub(super) fn opened(&mut self, number: LogNumber) -> Vec<Ask> {
        let asks = self.clear_log();
        self.openings.refused = None;
        let opened = self.openings.settle(number);
        for kind in [
            NoticeKind::LogOpened,
            NoticeKind::LogNotOpened,
            NoticeKind::FilesSkipped,
            NoticeKind::WorkerStopped,
        ] {
            self.dismiss(kind);
        }
        let is_part = opened.as_ref().is_some_and(|one| one.is_part_of_workspace);
        if !is_part {
            self.dismiss(NoticeKind::WorkspaceReplaced);
        }
        if let Some(opened) = opened {
            self.finish_opening(opened);
        }
        self.restore_view();
        asks
    }

    fn finish_opening(&mut self, opened: Pending) {
        let Pending {
            source,
            skipped,
            is_reload,
            is_part_of_workspace,
            policy,
            ..
        } = opened;
        let mut title = source.title();
        if let LogSource::Example(index) = source
            && let Some(example) = self.examples.get(index)
        {
            title = [&title, " `", &example.title, "`"].concat();
        }
        let beside = if policy.is_some() {
            " and the policy beside it."
        } else {
            "."
        };
        let sentence = ["Opened ", &title, beside].concat();
        if is_reload {
            return;
        }
        let before = self.openings.current.replace(source);
        let is_undone_alone = policy.is_some() && before.is_none();
        self.openings.previous = before.map(|source| Previous { source, policy });
        if !is_undone_alone {
            self.dismiss(NoticeKind::PolicyOpened);
        }
        if self.openings.previous.is_some() && !is_part_of_workspace {
            self.notify(Notice::new(NoticeKind::LogOpened, sentence));
        }
        if !skipped.is_empty() {
            let sentence = numbers::counted(skipped.len(), "item") + " left out:";
            let notice = Notice::new(NoticeKind::FilesSkipped, sentence);
            self.notify(notice.with_reasons(reasons(skipped)));
        }
    }

    /// An example has put its policy into the editor: going back to the log before brings the policy before back, too.
    pub(super) fn remember_replaced_policy(&mut self, policy: &str) {
        let before = self.text.clone();
        if let Some(previous) = &mut self.openings.previous
            && !before.is_empty()
        {
            previous.policy = Some((before, policy.to_owned()));
        }
    }

    /// A policy takes the place of another while a log that came along with it is on its way.
    pub(super) fn remember_policy_opened_with_log(
        &mut self,
        before: &IdentityRc<String>,
        policy: &str,
    ) {
        if let Some(pending) = self.openings.pending.last_mut() {
            let first = pending.policy.take().map(|(before, _)| before);
            let before = first.unwrap_or_else(|| before.clone());
            pending.policy = Some((before, policy.to_owned()));
        }
    }

    /// The log of this number has no event: the open one stays.
    pub(super) fn not_opened(&mut self, number: LogNumber, report: LogReport, reason: String) {
        let Some(pending) = self.openings.settle(number) else {
            return;
        };
        if !self.openings.is_pending() {
            self.reading = None;
        }
        let had_events = pending.is_reopened || pending.is_reload;
        let mut sentence = if !reason.is_empty() {
            reason
        } else if report.cancelled {
            "Reading was cancelled before the first event.".to_owned()
        } else if report.full {
            [
                "The browser gives this tab no memory for ",
                &pending.source.title(),
                ".",
            ]
            .concat()
        } else if let (true, Some(changed)) = (had_events, pending.source.changed()) {
            changed
        } else {
            pending.source.not_opened()
        };
        if self.openings.current.is_some() {
            if !sentence.ends_with('.') {
                sentence.push('.');
            }
            sentence.push_str(" Your current log is unchanged.");
        }
        let refused = report.files.iter().filter_map(|file| {
            let refusal = file.refusal.clone()?;
            Some((file.name.clone(), refusal))
        });
        let reasons = reasons(refused.chain(pending.skipped).collect());
        self.openings.refused = Some(IdentityRc::new(report));
        let notice = Notice::new(NoticeKind::LogNotOpened, sentence);
        self.notify(notice.with_reasons(reasons));
    }

    /// Opens the log that was open before.
    pub(super) fn reopen_previous(&mut self) -> Vec<Ask> {
        let Some(previous) = self.openings.previous.take() else {
            return Vec::new();
        };
        self.dismiss(NoticeKind::LogOpened);
        let mut asks = self.open(previous.source, false, Skipped::new());
        self.openings.mark_as_reopened();
        if let Some((before, editor_document)) = previous.policy
            && *self.text == editor_document
        {
            asks.extend(self.place((*before).clone()));
        }
        asks
    }
}

/// `name: reason` for the first few, and how many more there are.
fn reasons(skipped: Skipped) -> Vec<String> {
    let more = skipped.len().saturating_sub(MAX_REASONS);
    let first = skipped.into_iter().take(MAX_REASONS);
    let mut reasons: Vec<String> = first
        .map(|(name, reason)| [name.as_str(), ": ", &reason].concat())
        .collect();
    if more > 0 {
        reasons.push(["and ", &numbers::count(more), " more"].concat());
    }
    reasons
}
