//! `export`: flags and manifests for a policy.

mod manifest;

use std::borrow::Cow;
use std::io::{self, Write};

use apiserver_config::{Settings, check, flag_of, rejected_policy};
use audit_export::{Document, File, Target, check_for, concerns, render, render_manifest};
use audit_import::Patched;
use audit_policy::{KubernetesVersion, load};
use audit_types::{Diagnostic, Severity};
use serde::Serialize;

use crate::arguments::{Export, TextOrJson};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input::{as_text, check_read_once};
use crate::output::{Output, diagnostic};
use crate::policy_file::{PolicyFile, Rejection};
use crate::save::save;
use crate::settings::print_finding;

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
    target: Target,
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
    code: Cow<'static, str>,
    severity: Severity,
    flag: String,
    message: String,
    help: String,
}

impl From<Diagnostic> for FindingReport {
    fn from(finding: Diagnostic) -> Self {
        Self {
            flag: flag_of(&finding).to_owned(),
            code: finding.code,
            severity: finding.severity,
            message: finding.message,
            help: finding.help,
        }
    }
}

/// Prints the documents. Findings go to standard error, or into the JSON object. Fails if the server would reject the settings or the policy.
pub(crate) fn run(arguments: &Export, version: KubernetesVersion) -> Result {
    check_arguments(arguments)?;
    let mut targets = targets(arguments)?;
    let PolicySettings {
        mut settings,
        rejected,
        is_text,
    } = settings(arguments, version)?;
    let patched = match read_manifest(&mut targets, arguments)? {
        Some((file, text)) => {
            manifest::keep_flags(&text, &mut settings, arguments);
            Some(manifest::patch_text(&file, &text, &settings)?)
        }
        None => None,
    };
    let mut findings = findings_of(&settings, &targets);
    if let Some(error) = rejected {
        add_rejection(&mut findings, &error, settings.version);
    }
    if let Some(patched) = &patched {
        let is_given = version != KubernetesVersion::default();
        findings.extend(manifest::rejections(patched, settings.version, is_given));
    }
    let (finding, logs) = retention(&settings, arguments)?;
    let is_shown = |finding: &Diagnostic| match targets.as_slice() {
        [target] => concerns(*target, finding),
        _ => true,
    };
    findings.extend(finding.filter(is_shown));
    let documents = documents(&settings, targets, patched.as_ref(), is_text);
    let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
    let is_rejected = findings.iter().any(is_error);
    if arguments.format == TextOrJson::Json {
        print_json(documents, findings, settings)?;
    } else {
        findings.iter().for_each(print_finding);
        if let [(target @ (Target::Eks | Target::Gke | Target::Aks), _)] = documents.as_slice() {
            diagnostic(&format!(
                "{} sets the policy and the flags of kube-apiserver: your policy is not used",
                target.title()
            ));
        }
        if is_text {
            print_documents(arguments, &documents, patched.as_ref())?;
        }
    }
    logs?;
    if is_rejected {
        Err(Error::Rejected)
    } else {
        Ok(())
    }
}

/// Returns the findings about the settings. One about a target is not a fault of the others.
fn findings_of(settings: &Settings, targets: &[Target]) -> Vec<Diagnostic> {
    match targets {
        [target] => check_for(settings, *target),
        _ => check(settings),
    }
}

/// Returns the documents of the targets. A document is text: with replacement characters in it, the server could accept what it rejects, so there are
/// none for a policy that is not text.
fn documents(
    settings: &Settings,
    targets: Vec<Target>,
    patched: Option<&Patched>,
    is_text: bool,
) -> Vec<(Target, Document)> {
    match patched {
        _ if !is_text => Vec::new(),
        Some(patched) => vec![(Target::StaticPod, render_manifest(settings, &patched.text))],
        None => targets
            .into_iter()
            .map(|target| (target, render(settings, target)))
            .collect(),
    }
}

