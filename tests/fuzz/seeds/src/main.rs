//! Writes the seed inputs of every fuzz target, one file each, into the given folder: small samples of the project's policies, logs and
//! vectors.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use conformance::damage::{CONVERTED, KINDS, KINDS_OF_DAMAGE};
use conformance::{data, json_lines, read, text};
use serde_json::{Value, json};

/// Number of vectors, and of events of a log, that are used.
const SAMPLES: usize = 40;

/// Maximum length of a seed. Longer inputs slow down every run without finding more.
const LONGEST: usize = 1500;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .ok_or("the folder of the corpora is not named")?;
    let mut seeds = Seeds {
        folder: folder.into(),
        count: 0,
    };
    for policy in policies()? {
        // `!` is 1.36 and `"` is 1.20.
        for version in ["!", "\""] {
            seeds.add("policy", &format!("{version}{policy}"))?;
        }
        let flat: String = policy
            .lines()
            .map(|line| line.trim_start().to_owned() + "\n")
            .collect();
        for damaged in [&policy, &flat, &policy.replace("  ", "\u{a0} ")] {
            seeds.add("repair", &format!("!{damaged}"))?;
        }
        seeds.add("yaml_json", &policy)?;
        seeds.add("settings", &json!({"policy": policy}).to_string())?;
    }
    let events = events()?;
    for event in &events {
        for target in ["encode", "event", "scanner"] {
            seeds.add(target, event)?;
        }
        let event: Value = serde_json::from_str(event)?;
        let request = format!("{}\n{}", text(&event, "verb"), text(&event, "requestURI"));
        seeds.add("request", &request)?;
        seeds.add("words", text(&event, "stageTimestamp"))?;
    }
    for some in events.chunks(2) {
        for log in logs(some)? {
            seeds.add("log", &log)?;
        }
    }
    for input in damaged() {
        seeds.add("damage", &input)?;
    }
    for (target, texts) in BY_HAND {
        for text in *texts {
            seeds.add(target, text)?;
        }
    }
    println!("{} seeds", seeds.count);
    Ok(())
}

/// Returns an input for every kind of log and every kind of damage: kind of log, record, kind of damage, start, end, chunk size and
/// garbage, as the target reads them.
fn damaged() -> impl Iterator<Item = String> {
    // Each is below 128, so that a character is a byte.
    let kinds = 0_u8..;
    kinds
        .zip(KINDS.iter().chain(&CONVERTED))
        .flat_map(|(kind, _)| (0..KINDS_OF_DAMAGE).map(move |way| (kind, way)))
        .map(|(kind, way)| {
            let record = (kind + way) % 4;
            [kind, record, way, 97, 1, 98, 0, 7, b'{']
                .map(char::from)
                .iter()
                .collect()
        })
}

