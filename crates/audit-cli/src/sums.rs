//! `sums` and `merge`: the totals of logs under a policy, in parts that are added up.

mod file;
mod read;
mod text;

use std::io::Write;

use audit_policy::{KubernetesVersion, Matcher};
use sha2::{Digest, Sha256};

use crate::arguments::{Merge, SumsOf, TextOrJson};
use crate::chunks::thread_count;
use crate::error::{Error, Result};
use crate::files::{all_read, unreadable};
use crate::input::{self, check_read_once};
use crate::output::Output;
use crate::policy_file::PolicyFile;
use crate::tally_json::TallyJson;
use file::{FORM, Sums};

/// Prints the totals of the logs.
pub(crate) fn run(arguments: &SumsOf, version: KubernetesVersion) -> Result {
    check_read_once(std::iter::once(&arguments.policy).chain(&arguments.logs))?;
    let accepted = PolicyFile::read(&arguments.policy, version)?.accepted(&arguments.policy)?;
    let threads = thread_count(arguments.jobs);
    let logs = read::read(&arguments.logs, &accepted.policy, version, threads)?;
    let hash = Sha256::digest(&accepted.source);
    let mut sums = Sums {
        sums: FORM,
        kubernetes_version: version.to_string(),
        policy_sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        logs: logs.files.len() as u64,
        from: None,
        to: None,
        untimed: logs.window.untimed(),
        per_day: None,
        tally: TallyJson::new(&logs.tally, &Matcher::new(&accepted.policy)),
        unreadable: unreadable(&logs.files),
    };
    sums.set_window(logs.window.bounds());
    print_json(&sums)?;
    all_read(&logs.files)
}

/// Prints the sum of the totals of files.
pub(crate) fn merge(arguments: &Merge) -> Result {
    check_read_once(&arguments.files)?;
    let mut all: Option<Sums> = None;
    for file in &arguments.files {
        let sums: Sums = input::json(file, "a file of `audit-policy sums`")?;
        let unusable = |reason: String| Error::Usage(format!("`{file}`: {reason}"));
        sums.check().map_err(unusable)?;
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

fn print_json(sums: &Sums) -> Result {
    let mut line = serde_json::to_vec(sums)?;
    line.push(b'\n');
    let mut out = Output::json();
    out.write_all(&line)?;
    Ok(out.flush()?)
}
