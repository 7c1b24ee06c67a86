//! The workspace: what of the state is worth keeping, how it comes back, and whether the browser keeps it.

use audit_workspace::{self as kept, LogOrigin, Workspace, WorkspaceError};
use playground_protocol::terms::{add_term, term};
use playground_protocol::volume::ClusterProfile;
use playground_protocol::{Ask, Column, OutcomeTag, View};

use super::notices::{Notice, NoticeKind};
use super::opening::{LogSource, Skipped};
use super::{AppState, ExportState, default_version};
use crate::identity_rc::IdentityRc;

/// The policy of a new workspace.
const NEW_POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

/// Columns by the names that a workspace has for them.
const COLUMNS: [(&str, Column); 14] = [
    ("time", Column::Time),
    ("verb", Column::Verb),
    ("resource", Column::Resource),
    ("user", Column::User),
    ("group", Column::Group),
    ("namespace", Column::Namespace),
    ("stage", Column::Stage),
    ("code", Column::Code),
    ("source", Column::Source),
    ("rule", Column::Rule),
    ("level", Column::Level),
    ("outcome", Column::Outcome),
    ("recorded", Column::Recorded),
    ("written", Column::Written),
];

/// What the browser had of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredWorkspace {
    /// Nothing, or it may not be looked at.
    Nothing,
    /// A text.
    Text(String),
}

/// Whether the browser keeps the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaveStatus {
    /// It does.
    #[default]
    Saved,
    /// The page may store nothing.
    Forbidden,
    /// There is no room for it.
    Full,
    /// Another tab has stored another workspace.
    ChangedInOtherTab,
    /// What is stored cannot be read and is not written over: it is of a later version, or damaged and could not be put aside.
    ReadOnly,
}

impl SaveStatus {
    /// What to say about it.
    const fn sentence(self) -> Option<&'static str> {
        Some(match self {
            Self::Saved => return None,
            Self::Forbidden => {
                "This browser does not let the page save anything. Your policy will be lost when you close this tab unless you save it as a file."
            }
            Self::Full => {
                "This browser's storage is full. Your policy will be lost when you close this tab unless you save it as a file."
            }
            Self::ChangedInOtherTab => {
                "Another tab has changed this workspace. Your changes here are not saved until you choose which to keep."
            }
            // Said with the reason, when the workspace is read.
            Self::ReadOnly => return None,
        })
    }
}

/// What can happen to the workspace as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceAction {
    /// The browser has kept it, or has not.
    SaveStatusChanged(SaveStatus),
    /// An empty one is wanted.
    New,
    /// One was chosen: a name for it, and its JSON.
    Open(String, String),
    /// What another tab has kept is wanted here: its JSON.
    LoadFromOtherTab(String),
    /// The one before the one that was opened is wanted again.
    Undo,
}

/// The workspace's side of the state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkspaceState {
    /// Its name; may be empty.
    pub name: String,
    /// Whether the browser keeps it.
    pub save_status: SaveStatus,
    /// A person has changed it since it came into being.
    pub is_modified: bool,
    /// A person has changed it in this tab.
    is_modified_here: bool,
    /// The view for the next log.
    view: Option<View>,
    /// The log that was open when it was kept.
    log: Option<LogOrigin>,
    /// What has to be opened again by hand: a few words.
    pub missing: Option<String>,
    /// The workspace before the one that was opened.
    before: Option<Box<Workspace>>,
}

/// What a workspace is made of, as far as comparing goes.
type Key = (
    IdentityRc<String>,
    String,
    String,
    ExportKey,
    (ClusterProfile, Option<f64>, Option<f64>),
    IdentityRc<View>,
    Option<LogOrigin>,
);
type ExportKey = (
    playground_protocol::export::ExportSettings,
    String,
    IdentityRc<String>,
);

impl AppState {
    /// The state at the start, and what to ask the worker: the kept workspace where there is one.
    pub fn restored(
        stored: &StoredWorkspace,
        back_up: impl FnOnce(&str) -> bool,
    ) -> (Self, Vec<Ask>) {
        let mut state = Self::default();
        let StoredWorkspace::Text(text) = stored else {
            return (state, Vec::new());
        };
        let asks = match Workspace::from_json(text) {
            Ok(workspace) => {
                let asks = state.apply_workspace(workspace);
                state.workspace.is_modified = true;
                asks
            }
            Err(error) => {
                state.unreadable(text, &error, back_up);
                Vec::new()
            }
        };
        (state, asks)
    }

