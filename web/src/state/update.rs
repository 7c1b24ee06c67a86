//! Applies actions: changes the state and returns the effects that follow.
//!
//! At most one request of a kind is in progress; what changes meanwhile is requested next, once. So typing never queues up work.

mod analysis;
mod claims;
mod download;
mod embed;
mod export;
mod goals;
mod kept;
mod lessons;
mod log;
mod log_scan;
mod logs_place;
mod metrics;
mod notices;
mod policy;
mod policy_check;
mod repair;
mod requests;
mod seal;
mod share;
mod trail;
mod volume;
mod worker;
mod worker_message;
mod workspace;

use audit_filter::narrow;
use playground_protocol::{RuleFilter, ToWorker, View};

use super::action::Action;
use super::app_state::AppState;
use super::effect::{EditorCommand, Effect, FileContent};
use super::facets::{clear_field, toggle_value};
use super::opening::LogSource;
use super::table::sort;
use super::ui::{Dialog, Pane};
use crate::deferred;
use crate::dom_ids;

/// Applies an action: the next state, and the effects to run, in order.
pub fn update(mut state: AppState, action: Action) -> (AppState, Vec<Effect>) {
    let place = state.current_place();
    let is_named = trail::names_pane(&action, state.pane);
    let is_history = matches!(action, Action::GoTo(_));
    let mut effects = state.handle_action(action);
    if state.has_all_parts && state.lessons.lesson.is_some() {
        effects.extend(deferred::follow_lesson(&mut state));
    }
    if state.has_all_parts && state.needs_repair() {
        effects.extend(deferred::follow_repair(&mut state));
    }
    if state.has_all_parts && state.needs_search() {
        effects.extend(deferred::search_small_log(&mut state));
    }
    if !is_history {
        effects.extend(state.follow(place, is_named));
    }
    (state, effects)
}

impl AppState {
    fn handle_action(&mut self, action: Action) -> Vec<Effect> {
        if action.clears_messages() {
            self.downloads.last_result = None;
            self.error_message = None;
        }
        if action.changes_settings() {
            self.mark_modified();
        }
        self.workspace.is_modified |= action.changes_view_or_log();
        match action {
            Action::WorkerMessage(message) => self.handle_message(message),
            Action::Worker(action) => self.update_worker(action),
            Action::Seal(action) => self.update_seal(action).into_iter().collect(),
            Action::FoundNewVersion => {
                self.report_new_version();
                Vec::new()
            }
            Action::LoadNewVersion => vec![Effect::LoadNewVersion],
            Action::Workspace(action) => deferred::update_workspace(self, action),
            Action::Export(action) => deferred::update_export(self, action),
            Action::Share(action) => deferred::update_share(self, action),
            Action::PolicyCheck(action) => deferred::update_policy_check(self, action),
            Action::LogScan(action) => deferred::update_log_scan(self, action),
            Action::Analysis(action) => deferred::update_analysis(self, action),
            Action::Claims(action) => deferred::update_claims(self, action),
            Action::Repair(action) => deferred::update_repair(self, action),
            Action::Goals(action) => deferred::update_goals(self, action),
            Action::Place(action) => deferred::update_place(self, action),
            Action::Lessons(action) => deferred::update_lessons(self, action),
            Action::Metrics(action) => deferred::update_metrics(self, action),
            Action::Embed(action) => deferred::update_embed(self, action),
            Action::PartLoaded(is_loaded) => {
                self.has_all_parts |= is_loaded;
                if !is_loaded {
                    self.report_missing_part();
                }
                Vec::new()
            }
            Action::EditPolicy(text) => self.edit(text),
            Action::ReplacePolicy(text) => self.open_policy(None, text),
            Action::OpenPolicy(name, text) => self.open_policy(Some(&name), text),
            Action::UndoPolicy => self.undo_policy(),
            Action::SelectPolicy(part) => self.select_policy(part),
            Action::SelectVersion(version) => self.select_version(version),
            Action::OpenExample(index) => {
                deferred::leave_for_example(self);
                self.leave_tests();
                self.open_example(index)
            }
            Action::GoTo(at) => deferred::go_to(self, at),
            Action::GoToPane(pane) => self.show_pane(pane),
            Action::OpenFiles {
                files,
                names,
                skipped,
            } => self.open(LogSource::Files(files, names), false, skipped),
            Action::PasteLog(text) => self.open_text(text),
            Action::GenerateLog(profile) => self.open_model(profile),
            Action::ReopenPreviousLog => self.reopen_previous(),
            Action::CancelReading => vec![Effect::Send(ToWorker::Cancel)],
            Action::RequestDownload(lines, to) => self.request_download(lines, to),
            Action::StartDownload(lines, to) => self.start_download(lines, to),
            Action::ChunkWritten(chunk) => self.chunk_written(chunk),
            Action::CancelDownload => self.cancel_download("Cancelled."),
            Action::SetPrices(ingested, stored) => {
                self.volume.set_prices(ingested, stored);
                self.request_volume().into_iter().collect()
            }
            Action::PinBaseline(pinned) => self.pin(pinned),
            other => self.update_layout(other),
        }
    }

