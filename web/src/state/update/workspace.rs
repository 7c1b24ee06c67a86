//! Opening, replacing and restoring workspaces.

use audit_workspace::{LogOrigin, Workspace, WorkspaceError};
use playground_protocol::export::FieldValue;
use playground_protocol::{ClusterProfile, KubernetesVersion, Target};

use crate::deferred;
use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::{Effect, FileContent};
use crate::state::export::ExportState;
use crate::state::notices::{Notice, NoticeKind};
use crate::state::opening::{LogSource, Skipped};
use crate::state::saved_workspace::{profile, view_of};
use crate::state::worker::WorkerStatus;
use crate::state::workspace::{IncomingLink, SaveStatus, StoredWorkspace, WorkspaceAction};

/// Policy of a new workspace.
const NEW_POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

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
                let effects = state.apply_workspace(workspace);
                state.workspace.is_modified = true;
                effects
            }
            Err(error @ WorkspaceError::UnknownVersion(_)) => {
                state.workspace.save_status = SaveStatus::ReadOnly;
                let consequence = ". It is left unchanged, and your changes here are not saved: save them as a file.";
                state.notify_unreadable(&error.to_string(), consequence);
                Vec::new()
            }
            Err(error) => vec![Effect::BackUpWorkspace {
                text: text.to_owned(),
                reason: error.to_string(),
            }],
        };
        (state, effects)
    }

    /// Reports an unreadable workspace: its text was copied to another key, or is left where it is.
    fn workspace_backed_up(&mut self, reason: &str, is_backed_up: bool) {
        if is_backed_up {
            let consequence =
                ". It was moved to the key `workspace.damaged` of the browser's storage.";
            self.notify_unreadable(reason, consequence);
        } else {
            self.workspace.save_status = SaveStatus::ReadOnly;
            let consequence = ". It is left unchanged because there is no room for a copy, and your changes here are not saved: save them as a file.";
            self.notify_unreadable(reason, consequence);
        }
    }

    fn notify_unreadable(&mut self, reason: &str, consequence: &str) {
        let sentence = ["This browser's storage contains ", reason, consequence].concat();
        self.notify(Notice::new(NoticeKind::StorageUnreadable, sentence));
    }

    /// Applies everything but the log.
    pub(super) fn apply_workspace(&mut self, workspace: Workspace) -> Vec<Effect> {
        self.workspace.name = workspace.name;
        self.dismiss(NoticeKind::UnknownVersion);
        let named = workspace.kubernetes_version;
        self.version = KubernetesVersion::NEWEST;
        if !named.is_empty() {
            match named.parse() {
                Ok(version) => self.version = version,
                Err(_) => self.notify_unknown_version(&named),
            }
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
        let view = view_of(&workspace.view);
        if self.answer.is_some() {
            self.table.set_view(view);
        } else {
            self.workspace.view = Some(view);
        }
        self.workspace.log = workspace.log;
        self.workspace.sample = workspace.sample.map(IdentityRc::new);
        let mut effects = self.place(workspace.policy);
        effects.extend(self.request_shown_export());
        effects
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
            WorkspaceAction::BackedUp {
                reason,
                is_backed_up,
            } => {
                self.workspace_backed_up(&reason, is_backed_up);
                Vec::new()
            }
            WorkspaceAction::New => self.new_workspace(),
            WorkspaceAction::Open(name, text) => self.open_workspace(&name, &text),
            WorkspaceAction::OpenLink(link) => self.open_link(link),
            WorkspaceAction::UseOtherTab => vec![Effect::LoadStoredWorkspace],
            WorkspaceAction::LoadFromOtherTab(text) => self.load_from_other_tab(&text),
            WorkspaceAction::KeepThisTab => {
                self.save_status_changed(SaveStatus::Saved);
                vec![Effect::AcceptStoredWorkspace]
            }
            WorkspaceAction::Undo => self.undo_workspace(),
            WorkspaceAction::Save => vec![self.save_workspace_file()],
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
        if self.workspace.save_status == save_status
            || self.workspace.save_status == SaveStatus::ReadOnly
        {
            return;
        }
        self.workspace.save_status = save_status;
        match save_status.sentence() {
            // Reported once: a dismissed notice does not come back for the same reason.
            Some(sentence) => {
                let kind = if save_status == SaveStatus::ChangedInOtherTab {
                    NoticeKind::OtherTab
                } else {
                    NoticeKind::NotSaved
                };
                self.notify(Notice::new(kind, sentence.to_owned()));
            }
            None => {
                self.dismiss(NoticeKind::NotSaved);
                self.dismiss(NoticeKind::OtherTab);
            }
        }
    }

    /// Opens a workspace from a file or from another tab.
    pub(super) fn open_workspace(&mut self, name: &str, text: &str) -> Vec<Effect> {
        match Workspace::from_json(text) {
            Ok(mut workspace) => {
                if workspace.name.is_empty() {
                    name.clone_into(&mut workspace.name);
                }
                self.open_parsed_workspace(workspace, "Opened the workspace.")
            }
            Err(error) => {
                let named = if name.is_empty() { "It" } else { name };
                self.error_message = Some(
                    [
                        "`",
                        named,
                        "` was not opened: it is ",
                        &error.to_string(),
                        ". Nothing here has changed.",
                    ]
                    .concat(),
                );
                Vec::new()
            }
        }
    }

    /// Opens a workspace with its log, as far as it names one that can be opened.
    fn open_parsed_workspace(&mut self, workspace: Workspace, sentence: &str) -> Vec<Effect> {
        let mut effects = self.replace_workspace(workspace, sentence);
        let source = self.source_of_workspace();
        if let Some(source) = source.filter(|source| self.openings.current() != Some(source)) {
            effects.extend(self.open(source, false, Skipped::new()));
            self.openings.mark_as_part_of_workspace();
        }
        effects
    }

    /// Opens the workspace of a link once the worker is ready, or reports why there is none.
    fn open_link(&mut self, link: Result<String, String>) -> Vec<Effect> {
        if self.worker_status == WorkerStatus::Starting {
            self.incoming_link = IncomingLink::Decoded(link);
            return Vec::new();
        }
        self.incoming_link = IncomingLink::None;
        let parsed = link.and_then(|text| {
            Workspace::from_json(&text).map_err(|error| match error {
                WorkspaceError::UnknownVersion(_) => "The link was made by a later version of the playground. Reload the page to get that version, or ask for the content as a file".to_owned(),
                error => format!("The link has no usable content: it is {error}"),
            })
        });
        match parsed {
            Ok(workspace) => self.open_parsed_workspace(workspace, "Opened the link."),
            Err(sentence) => {
                let effects = self.open_first_log();
                self.error_message = Some(sentence + ". Nothing here has changed.");
                effects
            }
        }
    }

    /// Opens the workspace of another tab. It is saved already, and is not written again before it changes.
    pub(super) fn load_from_other_tab(&mut self, text: &str) -> Vec<Effect> {
        let effects = self.open_workspace("", text);
        self.save_status_changed(SaveStatus::Saved);
        self.workspace.is_modified = false;
        self.workspace.is_modified_here = false;
        effects
    }

    /// Starts a new workspace; the log stays.
    pub(super) fn new_workspace(&mut self) -> Vec<Effect> {
        let workspace = Workspace {
            policy: NEW_POLICY.to_owned(),
            ..Workspace::default()
        };
        self.replace_workspace(workspace, "Started a new workspace.")
    }

    /// Restores the previous workspace.
    pub(super) fn undo_workspace(&mut self) -> Vec<Effect> {
        match self.workspace.before.take() {
            Some(before) => self.replace_workspace(*before, "Restored the previous workspace."),
            None => Vec::new(),
        }
    }

    pub(super) fn replace_workspace(
        &mut self,
        workspace: Workspace,
        sentence: &str,
    ) -> Vec<Effect> {
        self.workspace.before = Some(Box::new(self.to_workspace()));
        self.description = None;
        let mut effects = self.apply_workspace(workspace);
        self.mark_modified();
        self.dismiss_opening_notices();
        self.notify(Notice::new(
            NoticeKind::WorkspaceReplaced,
            sentence.to_owned(),
        ));
        effects.extend(self.requests_for_answer());
        effects
    }

    /// Returns the events of the workspace, or its log if it can be reopened without the user.
    fn source_of_workspace(&self) -> Option<LogSource> {
        let events = self.workspace.sample.clone().map(LogSource::Sample);
        events.or_else(|| self.source_of(self.workspace.log.clone()?))
    }

    /// Returns the log of a stored workspace if it can be reopened without the user.
    pub(super) fn source_of(&self, log: LogOrigin) -> Option<LogSource> {
        match log {
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
        self.workspace.missing = match &self.workspace.log {
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
        match self.source_of_workspace() {
            Some(source) => self.open(source, false, Skipped::new()),
            None => Vec::new(),
        }
    }

    /// Applies the stored view to the log that was opened.
    pub(super) fn restore_view(&mut self) {
        self.workspace.missing = None;
        self.workspace.log = None;
        self.workspace.sample = None;
        if let Some(view) = self.workspace.view.take() {
            self.table.set_view(view);
        }
    }
}
