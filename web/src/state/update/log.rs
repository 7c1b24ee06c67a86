//! Opening logs: the request, the first event, or why there is none.

use playground_figures::numbers;
use playground_protocol::ClusterProfile;
use playground_protocol::{LogId, LogReport, Progress, ToWorker, View};

use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::notices::{Notice, NoticeKind};
use crate::state::opening::{LogSource, Pending, Previous, Skipped};
use crate::state::ui::{Pane, Tab};

/// Maximum number of reasons listed with a notice; the others are counted.
const MAX_REASONS: usize = 5;

impl AppState {
    /// Requests a log.
    pub(super) fn open(
        &mut self,
        source: LogSource,
        with_policy: bool,
        skipped: Skipped,
    ) -> Vec<Effect> {
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
        if !self.pane.replaces_events() {
            self.pane = Pane::Events;
        }
        let openings = &mut self.openings;
        openings.count = openings.count.wrapping_add(1);
        let number = openings.count;
        let request = match &source {
            LogSource::Files(files, _) => {
                Effect::SendWithFiles(source.request(number, with_policy), *files)
            }
            _ => Effect::Send(source.request(number, with_policy)),
        };
        let is_certain = with_policy && matches!(source, LogSource::Example(_));
        openings.pending.push(Pending {
            number,
            source,
            skipped,
            is_reload: false,
            is_reopened: false,
            is_part_of_workspace: false,
            with_policy,
            policy: None,
            view: self.table.view.clone(),
        });
        // An example has events: there is no reason to go on showing another log.
        let mut effects = if is_certain {
            self.clear_log()
        } else {
            Vec::new()
        };
        effects.push(request);
        effects
    }

    /// Clears everything that belongs to the shown log.
    pub(super) fn clear_log(&mut self) -> Vec<Effect> {
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
        self.completion = self.completion.for_new_log();
        self.volume = self.volume.for_new_log();
        let was_checking = self.policy_check.running.is_some();
        self.policy_check = self.policy_check.for_new_log();
        self.log_scans = self.log_scans.for_new_log();
        let mut effects = self.cancel_download("Cancelled: another log was opened.");
        self.downloads.last_result = self
            .downloads
            .last_result
            .take()
            .filter(|_| !effects.is_empty());
        if was_checking {
            effects.push(Effect::Send(ToWorker::CancelPolicyCheck));
        }
        effects
    }

    pub(super) fn open_example(&mut self, index: usize) -> Vec<Effect> {
        self.openings.ignores_example = false;
        self.open(LogSource::Example(index), true, Skipped::new())
    }

    pub(super) fn open_text(&mut self, text: String) -> Vec<Effect> {
        let source = LogSource::Text(IdentityRc::new(text));
        self.open(source, false, Skipped::new())
    }

    pub(super) fn open_model(&mut self, profile: ClusterProfile) -> Vec<Effect> {
        self.pane = Pane::Volume;
        self.volume.profile = profile;
        let source = LogSource::Model(profile, self.version);
        self.open(source, false, Skipped::new())
    }

    /// Replaces the open log by this one, which has an event.
    pub(super) fn opened(&mut self, number: LogId) -> Vec<Effect> {
        let mut effects = self.clear_log();
        self.openings.rejected = None;
        let opened = self.openings.settle(number);
        let is_reload = opened.as_ref().is_some_and(|one| one.is_reload);
        if !is_reload {
            effects.extend(self.replace_metrics());
        }
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
        effects
    }

    pub(super) fn finish_opening(&mut self, opened: Pending) {
        let Pending {
            source,
            skipped,
            is_reload,
            is_part_of_workspace,
            policy,
            view,
            ..
        } = opened;
        let mut title = source.title();
        if let LogSource::Example(index) = source
            && let Some(example) = self.examples.get(index)
        {
            title = [&title, " `", &example.title, "`"].concat();
        }
        let suffix = if policy.is_some() {
            " and the policy with it."
        } else {
            "."
        };
        let sentence = ["Opened ", &title, suffix].concat();
        if is_reload {
            return;
        }
        let is_sample = matches!((&source, &self.workspace.sample), (LogSource::Text(text), Some(sample)) if text == sample);
        if !is_sample {
            self.workspace.sample = None;
            self.workspace.keeps_sample = false;
        }
        let before = self.openings.current.replace(source);
        let is_undone_alone = policy.is_some() && before.is_none();
        self.openings.previous = before.map(|source| Previous {
            source,
            policy,
            view,
        });
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

    /// Remembers the policy that an example replaced: reopening the previous log restores it. Without a log before, it alone is restored.
    pub(super) fn remember_replaced_policy(
        &mut self,
        policy: &str,
        description: Option<String>,
        title: &str,
    ) {
        let before = self.text.clone();
        if before.is_empty() {
            return;
        }
        if let Some(previous) = &mut self.openings.previous {
            previous.policy = Some((before, policy.to_owned()));
        } else if *before != policy {
            self.policy_before = Some((before, description));
            let sentence = ["Opened the example `", title, "` and the policy with it."].concat();
            self.notify(Notice::new(NoticeKind::PolicyOpened, sentence));
        }
    }

    /// Remembers the policy that was replaced together with the log.
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

    /// Reports that a log has no events. The open log stays.
    pub(super) fn not_opened(&mut self, number: LogId, report: LogReport, reason: String) {
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
        } else if report.out_of_memory {
            [
                "This tab doesn't have enough memory for ",
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
            // They were for this log.
            self.workspace.view = None;
            self.workspace.selected = None;
            if !sentence.ends_with('.') {
                sentence.push('.');
            }
            sentence.push_str(" Your current log is unchanged.");
        }
        let rejected = report.files.iter().filter_map(|file| {
            let reason = file.rejection.clone()?;
            Some((file.name.clone(), reason))
        });
        let reasons = reasons(rejected.chain(pending.skipped).collect());
        self.openings.rejected = Some(IdentityRc::new(report));
        let notice = Notice::new(NoticeKind::LogNotOpened, sentence);
        self.notify(notice.with_reasons(reasons));
    }

    /// Reopens the previous log.
    pub(super) fn reopen_previous(&mut self) -> Vec<Effect> {
        self.restore_tests();
        let Some(previous) = self.openings.previous.take() else {
            return Vec::new();
        };
        self.dismiss(NoticeKind::LogOpened);
        let view = View {
            contradiction: None,
            finding: None,
            ..(*previous.view).clone()
        };
        let mut effects = self.open(previous.source, false, Skipped::new());
        self.workspace.view = Some(view);
        self.openings.mark_as_reopened();
        if let Some((before, editor_document)) = previous.policy
            && *self.text == editor_document
        {
            effects.extend(self.place((*before).clone()));
        }
        effects
    }
}

/// Formats `name: reason` for the first few, and counts the others.
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