    /// Applies an action that moves the focus or shows another part of the page.
    fn update_layout(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::ShowPane(pane) => self.show_pane(pane),
            Action::FocusPane(pane) => self.focus_pane(pane),
            Action::FocusFilter => self.show_and_focus(Pane::Events, dom_ids::FILTER),
            Action::FocusEvents => vec![Effect::Focus(dom_ids::EVENTS_GRID)],
            Action::Explain(code) => vec![Effect::Send(ToWorker::Explain { code })],
            Action::ShowDialog(dialog) => self.show(dialog),
            Action::CloseFacets => {
                self.facets.close();
                vec![Effect::Focus(dom_ids::FACETS_BUTTON)]
            }
            Action::SelectRow(index) => {
                self.claims.example = None;
                self.table.select(index);
                self.request_inspection().into_iter().collect()
            }
            Action::ExtendSelection(index) => {
                self.table.extend(index);
                self.request_inspection().into_iter().collect()
            }
            Action::RevealText(from, to) => {
                vec![Effect::Edit(EditorCommand::Reveal(from, to))]
            }
            Action::ApplyFix(edits) => {
                let apply = Effect::Edit(EditorCommand::Apply(edits));
                vec![apply, Effect::Edit(EditorCommand::Focus)]
            }
            Action::ApplySuggestion(edit) => {
                let from = edit.span.start;
                let apply = Effect::Edit(EditorCommand::Apply(vec![edit]));
                vec![apply, Effect::Edit(EditorCommand::Reveal(from, from))]
            }
            Action::RequestValues(request) => {
                let is_ready = self.answer.is_some() && !self.worker.has_lost_log;
                let request = is_ready.then(|| self.completion.request(request)).flatten();
                request.map(Effect::Send).into_iter().collect()
            }
            Action::UndoEdit => vec![Effect::Edit(EditorCommand::Undo)],
            Action::ChooseFiles => vec![Effect::OpenFilePicker],
            Action::SaveFile(name, text) => {
                vec![Effect::SaveFile(name, FileContent::Text(text))]
            }
            Action::SavePolicy => {
                let text = FileContent::Text((*self.text).clone());
                vec![Effect::SaveFile("policy.yaml".to_owned(), text)]
            }
            other => {
                self.update_display(other);
                self.requests_for_view()
            }
        }
    }

    /// Applies an action that changes how something is displayed.
    fn update_display(&mut self, action: Action) {
        match action {
            Action::ToggleFacets => self.facets.toggle(),
            Action::ShowTab(tab) => self.tab = tab,
            Action::SetBreakdown(by) => self.breakdown_by = by,
            Action::SetUnit(unit) => self.unit = unit,
            Action::ShowError(sentence) => self.error_message = Some(sentence),
            Action::DismissError => self.error_message = None,
            Action::DismissNotice(kind) => self.dismiss(kind),
            Action::SelectAll => self.table.select_all(),
            Action::ShowRows { start, count } => self.table.set_window(start, count),
            other => self.update_view(other),
        }
    }

    /// Applies an action that changes which events are listed, or how.
    fn update_view(&mut self, action: Action) {
        match action {
            Action::SetFilter(text) => self.change_view(|view| view.text = text),
            Action::ToggleOutcome(outcome) => self.change_view(|view| {
                view.outcome = (view.outcome != Some(outcome)).then_some(outcome);
            }),
            Action::ToggleRule(rule) => {
                self.pane = Pane::Events;
                self.change_view(|view| {
                    let filter = Some(RuleFilter::from(rule));
                    view.rule = filter.filter(|_| view.rule != filter);
                });
            }
            Action::ClearFilters => self.change_view(|view| {
                view.text.clear();
                view.outcome = None;
                view.rule = None;
                view.contradiction = None;
                view.finding = None;
            }),
            Action::SortBy(column) => self.change_view(|view| sort(view, column)),
            Action::GroupBy(column) => self.change_view(|view| view.group_by = column),
            Action::OpenGroup(term) => self.change_view(|view| {
                view.group_by = None;
                narrow(&mut view.text, &term);
            }),
            Action::ToggleValue(column, key) => {
                self.change_view(|view| toggle_value(view, column, &key));
            }
            Action::ClearField(column) => self.change_view(|view| clear_field(view, column)),
            _ => {}
        }
    }

    fn show_pane(&mut self, pane: Pane) -> Vec<Effect> {
        self.pane = pane;
        let stopped = self.unsubscribe_volume();
        let mut effects: Vec<Effect> = stopped.into_iter().collect();
        effects.extend(self.request_volume());
        effects.extend(self.request_shown_analysis());
        effects
    }

    fn focus_pane(&mut self, pane: Pane) -> Vec<Effect> {
        match pane {
            Pane::Lesson => self.show_and_focus(pane, dom_ids::LESSON),
            Pane::Policy => {
                let mut effects = self.show_pane(pane);
                effects.push(Effect::Edit(EditorCommand::Focus));
                effects
            }
            Pane::Events => self.show_and_focus(pane, dom_ids::EVENTS_GRID),
            Pane::Inspector => self.show_and_focus(pane, dom_ids::INSPECTOR_PANEL),
            Pane::Volume => self.show_and_focus(pane, dom_ids::VOLUME_BODY),
            Pane::Compare => self.show_and_focus(pane, dom_ids::COMPARE_BODY),
            Pane::Ask => self.show_and_focus(pane, dom_ids::QUERY),
        }
    }

    fn show_and_focus(&mut self, pane: Pane, id: &'static str) -> Vec<Effect> {
        let mut effects = self.show_pane(pane);
        effects.push(Effect::Focus(id));
        effects
    }

    fn show(&mut self, dialog: Option<Dialog>) -> Vec<Effect> {
        self.dialog = dialog;
        self.request_shown_export().into_iter().collect()
    }

    fn change_view(&mut self, change: impl FnOnce(&mut View)) {
        let mut view = (*self.table.view).clone();
        change(&mut view);
        self.table.set_view(view);
    }
}
