//! Texts that are imported: lists of flags, documents and templates, and one-line texts of opening marks.

use crate::inputs::Input;
use crate::measure::Subject;

/// Part of the length of a log that a text has: nothing is read of a text of more than 2 MiB.
const PART: usize = 8;

/// A policy whose rules are repeated.
const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

const RULE: &str = "- level: Metadata\n  users: [\"a\"]\n  verbs: [get, list]\n";

/// A pod of the server whose arguments are repeated.
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n";

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n";

const SERVICE: &str = "[Service]\nExecStart=/usr/bin/kube-apiserver \\\n";

/// A text that is repeated between two others.
struct Text {
    name: &'static str,
    head: String,
    text: String,
    tail: &'static str,
}

impl Text {
    fn repeated(&self, bytes: usize) -> Vec<u8> {
        let count = bytes / self.text.len().max(1);
        [self.head.as_str(), &self.text.repeat(count), self.tail]
            .concat()
            .into_bytes()
    }
}

fn text(name: &'static str, head: &str, text: &str, tail: &'static str) -> Text {
    Text {
        name,
        head: head.to_owned(),
        text: text.to_owned(),
        tail,
    }
}

/// Opening marks on one line.
fn marks() -> Vec<Text> {
    let value = format!("{POLICY}- level: ");
    vec![
        text("opening commands `$(`", "", "$(", ""),
        text(
            "opening commands in flags",
            "kube-apiserver ",
            "--a=$( ",
            "",
        ),
        text("opening variables `${`", "", "${", ""),
        text("opening variables in a policy", &value, "${", ""),
        text("opening mustaches `{{`", "", "{{", ""),
        text("opening mustaches in flags", "kube-apiserver ", "{{ ", ""),
        text("opening mustaches in a policy", &value, "{{ ", ""),
        text("opening statements `{%`", "", "{%", ""),
        text("opening statements `%{`", "", "%{", ""),
        text("opening comments `{#`", "", "{#", ""),
        text("opening statements `<%`", "", "<%", ""),
        text("opening words in angle brackets", "", "<a ", ""),
        text(
            "opening words behind flags",
            "kube-apiserver ",
            "--a=<a ",
            "",
        ),
        text("opening words `@A`", "kube-apiserver ", "@A ", ""),
        text("opening parentheses `((`", "", "((", ""),
        text("opening back quotes", "", "a ` ", ""),
        text(
            "variables, then an assignment",
            "kube-apiserver ",
            "$A ",
            "\nA=x\n",
        ),
        text(
            "an assignment, then variables",
            "A=x\nkube-apiserver ",
            "$A ",
            "",
        ),
        text("assignments on one line", "kube-apiserver $B ", "A=x ", ""),
        text("equals signs", "kube-apiserver $B ", "=", ""),
        text("double quotes", "", "\"", ""),
        text("double quotes behind blanks", "kube-apiserver ", "\" ", ""),
        text("single quotes", "", "'", ""),
        text("backslashes", "kube-apiserver ", "\\", ""),
        text("opening brackets", "", "[", ""),
        text("opening brackets behind commas", "a: ", "[a,", ""),
        text("opening braces", "", "{", ""),
        text("opening keys", "", "{\"a\":", ""),
        text("opening here-documents", "", "<<A ", ""),
        text("dashes", "", "- ", ""),
        text("question marks", "", "? ", ""),
        text("colons", "", "a: ", ""),
        text("anchors", "a: ", "&a ", ""),
        text("aliases", "a: [", "*a,", "]"),
        text("tags", "a: ", "!a ", ""),
        text("comments", "a ", "# ", ""),
        text("letters", "", "x", ""),
        text("words", "", "x ", ""),
        text("base64", "a: ", "YWJj", "\n"),
    ]
}

