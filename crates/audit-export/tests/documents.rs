//! Every document against what Kubernetes documents of it: field names of the v1 Pod and of kubeadm's v1beta4 API, and the audit
//! page's example of the mounts (policy `File` and read-only, log directory `DirectoryOrCreate` and writable).

use apiserver_config::Settings;
use audit_export::{Target, render};
use serde_norway::Value;

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

fn settings() -> Settings {
    let mut settings = Settings::new(POLICY);
    settings.log.compress = true;
    settings
}

fn text(settings: &Settings, target: Target) -> String {
    render(settings, target).text
}

fn yaml(settings: &Settings, target: Target) -> Value {
    let text = text(settings, target);
    let value = serde_norway::from_str(&text);
    assert!(value.is_ok(), "{value:?}:\n{text}");
    value.unwrap_or_default()
}

#[test]
fn flags_are_one_per_line() {
    assert_eq!(
        text(&settings(), Target::Flags),
        "--audit-policy-file=/etc/kubernetes/audit/policy.yaml
--audit-log-path=/var/log/kubernetes/audit/audit.log
--audit-log-maxage=30
--audit-log-maxbackup=10
--audit-log-compress=true
"
    );
}

#[test]
fn flags_as_yaml() {
    assert_eq!(
        text(&settings(), Target::Args),
        "- --audit-policy-file=/etc/kubernetes/audit/policy.yaml
- --audit-log-path=/var/log/kubernetes/audit/audit.log
- --audit-log-maxage=30
- --audit-log-maxbackup=10
- --audit-log-compress=true
"
    );
}

#[test]
fn static_pod() {
    assert_eq!(
        text(&settings(), Target::StaticPod),
        "spec:
  containers:
    - name: kube-apiserver
      command:
        - kube-apiserver
        # in addition to the existing flags
        - --audit-policy-file=/etc/kubernetes/audit/policy.yaml
        - --audit-log-path=/var/log/kubernetes/audit/audit.log
        - --audit-log-maxage=30
        - --audit-log-maxbackup=10
        - --audit-log-compress=true
      volumeMounts:
        - name: audit-policy
          mountPath: /etc/kubernetes/audit/policy.yaml
          readOnly: true
        - name: audit-log
          mountPath: /var/log/kubernetes/audit
          readOnly: false
  volumes:
    - name: audit-policy
      hostPath:
        path: /etc/kubernetes/audit/policy.yaml
        type: File
    - name: audit-log
      hostPath:
        path: /var/log/kubernetes/audit
        type: DirectoryOrCreate
"
    );
}

#[test]
fn kubeadm_v1beta4() {
    assert_eq!(
        text(&settings(), Target::KubeadmV1beta4),
        "apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
    - name: audit-policy-file
      value: /etc/kubernetes/audit/policy.yaml
    - name: audit-log-path
      value: /var/log/kubernetes/audit/audit.log
    - name: audit-log-maxage
      value: \"30\"
    - name: audit-log-maxbackup
      value: \"10\"
    - name: audit-log-compress
      value: \"true\"
  extraVolumes:
    - name: audit-policy
      hostPath: /etc/kubernetes/audit/policy.yaml
      mountPath: /etc/kubernetes/audit/policy.yaml
      readOnly: true
      pathType: File
    - name: audit-log
      hostPath: /var/log/kubernetes/audit
      mountPath: /var/log/kubernetes/audit
      readOnly: false
      pathType: DirectoryOrCreate
"
    );
}

#[test]
fn the_policy_goes_out_as_it_is() {
    let document = render(&settings(), Target::Policy);
    assert_eq!(document.text, POLICY);
    assert_eq!(document.file_name, "policy.yaml");
    assert!(
        document
            .note
            .contains("`/etc/kubernetes/audit/policy.yaml` on every control-plane node")
    );
    let mut elsewhere = settings();
    elsewhere.policy_path = "/etc/kubernetes/audit/policy.yaml".to_owned();
    assert_eq!(render(&elsewhere, Target::Policy).file_name, "policy.yaml");
    elsewhere.policy_path = "/etc/a b/<x>".to_owned();
    assert_eq!(
        render(&elsewhere, Target::Policy).file_name,
        "audit-policy.yaml"
    );
}

/// Lines of the second text that the first has not, and lines of the first that the second has not.
fn changed(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let missing = |of: &str, from: &str| {
        of.lines()
            .filter(|line| !from.lines().any(|other| other == *line))
            .map(|line| line.trim().to_owned())
            .collect()
    };
    (missing(before, after), missing(after, before))
}

