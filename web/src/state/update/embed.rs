//! Changes that the page around an embedded one requests.

use audit_workspace::Workspace;
use playground_protocol::{EventId, KubernetesVersion};

use crate::identity_rc::IdentityRc;
use crate::json::JsonWriter;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::embed::{EmbedAction, HostAnswer, HostParts, HostTheme, HostView};
use crate::state::opening::LogSource;
use crate::state::table::Selection;
use crate::state::ui::{Dialog, Pane, Tab};
use crate::state::worker::WorkerStatus;
use crate::state::workspace::IncomingLink;

/// Longest log that a link carries as a whole, in bytes. Of a longer one, it carries the selected event.
const MAX_LINKED_LOG: usize = 64 * 1024;

/// Parts that are known to be usable.
struct Checked {
    workspace: Option<Workspace>,
    version: Option<KubernetesVersion>,
    view: Option<HostView>,
    theme: Option<HostTheme>,
}

impl AppState {
    pub(crate) fn update_embed(&mut self, action: EmbedAction) -> Vec<Effect> {
        match action {
            EmbedAction::Set(number, parts) => match checked(&parts) {
                Ok(checked) => {
                    let mut effects = self.apply_host_parts(*parts, checked);
                    effects.push(Effect::AnswerHost(number, HostAnswer::Applied));
                    effects
                }
                Err(sentence) => vec![Effect::AnswerHost(number, HostAnswer::Rejected(sentence))],
            },
            EmbedAction::Get(number) => {
                let text = self.to_workspace().to_compact_json();
                vec![Effect::AnswerHost(number, HostAnswer::Workspace(text))]
            }
            EmbedAction::NoHost => self.stop_waiting_for_host(),
            EmbedAction::Show(view) => self.show_host_view(view),
        }
    }

    /// Opens the first log, unless the worker is not ready, which does that itself, or the page did not wait.
    fn stop_waiting_for_host(&mut self) -> Vec<Effect> {
        let has_waited =
            self.embed.is_compact && matches!(self.incoming_link, IncomingLink::Decoding);
        if !has_waited {
            return Vec::new();
        }
        self.incoming_link = IncomingLink::None;
        if self.worker_status == WorkerStatus::Starting {
            return Vec::new();
        }
        self.open_first_log()
    }

    fn apply_host_parts(&mut self, parts: HostParts, checked: Checked) -> Vec<Effect> {
        let mut effects = Vec::new();
        if !self.embed.is_hosted && !self.embed.is_compact {
            // What is here may be the reader's, and is kept.
            effects.push(self.enter(None, None));
        }
        self.embed.is_hosted = true;
        self.embed.theme = checked.theme.or(self.embed.theme);
        self.embed.is_read_only = parts.is_read_only.unwrap_or(self.embed.is_read_only);
        let mut log = parts.log.filter(|log| !log.trim().is_empty());
        let mut origin = None;
        if let Some(workspace) = checked.workspace {
            log = log.or_else(|| workspace.sample.clone());
            origin = workspace.log.clone();
            self.description = None;
            // A workspace does not name the default ones.
            self.pane = Pane::default();
            self.tab = Tab::default();
            effects.extend(self.apply_workspace(workspace));
        }
        if let Some(lesson) = parts.lesson {
            effects.push(self.open_host_lesson(lesson));
        }
        effects.extend(self.apply_host_policy(parts.policy, checked.version));
        if let Some(view) = checked.view {
            effects.extend(self.show_host_view(view));
        }
        if log.is_none() && self.worker_status != WorkerStatus::Starting {
            let source = origin.and_then(|origin| self.source_of(Some(origin)));
            let source = source.filter(|source| self.openings.current() != Some(source));
            effects.extend(source.into_iter().flat_map(|source| self.open_part(source)));
        }
        effects.extend(self.apply_host_log(log, parts.select));
        effects.extend(self.stop_waiting_for_host());
        effects.extend(self.requests_for_answer());
        effects
    }

    fn apply_host_policy(
        &mut self,
        policy: Option<String>,
        version: Option<KubernetesVersion>,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        let policy = policy.filter(|policy| *policy != *self.text);
        let is_other = version.is_some_and(|version| version != self.version);
        if let Some(version) = version.filter(|_| is_other) {
            self.set_version(version);
            effects.extend(self.send_baseline_again());
            effects.extend(self.request_shown_export());
        }
        match policy {
            Some(policy) => {
                self.description = None;
                effects.extend(self.place(policy));
            }
            None if is_other => effects.extend(self.changed()),
            None => {}
        }
        effects
    }

    /// Opens a log, and selects an event of it or of the one that is open.
    fn apply_host_log(&mut self, log: Option<String>, select: Option<u64>) -> Vec<Effect> {
        let Some(log) = log else {
            self.select_host_event(select);
            return Vec::new();
        };
        let log = IdentityRc::new(log);
        self.workspace.sample = Some(log.clone());
        if select.is_some() {
            self.workspace.selected = select;
        }
        // A worker that is not ready opens it once it is.
        if self.worker_status == WorkerStatus::Starting {
            return Vec::new();
        }
        self.open_part(LogSource::Text(log))
    }

