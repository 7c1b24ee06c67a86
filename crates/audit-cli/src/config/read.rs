//! Reads a configuration.

use std::path::{Path, PathBuf};

use audit_policy::{KubernetesVersion, Severity, Span};
use audit_types::LineIndex;
use audit_types::excerpt::quote;
use toml::de::{DeTable, DeValue};

use super::configuration::{Config, ConfigSource};
use super::path_ignores::{PathIgnore, PathIgnores, globs};
use super::patterns::is_pattern;
use super::table::{Errors, Value, entries, meant, span_of, table, text, texts};
use crate::absolute::absolute;
use crate::codes;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input;
use crate::packs::is_built_in;
use crate::program;
use crate::test_file::Places;

/// Maximum size of the file in bytes.
const MAX_BYTES: usize = 256 << 10;

/// Maximum number of errors that are reported.
const MAX_ERRORS: usize = 20;

/// Keys at the top.
const KEYS: [&str; 6] = [
    "kubernetes-version",
    "files",
    "severity",
    "ignore",
    "test",
    "report",
];

/// Keys of an ignore.
const IGNORE_KEYS: [&str; 3] = ["path", "codes", "reason"];

/// Severities by name. `None` turns a code off.
const SEVERITIES: [(&str, Option<Severity>); 4] = [
    ("error", Some(Severity::Error)),
    ("warning", Some(Severity::Warning)),
    ("info", Some(Severity::Info)),
    ("off", None),
];

/// An ignore as it could be written.
const IGNORE: &str = "`[[ignore]]`, with `path`, `codes` and `reason` in the lines below";

/// Reads a file.
///
/// # Errors
/// If it cannot be read, or is wrong: a line for each error, with its place.
pub(super) fn read(file: &FileName) -> Result<Config> {
    let content = input::text(file, input::policy_bytes(file)?)?;
    if content.len() > MAX_BYTES {
        let size = content.len();
        let message = format!("`{file}` is too large: {size} bytes, the limit is {MAX_BYTES}");
        return Err(Error::Usage(message));
    }
    let folder = file.path().parent().unwrap_or(Path::new(""));
    let mut reader = Reader {
        folder,
        lines: LineIndex::new(&content),
        config: Config::default(),
        ignores: Vec::new(),
        errors: Errors::default(),
    };
    match DeTable::parse(&content) {
        Ok(top) => reader.top(top.get_ref()),
        Err(error) => {
            let range = error.span().unwrap_or_default();
            let message = format!("not TOML: {}", error.message());
            let span = Span::new(range.start, range.end);
            reader.errors.add(span, message, "");
        }
    }
    let Reader {
        mut config,
        ignores,
        mut errors,
        ..
    } = reader;
    if !errors.0.is_empty() {
        let places = Places::new(file, &content);
        errors.0.sort_by_key(|error| error.span.start);
        let lines = errors.0.iter().take(MAX_ERRORS);
        let lines = lines.map(|error| places.message(error.span, &error.message, &error.help));
        let mut lines: Vec<String> = lines.collect();
        if errors.0.len() > MAX_ERRORS {
            lines.push(format!("and {} more errors", errors.0.len() - MAX_ERRORS));
        }
        return Err(Error::Usage(lines.join("\n")));
    }
    config.ignores = PathIgnores::new(file, absolute(folder)?, ignores).map_err(|error| {
        let reason = error.kind();
        Error::Usage(format!(
            "`{file}`: the paths of ignores are too large: {reason}"
        ))
    })?;
    config.source = Some(ConfigSource {
        file: file.clone(),
        text: content,
    });
    Ok(config)
}

/// Reads the tables of a file.
struct Reader<'t> {
    /// Folder of the file.
    folder: &'t Path,
    lines: LineIndex<'t>,
    config: Config,
    ignores: Vec<PathIgnore>,
    errors: Errors,
}

