//! Every code of a finding has a page with a wrong and a right example, and both are run.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use apiserver_config::{SettingCode, Upgrade, check};
use audit_analysis::proofs;
use audit_import::{DocumentCode, Import, ImportCode, import, recognize};
use audit_inspect::{LogCode, LogFindings};
use audit_log::{LogItem, LogReader};
use audit_policy::ignores::Ignores;
use audit_policy::{KubernetesVersion, LineIndex, PolicyCode, lint, load};
use audit_types::{Code, CodeInfo};

/// A policy for settings that have none.
const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

/// Codes whose examples other crates run: `audit-volume` with a log, and `audit-inspect` with each line repeated.
const RUN_ELSEWHERE: [&str; 3] = ["AE030", "AL002", "AL003"];

/// Codes that are only reported for an upgrade.
const OF_AN_UPGRADE: [&str; 3] = ["AE042", "AE043", "AE044"];

/// Returns the entries of all crates' tables.
fn table() -> Vec<&'static CodeInfo> {
    PolicyCode::TABLE
        .iter()
        .chain(DocumentCode::TABLE)
        .chain(SettingCode::TABLE)
        .chain(ImportCode::TABLE)
        .chain(LogCode::TABLE)
        .collect()
}

/// Returns the examples of a page: texts between fences.
fn examples(page: &str) -> Vec<&str> {
    let blocks = page.split("```").skip(1).step_by(2);
    blocks
        .map(|block| block.split_once('\n').unwrap().1)
        .collect()
}

/// Returns the codes that an example raises.
fn codes(code: &str, example: &str) -> BTreeSet<String> {
    let version = KubernetesVersion::NEWEST;
    if code.starts_with("AL") {
        return codes_of_log(example);
    }
    if code.starts_with("AP05") {
        return codes_of_documents(example);
    }
    if code.starts_with("AP") {
        let loaded = load(example.as_bytes(), version);
        let mut lints = lint(&loaded, version);
        lints.extend(proofs(&loaded).findings);
        lints.splice(0..0, loaded.findings.iter().cloned());
        let mut ignores = Ignores::read(example);
        let (mut findings, _) = ignores.apply(lints, &LineIndex::new(example));
        let known: Vec<&str> = table().iter().map(|info| info.id).collect();
        findings.extend(ignores.findings(&known));
        let findings = findings.into_iter();
        return findings.map(|finding| finding.code.to_string()).collect();
    }
    let mut read = import(example, version);
    if OF_AN_UPGRADE.contains(&code) {
        return of_upgrade(&read, version);
    }
    if read.settings.policy.is_empty() {
        read.settings.policy = POLICY.to_owned();
    }
    let of_text = read.findings.iter().map(|finding| finding.code.to_string());
    let of_settings = check(&read.settings);
    of_text
        .chain(of_settings.iter().map(|finding| finding.code.to_string()))
        .collect()
}

/// Returns the codes of findings about a log.
fn codes_of_log(example: &str) -> BTreeSet<String> {
    let mut findings = LogFindings::default();
    let mut reader = LogReader::new();
    let mut sink = |item: LogItem<'_>| match item {
        LogItem::Event(_, event) => {
            findings.push(event, || ());
        }
        LogItem::Problem(problem) => panic!("{}", problem.reason),
    };
    reader.push(example.as_bytes(), &mut sink);
    reader.finish(&mut sink);
    let findings = findings.finish().into_iter();
    findings
        .map(|finding| finding.diagnostic.code.into_owned())
        .collect()
}

/// Returns the codes of findings about documents and the policies inside.
fn codes_of_documents(example: &str) -> BTreeSet<String> {
    let found = recognize(example);
    let of_documents = found.documents.iter().flat_map(|document| {
        let findings = document.findings.iter().cloned();
        findings.chain(document.not_a_policy())
    });
    let of_policies = found
        .policies()
        .flat_map(|(_, policy)| policy.check(example, KubernetesVersion::NEWEST).findings);
    let findings = of_documents
        .chain(of_policies)
        .chain(found.findings.clone());
    findings.map(|finding| finding.code.to_string()).collect()
}

/// Returns the codes of an upgrade from the oldest version to the newest.
fn of_upgrade(read: &Import, to: KubernetesVersion) -> BTreeSet<String> {
    let upgrade = Upgrade {
        settings: &read.settings,
        given: &read.given.names,
        gates: &read.given.gates,
        older_minor: None,
    };
    let changes = upgrade.changes(KubernetesVersion::OLDEST, to);
    changes
        .iter()
        .map(|finding| finding.code.to_string())
        .collect()
}

#[test]
fn every_page_has_a_wrong_and_a_right_example() {
    for info in table() {
        let code = info.id;
        let title = format!("# {code}: {}\n", info.title);
        assert!(info.page.starts_with(&title), "{code}: title");
        let examples = examples(info.page);
        let [wrong, right] = examples.as_slice() else {
            panic!("{code}: {} examples", examples.len());
        };
        if RUN_ELSEWHERE.contains(&code) {
            continue;
        }
        let (of_wrong, of_right) = (codes(code, wrong), codes(code, right));
        assert!(
            of_wrong.contains(code),
            "{code}: wrong example: {of_wrong:?}"
        );
        assert!(
            !of_right.contains(code),
            "{code}: right example: {of_right:?}"
        );
    }
}

#[test]
fn every_code_is_in_one_table_and_every_page_belongs_to_a_code() {
    let table = table();
    assert!(table.len() >= 50, "{}", table.len());
    let codes: BTreeSet<&str> = table.iter().map(|info| info.id).collect();
    assert_eq!(codes.len(), table.len(), "a code occurs twice");
    let pages = pages();
    let pages: BTreeSet<&str> = pages.iter().map(String::as_str).collect();
    assert_eq!(codes, pages);
}

/// Returns the names of all pages of the source, without their endings.
fn pages() -> Vec<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let folders = fs::read_dir(crates)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("findings"))
        .filter(|folder| folder.is_dir());
    folders
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .map(|page| page.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "README")
        .collect()
}
