//! The export panel: the form's fields into settings, settings into documents, and texts of others into fields.

use apiserver_config::{FieldKind, Settings, flag_of};
use audit_export::{Document, File, Target, check_for, render, render_manifest};
use audit_import::{Import, InputFormat, PatchError, import, patch};
use audit_types::{LineIndex, Severity};
use audit_volume::disk::WriteRate;
use audit_volume::retention::check_retention;
use playground_protocol::export::{
    ExportDocument, ExportReport, ExportRequest, ExportSettings, FieldKind as Kind, FieldView,
    ImportReport, Patched, Remark, Weight,
};

/// The settings that the page asks for, and the fields that cannot be read, with the server's words.
pub(crate) fn settings(asked: &ExportSettings, policy: &str) -> (Settings, Vec<(String, String)>) {
    let mut settings = Settings {
        policy: policy.to_owned(),
        ..Settings::server_default(asked.version.parse().unwrap_or_default())
    };
    let mut faults = Vec::new();
    for (name, value) in &asked.fields {
        if let Err(why) = settings.set(name, value) {
            faults.push((name.clone(), why.to_string()));
        }
    }
    (settings, faults)
}

/// What the log that is open would write.
pub(crate) struct Volume {
    pub(crate) stream: WriteRate,
    /// Bytes that a byte of it takes once packed, where that was measured.
    pub(crate) packed: Option<f64>,
    /// Why it means little.
    pub(crate) short: Option<String>,
}

/// The form, and the document of the chosen target.
pub(crate) fn export(asked: &ExportRequest, policy: &str, volume: Option<&Volume>) -> ExportReport {
    let (settings, faults) = settings(&asked.settings, policy);
    let target = target(asked);
    let (document, patched) = rendered(&settings, target, &asked.manifest);
    let mut findings = check_for(&settings, target);
    let retention = volume.and_then(|volume| {
        check_retention(
            &volume.stream,
            &settings,
            volume.packed,
            volume.short.as_deref(),
        )
    });
    findings.extend(retention.filter(|finding| target.uses(finding)));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));

    let weights: Vec<_> = findings
        .iter()
        .map(|finding| (flag_of(finding).to_owned(), weight(finding.severity)))
        .collect();
    let mut general = Vec::new();
    let mut line_findings = Vec::new();
    for finding in findings {
        let line = document.line_of(flag_of(&finding));
        let remark = Remark {
            code: finding.code.into_owned(),
            weight: weight(finding.severity),
            message: finding.message,
            help: finding.help,
        };
        match line {
            Some(line) => line_findings.push((line, remark)),
            None => general.push(remark),
        }
    }
    ExportReport {
        targets: targets(),
        sections: sections(&settings, &faults, &weights),
        findings: general,
        document: ExportDocument {
            patched,
            ..view(document, target, line_findings)
        },
    }
}

/// The target's document: of a static pod, the reader's own manifest, where there is one.
fn rendered(settings: &Settings, target: Target, manifest: &str) -> (Document, Option<Patched>) {
    if target != Target::StaticPod || manifest.is_empty() {
        return (render(settings, target), None);
    }
    match patch(settings, manifest) {
        Ok(patched) => {
            let diff = patched.diff("kube-apiserver.yaml");
            (
                render_manifest(settings, &patched.text),
                Some(Patched::Changed(diff)),
            )
        }
        Err(PatchError {
            line,
            message,
            help,
        }) => {
            let refused = Patched::Rejected(line, message, help);
            (render(settings, target), Some(refused))
        }
    }
}

/// The document's files in one archive, and its name.
pub(crate) fn archive(asked: &ExportRequest, policy: &str) -> Option<(String, Vec<u8>)> {
    let (settings, _) = settings(&asked.settings, policy);
    let target = target(asked);
    let (document, _) = rendered(&settings, target, &asked.manifest);
    let bytes = document.archive().ok()?;
    Some((format!("audit-{}.zip", target.name()), bytes))
}

/// What a pasted text sets.
pub(crate) fn imported(text: &str, version: &str) -> ImportReport {
    let version = version.parse().unwrap_or_default();
    let Import {
        settings,
        format,
        findings,
    } = import(text, version);
    let lines = LineIndex::new(text);
    ImportReport {
        source: format!("Read as {}", format.title()),
        fields: settings
            .changed_flags()
            .into_iter()
            .map(|flag| (flag.name, flag.value))
            .collect(),
        policy: (!settings.policy.is_empty()).then_some(settings.policy),
        is_manifest: format == InputFormat::Manifest,
        findings: findings
            .into_iter()
            .map(|finding| {
                let line = finding
                    .span()
                    .map_or(1, |span| lines.position(span.start).line);
                let remark = Remark {
                    code: finding.code.into_owned(),
                    weight: weight(finding.severity),
                    message: finding.message,
                    help: finding.help,
                };
                (line, remark)
            })
            .collect(),
    }
}

