//! Flags in lists, maps and quotes of many languages: the values are those that were written, in `import` and in the check of the policy's path.

#![allow(clippy::unwrap_used, clippy::panic)]

// Other tests use the settings.
#[allow(dead_code)]
mod random;

use apiserver_config::KubernetesVersion;
use audit_import::{import, recognize};
use random::Random;

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// Values of the policy's path, the log's path and the webhook's configuration.
type Values = [&'static str; 3];

const NAMES: [&str; 3] = [
    "audit-policy-file",
    "audit-log-path",
    "audit-webhook-config-file",
];

fn flags(values: &Values) -> Vec<String> {
    let pairs = NAMES.iter().zip(values);
    pairs
        .map(|(name, value)| format!("--{name}={value}"))
        .collect()
}

/// Joins each flag with text around it.
fn list(values: &Values, before: &str, after: &str, between: &str) -> String {
    let items = flags(values);
    let items = items.iter().map(|flag| format!("{before}{flag}{after}"));
    items.collect::<Vec<_>>().join(between)
}

/// Joins each name and value with text around them.
fn map(values: &Values, quote: &str, sign: &str, between: &str) -> String {
    let pairs = NAMES.iter().zip(values);
    let pairs = pairs.map(|(name, value)| format!("{quote}{name}{quote}{sign}\"{value}\""));
    pairs.collect::<Vec<_>>().join(between)
}

/// Returns the flags in a notation, by its number. `None` after the last one.
fn notation(number: usize, values: &Values) -> Option<(&'static str, String)> {
    let quoted = list(values, "\"", "\"", ", ");
    let single = list(values, "'", "'", ", ");
    let tight = list(values, "\"", "\"", ",");
    let lines = list(values, "  \"", "\",", "\n");
    let shell = list(values, "'", "'", " ");
    let carried: Vec<String> = flags(values)
        .iter()
        .map(|flag| format!("\"--kube-apiserver-arg={}\"", flag.trim_start_matches('-')))
        .collect();
    let bare: Vec<String> = flags(values)
        .iter()
        .map(|flag| format!("\"{}\"", flag.trim_start_matches('-')))
        .collect();
    let all = [
        ("JSON", format!("[{quoted}]\n")),
        (
            "JSON without blanks",
            format!("{{\"command\":[\"kube-apiserver\",{tight}]}}\n"),
        ),
        ("JSON in lines", format!("\"command\": [\n{lines}\n],\n")),
        (
            "Terraform",
            format!("resource \"a\" \"b\" {{\n  args = [{quoted}]\n}}\n"),
        ),
        (
            "Terraform without blanks",
            format!("resource \"a\" \"b\" {{\n  args=[{tight}]\n}}\n"),
        ),
        (
            "Terraform in lines",
            format!("locals {{\n  args = [\n{lines}\n  ]\n}}\n"),
        ),
        (
            "Terraform's concat",
            format!("locals {{\n  args = concat([{quoted}], var.more)\n}}\n"),
        ),
        (
            "Terraform's map",
            format!(
                "locals {{\n  args = {{ {} }}\n}}\n",
                map(values, "\"", " = ", ", ")
            ),
        ),
        (
            "Terraform's map with colons",
            format!(
                "locals {{\n  args = {{ {} }}\n}}\n",
                map(values, "\"", ": ", ", ")
            ),
        ),
        (
            "Terraform's map in lines",
            format!(
                "locals {{\n  args = {{\n{}\n}}\n}}\n",
                map(values, "", " = ", "\n")
            ),
        ),
        (
            "k3s in Terraform",
            format!("module \"k\" {{\n  args = [{}]\n}}\n", carried.join(", ")),
        ),
        (
            "k3s in yamlencode",
            format!(
                "locals {{\n  c = yamlencode({{ \"kube-apiserver-arg+\" = [{}] }})\n}}\n",
                bare.join(", ")
            ),
        ),
        (
            "a k3s list",
            format!("kube-apiserver-arg+: [{}]\n", bare.join(", ")),
        ),
        (
            "a k3s list in a role",
            format!("server:\n  kube-apiserver-arg: [{}]\n", bare.join(", ")),
        ),
        (
            "Compose",
            format!("services:\n  a:\n    command: [\"kube-apiserver\", {quoted}]\n"),
        ),
        (
            "vcluster",
            format!("vcluster:\n  extraArgs: [{}]\n", carried.join(", ")),
        ),
        ("a YAML list with quotes", list(values, "- \"", "\"", "\n")),
        (
            "a YAML list with single quotes",
            list(values, "    - '", "'", "\n"),
        ),
        ("Docker", format!("CMD [{quoted}]\n")),
        ("TOML", format!("args = [{quoted}]\n")),
        ("Python", format!("cmd = [{single},]\n")),
        (
            "Python's dict",
            format!("ARGS = {{{}}}\n", map(values, "\"", ": ", ", ")),
        ),
        ("Go", format!("args := []string{{{quoted}}}\n")),
        ("Go's append", format!("args = append(args, {quoted})\n")),
        (
            "Nix",
            format!("  extraFlags = [ {} ];\n", list(values, "\"", "\"", " ")),
        ),
        (
            "Puppet",
            format!("arguments => {{ {} }},\n", map(values, "'", " => ", ", ")),
        ),
        ("a shell array", format!("ARGS=({shell})\n")),
        (
            "a shell array in lines",
            format!("ARGS=(\n{}\n)\n", list(values, "  '", "'", "\n")),
        ),
        (
            "a shell command",
            format!("(kube-apiserver {shell}); echo\n"),
        ),
        (
            "a shell command in the background",
            format!("kube-apiserver {shell}&\n"),
        ),
        (
            "a redirection",
            format!("kube-apiserver {shell}>/dev/null 2>&1\n"),
        ),
        (
            "JavaScript",
            format!("const args = [{}];\n", list(values, "`", "`", ", ")),
        ),
        (
            "a flow map of YAML",
            format!(
                "{{% if a %}}\nargs: {{{}}}\n{{% endif %}}\n",
                map(values, "", ": ", ", ")
            ),
        ),
        ("yq", format!("yq -i '.command += [{tight}]' f.yaml\n")),
    ];
    all.into_iter().nth(number)
}

/// Values that all notations can contain as they are.
const VALUES: [&str; 12] = [
    "/etc/k/p.yaml",
    "/var/log/a,b.log",
    "/var/log/a b.log",
    "/a[0]/b",
    "/a(1)/b",
    "/a/{b}/c",
    "/a@b/c",
    "/a:b",
    "/a=b",
    "/a;b&c|d",
    "-",
    "/a<b>",
];

#[test]
fn values_are_those_that_were_written() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut problems = Vec::new();
    for _ in 0..60 {
        let values = [random.of(&VALUES), random.of(&VALUES), random.of(&VALUES)];
        let mut number = 0;
        while let Some((name, text)) = notation(number, &values) {
            number += 1;
            let read = import(&text, NEWEST).settings;
            let found = [
                read.policy_path.as_str(),
                read.log.path.as_str(),
                read.webhook.config_path.as_str(),
            ];
            if found != values {
                problems.push(format!("{name}: {found:?}\n{text}"));
            }
        }
    }
    let shown: Vec<&str> = problems.iter().take(5).map(String::as_str).collect();
    assert!(
        problems.is_empty(),
        "{}:\n{}",
        problems.len(),
        shown.join("\n")
    );
}