/// Inputs that no file of the project contains.
const BY_HAND: &[(&str, &[&str])] = &[
    (
        "log",
        &[
            r#"{"records":[{"category":"kube-audit","properties":{"log":"{\"auditID\":\"a\",\"stage\":\"Panic\"}\n"}},{"properties":{"log":{"auditID":"b","stage":"Panic"}}}]}"#,
            r#"{"hits":{"total":{"value":1},"hits":[{"_index":"i","_source":{"message":"{\"auditID\":\"a\",\"stage\":\"Panic\"}"}}]}}"#,
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":{"stringValue":"{\"auditID\":\"a\",\"stage\":\"Panic\"}"}}]}]}]}"#,
            r#"{"data":{"result":[{"stream":{},"values":[["1","{\"auditID\":\"a\",\"stage\":\"Panic\"}"]]}]}}"#,
            r#"{"results":[[{"field":"@ptr","value":"x"},{"field":"@message","value":"{\"auditID\":\"a\",\"stage\":\"Panic\"}"}]]}"#,
            "{\"log\":\"{\\\"auditID\\\":\\\"a\\\",\",\"stream\":\"stdout\",\"time\":\"t\"}\n{\"log\":\"\\\"stage\\\":\\\"Panic\\\"}\\n\",\"stream\":\"stdout\",\"time\":\"t\"}\n",
            "2024-01-02T03:04:05Z stdout P {\"auditID\":\"a\",\n2024-01-02T03:04:05Z stderr F klog\n2024-01-02T03:04:05Z stdout F \"stage\":\"Panic\"}\n",
            "Jan 02 03:04:05 n api[1]: {\"auditID\":\"a\",\nJan 02 03:04:05 n api[1]: \"stage\":\"Panic\"}\nJan 02 03:04:05 n api[1]: klog\n",
            "{\"_STREAM_ID\":\"s\",\"_LINE_BREAK\":\"line-max\",\"MESSAGE\":\"{\\\"auditID\\\":\"}\n{\"_STREAM_ID\":\"s\",\"MESSAGE\":\"\\\"a\\\",\\\"stage\\\":\\\"Panic\\\"}\"}\n",
            "[pod/api-0/api] {\"auditID\":\"a\",\"stage\":\"Panic\"}\n2024-01-02T03:04:05Z {\"auditID\":\"b\",\"stage\":\"Panic\"}\n",
            r#"{"payload":{"text":"{\"log\":\"{\\\"auditID\\\":\\\"a\\\",\\\"stage\\\":\\\"Panic\\\"}\"}"}}"#,
            r#"{"auditID":"a","stage":"Panic","level":"info","k8s_audit_level":"Metadata"}"#,
            r#"{"kind":"EventList","api\/rsion":"audit.k8s.io/v1","metadata":{},"iteMs":[{"auditID":"a","stage":"Panic"},{"auditID":"b","stage":"Panic"}]}"#,
            "__CURSOR=a\n{\"auditID\":\"a\",\"stage\":\"Panic\"}]",
            "{\"auditID\":\"a\",\"stage\":\"Panic\"}\n{\n\"properties\":{\"log\":\"{\\\"auditID\\\":\\\"b\\\",\\\"stage\\\":\\\"Panic\\\"}\"}\n}\n",
            r#"{"protoPayload":{"methodName":"io.k8s.core.v1.pods.list","resourceName":"core/v1/namespaces/dev/pods","authenticationInfo":{"principalEmail":"a@b"},"status":{"code":0}}}"#,
        ],
    ),
    (
        "terminal",
        &[
            "admin",
            "a\tb\r\nc",
            "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m",
            "\u{202e}nimda\u{2066}x\u{2069}\u{200b}\u{feff}\u{2028}",
            r"\u{202e} \xff",
        ],
    ),
    (
        "request",
        &[
            "list\n/api/v1/pods?fieldSelector=metadata.name%3Dweb&limit=500",
            "watch\n/api/v1/namespaces/dev/pods?watch=1&fieldSelector=metadata.name==web,spec.x!=y",
            "proxy\n/api/v1/proxy/namespaces/dev/pods/web/metrics",
        ],
    ),
    (
        "settings",
        &[
            "{}",
            r#"{"version":"1.29","policyPath":"/etc/a b.yaml","log":{"path":"-","mode":"batch","batch":{"throttleEnable":true,"throttleQps":0.5}}}"#,
            r#"{"log":{"path":"/var/log/a.log","maxAgeDays":-1,"format":"legacy","truncate":{"enabled":true,"maxEventSize":9}}}"#,
        ],
    ),
    (
        "manifest",
        &[
            "kube-apiserver --audit-log-path=/a.log \\\n  --audit-log-maxage 7",
            "spec:\n  containers:\n  - command:\n    - kube-apiserver\n    - --audit-log-path=/l/a.log # c\n    volumeMounts:\n    - {name: l, mountPath: /l}\n  volumes:\n  - name: l\n    emptyDir: {}\n",
            "{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"kube-apiserver\",\"command\":[\"kube-apiserver\"],\"args\":[\"--audit-log-mode\",\"batch\"]}],\"volumes\":null}}",
            "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - name: audit-log-maxage\n    value: 7\n  extraVolumes:\n  - name: l\n    hostPath: /l\n    mountPath: /m\n    pathType: File\n",
            "kind: Cluster\nkubeadmConfigPatches:\n- |\n  apiServer:\n    extraArgs:\n      audit-policy-file: /p\n    extraVolumes:\n    - {hostPath: /p, mountPath: /p}\n",
            "audit-policy-file: /p\nkube-apiserver-arg: [audit-log-maxage=7]\n",
            "cluster:\n  apiServer:\n    auditPolicy:\n      kind: Policy\n    extraArgs: {audit-log-maxage: '7'}\n",
            "cat <<EOF\n- --audit-log-path=/a\nEOF\n```\n...\n  volumes:\n\u{a0}- name: \u{201c}a\u{201d}\n",
        ],
    ),
    (
        "words",
        &["1.36", "v1.20.4", "RequestReceived", "static-pod"],
    ),
    (
        "metrics",
        &[
            "apiserver_request_total{code=\"200\",group=\"\",resource=\"pods\",scope=\"cluster\",subresource=\"\",verb=\"LIST\",version=\"v1\"} 10\nprocess_start_time_seconds 1.7e+09\ngo_memstats_last_gc_time_seconds 1.7001e+09\n",
            "# TYPE apiserver_request counter\napiserver_request_total{group=\"\",resource=\"\",subresource=\"/healthz\",verb=\"GET\",instance=\"a\"} 3 1700000000 # {a=\"b\"} 1\n# EOF\n",
            r#"{"data":{"result":[{"metric":{"__name__":"apiserver_request_total","verb":"PUT","resource":"leases","group":"coordination.k8s.io","scope":"resource"},"values":[[1,"2"],[60,"9"]]}]}}"#,
        ],
    ),
    (
        "claim",
        &[
            "verb=get,list resource=secrets atLeast=Metadata",
            "resource=pods/exec,pods/attach user!=\"CN=a, b\" level=RequestResponse",
            "path=/healthz* notRecorded",
            "stages=ResponseComplete,Panic omitManagedFields=true",
            "stages!=RequestReceived stages!=Panic notRecorded=false",
            "apiGroup= ns!=kube-system atLeast=Metadata atMost=Request",
        ],
    ),
    ("lesson", &LESSONS),
    (
        "filter",
        &[
            "user:alice verb:create",
            "ns:\"\" \"a b\" stage:complete",
            "code:4xx rule:3 level:RR",
        ],
    ),
];

