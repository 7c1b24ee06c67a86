//! Changes of the export.

use playground_protocol::ToWorker;
use playground_protocol::export::ImportReport;

use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::export::ExportAction;
use crate::state::notices::NoticeKind;

impl AppState {
    pub(crate) fn update_export(&mut self, action: ExportAction) -> Vec<Effect> {
        let export = &mut self.export;
        match action {
            ExportAction::SetField(name, value) => {
                export.settings.set(&name, value);
                export.before = None;
                return self.settings_changed();
            }
            ExportAction::SelectTarget(target) => {
                export.target = target;
                self.dismiss(NoticeKind::UnknownTarget);
            }
            ExportAction::Paste(text, wish) => {
                export.importing = Some((text.clone(), wish));
                let version = self.version;
                return vec![Effect::Send(ToWorker::Import { text, version })];
            }
            ExportAction::Undo => {
                if let Some(before) = export.before.take() {
                    export.settings = before;
                    export.imported = None;
                    return self.settings_changed();
                }
            }
            ExportAction::RemoveManifest => export.manifest = IdentityRc::default(),
            ExportAction::SaveArchive => {
                return vec![Effect::Send(ToWorker::Archive(self.export_request()))];
            }
        }
        vec![self.request_export()]
    }

    /// Takes over the report of a pasted text.
    pub(super) fn imported(&mut self, report: ImportReport) -> Vec<Effect> {
        self.export.receive(report);
        self.settings_changed()
    }

    pub(super) fn settings_changed(&mut self) -> Vec<Effect> {
        self.volume.mark_outdated();
        let mut effects: Vec<Effect> = self.request_shown_export().into_iter().collect();
        effects.extend(self.request_volume());
        if self.claims.uses_settings {
            effects.extend(self.check_settings_again());
        }
        effects
    }
}
