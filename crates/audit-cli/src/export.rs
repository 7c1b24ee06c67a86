//! `export`: flags and manifests for a policy.

use std::io::{self, Write};

use apiserver_config::{SettingFinding, Settings, check, rejected_policy};
use audit_export::{Document, File, Target, check_for, render, render_manifest};
use audit_import::{Patched, patch};
use audit_policy::{KubernetesVersion, Severity, load};
use serde::Serialize;

use crate::Outcome;
use crate::arguments::{Export, TextOrJson};
use crate::failure::Failure;
use crate::file_name::FileName;
use crate::input::{as_text, check_read_once, loaded, manifest, policy_bytes};
use crate::output::Output;
use crate::save::save;
use crate::settings::say;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    settings: Settings,
    documents: Vec<DocumentReport>,
    findings: Vec<FindingReport>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DocumentReport {
    target: &'static str,
    title: String,
    file_name: String,
    note: String,
    text: String,
    files: Vec<FileReport>,
    steps: Vec<String>,
    verify: Vec<String>,
    undo: Vec<String>,
}

#[derive(Serialize)]
struct FileReport {
    path: String,
    text: String,
    mode: &'static str,
}

#[derive(Serialize)]
struct FindingReport {
    code: &'static str,
    severity: Severity,
    flag: &'static str,
    message: String,
    help: String,
}

impl From<SettingFinding> for FindingReport {
    fn from(finding: SettingFinding) -> Self {
        Self {
            code: finding.code,
            severity: finding.severity,
            flag: finding.flag,
            message: finding.message,
            help: finding.help,
        }
    }
}

/// Prints the documents; findings go to standard error, or into the JSON object. Fails where the server would reject the settings or the policy.
pub(crate) fn run(arguments: &Export, version: KubernetesVersion) -> Outcome {
    check_call(arguments)?;
    let PolicySettings {
        settings,
        rejected,
        is_text,
    } = settings(arguments, version)?;
    let mut targets = targets(arguments)?;
    let patched = match &arguments.manifest {
        Some(file) => Some(put_into(file, &settings, &mut targets, arguments)?),
        None => None,
    };
    // What one target cannot hold is no fault of the others.
    let mut findings = match targets.as_slice() {
        [target] => check_for(&settings, *target),
        _ => check(&settings),
    };
    if let Some(error) = rejected {
        say_rejected(&mut findings, &error, settings.version);
    }
    let (finding, logs) = retention(&settings, arguments)?;
    let is_shown = |finding: &SettingFinding| match targets.as_slice() {
        [target] => target.uses(finding),
        _ => true,
    };
    findings.extend(finding.filter(is_shown));
    let documents: Vec<(Target, Document)> = match &patched {
        // A document is text: with replacement characters in it, the server could accept what it rejects.
        _ if !is_text => Vec::new(),
        Some(patched) => vec![(Target::StaticPod, render_manifest(&settings, &patched.text))],
        None => targets
            .into_iter()
            .map(|target| (target, render(&settings, target)))
            .collect(),
    };
    let is_rejected = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    if arguments.format == TextOrJson::Json {
        let mut out = Output::json();
        let report = Report {
            documents: documents.into_iter().map(report).collect(),
            findings: findings.into_iter().map(FindingReport::from).collect(),
            settings,
        };
        serde_json::to_writer(&mut out, &report)?;
        out.write_all(b"\n")?;
        out.flush()?;
    } else {
        findings.iter().for_each(say);
        if is_text {
            hand_out(arguments, &documents, patched.as_ref())?;
        }
    }
    logs?;
    if is_rejected {
        Err(Failure::Rejected)
    } else {
        Ok(())
    }
}

/// Puts the server's reason for rejecting the policy's file among the findings. The text that goes into the documents may be fine, or wrong
/// for another reason, where the bytes of the file are not text.
fn say_rejected(findings: &mut Vec<SettingFinding>, error: &str, version: KubernetesVersion) {
    let rejection = rejected_policy(error, version);
    match findings
        .iter_mut()
        .find(|known| known.code == rejection.code)
    {
        Some(known) => *known = rejection,
        None => findings.insert(0, rejection),
    }
}

