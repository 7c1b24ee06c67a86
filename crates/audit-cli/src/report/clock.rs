//! The date of a report.

use std::time::{SystemTime, UNIX_EPOCH};

use audit_types::time::date_time;

use crate::error::{Error, Result};

/// Variable with the seconds since 1970 that stand for the current time, so that a report can be made again to the byte.
const VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// The last second of the year 9999.
const MAX_SECONDS: i64 = 253_402_300_799;

/// Returns the current date and time, or those of `SOURCE_DATE_EPOCH`.
///
/// # Errors
/// If the variable is not a number of seconds up to the year 9999.
pub(super) fn now() -> Result<String> {
    let seconds = match std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        Some(value) => {
            let number = value.to_str().and_then(|value| value.parse::<i64>().ok());
            let valid = number.filter(|seconds| (0..=MAX_SECONDS).contains(seconds));
            valid.ok_or_else(|| {
                let message = format!("`{VARIABLE}` is not a number of seconds since 1970");
                Error::Usage(message)
            })?
        }
        None => {
            let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
            let seconds = elapsed.map_or(0, |elapsed| elapsed.as_secs());
            i64::try_from(seconds).unwrap_or_default().min(MAX_SECONDS)
        }
    };
    Ok(format!("{} UTC", date_time(seconds * 1_000_000)))
}