/// Lists of flags, and texts that contain one.
fn flags() -> Vec<Text> {
    vec![
        text(
            "flags on one line",
            "kube-apiserver ",
            "--audit-log-maxage=7 ",
            "",
        ),
        text("unknown flags on one line", "kube-apiserver ", "--a=7 ", ""),
        text("flags, a line each", "", "--audit-log-maxage=7\n", ""),
        text(
            "flags, a continued line each",
            "kube-apiserver \\\n",
            " --audit-log-maxage=7 \\\n",
            "",
        ),
        text(
            "flags with variables",
            "kube-apiserver ",
            "--audit-log-path=$(A) ",
            "",
        ),
        text(
            "flags of a systemd unit",
            SERVICE,
            " --audit-log-maxage=7 \\\n",
            "",
        ),
        text(
            "variables of a systemd unit",
            "[Service]\n",
            "Environment=A=--audit-log-maxage=7\n",
            "ExecStart=/usr/bin/kube-apiserver $A\n",
        ),
        text("flags of a pod", POD, "    - --audit-log-maxage=7\n", ""),
        text(
            "flags of a pod on one line",
            &format!(
                "{}, ",
                POD.trim_end()
                    .replace("\n    - kube-apiserver", " [kube-apiserver")
            ),
            "--audit-log-maxage=7,",
            "]\n",
        ),
        text(
            "volumes of a pod",
            &format!("{POD}  volumes:\n"),
            "  - name: a\n    hostPath: {path: /a}\n",
            "",
        ),
        text(
            "servers, a line each",
            "",
            "kube-apiserver --audit-log-maxage=7\n",
            "",
        ),
        text(
            "containers of a pod",
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n",
            "  - name: kube-apiserver\n    command: [kube-apiserver, --audit-log-maxage=7]\n",
            "",
        ),
        text(
            "assignments of a script",
            "#!/bin/sh\n",
            "A=\"$A --audit-log-maxage=7\"\n",
            "kube-apiserver $A\n",
        ),
        text(
            "assignments that double",
            "#!/bin/sh\nA=x\n",
            "A=\"$A $A\"\n",
            "kube-apiserver $A\n",
        ),
        text(
            "appended assignments of a script",
            "#!/bin/sh\n",
            "A+=\" --audit-log-maxage=7\"\n",
            "kube-apiserver $A\n",
        ),
        text(
            "conditions of a script",
            "#!/bin/sh\n",
            "if a; then A=x; fi\n",
            "kube-apiserver $A\n",
        ),
        text(
            "here-documents of a script",
            "#!/bin/sh\n",
            "cat <<A >/a\nx\nA\n",
            "kube-apiserver\n",
        ),
        text(
            "open here-documents of a script",
            "#!/bin/sh\n",
            "cat <<A\n",
            "",
        ),
        text(
            "arguments of kubeadm",
            "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n",
            "  - name: audit-log-maxage\n    value: \"7\"\n",
            "",
        ),
        text(
            "patches in JSON",
            "[",
            "{\"op\":\"add\",\"path\":\"/spec/containers/0/command/-\",\"value\":\"--audit-log-maxage=7\"},",
            "{}]",
        ),
        text(
            "processes, a line each",
            "",
            "root 1 0 0 0 kube-apiserver --audit-log-maxage=7\n",
            "",
        ),
    ]
}