    /// What the browser has kept cannot be read: nothing of it is lost.
    fn unreadable(
        &mut self,
        text: &str,
        error: &WorkspaceError,
        back_up: impl FnOnce(&str) -> bool,
    ) {
        let reason = error.to_string();
        let is_newer = matches!(error, WorkspaceError::UnknownVersion(_));
        let consequence = if is_newer {
            self.workspace.save_status = SaveStatus::ReadOnly;
            ". It stays as it is, and what you change here is not kept: save it as a file."
        } else if back_up(text) {
            ". It was put aside in the browser's storage, under `workspace.damaged`."
        } else {
            self.workspace.save_status = SaveStatus::ReadOnly;
            ". It stays as it is, since there is no room to put it aside; what you change here is not kept: save it as a file."
        };
        let sentence = ["This browser has kept ", &reason, consequence].concat();
        self.notify(Notice::new(NoticeKind::StorageUnreadable, sentence));
    }

    /// Takes over everything but the log.
    fn apply_workspace(&mut self, workspace: Workspace) -> Vec<Ask> {
        self.workspace.name = workspace.name;
        self.dismiss(NoticeKind::UnknownVersion);
        if !workspace.kubernetes_version.is_empty() {
            self.version = workspace.kubernetes_version;
            // Before the worker is up, no version is known, and that is looked at then.
            if !self.versions.is_empty() && !self.versions.contains(&self.version) {
                let known = default_version(&self.versions);
                self.notify_unknown_version(&known);
                self.version = known;
            }
        } else if !self.versions.is_empty() {
            self.version = default_version(&self.versions);
        }
        let mut export = ExportState::default();
        export.target = workspace.export.target;
        export.manifest = IdentityRc::new(workspace.export.manifest);
        if let Some(fields) = workspace.export.fields {
            export.settings.fields = fields.into_iter().collect();
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
        let mut asks = self.place(workspace.policy);
        asks.extend(self.request_shown_export());
        asks
    }

    /// The workspace is for a version that is not known; it is shown as another.
    pub(super) fn notify_unknown_version(&mut self, shown: &str) {
        let sentence = [
            "This workspace is for Kubernetes ",
            &self.version,
            ", which this page does not know; it is shown as ",
            shown,
            ".",
        ];
        self.notify(Notice::new(NoticeKind::UnknownVersion, sentence.concat()));
    }

    /// The workspace as it is now.
    pub fn to_workspace(&self) -> Workspace {
        let export = &self.export;
        let shown = self.volume.profile;
        // Until a log is there, the view for it is still to come.
        let view = self.workspace.view.as_ref().unwrap_or(&self.table.view);
        Workspace {
            name: self.workspace.name.clone(),
            policy: (*self.text).clone(),
            kubernetes_version: self.version.clone(),
            export: kept::ExportSettings {
                target: export.target.clone(),
                fields: Some(export.settings.fields.iter().cloned().collect()),
                manifest: (*export.manifest).clone(),
            },
            cluster: (shown != ClusterProfile::default()).then(|| cluster(shown)),
            prices: kept::Prices {
                ingested_per_gb: self.volume.price_ingested,
                stored_per_gb_month: self.volume.price_stored,
            },
            view: kept::ViewSettings {
                filter: filter_of(view),
                sort: view.sort.map(name_of),
                descending: view.descending,
                group_by: view.group_by.map(name_of),
            },
            log: self.log_origin(),
        }
    }

    /// The origin of the open log, or of the one that is still to be opened again.
    fn log_origin(&self) -> Option<LogOrigin> {
        let Some(current) = self.openings.current() else {
            return self.workspace.log.clone();
        };
        Some(match current {
            LogSource::Files(_, names) => LogOrigin::Files(names.clone()),
            LogSource::Text(_) => LogOrigin::Pasted,
            LogSource::Model(..) => LogOrigin::Generated,
            LogSource::Example(index) => {
                let example = self.examples.get(*index)?;
                LogOrigin::Example(example.title.clone())
            }
        })
    }

    /// Changes whenever the workspace does.
    pub fn workspace_key(&self) -> Key {
        (
            self.text.clone(),
            self.workspace.name.clone(),
            self.version.clone(),
            (
                self.export.settings.clone(),
                self.export.target.clone(),
                self.export.manifest.clone(),
            ),
            (
                self.volume.profile,
                self.volume.price_ingested,
                self.volume.price_stored,
            ),
            self.table.view.clone(),
            self.log_origin(),
        )
    }

    /// A person has changed something that is worth keeping.
    pub(super) const fn touch(&mut self) {
        self.workspace.is_modified = true;
        self.workspace.is_modified_here = true;
    }

    /// Whether a person has changed the workspace in this tab.
    pub const fn is_modified_here(&self) -> bool {
        self.workspace.is_modified_here
    }

    /// Whether closing the tab would lose something that a person did.
    pub fn is_at_risk(&self) -> bool {
        self.workspace.is_modified_here && self.workspace.save_status != SaveStatus::Saved
    }

    /// Whether the workspace is to be written to the browser's storage.
    pub fn should_save(&self) -> bool {
        let save_status = self.workspace.save_status;
        self.workspace.is_modified
            && !matches!(
                save_status,
                SaveStatus::ChangedInOtherTab | SaveStatus::ReadOnly
            )
    }

    pub(super) fn update_workspace(&mut self, action: WorkspaceAction) -> Vec<Ask> {
        match action {
            WorkspaceAction::SaveStatusChanged(save_status) => {
                self.kept(save_status);
                Vec::new()
            }
            WorkspaceAction::New => self.new_workspace(),
            WorkspaceAction::Open(name, text) => self.open_workspace(&name, &text),
            WorkspaceAction::LoadFromOtherTab(text) => self.load_from_other_tab(&text),
            WorkspaceAction::Undo => self.undo_workspace(),
        }
    }

    /// The browser has kept the workspace, or has not.
    fn kept(&mut self, save_status: SaveStatus) {
        if self.workspace.save_status == save_status
            || self.workspace.save_status == SaveStatus::ReadOnly
        {
            return;
        }
        self.workspace.save_status = save_status;
        match save_status.sentence() {
            // Said once: what was read and dismissed is not said again for the same reason.
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

    /// A workspace was chosen as a file, or that of another tab.
    fn open_workspace(&mut self, name: &str, text: &str) -> Vec<Ask> {
        match Workspace::from_json(text) {
            Ok(mut workspace) => {
                if workspace.name.is_empty() {
                    name.clone_into(&mut workspace.name);
                }
                let log = workspace.log.clone();
                let mut asks = self.replace_workspace(workspace, "Opened the workspace.");
                let source = log.and_then(|log| self.source_of(log));
                if let Some(source) =
                    source.filter(|source| self.openings.current() != Some(source))
                {
                    asks.extend(self.open(source, false, Skipped::new()));
                    self.openings.mark_as_part_of_workspace();
                }
                asks
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

    /// The workspace of another tab: it is kept already, and is not written again before it changes.
    fn load_from_other_tab(&mut self, text: &str) -> Vec<Ask> {
        let asks = self.open_workspace("", text);
        self.kept(SaveStatus::Saved);
        self.workspace.is_modified = false;
        self.workspace.is_modified_here = false;
        asks
    }

    /// An empty workspace; the log stays.
    fn new_workspace(&mut self) -> Vec<Ask> {
        let workspace = Workspace {
            policy: NEW_POLICY.to_owned(),
            ..Workspace::default()
        };
        self.replace_workspace(workspace, "Started a new workspace.")
    }

    /// Goes back to the workspace before the one that was opened.
    fn undo_workspace(&mut self) -> Vec<Ask> {
        match self.workspace.before.take() {
            Some(before) => self.replace_workspace(*before, "The previous workspace is back."),
            None => Vec::new(),
        }
    }

    fn replace_workspace(&mut self, workspace: Workspace, sentence: &str) -> Vec<Ask> {
        self.workspace.before = Some(Box::new(self.to_workspace()));
        self.description = None;
        let mut asks = self.apply_workspace(workspace);
        self.touch();
        self.dismiss_opening_notices();
        self.notify(Notice::new(
            NoticeKind::WorkspaceReplaced,
            sentence.to_owned(),
        ));
        asks.extend(self.requests_for_answer());
        asks
    }

    /// The log of a kept workspace, where it can be opened again without the person.
    fn source_of(&self, log: LogOrigin) -> Option<LogSource> {
        match log {
            LogOrigin::Example(title) => {
                let at = self.examples.iter().position(|one| one.title == title)?;
                Some(LogSource::Example(at))
            }
            LogOrigin::Generated => {
                Some(LogSource::Model(self.volume.profile, self.version.clone()))
            }
            LogOrigin::Files(_) | LogOrigin::Pasted => None,
        }
    }

    /// Opens the log of the kept workspace, or says what has to be opened by hand.
    pub(super) fn restore_log(&mut self) -> Vec<Ask> {
        let Some(log) = self.workspace.log.clone() else {
            return Vec::new();
        };
        self.workspace.missing = match &log {
            LogOrigin::Files(names) => Some(
                names
                    .iter()
                    .map(|name| ["`", name, "`"].concat())
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            LogOrigin::Pasted => Some("the pasted log".to_owned()),
            LogOrigin::Example(_) | LogOrigin::Generated => None,
        };
        match self.source_of(log) {
            Some(source) => self.open(source, false, Skipped::new()),
            None => Vec::new(),
        }
    }

    /// A log is open: the kept view is for it.
    pub(super) fn restore_view(&mut self) {
        self.workspace.missing = None;
        self.workspace.log = None;
        if let Some(view) = self.workspace.view.take() {
            self.table.set_view(view);
        }
    }
}

fn name_of(column: Column) -> String {
    let name = COLUMNS.iter().find(|(_, other)| *other == column);
    name.map(|(name, _)| (*name).to_owned()).unwrap_or_default()
}

fn column_of(name: Option<&String>) -> Option<Column> {
    let column = COLUMNS
        .iter()
        .find(|(other, _)| Some(*other) == name.map(String::as_str));
    column.map(|(_, column)| *column)
}

/// The filter as text: what buttons have chosen has terms, too.
fn filter_of(view: &View) -> String {
    let mut filter = view.text.clone();
    if let Some(outcome) = view.outcome {
        let name = match outcome {
            OutcomeTag::Written => "written",
            OutcomeTag::Dropped => "dropped",
            OutcomeTag::DroppedLevel => "dropped-level",
            OutcomeTag::DroppedStage => "dropped-stage",
            OutcomeTag::Unknowable => "unknowable",
        };
        add_term(&mut filter, &term(Column::Outcome, name));
    }
    if let Some(Some(rule)) = view.rule {
        let number = rule.saturating_add(1).to_string();
        add_term(&mut filter, &term(Column::Rule, &number));
    }
    filter
}

fn view_of(view: &kept::ViewSettings) -> View {
    View {
        text: view.filter.clone(),
        sort: column_of(view.sort.as_ref()),
        descending: view.descending,
        group_by: column_of(view.group_by.as_ref()),
        ..View::default()
    }
}

const fn cluster(profile: ClusterProfile) -> kept::ClusterProfile {
    kept::ClusterProfile {
        control_plane_nodes: profile.control_plane_nodes,
        nodes: profile.nodes,
        pods: profile.pods,
        pods_replaced_per_hour: profile.pods_replaced_per_hour,
        people: profile.people,
        pipelines: profile.pipelines,
        busy_controller_reads_per_minute: profile.busy_controller,
    }
}

const fn profile(cluster: kept::ClusterProfile) -> ClusterProfile {
    ClusterProfile {
        control_plane_nodes: cluster.control_plane_nodes,
        nodes: cluster.nodes,
        pods: cluster.pods,
        pods_replaced_per_hour: cluster.pods_replaced_per_hour,
        people: cluster.people,
        pipelines: cluster.pipelines,
        busy_controller: cluster.busy_controller_reads_per_minute,
    }
}
