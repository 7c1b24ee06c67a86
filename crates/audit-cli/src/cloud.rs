//! `cloud`: what clouds document about the policy of their control planes.

use std::io::Write;

use audit_export::clouds::{CLOUDS, find};
use audit_types::excerpt::quote;

use crate::arguments::Cloud;
use crate::error::{Error, Result};
use crate::output::Output;

/// Prints the policy of a cloud, or the list of clouds.
pub(crate) fn run(arguments: &Cloud) -> Result {
    let Some(name) = &arguments.name else {
        return list();
    };
    let cloud = find(name).ok_or_else(|| {
        let names = CLOUDS.map(|cloud| cloud.name).join(", ");
        Error::Usage(format!(
            "unknown cloud {}; the clouds are {names}",
            quote(name)
        ))
    })?;
    let policy = cloud.policy.ok_or_else(|| {
        let title = cloud.title;
        Error::Usage(format!(
            "{title} documents no rules (help: `audit-policy cloud` lists what is known)"
        ))
    })?;
    let mut out = Output::text();
    out.write_all(policy.as_bytes())?;
    Ok(out.flush()?)
}

/// Prints each cloud with what it documents.
fn list() -> Result {
    let mut out = Output::text();
    for cloud in CLOUDS {
        let rules = match cloud.policy {
            Some(_) => "its rules are documented",
            None => "no rules are documented",
        };
        writeln!(
            out,
            "{}  {}: {rules}. {}",
            cloud.name, cloud.title, cloud.about
        )?;
    }
    Ok(out.flush()?)
}
