//! Counts under how many policies of a folder each built-in detection can fire, as a table in Markdown.
//!
//! `cargo run --release -p audit-tests --example detections FOLDER [FILE…]` prints the results of the named files as well.
//! A policy that the newest version rejects is loaded as Kubernetes 1.23 does, which still reads the older API versions.

#![allow(clippy::unwrap_used, reason = "an example")]

use std::fs;
use std::path::Path;
use std::time::Instant;

use audit_policy::{KubernetesVersion, Policy, load};
use audit_tests::{Case, Claim, Fires, Runner, detection_packs};

/// A policy with its file, and the version that accepts it.
struct Named {
    file: String,
    policy: Policy,
    version: KubernetesVersion,
}

fn read(path: &Path) -> Option<Named> {
    let source = fs::read(path).ok()?;
    let older: KubernetesVersion = "1.23".parse().unwrap();
    let versions = [KubernetesVersion::NEWEST, older].into_iter();
    let mut accepted = versions.map(|version| (load(&source, version).policy, version));
    let (policy, version) = accepted.find(|(policy, _)| policy.is_some())?;
    Some(Named {
        file: path.file_name()?.to_string_lossy().into_owned(),
        policy: policy?,
        version,
    })
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap();
    let shown: Vec<String> = arguments.collect();
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let policies: Vec<Named> = paths.iter().filter_map(|path| read(path)).collect();
    println!("{} files, {} policies\n", paths.len(), policies.len());
    println!("| pack | detection | fires | for some | never |\n| --- | --- | --- | --- | --- |");
    let started = Instant::now();
    let mut totals = vec![[0_usize; 3]; policies.len()];
    for pack in detection_packs() {
        for case in pack.parse().unwrap().tests {
            let mut counts = [0_usize; 3];
            for (policy, totals) in policies.iter().zip(&mut totals) {
                let Some(fires) = fires(&case, policy) else {
                    continue;
                };
                let index = Fires::ALL.iter().position(|one| *one == fires).unwrap();
                for count in [counts.get_mut(index), totals.get_mut(index)] {
                    *count.unwrap() += 1;
                }
            }
            let [all, some, never] = counts;
            println!(
                "| {} | {} | {all} | {some} | {never} |",
                pack.name, case.name
            );
        }
    }
    println!("\nof each policy: fires, for some, never");
    for (policy, [all, some, never]) in policies.iter().zip(&totals) {
        println!("{}: {all}, {some}, {never}", policy.file);
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{seconds:.1} s");
    for policy in policies
        .iter()
        .filter(|policy| shown.contains(&policy.file))
    {
        print_details(policy);
    }
}

fn fires(case: &Case, named: &Named) -> Option<Fires> {
    let Claim::Detection(detection) = &case.claim else {
        return None;
    };
    let runner = Runner::new(&named.policy, named.version);
    runner.detect(detection).unwrap().fires
}

fn print_details(named: &Named) {
    let runner = Runner::new(&named.policy, named.version);
    for pack in detection_packs() {
        for case in pack.parse().unwrap().tests {
            let outcome = runner.run(&case);
            let words = outcome.fires.map_or("no policy", Fires::words);
            println!(
                "{}: {}: {words}: {}",
                named.file, case.name, outcome.message
            );
        }
    }
}
