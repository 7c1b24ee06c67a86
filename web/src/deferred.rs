//! Functions of the interface's second part: see [`crate::rest`].

use playground_protocol::{LogFindingKind, ToPage};
use web_sys::File;
use yew::{Callback, Html};

use crate::editor::TextEditorHandle;
use crate::folder::Dropped;
use crate::state::analysis::AnalysisAction;
use crate::state::claims::ClaimsAction;
use crate::state::embed::{EmbedAction, HostAnswer};
use crate::state::export::ExportAction;
use crate::state::goals::GoalsAction;
use crate::state::kept::StorageEffect;
use crate::state::lessons::LessonsAction;
use crate::state::log_scan::LogScanAction;
use crate::state::logs_place::PlaceAction;
use crate::state::metrics::MetricsAction;
use crate::state::policy_check::PolicyCheckAction;
use crate::state::repair::RepairAction;
use crate::state::share::ShareAction;
use crate::state::workspace::WorkspaceAction;
use crate::state::{Action, AppState, Effect};
use crate::worker_client::WorkerClient;
use crate::workspace_storage::WorkspaceStorage;

playground_split::deferred! {
    /// Renders the volume pane.
    "01" fn volume_pane(state: &AppState, on: &Callback<Action>) -> Html = crate::components::volume::volume_pane;
    /// Renders the open dialog.
    "02" fn dialog(state: &AppState, on: &Callback<Action>) -> Html = crate::components::dialog::dialog;
    /// Renders the printed report.
    "03" fn printed(state: &AppState) -> Html = crate::components::report::printed;
    /// Renders the inspector.
    "04" fn inspector(state: &AppState, on: &Callback<Action>) -> Html = crate::components::inspector::inspector;
    /// Renders the filter.
    "05" fn filter_field(state: &AppState, on: &Callback<Action>) -> Html = crate::components::filter::filter_field;
    /// Renders the facets.
    "06" fn facets(state: &AppState, on: &Callback<Action>) -> Html = crate::components::facets::facets;
    /// Opens dropped files, and the files of dropped folders.
    "07" fn open_dropped(dropped: Vec<Dropped>, client: WorkerClient, on: Callback<Action>) = crate::files::open_dropped;
    /// Opens a pasted text.
    "08" fn open_text(text: String, on: &Callback<Action>) = crate::files::open_text;
    /// Opens chosen files.
    "09" fn open_files(files: Vec<File>, client: WorkerClient, on: Callback<Action>) = crate::files::open_chosen;
    /// Returns the state with a stored workspace, and the first effects.
    "10" fn restored(text: &str) -> (AppState, Vec<Effect>) = AppState::restored_from;
    /// Returns the workspace as it is stored.
    "11" fn workspace_text(state: &AppState) -> String = AppState::workspace_text;
    /// Applies an action on the workspace.
    "12" fn update_workspace(state: &mut AppState, action: WorkspaceAction) -> Vec<Effect> = AppState::update_workspace;
    /// Applies an action on the export.
    "13" fn update_export(state: &mut AppState, action: ExportAction) -> Vec<Effect> = AppState::update_export;
    /// Applies an action on the check of the log against the policy.
    "14" fn update_policy_check(state: &mut AppState, action: PolicyCheckAction) -> Vec<Effect> = AppState::update_policy_check;
    /// Applies an action on the metrics.
    "15" fn update_metrics(state: &mut AppState, action: MetricsAction) -> Vec<Effect> = AppState::update_metrics;
    /// Handles a message that only the rest of the page asks for.
    "16" fn handle_late_message(state: &mut AppState, message: ToPage) -> Vec<Effect> = AppState::handle_late_message;
    /// Accesses the browser's storage of workspaces.
    "17" fn access_storage(storage: &WorkspaceStorage, effect: StorageEffect, on: &Callback<Action>) = crate::kept_workspaces::run;
    /// Shows a place of the history again.
    "18" fn go_to(state: &mut AppState, at: usize) -> Vec<Effect> = AppState::go_to;
    /// Keeps what is shown as a document to go back to.
    "19" fn leave_for_example(state: &mut AppState) = AppState::leave_for_example;
    /// Applies an action on the share dialog.
    "20" fn update_share(state: &mut AppState, action: ShareAction) -> Vec<Effect> = AppState::update_share;
    /// Applies an action of the page around this one.
    "21" fn update_embed(state: &mut AppState, action: EmbedAction) -> Vec<Effect> = AppState::update_embed;
    /// Renders the link to the page around this one.
    "22" fn host_link(state: &AppState, on: &Callback<Action>) -> Html = crate::embed::host_link;
    /// Answers a message of the page around this one.
    "23" fn answer_host(number: u32, answer: HostAnswer) = crate::embed::answer_host;
    /// Renders the bar of a page that is inside another one.
    "24" fn embed_bar(state: &AppState, on: &Callback<Action>) -> Html = crate::components::embed::embed_bar;
    /// Renders the pane of questions about every possible request.
    "25" fn ask_pane(state: &AppState, on: &Callback<Action>) -> Html = crate::components::ask::ask_pane;
    /// Applies an action on the questions.
    "26" fn update_analysis(state: &mut AppState, action: AnalysisAction) -> Vec<Effect> = AppState::update_analysis;
    /// Requests the answer to the question that is shown.
    "27" fn request_analysis(state: &mut AppState) -> Vec<Effect> = AppState::request_analysis;
    /// Renders the comparison with another policy.
    "28" fn compare_pane(state: &AppState, on: &Callback<Action>) -> Html = crate::components::compare::compare_pane;
    /// Applies an action on the tests and the claims of standards.
    "29" fn update_claims(state: &mut AppState, action: ClaimsAction) -> Vec<Effect> = AppState::update_claims;
    /// Requests the results of the tests and of the claims of standards.
    "30" fn request_claims(state: &mut AppState) -> Vec<Effect> = AppState::request_claims;
    /// Renders the tests or the claims of standards.
    "31" fn claims_panel(state: &AppState, on: &Callback<Action>) -> Html = crate::components::claims::claims_panel;
    /// Renders the editor of the tests.
    "32" fn tests_editor(state: &AppState, editor: &TextEditorHandle, on: &Callback<Action>) -> Html = crate::components::claims::tests_editor;
    /// Renders the offer to simplify the policy.
    "33" fn simplify_offer(state: &AppState, on: &Callback<Action>) -> Html = crate::components::simplify::simplify_offer;
    /// Renders the lessons.
    "34" fn lessons_pane(state: &AppState, on: &Callback<Action>) -> Html = crate::components::lessons::lessons_pane;
    /// Applies an action on the lessons.
    "35" fn update_lessons(state: &mut AppState, action: LessonsAction) -> Vec<Effect> = AppState::update_lessons;
    /// Checks the answer to the step of the open lesson again, if it has changed.
    "36" fn follow_lesson(state: &mut AppState) -> Vec<Effect> = AppState::follow_lesson;
    /// Renders the repair of a damaged policy.
    "37" fn repair_offer(state: &AppState, on: &Callback<Action>) -> Html = crate::components::repair::repair_offer;
    /// Applies an action on the repair.
    "38" fn update_repair(state: &mut AppState, action: RepairAction) -> Vec<Effect> = AppState::update_repair;
    /// Requests the repair of another text.
    "39" fn follow_repair(state: &mut AppState) -> Vec<Effect> = AppState::follow_repair;
    /// Applies an action on the goals of a new policy.
    "40" fn update_goals(state: &mut AppState, action: GoalsAction) -> Vec<Effect> = AppState::update_goals;
    /// Applies an action on the place where logs live.
    "45" fn update_place(state: &mut AppState, action: PlaceAction) -> Vec<Effect> = AppState::update_place;
    /// Applies an action on findings about the log or a timeline.
    "41" fn update_log_scan(state: &mut AppState, action: LogScanAction) -> Vec<Effect> = AppState::update_log_scan;
    /// Searches a log that was read for findings, if it is small.
    "42" fn search_small_log(state: &mut AppState) -> Vec<Effect> = AppState::search_small_log;
    /// Renders the number of findings about the log.
    "43" fn findings_chip(warnings: usize, on: &Callback<Action>) -> Html = crate::components::log_findings::findings_chip;
    /// Renders the finding that the table is filtered by.
    "44" fn finding_facet(kind: LogFindingKind, on: &Callback<Action>) -> Html = crate::components::log_findings::finding_facet;
}