#[test]
fn values_of_any_text_have_their_brackets_and_quotes_in_pairs() {
    // Pieces of lists, maps and commands in any order, in which no value ends with a bracket, quote or comma of its own.
    let pieces = [
        "--audit-log-path=/a",
        "--audit-policy-file=/p",
        "audit-log-path",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        ", ",
        ",\n",
        " = ",
        ": ",
        " ",
        "\n",
        "\"--audit-log-path=/b\"",
        "'--audit-policy-file=/q'",
        "args = [",
        "command: [",
        "]\n",
        "ARGS=(",
        "echo ",
        "; ",
        "&& ",
        "|",
        "kube-apiserver ",
        "$(X)",
        "${Y}",
        "{{ z }}",
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..6_000 {
        let count = 1 + random.below(14);
        let text: String = (0..count).map(|_| random.of(&pieces)).collect();
        // In YAML, this is one quote within a value.
        if text.contains("''") {
            continue;
        }
        let read = import(&text, NEWEST).settings;
        for value in [&read.policy_path, &read.log.path] {
            let is_paired = [('[', ']'), ('{', '}'), ('(', ')')]
                .iter()
                .all(|(open, close)| value.matches(*open).count() == value.matches(*close).count());
            let quotes = value.matches(['"', '\'']).count();
            assert!(
                is_paired && quotes % 2 == 0 && !value.ends_with(','),
                "`{value}` in:\n{text}"
            );
        }
    }
}

/// Policy that is written to `/etc/k/p.yml`.
const WRITTEN: &str = "cat > /etc/k/p.yml <<EOF\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\nEOF\n";

#[test]
fn the_checked_path_is_that_of_import() {
    for command in [
        "k3d cluster create --k3s-arg '--kube-apiserver-arg=audit-policy-file=/etc/k/p.yaml@server:0'",
        "k3d cluster create --k3s-arg=\"--kube-apiserver-arg=audit-policy-file=/etc/k/p.yaml@server:*\"",
        "k3d cluster create --k3s-arg --kube-apiserver-arg=audit-policy-file=/etc/k/p.yaml@loadbalancer",
        "k3d cluster create --k3s-arg '--kube-apiserver-arg=audit-policy-file=/etc/k/p.yaml@server:0,1;agent:*'",
        "k3d cluster create --k3s-server-arg '--kube-apiserver-arg=audit-policy-file=/etc/k/p.yaml@server[0]'",
        "k3s server --kube-apiserver-arg audit-policy-file=/etc/k/p.yaml",
        "kube-apiserver --audit-policy-file /etc/k/p.yaml",
        "kube-apiserver --audit-policy-file=\"/etc/k/p.yaml\"; echo",
        "ARGS=(--audit-policy-file=/etc/k/p.yaml)",
        "ARGS=[\"--audit-policy-file=/etc/k/p.yaml\", \"--v=2\"]",
        "docker run k kube-apiserver '--audit-policy-file=/etc/k/p.yaml'&",
    ] {
        let text = format!("{WRITTEN}{command}\n");
        assert_eq!(
            import(&text, NEWEST).settings.policy_path,
            "/etc/k/p.yaml",
            "{command}"
        );
        let found = recognize(&text);
        let messages: Vec<&str> = found.findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "the flag names the policy `/etc/k/p.yaml`, which is not among the files that this document writes; the policy is written to `/etc/k/p.yml`"
            ],
            "{command}"
        );
        let span = found
            .findings
            .iter()
            .find_map(audit_types::Diagnostic::span);
        let place = span.and_then(|span| text.get(span.start..span.end));
        assert_eq!(place, Some("/etc/k/p.yaml"), "{command}");
    }
}

