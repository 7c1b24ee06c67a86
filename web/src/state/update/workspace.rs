//! Opening, replacing and restoring workspaces.

use audit_workspace::{LogOrigin, ViewSettings, Workspace, WorkspaceError};
use playground_protocol::export::FieldValue;
use playground_protocol::{ClusterProfile, EventId, KubernetesVersion, Target};

use crate::deferred;
use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::{Effect, FileContent};
use crate::state::export::ExportState;
use crate::state::kept::StorageEffect;
use crate::state::notices::{Notice, NoticeKind};
use crate::state::opening::{LogSource, Skipped};
use crate::state::saved_workspace::{profile, view_of};
use crate::state::table::Selection;
use crate::state::trail::Snapshot;
use crate::state::ui::{Pane, Tab};
use crate::state::volume::PolicyText;
use crate::state::worker::WorkerStatus;
use crate::state::workspace::{IncomingLink, SaveStatus, Slot, StoredWorkspace, WorkspaceAction};

/// Name of a workspace from a link that names neither it nor its log.
const LINK_NAME: &str = "From a link";

impl AppState {
    /// Returns the state of a page that opens, with the stored workspace if there is one, and the first effects.
    pub fn restored(stored: &StoredWorkspace) -> (Self, Vec<Effect>) {
        match stored {
            StoredWorkspace::Text(text) => deferred::restored(text),
            StoredWorkspace::Nothing => (Self::default(), Vec::new()),
        }
    }

    /// Returns the state with a stored workspace, and the first effects.
    pub fn restored_from(text: &str) -> (Self, Vec<Effect>) {
        let mut state = Self {
            has_all_parts: true,
            ..Self::default()
        };
        let effects = match Workspace::from_json(text) {
            Ok(workspace) => {
                state.workspace.keeps_sample = workspace.sample.is_some();
                let effects = state.apply_workspace(workspace);
                state.workspace.is_modified = true;
                effects
            }
            Err(error) => {
                state.notify_unreadable(&error);
                vec![state.enter(None, None)]
            }
        };
        (state, effects)
    }

    /// Reports an unreadable workspace, which stays as it is. The user's work is kept as another one.
    fn notify_unreadable(&mut self, error: &WorkspaceError) {
        let sentence = [
            "This browser keeps a workspace that can't be opened: ",
            &error.to_string(),
            ". It is left as it is, and what you do here is kept as another workspace.",
        ]
        .concat();
        self.notify(Notice::new(NoticeKind::StorageUnreadable, sentence));
    }

    /// Applies everything but the log.
    pub(super) fn apply_workspace(&mut self, workspace: Workspace) -> Vec<Effect> {
        self.workspace.name = workspace.name;
        self.dismiss(NoticeKind::UnknownVersion);
        let named = workspace.kubernetes_version;
        let version = match named.as_str() {
            "" => Ok(KubernetesVersion::NEWEST),
            named => named.parse(),
        };
        self.set_version(
            version
                .as_ref()
                .map_or(KubernetesVersion::NEWEST, |version| *version),
        );
        if version.is_err() {
            self.notify_unknown_version(&named);
        }
        self.dismiss(NoticeKind::UnknownTarget);
        let mut export = ExportState::default();
        let named = workspace.export.target;
        if !named.is_empty() {
            match named.parse() {
                Ok(target) => export.target = target,
                Err(_) => self.notify_unknown_target(&named, export.target),
            }
        }
        export.manifest = IdentityRc::new(workspace.export.manifest);
        if let Some(fields) = workspace.export.fields {
            let fields = fields.into_iter();
            export.settings.fields = fields
                .map(|(name, value)| FieldValue { name, value })
                .collect();
        }
        self.export = export;
        self.volume.profile = workspace
            .cluster
            .map_or_else(ClusterProfile::default, profile);
        let prices = workspace.prices;
        self.volume
            .set_prices(prices.ingested_per_gb, prices.stored_per_gb_month);
        self.apply_view(&workspace.view);
        self.workspace.log = workspace.log;
        self.workspace.sample = workspace.sample.map(IdentityRc::new);
        self.replace_tests(workspace.tests.unwrap_or_default());
        let mut effects = self.place(workspace.policy);
        effects.extend(self.restore_lesson(workspace.lesson));
        effects.extend(self.apply_baseline(workspace.baseline));
        effects.extend(self.request_shown_export());
        effects
    }

