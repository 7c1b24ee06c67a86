//! The export: its settings, the target, the pasted texts, and the report of the worker.

use playground_protocol::export::{ExportReport, ExportSettings, ImportReport};

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
    pub(super) importing: Option<(String, PasteAction)>,
    /// The settings before those that were read.
    pub before: Option<ExportSettings>,
}

impl Default for ExportState {
    /// The usual paths, and a retention that no disk minds.
    fn default() -> Self {
        Self {
            settings: ExportSettings::initial(),
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
