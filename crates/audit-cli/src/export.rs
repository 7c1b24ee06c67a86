//! `export`: flags and manifests for a policy.

use std::io::{self, Write};

use audit_export::{Document, File, Settings, Target, check, check_target, render};
use audit_policy::{KubernetesVersion, Severity};
use serde::Serialize;

use crate::Outcome;
use crate::arguments::{Export, TextOrJson};
use crate::failure::Failure;
use crate::input::policy_bytes;
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

/// Prints the documents; findings go to standard error, or into the JSON object. Fails where the server would refuse the settings.
pub(crate) fn run(arguments: &Export, version: KubernetesVersion) -> Outcome {
    let settings = settings(arguments, version)?;
    let targets = targets(arguments)?;
    let mut findings = check(&settings);
    // What one target cannot hold is no fault of the others.
    if let [target] = targets.as_slice() {
        findings.extend(check_target(&settings, *target));
    }
    let is_refused = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let mut out = io::BufWriter::new(io::stdout().lock());
    match arguments.format {
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
                findings: findings
                    .into_iter()
                    .map(|finding| FindingReport {
                        code: finding.code,
                        severity: finding.severity,
                        flag: finding.flag,
                        message: finding.message,
                        help: finding.help,
                    })
                    .collect(),
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
