//! Results of `inspect` as text.

use std::io::Write;

use audit_inspect::{ClientCounts, LogFinding, Timeline};
use audit_types::{Severity, format, time};

use super::place::Place;
use super::requests::Request;
use super::results::Results;
use crate::error::Result;
use crate::files::{print_unreadable, print_wrappers, unreadable};
use crate::terminal::{Role, Style, safe};

/// Maximum number of clients that are listed.
const MAX_CLIENTS: usize = 50;

/// Number of columns of a picture.
const COLUMNS: usize = 60;

/// Heights of a bar in a picture, from nothing to the most.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Prints the number of events, what is asked for, and the findings.
pub(super) fn print(mut results: Results<'_>, out: &mut impl Write) -> Result {
    let style = Style::of_stdout();
    let events = format::counted(results.events as f64, "event", "events");
    let range = results.range.map(|(first, last)| {
        let (first, last) = (time::date_time(first), time::date_time(last));
        format!(" from {first} to {last} (UTC)")
    });
    writeln!(out, "{events}{}", range.unwrap_or_default())?;
    if let Some(requests) = &results.requests {
        print_requests(requests, &results, style, out)?;
    }
    if let Some(timeline) = &results.timeline {
        print_timeline(timeline, &results, style, out)?;
    }
    if let Some(clients) = results.clients.take() {
        print_clients(clients, style, out)?;
    }
    print_findings(&results, style, out)?;
    print_unreadable(unreadable(results.files), out)?;
    print_wrappers(results.files, &mut |line| Ok(writeln!(out, "{line}")?))
}

fn print_findings(results: &Results<'_>, style: Style, out: &mut impl Write) -> Result {
    if results.findings.is_empty() && results.events > 0 {
        writeln!(out, "\nNo findings.")?;
    }
    for found in &results.findings {
        print_finding(found, results, style, out)?;
    }
    for sentence in &results.not_examined {
        writeln!(out, "\n{sentence}")?;
    }
    Ok(())
}

fn print_finding(
    found: &LogFinding<Place>,
    results: &Results<'_>,
    style: Style,
    out: &mut impl Write,
) -> Result {
    let diagnostic = &found.diagnostic;
    let role = match diagnostic.severity {
        Severity::Error => Role::Error,
        Severity::Warning => Role::Warning,
        Severity::Info => Role::Note,
    };
    let head = format!("{}[{}]", diagnostic.severity, diagnostic.code);
    let head = style.paint(role, &head);
    writeln!(out, "\n{head}: {}", safe(&diagnostic.message))?;
    let places: Vec<String> = found
        .first
        .iter()
        .map(|place| at(*place, results))
        .collect();
    if !places.is_empty() {
        let more = found.count > places.len() as u64;
        let more = if more { ", …" } else { "" };
        writeln!(out, "  at {}{more}", places.join(", "))?;
    }
    writeln!(out, "  help: {}", safe(&diagnostic.help))?;
    Ok(())
}

/// Returns a place as `file:line`.
fn at(place: Place, results: &Results<'_>) -> String {
    format!("{}:{}", safe(results.file(place)), place.line)
}

fn print_clients(clients: ClientCounts, style: Style, out: &mut impl Write) -> Result {
    writeln!(out, "\n{}", style.paint(Role::Strong, "Clients"))?;
    if clients.has_no_users() {
        writeln!(out, "  {}", ClientCounts::NO_USERS)?;
        return Ok(());
    }
    let further = clients.further();
    let counts = clients.into_counts();
    if counts.is_empty() && further == 0 {
        writeln!(out, "  The log has no events, so it has no clients.")?;
        return Ok(());
    }
    writeln!(
        out,
        "  {:>9}  {:>7}  {:<21}  {:<19}  {:<19}  USER",
        "EVENTS", "DENIED", "KIND", "FIRST", "LAST"
    )?;
    let time = |micros: Option<i64>| micros.map(time::date_time).unwrap_or_default();
    for count in counts.iter().take(MAX_CLIENTS) {
        let acting = match count.impersonating {
            0 => String::new(),
            events => format!(" (impersonating in {})", format::count(events)),
        };
        writeln!(
            out,
            "  {:>9}  {:>7}  {:<21}  {:<19}  {:<19}  {}{acting}",
            format::count(count.events),
            format::count(count.denied),
            count.kind.title(),
            time(count.first),
            time(count.last),
            safe(count.user.as_deref().unwrap_or("-")),
        )?;
    }
    let hidden = counts.len().saturating_sub(MAX_CLIENTS);
    if hidden > 0 {
        writeln!(out, "  and {hidden} more; JSON has all of them")?;
    }
    if further > 0 {
        let events = format::counted(further as f64, "event", "events");
        writeln!(out, "  and {events} of further clients")?;
    }
    Ok(())
}

