//! Settings of a file, as far as it contains them.

use apiserver_config::{Flag, Settings, check};
use audit_import::import;
use audit_policy::KubernetesVersion;
use audit_tests::FlagValue;
use audit_types::Diagnostic;

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input::manifest;
use crate::settings::of_json;

/// Settings of a file.
pub(crate) struct KnownSettings {
    /// Name of the file.
    pub(crate) file: String,
    /// Flags whose value is not the default.
    pub(crate) flags: Vec<Flag>,
    /// Findings about the settings.
    pub(crate) findings: Vec<Diagnostic>,
    /// Flags whose value is a variable.
    unknown: Vec<String>,
    /// Flags that the file contains, if the server gets others as well. `None` if it does not.
    given: Option<Vec<String>>,
}

impl KnownSettings {
    /// Reads settings as JSON, flags, a manifest or a configuration.
    ///
    /// # Errors
    /// If the file cannot be read or contains no settings.
    pub(crate) fn read(file: &FileName, version: KubernetesVersion) -> Result<Self> {
        let text = manifest(file)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if is_settings(text) {
            let mut settings = of_json(file, text)?;
            settings.version = version;
            return Ok(Self::new(file, &settings, check(&settings)));
        }
        let found = import(text, version);
        if !found.format.has_settings() && found.given.names.is_empty() {
            let message = format!("`{file}` contains no settings of kube-apiserver");
            let help = "name a file with its flags, its manifest or its configuration";
            return Err(Error::Usage(format!("{message} (help: {help})")));
        }
        let mut known = Self::new(file, &found.settings, found.all_findings(text));
        known.unknown = found.given.unknown;
        known.given = found.given.is_partial.then_some(found.given.names);
        Ok(known)
    }

    fn new(file: &FileName, settings: &Settings, findings: Vec<Diagnostic>) -> Self {
        Self {
            file: file.to_string(),
            flags: settings.changed_flags(),
            findings,
            unknown: Vec::new(),
            given: None,
        }
    }

    /// Returns why the value of a flag is not known. `None` if it is.
    pub(crate) fn doubt(&self, name: &str) -> Option<&'static str> {
        let is_in = |names: &[String]| names.iter().any(|own| own == name);
        if is_in(&self.unknown) {
            return Some("the value is a variable");
        }
        let given = self.given.as_deref()?;
        let reason = "the server gets arguments that the file does not contain";
        (!is_in(given)).then_some(reason)
    }

    /// Returns the value of a flag that is known, or the reason why it is not. `None` if it has the default.
    pub(crate) fn value(&self, name: &str) -> FlagValue {
        if let Some(reason) = self.doubt(name) {
            return Err(reason);
        }
        let flag = self.flags.iter().find(|flag| flag.name == name);
        Ok(flag.map(|flag| flag.value.clone()))
    }
}

/// Returns true if a text is settings as JSON, rather than a manifest in JSON.
fn is_settings(text: &str) -> bool {
    let value = serde_json::from_str::<serde_json::Value>(text);
    value.is_ok_and(|value| {
        let has = |name| value.get(name).is_some();
        !has("kind") && (has("settings") || has("log") || has("webhook"))
    })
}
