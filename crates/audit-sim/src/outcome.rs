//! Outcome of an event under a policy: written, dropped, or unknown.

pub use audit_types::Outcome;

use audit_log::{Attributes, Event, json};
use audit_policy::{KubernetesVersion, Level, Matcher, MissingAttributes, Stage, Verdict};

use crate::request_traits::RequestTraits;
use crate::sizes::{SizeBreakdown, Unrecorded, VersionDifferences};
use crate::versions::encodes_cross_group;
use crate::written::TRUNCATED_ANNOTATION;

/// Attributes of an event that its outcome and its size depend on, without the request behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventAttributes {
    /// The stage; `None` if the record does not contain it.
    pub stage: Option<Stage>,
    /// The level it was recorded at; `None` if the record does not contain it.
    pub level: Option<Level>,
    /// Sizes of the parts of its line.
    pub sizes: SizeBreakdown,
    /// The request may have had a body, and the recorded level is too low to contain it.
    pub lacks_request: bool,
    /// The response may have had a body, and the recorded level is too low to contain it.
    pub lacks_response: bool,
    /// The request body is of another API group than the URL, which servers before 1.22 cannot encode.
    pub cross_group: bool,
    /// The record lacks fields of the server's line, so the size is unknown.
    pub lacks_line: bool,
    /// The stage is unknown, but it is not RequestReceived.
    pub is_late: bool,
}

impl EventAttributes {
    /// Reads an event; `attributes` are those of the request behind it.
    pub fn new(event: &Event<'_>, attributes: &Attributes) -> Self {
        let traits = RequestTraits::new(&attributes.request, attributes.unknown);
        Self::from_sizes(event, traits, event.code(), SizeBreakdown::measure(event))
    }

    /// Creates them from a request's traits, an HTTP status and sizes that are already known.
    pub(crate) fn from_sizes(
        event: &Event<'_>,
        traits: RequestTraits,
        code: Option<u16>,
        sizes: SizeBreakdown,
    ) -> Self {
        let stage = event.recorded_stage();
        let level = event.recorded_level();
        let bodies = Bodies::possible(stage, code, traits);
        // A backend that truncates leaves the bodies out, whatever the level.
        let is_truncated = event
            .annotations
            .filter(|_| {
                event
                    .canonical
                    .is_none_or(|canonical| canonical.has_special_annotations)
            })
            .and_then(|annotations| json::member(annotations, TRUNCATED_ANNOTATION))
            .is_some();
        let below = |needed: Level| is_truncated || level.is_none_or(|level| level < needed);
        Self {
            stage,
            level,
            sizes,
            lacks_request: bodies.request
                && event.request_object.is_none()
                && below(Level::Request),
            lacks_response: bodies.response
                && event.response_object.is_none()
                && below(Level::RequestResponse),
            cross_group: traits.cross_group,
            lacks_line: event.missing.size,
            is_late: event.missing.is_response_stage,
        }
    }

    /// Returns the size of the event as recorded: bytes of the server's own line, line end included.
    pub fn recorded_bytes(&self) -> u64 {
        let level = self.level.unwrap_or(Level::Metadata);
        let newest = KubernetesVersion::NEWEST;
        let all = self.sizes.size(Level::RequestResponse, false, newest);
        let names = level.name().len() as i64 - Level::RequestResponse.name().len() as i64;
        all.saturating_add_signed(names + self.sizes.differences.recorded_extra_bytes())
    }

    /// Returns `true` if an event without a stage may be at this one.
    fn may_be(&self, stage: Stage) -> bool {
        !(self.is_late && stage == Stage::RequestReceived)
    }

    /// Returns the outcome of the event under a verdict, on a server of a version.
    pub fn outcome(&self, verdict: Option<Verdict>, version: KubernetesVersion) -> EventOutcome {
        let unknowable = |missing| EventOutcome {
            outcome: Outcome::Unknowable,
            written_bytes: None,
            missing,
        };
        let dropped = |outcome| EventOutcome {
            outcome,
            written_bytes: Some(0),
            missing: Missing::default(),
        };
        let Some(verdict) = verdict else {
            return unknowable(Missing {
                attributes: true,
                ..Missing::default()
            });
        };
        if verdict.level == Level::None {
            return dropped(Outcome::DroppedLevel);
        }
        match self.stage {
            Some(stage) if verdict.omit_stages.contains(stage) => {
                return dropped(Outcome::DroppedStage);
            }
            None if verdict.omit_stages.iter().any(|stage| self.may_be(stage)) => {
                return unknowable(Missing {
                    stage: true,
                    ..Missing::default()
                });
            }
            _ => {}
        }
        let missing = self.missing(verdict, version);
        EventOutcome {
            outcome: Outcome::Written,
            written_bytes: (!missing.any()).then(|| self.bytes(verdict, version)),
            missing,
        }
    }

