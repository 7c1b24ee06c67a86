//! The export's side of the state: its settings, the target, the reader's own texts, and what the worker made of them.

use playground_protocol::Ask;
use playground_protocol::export::{
    ExportAsk, ExportReport, ExportSettings, ImportReport, USUAL_FIELDS,
};

use super::{AppState, Dialog};
use crate::identity_rc::IdentityRc;

/// The target for a pasted manifest.
const STATIC_POD: &str = "static-pod";

/// The export.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportState {
    /// What is exported; its version is the page's.
    pub settings: ExportSettings,
    /// The target's name; empty for the first.
    pub target: String,
    /// The reader's own manifest; empty for none.
    pub manifest: IdentityRc<String>,
    /// What the worker made of it.
    pub report: Option<IdentityRc<ExportReport>>,
    /// What a pasted text was, and what it was pasted for.
    pub imported: Option<(PasteAction, IdentityRc<ImportReport>)>,
    /// The text that the worker reads, and what for.
    importing: Option<(String, PasteAction)>,
    /// The settings before those that were read.
    pub before: Option<ExportSettings>,
}

impl Default for ExportState {
    /// The usual paths, and a retention that no disk minds.
    fn default() -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            settings: ExportSettings {
                version: String::new(),
                fields: USUAL_FIELDS.map(owned).to_vec(),
            },
            target: String::new(),
            manifest: IdentityRc::default(),
            report: None,
            imported: None,
            importing: None,
            before: None,
        }
    }
}

/// What a text is pasted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasteAction {
    /// Its settings.
    ReadSettings,
    /// To have the settings put into it.
    PatchManifest,
}

/// What can happen to the export.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportAction {
    /// A field was filled.
    SetField(String, String),
    /// Another target was chosen.
    SelectTarget(String),
    /// A text was pasted.
    Paste(String, PasteAction),
    /// The settings of before the paste are wanted back.
    Undo,
    /// The manifest is to be forgotten.
    RemoveManifest,
    /// All files in one archive.
    SaveArchive,
}

impl ExportState {
    /// What a text was. Its settings are taken over where it has some.
    pub(super) fn receive(&mut self, report: ImportReport) {
        let Some((text, wish)) = self.importing.take() else {
            return;
        };
        if wish == PasteAction::ReadSettings && !report.fields.is_empty() {
            self.before = Some(self.settings.clone());
            self.settings.fields.clone_from(&report.fields);
        }
        if report.is_manifest {
            self.manifest = IdentityRc::new(text);
            self.target = STATIC_POD.to_owned();
        }
        self.imported = Some((wish, IdentityRc::new(report)));
    }
}

impl AppState {
    pub(super) fn request_export(&self) -> Ask {
        Ask::Export(self.export_request())
    }

    /// The settings, for the page's version.
    pub(super) fn export_settings(&self) -> ExportSettings {
        ExportSettings {
            version: self.version.clone(),
            ..self.export.settings.clone()
        }
    }

    fn export_request(&self) -> ExportAsk {
        ExportAsk {
            settings: self.export_settings(),
            target: self.export.target.clone(),
            manifest: (*self.export.manifest).clone(),
        }
    }

    /// The export, where it is shown.
    pub(super) fn request_shown_export(&self) -> Option<Ask> {
        (self.dialog == Some(Dialog::Export)).then(|| self.request_export())
    }

    pub(super) fn update_export(&mut self, action: ExportAction) -> Vec<Ask> {
        let export = &mut self.export;
        match action {
            ExportAction::SetField(name, value) => {
                export.settings.fill(&name, value);
                export.before = None;
                return self.settings_changed();
            }
            ExportAction::SelectTarget(name) => export.target = name,
            ExportAction::Paste(text, wish) => {
                export.importing = Some((text.clone(), wish));
                let version = self.version.clone();
                return vec![Ask::Import { text, version }];
            }
            ExportAction::Undo => {
                if let Some(before) = export.before.take() {
                    export.settings = before;
                    export.imported = None;
                    return self.settings_changed();
                }
            }
            ExportAction::RemoveManifest => export.manifest = IdentityRc::default(),
            ExportAction::SaveArchive => return vec![Ask::Archive(self.export_request())],
        }
        vec![self.request_export()]
    }

    /// What a pasted text was has come.
    pub(super) fn imported(&mut self, report: ImportReport) -> Vec<Ask> {
        self.export.receive(report);
        self.settings_changed()
    }

    fn settings_changed(&mut self) -> Vec<Ask> {
        self.volume.mark_outdated();
        let asks = self
            .request_shown_export()
            .into_iter()
            .chain(self.request_volume());
        asks.collect()
    }
}
