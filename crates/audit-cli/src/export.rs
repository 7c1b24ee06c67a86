//! `export`: flags and manifests for a policy.

use std::io::{self, Write};

use audit_export::{
    Document, File, Patched, SettingFinding, Settings, Target, check, check_target, patch, render,
    render_patched,
};
use audit_policy::{KubernetesVersion, Severity, load};
use serde::Serialize;

use crate::Outcome;
use crate::arguments::{Export, TextOrJson};
use crate::failure::Failure;
use crate::input::{policy_bytes, save, text};
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

/// Prints the documents; findings go to standard error, or into the JSON object. Fails where the server would refuse the settings.
pub(crate) fn run(arguments: &Export, version: KubernetesVersion) -> Outcome {
    check_call(arguments)?;
    let settings = settings(arguments, version)?;
    let mut targets = targets(arguments)?;
    let patched = match &arguments.manifest {
        Some(file) => Some(put_into(file, &settings, &mut targets, arguments)?),
        None => None,
    };
    let mut findings = check(&settings);
    findings.extend(retention(&settings, &arguments.logs)?);
    // What one target cannot hold is no fault of the others.
    if let [target] = targets.as_slice() {
        findings.extend(check_target(&settings, *target));
    }
    let is_refused = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let documents: Vec<(Target, Document)> = match &patched {
        Some(patched) => vec![(Target::StaticPod, render_patched(&settings, patched))],
        None => targets
            .into_iter()
            .map(|target| (target, render(&settings, target)))
            .collect(),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    if arguments.format == TextOrJson::Json {
        let report = Report {
            documents: documents.into_iter().map(report).collect(),
            findings: findings.into_iter().map(FindingReport::from).collect(),
            settings,
        };
        serde_json::to_writer(&mut out, &report)?;
        out.write_all(b"\n")?;
    } else {
        findings.iter().for_each(say);
        match (&arguments.zip, &patched, documents.as_slice()) {
            (Some(file), _, [(_, document)]) => save_archive(file, document)?,
            (None, Some(patched), _) if arguments.diff => {
                let name = arguments.manifest.as_deref().unwrap_or_default();
                out.write_all(patched.diff(name).as_bytes())?;
            }
            _ => print_text(&documents, &mut out)?,
        }
    }
    out.flush()?;
    if is_refused {
        Err(Failure::Rejected)
    } else {
        Ok(())
    }
}

/// What can be told to be wrong before anything is read.
fn check_call(arguments: &Export) -> Outcome {
    let wrong =
        if arguments.zip.is_some() && arguments.target.is_none() && arguments.manifest.is_none() {
            "an archive is of one target: say which with `--target`"
        } else if arguments.diff && arguments.format == TextOrJson::Json {
            "a difference is no JSON: leave out `--format json`"
        } else if arguments.zip.is_some() && arguments.format == TextOrJson::Json {
            "an archive is no JSON: leave out `--format json`"
        } else {
            return Ok(());
        };
    Err(Failure::Usage(wrong.to_owned()))
}

/// The reader's manifest with the settings in it; the target is then the static pod, and must not be another.
fn put_into(
    file: &str,
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
    patch(settings, &text(file)?).map_err(|error| Failure::Input {
        file: file.to_owned(),
        line: error.line.unwrap_or(1),
        error: format!("{} ({})", error.message, error.help),
    })
}

/// Whether the disk holds what is to be kept, where there are logs to tell.
fn retention(settings: &Settings, logs: &[String]) -> Result<Option<SettingFinding>, Failure> {
    if logs.is_empty() {
        return Ok(None);
    }
    let Some(policy) = load(settings.policy.as_bytes(), settings.version).policy else {
        return Ok(None);
    };
    crate::estimate::retention(&policy, settings, logs)
}

/// Saves all files of a document.
fn save_archive(file: &str, document: &Document) -> Outcome {
    let bytes = document.archive().map_err(|error| Failure::Unwritten {
        file: file.to_owned(),
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

fn settings(arguments: &Export, version: KubernetesVersion) -> Result<Settings, Failure> {
    let mut settings = crate::settings::settings(&arguments.log, version)?;
    if let Some(file) = &arguments.policy {
        settings.policy = String::from_utf8_lossy(&policy_bytes(file)?).into_owned();
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
            .map_err(Failure::Usage)?;
    }
    Ok(settings)
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
