//! Times in the log, relative to a fixed start.

use audit_types::time::{write_rfc_3339, write_rfc_3339_micros};

/// Start of every log: 2026-01-05T08:00:00Z, a Monday, in seconds since 1970.
const EPOCH: i64 = 1_767_600_000;

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;

/// Writes a time, in microseconds from the start of the log, as kube-apiserver writes the times of events.
pub(crate) fn write_micros(micros: i64, out: &mut String) {
    write_rfc_3339_micros(EPOCH * SECOND + micros, out);
}

/// Writes a time, in microseconds from the start of the log, as Kubernetes writes the times of objects.
pub(crate) fn write_seconds(micros: i64, out: &mut String) {
    write_rfc_3339(EPOCH + micros.div_euclid(SECOND), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_server_writes_them() {
        let micros = |at| {
            let mut text = String::new();
            write_micros(at, &mut text);
            text
        };
        assert_eq!(micros(0), "2026-01-05T08:00:00.000000Z");
        assert_eq!(micros(57_600 * SECOND + 7), "2026-01-06T00:00:00.000007Z");
        assert_eq!(micros(-1), "2026-01-05T07:59:59.999999Z");
    }
}