/// Prints the documents with their findings and settings as an object.
fn print_json(
    documents: Vec<(Target, Document)>,
    findings: Vec<Diagnostic>,
    settings: Settings,
) -> Result {
    let mut out = Output::json();
    let report = Report {
        documents: documents.into_iter().map(report).collect(),
        findings: findings.into_iter().map(FindingReport::from).collect(),
        settings,
    };
    serde_json::to_writer(&mut out, &report)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// Adds the server's reason for rejecting the policy's file to the findings. If the bytes of the file are not text, the text in the documents may be
/// valid, or invalid for another reason.
fn add_rejection(findings: &mut Vec<Diagnostic>, error: &str, version: KubernetesVersion) {
    let rejection = rejected_policy(error, version);
    match findings
        .iter_mut()
        .find(|known| known.code == rejection.code)
    {
        Some(known) => *known = rejection,
        None => findings.insert(0, rejection),
    }
}

/// Prints the documents or the changes of the manifest, or saves the archive.
fn print_documents(
    arguments: &Export,
    documents: &[(Target, Document)],
    patched: Option<&Patched>,
) -> Result {
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

/// Checks the arguments before anything is read.
fn check_arguments(arguments: &Export) -> Result {
    let wrong =
        if arguments.zip.is_some() && arguments.target.is_none() && arguments.manifest.is_none() {
            "an archive has one target: set it with `--target`"
        } else if arguments.diff && arguments.format == TextOrJson::Json {
            "a diff is not JSON: omit `--format json`"
        } else if arguments.zip.is_some() && arguments.format == TextOrJson::Json {
            "an archive is not JSON: omit `--format json`"
        } else {
            let files = [
                &arguments.policy,
                &arguments.log.settings,
                &arguments.manifest,
            ];
            return check_read_once(files.into_iter().flatten().chain(&arguments.logs));
        };
    Err(Error::Usage(wrong.to_owned()))
}

/// Reads the user's manifest. The target must be the static pod.
fn read_manifest(
    targets: &mut Vec<Target>,
    arguments: &Export,
) -> Result<Option<(FileName, String)>, Error> {
    let Some(file) = &arguments.manifest else {
        return Ok(None);
    };
    if arguments.target.is_some() && *targets != [Target::StaticPod] {
        return Err(Error::Usage(
            "`--manifest` only works with the manifest of a static pod: omit `--target`, or use `--target static-pod`".to_owned(),
        ));
    }
    *targets = vec![Target::StaticPod];
    Ok(Some((file.clone(), crate::input::manifest(file)?)))
}

/// Checks the retention settings against the logs, if there are any. Returns the finding, and whether the logs could be read.
fn retention(
    settings: &Settings,
    arguments: &Export,
) -> Result<(Option<Diagnostic>, Result), Error> {
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

/// Saves all files of a document as an archive.
fn save_archive(file: &FileName, document: &Document) -> Result {
    let bytes = document.archive().map_err(|error| Error::Write {
        file: file.to_string(),
        error: io::Error::other(error.to_string()),
    })?;
    save(file, &bytes)
}

fn targets(arguments: &Export) -> Result<Vec<Target>, Error> {
    let Some(name) = &arguments.target else {
        return Ok(Target::ALL.to_vec());
    };
    match name.parse::<Target>() {
        Ok(target) => Ok(vec![target]),
        Err(error) => {
            let known: Vec<_> = Target::ALL.iter().map(|target| target.name()).collect();
            Err(Error::Usage(format!(
                "{error}: the targets are {}",
                known.join(", ")
            )))
        }
    }
}

/// Settings that contain the policy.
struct PolicySettings {
    settings: Settings,
    /// The server's reason for rejecting the policy's file. `None` if it accepts it.
    rejected: Option<String>,
    /// False if the policy is rejected and its bytes are not text.
    is_text: bool,
}

fn settings(arguments: &Export, version: KubernetesVersion) -> Result<PolicySettings, Error> {
    let mut settings = crate::settings::settings(&arguments.log, version)?;
    let mut rejected = None;
    let mut is_text = true;
    if let Some(file) = &arguments.policy {
        let found = PolicyFile::read(file, settings.version)?;
        settings.policy = found.loaded.text;
        // UTF-16 without its mark is UTF-8 with NULs.
        let is_whole = |text: String| !text.contains('\0');
        is_text = found.loaded.error.is_none() || as_text(found.source).is_ok_and(is_whole);
        rejected = found.rejection.map(Rejection::into_text);
    } else if arguments.log.settings.is_none() {
        return Err(Error::Usage(
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
            .map_err(|error| Error::Usage(error.to_string()))?;
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
        target,
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

/// Prints one document without additions, to be redirected into a file, or several with headings.
fn print_text(documents: &[(Target, Document)], out: &mut impl Write) -> Result {
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
