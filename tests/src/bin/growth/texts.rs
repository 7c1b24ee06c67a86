//! Texts that are imported: lists of flags, documents and templates, and one-line texts of opening marks.

use crate::inputs::Input;
use crate::measure::Subject;
use crate::repeated::{Repeated, behind, row};

/// Part of the length of a log that a text has: nothing is read of a text of more than 2 MiB.
const PART: usize = 8;

/// A policy whose rules are repeated.
const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

const RULE: &str = "- level: Metadata\n  users: [\"a\"]\n  verbs: [get, list]\n";

/// A pod of the server whose arguments are repeated.
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n";

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n";

const SERVICE: &str = "[Service]\nExecStart=/usr/bin/kube-apiserver \\\n";

/// Opening marks on one line.
fn marks() -> Vec<Repeated> {
    let value = format!("{POLICY}- level: ");
    let rows = [
        behind(
            "",
            &[
                ("opening commands `$(`", "$("),
                ("opening commands in flags", "kube-apiserver «--a=$( »"),
                ("opening variables `${`", "${"),
                ("opening mustaches `{{`", "{{"),
                ("opening mustaches in flags", "kube-apiserver «{{ »"),
                ("opening statements `{%`", "{%"),
                ("opening statements `%{`", "%{"),
                ("opening comments `{#`", "{#"),
                ("opening statements `<%`", "<%"),
                ("opening words in angle brackets", "<a "),
                ("opening words behind flags", "kube-apiserver «--a=<a »"),
                ("opening words `@A`", "kube-apiserver «@A »"),
                ("opening parentheses `((`", "(("),
                ("opening back quotes", "a ` "),
                (
                    "variables, then an assignment",
                    "kube-apiserver «$A »\nA=x\n",
                ),
                ("an assignment, then variables", "A=x\nkube-apiserver «$A »"),
                ("assignments on one line", "kube-apiserver $B «A=x »"),
                ("equals signs", "kube-apiserver $B «=»"),
                ("double quotes", "\""),
                ("double quotes behind blanks", "kube-apiserver «\" »"),
                ("single quotes", "'"),
                ("backslashes", "kube-apiserver «\\»"),
                ("opening brackets", "["),
                ("opening brackets behind commas", "a: «[a,»"),
                ("opening braces", "{"),
                ("opening keys", "{\"a\":"),
                ("opening here-documents", "<<A "),
                ("dashes", "- "),
                ("question marks", "? "),
                ("colons", "a: "),
                ("anchors", "a: «&a »"),
                ("aliases", "a: [«*a,»]"),
                ("tags", "a: «!a »"),
                ("comments", "a «# »"),
                ("letters", "x"),
                ("words", "x "),
                ("base64", "a: «YWJj»\n"),
            ],
        ),
        behind(
            &value,
            &[
                ("opening variables in a policy", "${"),
                ("opening mustaches in a policy", "{{ "),
            ],
        ),
    ];
    rows.concat()
}

