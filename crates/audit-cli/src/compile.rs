//! `compile`: the policy as a program for another tool.

use std::io::Write;

use audit_compile::{Target, compile};
use audit_policy::KubernetesVersion;
use serde::Serialize;

use crate::arguments::{Compile, TextOrJson};
use crate::error::{Error, Result};
use crate::output::{Output, diagnostic};
use crate::policy_file::policy;

/// Target as a JSON object.
#[derive(Serialize)]
struct TargetReport {
    target: &'static str,
    language: &'static str,
    inputs: Vec<&'static str>,
}

/// Prints the program, or the list of targets.
pub(crate) fn run(arguments: &Compile, version: KubernetesVersion) -> Result {
    let (Some(file), Some(target)) = (&arguments.policy, arguments.to) else {
        return list(arguments.format);
    };
    let policy = policy(file, version)?;
    let usual = target.inputs().first().copied().unwrap_or_default();
    let input = arguments.input.map_or(usual, Into::into);
    let compiled =
        compile(&policy, target, input).map_err(|error| Error::Usage(error.to_string()))?;
    for difference in &compiled.differences {
        diagnostic(&difference.to_string());
    }
    if !compiled.differences.is_empty() && !arguments.approximate {
        diagnostic(&format!(
            "`{target}` cannot express this policy exactly; no program is printed (`--approximate` prints it)"
        ));
        return Err(Error::Rejected);
    }
    let mut out = Output::data();
    out.write_exact(compiled.text.as_bytes())?;
    Ok(out.flush()?)
}

/// Prints name, language and schemas of all targets, one per line.
fn list(format: TextOrJson) -> Result {
    let mut out = match format {
        TextOrJson::Text => Output::text(),
        TextOrJson::Json => Output::json(),
    };
    for target in Target::ALL {
        let report = TargetReport {
            target: target.name(),
            language: target.language(),
            inputs: target.inputs().iter().map(|input| input.name()).collect(),
        };
        match format {
            TextOrJson::Text => writeln!(
                out,
                "{:<12}{:<26}{}",
                report.target,
                report.language,
                report.inputs.join(", ")
            )?,
            TextOrJson::Json => {
                serde_json::to_writer(&mut out, &report)?;
                out.write_all(b"\n")?;
            }
        }
    }
    Ok(out.flush()?)
}
