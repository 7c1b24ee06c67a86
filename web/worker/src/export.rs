//! Export panel: fields of the form to settings, settings to documents, and imported texts to fields.

use apiserver_config::{FieldKind, Settings, flag_of};
use audit_export::{Document, File, Target, check_imported, concerns, render, render_manifest};
use audit_import::{GivenFlags, Import, InputFormat, PatchError, import, patch};
use audit_types::sort::SortShort;
use audit_types::{LineIndex, Severity};
use audit_volume::disk::WriteRate;
use audit_volume::report::sentence;
use audit_volume::retention::check_retention;
use playground_protocol::export::{
    ExportDocument, ExportFile, ExportReport, ExportRequest, ExportSettings, FieldKind as Kind,
    FieldValue, FieldView, FormSection, ImportReport, Patched, SourceFlags, TargetGroup,
    TargetView, UpgradeView,
};
use playground_protocol::{KubernetesVersion, LineFinding};

/// Converts the fields of the form to settings. Returns them with the invalid fields and the server's error for each.
pub(crate) fn settings(
    form: &ExportSettings,
    version: KubernetesVersion,
    policy: &str,
) -> (Settings, Vec<(String, String)>) {
    let mut settings = Settings {
        policy: policy.to_owned(),
        ..Settings::server_default(version)
    };
    let mut errors = Vec::new();
    for FieldValue { name, value } in &form.fields {
        if let Err(error) = settings.set(name, value) {
            errors.push((name.clone(), error.to_string()));
        }
    }
    (settings, errors)
}

/// Volume that the policy writes of the open log.
pub(crate) struct LogVolume {
    /// Rate at which the log is written.
    pub(crate) stream: WriteRate,
    /// Compression ratio, if it was measured.
    pub(crate) compression_ratio: Option<f64>,
    /// Reason why the rate is unreliable.
    pub(crate) caution: Option<String>,
}

/// Returns the form and the document of the selected target.
pub(crate) fn export(
    request: &ExportRequest,
    policy: &str,
    volume: Option<&LogVolume>,
) -> ExportReport {
    let (settings, errors) = settings(&request.settings, request.version, policy);
    let target = request.target;
    let (document, patched) = rendered(&settings, target, &request.manifest);
    let mut findings = check_imported(&settings, request.settings.place, target);
    let given = given(&request.settings.source);
    let retention = volume.and_then(|volume| {
        check_retention(
            &volume.stream,
            &settings,
            volume.compression_ratio,
            volume.caution.as_deref(),
        )
    });
    findings.extend(retention.filter(|finding| concerns(target, finding)));
    findings.retain(|finding| given.knows(finding));
    findings.sort_short_by_key(|finding| std::cmp::Reverse(finding.severity));

    let severities: Vec<_> = findings
        .iter()
        .map(|finding| (flag_of(finding).to_owned(), finding.severity))
        .collect();
    let mut general = Vec::new();
    let mut line_findings = Vec::new();
    for finding in findings {
        let line = document.line_of(flag_of(&finding));
        match line {
            Some(line) => line_findings.push(LineFinding { line, finding }),
            None => general.push(finding),
        }
    }
    ExportReport {
        targets: targets(),
        sections: sections(&settings, &errors, &severities),
        findings: general,
        document: ExportDocument {
            patched,
            ..view(document, target, line_findings)
        },
    }
}

/// Converts what the form knows of flags that are not among its fields.
fn given(source: &SourceFlags) -> GivenFlags {
    let mut given = GivenFlags::default();
    given.names.clone_from(&source.names);
    given.unknown.clone_from(&source.unknown);
    given.is_partial = source.is_partial;
    given
}

/// Renders the target's document. For a static pod this is the user's own manifest, if there is one.
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
            let rejected = Patched::Rejected {
                line,
                message,
                help,
            };
            (render(settings, target), Some(rejected))
        }
    }
}

/// Returns the name and bytes of an archive with all files of the document.
pub(crate) fn archive(request: &ExportRequest, policy: &str) -> Option<(String, Vec<u8>)> {
    let (settings, _) = settings(&request.settings, request.version, policy);
    let target = request.target;
    let (document, _) = rendered(&settings, target, &request.manifest);
    let bytes = document.archive().ok()?;
    Some((format!("audit-{}.zip", target.name()), bytes))
}

/// Reads settings from a pasted text.
pub(crate) fn import_text(text: &str, version: KubernetesVersion) -> ImportReport {
    let read = import(text, version);
    let upgrade = upgrade(&read, version);
    let Import {
        settings,
        format,
        title,
        findings,
        place,
        given,
        ..
    } = read;
    let lines = LineIndex::new(text);
    ImportReport {
        source: format!("Read as {title}"),
        fields: settings
            .changed_flags()
            .into_iter()
            .map(|flag| FieldValue {
                name: flag.name,
                value: flag.value,
            })
            .collect(),
        place,
        flags: SourceFlags {
            names: given.names,
            unknown: given.unknown,
            is_partial: given.is_partial,
        },
        policy: (!settings.policy.is_empty()).then_some(settings.policy),
        is_manifest: format == InputFormat::Manifest,
        findings: findings
            .into_iter()
            .map(|finding| LineFinding {
                line: finding
                    .span()
                    .map_or(1, |span| lines.position(span.start).line),
                finding,
            })
            .collect(),
        upgrade,
    }
}