/// A text, the code of a finding about what it does not set, and whether the server can get more than the text has.
const PARTIAL: [(&str, &str, bool); 18] = [
    ("kube-apiserver --etcd-servers=x \"$@\"\n", "AE034", true),
    ("kube-apiserver --etcd-servers=x $EXTRA\n", "AE034", true),
    (
        "kube-apiserver --etcd-servers=x \"${ARGS[@]}\"\n",
        "AE034",
        true,
    ),
    (
        "kube-apiserver --etcd-servers=x $(cat /etc/flags)\n",
        "AE034",
        true,
    ),
    (
        "[Service]\nExecStart=/usr/bin/kube-apiserver ${FLAGS}\n",
        "AE034",
        true,
    ),
    ("kube-apiserver-arg: \"{{ k3s_args }}\"\n", "AE034", true),
    ("kube-apiserver-arg:\n- v=2\n- ${EXTRA}\n", "AE034", true),
    (
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, $(EXTRA_ARGS)]\n",
        "AE034",
        true,
    ),
    (
        "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer:\n  extraArgs: ${EXTRA_ARGS}\n",
        "AE034",
        true,
    ),
    ("minikube start --driver=docker $EXTRA\n", "AE034", true),
    // The value of a flag is not an argument of its own.
    ("kube-apiserver --etcd-servers $ETCD\n", "AE032", false),
    ("kube-apiserver --secure-port=$PORT\n", "AE032", false),
    // The text sets the variable.
    (
        "ARGS=\"--etcd-servers=x --v=2\"\nkube-apiserver $ARGS\n",
        "AE032",
        false,
    ),
    (
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, $(MORE)]\n    env: [{name: MORE, value: --v=2}]\n",
        "AE032",
        false,
    ),
    // A shell without parameters passes none on.
    (
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [/bin/sh, -c, 'exec kube-apiserver --etcd-servers=x \"$@\"', --]\n",
        "AE032",
        false,
    ),
    // A variable in front of the server's name is another command.
    (
        "cd $HOME\nkube-apiserver --etcd-servers=x\n",
        "AE032",
        false,
    ),
    ("kube-apiserver --etcd-servers=x\n", "AE032", false),
    ("kube-apiserver-arg:\n- v=2\n", "AE032", false),
];