    /// Returns the size of the event if it is written under a verdict; `None` if the record lacks a part of it.
    #[inline]
    pub(crate) fn size(&self, verdict: Verdict, version: KubernetesVersion) -> Option<u64> {
        (!self.missing(verdict, version).any()).then(|| self.bytes(verdict, version))
    }

    /// Returns the bytes that the record contains of the event as written under a verdict, and what it lacks.
    #[inline]
    pub(crate) fn known_bytes(
        &self,
        verdict: Verdict,
        version: KubernetesVersion,
    ) -> (u64, Missing) {
        (self.bytes(verdict, version), self.missing(verdict, version))
    }

    /// Returns what the record lacks of the event as written.
    #[inline]
    fn missing(&self, verdict: Verdict, version: KubernetesVersion) -> Missing {
        let unrecorded = if VersionDifferences::affect(version) {
            let differences = self.sizes.differences;
            differences.unrecorded(verdict.level, version, self.has_request(version))
        } else {
            Unrecorded::default()
        };
        Missing {
            line: self.lacks_line,
            times: unrecorded.times,
            options: unrecorded.options,
            stage: unrecorded.stage,
            request: self.lacks_request
                && self.has_request(version)
                && verdict.level >= Level::Request,
            response: self.lacks_response && verdict.level >= Level::RequestResponse,
            ..Missing::default()
        }
    }

    /// Returns `true` if a server of a version can write the request body, if there is one.
    #[inline]
    const fn has_request(&self, version: KubernetesVersion) -> bool {
        encodes_cross_group(version) || !self.cross_group
    }

    /// Returns the bytes that the record contains of the event as written.
    #[inline]
    fn bytes(&self, verdict: Verdict, version: KubernetesVersion) -> u64 {
        let size =
            |sizes: &SizeBreakdown| sizes.size(verdict.level, verdict.omit_managed_fields, version);
        if self.has_request(version) {
            size(&self.sizes)
        } else {
            size(&self.sizes.without_request())
        }
    }
}

/// Outcome of an event, with its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventOutcome {
    /// The outcome.
    pub outcome: Outcome,
    /// Bytes written, line end included; 0 if dropped, `None` if unknown.
    pub written_bytes: Option<u64>,
    /// Missing parts that would decide what is unknown.
    pub missing: Missing,
}

/// Parts of an event that its record lacks and that its outcome or its size depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Missing {
    /// Attributes of the request that a rule asks for.
    pub attributes: bool,
    /// The stage, if the policy omits some.
    pub stage: bool,
    /// Fields that every event has and that the log's wrapper dropped.
    pub line: bool,
    /// The request body.
    pub request: bool,
    /// The response body.
    pub response: bool,
    /// Null creation timestamps, which older servers print in bodies and newer ones leave out.
    pub times: bool,
    /// The group and version that the client gave its `DeleteOptions`.
    pub options: bool,
}

impl Missing {
    /// Returns `true` if anything is missing.
    pub const fn any(self) -> bool {
        self.attributes
            || self.stage
            || self.line
            || self.request
            || self.response
            || self.times
            || self.options
    }

    /// Returns the names of the missing fields, separated by commas; `None` if nothing is missing.
    pub fn fields(self, unknown: MissingAttributes) -> Option<String> {
        let mut fields = Vec::new();
        if self.attributes {
            fields.extend(unknown.fields());
        }
        let others = [
            // A wrapper that drops the groups drops the query, too.
            (self.line && unknown.groups, "requestURI"),
            (self.line && unknown.groups, "user.groups"),
            (self.line && !unknown.groups, "other fields"),
            (self.stage, "stage"),
            (self.request, "requestObject"),
            (self.response, "responseObject"),
            (self.times, "metadata.creationTimestamp"),
            (self.options, "requestObject.apiVersion"),
        ];
        fields.extend(
            others
                .into_iter()
                .filter_map(|(is_missing, name)| is_missing.then_some(name)),
        );
        let mut seen = Vec::new();
        fields.retain(|field| {
            let is_new = !seen.contains(field);
            seen.push(field);
            is_new
        });
        (!fields.is_empty()).then(|| fields.join(", "))
    }
}

/// Bodies that an event may have had at its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bodies {
    request: bool,
    response: bool,
}

