//! `inspect`: what is odd about a log, who its clients are, and what happened to an object.

mod json;
mod place;
mod requests;
mod results;
mod text;

use std::io::Write;

use audit_inspect::{ClientCounts, EventFilter, LogFindings, Timeline};
use audit_log::{Event, Location, Problem};
use audit_types::Severity;

use crate::arguments::{Inspect, TextOrJson};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::all_read;
use crate::input::check_read_once;
use crate::logs::{LogVisitor, visit_log};
use crate::output::Output;
use place::Place;
use requests::Requests;
use results::Results;

/// Reads the logs and prints the findings, and what else is asked for.
pub(crate) fn run(arguments: &Inspect) -> Result {
    check_read_once(&arguments.logs)?;
    let timeline = arguments.timeline.as_deref().map(filter).transpose()?;
    let mut logs = Logs {
        findings: LogFindings::default(),
        clients: arguments.who.then(ClientCounts::default),
        timeline: timeline.map(Timeline::of_filter),
        requests: arguments.request.as_deref().map(Requests::new),
        file: 0,
    };
    let mut files = Vec::new();
    for (index, name) in arguments.logs.iter().enumerate() {
        logs.file = index;
        files.push(visit_log(name, &mut logs)?);
    }
    let Logs {
        findings,
        clients,
        timeline,
        requests,
        ..
    } = logs;
    let (requests, omitted_request_events) = requests.map(Requests::finish).unzip();
    let results = Results {
        logs: &arguments.logs,
        events: findings.events(),
        range: findings.range(),
        not_examined: findings.not_examined(),
        findings: findings.finish(),
        clients,
        timeline: timeline.map(|mut timeline| {
            timeline.sort();
            timeline
        }),
        requests,
        omitted_request_events: omitted_request_events.unwrap_or_default(),
        files: &files,
    };
    let highest = results.highest_severity();
    print(results, arguments.format)?;
    all_read(&files)?;
    let fails = |lowest: Severity| highest >= Some(lowest);
    if arguments
        .fail_on
        .is_some_and(|lowest| fails(lowest.severity()))
    {
        return Err(Error::Rejected);
    }
    Ok(())
}

fn print(results: Results<'_>, format: TextOrJson) -> Result {
    let mut out = match format {
        TextOrJson::Json => Output::json(),
        TextOrJson::Text => Output::text(),
    };
    match format {
        TextOrJson::Json => json::print(results, &mut out)?,
        TextOrJson::Text => text::print(results, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

/// Parses the filter of a timeline. What the page would search for as text is an error here, because nobody sees it being typed.
fn filter(text: &str) -> Result<EventFilter, Error> {
    let parsed = audit_filter::parse(text);
    if let Some(problem) = parsed.problems.first() {
        let help = match problem.help.as_str() {
            "" => String::new(),
            help => format!(" ({help})"),
        };
        return Err(Error::Usage(format!(
            "--timeline: {}{help}",
            problem.message
        )));
    }
    if parsed.filter.terms.is_empty() {
        return Err(Error::Usage(
            "--timeline: the filter is empty; write terms such as `resource:pods name:web-0`"
                .to_owned(),
        ));
    }
    EventFilter::new(text).map_err(|error| Error::Usage(format!("--timeline: {error}")))
}

/// Logs while they are read.
struct Logs<'a> {
    findings: LogFindings<Place>,
    clients: Option<ClientCounts>,
    timeline: Option<Timeline<Place>>,
    requests: Option<Requests<'a>>,
    /// Index of the current log.
    file: usize,
}

impl LogVisitor for Logs<'_> {
    fn event(&mut self, _: &FileName, location: Location, event: &Event<'_>) -> Result {
        let place = Place {
            file: self.file,
            line: location.line,
        };
        self.findings.push(event, || place);
        if let Some(clients) = &mut self.clients {
            clients.push(event);
        }
        if let Some(timeline) = &mut self.timeline {
            timeline.push(event, || place);
        }
        if let Some(requests) = &mut self.requests {
            requests.push(event, place);
        }
        Ok(())
    }

    fn problem(&mut self, problem: &Problem) {
        let place = Place {
            file: self.file,
            line: problem.location.line,
        };
        self.findings.push_problem(&problem.reason, || place);
    }
}
