//! `estimate --metrics`: the volume that a policy writes of the requests that an API server counts.

use std::io::Write;

use audit_policy::KubernetesVersion;
use audit_volume::metrics::{
    MAX_BYTES, MetricsError, MetricsEstimate, Scrape, Traffic, version_difference,
};
use audit_volume::report::{self, SectionKind};
use serde::Serialize;

use super::text::print_section;
use crate::arguments::{self, TextOrJson};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input;
use crate::logs::read_log;
use crate::output::{Output, diagnostic};
use crate::policy_file::policy;

#[derive(Serialize)]
struct MetricsObject<'a> {
    source: &'static str,
    #[serde(flatten)]
    estimate: &'a MetricsEstimate,
    files: Vec<&'a str>,
}

/// Reads the metrics, and prints the estimate.
pub(super) fn run(arguments: &arguments::Estimate, version: KubernetesVersion) -> Result {
    let policy = policy(&arguments.policy, version)?;
    let mut scrapes = Vec::new();
    let mut last: Option<(&FileName, String)> = None;
    for file in &arguments.metrics {
        let text = read(file)?;
        if let Some((before, _)) = last.filter(|(_, before)| *before == text) {
            diagnostic(&format!(
                "{file}: the metrics are equal to those of `{before}`, so nothing was counted between the two: get them again after some time, or give one of the files only"
            ));
        }
        scrapes.push(Scrape::parse(&text).map_err(|error| unusable(file, &error))?);
        last = Some((file, text));
    }
    let traffic = Traffic::new(scrapes, arguments.window).map_err(|error| {
        let last = arguments.metrics.last().unwrap_or(&arguments.policy);
        unusable(last, &error)
    })?;
    if let Some(difference) = version_difference(traffic.version(), version) {
        diagnostic(&format!("{difference}: set `--kubernetes-version`"));
    }
    let estimate = MetricsEstimate::new(&traffic, &policy);
    if estimate.seconds.is_none() {
        diagnostic(
            "the time that the counters cover is not known, so there are no rates: set the time with `--window`",
        );
    }
    match arguments.format {
        TextOrJson::Json => {
            let mut out = Output::json();
            let object = MetricsObject {
                source: "metrics",
                estimate: &estimate,
                files: arguments.metrics.iter().map(|file| &**file).collect(),
            };
            serde_json::to_writer(&mut out, &object)?;
            out.write_all(b"\n")?;
            out.flush()?;
        }
        TextOrJson::Text => {
            let mut out = Output::text();
            for (index, mut section) in report::metrics(&estimate).into_iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                if section.kind == SectionKind::Breakdown {
                    // Rules and levels are printed completely, as in an estimate from a log.
                    let is_long = section.title.starts_with("By request");
                    section.truncate(if is_long { arguments.top } else { usize::MAX });
                }
                print_section(&section, false, &mut out)?;
            }
            out.flush()?;
        }
    }
    Ok(())
}

/// Reads metrics as text, decompressed.
fn read(file: &FileName) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let unpacked = read_log(file, &mut |chunk| {
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(unusable(file, &MetricsError::TooLarge));
        }
        bytes.extend_from_slice(chunk);
        Ok(())
    })?;
    unpacked.map_err(|error| unusable(file, &error))?;
    input::text(file, bytes)
}

fn unusable(file: &FileName, error: &dyn std::fmt::Display) -> Error {
    Error::Usage(format!("{file}: {error}"))
}