#[test]
fn auditing_is_off_only_if_all_arguments_are_known() {
    for (text, code, is_partial) in PARTIAL {
        let read = import(text, NEWEST);
        let codes: Vec<&str> = read.findings.iter().map(|f| &*f.code).collect();
        assert_eq!(
            (codes, read.given.is_partial),
            (vec![code], is_partial),
            "{text}"
        );
    }
}

#[test]
fn import_and_check_agree_on_the_policy_of_terraform() {
    let policy = "{\n    apiVersion = \"audit.k8s.io/v1\"\n    kind = \"Policy\"\n    rules = [{ level = \"Metadata\" }]\n  }";
    let here = "<<-EOT\n  apiVersion: audit.k8s.io/v1\n  kind: Policy\n  rules:\n  - level: Metadata\n  EOT";
    let rke = |value: &str| {
        format!(
            "resource \"rke_cluster\" \"c\" {{\n  audit_log {{\n    enabled = true\n    configuration {{\n      policy = {value}\n    }}\n  }}\n}}\n"
        )
    };
    let local = |value: &str| format!("locals {{ # names\n  p = {value}\n}}\n");
    for (value, is_known) in [
        (format!("jsonencode({policy})"), true),
        (format!("yamlencode({policy})"), true),
        (here.to_owned(), true),
        ("templatefile(\"p.yaml.tpl\", {})".to_owned(), false),
        ("file(\"p.yaml\")".to_owned(), false),
        ("yamlencode(local.policy)".to_owned(), false),
    ] {
        for text in [rke(&value), local(&value)] {
            let checked = recognize(&text);
            assert_eq!(checked.policies().count(), usize::from(is_known), "{text}");
            let read = import(&text, NEWEST);
            assert_eq!(!read.settings.policy.is_empty(), is_known, "{text}");
            let says_unknown = read
                .findings
                .iter()
                .any(|f| f.message.starts_with("the policy is an expression"));
            let is_named = text.contains("policy = ");
            assert_eq!(
                says_unknown,
                is_named && !is_known && text.contains("rke"),
                "{text}"
            );
        }
    }
}