    /// Shows what a workspace shows. Without a log, its filter and its event are for the next one.
    fn apply_view(&mut self, settings: &ViewSettings) {
        let named = settings.pane.as_deref().and_then(Pane::named);
        self.pane = named.unwrap_or(self.pane);
        let named = settings.tab.as_deref().and_then(Tab::named);
        self.tab = named.unwrap_or(self.tab);
        self.workspace.selected = settings.selected;
        let query = settings.query.clone().unwrap_or_default();
        let only_possible = settings.impossible != Some(true);
        self.analysis.restore(query, only_possible);
        let view = view_of(settings);
        if self.answer.is_some() {
            self.table.set_view(view);
            self.select_stored_event();
        } else {
            self.workspace.view = Some(view);
        }
    }

    /// Selects the event that the workspace names, if there can be one.
    fn select_stored_event(&mut self) {
        let index = self.workspace.selected.take();
        let index = index.and_then(|index| usize::try_from(index).ok());
        if let Some(event) = index.and_then(EventId::of_recorded) {
            self.table.selection = Some(Selection::of_chosen(event));
        }
    }

    /// Compares with the policy of a workspace, or with none.
    fn apply_baseline(&mut self, text: Option<String>) -> Option<Effect> {
        if text.is_none() && self.volume.baseline.is_none() {
            return None;
        }
        self.volume.baseline = text.map(|text| PolicyText {
            text: IdentityRc::new(text),
            part: 0,
        });
        self.volume.mark_outdated();
        self.analysis.baseline_name = None;
        self.analysis.mark_outdated();
        Some(self.send_baseline())
    }

    /// Reports that the workspace is for an unknown version.
    fn notify_unknown_version(&mut self, named: &str) {
        let sentence = [
            "This workspace is for Kubernetes ",
            named,
            ", which is not supported. It is shown as ",
            &self.version.to_string(),
            ".",
        ];
        self.notify(Notice::new(NoticeKind::UnknownVersion, sentence.concat()));
    }

    /// Reports that the workspace has settings for an unknown target.
    fn notify_unknown_target(&mut self, named: &str, shown: Target) {
        let sentence = [
            "This workspace exports for the target `",
            named,
            "`, which is unknown. The export shows `",
            shown.name(),
            "` instead.",
        ];
        self.notify(Notice::new(NoticeKind::UnknownTarget, sentence.concat()));
    }

    /// Marks the workspace as changed by the user.
    pub(super) const fn mark_modified(&mut self) {
        self.workspace.is_modified = true;
        self.workspace.is_modified_here = true;
    }

    pub(crate) fn update_workspace(&mut self, action: WorkspaceAction) -> Vec<Effect> {
        match action {
            WorkspaceAction::SaveStatusChanged(status) => {
                self.save_status_changed(status);
                Vec::new()
            }
            WorkspaceAction::Open(name, text) => self.open_workspace(&name, &text),
            WorkspaceAction::OpenLink(link) => self.open_link(link),
            WorkspaceAction::UseOtherTab => vec![Effect::Storage(StorageEffect::Load)],
            WorkspaceAction::LoadFromOtherTab(text) => self.load_from_other_tab(&text),
            WorkspaceAction::KeepThisTab => {
                self.save_status_changed(SaveStatus::Saved);
                vec![Effect::Storage(StorageEffect::Accept)]
            }
            WorkspaceAction::Undo => self.undo_workspace(),
            WorkspaceAction::Save => vec![self.save_workspace_file()],
            other => self.update_kept(other),
        }
    }

