//! Loading against recorded verdicts of real servers. Policies that others wrote are not part of the repository: the test of them is
//! skipped if they are neither in `AUDIT_SHARED` nor next to the workspace.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use audit_policy::{KubernetesVersion, load};
use serde_json::Value;

/// Returns the folder of recordings that are part of the repository.
fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data")
}

/// Returns the folder of policies that others wrote. `None` if it does not exist.
fn shared() -> Option<PathBuf> {
    let folder = match std::env::var_os("AUDIT_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no policies of others in {}", folder.display());
    None
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Compares in groups and prints what differs.
#[derive(Default)]
struct Tally {
    differences: Vec<String>,
    cases: usize,
}

impl Tally {
    fn check(&mut self, name: &str, what: &str, got: &Option<String>, want: &Option<String>) {
        if got != want {
            self.differences.push(format!(
                "{name}: {what}\n    got  {got:?}\n    want {want:?}"
            ));
        }
    }

    fn finish(self, what: &str) {
        assert!(self.cases > 0, "no {what}");
        println!(
            "{what}: {} cases, {} differences",
            self.cases,
            self.differences.len()
        );
        assert!(
            self.differences.is_empty(),
            "{}",
            self.differences.join("\n")
        );
    }
}

#[test]
fn random_policies_are_judged_as_recorded() {
    let bytes = fs::read(data().join("conformance/vectors-public.jsonl.gz")).unwrap();
    let mut content = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut content)
        .unwrap();
    let mut tally = Tally::default();
    for vector in lines(&content) {
        let name = vector["id"].as_str().unwrap();
        let source = vector["policy_yaml"].as_str().unwrap();
        let loaded = load(source.as_bytes(), KubernetesVersion::NEWEST);
        tally.cases += 1;
        tally.check(
            name,
            "error",
            &loaded.error,
            &text(&vector["load"]["error"]),
        );
        tally.check(
            name,
            "warning",
            &loaded.warning,
            &text(&vector["load"]["warning"]),
        );
        let got = loaded
            .policy
            .map(|policy| serde_json::to_value(policy).unwrap().to_string());
        let want = vector.get("policy").filter(|policy| !policy.is_null());
        tally.check(name, "policy", &got, &want.map(Value::to_string));
    }
    tally.finish("random policies");
}

#[test]
fn found_policies_are_judged_as_recorded() {
    let Some(folder) = shared() else { return };
    let mut tally = Tally::default();
    for verdict in lines(&fs::read_to_string(folder.join("corpus/verdicts.jsonl")).unwrap()) {
        let name = verdict["file"].as_str().unwrap();
        let source = fs::read(folder.join("corpus").join(name)).unwrap();
        let loaded = load(&source, KubernetesVersion::NEWEST);
        tally.cases += 1;
        tally.check(name, "error", &loaded.error, &text(&verdict["error"]));
        tally.check(name, "warning", &loaded.warning, &text(&verdict["warning"]));
    }
    tally.finish("found policies");
}

#[test]
fn small_policies_are_judged_as_both_servers_did() {
    let mut tally = Tally::default();
    let verdicts = fs::read_to_string(data().join("kube-apiserver-1.20/policy-verdicts.jsonl"));
    for verdict in lines(&verdicts.unwrap()) {
        let source = verdict["policy"].as_str().unwrap();
        for (key, version) in [("1.20.2", "1.20"), ("1.36.4", "1.36")] {
            let name = format!("{} in {version}", verdict["name"]);
            let recorded = &verdict[key];
            let loaded = load(source.as_bytes(), version.parse().unwrap());
            let prefix = "Audit policy contains errors, falling back to lenient decoding: ";
            let warning = text(&recorded["warning"]).map(|warning| format!("{prefix}{warning}"));
            tally.cases += 1;
            tally.check(&name, "error", &loaded.error, &text(&recorded["error"]));
            tally.check(&name, "warning", &loaded.warning, &warning);
            assert_eq!(
                loaded.error.is_none(),
                recorded["accepted"].as_bool().unwrap(),
                "{name}"
            );
        }
    }
    tally.finish("small policies");
}