/// Lists of flags, and texts that contain one.
fn flags() -> Vec<Repeated> {
    let rows = [
        behind(
            "",
            &[
                (
                    "flags on one line",
                    "kube-apiserver «--audit-log-maxage=7 »",
                ),
                ("unknown flags on one line", "kube-apiserver «--a=7 »"),
                ("flags, a line each", "--audit-log-maxage=7\n"),
                (
                    "flags, a continued line each",
                    "kube-apiserver \\\n« --audit-log-maxage=7 \\\n»",
                ),
                (
                    "flags with variables",
                    "kube-apiserver «--audit-log-path=$(A) »",
                ),
                (
                    "variables of a systemd unit",
                    "[Service]\n«Environment=A=--audit-log-maxage=7\n»ExecStart=/usr/bin/kube-apiserver $A\n",
                ),
                (
                    "servers, a line each",
                    "kube-apiserver --audit-log-maxage=7\n",
                ),
                (
                    "containers of a pod",
                    "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n«  - name: kube-apiserver\n    command: [kube-apiserver, --audit-log-maxage=7]\n»",
                ),
                (
                    "assignments of a script",
                    "#!/bin/sh\n«A=\"$A --audit-log-maxage=7\"\n»kube-apiserver $A\n",
                ),
                (
                    "assignments that double",
                    "#!/bin/sh\nA=x\n«A=\"$A $A\"\n»kube-apiserver $A\n",
                ),
                (
                    "appended assignments of a script",
                    "#!/bin/sh\n«A+=\" --audit-log-maxage=7\"\n»kube-apiserver $A\n",
                ),
                (
                    "conditions of a script",
                    "#!/bin/sh\n«if a; then A=x; fi\n»kube-apiserver $A\n",
                ),
                (
                    "here-documents of a script",
                    "#!/bin/sh\n«cat <<A >/a\nx\nA\n»kube-apiserver\n",
                ),
                ("open here-documents of a script", "#!/bin/sh\n«cat <<A\n»"),
                (
                    "arguments of kubeadm",
                    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n«  - name: audit-log-maxage\n    value: \"7\"\n»",
                ),
                (
                    "patches in JSON",
                    "[«{\"op\":\"add\",\"path\":\"/spec/containers/0/command/-\",\"value\":\"--audit-log-maxage=7\"},»{}]",
                ),
                (
                    "processes, a line each",
                    "root 1 0 0 0 kube-apiserver --audit-log-maxage=7\n",
                ),
            ],
        ),
        behind(
            SERVICE,
            &[("flags of a systemd unit", " --audit-log-maxage=7 \\\n")],
        ),
        behind(
            POD,
            &[
                ("flags of a pod", "    - --audit-log-maxage=7\n"),
                (
                    "volumes of a pod",
                    "  volumes:\n«  - name: a\n    hostPath: {path: /a}\n»",
                ),
            ],
        ),
        vec![row(
            "flags of a pod on one line",
            &format!(
                "{}, ",
                POD.trim_end()
                    .replace("\n    - kube-apiserver", " [kube-apiserver")
            ),
            "--audit-log-maxage=7,",
            "]\n",
        )],
    ];
    rows.concat()
}

/// Documents of YAML, JSON and Terraform.
fn documents() -> Vec<Repeated> {
    let indented = RULE.replace('\n', "\n    ");
    let rows = [
        behind(
            "",
            &[
                ("empty documents", "---\n"),
                ("documents", "a: 1\n---\n"),
                ("keys", "a: 1\n"),
                ("distinct depths", "a:\n - b:\n"),
                ("items", "a:\n«- b\n»"),
                ("items on one line", "a: [«b,»]\n"),
                ("keys on one line", "a: {«b: 1,»}\n"),
                ("block texts", "a: |\n«  x\n»"),
                ("texts in texts", "a: |\n "),
                ("anchors and aliases", "a: &a [x]\n«b: *a\n»"),
                ("comments, a line each", "«# a: 1\n»a: 1\n"),
                ("blank lines", "\n"),
                ("tabs", "\t"),
                (
                    "resources of Terraform",
                    "resource \"a\" \"b\" {\n  c = \"d\"\n}\n",
                ),
                ("open blocks of Terraform", "resource \"a\" \"b\" {\n"),
                (
                    "open texts of Terraform",
                    "resource \"a\" \"b\" {\n«  c = <<A\n»",
                ),
                (
                    "policies in JSON",
                    "{\"apiVersion\":\"audit.k8s.io/v1\",\"kind\":\"Policy\",\"rules\":[«{\"level\":\"None\"},»{\"level\":\"None\"}]}",
                ),
                (
                    "files of cloud-init",
                    "#cloud-config\nwrite_files:\n«- path: /a\n  content: |\n    x\n»",
                ),
                (
                    "files of cloud-init in base64",
                    "#cloud-config\nwrite_files:\n«- path: /a\n  encoding: b64\n  content: YTogMQ==\n»",
                ),
            ],
        ),
        behind(CONFIG_MAP, &[("values of a ConfigMap", "  a: |\n    x\n")]),
        vec![
            row("rules of a policy", POLICY, RULE, ""),
            row(
                "policies, a document each",
                "",
                &format!("{POLICY}{RULE}---\n"),
                "",
            ),
            row(
                "ConfigMaps with a policy",
                "",
                &format!(
                    "{CONFIG_MAP}  a: |\n    {}{}\n---\n",
                    POLICY.replace('\n', "\n    "),
                    indented.trim_end()
                ),
                "",
            ),
            row("pods, a document each", "", &format!("{POD}---\n"), ""),
            row(
                "pods in a List",
                "apiVersion: v1\nkind: List\nitems:\n",
                &format!("- {}\n", POD.trim_end().replace('\n', "\n  ")),
                "",
            ),
        ],
    ];
    rows.concat()
}

