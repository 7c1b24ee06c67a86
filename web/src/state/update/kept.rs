//! The workspaces that the browser keeps: creating, opening, copying, renaming and forgetting them.

use audit_workspace::Workspace;

use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::kept::{Forgotten, Kept, Next, StorageEffect, copy_name, new_name};
use crate::state::notices::{Notice, NoticeKind};
use crate::state::ui::Dialog;
use crate::state::workspace::{SaveStatus, WorkspaceAction};

/// Policy of a new workspace.
const NEW_POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

fn list(next: Next) -> Effect {
    Effect::Storage(StorageEffect::List(next))
}

impl AppState {
    pub(super) fn update_kept(&mut self, action: WorkspaceAction) -> Vec<Effect> {
        match action {
            WorkspaceAction::New => vec![list(Next::New)],
            WorkspaceAction::Duplicate => vec![list(Next::Duplicate)],
            WorkspaceAction::KeepBoth => vec![list(Next::KeepBoth)],
            WorkspaceAction::Show => self.show_kept(false),
            WorkspaceAction::ShowName => self.show_kept(true),
            WorkspaceAction::Listed(kept, next) => self.listed(kept, next),
            WorkspaceAction::OpenKept(key, text) => self.open_kept(key, text),
            WorkspaceAction::Rename(key, name) => self.rename(key, &name),
            WorkspaceAction::Forget => self.forget(),
            WorkspaceAction::Forgotten(forgotten) => self.forgotten(forgotten),
            WorkspaceAction::UndoForget => self.undo_forget(),
            WorkspaceAction::NotChanged(reason) => {
                self.workspace.list_problem = Some(reason);
                vec![list(Next::Show)]
            }
            WorkspaceAction::LeftUnsaved(status) => {
                self.left_unsaved(status);
                Vec::new()
            }
            WorkspaceAction::Storage(effect) => {
                self.workspace.list_problem = None;
                vec![Effect::Storage(effect)]
            }
            // All others are handled before.
            _ => Vec::new(),
        }
    }

    fn show_kept(&mut self, is_renaming: bool) -> Vec<Effect> {
        self.dialog = Some(Dialog::Workspaces);
        self.workspace.is_renaming = is_renaming;
        self.workspace.list_problem = None;
        vec![list(Next::Show)]
    }

    fn listed(&mut self, kept: Vec<Kept>, next: Next) -> Vec<Effect> {
        self.workspace.kept = IdentityRc::new(kept);
        let kept = &self.workspace.kept;
        match next {
            Next::Show => Vec::new(),
            Next::New => {
                let workspace = Workspace {
                    name: new_name(kept),
                    policy: NEW_POLICY.to_owned(),
                    ..Workspace::default()
                };
                self.create(workspace, "Started a new workspace.")
            }
            Next::Duplicate => {
                let name = copy_name(&self.workspace_title(), kept);
                let sentence = ["This is the copy `", &name, "`."].concat();
                let workspace = Workspace {
                    name,
                    ..self.to_workspace()
                };
                self.create(workspace, &sentence)
            }
            Next::KeepBoth => {
                let name = copy_name(&self.workspace_title(), kept);
                let effects = vec![self.enter(None, None)];
                self.workspace.name = name;
                self.mark_modified();
                effects
            }
        }
    }

    /// Shows a workspace that is new; the log stays.
    fn create(&mut self, workspace: Workspace, sentence: &str) -> Vec<Effect> {
        let keeps_sample = self.workspace.keeps_sample && workspace.sample.is_some();
        let effects = self.show_other(workspace, None, sentence);
        self.workspace.keeps_sample = keeps_sample;
        self.mark_modified();
        self.remember_created();
        effects
    }

    /// Opens a workspace that the browser keeps. It is not written again before it changes.
    fn open_kept(&mut self, key: String, text: String) -> Vec<Effect> {
        match Workspace::from_json(&text) {
            Ok(workspace) => {
                let keeps_sample = workspace.sample.is_some();
                let effects =
                    self.show_other(workspace, Some((key, text)), "Opened the workspace.");
                self.workspace.keeps_sample = keeps_sample;
                effects
            }
            Err(error) => {
                self.dialog = None;
                self.report_not_opened("", &error);
                Vec::new()
            }
        }
    }

    fn rename(&mut self, key: Option<String>, name: &str) -> Vec<Effect> {
        self.workspace.is_renaming = false;
        self.workspace.list_problem = None;
        let name = name.trim();
        if let Some(key) = key {
            let name = name.to_owned();
            return vec![Effect::Storage(StorageEffect::Rename(key, name))];
        }
        if self.workspace.name != name {
            name.clone_into(&mut self.workspace.name);
            self.mark_modified();
        }
        Vec::new()
    }

    /// Forgets the current workspace, and shows a new one that is kept once it is changed. The log stays.
    fn forget(&mut self) -> Vec<Effect> {
        let mut snapshot = self.snapshot();
        let sentence = ["Forgot `", &self.workspace_title(), "`."].concat();
        // The storage does not have it any more, so that undoing writes it again.
        snapshot.is_modified = true;
        snapshot.save_status = SaveStatus::Saved;
        self.trail.forget(snapshot.slot);
        self.workspace.is_modified = false;
        let mut effects = vec![Effect::Storage(StorageEffect::ForgetCurrent)];
        let dialog = self.dialog;
        let workspace = Workspace {
            policy: NEW_POLICY.to_owned(),
            ..Workspace::default()
        };
        effects.extend(self.show_other(workspace, None, &sentence));
        self.trail.unleave();
        self.workspace.before = Some(IdentityRc::new(snapshot));
        self.dialog = dialog;
        effects.push(list(Next::Show));
        effects
    }

    fn forgotten(&mut self, forgotten: Forgotten) -> Vec<Effect> {
        self.notify_forgotten(&forgotten.name);
        self.workspace.forgotten.push(IdentityRc::new(forgotten));
        vec![list(Next::Show)]
    }

    fn notify_forgotten(&mut self, name: &str) {
        let sentence = ["Forgot `", name, "`."].concat();
        self.notify(Notice::new(NoticeKind::Forgotten, sentence));
    }

    /// Keeps the workspace again that was forgotten last; the one before can be kept again next.
    fn undo_forget(&mut self) -> Vec<Effect> {
        self.dismiss(NoticeKind::Forgotten);
        self.workspace.list_problem = None;
        let Some(forgotten) = self.workspace.forgotten.pop() else {
            return Vec::new();
        };
        let next = self.workspace.forgotten.last();
        if let Some(name) = next.map(|next| next.name.clone()) {
            self.notify_forgotten(&name);
        }
        vec![
            Effect::Storage(StorageEffect::Restore((*forgotten).clone())),
            list(Next::Show),
        ]
    }

    /// Reports that the workspace that was left is only in this tab.
    fn left_unsaved(&mut self, status: SaveStatus) {
        let Some(before) = &self.workspace.before else {
            return;
        };
        let mut snapshot = (**before).clone();
        snapshot.save_status = status;
        self.workspace.before = Some(IdentityRc::new(snapshot));
        let notice = self
            .notices
            .iter_mut()
            .find(|notice| notice.kind == NoticeKind::WorkspaceReplaced);
        if let Some(notice) = notice {
            let sentence =
                " The previous one could not be saved, and will be lost when you close this tab.";
            notice.sentence.push_str(sentence);
        }
    }
}
