//! Ids of the page's elements that are referred to from elsewhere: by a label, by the focus, or by a click.

/// The root that everything is rendered into.
pub const APP: &str = "app";
/// The static page, which `index.html` shows until the first answer is on the screen.
pub const SHELL: &str = "shell";
/// The box of the static page that reports the loading.
pub const STARTING: &str = "starting";
/// The filter of the event table.
pub const FILTER: &str = "filter";
/// The list of completions of the filter.
pub const FILTER_CHOICES: &str = "filter-choices";
/// The problems of the filter.
pub const FILTER_PROBLEMS: &str = "filter-problems";
/// The event table.
pub const EVENTS_GRID: &str = "events-grid";
/// The panel of facets.
pub const FACETS: &str = "facets";
/// The button that opens the facets.
pub const FACETS_BUTTON: &str = "facets-button";
/// The prefix of the inspector's tabs.
pub const INSPECTOR: &str = "inspector";
/// The inspector's panel.
pub const INSPECTOR_PANEL: &str = "inspector-panel";
/// The button that shows the lessons.
pub const LEARN: &str = "learn";
/// The repair of the policy.
pub const REPAIR: &str = "repair";
/// The last claim of a new policy.
pub const LAST_GOAL: &str = "last-goal";
/// The button that adds a claim to those of a new policy.
pub const ADD_GOAL: &str = "add-goal";
/// The lessons.
pub const LESSON: &str = "lesson";
/// The step of the lesson that is shown.
pub const LESSON_STEP: &str = "lesson-step";
/// The prefix of the tabs under the policy.
pub const CHECKS: &str = "checks";
/// The panel under the policy.
pub const CHECKS_PANEL: &str = "checks-panel";
/// The heading of the changes that no test notices.
pub const CHANGES_TITLE: &str = "changes-title";
/// The offer to simplify the policy.
pub const SIMPLIFY: &str = "simplify";
/// The scrolled part of the volume.
pub const VOLUME_BODY: &str = "volume-body";
/// The query of *Ask*.
pub const QUERY: &str = "query";
/// The list of completions of the query.
pub const QUERY_CHOICES: &str = "query-choices";
/// The problem of the query.
pub const QUERY_PROBLEM: &str = "query-problem";
/// The scrolled part of the comparison.
pub const COMPARE_BODY: &str = "compare-body";
/// The heading of the volume's suggestions.
pub const SUGGESTIONS_TITLE: &str = "suggestions-title";
/// The prefix of the tabs of the volume's breakdown.
pub const BREAKDOWN: &str = "by";
/// The file picker, which is not visible itself.
pub const FILE_PICKER: &str = "open-files";
/// The text area of the dialog for pasting a log.
pub const PASTE: &str = "paste";
/// The text area of the export for pasting flags or a manifest.
pub const EXPORT_PASTE: &str = "export-paste";
/// The choice of the export's target.
pub const EXPORT_TARGET: &str = "export-target";
/// The choice of the place where logs live.
pub const PLACE: &str = "place";
/// The choice of the way to apply a policy there.
pub const PLACE_WAY: &str = "place-way";
/// The length of a link.
pub const LINK_LENGTH: &str = "link-length";
/// The list of workspaces.
pub const WORKSPACES: &str = "workspaces";
/// The field for the name of a workspace.
pub const WORKSPACE_NAME: &str = "workspace-name";
/// The heading of a dialog.
pub const DIALOG_TITLE: &str = "dialog-title";
