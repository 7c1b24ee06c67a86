//! `sums` and `merge`: the totals of logs under a policy, in parts that are added up.

mod read;
mod text;

use std::io::Write;

use audit_policy::{KubernetesVersion, Matcher};
use audit_sim::sums::Sums;
use sha2::{Digest, Sha256};

use crate::arguments::{Merge, SumsOf, TextOrJson};
use crate::chunks::thread_count;
use crate::error::{Error, Result};
use crate::files::{all_read, unreadable};
use crate::input::{self, check_read_once};
use crate::output::Output;
use crate::policy_file::PolicyFile;

/// Prints the totals of the logs.
pub(crate) fn run(arguments: &SumsOf, version: KubernetesVersion) -> Result {
    check_read_once(std::iter::once(&arguments.policy).chain(&arguments.logs))?;
    let accepted = PolicyFile::read(&arguments.policy, version)?.accepted(&arguments.policy)?;
    let threads = thread_count(arguments.jobs);
    let logs = read::read(&arguments.logs, &accepted.policy, version, threads)?;
    let hash = Sha256::digest(&accepted.source);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let matcher = Matcher::new(&accepted.policy);
    let mut sums = Sums::new(&logs.tally, &logs.window, &matcher, hash, version);
    sums.logs = logs.files.len() as u64;
    sums.unreadable = unreadable(&logs.files);
    print_json(&sums)?;
    all_read(&logs.files)
}

/// Prints the sum of the totals of files. They must be of the version, if one is given.
pub(crate) fn merge(arguments: &Merge, version: Option<KubernetesVersion>) -> Result {
    check_read_once(&arguments.files)?;
    let mut all: Option<Sums> = None;
    for file in &arguments.files {
        let sums: Sums = input::json(file, "a file of `audit-policy sums`")?;
        let unusable = |reason: String| Error::Usage(format!("`{file}`: {reason}"));
        sums.check().map_err(unusable)?;
        check_version(&sums, version).map_err(unusable)?;
        match &mut all {
            None => all = Some(sums),
            Some(all) => all.add(&sums).map_err(unusable)?,
        }
    }
    let Some(mut all) = all else { return Ok(()) };
    all.set_rate();
    match arguments.format {
        TextOrJson::Json => print_json(&all),
        TextOrJson::Text => {
            let mut out = Output::text();
            text::print(&all, &mut out)?;
            Ok(out.flush()?)
        }
    }
}

/// Fails if the totals are of another version than the one that is given.
fn check_version(sums: &Sums, given: Option<KubernetesVersion>) -> Result<(), String> {
    let of_file = &sums.kubernetes_version;
    match given.map(|version| version.to_string()) {
        Some(version) if version != *of_file => Err(format!(
            "`kubernetesVersion` is `{of_file}`, not `{version}`: compute the sums with that version, or leave out `--kubernetes-version`"
        )),
        _ => Ok(()),
    }
}

fn print_json(sums: &Sums) -> Result {
    let mut line = serde_json::to_vec(sums)?;
    line.push(b'\n');
    let mut out = Output::json();
    out.write_all(&line)?;
    Ok(out.flush()?)
}