fn target(asked: &ExportRequest) -> Target {
    Target::from_name(&asked.target).unwrap_or(Target::Policy)
}

fn targets() -> Vec<(String, Vec<(String, String)>)> {
    let named = |target: Target| (target.name().to_owned(), target.title().to_owned());
    Target::groups()
        .into_iter()
        .map(|(title, targets)| (title.to_owned(), targets.into_iter().map(named).collect()))
        .collect()
}

const fn weight(severity: Severity) -> Weight {
    match severity {
        Severity::Info => Weight::Note,
        Severity::Warning => Weight::Warning,
        Severity::Error => Weight::Error,
    }
}

fn sections(
    settings: &Settings,
    faults: &[(String, String)],
    weights: &[(String, Weight)],
) -> Vec<(String, Vec<FieldView>)> {
    let mut sections: Vec<(String, Vec<FieldView>)> = Vec::new();
    for field in settings.fields() {
        let title = field.section.title();
        let fault = faults.iter().find(|(name, _)| *name == field.name);
        let severity = weights
            .iter()
            .filter(|(flag, _)| *flag == field.name)
            .map(|(_, weight)| *weight)
            .max();
        let shown = FieldView {
            error: fault.map(|(_, why)| why.clone()),
            severity,
            kind: kind(field.kind),
            label: field.label.to_owned(),
            unit: field.unit.to_owned(),
            name: field.name,
            default: field.default,
        };
        match sections.last_mut() {
            Some((last, fields)) if last == title => fields.push(shown),
            _ => sections.push((title.to_owned(), vec![shown])),
        }
    }
    sections
}

fn kind(kind: FieldKind) -> Kind {
    match kind {
        FieldKind::Text | FieldKind::Duration => Kind::Text,
        FieldKind::Number => Kind::Number,
        FieldKind::Switch => Kind::Switch,
        FieldKind::Choice(words) => {
            Kind::Choice(words.iter().map(|&word| word.to_owned()).collect())
        }
    }
}

fn view(document: Document, target: Target, line_findings: Vec<(usize, Remark)>) -> ExportDocument {
    let file = |File { path, text, mode }| (path, mode.to_owned(), text);
    ExportDocument {
        target: target.name().to_owned(),
        title: document.title,
        file_name: document.file_name,
        note: document.note,
        text: document.text,
        line_findings,
        patched: None,
        files: document.files.into_iter().map(file).collect(),
        steps: document.steps,
        verify: document.verify,
        undo: document.undo,
    }
}

#[cfg(test)]
mod tests {
    use playground_protocol::export::DEFAULT_FIELDS;

    use super::*;

    fn asked(target: &str, more: &[(&str, &str)]) -> ExportRequest {
        let fields = DEFAULT_FIELDS.iter().chain(more);
        ExportRequest {
            settings: ExportSettings {
                version: "1.36".to_owned(),
                fields: fields
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
            },
            target: target.to_owned(),
            ..ExportRequest::default()
        }
    }

    #[test]
    fn the_form_starts_with_the_settings_of_the_command() {
        let (read, faults) = settings(&asked("", &[]).settings, "");
        let mut usual = Settings::default();
        usual.log.compress = true;
        assert_eq!((read, faults), (usual, Vec::new()));
    }

    #[test]
    fn a_managed_target_shows_no_finding_about_flags() {
        let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
        let never_rotated = [("audit-log-maxsize", "0")];
        let stream = WriteRate {
            bytes_per_day: 1e9,
            ..WriteRate::default()
        };
        let volume = Volume {
            stream,
            packed: None,
            short: None,
        };
        let codes = |target: &str| -> Vec<String> {
            let report = export(&asked(target, &never_rotated), policy, Some(&volume));
            let line_findings = report
                .document
                .line_findings
                .into_iter()
                .map(|(_, remark)| remark);
            report
                .findings
                .into_iter()
                .chain(line_findings)
                .map(|remark| remark.code)
                .collect()
        };
        for code in ["AE009", "AE030"] {
            assert!(
                codes("static-pod").iter().any(|found| found == code),
                "{code}"
            );
        }
        for target in ["eks", "gke", "aks"] {
            assert_eq!(codes(target), Vec::<String>::new(), "{target}");
        }
    }
}