/// A lesson for each kind of check.
const LESSONS: [&str; 3] = [
    "---\nid: a\ntrack: hardening\ntitle: A\nminutes: 1\n---\nSee *this*.\n## Step: One\nDo `it`.\n```yaml policy\n{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}\n```\n```yaml check\ntests: [{name: a, requests: {}, level: Metadata}]\n```\n```text hint\nTry.\n```\n```yaml answer\n{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}\n```\n```yaml wrong is still None\n{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}\n```\n## Step: Two\nGo on.\n```yaml check\nequal: answer\n```\n```yaml answer\n{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Request}]}\n```\n",
    "---\nid: b\ntrack: exam practice\ntitle: B\nminutes: 9\n---\n```text log\n2026-03-02T08:00:00Z eve get /api/v1/namespaces/tea/secrets/a 200\n2026-03-02T08:00:01Z bob list /api/v1/pods 200\n```\n## Step: Who\nFind.\n```yaml check\nquestion: user\nof: resource:secrets\n```\n## Step: Which\nSelect.\n```yaml check\nevent: verb:list\n```\n```text wrong is not\nverb:get\n```\n",
    "---\nid: c\ntrack: first steps\ntitle: C\nminutes: 2\n---\n## Step: Flags\n- Keep\n- them\n```text flags\n--audit-log-path=/a\n```\n```yaml check\nsettings: [{flag: audit-log-maxage, atLeast: 30}]\n```\n```text answer\n--audit-log-path=/a --audit-log-maxage=30\n```\n",
];

