//! Policies in Terraform: literals of `locals`, variables and arguments, and what names a policy elsewhere.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use audit_import::{import, recognize};
use audit_policy::KubernetesVersion;

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// A policy with the unknown verb `look`.
const OBJECT: &str = "{\n    apiVersion = \"audit.k8s.io/v1\"\n    kind = \"Policy\"\n    rules = [\n      { level = \"Metadata\", verbs = [\"look\"] },\n    ]\n  }";

/// Returns path, whether it is a template, and the text of each AP028 of each policy.
fn verbs(text: &str) -> Vec<(String, bool, Vec<String>)> {
    let found = recognize(text);
    let policies = found.policies().map(|(_, policy)| {
        let check = policy.check(text, NEWEST);
        let spans = check.findings.iter().filter(|one| one.code == "AP028");
        let spans = spans.filter_map(|one| one.span());
        let texts = spans.map(|span| text[span.start..span.end].to_owned());
        (
            policy.path.clone(),
            policy.template().is_some(),
            texts.collect(),
        )
    });
    policies.collect()
}

#[test]
fn a_policy_in_a_local_or_an_argument_is_checked_where_it_is() {
    let one =
        |path: &str, is_template| vec![(path.to_owned(), is_template, vec!["\"look\"".to_owned()])];
    let with = |text: &str| text.replace("OBJECT", OBJECT);
    let expressions = OBJECT.replace("\"Metadata\"", "var.debug ? \"Request\" : \"Metadata\"");
    let rules = "[\n    { level = \"Metadata\", verbs = [\"look\"] },\n  ]";
    let by_rules = OBJECT.replace(
        &OBJECT[OBJECT.find('[').unwrap()..=OBJECT.rfind(']').unwrap()],
        "local.rules",
    );
    let short = "{ rules = [{ level = \"Metadata\", verbs = [\"look\"] }] }";
    for (text, expected) in [
        (with("locals {\n  p = OBJECT\n}\nresource \"a\" \"b\" {\n  policy = yamlencode(local.p)\n}\n"), one("p", false)),
        (with("resource \"a\" \"b\" {\n  policy = jsonencode(local.p)\n}\nlocals {\n  p = OBJECT\n}\n"), one("p", false)),
        (with("resource \"a\" \"b\" {\n  policy = yamlencode(OBJECT)\n}\n"), one("policy", false)),
        (with("module \"a\" {\n  manifest = OBJECT\n}\n"), one("manifest", false)),
        (with("variable \"p\" {\n  default = OBJECT\n}\n"), one("var.p", false)),
        // Only the encoder says that an object without a version is a policy.
        (format!("locals {{\n  p = {short}\n}}\nmodule \"a\" {{\n  policy = jsonencode(local.p)\n}}\n"), one("p", false)),
        (format!("locals {{\n  p = {short}\n}}\n"), vec![]),
        // The value of a local is checked where it is.
        (format!("locals {{\n  rules = {rules}\n}}\nmodule \"a\" {{\n  policy = yamlencode({by_rules})\n}}\n"), one("policy", false)),
        (format!("module \"a\" {{\n  policy = yamlencode({by_rules})\n}}\nlocals {{\n  rules = {rules}\n}}\n"), one("policy", false)),
        // Other expressions are unknown.
        (format!("locals {{\n  p = {expressions}\n}}\n"), one("p", true)),
        (
            with("locals {\n  p = <<-EOT\n    x: apiVersion = \"audit.k8s.io/v1\"\n  EOT\n  # apiVersion = \"audit.k8s.io/v1\"\n}\n"),
            vec![],
        ),
        (
            "locals {\n  p = <<-EOT\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: Metadata\n      verbs: [look]\n  EOT\n}\n".to_owned(),
            vec![("p".to_owned(), false, vec!["look".to_owned()])],
        ),
    ] {
        assert_eq!(verbs(&text), expected, "{text}");
    }
}

