//! Findings about a log: what is missing, what contradicts itself, and what deserves a look.

mod audit_ids;
mod hits;
mod names;
mod stages;

use audit_log::{Attributes, Event, ProblemReason, json};
use audit_redact::secrets;
use audit_types::excerpt::quote;
use audit_types::{Diagnostic, LogFindingKind, LogFindingKinds, Stage, format, time};

use crate::annotations::annotation;
use crate::client::Client;
use crate::codes::LogCode;
use crate::log_finding::{FoundEvents, LogFinding};
use crate::times::{Gap, Times};
use audit_ids::AuditIds;
use hits::Hits;
use names::Names;
use stages::Stages;

/// Maximum number of gaps that a message names.
const MAX_NAMED_GAPS: usize = 3;

/// Paths that RBAC lets anonymous clients read by default (`system:public-info-viewer`), and those of keys that are public.
const PUBLIC_PATHS: [&str; 8] = [
    "/healthz",
    "/livez",
    "/readyz",
    "/version",
    "/version/",
    "/.well-known/openid-configuration",
    "/openid/v1/jwks",
    "/favicon.ico",
];

/// Findings about a log while it is read. `P` is the place of an event.
///
/// Limits: 900,000 audit IDs are compared, 500,000 times are kept (of longer logs rounded to more than a second), and 50,000 names. Names and audit
/// IDs beyond these limits are not examined.
///
/// ```
/// use audit_inspect::LogFindings;
/// use audit_log::Event;
///
/// let mut findings = LogFindings::default();
/// let event = r#"{"auditID":"a","stage":"ResponseComplete","verb":"get","requestURI":"/api/v1/pods","user":{"username":"system:admln"}}"#;
/// findings.push(&Event::new(event), || 7);
/// let found = findings.finish();
/// assert_eq!((found[0].diagnostic.code.as_ref(), found[0].first.as_slice()), ("AL007", &[7][..]));
/// assert_eq!(found[0].diagnostic.message, "user `system:admln` looks like `system:admin`");
/// ```
#[derive(Debug, Clone)]
pub struct LogFindings<P> {
    events: u64,
    with_users: u64,
    times: Times,
    audit_ids: AuditIds<P>,
    stages: Stages,
    anonymous: Hits<P>,
    secrets: Hits<P>,
    cut: Hits<P>,
    without_bodies: Hits<P>,
    names: Names<P>,
}

impl<P> Default for LogFindings<P> {
    fn default() -> Self {
        Self {
            events: 0,
            with_users: 0,
            times: Times::default(),
            audit_ids: AuditIds::default(),
            stages: Stages::default(),
            anonymous: Hits::default(),
            secrets: Hits::default(),
            cut: Hits::default(),
            without_bodies: Hits::default(),
            names: Names::default(),
        }
    }
}

impl<P> LogFindings<P> {
    /// Adds an event. Its place is asked for if a finding names it. Returns the findings that it belongs to.
    pub fn push(&mut self, event: &Event<'_>, place: impl Fn() -> P) -> LogFindingKinds {
        let mut kinds = LogFindingKinds::default();
        self.events += 1;
        self.with_users += u64::from(event.user.is_some());
        if let Some(time) = event.time() {
            self.times.push(time);
        }
        self.stages.push(event);
        if self.audit_ids.push(event, &place) {
            kinds.insert(LogFindingKind::SharedAuditId);
        }
        self.names.push(event, &place);
        if let Some(text) = allowed_anonymous(event) {
            self.anonymous.push(&place, || text);
            kinds.insert(LogFindingKind::AnonymousAllowed);
        }
        if let Some(shown) = secret_in_url(event) {
            self.secrets.push(&place, || shown);
            kinds.insert(LogFindingKind::SecretInUrl);
        }
        let has_mark = event
            .annotations
            .is_some_and(|raw| raw.contains("truncated"));
        if has_mark && annotation(event, "audit.k8s.io/truncated").as_deref() == Some("true") {
            self.without_bodies.push(&place, String::new);
            kinds.insert(LogFindingKind::LostBodies);
        }
        kinds
    }

