//! What becomes of an event under a policy: written, dropped, or not to be known.

pub use audit_types::Outcome;

use audit_log::{Attributes, Event, json};
use audit_policy::{KubernetesVersion, Level, Matcher, MissingAttributes, Stage, Verdict};

use crate::request_traits::RequestTraits;
use crate::sizes::{SizeBreakdown, Unrecorded, VersionDifferences};
use crate::versions::encodes_cross_group;
use crate::written::TRUNCATED_ANNOTATION;

/// What an outcome needs to know of an event, the request behind it aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventAttributes {
    /// The stage; none where the record does not say.
    pub stage: Option<Stage>,
    /// The level it was recorded at; none where the record does not say.
    pub level: Option<Level>,
    /// The size by parts.
    pub sizes: SizeBreakdown,
    /// There may have been a request body, and the recorded level is too low to tell.
    pub lacks_request: bool,
    /// There may have been a response body, and the recorded level is too low to tell.
    pub lacks_response: bool,
    /// The request body is of another API group than the URL's, which servers before 1.22 cannot encode.
    pub cross_group: bool,
    /// Fields of the server's line are gone, so that its size is not known.
    pub lacks_line: bool,
    /// The stage is not RequestReceived, where the record does not say it.
    pub is_late: bool,
}

impl EventAttributes {
    /// Reads an event; `attributes` are those of the request behind it.
    pub fn new(event: &Event<'_>, attributes: &Attributes) -> Self {
        let nature = RequestTraits::new(&attributes.request, attributes.unknown);
        Self::from_sizes(event, nature, event.code(), SizeBreakdown::measure(event))
    }

    /// The same from what was found out before.
    pub(crate) fn from_sizes(
        event: &Event<'_>,
        nature: RequestTraits,
        code: Option<u16>,
        parts: SizeBreakdown,
    ) -> Self {
        let stage = event.recorded_stage();
        let level = event.recorded_level();
        let bodies = Bodies::possible(stage, code, nature);
        // A backend that truncates has left the bodies out, whatever the level.
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
            sizes: parts,
            lacks_request: bodies.request
                && event.request_object.is_none()
                && below(Level::Request),
            lacks_response: bodies.response
                && event.response_object.is_none()
                && below(Level::RequestResponse),
            cross_group: nature.cross_group,
            lacks_line: event.missing.size,
            is_late: event.missing.is_response_stage,
        }
    }

    /// The size of the event as it was recorded: bytes of the server's own line, line end included.
    pub fn recorded_bytes(&self) -> u64 {
        let level = self.level.unwrap_or(Level::Metadata);
        let newest = KubernetesVersion::NEWEST;
        let all = self.sizes.size(Level::RequestResponse, false, newest);
        let names = level.name().len() as i64 - Level::RequestResponse.name().len() as i64;
        all.saturating_add_signed(names + self.sizes.differences.recorded_extra_bytes())
    }

    /// Whether an event that does not say its stage may be at this one.
    fn may_be(&self, stage: Stage) -> bool {
        !(self.is_late && stage == Stage::RequestReceived)
    }

    /// What a server of a version makes of the event under a verdict.
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

    /// The size of the event where it is written under a verdict; none where the record lacks a part of it.
    #[inline]
    pub(crate) fn size(&self, verdict: Verdict, version: KubernetesVersion) -> Option<u64> {
        (!self.missing(verdict, version).any()).then(|| self.bytes(verdict, version))
    }

    /// The bytes that the record holds of the event where it is written under a verdict, and what it lacks of it.
    #[inline]
    pub(crate) fn known_bytes(
        &self,
        verdict: Verdict,
        version: KubernetesVersion,
    ) -> (u64, Missing) {
        (self.bytes(verdict, version), self.missing(verdict, version))
    }

    /// What the record lacks of the event as written.
    #[inline]
    fn missing(&self, verdict: Verdict, version: KubernetesVersion) -> Missing {
        let untold = if VersionDifferences::affect(version) {
            let changes = self.sizes.differences;
            changes.unrecorded(verdict.level, version, self.has_request(version))
        } else {
            Unrecorded::default()
        };
        Missing {
            line: self.lacks_line,
            times: untold.times,
            options: untold.options,
            stage: untold.stage,
            request: self.lacks_request
                && self.has_request(version)
                && verdict.level >= Level::Request,
            response: self.lacks_response && verdict.level >= Level::RequestResponse,
            ..Missing::default()
        }
    }

    /// Whether a server of a version can write the request body, if there is one.
    #[inline]
    const fn has_request(&self, version: KubernetesVersion) -> bool {
        encodes_cross_group(version) || !self.cross_group
    }

    /// The bytes of what the record holds of the event as written.
    #[inline]
    fn bytes(&self, verdict: Verdict, version: KubernetesVersion) -> u64 {
        let size =
            |parts: &SizeBreakdown| parts.size(verdict.level, verdict.omit_managed_fields, version);
        if self.has_request(version) {
            size(&self.sizes)
        } else {
            size(&self.sizes.without_request())
        }
    }
}

