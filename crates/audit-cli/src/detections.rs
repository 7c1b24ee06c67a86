//! `detections`: which published detections can fire under a policy, what blinds the others, and changes that let them fire.

mod json;
mod markdown;
mod row;
mod text;

use std::io::Write;

use audit_policy::KubernetesVersion;
use audit_tests::{Case, Claim, Fires, Runner, detection_packs};
use audit_types::excerpt::quote;

use crate::arguments::{Detections, DetectionsFormat};
use crate::error::{Error, Result};
use crate::input::check_read_once;
use crate::output::Output;
use crate::packs::{self, Pack};
use crate::policy_file::PolicyFile;
use crate::program;
use crate::verdict::RuleLines;
use row::{Row, RowResult};

/// Prints the table. `given` is the version of the call.
pub(crate) fn run(arguments: &Detections, given: Option<KubernetesVersion>) -> Result {
    let files = arguments.packs.iter().filter(|name| packs::is_file(name));
    check_read_once([&arguments.policy].into_iter().chain(files))?;
    let (packs, version) = Pack::read_all(&arguments.packs, detection_packs(), given)?;
    for pack in &packs {
        check_pack(pack)?;
    }
    let file = PolicyFile::read(&arguments.policy, version)?;
    let lines = RuleLines::of(&file);
    let loaded = file.loaded.clone();
    let policy = file.accepted(&arguments.policy)?.policy;
    let runner = Runner::new(&policy, version);
    let mut rows = Vec::new();
    for (pack, case) in packs.iter().flat_map(cases) {
        let Claim::Detection(detection) = &case.claim else {
            rows.push(Row {
                pack,
                case,
                result: None,
            });
            continue;
        };
        let too_large = |error: audit_analysis::TooLarge| Error::Usage(error.to_string());
        let detected = runner.detect(detection).map_err(too_large)?;
        let change = runner.change_for(detection, &detected).map_err(too_large)?;
        let text = change
            .as_ref()
            .and_then(|change| change.text(&loaded, version).ok());
        let result = RowResult {
            detected,
            change,
            text,
        };
        rows.push(Row {
            pack,
            case,
            result: Some((detection, result)),
        });
    }
    let mut out = match arguments.format {
        DetectionsFormat::Json => Output::json(),
        _ => Output::text(),
    };
    match arguments.format {
        DetectionsFormat::Text => text::print(&rows, &lines, &mut out)?,
        DetectionsFormat::Json => json::print(&rows, &lines, &mut out)?,
        DetectionsFormat::Markdown => markdown::print(&rows, &lines, &mut out)?,
    }
    out.flush()?;
    let is_blind = |row: &Row<'_>| row.fires() == Some(Fires::Never);
    match arguments.exit_code && rows.iter().any(is_blind) {
        true => Err(Error::Rejected),
        false => Ok(()),
    }
}

/// Returns the detections of a pack, and its claims that no policy decides.
fn cases(pack: &Pack) -> impl Iterator<Item = (&Pack, &Case)> {
    let cases = pack.file.tests.iter().map(move |case| (pack, case));
    cases.filter(|(_, case)| matches!(case.claim, Claim::Detection(_) | Claim::Undecidable))
}

fn check_pack(pack: &Pack) -> Result {
    let mut cases = pack.file.tests.iter();
    if cases.any(|case| matches!(case.claim, Claim::Detection(_))) {
        return Ok(());
    }
    let program = program::called();
    let help = format!("`{program} report` decides the claims of standards");
    let id = quote(&pack.id);
    Err(Error::Usage(format!(
        "the pack {id} has no detections (help: {help})"
    )))
}