    /// Adds a part of the log that is not an event.
    pub fn push_problem(&mut self, reason: &ProblemReason, place: impl Fn() -> P) {
        if reason.is_cut_event() {
            self.cut.push(&place, || reason.category());
        }
    }

    /// Returns the number of events so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Returns the first and last time of the events so far, in microseconds since 1970. `None` if no event has a time.
    pub const fn range(&self) -> Option<(i64, i64)> {
        self.times.range()
    }

    /// Returns the parts that were not examined because of the limits, a sentence each.
    pub fn not_examined(&self) -> Vec<String> {
        let mut all = Vec::new();
        let rest = self.audit_ids.not_compared();
        if rest > 0 {
            let events = format::counted(rest as f64, "event", "events");
            all.push(format!(
                "The audit IDs of {events} were not compared with others: the log has too many."
            ));
        }
        if self.names.is_full() {
            all.push(
                "The log has too many names: only the first 50,000 were compared with others."
                    .to_owned(),
            );
        }
        all
    }

    /// Returns the findings, in the order of their codes.
    pub fn finish(mut self) -> Vec<LogFinding<P>> {
        let gaps = self.gap_finding();
        let mut all = Vec::new();
        all.extend(self.audit_ids.finish());
        all.extend(gaps);
        all.extend(self.stages.finish());
        all.extend(finding(
            LogCode::AnonymousAllowed,
            self.anonymous,
            FoundEvents::Kind(LogFindingKind::AnonymousAllowed),
            |count, example| {
                format!(
                    "{} without credentials {} allowed, such as {example}",
                    events(count),
                    were(count)
                )
            },
            "remove the binding that gives `system:anonymous` or `system:unauthenticated` this permission; the annotation `authorization.k8s.io/reason` names it",
        ));
        all.extend(finding(
            LogCode::SecretInUrl,
            self.secrets,
            FoundEvents::Kind(LogFindingKind::SecretInUrl),
            |count, example| {
                let seem = if count == 1 { "seems" } else { "seem" };
                format!(
                    "{} {seem} to contain a secret in the URL, such as {example}",
                    events(count)
                )
            },
            "change the secret: whoever reads the log has it; URLs are recorded at every level, so no level hides them",
        ));
        all.extend(finding(
            LogCode::CutEvent,
            self.cut,
            FoundEvents::Problems,
            |count, example| format!("{} {} {example}", events(count), were(count)),
            "collect the log before the service that cuts it, or record large bodies at a lower level",
        ));
        all.extend(finding(
            LogCode::CutEvent,
            self.without_bodies,
            FoundEvents::Kind(LogFindingKind::LostBodies),
            |count, _| {
                format!(
                    "{} lost the bodies, because {} larger than the server's limit",
                    events(count),
                    if count == 1 { "it was" } else { "they were" }
                )
            },
            "raise `--audit-log-truncate-max-event-size`, or record large bodies at a lower level",
        ));
        all.extend(self.names.finish());
        if self.events > 0 && self.with_users == 0 {
            all.push(LogFinding {
                diagnostic: Diagnostic::of(
                    LogCode::NoUsers,
                    "no event has a user, so clients are unknown",
                )
                .with_help("keep the field `user` in the log's format, or use the log as kube-apiserver writes it"),
                count: self.events,
                first: Vec::new(),
                events: FoundEvents::Unlisted,
            });
        }
        all
    }

