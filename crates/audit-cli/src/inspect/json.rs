//! Results of `inspect` as one JSON object.

use std::borrow::Cow;
use std::io::Write;

use audit_inspect::{
    AnnotationSentence, Client, ClientCount, ClientKind, Follow, LogFinding, TimelineRow,
};
use audit_types::{Level, Severity, Stage, time};
use serde::Serialize;

use super::place::Place;
use super::requests::Request;
use super::results::Results;
use crate::error::Result;
use crate::files::{LogReport, unreadable};

#[derive(Serialize)]
struct Object<'a> {
    events: u64,
    /// Time of the first event. Null if none has a time.
    first: Option<String>,
    last: Option<String>,
    findings: Vec<FindingObject<'a>>,
    /// Parts that the findings leave out because of limits, a sentence each.
    #[serde(rename = "notExamined")]
    not_examined: &'a [String],
    /// Null without `--who`.
    clients: Option<Vec<ClientObject<'a>>>,
    /// Events of clients beyond the limit.
    #[serde(rename = "furtherClientEvents")]
    further_client_events: u64,
    /// Null without `--request`.
    requests: Option<Vec<RequestObject<'a>>>,
    /// Number of events of further requests with the audit ID.
    #[serde(rename = "omittedRequestEvents")]
    omitted_request_events: u64,
    /// Null without `--timeline`.
    timeline: Option<Vec<RowObject<'a>>>,
    /// Selected events beyond the limit.
    #[serde(rename = "omittedTimelineEvents")]
    omitted_timeline_events: u64,
    unreadable: u64,
    files: &'a [LogReport],
}

#[derive(Serialize)]
struct FindingObject<'a> {
    code: &'a str,
    severity: Severity,
    message: &'a str,
    help: &'a str,
    /// Number of events, gaps or names.
    count: u64,
    first: Vec<PlaceObject<'a>>,
}

#[derive(Serialize)]
struct PlaceObject<'a> {
    file: &'a str,
    line: u64,
}

/// Kind of a client, and what the kind says about it.
#[derive(Serialize)]
struct KindObject<'a> {
    kind: &'static str,
    /// Namespace of a service account.
    namespace: Option<&'a str>,
    /// Name of a service account, a node or a component; public part of a bootstrap token.
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct ClientObject<'a> {
    user: Option<&'a str>,
    #[serde(flatten)]
    kind: KindObject<'a>,
    events: u64,
    denied: u64,
    impersonating: u64,
    first: Option<String>,
    last: Option<String>,
}

#[derive(Serialize)]
struct RequestObject<'a> {
    verb: &'a str,
    path: &'a str,
    code: Option<u16>,
    time: Option<String>,
    user: Option<&'a str>,
    #[serde(flatten)]
    kind: KindObject<'a>,
    groups: &'a [String],
    pod: Option<&'a str>,
    node: Option<&'a str>,
    #[serde(rename = "credentialID")]
    credential: Option<&'a str>,
    impersonated: Option<ImpersonatedObject<'a>>,
    address: Option<&'a str>,
    /// Who it is, in words.
    who: String,
    claims: Vec<ClaimObject<'a>>,
    annotations: &'a [AnnotationSentence],
    follow: &'a [Follow],
    events: Vec<PlaceObject<'a>>,
}

#[derive(Serialize)]
struct ImpersonatedObject<'a> {
    user: &'a str,
    #[serde(flatten)]
    kind: KindObject<'a>,
    groups: &'a [String],
    constraint: Option<&'a str>,
}

#[derive(Serialize)]
struct ClaimObject<'a> {
    kind: audit_inspect::ClaimKind,
    value: &'a str,
    #[serde(rename = "isCertain")]
    is_certain: bool,
    reason: &'static str,
}

#[derive(Serialize)]
struct RowObject<'a> {
    time: Option<String>,
    user: Option<&'a str>,
    impersonated: Option<&'a str>,
    verb: &'a str,
    /// Resource and subresource, or the path.
    resource: &'a str,
    namespace: &'a str,
    name: &'a str,
    code: Option<u16>,
    /// Recorded level.
    level: Option<Level>,
    decision: Option<&'a str>,
    stages: &'a [Stage],
    address: Option<&'a str>,
    #[serde(rename = "auditID")]
    audit_id: &'a str,
    #[serde(flatten)]
    place: PlaceObject<'a>,
}