    fn select_host_event(&mut self, select: Option<u64>) {
        let Some(index) = select else {
            return;
        };
        if self.answer.is_none() {
            self.workspace.selected = Some(index);
        } else if let Some(event) = usize::try_from(index).ok().and_then(EventId::of_recorded) {
            self.table.selection = Some(Selection::of_chosen(event));
        }
    }

    fn show_host_view(&mut self, view: HostView) -> Vec<Effect> {
        self.tab = view.tab().unwrap_or(self.tab);
        let mut effects = self.show_pane(view.pane());
        let dialog = (view == HostView::Export).then_some(Dialog::Export);
        effects.extend(self.show(dialog));
        effects
    }

    /// Returns the members of the message with the results, as JSON; `None` while they are computed.
    pub(crate) fn verdict(&self) -> Option<String> {
        let policy = self.policy.as_deref()?;
        // The first rows bring a selected event.
        let is_busy = !self.settled()
            || self.worker_status != WorkerStatus::Ready
            || self.loading.is_some()
            || self.reading.is_some()
            || self.openings.is_pending()
            || self.inspecting.is_some()
            || policy.generation != self.generation
            || !policy.is_linted;
        let answer = self.answer.as_deref();
        let is_old = match answer {
            Some(answer) => answer.generation != self.generation || answer.stale,
            None => self.openings.current().is_some(),
        };
        if is_busy || policy.accepted && is_old {
            return None;
        }
        let mut json = JsonWriter::default();
        json.object(|json| {
            json.key("edit").number(edit_number(self));
            json.key("policy").text(&self.text);
            json.key("version").text(&self.version.to_string());
            json.key("accepted").flag(policy.accepted);
            json.key("findings").number(policy.findings.len());
            json.key("log");
            match answer {
                None => json.null(),
                Some(answer) => json.object(|json| {
                    json.key("events").number(answer.recorded.events);
                    json.key("bytes").number(whole(answer.recorded.bytes));
                    json.key("written").object(|json| {
                        json.key("events").number(answer.written.events);
                        json.key("bytes").number(whole(answer.written.bytes));
                    });
                    json.key("levels").object(|json| {
                        for sum in &answer.by_level {
                            json.key(sum.level.name()).number(sum.matched);
                        }
                    });
                }),
            }
            json.key("selected");
            self.write_selected(json);
        });
        Some(json.finish())
    }

    fn write_selected(&self, json: &mut JsonWriter) {
        let event = self.selected_event();
        let shown = self.inspection.as_deref();
        let Some(shown) = shown.filter(|shown| Some(shown.row.event) == event) else {
            return json.null();
        };
        json.object(|json| {
            json.key("index").number(shown.row.event.recorded_index());
            json.key("rule");
            match shown.row.rule {
                Some(rule) => json.number(rule.number()),
                None => json.null(),
            }
            json.key("level");
            match shown.row.level {
                Some(level) => json.text(level.name()),
                None => json.null(),
            }
        });
    }

    /// Returns whether another state has the same [`AppState::linked_workspace`], without writing either.
    pub(crate) fn has_same_link(&self, other: &Self) -> bool {
        let view = |state: &Self| (state.selected_event(), state.pane, state.tab);
        view(self) == view(other)
            && self.workspace.sample == other.workspace.sample
            && self.workspace_key() == other.workspace_key()
    }

    /// Returns the workspace for a page of its own: with the log, or with the selected event of a long one.
    pub(crate) fn linked_workspace(&self) -> String {
        let mut workspace = self.to_workspace();
        if let Some(log) = workspace.sample.take() {
            if log.len() <= MAX_LINKED_LOG {
                workspace.sample = Some(log);
            } else {
                let index = workspace.view.selected.take();
                let index = index.and_then(|index| usize::try_from(index).ok());
                let mut lines = log.lines().filter(|line| !line.trim().is_empty());
                let line = index.and_then(|index| lines.nth(index));
                workspace.view.selected = line.map(|_| 0);
                workspace.sample = line.map(str::to_owned);
            }
            workspace.log = None;
        }
        workspace.to_compact_json()
    }
}

/// Returns the parts that have to be parsed.
///
/// # Errors
/// A sentence without its full stop if one of them is not usable.
fn checked(parts: &HostParts) -> Result<Checked, String> {
    let workspace = parts.workspace.as_deref().map(Workspace::from_json);
    let workspace = workspace
        .transpose()
        .map_err(|error| ["`workspace` is ", &error.to_string()].concat())?;
    let version = parts.version.as_deref().map(str::parse);
    let version = version
        .transpose()
        .map_err(|_| "`version` is not a supported Kubernetes version".to_owned())?;
    Ok(Checked {
        workspace,
        version,
        view: parts.view.as_deref().and_then(HostView::named),
        theme: parts.theme.as_deref().and_then(HostTheme::named),
    })
}

/// Returns bytes as a whole number.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sum of whole numbers, which is far below the largest one"
)]
const fn whole(bytes: f64) -> usize {
    bytes as usize
}

/// Returns the number of the edit that the results are for.
fn edit_number(state: &AppState) -> usize {
    usize::try_from(state.generation).unwrap_or(usize::MAX)
}