    /// Returns the effect that saves the workspace as a file.
    fn save_workspace_file(&self) -> Effect {
        let text = FileContent::Text(self.to_workspace().to_json());
        Effect::SaveFile(self.workspace_file_name(), text)
    }

    /// Returns the name of a file for the workspace.
    pub(super) fn workspace_file_name(&self) -> String {
        let name = match self.workspace.name.as_str() {
            "" => "audit-policy",
            name => name,
        };
        name.replace(['/', '\\', ':'], "-") + ".workspace.json"
    }

    /// Updates the save status, and reports a problem.
    pub(super) fn save_status_changed(&mut self, save_status: SaveStatus) {
        if self.workspace.save_status == save_status {
            return;
        }
        self.workspace.save_status = save_status;
        match save_status.sentence() {
            // Reported once: a dismissed notice does not come back for the same reason.
            Some(sentence) => {
                let kind = match save_status {
                    SaveStatus::ChangedInOtherTab => NoticeKind::OtherTab,
                    SaveStatus::Removed => NoticeKind::Removed,
                    _ => NoticeKind::NotSaved,
                };
                self.notify(Notice::new(kind, sentence.to_owned()));
            }
            None => {
                self.dismiss(NoticeKind::NotSaved);
                self.dismiss(NoticeKind::OtherTab);
                self.dismiss(NoticeKind::Removed);
            }
        }
    }

    /// Opens a workspace from a file, as another one of this browser.
    pub(super) fn open_workspace(&mut self, name: &str, text: &str) -> Vec<Effect> {
        match Workspace::from_json(text) {
            Ok(mut workspace) => {
                if workspace.name.is_empty() {
                    name.clone_into(&mut workspace.name);
                }
                let effects = self.show_other(workspace, None, "Opened the workspace.");
                self.mark_modified();
                self.remember_created();
                effects
            }
            Err(error) => {
                self.report_not_opened(name, &error);
                Vec::new()
            }
        }
    }

    /// Opens the workspace of a link as another one of this browser once the worker is ready, or reports why there is none.
    fn open_link(&mut self, link: Result<String, String>) -> Vec<Effect> {
        if self.worker_status == WorkerStatus::Starting {
            self.incoming_link = IncomingLink::Decoded(link);
            return Vec::new();
        }
        self.incoming_link = IncomingLink::None;
        match link.and_then(|text| Workspace::from_json(&text).map_err(unusable_link)) {
            Ok(mut workspace) => {
                if workspace.name.is_empty() && workspace.log.is_none() {
                    LINK_NAME.clone_into(&mut workspace.name);
                }
                let effects = self.show_other(workspace, None, "Opened the link.");
                // The address does not contain them any more, so that a reload would lose them.
                self.workspace.keeps_sample = self.workspace.sample.is_some();
                self.mark_modified();
                self.remember_created();
                effects
            }
            Err(sentence) => {
                let effects = self.open_first_log();
                self.error_message = Some(sentence + ". Nothing here has changed.");
                effects
            }
        }
    }

    /// Reports that a workspace was not opened.
    pub(super) fn report_not_opened(&mut self, name: &str, error: &WorkspaceError) {
        let named = if name.is_empty() {
            "It"
        } else {
            &["`", name, "`"].concat()
        };
        self.error_message = Some(
            [
                named,
                " was not opened: it is ",
                &error.to_string(),
                ". Nothing here has changed.",
            ]
            .concat(),
        );
    }

    /// Shows what another tab has saved of this workspace. It is not written again before it changes.
    pub(super) fn load_from_other_tab(&mut self, text: &str) -> Vec<Effect> {
        let workspace = match Workspace::from_json(text) {
            Ok(workspace) => workspace,
            Err(error) => {
                self.report_not_opened("", &error);
                return Vec::new();
            }
        };
        let mut before = self.snapshot();
        // The user has chosen the other version.
        before.save_status = SaveStatus::Saved;
        self.workspace.before = Some(IdentityRc::new(before));
        let effects = self.apply_other(workspace, "Opened the workspace.");
        self.save_status_changed(SaveStatus::Saved);
        self.workspace.is_modified = false;
        self.workspace.is_modified_here = false;
        effects
    }