/// Returns what an upgrade to a version changes, if the text names an older one.
fn upgrade(read: &Import, to: KubernetesVersion) -> Option<UpgradeView> {
    let minor = u8::try_from(read.image_version.as_ref()?.minor).ok()?;
    let from = KubernetesVersion::from_minor(minor).filter(|from| from.minor() < to.minor())?;
    let changes = read.upgrade_changes(from, to);
    let nothing = if changes.is_empty() {
        sentence(&read.no_upgrade_changes(from, to))
    } else {
        String::new()
    };
    Some(UpgradeView {
        from,
        to,
        changes,
        nothing,
    })
}

fn targets() -> Vec<TargetGroup> {
    let view = |target: Target| TargetView {
        target,
        title: target.title().to_owned(),
    };
    Target::groups()
        .into_iter()
        .map(|(title, targets)| TargetGroup {
            title: title.to_owned(),
            targets: targets.into_iter().map(view).collect(),
        })
        .collect()
}

fn sections(
    settings: &Settings,
    errors: &[(String, String)],
    severities: &[(String, Severity)],
) -> Vec<FormSection> {
    let mut sections: Vec<FormSection> = Vec::new();
    for field in settings.fields() {
        let title = field.section.title();
        let error = errors.iter().find(|(name, _)| *name == field.name);
        let severity = severities
            .iter()
            .filter(|(flag, _)| *flag == field.name)
            .map(|(_, severity)| *severity)
            .max();
        let shown = FieldView {
            error: error.map(|(_, error)| error.clone()),
            severity,
            kind: kind(field.kind),
            label: field.label.to_owned(),
            unit: field.unit.to_owned(),
            name: field.name,
            default: field.default,
        };
        match sections.last_mut() {
            Some(last) if last.title == title => last.fields.push(shown),
            _ => sections.push(FormSection {
                title: title.to_owned(),
                fields: vec![shown],
            }),
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

fn view(document: Document, target: Target, line_findings: Vec<LineFinding>) -> ExportDocument {
    let file = |File { path, text, mode }| ExportFile {
        path,
        mode: mode.to_owned(),
        text,
    };
    ExportDocument {
        target,
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
    use super::*;

    fn request(target: Target, more: &[(&str, &str)]) -> ExportRequest {
        let mut settings = ExportSettings::initial();
        for (name, value) in more {
            settings.set(name, (*value).to_owned());
        }
        ExportRequest {
            version: KubernetesVersion::NEWEST,
            settings,
            target,
            manifest: String::new(),
        }
    }

    #[test]
    fn initial_form_equals_the_default_settings() {
        let (read, errors) = settings(&ExportSettings::initial(), KubernetesVersion::NEWEST, "");
        let mut usual = Settings::default();
        usual.log.compress = true;
        assert_eq!((read, errors), (usual, Vec::new()));
    }

    #[test]
    fn an_upgrade_from_the_version_of_the_text_is_checked() {
        let manifest = |version: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: kube-apiserver}}\nspec:\n  containers:\n  - name: kube-apiserver\n    image: registry.k8s.io/kube-apiserver:v{version}\n    command: [kube-apiserver, --audit-policy-file=/p.yaml, --audit-log-path=/l/a.log]\n"
            )
        };
        let to: KubernetesVersion = "1.36".parse().unwrap();
        // 1.36 rotates logs that no flag is set for.
        let report = import_text(&manifest("1.31.2"), to).upgrade.unwrap();
        let codes: Vec<_> = report.changes.iter().map(|change| &*change.code).collect();
        assert_eq!((report.from.to_string().as_str(), report.to), ("1.31", to));
        assert_eq!(codes, ["AE043", "AE043"]);
        for version in ["1.36.0", "1.37.0", "1.15.0"] {
            assert_eq!(
                import_text(&manifest(version), to).upgrade,
                None,
                "{version}"
            );
        }
    }

    #[test]
    fn an_upgrade_of_a_text_that_was_read_in_part_concludes_nothing_about_other_flags() {
        let unit = |rest: &str| {
            format!(
                "#!/bin/sh\nIMAGE=registry.k8s.io/kube-apiserver:v1.31.2\nexec kube-apiserver --audit-log-path=/l/a.log --audit-log-version=audit.k8s.io/v1{rest}\n"
            )
        };
        let to: KubernetesVersion = "1.36".parse().unwrap();
        let upgrade = |rest: &str| import_text(&unit(rest), to).upgrade.unwrap();
        // 1.36 rotates logs that no flag is set for. `$@` may set them.
        let codes = |view: &UpgradeView| -> Vec<String> {
            let changes = view.changes.iter();
            changes.map(|change| change.code.to_string()).collect()
        };
        let whole = upgrade("");
        assert_eq!(
            (whole.nothing.as_str(), codes(&whole)),
            ("", vec!["AE043".to_owned(), "AE043".to_owned()])
        );
        let part = upgrade(" \"$@\"");
        assert_eq!(
            (part.nothing.as_str(), codes(&part)),
            (
                "Nothing about auditing changes from 1.31 to 1.36 for the arguments that the text contains; the server gets others, too.",
                vec![]
            )
        );
        // What the text contains is known.
        let given = upgrade(" --audit-log-maxsize=0 \"$@\"");
        assert_eq!(
            (given.nothing.as_str(), codes(&given)),
            ("", vec!["AE043".to_owned()])
        );
    }

    #[test]
    fn settings_are_checked_for_the_place_of_their_server() {
        let flags = "--audit-policy-file=/p/policy.yaml --audit-log-path=/etc/audit.log --audit-log-maxage=7 --audit-log-maxbackup=2";
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, {}]\n",
            flags.replace(' ', ", ")
        );
        let unit = format!("[Service]\nExecStart=/usr/local/bin/kube-apiserver {flags}\n");
        let k3s = format!(
            "kube-apiserver-arg:\n{}\n",
            flags
                .split(' ')
                .map(|flag| format!("- {}\n", flag.trim_start_matches("--")))
                .collect::<String>()
        );
        let hides_files = |text: &str, target: Target| {
            let read = import_text(text, KubernetesVersion::NEWEST);
            let request = ExportRequest {
                settings: ExportSettings {
                    fields: read.fields,
                    place: read.place,
                    source: read.flags,
                },
                ..request(target, &[])
            };
            let report = export(&request, "", None);
            let of_lines = report.document.line_findings.into_iter();
            let findings = of_lines.map(|line| line.finding).chain(report.findings);
            findings.into_iter().any(|finding| finding.code == "AE005")
        };
        // Only in a pod, a mount of the log's directory hides other files of `/etc`.
        for (text, target, expected) in [
            (&pod, Target::Policy, true),
            (&pod, Target::Flags, true),
            (&unit, Target::Policy, false),
            (&unit, Target::Flags, false),
            (&k3s, Target::Flags, false),
            // These targets say where the server runs.
            (&unit, Target::StaticPod, true),
            (&k3s, Target::Kops, true),
            (&k3s, Target::K3s, false),
            (&pod, Target::K3s, false),
            (&pod, Target::Rke1, false),
            (&pod, Target::Eks, false),
        ] {
            assert_eq!(hides_files(text, target), expected, "{target:?}: {text}");
        }
    }

    #[test]
    fn nothing_is_concluded_from_defaults_that_an_import_does_not_know() {
        let path = "--audit-policy-file=/p/policy.yaml --audit-log-path=/var/log/audit.log";
        let form = |flags: &str| {
            let text = format!("#!/bin/sh\nexec kube-apiserver {flags}\n");
            let read = import_text(&text, "1.31".parse().unwrap());
            ExportSettings {
                fields: read.fields,
                place: read.place,
                source: read.flags,
            }
        };
        let warns = |settings: &ExportSettings| {
            let request = ExportRequest {
                version: "1.31".parse().unwrap(),
                settings: settings.clone(),
                ..request(Target::Flags, &[])
            };
            let report = export(&request, "", None);
            let of_lines = report.document.line_findings.into_iter();
            let mut findings = of_lines.map(|line| line.finding).chain(report.findings);
            findings.any(|finding| finding.code == "AE009")
        };
        // Without limits the log grows, unless `$@` or a variable has them.
        assert!(warns(&form(path)));
        let mut partial = form(&format!("{path} \"$@\""));
        assert!(!warns(&partial));
        assert!(!warns(&form(&format!("{path} --audit-log-maxsize=$SIZE"))));
        // The reader's own choice is known.
        for flag in ["audit-log-maxage", "audit-log-maxbackup"] {
            partial.set(flag, String::new());
            assert!(!warns(&partial), "{flag}");
        }
        partial.set("audit-log-maxsize", String::new());
        assert!(warns(&partial));
    }

    #[test]
    fn managed_targets_have_no_findings_about_flags() {
        let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
        let never_rotated = [("audit-log-maxsize", "0")];
        let stream = WriteRate {
            bytes_per_day: 1e9,
            ..WriteRate::default()
        };
        let volume = LogVolume {
            stream,
            compression_ratio: None,
            caution: None,
        };
        let codes = |target: Target| -> Vec<String> {
            let report = export(&request(target, &never_rotated), policy, Some(&volume));
            let line_findings = report
                .document
                .line_findings
                .into_iter()
                .map(|line| line.finding);
            report
                .findings
                .into_iter()
                .chain(line_findings)
                .map(|finding| finding.code.into_owned())
                .collect()
        };
        for code in ["AE009", "AE030"] {
            assert!(
                codes(Target::StaticPod).iter().any(|found| found == code),
                "{code}"
            );
        }
        for target in [
            Target::Eks,
            Target::Gke,
            Target::Aks,
            Target::Gardener,
            Target::OpenShift,
        ] {
            assert_eq!(codes(target), Vec::<String>::new(), "{target:?}");
        }
    }
}