    fn gap_finding(&mut self) -> Option<LogFinding<P>> {
        let found = self.times.gaps()?;
        let count = found.gaps.len() as u64;
        let mut longest = found.gaps;
        longest.sort_by_key(|gap| std::cmp::Reverse(gap.to - gap.from));
        longest.truncate(MAX_NAMED_GAPS);
        let noun = if count == 1 { "gap" } else { "gaps" };
        let named: Vec<String> = longest.iter().map(describe_gap).collect();
        let around: Vec<String> = longest.iter().map(|gap| around(gap, found.width)).collect();
        let list = match count > named.len() as u64 {
            true => format!("the longest {}", named.join(", ")),
            false => named.join(", "),
        };
        let typical = format::duration(found.typical.max(1) as f64);
        Some(LogFinding {
            diagnostic: Diagnostic::of(
                LogCode::Gap,
                format!(
                    "{} {noun} in time, although almost all events follow another within {typical}: {list}",
                    format::count(count)
                ),
            )
            .with_help("look for a restart of kube-apiserver, a missing rotated file, or a full buffer of the webhook or shipper"),
            count,
            first: Vec::new(),
            events: FoundEvents::Filter(format!("time:{}", around.join(","))),
        })
    }
}

/// Returns the values of the filter that select the last events before a gap and the first after it.
fn around(gap: &Gap, width: i64) -> String {
    let second =
        |seconds: i64| time::date_time(seconds.saturating_mul(1_000_000)).replace(' ', "T");
    // Times of a very long log are rounded down.
    let last = gap.to.saturating_add(width.saturating_sub(1));
    format!("{}..{}", second(gap.from), second(last))
}

fn describe_gap(gap: &Gap) -> String {
    let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
    format!(
        "{} after {}",
        format::duration((gap.to - gap.from) as f64),
        time::date_time(micros(gap.from))
    )
}

/// Returns `1 event` or `1,234 events`.
fn events(count: u64) -> String {
    format::counted(count as f64, "event", "events")
}

const fn were(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

/// Returns a finding about events, unless there is none.
fn finding<P>(
    code: LogCode,
    hits: Hits<P>,
    events: FoundEvents,
    message: impl FnOnce(u64, &str) -> String,
    help: &str,
) -> Option<LogFinding<P>> {
    (hits.count > 0).then(|| LogFinding {
        diagnostic: Diagnostic::of(code, message(hits.count, &hits.example)).with_help(help),
        count: hits.count,
        first: hits.first,
        events,
    })
}

/// Returns the request of an event if it was anonymous, was allowed, and is not about something public.
fn allowed_anonymous(event: &Event<'_>) -> Option<String> {
    let has_name = event.user?.contains("system:anonymous");
    // An event of `RequestReceived` comes before authorization.
    if !has_name || event.recorded_stage() == Some(Stage::RequestReceived) {
        return None;
    }
    let client = Client::from_event(event);
    if client.user.as_deref() != Some("system:anonymous") || client.impersonated.is_some() {
        return None;
    }
    let is_allowed = match annotation(event, "authorization.k8s.io/decision") {
        Some(decision) => decision == "allow",
        None => event.code().is_some_and(|code| code < 400),
    };
    let request = Attributes::from_event(event).request;
    let path = request.path.trim_end_matches('/');
    let is_probe = ["/healthz/", "/livez/", "/readyz/"]
        .iter()
        .any(|prefix| request.path.starts_with(prefix));
    let is_public = !request.is_resource_request && (PUBLIC_PATHS.contains(&path) || is_probe);
    // kubeadm lets nodes that join read it without credentials.
    let is_cluster_info = request.resource == "configmaps"
        && (request.namespace.as_str(), request.name.as_str()) == ("kube-public", "cluster-info")
        && request.verb == "get";
    let is_listed = is_public || is_cluster_info;
    (is_allowed && !is_listed).then(|| quote(&format!("{} {}", request.verb, request.path)))
}

/// Returns the text that identifies a secret in the URL of an event, without the secret, in backticks.
fn secret_in_url(event: &Event<'_>) -> Option<String> {
    let uri = event.request_uri?;
    if !uri.contains('?') {
        return None;
    }
    let found = secrets(&["{\"requestURI\":", uri, "}"].concat());
    let shown = &found.first()?.shown;
    let path = json::string_with_placeholders(uri)?;
    let path = path.split_once('?').map_or("", |(path, _)| path);
    Some(format!("{} of {}", quote(shown), quote(path)))
}
