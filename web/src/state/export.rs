//! The export: its settings, the target, the pasted texts, and the report of the worker.

use playground_protocol::Target;
use playground_protocol::export::{ExportReport, ExportSettings, ImportReport};

use crate::identity_rc::IdentityRc;

/// State of the export.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportState {
    /// Settings; the version is that of the page.
    pub settings: ExportSettings,
    /// The target.
    pub target: Target,
    /// The user's own manifest; empty if there is none.
    pub manifest: IdentityRc<String>,
    /// Report of the worker.
    pub report: Option<IdentityRc<ExportReport>>,
    /// Report of a pasted text, and what was to be done with it.
    pub imported: Option<(PasteAction, IdentityRc<ImportReport>)>,
    /// Text that the worker is reading, and what is to be done with it.
    pub(super) importing: Option<(String, PasteAction)>,
    /// Settings before the import.
    pub before: Option<ExportSettings>,
}

impl Default for ExportState {
    /// Returns the usual paths, with a small retention.
    fn default() -> Self {
        Self {
            settings: ExportSettings::initial(),
            target: Target::default(),
            manifest: IdentityRc::default(),
            report: None,
            imported: None,
            importing: None,
            before: None,
        }
    }
}

/// Action for a pasted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasteAction {
    /// Import its settings.
    ReadSettings,
    /// Add the settings to it.
    PatchManifest,
}

/// Actions on the export.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportAction {
    /// A field was changed.
    SetField(String, String),
    /// A target was selected.
    SelectTarget(Target),
    /// A text was pasted.
    Paste(String, PasteAction),
    /// The settings before the import are to be restored.
    Undo,
    /// The manifest is to be removed.
    RemoveManifest,
    /// All files are to be saved as one archive.
    SaveArchive,
}

impl ExportState {
    /// Takes over the settings of a pasted text, if it has any.
    pub(super) fn receive(&mut self, report: ImportReport) {
        let Some((text, wish)) = self.importing.take() else {
            return;
        };
        if wish == PasteAction::ReadSettings && !report.fields.is_empty() {
            self.before = Some(self.settings.clone());
            self.settings.fields.clone_from(&report.fields);
            self.settings.place = report.place;
            self.settings.source.clone_from(&report.flags);
        }
        if report.is_manifest {
            self.manifest = IdentityRc::new(text);
            // Only this target can be added to the user's own manifest.
            self.target = Target::StaticPod;
        }
        self.imported = Some((wish, IdentityRc::new(report)));
    }
}
