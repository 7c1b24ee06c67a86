//! `check` of files that are other documents, with policies inside or without.

use serde_json::{Value, json};

use crate::{Folder, GOOD, keys};

/// A ConfigMap with a misspelled field in line 13, a comment and a final line without an end.
const CONFIG_MAP: &str = "# keep\napiVersion: v1\nkind: ConfigMap\ndata:\n  other: |\n    a:   1\n  policy: |-\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    omitStages: [RequestReceived]\n    rules:\n    - level: Metadata\n      verb: [get]\n  z: 'é'";

/// A kOps cluster that names its policy.
const KOPS: &str = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  kubeAPIServer:\n    auditPolicyFile: /srv/kubernetes/audit.yaml\n";

/// Codes with lines, in order.
fn codes(report: &Value) -> Vec<(String, u64)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let code = finding["code"].as_str().unwrap().to_owned();
            (code, finding["span"]["start"]["line"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn a_finding_about_two_rules_has_both_lines_of_the_file() {
    let text = CONFIG_MAP.replace("      verb: [get]\n", "    - level: None\n");
    let folder = Folder::new("check-two-rules", &[("cm.yaml", &text)]);
    let out = folder.run(&["check", "cm.yaml"]).out;
    let (_, finding) = out.split_once("[AP020]").unwrap();
    assert!(finding.contains("--> cm.yaml:13:"), "{out}");
    assert!(
        finding.contains(" = line 12: this rule matches first\n"),
        "{out}"
    );
}

#[test]
fn a_policy_inside_has_the_keys_of_a_policy_and_its_place() {
    let files = [("cm.yaml", CONFIG_MAP), ("p.yaml", GOOD)];
    let folder = Folder::new("check-document", &files);
    let ran = folder.run(&["check", "--format", "json", "cm.yaml", "p.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let [inside, plain] = &ran.objects()[..] else {
        panic!("{}", ran.out);
    };
    let expected = [
        "file",
        "accepted",
        "error",
        "warning",
        "policy",
        "findings",
        "document",
        "policyPath",
    ];
    assert_eq!(keys(inside), expected);
    assert_eq!(inside["accepted"], true);
    assert_eq!(inside["policyPath"], "data.policy");
    let document = json!({ "kind": "config-map", "title": "a ConfigMap" });
    assert_eq!(inside["document"], document);
    assert_eq!(inside["policy"]["rules"], json!([{ "level": "Metadata" }]));
    let found = codes(inside);
    assert!(found.contains(&("AP013".to_owned(), 13)), "{found:?}");
    // A policy file has no more keys than before.
    assert_eq!(keys(plain), expected[..6]);

    let text = folder.run(&["check", "cm.yaml"]).out;
    for part in [
        "cm.yaml: data.policy of a ConfigMap: accepted, 1 rule",
        "--> cm.yaml:13:7",
        "13 |       verb: [get]\n",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn an_error_inside_has_its_line_in_the_file() {
    let text = include_str!("../../../audit-import/tests/data/documents/cm.yaml");
    let folder = Folder::new("check-document-error", &[("cm.yaml", text)]);
    let ran = folder.run(&["check", "--format", "json", "cm.yaml"]);
    assert_eq!(ran.status, 1);
    let report = ran.object();
    // `omitStages` is in line 12 of the file and in line 5 of the policy.
    assert_eq!(codes(&report), [("AP001".to_owned(), 12)]);
    assert!(
        report["error"]
            .as_str()
            .unwrap()
            .starts_with("failed decoding: yaml: ")
    );
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert!(!message.contains("line"), "{message}");
}

#[test]
fn a_server_without_audit_flags_names_no_file_to_check() {
    let pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver]\n";
    let folder = Folder::new("check-document-off", &[("a.yaml", pod)]);
    let report = folder
        .run(&["check", "--format", "json", "a.yaml"])
        .object();
    let help = "kube-apiserver records nothing: add `--audit-policy-file` with the path of a policy, and `--audit-log-path` with the path of the log";
    for code in ["AP050", "AE032"] {
        let mut findings = report["findings"].as_array().unwrap().iter();
        let finding = findings.find(|finding| finding["code"] == code).unwrap();
        assert_eq!(finding["help"], help, "{code}");
    }
}

#[test]
fn a_policy_of_rke1_without_its_kind_is_a_warning_with_an_explanation() {
    let text = "services:\n  kube-api:\n    audit_log:\n      enabled: true\n      configuration:\n        policy:\n          apiVersion: audit.k8s.io/v1\n          rules:\n          - level: Metadata\n";
    let folder = Folder::new("check-document-rke1", &[("cluster.yml", text)]);
    let ran = folder.run(&["check", "cluster.yml"]);
    let warning = "warning[AP052]: the policy has no `kind`, and `rke up` is likely to reject it\n";
    assert_eq!(
        (ran.status, ran.out.contains(warning)),
        (0, true),
        "{}",
        ran.out
    );
    let page = folder.run(&["explain", "AP052"]).out;
    assert!(page.contains("has no `kind`: `rke up`"), "{page}");
}

#[test]
fn a_document_without_a_policy_is_one_finding() {
    let folder = Folder::new("check-document-none", &[("kops.yaml", KOPS)]);
    let ran = folder.run(&["check", "--format", "json", "kops.yaml"]);
    // The check fails only on errors: kube-apiserver starts with these settings, but writes no events, because no path of a log is set (AE008).
    assert_eq!(ran.status, 0);
    let report = ran.object();
    assert_eq!(
        codes(&report),
        [("AP050".to_owned(), 1), ("AE008".to_owned(), 1)]
    );
    assert_eq!(report["findings"][0]["severity"], "info");
    assert_eq!(report["accepted"], false);
    for key in ["error", "warning", "policy", "policyPath"] {
        assert_eq!(report[key], Value::Null, "{key}");
    }
    let message =
        "not a policy: this is a kOps cluster; its policy is the file `/srv/kubernetes/audit.yaml`";
    assert_eq!(report["findings"][0]["message"], message);
    let text = folder.run(&["check", "kops.yaml"]);
    assert_eq!(text.status, 0);
    assert!(
        text.out
            .starts_with("kops.yaml: a kOps cluster: settings checked, no policy\n"),
        "{}",
        text.out
    );
    assert!(!text.out.contains("kind: Policy"), "{}", text.out);
    // Nothing is fixed: a cluster does not become a policy.
    let fixed = folder.run(&["check", "--fix", "kops.yaml"]);
    assert_eq!(fixed.status, 0);
    assert_eq!(folder.read("kops.yaml"), KOPS);
}

#[test]
fn fixes_change_the_policy_and_no_other_byte() {
    let fixed = CONFIG_MAP.replace("verb: [get]", "verbs: [get]");
    for (name, before, after) in [
        ("unix", CONFIG_MAP.to_owned(), fixed.clone()),
        (
            "windows",
            CONFIG_MAP.replace('\n', "\r\n"),
            fixed.replace('\n', "\r\n"),
        ),
        (
            "mark",
            format!("\u{feff}{CONFIG_MAP}"),
            format!("\u{feff}{fixed}"),
        ),
    ] {
        let folder = Folder::new(
            &format!("check-document-fix-{name}"),
            &[("cm.yaml", &before)],
        );
        let ran = folder.run(&["check", "--fix", "cm.yaml"]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let read = folder.read("cm.yaml");
        assert_eq!(read, after, "{name}");
        let again = folder.run(&["check", "--fix", "cm.yaml"]);
        assert_eq!((again.status, folder.read("cm.yaml")), (0, read), "{name}");
    }
}

#[test]
fn inserted_lines_are_indented_as_the_policy_is() {
    let cluster = include_str!("../../../audit-import/tests/data/documents/cluster.yml");
    let rule = "          - level: Metadata\n            resources:\n            - resources: [deployments]\n";
    let cluster = &cluster.replace(
        "          rules:\n",
        &format!("          kind: Policy\n          rules:\n{rule}"),
    );
    let folder = Folder::new("check-document-insert", &[("cluster.yml", cluster)]);
    let ran = folder.run(&["check", "--fix", "cluster.yml"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let expected = cluster.replace(
        "            - resources:",
        "            - group: apps\n              resources:",
    );
    assert_eq!(folder.read("cluster.yml"), expected);
    let printed = folder.run_on(cluster, &["check", "--fix", "-"]);
    assert_eq!((printed.status, printed.out), (0, expected));
}

#[test]
fn fixes_whose_place_is_not_certain_are_left_out() {
    let text = include_str!("../../../audit-import/tests/data/documents/vars-folded.yml");
    let text = &text.replace(
        "    verbs: [\"get\"]\n",
        "    resources:\n    - resources: [\"deployments\"]\n",
    );
    let folder = Folder::new("check-document-folded", &[("vars.yml", text)]);
    let ran = folder.run(&["check", "--fix", "vars.yml"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(folder.read("vars.yml"), *text);
    assert!(ran.err.contains("1 fix not applied"), "{}", ran.err);
    assert!(!ran.out.contains("(`--fix`)"), "{}", ran.out);
}

#[test]
fn a_template_is_not_a_syntax_error() {
    let text = include_str!("../../../audit-import/tests/data/documents/helm.yaml");
    let folder = Folder::new("check-template", &[("helm.yaml", text)]);
    let ran = folder.run(&["check", "--format", "json", "helm.yaml"]);
    // It is not rejected: what it becomes is not known.
    assert_eq!(ran.status, 0);
    assert_eq!(folder.run(&["check", "--strict", "helm.yaml"]).status, 1);
    let report = ran.object();
    assert_eq!(codes(&report), [("AP051".to_owned(), 1)]);
    assert_eq!(
        report["document"],
        json!({ "kind": "template", "title": "a Helm template" })
    );
    for key in ["error", "warning", "policy"] {
        assert_eq!(report[key], Value::Null, "{key}");
    }
    let out = folder.run(&["check", "helm.yaml"]).out;
    assert!(
        out.starts_with("helm.yaml: a Helm template: not rendered\n"),
        "{out}"
    );
}

#[test]
fn ten_documents_have_a_report_per_policy() {
    let policy = "kind: ConfigMap\napiVersion: v1\ndata:\n  p: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules: [{level: Metadata}]\n";
    let other = "apiVersion: v1\nkind: Service\n";
    let text = [
        other, other, policy, other, other, policy, other, other, other, KOPS,
    ]
    .join("---\n");
    let folder = Folder::new("check-ten", &[("all.yaml", &text)]);
    let ran = folder.run(&["check", "--format", "json", "all.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    let objects = ran.objects();
    assert_eq!(objects.len(), 2);
    // Two services of two lines and their markers are six lines; the policy's stage is in the seventh of its document.
    assert!(
        objects
            .iter()
            .all(|object| object["policyPath"] == "data.p")
    );
    assert_eq!(codes(&objects[0]).first().unwrap().1, 13);
    // The cluster's settings, without a log, belong to the last policy: its document starts with
    // a marker after eight others, seven services of two lines and two ConfigMaps of seven.
    let of_settings = ("AE008".to_owned(), 37);
    assert!(!codes(&objects[0]).contains(&of_settings), "{}", ran.out);
    assert!(codes(&objects[1]).contains(&of_settings), "{}", ran.out);
}

/// A ConfigMap with a misspelled field in line 9, and from line 10 on a static pod with two faults: the policy is not mounted (line 18), and `30d` is not a
/// number (line 20).
const TWO_DOCUMENTS: &str = "apiVersion: v1\nkind: ConfigMap\ndata:\n  policy.yaml: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: Metadata\n      verb: [get]\n---\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n    - --audit-policy-file=/etc/kubernetes/audit.yaml\n    - --audit-log-path=-\n    - --audit-log-maxage=30d\n";

#[test]
fn settings_next_to_a_policy_are_checked_with_their_lines() {
    let folder = Folder::new("check-two-documents", &[("all.yaml", TWO_DOCUMENTS)]);
    let ran = folder.run(&["check", "--format", "json", "all.yaml"]);
    // The policy is accepted, and kube-apiserver does not start with the settings.
    assert_eq!(ran.status, 1, "{}", ran.out);
    let report = ran.object();
    assert_eq!(report["accepted"], true);
    assert_eq!(report["policyPath"], "data.policy.yaml");
    let found = codes(&report);
    for (code, line) in [("AP013", 9), ("AE011", 18), ("AE016", 20)] {
        assert!(
            found.contains(&(code.to_owned(), line)),
            "{code}: {found:?}"
        );
    }
    let out = folder.run(&["check", "all.yaml"]).out;
    assert!(out.contains("--> all.yaml:20:"), "{out}");
    let verdict = "data.policy.yaml of a ConfigMap: accepted, 1 rule; 2 errors in the settings\n";
    assert!(out.contains(verdict), "{out}");
    // The policy is fixed, and no setting.
    let fixed = folder.run(&["check", "--fix", "all.yaml"]);
    assert_eq!(fixed.status, 1);
    let expected = TWO_DOCUMENTS.replace("verb: [get]", "verbs: [get]");
    assert_eq!(folder.read("all.yaml"), expected);
}

#[test]
fn a_setting_that_the_second_document_lacks_has_its_first_line() {
    let text = TWO_DOCUMENTS.replace("    - --audit-log-path=-\n", "");
    let folder = Folder::new("check-second-document", &[("all.yaml", &text)]);
    let report = folder
        .run(&["check", "--format", "json", "all.yaml"])
        .object();
    // No path is given for the log. The second document starts with its marker.
    let found = codes(&report);
    assert!(found.contains(&("AE008".to_owned(), 10)), "{found:?}");
}

#[test]
fn settings_around_a_policy_are_checked_with_their_lines() {
    let kops = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  fileAssets:\n  - name: p\n    path: /srv/p.yaml\n    content: |\n      apiVersion: audit.k8s.io/v1\n      kind: Policy\n      rules: [{level: Metadata, verb: [get]}]\n  kubeAPIServer:\n    auditPolicyFile: /srv/p.yaml\n    auditLogPath: /dev/stdout\n";
    let talos = "version: v1alpha1\nmachine: {type: controlplane}\ncluster:\n  apiServer:\n    extraArgs:\n      audit-log-mode: blocking-strict\n    auditPolicy:\n      apiVersion: audit.k8s.io/v1\n      kind: Policy\n      rules: [{level: Metadata, verb: [get]}]\n";
    for (name, text, setting, policy_line) in [
        // kube-apiserver opens every path but `-` as a file, and renames it when it is full.
        ("kops", kops, ("AE037", 13), 10),
        // Requests fail if the log cannot be written.
        ("talos", talos, ("AE010", 6), 10),
    ] {
        let folder = Folder::new(&format!("check-around-{name}"), &[("f", text)]);
        let ran = folder.run(&["check", "--format", "json", "f"]);
        assert_eq!(ran.status, 0, "{name}: {}", ran.out);
        let found = codes(&ran.object());
        let (code, line) = setting;
        for expected in [(code.to_owned(), line), ("AP013".to_owned(), policy_line)] {
            assert!(found.contains(&expected), "{name}: {found:?}");
        }
    }
}

#[test]
fn a_document_with_a_policy_and_no_settings_has_only_findings_of_the_policy() {
    let folder = Folder::new("check-no-settings", &[("cm.yaml", CONFIG_MAP)]);
    let report = folder
        .run(&["check", "--format", "json", "cm.yaml"])
        .object();
    let found = codes(&report);
    let mut others = found.iter().filter(|(code, _)| !code.starts_with("AP"));
    assert_eq!(others.next(), None, "{found:?}");
}

#[test]
fn a_path_that_no_file_has_is_reported_with_the_policy() {
    let text = include_str!("../../../audit-import/tests/data/documents/cluster-typo.yaml");
    let folder = Folder::new("check-typo", &[("cluster.yaml", text)]);
    let report = folder
        .run(&["check", "--format", "json", "cluster.yaml"])
        .object();
    let found = codes(&report);
    assert!(found.contains(&("AE050".to_owned(), 17)), "{found:?}");
}

/// Files that are not policies and contain none, with their titles and codes of findings about their settings.
const SETTINGS: [(&str, &str, &[&str]); 14] = [
    (
        "#!/bin/sh\nset -e\nk3d cluster create a --volume /p.yaml:/p.yaml@server:* --k3s-arg '--kube-apiserver-arg=audit-policy-file=/p.yaml@server:*' --k3s-arg '--kube-apiserver-arg=audit-log-path=-@server:*'\n",
        "a shell script",
        &[],
    ),
    (
        "k3d cluster create a \\\n  --k3s-arg '--kube-apiserver-arg=audit-policy-file=/p.yaml@server:*' -v /p.yaml:/p.yaml\n",
        "a shell command",
        // The command sets a policy, but neither a log nor a webhook: kube-apiserver writes no events.
        &["AE008"],
    ),
    ("profile: cis\n", "an RKE2 configuration", &["AE040"]),
    (
        "token: t\nprofile: cis\nselinux: true\n",
        "an RKE2 configuration",
        &["AE040"],
    ),
    (
        "[Unit]\nDescription=API server\n\n[Service]\nExecStart=/usr/bin/kube-apiserver \\\n  --audit-log-path=- \\\n  --audit-policy-file=/p.yaml\n",
        "a systemd unit",
        &[],
    ),
    (
        "[Service]\nEnvironment=\"ARGS=--audit-log-path=- --audit-policy-file=/p.yaml\"\n",
        "a systemd unit",
        &[],
    ),
    (
        "# flags\nFLAGS=\"--audit-policy-file=/p.yaml \\\n  --audit-log-path=-\"\n",
        "an environment file",
        &[],
    ),
    (
        "KUBE_APISERVER_ARGS=--audit-policy-file=/p.yaml --audit-log-path=-\n",
        "an environment file",
        &[],
    ),
    (
        "services:\n  server:\n    image: rancher/k3s\n    command: server --kube-apiserver-arg=audit-policy-file=/p.yaml --kube-apiserver-arg=audit-log-path=-\n",
        "a Docker Compose file",
        &[],
    ),
    (
        "- op: add\n  path: /spec/containers/0/command/-\n  value: --audit-policy-file=/p.yaml\n- op: add\n  path: /spec/containers/0/command/-\n  value: --audit-log-path=-\n",
        "a JSON patch",
        &[],
    ),
    (
        "[{\"op\":\"add\",\"path\":\"/spec/containers/0/command/-\",\"value\":\"--audit-policy-file=/p.yaml\"},{\"op\":\"add\",\"path\":\"/spec/containers/0/command/-\",\"value\":\"--audit-log-path=-\"}]",
        "a JSON patch",
        &[],
    ),
    (
        "apiserver.audit-policy-file: /etc/ssl/certs/p.yaml\napiserver.audit-log-path: \"-\"\n",
        "a minikube configuration",
        &[],
    ),
    (
        "apiVersion: v1\nkind: Secret\nstringData:\n  webhook.yaml: |\n    apiVersion: v1\n    kind: Config\n    clusters:\n    - name: c\n      cluster: {server: 'https://collector.audit.svc/'}\n    contexts:\n    - name: d\n      context: {cluster: c, user: ''}\n    current-context: d\n    users: []\n",
        "a Secret",
        // The host's DNS does not know names of Services.
        &["AE036"],
    ),
    (
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver]\n",
        "a pod manifest",
        &["AE032"],
    ),
];

#[test]
fn settings_of_a_file_without_a_policy_are_checked() {
    for (index, (text, title, expected)) in SETTINGS.into_iter().enumerate() {
        let folder = Folder::new(&format!("check-settings-{index}"), &[("f", text)]);
        let ran = folder.run(&["check", "--format", "json", "f"]);
        assert_eq!(ran.status, 0, "{text}{}", ran.out);
        let report = ran.object();
        assert_eq!(report["document"]["title"], title, "{text}");
        assert_eq!(
            (&report["error"], &report["accepted"]),
            (&Value::Null, &json!(false))
        );
        let found: Vec<String> = codes(&report).into_iter().map(|(code, _)| code).collect();
        let of_settings: Vec<&String> = found.iter().filter(|code| *code != "AP050").collect();
        assert_eq!(of_settings, expected, "{text}");
        assert!(found.contains(&"AP050".to_owned()), "{text}");
        let ran = folder.run(&["import", "f"]);
        let named = format!("audit-policy: f: read as {title}\n");
        assert!(ran.err.starts_with(&named), "{text}{}", ran.err);
    }
}

#[test]
fn a_setting_that_stops_the_server_fails_the_check() {
    let text = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec:\n  api:\n    extraArgs:\n      audit-log-path: \"-\"\n      audit-log-maxage: 30d\n";
    let folder = Folder::new("check-settings-error", &[("k0s.yaml", text)]);
    let ran = folder.run(&["check", "--format", "json", "k0s.yaml"]);
    assert_eq!(ran.status, 1);
    assert!(
        codes(&ran.object()).contains(&("AE016".to_owned(), 7)),
        "{}",
        ran.out
    );
}

#[test]
fn a_document_with_nothing_to_check_fails() {
    for (index, text) in [
        "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n",
        "apiVersion: auditregistration.k8s.io/v1alpha1\nkind: AuditSink\n",
        "#!/bin/sh\necho a\n",
    ]
    .into_iter()
    .enumerate()
    {
        let folder = Folder::new(&format!("check-nothing-{index}"), &[("f", text)]);
        let ran = folder.run(&["check", "--format", "json", "f"]);
        assert_eq!(ran.status, 1, "{text}");
        let report = ran.object();
        assert_eq!(codes(&report), [("AP050".to_owned(), 1)], "{text}");
        assert_eq!(report["error"], Value::Null, "{text}");
        assert!(
            folder.run(&["check", "f"]).out.contains(": no policy\n"),
            "{text}"
        );
    }
}

#[test]
fn a_template_with_broken_code_is_still_a_template() {
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: {{ .Values.level\n";
    let folder = Folder::new("check-template-broken", &[("helm.yaml", text)]);
    let ran = folder.run(&["check", "--format", "json", "helm.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert_eq!(codes(&ran.object()), [("AP051".to_owned(), 4)]);
    // What is certain is still checked.
    let wrong = format!("{text}- level: Loud\n");
    let folder = Folder::new("check-template-wrong", &[("helm.yaml", &wrong)]);
    assert_eq!(folder.run(&["check", "helm.yaml"]).status, 1);
}