    /// Shows another workspace instead of this one, which is kept and can be returned to.
    pub(super) fn show_other(
        &mut self,
        workspace: Workspace,
        kept: Option<(String, String)>,
        sentence: &str,
    ) -> Vec<Effect> {
        let snapshot = self.snapshot();
        self.trail.leave(snapshot.clone());
        self.workspace.before = Some(IdentityRc::new(snapshot));
        let mut effects = vec![self.enter(None, kept)];
        self.dialog = None;
        self.workspace.keeps_sample = false;
        self.workspace.is_modified = false;
        self.workspace.is_modified_here = false;
        effects.extend(self.apply_other(workspace, sentence));
        effects
    }

    /// Continues in another slot of the storage: a new one, or one that was open before. This workspace is written first.
    pub(super) fn enter(&mut self, slot: Option<Slot>, kept: Option<(String, String)>) -> Effect {
        let is_unsaved = self.workspace.is_modified && self.should_save();
        let save = is_unsaved.then(|| self.workspace_text());
        let slot = slot.unwrap_or_else(|| {
            self.workspace.last_slot = self.workspace.last_slot.saturating_add(1);
            self.workspace.last_slot
        });
        self.workspace.slot = slot;
        self.workspace.created = None;
        // That the browser stores nothing was reported; what another tab has done is about the workspace that is left.
        if matches!(
            self.workspace.save_status,
            SaveStatus::ChangedInOtherTab | SaveStatus::Removed
        ) {
            self.save_status_changed(SaveStatus::Saved);
        }
        Effect::Storage(StorageEffect::Enter { save, slot, kept })
    }

    /// Applies another workspace with its log, and reports that.
    fn apply_other(&mut self, workspace: Workspace, sentence: &str) -> Vec<Effect> {
        self.description = None;
        let log = workspace.log.clone();
        let mut effects = self.apply_workspace(workspace);
        self.dismiss_opening_notices();
        self.notify(Notice::new(
            NoticeKind::WorkspaceReplaced,
            sentence.to_owned(),
        ));
        effects.extend(self.requests_for_answer());
        let source = self.source_of(log);
        if let Some(source) = source.filter(|source| self.openings.current() != Some(source)) {
            effects.extend(self.open_part(source));
        }
        effects
    }

    /// Opens the log of the workspace that is shown.
    pub(super) fn open_part(&mut self, source: LogSource) -> Vec<Effect> {
        let (pane, dialog, selected) = (self.pane, self.dialog, self.workspace.selected);
        let selected = selected.or_else(|| {
            let event = self.selected_event();
            event.and_then(|event| u64::try_from(event.recorded_index()).ok())
        });
        // The view is for this log.
        let view = (*self.table.view).clone();
        if self.answer.is_some() {
            self.workspace.view = Some(view);
            self.workspace.selected = selected;
        }
        let effects = self.open(source, false, Skipped::new());
        self.openings.mark_as_part_of_workspace();
        self.pane = pane;
        self.dialog = dialog;
        effects
    }

