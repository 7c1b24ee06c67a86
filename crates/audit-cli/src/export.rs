//! `export`: flags and manifests for a policy.

use std::io::{self, Write};

use audit_export::{
    Document, File, SettingFinding, Settings, Target, check, check_target, patch, render,
    render_patched,
};
use audit_policy::{KubernetesVersion, Severity, load};
use serde::Serialize;

use crate::Outcome;
use crate::arguments::{Export, TextOrJson};
use crate::failure::Failure;
use crate::input::{failed, policy_bytes, text};
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
    let settings = settings(arguments, version)?;
    let targets = targets(arguments)?;
    if let Some(manifest) = &arguments.manifest {
        if targets != [Target::StaticPod] && arguments.target.is_some() {
            return Err(Failure::Usage(
                "settings can be put into the manifest of a static pod only: leave out `--target`, or say `--target static-pod`".to_owned(),
            ));
        }
        return put_into(manifest, &settings, arguments);
    }
    let mut findings = check(&settings);
    findings.extend(retention(&settings, &arguments.logs)?);
    // What one target cannot hold is no fault of the others.
    if let [target] = targets.as_slice() {
        findings.extend(check_target(&settings, *target));
    }
    let is_refused = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let mut out = io::BufWriter::new(io::stdout().lock());
    match arguments.format {
        _ if arguments.zip.is_some() => {
            for finding in &findings {
                say(finding);
            }
            // With an archive clap asks for a target.
            for target in &targets {
                save_archive(arguments, &render(&settings, *target))?;
            }
        }
        TextOrJson::Text => {
            for finding in &findings {
                say(finding);
            }
            print_text(&settings, &targets, &mut out)?;
        }
        TextOrJson::Json => {
            let report = Report {
                documents: targets
                    .iter()
                    .map(|target| document(&settings, *target))
                    .collect(),
                findings: findings.into_iter().map(FindingReport::from).collect(),
                settings,
            };
            serde_json::to_writer(&mut out, &report)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    if is_refused {
        Err(Failure::Rejected)
    } else {
        Ok(())
    }
}

/// Prints a manifest with the settings in it, or what changes in it.
fn put_into(file: &str, settings: &Settings, arguments: &Export) -> Outcome {
    let manifest = text(file)?;
    let patched = patch(settings, &manifest).map_err(|error| Failure::Input {
        file: file.to_owned(),
        line: error.line.unwrap_or(1),
        error: format!("{} ({})", error.message, error.help),
    })?;
    let findings = check(settings);
    findings.iter().for_each(say);
    if arguments.zip.is_some() {
        save_archive(arguments, &render_patched(settings, &patched))?;
    } else {
        let text = if arguments.diff {
            patched.diff(file)
        } else {
            patched.text
        };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()?;
    }
    let is_error = |finding: &SettingFinding| finding.severity == Severity::Error;
    if findings.iter().any(is_error) {
        Err(Failure::Rejected)
    } else {
        Ok(())
    }
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
fn save_archive(arguments: &Export, document: &Document) -> Outcome {
    let Some(file) = &arguments.zip else {
        return Ok(());
    };
    let bytes = document
        .archive()
        .map_err(|error| failed(file, io::Error::other(error.to_string())))?;
    std::fs::write(file, bytes).map_err(|error| failed(file, error))
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

fn document(settings: &Settings, target: Target) -> DocumentReport {
    let Document {
        title,
        file_name,
        note,
        text,
        files,
        steps,
        verify,
        undo,
    } = render(settings, target);
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
fn print_text(settings: &Settings, targets: &[Target], out: &mut impl Write) -> Outcome {
    if let [target] = targets {
        out.write_all(render(settings, *target).text.as_bytes())?;
        return Ok(());
    }
    for target in targets {
        let document = render(settings, *target);
        writeln!(out, "# {} ({})", document.title, document.file_name)?;
        for line in document.note.lines() {
            writeln!(out, "# {line}")?;
        }
        writeln!(out, "{}", document.text)?;
    }
    Ok(())
}