#[test]
fn a_policy_elsewhere_is_named() {
    let is = "not a policy: this is a Terraform configuration";
    for (text, expected) in [
        (
            "module \"a\" {\n  policy = file(\"${path.module}/audit.yaml\")\n}\n",
            "; its policy is the file `${path.module}/audit.yaml`",
        ),
        (
            "module \"a\" {\n  content = templatefile(\"audit.tpl\", {})\n}\n",
            "; its policy is the file `audit.tpl`",
        ),
        (
            "locals {\n  path = \"audit.yaml\"\n}\nmodule \"a\" {\n  policy = file(local.path)\n}\n",
            "; its policy is the file `audit.yaml`",
        ),
        (
            "module \"a\" {\n  policy = yamlencode(local.audit_policy)\n}\n",
            "; its policy is `local.audit_policy`, which has no literal value here",
        ),
        (
            "module \"a\" {\n  content = yamlencode(local.x)\n}\n",
            " without a policy",
        ),
        (
            "module \"a\" {\n  patch = yamlencode({ cluster = { apiServer = { auditPolicy = var.p } } })\n}\n",
            "; its policy is `var.p`, which has no literal value here",
        ),
        (
            "locals {\n  patch = <<-EOT\n    cluster:\n      apiServer:\n        auditPolicy: ${indent(10, var.p)}\n  EOT\n}\n",
            "; its policy is `indent(10, var.p)`, which has no literal value here",
        ),
    ] {
        let found = recognize(text);
        let finding = found.documents[0].not_a_policy().expect(text);
        assert_eq!(finding.message, format!("{is}{expected}"), "{text}");
    }
}

#[test]
fn settings_say_where_the_policy_is() {
    let cluster = |policy: &str| {
        format!(
            "resource \"rke_cluster\" \"c\" {{\n  audit_log {{\n    enabled = true\n    configuration {{\n      policy = {policy}\n    }}\n  }}\n}}\n"
        )
    };
    let messages = |text: &str| {
        let findings = import(text, NEWEST).findings;
        let about = findings
            .iter()
            .filter(|one| one.message.contains("policy is"));
        about.map(|one| one.message.clone()).collect::<Vec<_>>()
    };
    let local = format!("locals {{\n  p = {OBJECT}\n  pq = 1\n}}\n");
    let expression = "the policy is an expression of Terraform, which is not evaluated";
    for (text, expected) in [
        (cluster("jsonencode(local.p)") + &local, vec![]),
        (cluster("jsonencode(local.pq)") + &local, vec![expression]),
        (cluster("jsonencode(var.p)"), vec![expression]),
        (
            cluster("jsonencode(yamldecode(file(\"audit.yaml\")))"),
            vec!["the policy is the file `audit.yaml`, which is not in this text"],
        ),
    ] {
        assert_eq!(messages(&text), expected, "{text}");
    }
}

