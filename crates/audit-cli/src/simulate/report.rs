//! A simulated event as one JSON object.

use std::io::Write;

use audit_json::{EventReport, why};
use audit_redact::secret_notes;
use audit_sim::impersonation_note;

use super::simulated::Simulated;
use crate::error::Result;

/// Prints the object and a line end.
pub(super) fn print(simulated: &Simulated<'_>, out: &mut impl Write) -> Result {
    let id = simulated.event.id();
    let (result, location) = (simulated.result, simulated.location);
    let mut report = EventReport::new(simulated.file, location, id.as_deref(), result);
    if let Some(policy) = simulated.explained {
        let seen = &result.request;
        report.why = Some(why(policy, &seen.request, seen.unknown));
        report.impersonation = impersonation_note(simulated.event);
        report.secrets = secret_notes(simulated.event.raw, None);
    }
    serde_json::to_writer(&mut *out, &report)?;
    out.write_all(b"\n")?;
    Ok(())
}
