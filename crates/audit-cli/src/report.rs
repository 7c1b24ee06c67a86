//! `report`: evidence for auditors about a policy, complete in one file.

mod claims;
mod clock;
mod content;
mod document;
mod html;
mod markdown;
mod volume;

use std::io::Write;

use audit_policy::KubernetesVersion;

use crate::arguments::{Report, ReportFormat};
use crate::config::Config;
use crate::error::Result;
use crate::input::check_read_once;
use crate::known_settings::KnownSettings;
use crate::output::Output;
use crate::packs::{self, Pack};
use crate::policy_file::PolicyFile;
use crate::verdict::RuleLines;
use claims::Claims;
use content::Evidence;

/// Prints the report. `given` is the version of the call.
pub(crate) fn run(arguments: &Report, config: &Config, given: Option<KubernetesVersion>) -> Result {
    let given = given.or(config.kubernetes_version);
    let packs = match arguments.packs.as_slice() {
        [] => config.packs.as_slice(),
        named => named,
    };
    let one = [&arguments.policy].into_iter().chain(&arguments.settings);
    let files = packs.iter().filter(|name| packs::is_file(name));
    check_read_once(one.chain(files).chain(&arguments.log))?;
    let (packs, version) = Pack::read_all(packs, audit_tests::packs(), given)?;
    let file = PolicyFile::read(&arguments.policy, version)?;
    let warning = file.loaded.warning.clone();
    let lines = RuleLines::in_policy(&file);
    let accepted = file.accepted(&arguments.policy)?;
    let settings = arguments.settings.as_ref();
    let settings = settings.map(|file| KnownSettings::read(file, version));
    let settings = settings.transpose()?;
    let (volume, read) = match arguments.log.is_empty() {
        true => (None, Ok(())),
        false => {
            let (section, read) = volume::section(&arguments.log, &accepted.policy, version)?;
            (Some(section), read)
        }
    };
    let claims = Claims::decide(&packs, &accepted.policy, version, settings.as_ref(), &lines);
    let document = content::document(Evidence {
        arguments,
        file_settings: config.file_settings(&arguments.policy, version),
        version,
        warning,
        accepted: &accepted,
        claims: &claims,
        settings: settings.as_ref(),
        volume,
        time: clock::now()?,
    });
    let text = match arguments.format {
        ReportFormat::Html => html::render(&document),
        ReportFormat::Markdown => markdown::render(&document),
    };
    let mut out = Output::data();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    read
}
