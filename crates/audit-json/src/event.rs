//! Events of a log under a policy.

use audit_log::Location;
use audit_policy::RuleIndex;
use audit_sim::SimulatedEvent;
use serde::Serialize;

use crate::why::RuleReport;

/// An event under a policy, as `audit-policy simulate` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventReport<'a> {
    file: &'a str,
    line: u64,
    #[serde(rename = "auditID")]
    audit_id: Option<&'a str>,
    stage: Option<&'static str>,
    recorded_level: Option<&'static str>,
    rule: Option<RuleIndex>,
    level: Option<&'static str>,
    outcome: &'static str,
    recorded_bytes: u64,
    written_bytes: Option<u64>,
    missing: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    derived: bool,
    /// The result of each rule. Left out unless it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Vec<RuleReport>>,
    /// Note on what rules see of an impersonated request. Left out unless it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impersonation: Option<String>,
    /// Notes on likely secrets in the event. Left out if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
}

impl<'a> EventReport<'a> {
    /// Creates the report of an event at a place of a file. `id` is the event's ID. What was recorded of a derived event is nothing.
    pub fn new(
        file: &'a str,
        location: Location,
        id: Option<&'a str>,
        result: &SimulatedEvent,
    ) -> Self {
        let (attributes, outcome) = (&result.attributes, &result.outcome);
        let derived = result.derived_stage.is_some();
        let recorded_level = attributes.level.filter(|_| !derived);
        Self {
            file,
            line: location.line,
            audit_id: id,
            stage: attributes.stage.map(|stage| stage.name()),
            recorded_level: recorded_level.map(|level| level.name()),
            rule: result.verdict.and_then(|verdict| verdict.rule),
            level: result.verdict.map(|verdict| verdict.level.name()),
            outcome: outcome.outcome.name(),
            recorded_bytes: if derived {
                0
            } else {
                attributes.recorded_bytes()
            },
            written_bytes: outcome.written_bytes,
            missing: outcome.missing.fields(result.request.unknown),
            derived,
            why: None,
            impersonation: None,
            secrets: Vec::new(),
        }
    }
}