#[test]
fn one_setting_changes_only_its_lines() {
    type Change = fn(&mut Settings);
    let age: Change = |s| s.log.max_age_days = 7;
    let policy: Change = |s| s.policy_path = "/etc/p.yaml".to_owned();
    let file: Change = |s| s.log.path = "/var/log/kubernetes/audit/other.log".to_owned();
    let directory: Change = |s| s.log.path = "/srv/audit.log".to_owned();
    let compress: Change = |s| s.log.compress = false;
    let table: [(Change, Target, &[&str]); 11] = [
        (age, Target::Flags, &["--audit-log-maxage=7"]),
        (age, Target::StaticPod, &["- --audit-log-maxage=7"]),
        (age, Target::KubeadmV1beta4, &["value: \"7\""]),
        (policy, Target::Args, &["- --audit-policy-file=/etc/p.yaml"]),
        (
            policy,
            Target::StaticPod,
            &[
                "- --audit-policy-file=/etc/p.yaml",
                "mountPath: /etc/p.yaml",
                "path: /etc/p.yaml",
            ],
        ),
        (
            policy,
            Target::KubeadmV1beta4,
            &[
                "value: /etc/p.yaml",
                "hostPath: /etc/p.yaml",
                "mountPath: /etc/p.yaml",
            ],
        ),
        (
            file,
            Target::StaticPod,
            &["- --audit-log-path=/var/log/kubernetes/audit/other.log"],
        ),
        (
            directory,
            Target::StaticPod,
            &[
                "- --audit-log-path=/srv/audit.log",
                "mountPath: /srv",
                "path: /srv",
            ],
        ),
        (
            directory,
            Target::KubeadmV1beta4,
            &["value: /srv/audit.log", "hostPath: /srv", "mountPath: /srv"],
        ),
        (compress, Target::StaticPod, &[]),
        (compress, Target::KubeadmV1beta4, &[]),
    ];
    for (change, target, expected) in table {
        let mut after = settings();
        change(&mut after);
        let (gone, new) = changed(&text(&settings(), target), &text(&after, target));
        assert_eq!(new, expected, "{}", target.name());
        let leaves = expected.len().max(1);
        assert!(
            gone.len() == leaves || gone.len() == 2,
            "{}: {gone:?}",
            target.name()
        );
    }
}

#[test]
fn standard_output_is_not_mounted() {
    let mut settings = settings();
    settings.log.path = "-".to_owned();
    let pod = text(&settings, Target::StaticPod);
    assert!(pod.contains("- --audit-log-path=-\n"), "{pod}");
    assert!(!pod.contains("audit-log\n"), "{pod}");
    let kubeadm = yaml(&settings, Target::KubeadmV1beta4);
    let arguments = &kubeadm["apiServer"]["extraArgs"];
    assert_eq!(arguments[1]["value"], "-");
    assert_eq!(arguments.as_sequence().map(Vec::len), Some(2));
    let volumes = &kubeadm["apiServer"]["extraVolumes"];
    assert_eq!(volumes.as_sequence().map(Vec::len), Some(1));
    assert!(render(&settings, Target::StaticPod).note.contains("logs"));
}

#[test]
fn the_note_for_an_older_kubeadm_says_that_v1beta4_is_too_new() {
    for (version, is_noted) in [("1.30", true), ("1.31", false)] {
        let mut settings = settings();
        settings.version = version.parse().unwrap();
        let note = render(&settings, Target::KubeadmV1beta4).note;
        assert_eq!(
            note.contains("does not support v1beta4"),
            is_noted,
            "{version}"
        );
    }
}

/// Paths that break careless quoting.
const HOSTILE: [&str; 12] = [
    "/var/log/my cluster/a.log",
    "/a #b/c",
    "/a: b/c",
    "/a\"b/'c'",
    "/a\\b/c",
    "/a\nb/c",
    "/a\r\n- --anonymous-auth=true/c",
    "/a\tb/c",
    "/{{ x }}/[c]",
    "/*a/&b",
    "/журнал/\u{a0}c",
    "/a\u{2028}b/\u{85}c",
];

#[test]
fn hostile_paths_come_back_whole_and_with_the_right_types() {
    for path in HOSTILE {
        let mut settings = settings();
        settings.policy_path = path.to_owned();
        settings.log.path = format!("{path}/audit.log");
        let pod = yaml(&settings, Target::StaticPod);
        let container = &pod["spec"]["containers"][0];
        assert_eq!(
            container["command"][1],
            format!("--audit-policy-file={path}").as_str()
        );
        assert_eq!(
            container["command"][2],
            format!("--audit-log-path={path}/audit.log").as_str()
        );
        assert_eq!(container["command"].as_sequence().map(Vec::len), Some(6));
        assert_eq!(container["volumeMounts"][0]["mountPath"], path);
        assert_eq!(container["volumeMounts"][0]["readOnly"], true);
        assert_eq!(container["volumeMounts"][1]["readOnly"], false);
        assert_eq!(pod["spec"]["volumes"][1]["hostPath"]["path"], path);
        let kubeadm = yaml(&settings, Target::KubeadmV1beta4);
        for argument in kubeadm["apiServer"]["extraArgs"].as_sequence().unwrap() {
            assert!(argument["value"].is_string(), "{argument:?}");
        }
        assert_eq!(kubeadm["apiServer"]["extraVolumes"][0]["hostPath"], path);
        assert_eq!(
            yaml(&settings, Target::Args)[1],
            format!("--audit-log-path={path}/audit.log").as_str()
        );
        assert_eq!(
            text(&settings, Target::Flags).lines().count(),
            5,
            "{path:?}"
        );
    }
}

#[test]
fn without_settings_there_is_still_a_document() {
    let mut settings = Settings::new("");
    settings.policy_path.clear();
    settings.log.path.clear();
    assert_eq!(text(&settings, Target::Flags), "");
    assert_eq!(
        yaml(&settings, Target::StaticPod)["spec"]["containers"][0]["command"][0],
        "kube-apiserver"
    );
    assert_eq!(
        yaml(&settings, Target::KubeadmV1beta4)["apiServer"]["extraArgs"]
            .as_sequence()
            .map(Vec::len),
        Some(0)
    );
}

#[test]
fn targets_have_names_titles_and_files_of_their_own() {
    for target in Target::ALL {
        let document = render(&settings(), target);
        assert_eq!(document.title, target.title());
        for other in Target::ALL.into_iter().filter(|other| *other != target) {
            assert_ne!(render(&settings(), other).file_name, document.file_name);
        }
        assert!(
            document.note.contains("every control-plane node"),
            "{}",
            document.note
        );
    }
}