#[test]
fn patches_of_talos_in_objects_are_read() {
    let patch = |patches: &str| {
        format!(
            "resource \"talos_machine_configuration_apply\" \"a\" {{\n  config_patches = [\n{patches}\n  ]\n}}\n"
        )
    };
    let policy = "{ apiVersion = \"audit.k8s.io/v1\", kind = \"Policy\", rules = [{ level = \"Metadata\", verbs = [\"look\"] }] }";
    let server =
        |fields: &str| format!("    yamlencode({{ cluster = {{ apiServer = {{ {fields} }} }} }})");
    let at = "cluster.apiServer.auditPolicy";
    let one = |is_template| vec![(at.to_owned(), is_template, vec!["\"look\"".to_owned()])];
    for (patches, expected) in [
        (server(&format!("auditPolicy = {policy}")), one(false)),
        (
            server(&format!("auditPolicy = {policy}")).replace("yamlencode", "jsonencode"),
            one(false),
        ),
        (
            server(&format!(
                "auditPolicy = {}",
                policy.replace("\"Metadata\"", "var.level")
            )),
            one(true),
        ),
        // An expression elsewhere says nothing about the policy.
        (
            server(&format!(
                "extraArgs = var.arguments, auditPolicy = {policy}"
            )),
            one(false),
        ),
        (
            "    yamlencode({ machine = { install = { disk = var.disk } } })".to_owned(),
            vec![],
        ),
    ] {
        let text = patch(&patches);
        let mut found = verbs(&text);
        for (path, ..) in &mut found {
            assert!(path.ends_with(at), "{path}");
            *path = at.to_owned();
        }
        assert_eq!(found, expected, "{text}");
    }
    // Settings: what Talos sets by itself, and its mounts.
    let arguments = |fields: &str| patch(&server(fields));
    let mount =
        "extraVolumes = [{ hostPath = \"/var/p\", mountPath = \"/var/p\", readonly = true }]";
    for (text, flags, codes) in [
        (
            arguments(&format!("auditPolicy = {policy}")),
            vec!["audit-policy-file=/system/config/kubernetes/kube-apiserver/auditpolicy.yaml"],
            vec![],
        ),
        (
            arguments("extraArgs = { \"audit-policy-file\" = \"/var/p/a.yaml\" }"),
            vec!["audit-policy-file=/var/p/a.yaml"],
            vec!["AE011"],
        ),
        (
            arguments(&format!(
                "extraArgs = {{ \"audit-policy-file\" = \"/var/p/a.yaml\" }}, {mount}"
            )),
            vec!["audit-policy-file=/var/p/a.yaml"],
            vec![],
        ),
        // Which paths an expression mounts is not known.
        (
            arguments(
                "extraArgs = { \"audit-policy-file\" = \"/var/p/a.yaml\" }, extraVolumes = var.volumes",
            ),
            vec!["audit-policy-file=/var/p/a.yaml"],
            vec![],
        ),
    ] {
        let read = import(&text, NEWEST);
        let found: Vec<_> = read.findings.iter().map(|one| one.code.as_ref()).collect();
        assert_eq!(found, codes, "{text}");
        let path = format!("audit-policy-file={}", read.settings.policy_path);
        assert_eq!(vec![path.as_str()], flags, "{text}");
    }
}

#[test]
fn a_text_in_the_field_for_a_file_is_written_to_rancher_s_file() {
    let path = "/var/lib/rancher/rke2/etc/config-files/audit-policy-file";
    let policy = "apiVersion: audit.k8s.io/v1\n  kind: Policy\n  rules:\n  - level: Metadata\n";
    for text in [
        format!(
            "resource \"rancher2_cluster_v2\" \"a\" {{\n  machine_global_config = <<EOF\naudit-policy-file: |\n  {policy}EOF\n}}\n"
        ),
        format!(
            "resource \"rancher2_cluster_v2\" \"a\" {{\n  machine_global_config = yamlencode({{\n    \"audit-policy-file\" = <<-EOT\n  {policy}    EOT\n    \"kube-apiserver-arg\" = [\"audit-log-path=-\"]\n  }})\n}}\n"
        ),
    ] {
        let read = import(&text, NEWEST);
        assert_eq!(read.settings.policy_path, path, "{text}");
        let codes: Vec<_> = read
            .all_findings(&text)
            .into_iter()
            .map(|one| one.code)
            .collect();
        let wrong = codes
            .iter()
            .find(|code| ["AE003", "AE007", "AE002"].contains(&code.as_ref()));
        assert_eq!(wrong, None, "{text}");
        assert!(!read.settings.policy.is_empty(), "{text}");
    }
}

/// None of many opening signs and quotes is compared with the whole rest of the text.
#[test]
fn many_opening_signs_are_read_in_one_pass() {
    let start = std::time::Instant::now();
    for sign in ["${", "\"${", "${\"", "{", "\n", "jsonencode("] {
        let many = sign.repeat((256 << 10) / sign.len());
        for text in [
            format!("locals {{\n  a = jsonencode({{ level = rules, audit = {many}}})\n}}\n"),
            format!("locals {{\n  extra_args = {{ audit-log-path = \"{many}\" }}\n}}\n"),
        ] {
            let _ = recognize(&text);
            let _ = import(&text, KubernetesVersion::NEWEST);
        }
    }
    // A quadratic pass over any of these takes a minute.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