/// Documents of YAML, JSON and Terraform.
fn documents() -> Vec<Text> {
    let indented = RULE.replace('\n', "\n    ");
    vec![
        text("rules of a policy", POLICY, RULE, ""),
        text(
            "policies, a document each",
            "",
            &format!("{POLICY}{RULE}---\n"),
            "",
        ),
        text("empty documents", "", "---\n", ""),
        text("documents", "", "a: 1\n---\n", ""),
        text(
            "ConfigMaps with a policy",
            "",
            &format!(
                "{CONFIG_MAP}  a: |\n    {}{}\n---\n",
                POLICY.replace('\n', "\n    "),
                indented.trim_end()
            ),
            "",
        ),
        text("values of a ConfigMap", CONFIG_MAP, "  a: |\n    x\n", ""),
        text("keys", "", "a: 1\n", ""),
        text("distinct depths", "", "a:\n - b:\n", ""),
        text("items", "a:\n", "- b\n", ""),
        text("items on one line", "a: [", "b,", "]\n"),
        text("keys on one line", "a: {", "b: 1,", "}\n"),
        text("pods, a document each", "", &format!("{POD}---\n"), ""),
        text(
            "pods in a List",
            "apiVersion: v1\nkind: List\nitems:\n",
            &format!("- {}\n", POD.trim_end().replace('\n', "\n  ")),
            "",
        ),
        text("block texts", "a: |\n", "  x\n", ""),
        text("texts in texts", "", "a: |\n ", ""),
        text("anchors and aliases", "a: &a [x]\n", "b: *a\n", ""),
        text("comments, a line each", "", "# a: 1\n", "a: 1\n"),
        text("blank lines", "", "\n", ""),
        text("tabs", "", "\t", ""),
        text(
            "resources of Terraform",
            "",
            "resource \"a\" \"b\" {\n  c = \"d\"\n}\n",
            "",
        ),
        text(
            "open blocks of Terraform",
            "",
            "resource \"a\" \"b\" {\n",
            "",
        ),
        text(
            "open texts of Terraform",
            "resource \"a\" \"b\" {\n",
            "  c = <<A\n",
            "",
        ),
        text(
            "policies in JSON",
            "{\"apiVersion\":\"audit.k8s.io/v1\",\"kind\":\"Policy\",\"rules\":[",
            "{\"level\":\"None\"},",
            "{\"level\":\"None\"}]}",
        ),
        text(
            "files of cloud-init",
            "#cloud-config\nwrite_files:\n",
            "- path: /a\n  content: |\n    x\n",
            "",
        ),
        text(
            "files of cloud-init in base64",
            "#cloud-config\nwrite_files:\n",
            "- path: /a\n  encoding: b64\n  content: YTogMQ==\n",
            "",
        ),
    ]
}

/// Templates.
fn templates() -> Vec<Text> {
    vec![
        text(
            "values of a template",
            POLICY,
            "- level: {{ .Values.level }}\n",
            "",
        ),
        text("values of a template on one line", "a: ", "{{ .a }} ", "\n"),
        text(
            "statements of a template",
            POLICY,
            "{{- if .a }}\n- level: None\n{{- end }}\n",
            "",
        ),
        text(
            "statements of Jinja",
            POLICY,
            "{% if a %}\n- level: None\n{% endif %}\n",
            "",
        ),
        text("open values of a template", POLICY, "- level: {{ a\n", ""),
        text("open statements of a template", POLICY, "{% if a\n", ""),
        text("comments of a template", POLICY, "# {{ a }}\n", ""),
        text("open comments of a template", POLICY, "{# a\n", ""),
        text("values of ERB", POLICY, "- level: <%= @a %>\n", ""),
        text("variables in a policy", POLICY, "- level: $A\n", ""),
        text(
            "variables in a policy on one line",
            &format!("{POLICY}- level: "),
            "$A ",
            "\n",
        ),
        text(
            "flags of a template",
            "kube-apiserver \\\n",
            " --audit-log-path={{ a }} \\\n",
            "",
        ),
        text(
            "flags of a template in a pod",
            POD,
            "    {{- if .a }}\n    - --audit-log-path={{ .b }}\n    {{- end }}\n",
            "",
        ),
        text(
            "templates of Terraform",
            POLICY,
            "%{ if a ~}\n- level: ${b}\n%{ endif ~}\n",
            "",
        ),
    ]
}

/// Every text, as an input.
pub(crate) fn texts() -> Vec<Input> {
    [marks(), flags(), documents(), templates()]
        .into_iter()
        .flatten()
        .map(|text| Input {
            name: format!("import: {}", text.name),
            make: Box::new(move |bytes| text.repeated(bytes / PART)),
            chunk: 1 << 20,
            subject: Subject::Import,
        })
        .collect()
}
