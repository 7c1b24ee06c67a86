//! The state as a workspace that can be stored, and whether to store it.

use std::collections::BTreeMap;

use audit_filter::add_term;
use audit_workspace::{self as stored, LogOrigin, Workspace};
use playground_protocol::ClusterProfile;
use playground_protocol::export::ExportSettings;
use playground_protocol::terms::term;
use playground_protocol::{Column, KubernetesVersion, RuleFilter, Target, View};

use super::app_state::AppState;
use super::kept::title;
use super::opening::LogSource;
use super::ui::{Pane, Tab};
use super::volume::PolicyText;
use super::workspace::SaveStatus;
use crate::identity_rc::IdentityRc;

/// Columns by their names in a workspace.
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

/// Parts of a workspace, for comparing.
type Key = (
    (IdentityRc<String>, Option<PolicyText>, IdentityRc<String>),
    (String, usize),
    KubernetesVersion,
    ExportKey,
    (ClusterProfile, Option<f64>, Option<f64>),
    (IdentityRc<View>, IdentityRc<String>, bool),
    Option<LogOrigin>,
);

type ExportKey = (ExportSettings, Target, IdentityRc<String>);

impl AppState {
    /// Returns the current workspace.
    pub fn to_workspace(&self) -> Workspace {
        let export = &self.export;
        let shown = self.volume.profile;
        // Without a log, the view is still to be restored.
        let view = self.workspace.view.as_ref().unwrap_or(&self.table.view);
        Workspace {
            name: self.workspace.name.clone(),
            policy: (*self.text).clone(),
            baseline: self
                .volume
                .baseline
                .as_ref()
                .map(|baseline| (*baseline.text).clone()),
            tests: Some((*self.claims.text).clone()).filter(|_| self.claims.has_tests()),
            lesson: self.lesson_place(),
            kubernetes_version: self.version.to_string(),
            export: stored::ExportSettings {
                target: export.target.name().to_owned(),
                fields: Some(fields_of(&export.settings)),
                manifest: (*export.manifest).clone(),
            },
            cluster: (shown != ClusterProfile::default()).then(|| cluster(shown)),
            prices: stored::Prices {
                ingested_per_gb: self.volume.price_ingested,
                stored_per_gb_month: self.volume.price_stored,
            },
            view: stored::ViewSettings {
                filter: filter_of(view),
                sort: view.sort.map(name_of),
                descending: view.descending,
                group_by: view.group_by.map(name_of),
                query: Some((*self.analysis.query).clone()).filter(|query| !query.is_empty()),
                impossible: (!self.analysis.only_possible).then_some(true),
                pane: (self.pane != Pane::default()).then(|| self.pane.name().to_owned()),
                tab: (self.tab != Tab::default()).then(|| self.tab.name().to_owned()),
                selected: self.selected_index(),
            },
            log: self.log_origin(),
            sample: self.workspace.sample.as_deref().cloned(),
        }
    }

    /// Returns the current workspace as the browser stores it. What this tab looks at is not part of it, since two tabs that look at
    /// different events have no different versions; and events only if the user keeps them there.
    pub fn workspace_text(&self) -> String {
        let mut workspace = self.to_workspace();
        workspace.view.pane = None;
        workspace.view.tab = None;
        workspace.view.selected = None;
        workspace.sample = workspace.sample.filter(|_| self.workspace.keeps_sample);
        workspace.to_compact_json()
    }

    /// Returns the name of the workspace as it is shown.
    pub fn workspace_title(&self) -> String {
        title(&self.workspace.name, self.log_origin().as_ref())
    }

    /// Returns the text of the baseline, if there is one.
    pub fn baseline_text(&self) -> Option<&str> {
        let baseline = self.volume.baseline.as_ref();
        baseline.map(|baseline| baseline.text.as_str())
    }

