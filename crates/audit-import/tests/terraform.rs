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
            vec![(String::new(), false, vec!["look".to_owned()])],
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