struct Seeds {
    folder: PathBuf,
    count: usize,
}

impl Seeds {
    fn add(&mut self, target: &str, text: &str) -> std::io::Result<()> {
        if text.len() > LONGEST {
            return Ok(());
        }
        let folder = self.folder.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("seed-{:04}", self.count)), text)?;
        self.count += 1;
        Ok(())
    }
}

/// Policies of the recordings, examples and vectors, and those for the server of 1.20.
fn policies() -> Result<Vec<String>, Box<dyn Error>> {
    let mut policies = Vec::new();
    for folder in [
        data().join("kube-apiserver-1.20/policies"),
        data().join("kube-apiserver-1.36/policies"),
        examples(),
    ] {
        for file in files(&folder, "yaml")? {
            policies.push(fs::read_to_string(file)?);
        }
    }
    for vector in json_lines("conformance/vectors-public.jsonl.gz")?
        .iter()
        .take(SAMPLES)
    {
        policies.push(text(vector, "policy_yaml").to_owned());
        if let Some(policy) = vector.get("policy").filter(|policy| policy.is_object()) {
            policies.push(policy.to_string());
        }
    }
    for verdict in json_lines("kube-apiserver-1.20/policy-verdicts.jsonl")? {
        policies.push(text(&verdict, "policy").to_owned());
    }
    Ok(policies)
}

/// Events of the recordings, examples and vectors, one per line.
fn events() -> Result<Vec<String>, Box<dyn Error>> {
    let mut events = Vec::new();
    for version in ["1.20", "1.36"] {
        let log = read(format!("kube-apiserver-{version}/base.jsonl.gz"))?;
        events.extend(sample(&String::from_utf8(log)?));
    }
    for file in files(&examples(), "jsonl")? {
        events.extend(sample(&fs::read_to_string(file)?));
    }
    for vector in json_lines("conformance/events-public.jsonl.gz")?
        .iter()
        .take(SAMPLES)
    {
        events.push(vector["event"].to_string());
    }
    Ok(events)
}

/// Returns lines from throughout a log.
fn sample(log: &str) -> Vec<String> {
    let step = 1 + log.lines().count() / SAMPLES;
    log.lines().step_by(step).map(str::to_owned).collect()
}

/// Returns the events in every layout.
fn logs(events: &[String]) -> Result<[String; 6], Box<dyn Error>> {
    let values: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(event))
        .collect::<Result<_, _>>()?;
    let list = json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": values});
    Ok([
        events.join("\n"),
        format!("[{}]", events.join(",\n")),
        list.to_string(),
        values.iter().map(|value| format!("{value:#}\n")).collect(),
        format!(
            "_time,_raw\n{}",
            events.iter().map(|event| row(event)).collect::<String>()
        ),
        events.iter().map(|event| cut(event)).collect(),
    ])
}

/// Returns a row of a CSV file with an event.
fn row(event: &str) -> String {
    format!("t,\"{}\"\n", event.replace('"', "\"\""))
}

/// Returns two records with the parts of an event.
fn cut(event: &str) -> String {
    let middle = (event.len() / 2..).find(|at| event.is_char_boundary(*at));
    let (first, last) = event.split_at(middle.unwrap_or_default());
    format!("{}\n{}\n", json!({"log": first}), json!({"log": last}))
}

/// Returns the folder of the page's examples.
fn examples() -> PathBuf {
    data().join("../../web/worker/examples")
}

/// Returns the files of a folder with an extension, sorted by name.
fn files(folder: &Path, extension: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|found| found == extension));
    files.sort();
    Ok(files)
}
