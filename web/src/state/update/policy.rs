//! Changes of the policy: typing, replacing, and the one load in progress.

use playground_protocol::{KubernetesVersion, PolicyReport, ToWorker};

use crate::identity_rc::IdentityRc;
use crate::state::analysis::ComparedWith;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::notices::{Notice, NoticeKind};
use crate::state::opening::LogSource;
use crate::state::ui::{EditorDocument, Pane};
use crate::state::volume::PolicyText;

impl AppState {
    /// Applies an edit, by typing or because a text was put into the editor.
    pub(super) fn edit(&mut self, text: String) -> Vec<Effect> {
        if *self.text == text {
            return Vec::new();
        }
        let is_example = matches!(self.openings.current(), Some(LogSource::Example(_)));
        if is_example && self.description.is_some() && is_replaced(&self.text, &text) {
            self.description = None;
        }
        self.text = IdentityRc::new(text);
        self.mark_modified();
        self.changed()
    }

    /// Puts a text into the editor and loads it.
    pub(super) fn place(&mut self, text: String) -> Vec<Effect> {
        self.policy_part = 0;
        self.editor_document = IdentityRc::new(EditorDocument {
            revision: self.editor_document.revision.wrapping_add(1),
            first: self.text.is_empty(),
            text: text.clone(),
        });
        self.text = IdentityRc::new(text);
        self.changed()
    }

    /// Opens a policy that was dropped, chosen as a file or pasted outside the editor; `name` is the file's, if there is one. The
    /// replaced policy can be restored.
    pub(super) fn open_policy(&mut self, name: Option<&str>, text: String) -> Vec<Effect> {
        self.dismiss_opening_notices();
        let before = self.text.clone();
        let description = self.description.take();
        if !self.pane.replaces_events() {
            self.pane = Pane::Policy;
        }
        self.policy_before = None;
        if !before.is_empty() && *before != text {
            self.remember_policy_opened_with_log(&before, &text);
            self.policy_before = Some((before, description));
            let opened = name.map_or_else(
                || "The policy in the editor was replaced.".to_owned(),
                |name| ["Opened the policy `", name, "`."].concat(),
            );
            self.notify(Notice::new(NoticeKind::PolicyOpened, opened));
        }
        self.place(text)
    }

    /// Restores the policy before the one that was opened.
    pub(super) fn undo_policy(&mut self) -> Vec<Effect> {
        let Some((before, description)) = self.policy_before.take() else {
            return Vec::new();
        };
        self.dismiss_opening_notices();
        self.description = description;
        self.place((*before).clone())
    }

    pub(super) fn select_version(&mut self, version: KubernetesVersion) -> Vec<Effect> {
        if self.version == version {
            return Vec::new();
        }
        self.set_version(version);
        let mut effects = self.changed();
        effects.extend(self.send_baseline_again());
        effects.extend(self.request_shown_export());
        effects
    }

    /// Sets the version. A comparison with that version becomes one with the version before, because a policy is not compared with itself.
    pub(super) fn set_version(&mut self, version: KubernetesVersion) {
        let before = std::mem::replace(&mut self.version, version);
        let other = &mut self.analysis.compared_with;
        if *other == ComparedWith::Version(version) {
            *other = ComparedWith::Version(before);
        }
    }

    pub(super) fn policy_loaded(&mut self, report: PolicyReport) -> Vec<Effect> {
        if self.loading.is_some_and(|asked| asked <= report.generation) {
            self.loading = None;
        }
        let behind = report.generation < self.generation;
        if report.accepted && !behind {
            self.accepted = Some(PolicyText {
                text: self.text.clone(),
                part: self.policy_part,
            });
        }
        self.analysis.mark_outdated();
        self.claims.mark_outdated();
        if !behind || self.policy.is_none() {
            self.policy = Some(IdentityRc::new(report));
        }
        if behind && self.loading.is_none() {
            return self.load();
        }
        let mut effects: Vec<Effect> = self.request_metrics().into_iter().collect();
        effects.extend(self.request_shown_analysis());
        effects
    }

    pub(super) fn changed(&mut self) -> Vec<Effect> {
        self.generation = self.generation.saturating_add(1);
        self.metrics.mark_outdated();
        if self.loading.is_some() {
            return Vec::new();
        }
        self.load()
    }

    pub(super) fn load(&mut self) -> Vec<Effect> {
        self.loading = Some(self.generation);
        vec![Effect::Send(ToWorker::Policy {
            generation: self.generation,
            text: (*self.text).clone(),
            version: self.version,
            part: self.policy_part,
        })]
    }

    /// Selects one of the policies of a document.
    pub(super) fn select_policy(&mut self, part: usize) -> Vec<Effect> {
        if self.policy_part == part {
            return Vec::new();
        }
        self.policy_part = part;
        self.changed()
    }
}

/// Returns whether an edit leaves less than half of a policy unchanged. Lines that every policy has do not count.
fn is_replaced(before: &str, after: &str) -> bool {
    let (before, after) = (own_lines(before), own_lines(after));
    let same = |(one, other): &(u8, u8)| one == other;
    let start = before.bytes().zip(after.bytes()).take_while(same).count();
    let ends = before.bytes().rev().zip(after.bytes().rev());
    // The common end does not overlap the common start.
    let rest = before.len().min(after.len()).saturating_sub(start);
    let end = ends.take_while(same).take(rest).count();
    start.saturating_add(end).saturating_mul(2) < before.len()
}

/// Returns a policy without the lines that every policy has.
fn own_lines(policy: &str) -> String {
    let is_own = |line: &&str| {
        let common = ["apiVersion:", "kind:", "rules:", "---"];
        !common.iter().any(|begin| line.starts_with(begin))
    };
    policy.split_inclusive('\n').filter(is_own).collect()
}