    /// Returns the index of the selected event in the log, or of the one that is still to be selected.
    fn selected_index(&self) -> Option<u64> {
        let event = self.selected_event();
        event.map_or(self.workspace.selected, |event| {
            u64::try_from(event.recorded_index()).ok()
        })
    }

    /// Returns the origin of the open log, or of the one that is still to be reopened.
    fn log_origin(&self) -> Option<LogOrigin> {
        let Some(current) = self.openings.current() else {
            return self.workspace.log.clone();
        };
        Some(match current {
            LogSource::Files(_, names) => LogOrigin::Files(names.clone()),
            LogSource::Text(log) if self.lessons.has_log(log) => return None,
            LogSource::Text(_) => LogOrigin::Pasted,
            LogSource::Model(..) => LogOrigin::Generated,
            LogSource::Example(index) => {
                let example = self.examples.get(*index)?;
                LogOrigin::Example(example.title.clone())
            }
        })
    }

    /// Returns a value that changes whenever the workspace does.
    pub fn workspace_key(&self) -> Key {
        (
            (
                self.text.clone(),
                self.volume.baseline.clone(),
                self.claims.text.clone(),
            ),
            (self.workspace.name.clone(), self.workspace.slot),
            self.version,
            (
                self.export.settings.clone(),
                self.export.target,
                self.export.manifest.clone(),
            ),
            (
                self.volume.profile,
                self.volume.price_ingested,
                self.volume.price_stored,
            ),
            (
                self.table.view.clone(),
                self.analysis.query.clone(),
                self.analysis.only_possible,
            ),
            self.log_origin(),
        )
    }

    /// Returns whether the user has changed the workspace in this tab.
    pub const fn is_modified_here(&self) -> bool {
        self.workspace.is_modified_here
    }

    /// Returns whether closing the tab would lose changes.
    pub fn is_at_risk(&self) -> bool {
        let is_unsaved = self.workspace.save_status != SaveStatus::Saved;
        let before = self.workspace.before.as_ref();
        self.workspace.is_modified_here && is_unsaved
            || before.is_some_and(|before| before.is_at_risk())
            || self.trail.is_at_risk()
    }

    /// Returns whether to write the workspace to the browser's storage.
    pub fn should_save(&self) -> bool {
        let save_status = self.workspace.save_status;
        self.workspace.is_modified
            && !(self.embed.is_hosted || self.embed.is_compact)
            && !matches!(
                save_status,
                SaveStatus::ChangedInOtherTab | SaveStatus::Removed
            )
    }
}

/// Returns the fields by name.
fn fields_of(settings: &ExportSettings) -> BTreeMap<String, String> {
    let fields = settings.fields.iter();
    fields
        .map(|field| (field.name.clone(), field.value.clone()))
        .collect()
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

/// Returns the filter as text, with terms for what was chosen by buttons.
fn filter_of(view: &View) -> String {
    let mut filter = view.text.clone();
    if let Some(outcome) = view.outcome {
        add_term(&mut filter, &term(Column::Outcome, outcome.name()));
    }
    if let Some(RuleFilter::Rule(rule)) = view.rule {
        let number = rule.number().to_string();
        add_term(&mut filter, &term(Column::Rule, &number));
    }
    filter
}

pub(super) fn view_of(view: &stored::ViewSettings) -> View {
    View {
        text: view.filter.clone(),
        sort: column_of(view.sort.as_ref()),
        descending: view.descending,
        group_by: column_of(view.group_by.as_ref()),
        ..View::default()
    }
}

const fn cluster(profile: ClusterProfile) -> stored::ClusterProfile {
    stored::ClusterProfile {
        control_plane_nodes: profile.control_plane_nodes,
        nodes: profile.nodes,
        pods: profile.pods,
        pods_replaced_per_hour: profile.pods_replaced_per_hour,
        people: profile.people,
        pipelines: profile.pipelines,
        busy_controller_reads_per_minute: profile.busy_controller,
    }
}

pub(super) const fn profile(cluster: stored::ClusterProfile) -> ClusterProfile {
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