/// Prints the object and a newline.
pub(super) fn print(mut results: Results<'_>, out: &mut impl Write) -> Result {
    let clients = results.clients.take();
    let further_client_events = clients.as_ref().map_or(0, |clients| clients.further());
    let clients = clients.map(audit_inspect::ClientCounts::into_counts);
    let timeline = results.timeline.as_ref();
    let object = Object {
        events: results.events,
        first: results.range.map(|(first, _)| rfc_3339(first)),
        last: results.range.map(|(_, last)| rfc_3339(last)),
        findings: results
            .findings
            .iter()
            .map(|found| finding(found, &results))
            .collect(),
        not_examined: &results.not_examined,
        clients: clients
            .as_ref()
            .map(|counts| counts.iter().map(client).collect()),
        further_client_events,
        requests: results.requests.as_ref().map(|requests| {
            requests
                .iter()
                .map(|request| request_object(request, &results))
                .collect()
        }),
        omitted_request_events: results.omitted_request_events,
        omitted_timeline_events: timeline.map_or(0, |timeline| timeline.omitted()),
        timeline: timeline.map(|timeline| {
            let rows = timeline.rows().iter();
            rows.map(|row| row_object(row, &results)).collect()
        }),
        unreadable: unreadable(results.files),
        files: results.files,
    };
    serde_json::to_writer(&mut *out, &object)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn rfc_3339(micros: i64) -> String {
    let mut text = String::new();
    time::write_rfc_3339_micros(micros, &mut text);
    text
}

fn finding<'a>(found: &'a LogFinding<Place>, results: &'a Results<'_>) -> FindingObject<'a> {
    let diagnostic = &found.diagnostic;
    FindingObject {
        code: match &diagnostic.code {
            Cow::Borrowed(code) => code,
            Cow::Owned(code) => code,
        },
        severity: diagnostic.severity,
        message: &diagnostic.message,
        help: &diagnostic.help,
        count: found.count,
        first: places(&found.first, results),
    }
}

fn places<'a>(places: &[Place], results: &'a Results<'_>) -> Vec<PlaceObject<'a>> {
    places
        .iter()
        .map(|place| place_object(*place, results))
        .collect()
}

fn place_object<'a>(place: Place, results: &'a Results<'_>) -> PlaceObject<'a> {
    PlaceObject {
        file: results.file(place),
        line: place.line,
    }
}

fn kind(kind: &ClientKind) -> KindObject<'_> {
    let (namespace, name) = match kind {
        ClientKind::ServiceAccount { namespace, name } => (Some(namespace.as_str()), Some(name)),
        ClientKind::Node { name } | ClientKind::Component { name } => (None, Some(name)),
        ClientKind::BootstrapToken { id } => (None, Some(id)),
        _ => (None, None),
    };
    KindObject {
        kind: kind.id(),
        namespace,
        name: name.map(String::as_str),
    }
}

fn client(count: &ClientCount) -> ClientObject<'_> {
    ClientObject {
        user: count.user.as_deref(),
        kind: kind(&count.kind),
        events: count.events,
        denied: count.denied,
        impersonating: count.impersonating,
        first: count.first.map(rfc_3339),
        last: count.last.map(rfc_3339),
    }
}

fn request_object<'a>(request: &'a Request, results: &'a Results<'_>) -> RequestObject<'a> {
    let client: &Client = &request.client;
    RequestObject {
        verb: &request.verb,
        path: &request.path,
        code: request.code,
        time: request.time.map(rfc_3339),
        user: client.user.as_deref(),
        kind: kind(&client.kind),
        groups: &client.groups,
        pod: client.pod.as_deref(),
        node: client.node.as_deref(),
        credential: client.credential.as_deref(),
        impersonated: client
            .impersonated
            .as_ref()
            .map(|other| ImpersonatedObject {
                user: &other.user,
                kind: kind(&other.kind),
                groups: &other.groups,
                constraint: other.constraint.as_deref(),
            }),
        address: client.peer.as_deref(),
        who: client.sentence(),
        claims: client
            .claims
            .iter()
            .map(|claim| ClaimObject {
                kind: claim.kind,
                value: &claim.value,
                is_certain: claim.is_certain,
                reason: claim.kind.reason(),
            })
            .collect(),
        annotations: &request.annotations,
        follow: &request.follow,
        events: places(&request.places, results),
    }
}

fn row_object<'a>(row: &'a TimelineRow<Place>, results: &'a Results<'_>) -> RowObject<'a> {
    RowObject {
        time: row.time.map(rfc_3339),
        user: row.user.as_deref(),
        impersonated: row.impersonated.as_deref(),
        verb: &row.verb,
        resource: &row.target,
        namespace: &row.namespace,
        name: &row.name,
        code: row.code,
        level: row.level,
        decision: row.decision.as_deref(),
        stages: &row.stages,
        address: row.address.as_deref(),
        audit_id: &row.audit_id,
        place: place_object(row.place, results),
    }
}