    /// Returns what is needed to show the current workspace again.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            workspace: self.to_workspace(),
            slot: self.workspace.slot,
            source: self.openings.current().cloned(),
            description: self.description.clone(),
            save_status: self.workspace.save_status,
            is_modified: self.workspace.is_modified,
            is_modified_here: self.workspace.is_modified_here,
        }
    }

    /// Restores the previous workspace. One that was only created is not kept.
    pub(super) fn undo_workspace(&mut self) -> Vec<Effect> {
        let Some(before) = self.workspace.before.take() else {
            return Vec::new();
        };
        let created = self.workspace.created.take();
        let is_unchanged = created.is_some_and(|created| *created == self.workspace_text());
        let (left, other) = (self.workspace.slot, before.slot);
        self.workspace.before = Some(IdentityRc::new(self.snapshot()));
        if is_unchanged {
            self.workspace.is_modified = false;
        }
        let mut effects = self.restore((*before).clone());
        self.notify(Notice::new(
            NoticeKind::WorkspaceReplaced,
            "Restored the previous workspace.".to_owned(),
        ));
        if is_unchanged && left != other {
            effects.push(Effect::Storage(StorageEffect::Discard(left)));
        }
        effects
    }

    /// Shows a workspace again that was left.
    pub(super) fn restore(&mut self, snapshot: Snapshot) -> Vec<Effect> {
        let mut effects = Vec::new();
        let is_same = snapshot.slot == self.workspace.slot;
        if !is_same {
            effects.push(self.enter(Some(snapshot.slot), None));
        }
        effects.extend(self.apply_workspace(snapshot.workspace));
        self.description = snapshot.description;
        // In the same slot, the storage has what is left.
        self.workspace.is_modified = snapshot.is_modified || is_same;
        self.workspace.is_modified_here = snapshot.is_modified_here || is_same;
        self.dismiss_opening_notices();
        effects.extend(self.requests_for_answer());
        let is_other = self.openings.current() != snapshot.source.as_ref();
        if let Some(source) = snapshot.source
            && (is_other || self.openings.is_pending())
        {
            self.openings.ignores_example = self.openings.brings_policy();
            effects.extend(self.open_part(source));
        }
        effects
    }

    /// Remembers the current workspace as one that was created and not changed so far.
    pub(super) fn remember_created(&mut self) {
        self.workspace.created = Some(IdentityRc::new(self.workspace_text()));
    }

    /// Returns the log of a stored workspace if it can be reopened without the user.
    pub(super) fn source_of(&self, log: Option<LogOrigin>) -> Option<LogSource> {
        if let Some(sample) = &self.workspace.sample {
            return Some(LogSource::Text(sample.clone()));
        }
        match log? {
            LogOrigin::Example(title) => {
                let at = self.examples.iter().position(|one| one.title == title)?;
                Some(LogSource::Example(at))
            }
            LogOrigin::Generated => Some(LogSource::Model(self.volume.profile, self.version)),
            LogOrigin::Files(_) | LogOrigin::Pasted => None,
        }
    }

    /// Reopens the log of the stored workspace, or names what the user has to open.
    pub(super) fn restore_log(&mut self) -> Vec<Effect> {
        let log = self.workspace.log.clone();
        let is_complete = self.workspace.sample.is_some();
        self.workspace.missing = match log.as_ref().filter(|_| !is_complete) {
            Some(LogOrigin::Files(names)) => Some(
                names
                    .iter()
                    .map(|name| ["`", name, "`"].concat())
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            Some(LogOrigin::Pasted) => Some("the pasted log".to_owned()),
            Some(LogOrigin::Example(_) | LogOrigin::Generated) | None => None,
        };
        let (pane, dialog) = (self.pane, self.dialog);
        match self.source_of(log) {
            Some(source) => {
                let effects = self.open(source, false, Skipped::new());
                self.pane = pane;
                self.dialog = dialog;
                effects
            }
            None => Vec::new(),
        }
    }

    /// Applies the stored view to the log that was opened.
    pub(super) fn restore_view(&mut self) {
        self.workspace.missing = None;
        self.workspace.log = None;
        if let Some(view) = self.workspace.view.take() {
            self.table.set_view(view);
        }
        self.select_stored_event();
    }
}

/// Returns a sentence, without its full stop, why the workspace of a link cannot be opened.
fn unusable_link(error: WorkspaceError) -> String {
    match error {
        WorkspaceError::UnknownVersion(_) => "The link was made by a later version of the playground. Reload the page to get that version, or ask for the content as a file".to_owned(),
        error => ["The link has no usable content: it is ", &error.to_string()].concat(),
    }
}
