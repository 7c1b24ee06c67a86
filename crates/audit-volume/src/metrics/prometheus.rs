//! Results of Prometheus' query API, `/api/v1/query` and `/api/v1/query_range`.

use std::borrow::Cow;

use serde_json::Value;

use super::error::MetricsError;

/// A series of a result: its labels, the increase or value of its counter, its last time and the seconds that the increase covers.
pub(super) struct Series<'v> {
    pub(super) labels: Vec<(&'v str, Cow<'v, str>)>,
    pub(super) value: f64,
    pub(super) time: Option<f64>,
    pub(super) covered: Option<f64>,
}

/// Maximum length of a message that is quoted.
const MAX_MESSAGE_CHARS: usize = 200;

/// Parses JSON, and rejects what is not the result of a query.
pub(super) fn parse(text: &str) -> Result<Value, MetricsError> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        // The first of several lines of events.
        Err(_) if text.contains("\"auditID\"") => return Err(MetricsError::AuditLog),
        Err(error) => return Err(MetricsError::BadJson(error.to_string())),
    };
    let field = |name: &str| value.get(name).and_then(Value::as_str);
    let message = |name: &str| {
        let text: String = field(name)
            .unwrap_or("unknown")
            .chars()
            .take(MAX_MESSAGE_CHARS)
            .collect();
        format!("`{text}`")
    };
    match (field("kind"), field("status")) {
        (Some("Event" | "EventList"), _) => Err(MetricsError::AuditLog),
        (Some("Status"), _) => Err(MetricsError::Status(message("message"))),
        (_, Some("error")) => Err(MetricsError::Prometheus(message("error"))),
        _ if result(&value).is_some() => Ok(value),
        _ => Err(MetricsError::OtherJson),
    }
}

/// Returns the series of a result: `data.result` of the API, or the list itself, as tools print it.
fn result(value: &Value) -> Option<&Vec<Value>> {
    let list = value
        .pointer("/data/result")
        .or_else(|| value.get("result"))
        .unwrap_or(value);
    list.as_array()
        .filter(|list| list.iter().all(|series| series.get("metric").is_some()))
}

/// Iterates over the series that can be read.
pub(super) fn series(value: &Value) -> impl Iterator<Item = Series<'_>> {
    result(value).into_iter().flatten().filter_map(|series| {
        let labels = series.get("metric")?.as_object()?;
        let labels = labels
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), Cow::Borrowed(value.as_str()?))))
            .collect();
        if let Some(values) = series.get("values").and_then(Value::as_array) {
            return increase(labels, values);
        }
        let (time, value) = pair(series.get("value")?)?;
        Some(Series {
            labels,
            value,
            time: Some(time),
            covered: None,
        })
    })
}

/// Adds up the increases of a counter, which starts at zero when the server does.
fn increase<'v>(labels: Vec<(&'v str, Cow<'v, str>)>, values: &[Value]) -> Option<Series<'v>> {
    let mut points = values.iter().filter_map(pair);
    let (first, mut previous) = points.next()?;
    let (mut last, mut sum) = (first, 0.0);
    for (time, value) in points {
        sum += if value >= previous {
            value - previous
        } else {
            value
        };
        (last, previous) = (time, value);
    }
    let covered = Some(last - first).filter(|seconds| *seconds > 0.0);
    Some(Series {
        labels,
        // A gauge of which only the last value counts is a series, too.
        value: if covered.is_some() { sum } else { previous },
        time: Some(last),
        covered,
    })
}

fn pair(value: &Value) -> Option<(f64, f64)> {
    let time = value.get(0)?.as_f64()?;
    let value = value.get(1)?;
    let value = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    Some((time, value))
}