impl Reader<'_> {
    fn top(&mut self, top: &DeTable<'_>) {
        for (key, span, value) in entries(top) {
            match key {
                "kubernetes-version" => self.version(value),
                "files" => {
                    let example = "`files = [\"clusters\"]`";
                    let files = texts(key, value, example, &mut self.errors);
                    self.config.files = self.in_folder(&files);
                }
                "severity" => self.severities(value),
                "ignore" => self.ignores(value),
                "test" => {
                    let example = "`files = [\"tests/*.yaml\"]`";
                    let files = self.only("test", "files", example, value);
                    self.config.tests = self.in_folder(&files);
                }
                "report" => {
                    let example = "`packs = [\"cis\"]`";
                    let packs = self.only("report", "packs", example, value);
                    self.config.packs = packs.iter().map(|pack| self.pack(pack.0)).collect();
                }
                _ => self.errors.unknown_key(span, key, &KEYS, ""),
            }
        }
    }

    fn version(&mut self, value: &Value<'_>) {
        let example = "it in quotes: `kubernetes-version = \"1.30\"`";
        let Some(version) = text("kubernetes-version", value, example, &mut self.errors) else {
            return;
        };
        match version.parse() {
            Ok(version) => self.config.kubernetes_version = Some(version),
            Err(_) => {
                let message = format!("unknown Kubernetes version {}", quote(version));
                let (oldest, newest) = (
                    KubernetesVersion::OLDEST,
                    KubernetesVersion::NEWEST_SELECTABLE,
                );
                let help = format!("the versions are {oldest} to {newest}");
                self.errors.add(span_of(value), message, help);
            }
        }
    }

    /// Returns the list of a table that has no other key.
    fn only<'v>(
        &mut self,
        name: &str,
        only: &str,
        example: &str,
        value: &'v Value<'_>,
    ) -> Vec<(&'v str, Span)> {
        let mut found = Vec::new();
        let Some(table) = table(name, value, &mut self.errors) else {
            return found;
        };
        for (key, span, value) in entries(table) {
            if key == only {
                found = texts(key, value, example, &mut self.errors);
            } else {
                let place = format!("[{name}]");
                self.errors.unknown_key(span, key, &[only], &place);
            }
        }
        found
    }

    fn severities(&mut self, value: &Value<'_>) {
        let Some(table) = table("severity", value, &mut self.errors) else {
            return;
        };
        for (key, span, value) in entries(table) {
            let Some(code) = self.code(key, span) else {
                continue;
            };
            let example = format!("`{code} = \"info\"`");
            let Some(name) = text(key, value, &example, &mut self.errors) else {
                continue;
            };
            let known = SEVERITIES.iter().find(|(own, _)| *own == name);
            match known {
                Some((_, severity)) => self.config.severities.set(code, *severity),
                None => {
                    let message = format!("unknown severity {}", quote(name));
                    let names = SEVERITIES.map(|(name, _)| name);
                    let help = meant(name, &names, "severities");
                    self.errors.add(span_of(value), message, help);
                }
            }
        }
    }

    /// Returns a code by its name.
    fn code(&mut self, name: &str, span: Span) -> Option<&'static str> {
        let found = codes::find(name).map(|code| code.id);
        if found.is_none() {
            let message = format!("{} is not the code of a finding", quote(name));
            let help = format!("`{} explain --list` lists all codes", program::called());
            self.errors.add(span, message, help);
        }
        found
    }

    fn ignores(&mut self, value: &Value<'_>) {
        let DeValue::Array(items) = value.get_ref() else {
            let message = "`ignore` is not a list of tables";
            self.errors
                .add(span_of(value), message, format!("write {IGNORE}"));
            return;
        };
        for item in items {
            match item.get_ref() {
                DeValue::Table(table) => self.ignore(table, span_of(item)),
                _ => {
                    let message = "an item of `ignore` is not a table";
                    self.errors
                        .add(span_of(item), message, format!("write {IGNORE}"));
                }
            }
        }
    }

    fn ignore(&mut self, table: &DeTable<'_>, span: Span) {
        let (mut path, mut codes, mut reason) = (None, None, None);
        for (key, span, value) in entries(table) {
            let errors = &mut self.errors;
            match key {
                "path" => path = Some((text(key, value, "`path = \"vendor/**\"`", errors), value)),
                "codes" => {
                    codes = Some((texts(key, value, "`codes = [\"AP025\"]`", errors), value))
                }
                "reason" => {
                    let example = "`reason = \"copied from upstream\"`";
                    reason = Some((text(key, value, example, errors), value));
                }
                _ => errors.unknown_key(span, key, &IGNORE_KEYS, "[[ignore]]"),
            }
        }
        for (key, is_missing, help) in [
            ("path", path.is_none(), "name the files it is about"),
            ("codes", codes.is_none(), "name the codes of findings"),
            (
                "reason",
                reason.is_none(),
                "write why the policy is right as it is",
            ),
        ] {
            if is_missing {
                let message = format!("missing `{key}` in `[[ignore]]`");
                self.errors.add(span, message, help);
            }
        }
        let (Some((path, path_value)), Some((codes, codes_value)), Some((reason, reason_value))) =
            (path, codes, reason)
        else {
            return;
        };
        let path = path.filter(|path| self.is_glob(path, span_of(path_value)));
        let codes = self.codes(&codes, span_of(codes_value));
        if reason.is_some_and(|reason| reason.trim().is_empty()) {
            let help = "write why the policy is right as it is";
            self.errors
                .add(span_of(reason_value), "`reason` is empty", help);
        }
        let (Some(path), Some(reason)) = (path, reason) else {
            return;
        };
        self.ignores.push(PathIgnore {
            path: path.to_owned(),
            codes,
            reason: reason.to_owned(),
            line: self.lines.position(span.start).line,
        });
    }

    fn codes(&mut self, names: &[(&str, Span)], span: Span) -> Vec<(&'static str, Span)> {
        if names.is_empty() {
            let help = "name the codes of findings, such as `\"AP025\"`";
            self.errors.add(span, "`codes` is empty", help);
        }
        let codes = names.iter();
        codes
            .filter_map(|(name, span)| Some((self.code(name, *span)?, *span)))
            .collect()
    }

    /// Returns whether a text is a pattern of paths, and not empty. Adds an error if it is not.
    fn is_glob(&mut self, path: &str, span: Span) -> bool {
        let help = "the path is relative to the folder of the configuration, such as `vendor/**`";
        if path.trim_end_matches('/').is_empty() || path.starts_with('/') || path.starts_with("..")
        {
            let message = format!("{} is not a path below the configuration", quote(path));
            self.errors.add(span, message, help);
            return false;
        }
        match globs(path) {
            Ok(_) => true,
            Err(error) => {
                let message = format!(
                    "{} is not a pattern of paths: {}",
                    quote(path),
                    error.kind()
                );
                self.errors.add(span, message, help);
                false
            }
        }
    }

    /// Returns names of files, which are relative to the folder of the configuration.
    fn in_folder(&self, names: &[(&str, Span)]) -> Vec<FileName> {
        names.iter().map(|(name, _)| self.file(name)).collect()
    }

    fn file(&self, name: &str) -> FileName {
        let folder = match self.folder.to_str() {
            // Special characters of the folder are not those of a pattern.
            Some(folder) if is_pattern(name) => PathBuf::from(globset::escape(folder)),
            _ => self.folder.to_owned(),
        };
        FileName::from(folder.join(name).into_os_string())
    }

    /// Returns the name of a pack: that of one that is built in, or of a file.
    fn pack(&self, name: &str) -> FileName {
        let file = self.file(name);
        if is_built_in(name) || !file.path().is_file() {
            return FileName::from(std::ffi::OsString::from(name));
        }
        file
    }
}