/// Templates.
fn templates() -> Vec<Repeated> {
    let rows = [
        behind(
            POLICY,
            &[
                ("values of a template", "- level: {{ .Values.level }}\n"),
                (
                    "statements of a template",
                    "{{- if .a }}\n- level: None\n{{- end }}\n",
                ),
                (
                    "statements of Jinja",
                    "{% if a %}\n- level: None\n{% endif %}\n",
                ),
                ("open values of a template", "- level: {{ a\n"),
                ("open statements of a template", "{% if a\n"),
                ("comments of a template", "# {{ a }}\n"),
                ("open comments of a template", "{# a\n"),
                ("values of ERB", "- level: <%= @a %>\n"),
                ("variables in a policy", "- level: $A\n"),
                ("variables in a policy on one line", "- level: «$A »\n"),
                (
                    "templates of Terraform",
                    "%{ if a ~}\n- level: ${b}\n%{ endif ~}\n",
                ),
            ],
        ),
        behind(
            "",
            &[
                ("values of a template on one line", "a: «{{ .a }} »\n"),
                (
                    "flags of a template",
                    "kube-apiserver \\\n« --audit-log-path={{ a }} \\\n»",
                ),
            ],
        ),
        behind(
            POD,
            &[(
                "flags of a template in a pod",
                "    {{- if .a }}\n    - --audit-log-path={{ .b }}\n    {{- end }}\n",
            )],
        ),
    ];
    rows.concat()
}

/// Files that are checked.
fn checked() -> Vec<Repeated> {
    let config_map = format!("{CONFIG_MAP}  a: |\n    {}", POLICY.replace('\n', "\n    "));
    let rules = RULE.repeat(24).replace('\n', "\n    ");
    let config_map_of_template = config_map.replace("name: a", "name: {{ .Release.Name }}");
    vec![
        row("rules of a policy", POLICY, RULE, ""),
        row(
            "ConfigMaps with a policy",
            "",
            &format!("{config_map}{}\n---\n", rules.trim_end()),
            "",
        ),
        row(
            "values of a template",
            POLICY,
            "- level: {{ .Values.level }}\n",
            "",
        ),
        row(
            "values of a template of a ConfigMap",
            config_map_of_template.trim_end(),
            "\n    - level: {{ .Values.level }}",
            "\n",
        ),
    ]
}

/// Every text, as an input.
pub(crate) fn texts() -> Vec<Input> {
    let imported = [marks(), flags(), documents(), templates()].concat();
    let imported = imported.into_iter().map(|text| (text, Subject::Import));
    let checked = checked().into_iter().map(|text| (text, Subject::Check));
    imported
        .chain(checked)
        .map(|(text, subject)| {
            let verb = match subject {
                Subject::Check => "check",
                Subject::Log | Subject::Import => "import",
            };
            Input {
                name: format!("{verb}: {}", text.name),
                make: Box::new(move |bytes| text.bytes(bytes / PART)),
                chunk: 1 << 20,
                subject,
            }
        })
        .collect()
}