impl Bodies {
    fn possible(stage: Option<Stage>, code: Option<u16>, traits: RequestTraits) -> Self {
        if stage == Some(Stage::RequestReceived) {
            return Self {
                request: false,
                response: false,
            };
        }
        let succeeded = code.is_some_and(|code| code < 400);
        Self {
            request: traits.sends && code != Some(401),
            response: !(traits.streams && succeeded),
        }
    }
}

/// Returns the verdict on the request behind an event; `None` if the record lacks an attribute that the policy depends on.
pub fn verdict(matcher: &Matcher, attributes: &Attributes) -> Option<Verdict> {
    if attributes.unknown.any() {
        matcher.evaluate_partial(&attributes.request, attributes.unknown)
    } else {
        Some(matcher.evaluate(&attributes.request))
    }
}

#[cfg(test)]
mod tests {
    use audit_log::MissingFields;
    use audit_policy::{KubernetesVersion, RuleIndex, load};

    use super::*;

    fn outcome_of(raw: &str, level: Level, omit: &[Stage]) -> EventOutcome {
        let event = Event::new(raw);
        let attributes = Attributes::from_event(&event);
        let mut verdict = Verdict::default();
        verdict.level = level;
        verdict.omit_stages = omit.iter().copied().collect();
        verdict.rule = Some(RuleIndex::new(0));
        EventAttributes::new(&event, &attributes).outcome(Some(verdict), KubernetesVersion::NEWEST)
    }

    const LIST: &str = r#"{"level":"Metadata","stage":"ResponseComplete","verb":"list","user":{},"requestURI":"/api/v1/pods","responseStatus":{"code":200}}"#;
    const CREATE: &str = r#"{"level":"Metadata","stage":"ResponseComplete","verb":"create","user":{},"requestURI":"/api/v1/pods","responseStatus":{"code":201}}"#;
    const WATCH: &str = r#"{"level":"Metadata","stage":"ResponseComplete","verb":"watch","user":{},"requestURI":"/api/v1/pods","responseStatus":{"code":200}}"#;
    const TRUNCATED: &str = r#"{"level":"RequestResponse","stage":"ResponseComplete","verb":"create","user":{},"requestURI":"/api/v1/pods","responseStatus":{"code":201},"annotations":{"audit.k8s.io/truncated":"true"}}"#;
    const RECEIVED: &str = r#"{"level":"Metadata","stage":"RequestReceived","verb":"create","user":{},"requestURI":"/api/v1/pods"}"#;

    #[test]
    fn bodies_are_missing_only_if_the_event_may_have_had_them() {
        for (raw, level, missing) in [
            (LIST, Level::Metadata, None),
            (LIST, Level::Request, None),
            (LIST, Level::RequestResponse, Some("responseObject")),
            (CREATE, Level::Request, Some("requestObject")),
            (
                CREATE,
                Level::RequestResponse,
                Some("requestObject, responseObject"),
            ),
            (WATCH, Level::RequestResponse, None),
            (RECEIVED, Level::RequestResponse, None),
            (TRUNCATED, Level::Request, Some("requestObject")),
            (TRUNCATED, Level::Metadata, None),
        ] {
            let event_outcome = outcome_of(raw, level, &[]);
            assert_eq!(event_outcome.outcome, Outcome::Written);
            assert_eq!(
                event_outcome
                    .missing
                    .fields(MissingAttributes::NONE)
                    .as_deref(),
                missing,
                "{raw} at {level}"
            );
            assert_eq!(event_outcome.written_bytes.is_none(), missing.is_some());
        }
    }

    #[test]
    fn level_none_and_omitted_stages_drop_events() {
        assert_eq!(
            outcome_of(LIST, Level::None, &[]).outcome,
            Outcome::DroppedLevel
        );
        let omitted = outcome_of(RECEIVED, Level::Metadata, &[Stage::RequestReceived]);
        assert_eq!(
            (omitted.outcome, omitted.written_bytes),
            (Outcome::DroppedStage, Some(0))
        );
        assert_eq!(
            outcome_of("{}", Level::Metadata, &[Stage::Panic]).outcome,
            Outcome::Unknowable
        );
    }

