//! The server's own validation of its flags, with its messages and in its order.

use crate::codes::SettingCode;
use audit_policy::KubernetesVersion;
use audit_types::{Diagnostic, Severity};

use crate::finding::flag_finding;
use crate::placeholders::placeholder;
use crate::settings::{Batch, Mode, Settings, Truncate};

/// FlagNames of one backend's flags.
struct FlagNames {
    backend: &'static str,
    buffer_size: &'static str,
    max_size: &'static str,
    throttle_qps: &'static str,
    throttle_burst: &'static str,
    max_event_size: &'static str,
    max_batch_size: &'static str,
    version: &'static str,
}

const LOG: FlagNames = FlagNames {
    backend: "log",
    buffer_size: "audit-log-batch-buffer-size",
    max_size: "audit-log-batch-max-size",
    throttle_qps: "audit-log-batch-throttle-qps",
    throttle_burst: "audit-log-batch-throttle-burst",
    max_event_size: "audit-log-truncate-max-event-size",
    max_batch_size: "audit-log-truncate-max-batch-size",
    version: "audit-log-version",
};

const WEBHOOK: FlagNames = FlagNames {
    backend: "webhook",
    buffer_size: "audit-webhook-batch-buffer-size",
    max_size: "audit-webhook-batch-max-size",
    throttle_qps: "audit-webhook-batch-throttle-qps",
    throttle_burst: "audit-webhook-batch-throttle-burst",
    max_event_size: "audit-webhook-truncate-max-event-size",
    max_batch_size: "audit-webhook-truncate-max-batch-size",
    version: "audit-webhook-version",
};

/// Name of the flag, and the server's message.
type Rejection = (&'static str, String);

/// Runs the server's checks at start-up. They only cover backends that are on, the log first.
pub(super) fn check_as_server(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let mut rejections = Vec::new();
    let (log, webhook) = (&settings.log, &settings.webhook);
    if log.is_enabled() {
        rejections.extend(batch(&LOG, log.mode, &log.batch));
        rejections.extend(truncate(&LOG, &log.truncate));
        rejections.extend(api_version(&LOG, &log.api_version, settings.version));
        for (flag, value) in [
            ("audit-log-maxage", log.max_age_days),
            ("audit-log-maxbackup", log.max_backups),
            ("audit-log-maxsize", log.max_size_mb),
        ] {
            if value < 0 {
                rejections.push((flag, format!("--{flag} {value} can't be a negative number")));
            }
        }
    }
    if webhook.is_enabled() {
        rejections.extend(batch(&WEBHOOK, webhook.mode, &webhook.batch));
        rejections.extend(truncate(&WEBHOOK, &webhook.truncate));
        rejections.extend(api_version(
            &WEBHOOK,
            &webhook.api_version,
            settings.version,
        ));
    }
    for (flag, message) in rejections {
        let help = if [LOG.throttle_qps, LOG.throttle_burst].contains(&flag) {
            "kube-apiserver does not start with this value: the log backend has no default QPS and burst, so throttling needs both flags"
        } else {
            "kube-apiserver does not start with this value"
        };
        findings.push(flag_finding(
            SettingCode::RejectedValue,
            Severity::Error,
            flag,
            message,
            help,
        ));
    }
}

/// Returns the first error of the queue's settings; the server reports only one.
fn batch(names: &FlagNames, mode: Mode, batch: &Batch) -> Option<Rejection> {
    if mode != Mode::Batch {
        return None;
    }
    let throttled = batch.throttle_enable;
    let rejection = |flag: &'static str, what: &str, value: String| {
        let backend = names.backend;
        let text =
            format!("invalid audit batch {backend} {what} {value}, must be a positive number");
        Some((flag, text))
    };
    if batch.buffer_size < 1 {
        rejection(
            names.buffer_size,
            "buffer size",
            batch.buffer_size.to_string(),
        )
    } else if batch.max_size < 1 {
        rejection(names.max_size, "max batch size", batch.max_size.to_string())
    } else if throttled && batch.throttle_qps <= 0.0 {
        rejection(
            names.throttle_qps,
            "throttle QPS",
            go_float(batch.throttle_qps),
        )
    } else if throttled && batch.throttle_burst < 1 {
        rejection(
            names.throttle_burst,
            "throttle burst",
            batch.throttle_burst.to_string(),
        )
    } else {
        None
    }
}

/// Formats a number as Go does: very small and very large ones with an exponent of two digits or more.
fn go_float(value: f32) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-4..1e21).contains(&size) || !value.is_finite() {
        return value.to_string();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// Returns the first error of the sizes; the server checks them even if truncation is off.
fn truncate(names: &FlagNames, sizes: &Truncate) -> Option<Rejection> {
    let backend = names.backend;
    let (event, batch) = (sizes.max_event_size, sizes.max_batch_size);
    if event < 1 {
        return Some((
            names.max_event_size,
            format!(
                "invalid audit truncate {backend} max event size {event}, must be a positive number"
            ),
        ));
    }
    (batch < event).then(|| {
        (
            names.max_batch_size,
            format!("invalid audit truncate {backend} max batch size {batch}, must be greater than max event size ({event})"),
        )
    })
}

/// Returns the error for the API version of events. 1.24 removed the beta and alpha versions.
fn api_version(names: &FlagNames, given: &str, version: KubernetesVersion) -> Option<Rejection> {
    let allowed: &[&str] = if version.at_least(24) {
        &["audit.k8s.io/v1"]
    } else {
        &[
            "audit.k8s.io/v1alpha1",
            "audit.k8s.io/v1beta1",
            "audit.k8s.io/v1",
        ]
    };
    if allowed.contains(&given) || placeholder(given).is_some() {
        return None;
    }
    let text = if given.matches('/').count() > 1 {
        format!("unexpected GroupVersion string: {given}")
    } else {
        let quoted: Vec<_> = allowed.iter().map(|one| format!("\"{one}\"")).collect();
        format!(
            "invalid group version, allowed versions are [{}]",
            quoted.join(" ")
        )
    };
    Some((names.version, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_formatted_as_go_does() {
        for (value, text) in [
            (0.0, "0"),
            (-0.5, "-0.5"),
            (-0.00001, "-1e-05"),
            (-1.5e-10, "-1.5e-10"),
            (-1e21, "-1e+21"),
            (-3.0, "-3"),
        ] {
            assert_eq!(go_float(value), text);
        }
    }
}