/// Prints the documents, or what changes in the manifest, or saves the archive.
fn hand_out(
    arguments: &Export,
    documents: &[(Target, Document)],
    patched: Option<&Patched>,
) -> Outcome {
    let mut out = Output::data();
    match (&arguments.zip, patched, documents) {
        (Some(file), _, [(_, document)]) => return save_archive(file, document),
        (None, Some(patched), _) if arguments.diff => {
            let name = arguments.manifest.as_deref().unwrap_or_default();
            out.write_all(patched.diff(name).as_bytes())?;
        }
        _ => print_text(documents, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

/// What can be told to be wrong before anything is read.
fn check_call(arguments: &Export) -> Outcome {
    let wrong =
        if arguments.zip.is_some() && arguments.target.is_none() && arguments.manifest.is_none() {
            "an archive has one target: name it with `--target`"
        } else if arguments.diff && arguments.format == TextOrJson::Json {
            "a diff is not JSON: leave out `--format json`"
        } else if arguments.zip.is_some() && arguments.format == TextOrJson::Json {
            "an archive is not JSON: leave out `--format json`"
        } else {
            let files = [
                &arguments.policy,
                &arguments.log.settings,
                &arguments.manifest,
            ];
            return check_read_once(files.into_iter().flatten().chain(&arguments.logs));
        };
    Err(Failure::Usage(wrong.to_owned()))
}

/// The reader's manifest with the settings in it; the target is then the static pod, and must not be another.
fn put_into(
    file: &FileName,
    settings: &Settings,
    targets: &mut Vec<Target>,
    arguments: &Export,
) -> Result<Patched, Failure> {
    if arguments.target.is_some() && *targets != [Target::StaticPod] {
        return Err(Failure::Usage(
            "settings can be put into the manifest of a static pod only: leave out `--target`, or say `--target static-pod`".to_owned(),
        ));
    }
    *targets = vec![Target::StaticPod];
    patch(settings, &manifest(file)?).map_err(|error| Failure::Input {
        file: file.to_string(),
        line: error.line.unwrap_or(1),
        error: format!("{} ({})", error.message, error.help),
    })
}

/// Whether the disk holds what is to be kept, where there are logs to tell, and whether those could be read.
fn retention(
    settings: &Settings,
    arguments: &Export,
) -> Result<(Option<SettingFinding>, Outcome), Failure> {
    let logs = &arguments.logs;
    if logs.is_empty() {
        return Ok((None, Ok(())));
    }
    let policy = load(settings.policy.as_bytes(), settings.version).policy;
    let is_accepted = policy.is_some();
    let (finding, outcome) =
        crate::estimate::retention(&policy.unwrap_or_default(), settings, logs)?;
    Ok((finding.filter(|_| is_accepted), outcome))
}

/// Saves all files of a document.
fn save_archive(file: &FileName, document: &Document) -> Outcome {
    let bytes = document.archive().map_err(|error| Failure::Unwritten {
        file: file.to_string(),
        error: io::Error::other(error.to_string()),
    })?;
    save(file, &bytes)
}

fn targets(arguments: &Export) -> Result<Vec<Target>, Failure> {
    let Some(name) = &arguments.target else {
        return Ok(Target::ALL.to_vec());
    };
    Target::from_name(name)
        .map(|target| vec![target])
        .ok_or_else(|| {
            let known: Vec<_> = Target::ALL.iter().map(|target| target.name()).collect();
            Failure::Usage(format!(
                "unknown target `{name}`: known are {}",
                known.join(", ")
            ))
        })
}

/// The settings with the policy in them.
struct PolicySettings {
    settings: Settings,
    /// The server's reason for rejecting the policy's file, if it does.
    rejected: Option<String>,
    /// False for a rejected policy whose bytes are not text.
    is_text: bool,
}

fn settings(arguments: &Export, version: KubernetesVersion) -> Result<PolicySettings, Failure> {
    let mut settings = crate::settings::settings(&arguments.log, version)?;
    let mut rejected = None;
    let mut is_text = true;
    if let Some(file) = &arguments.policy {
        let bytes = policy_bytes(file)?;
        let loaded = loaded(file, &bytes, settings.version);
        settings.policy = loaded.text;
        // UTF-16 without its mark is UTF-8 with NULs.
        let is_whole = |text: String| !text.contains('\0');
        is_text = loaded.error.is_none() || as_text(bytes).is_ok_and(is_whole);
        rejected = loaded.error;
    } else if arguments.log.settings.is_none() {
        return Err(Failure::Usage(
            "no policy given: use `--policy POLICY`, or `--settings FILE` with one in it"
                .to_owned(),
        ));
    }
    if let Some(path) = &arguments.policy_path {
        settings.policy_path.clone_from(path);
    }
    for set in &arguments.sets {
        let (name, value) = set.split_once('=').unwrap_or((set, "true"));
        settings
            .set(name.trim_start_matches("--"), value)
            .map_err(|error| Failure::Usage(error.to_string()))?;
    }
    Ok(PolicySettings {
        settings,
        rejected,
        is_text,
    })
}

fn report((target, document): (Target, Document)) -> DocumentReport {
    let Document {
        title,
        file_name,
        note,
        text,
        files,
        steps,
        verify,
        undo,
    } = document;
    let report = |File { path, text, mode }| FileReport { path, text, mode };
    DocumentReport {
        target: target.name(),
        title,
        file_name,
        note,
        text,
        files: files.into_iter().map(report).collect(),
        steps,
        verify,
        undo,
    }
}

/// One document as it stands, to be redirected into a file; several under a heading each.
fn print_text(documents: &[(Target, Document)], out: &mut impl Write) -> Outcome {
    if let [(_, document)] = documents {
        out.write_all(document.text.as_bytes())?;
        return Ok(());
    }
    for (_, document) in documents {
        writeln!(out, "# {} ({})", document.title, document.file_name)?;
        for line in document.note.lines() {
            writeln!(out, "# {line}")?;
        }
        writeln!(out, "{}", document.text)?;
    }
    Ok(())
}