    #[test]
    fn converted_events_are_evaluated_by_their_recorded_fields() {
        let event = Event {
            missing: MissingFields {
                groups: true,
                query: true,
                size: true,
                is_response_stage: true,
            },
            path: Some("/api/v1/namespaces/dev/secrets/x"),
            ..Event::new(r#"{"verb":"get","user":{"username":"alice"}}"#)
        };
        let attributes = Attributes::from_event(&event);
        let judge = |rule: &str| {
            let text = format!(
                "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{rule}]\n"
            );
            let policy = load(text.as_bytes(), KubernetesVersion::default())
                .policy
                .unwrap();
            let verdict = verdict(&Matcher::new(&policy), &attributes);
            let event_outcome = EventAttributes::new(&event, &attributes)
                .outcome(verdict, KubernetesVersion::NEWEST);
            let missing = event_outcome
                .missing
                .fields(attributes.unknown)
                .unwrap_or_default();
            (event_outcome.outcome, event_outcome.written_bytes, missing)
        };
        let written = |missing: &str| (Outcome::Written, None, missing.to_owned());
        for (rule, expected) in [
            ("{level: Metadata}", written("requestURI, user.groups")),
            (
                "{level: Metadata, users: [alice], verbs: [get], resources: [{group: '', resources: [secrets], resourceNames: [x]}]}",
                written("requestURI, user.groups"),
            ),
            (
                "{level: None, namespaces: [dev]}",
                (Outcome::DroppedLevel, Some(0), String::new()),
            ),
            (
                "{level: Metadata, userGroups: [dev]}",
                (Outcome::Unknowable, None, "user.groups".to_owned()),
            ),
            (
                "{level: Metadata, omitStages: [Panic]}",
                (Outcome::Unknowable, None, "stage".to_owned()),
            ),
        ] {
            assert_eq!(judge(rule), expected, "{rule}");
        }
    }

    #[test]
    fn additions_of_older_servers_are_unknown() {
        let event = |verb: &str, stage: &str, rest: &str| {
            format!(
                r#"{{"level":"RequestResponse","stage":"{stage}","verb":"{verb}","requestURI":"/api/v1/namespaces/d/pods?timeout=x","user":{{}}{rest}}}"#
            )
        };
        let pod = |fields: &str| {
            let body = format!(
                r#","requestObject":{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"a"{fields}}}}}"#
            );
            event("create", "ResponseComplete", &body)
        };
        let status = |code| format!(r#","responseStatus":{{"metadata":{{}},"code":{code}}}"#);
        let options =
            r#","requestObject":{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/__internal"}"#;
        let list = r#","responseObject":{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"creationTimestamp":"t"}}]}"#;
        let times = Some("metadata.creationTimestamp");
        for (raw, minor, missing) in [
            (pod(""), 33, times),
            (pod(""), 34, None),
            (pod(r#","creationTimestamp":null"#), 33, None),
            (pod(r#","creationTimestamp":null"#), 34, None),
            (pod("").replace("\"v1\"", "\"example.com/v1\""), 33, None),
            (pod("").replace("create", "patch"), 33, None),
            (event("list", "ResponseComplete", list), 33, None),
            (
                event("delete", "ResponseComplete", options),
                22,
                Some("requestObject.apiVersion"),
            ),
            (event("delete", "ResponseComplete", options), 23, None),
            (event("delete", "ResponseComplete", options), 21, None),
            // A bad timeout is an error since 1.21; in 1.20 the request is served, and other stages are written.
            (
                event("get", "ResponseStarted", &status(400)),
                20,
                Some("stage"),
            ),
            (event("get", "ResponseStarted", &status(400)), 21, None),
            (event("get", "ResponseStarted", &status(401)), 20, None),
        ] {
            let event = Event::new(&raw);
            let event_attributes = EventAttributes::new(&event, &Attributes::from_event(&event));
            let mut verdict = Verdict::default();
            verdict.level = Level::RequestResponse;
            verdict.rule = Some(RuleIndex::new(0));
            let version = KubernetesVersion::from_minor(minor).unwrap();
            let event_outcome = event_attributes.outcome(Some(verdict), version);
            let seen = event_outcome.missing.fields(MissingAttributes::NONE);
            assert_eq!(seen.as_deref(), missing, "{raw} by 1.{minor}");
            assert_eq!(event_outcome.written_bytes.is_none(), missing.is_some());
        }
    }

    #[test]
    fn recorded_bytes_are_the_length_of_the_servers_line() {
        let line = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Request\",\"auditID\":\"1\",\"requestObject\":{\"a\":1}}\n";
        let event = Event::new(line.trim_end());
        let event_attributes = EventAttributes::new(&event, &Attributes::from_event(&event));
        assert_eq!(event_attributes.recorded_bytes(), line.len() as u64);
        let body =
            r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","creationTimestamp":null}}"#;
        let line = line.replace("{\"a\":1}", body);
        let event = Event::new(line.trim_end());
        let event_attributes = EventAttributes::new(&event, &Attributes::from_event(&event));
        assert_eq!(event_attributes.recorded_bytes(), line.len() as u64);
    }
}
