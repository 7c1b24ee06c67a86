//! `cloud`: the rules that clouds document.

use crate::Folder;

#[test]
fn a_documented_policy_is_accepted_and_names_its_source() {
    let folder = Folder::new("cloud-rules", &[]);
    for (name, rules, source) in [
        ("eks", 17, "aws/aws-eks-best-practices, commit dc0243ad"),
        ("gke", 17, "kubernetes/cloud-provider-gcp (2026-04-08"),
    ] {
        let printed = folder.run(&["cloud", name]);
        assert_eq!((printed.status, &*printed.err), (0, ""));
        assert!(printed.out.contains(source), "{}", printed.out);
        let ran = folder.run_on(&printed.out, &["check", "-"]);
        let verdict = format!("-: accepted, {rules} rules\n");
        assert!(ran.out.starts_with(&verdict), "{}", ran.out);
    }
}

#[test]
fn a_cloud_without_a_policy_and_an_unknown_one_have_one_message() {
    let folder = Folder::new("cloud-wrong", &[]);
    for (name, message) in [
        (
            "aks",
            "Azure Kubernetes Service documents no rules (help: `audit-policy cloud` lists what is known)",
        ),
        (
            "on-premises",
            "unknown cloud `on-premises`; the clouds are eks, gke, aks",
        ),
    ] {
        let ran = folder.run(&["cloud", name]);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{name}");
        assert_eq!(ran.err, format!("audit-policy: {message}\n"));
    }
    assert_eq!(folder.run(&["cloud"]).out.lines().count(), 3);
}
