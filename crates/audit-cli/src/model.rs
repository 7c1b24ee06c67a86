//! `model`: generates a synthetic audit log for a cluster.

use std::io::Write;

use audit_policy::KubernetesVersion;
use audit_traffic::{Profile, ProfileError, RateSource, Sample, generate, rates};
use audit_types::format::precise_duration;

use crate::arguments::Model;
use crate::error::{Error, Result};
use crate::input::json;
use crate::output::{Output, diagnostic};

/// Prints the log, the profile, or its rates.
pub(crate) fn run(arguments: &Model, version: KubernetesVersion) -> Result {
    let profile = profile(arguments, version)?;
    if arguments.print_profile {
        profile.check().map_err(unusable)?;
        let mut out = Output::json();
        serde_json::to_writer_pretty(&mut out, &profile)?;
        out.write_all(b"\n")?;
        out.flush()?;
    } else if arguments.rates {
        let mut out = Output::text();
        print_rates(&profile, &mut out)?;
        out.flush()?;
    } else {
        let sample =
            Sample::plan(&profile, arguments.seconds, arguments.events).map_err(unusable)?;
        let mut out = Output::data();
        for line in generate(&profile, sample.seconds).map_err(unusable)? {
            out.write_all(line.as_bytes())?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        if sample.seconds < arguments.seconds {
            diagnostic(&format!(
                "the log is limited to {} so that it contains at most {} events",
                precise_duration(f64::from(sample.seconds)),
                arguments.events
            ));
        }
    }
    Ok(())
}

fn unusable(error: ProfileError) -> Error {
    Error::Usage(error.to_string())
}

/// Reads the profile from a file, or creates the default one for the size given by the options.
fn profile(arguments: &Model, version: KubernetesVersion) -> Result<Profile, Error> {
    let usual = Profile::default();
    let mut profile = match &arguments.profile {
        Some(file) => json(file, "a cluster")?,
        None => Profile::with_size(
            arguments
                .control_plane_nodes
                .unwrap_or(usual.control_plane_nodes),
            arguments.nodes.unwrap_or(usual.nodes),
            arguments.pods.unwrap_or(usual.pods),
        ),
    };
    if arguments.profile.is_none() || version != KubernetesVersion::default() {
        profile.version = version;
    }
    profile.control_plane_nodes = arguments
        .control_plane_nodes
        .unwrap_or(profile.control_plane_nodes);
    profile.nodes = arguments.nodes.unwrap_or(profile.nodes);
    profile.pods = arguments.pods.unwrap_or(profile.pods);
    Ok(profile)
}

fn print_rates(profile: &Profile, out: &mut impl Write) -> Result {
    let mut all = rates(profile).map_err(unusable)?;
    all.sort_by(|one, other| other.per_second.total_cmp(&one.per_second));
    for rate in all.iter().filter(|rate| rate.per_second > 0.0) {
        let assumed = match rate.source {
            RateSource::Assumed(_) => "assumed: ",
            RateSource::Documented(_) => "",
        };
        writeln!(
            out,
            "{:>10.2} per minute  {} ({}): {}",
            rate.per_second * 60.0,
            rate.name,
            rate.client(),
            rate.formula
        )?;
        writeln!(
            out,
            "                       {assumed}{}",
            rate.source.text()
        )?;
    }
    Ok(())
}