/// What becomes of an event, with its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventOutcome {
    /// What becomes of it.
    pub outcome: Outcome,
    /// Bytes written, line end included; 0 where dropped, none where that cannot be known.
    pub written_bytes: Option<u64>,
    /// What the record lacks.
    pub missing: Missing,
}

/// What a record lacks for a certain answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Missing {
    /// Attributes of the request that a rule asks about.
    pub attributes: bool,
    /// The stage, while the policy omits some.
    pub stage: bool,
    /// Fields that every event has and the wrapper dropped.
    pub line: bool,
    /// The request body.
    pub request: bool,
    /// The response body.
    pub response: bool,
    /// Null times of creation, which an older server prints in bodies and a newer one has left out.
    pub times: bool,
    /// The group and version that the client gave its `DeleteOptions`.
    pub options: bool,
}

impl Missing {
    /// Whether anything is missing.
    pub const fn any(self) -> bool {
        self.attributes
            || self.stage
            || self.line
            || self.request
            || self.response
            || self.times
            || self.options
    }

    /// The missing fields by name, separated by commas; none where nothing is missing.
    pub fn fields(self, unknown: MissingAttributes) -> Option<String> {
        let mut fields = Vec::new();
        if self.attributes {
            fields.extend(unknown.fields());
        }
        let others = [
            (self.line, "requestURI"),
            (self.line, "user.groups"),
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

/// Which bodies an event may have had at its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bodies {
    request: bool,
    response: bool,
}

impl Bodies {
    fn possible(stage: Option<Stage>, code: Option<u16>, nature: RequestTraits) -> Self {
        if stage == Some(Stage::RequestReceived) {
            return Self {
                request: false,
                response: false,
            };
        }
        let succeeded = code.is_some_and(|code| code < 400);
        Self {
            request: nature.sends && code != Some(401),
            response: !(nature.streams && succeeded),
        }
    }
}

/// The verdict on the request behind an event; none where the event does not tell enough of it.
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
    use audit_policy::{KubernetesVersion, load};

    use super::*;

    fn judged(raw: &str, level: Level, omit: &[Stage]) -> EventOutcome {
        let event = Event::new(raw);
        let attributes = Attributes::from_event(&event);
        let verdict = Verdict {
            level,
            omit_stages: omit.iter().copied().collect(),
            omit_managed_fields: false,
            rule: Some(0),
        };
        EventAttributes::new(&event, &attributes).outcome(Some(verdict), KubernetesVersion::NEWEST)
    }

    const LIST: &str = r#"{"level":"Metadata","stage":"ResponseComplete","verb":"list","user":{},"requestURI":"/api/v1/pods","responseStatus":{"code":200}}"#;
    const CREATE: &str = r#"{"level":"Metadata","stage":"ResponseComplete","verb":"create","user":{},"requestURI":"/api/v1/pods","responseStatus":{"code":201}}"#;
    const WATCH: &str = r#"{"level":"Metadata","stage":"ResponseComplete","verb":"watch","user":{},"requestURI":"/api/v1/pods","responseStatus":{"code":200}}"#;
    const TRUNCATED: &str = r#"{"level":"RequestResponse","stage":"ResponseComplete","verb":"create","user":{},"requestURI":"/api/v1/pods","responseStatus":{"code":201},"annotations":{"audit.k8s.io/truncated":"true"}}"#;
    const RECEIVED: &str = r#"{"level":"Metadata","stage":"RequestReceived","verb":"create","user":{},"requestURI":"/api/v1/pods"}"#;

    #[test]
    fn a_body_is_missing_only_where_there_may_have_been_one() {
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
            let judgement = judged(raw, level, &[]);
            assert_eq!(judgement.outcome, Outcome::Written);
            assert_eq!(
                judgement.missing.fields(MissingAttributes::NONE).as_deref(),
                missing,
                "{raw} at {level}"
            );
            assert_eq!(judgement.written_bytes.is_none(), missing.is_some());
        }
    }