fn print_requests(
    requests: &[Request],
    results: &Results<'_>,
    style: Style,
    out: &mut impl Write,
) -> Result {
    if requests.is_empty() {
        writeln!(out, "\nNo event has this audit ID.")?;
    }
    if requests.len() > 1 {
        let count = requests.len();
        let at_least = match results.omitted_request_events {
            0 => "",
            _ => "At least ",
        };
        writeln!(
            out,
            "\n{at_least}{count} different requests have this audit ID."
        )?;
    }
    for request in requests {
        let title = format!("{} {}", request.verb, request.path);
        let title = style.paint(Role::Strong, &safe(&title));
        let code = request.code.map(|code| format!(": {code}"));
        let time = request.time.map(time::date_time).unwrap_or_default();
        writeln!(out, "\n{title}{} {time}", code.unwrap_or_default())?;
        let places: Vec<String> = request
            .places
            .iter()
            .map(|place| at(*place, results))
            .collect();
        let more = match request.omitted_places {
            0 => String::new(),
            count => format!(", and {count} more"),
        };
        writeln!(out, "  at {}{more}", places.join(", "))?;
        writeln!(out, "  Who: {}", safe(&request.client.sentence()))?;
        if let Some(peer) = request.client.peer_sentence() {
            writeln!(out, "       {}", safe(&peer))?;
        }
        if let Some(credential) = &request.client.credential {
            writeln!(
                out,
                "       Its credential has the ID `{}`.",
                safe(credential)
            )?;
        }
        for claim in &request.client.claims {
            writeln!(out, "  Forgeable: {}", safe(&claim.sentence()))?;
        }
        for annotation in &request.annotations {
            let text = annotation.sentence.as_deref().unwrap_or(&annotation.value);
            writeln!(out, "  {}: {}", safe(&annotation.key), safe(text))?;
        }
        for follow in &request.follow {
            writeln!(out, "  {}: {}", safe(&follow.label), safe(&follow.filter))?;
        }
    }
    if results.omitted_request_events > 0 {
        let events = results.omitted_request_events as f64;
        let events = format::counted(events, "event", "events");
        writeln!(out, "\nand {events} of further requests")?;
    }
    Ok(())
}

fn print_timeline(
    timeline: &Timeline<Place>,
    results: &Results<'_>,
    style: Style,
    out: &mut impl Write,
) -> Result {
    let rows = timeline.rows();
    writeln!(out, "\n{}", style.paint(Role::Strong, "Timeline"))?;
    if rows.is_empty() {
        writeln!(out, "  The filter selects no event.")?;
        return Ok(());
    }
    print_picture(timeline, out)?;
    writeln!(
        out,
        "  {:<23}  {:>4}  {:<16}  {:<44}  USER",
        "TIME", "CODE", "VERB", "OBJECT"
    )?;
    for row in rows {
        let time = row.time.map(|time| {
            let (day, of_day) = (time::date_time(time), time::time_of_day(time));
            format!("{} {of_day}", day.get(..10).unwrap_or_default())
        });
        let object = match row.name.as_str() {
            "" => row.target.clone(),
            name => format!("{} {name}", row.target),
        };
        let place = match row.namespace.as_str() {
            "" => object,
            namespace => format!("{object} in {namespace}"),
        };
        let acting = row.impersonated.as_ref();
        let acting = acting.map(|other| format!(" as {}", safe(other)));
        writeln!(
            out,
            "  {:<23}  {:>4}  {:<16}  {:<44}  {}{}  {}",
            time.unwrap_or_default(),
            row.code.map(|code| code.to_string()).unwrap_or_default(),
            safe(&row.verb),
            safe(&place),
            safe(row.user.as_deref().unwrap_or("-")),
            acting.unwrap_or_default(),
            at(row.place, results),
        )?;
    }
    if timeline.omitted() > 0 {
        let events = format::counted(timeline.omitted() as f64, "event", "events");
        writeln!(out, "  and {events} of further requests")?;
    }
    Ok(())
}

/// Prints requests over time as bars: reads and writes.
fn print_picture(timeline: &Timeline<Place>, out: &mut impl Write) -> Result {
    let buckets = timeline.buckets(COLUMNS);
    let most = buckets.iter().map(|bucket| bucket.reads.max(bucket.writes));
    let most = most.max().unwrap_or_default();
    if buckets.len() < 2 || most == 0 {
        return Ok(());
    }
    let bar = |count: u64| {
        // Rounded up, so that one request is visible.
        let height = usize::try_from((count * 8).div_ceil(most)).unwrap_or(8);
        BARS.get(height).copied().unwrap_or('█')
    };
    let reads: String = buckets.iter().map(|bucket| bar(bucket.reads)).collect();
    let writes: String = buckets.iter().map(|bucket| bar(bucket.writes)).collect();
    writeln!(out, "  reads   {}", reads.trim_end())?;
    writeln!(out, "  writes  {}", writes.trim_end())?;
    Ok(())
}