    #[test]
    fn level_none_and_omitted_stages_drop() {
        assert_eq!(
            judged(LIST, Level::None, &[]).outcome,
            Outcome::DroppedLevel
        );
        let omitted = judged(RECEIVED, Level::Metadata, &[Stage::RequestReceived]);
        assert_eq!(
            (omitted.outcome, omitted.written_bytes),
            (Outcome::DroppedStage, Some(0))
        );
        assert_eq!(
            judged("{}", Level::Metadata, &[Stage::Panic]).outcome,
            Outcome::Unknowable
        );
    }

    #[test]
    fn a_converted_event_is_judged_by_what_its_record_holds() {
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
            let judgement = EventAttributes::new(&event, &attributes)
                .outcome(verdict, KubernetesVersion::NEWEST);
            let missing = judgement
                .missing
                .fields(attributes.unknown)
                .unwrap_or_default();
            (judgement.outcome, judgement.written_bytes, missing)
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
    fn what_an_older_server_adds_is_not_guessed() {
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
            // A bad timeout is an error since 1.21; in 1.20 the request is served, and leaves other stages.
            (
                event("get", "ResponseStarted", &status(400)),
                20,
                Some("stage"),
            ),
            (event("get", "ResponseStarted", &status(400)), 21, None),
            (event("get", "ResponseStarted", &status(401)), 20, None),
        ] {
            let event = Event::new(&raw);
            let facts = EventAttributes::new(&event, &Attributes::from_event(&event));
            let verdict = Verdict {
                level: Level::RequestResponse,
                omit_stages: [].into_iter().collect(),
                omit_managed_fields: false,
                rule: Some(0),
            };
            let version = KubernetesVersion::from_minor(minor).unwrap();
            let judgement = facts.outcome(Some(verdict), version);
            let seen = judgement.missing.fields(MissingAttributes::NONE);
            assert_eq!(seen.as_deref(), missing, "{raw} by 1.{minor}");
            assert_eq!(judgement.written_bytes.is_none(), missing.is_some());
        }
    }

    #[test]
    fn recorded_bytes_are_those_of_the_servers_line() {
        let line = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Request\",\"auditID\":\"1\",\"requestObject\":{\"a\":1}}\n";
        let event = Event::new(line.trim_end());
        let facts = EventAttributes::new(&event, &Attributes::from_event(&event));
        assert_eq!(facts.recorded_bytes(), line.len() as u64);
        let body =
            r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","creationTimestamp":null}}"#;
        let line = line.replace("{\"a\":1}", body);
        let event = Event::new(line.trim_end());
        let facts = EventAttributes::new(&event, &Attributes::from_event(&event));
        assert_eq!(facts.recorded_bytes(), line.len() as u64);
    }
}
