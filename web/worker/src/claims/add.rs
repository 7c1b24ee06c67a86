//! Adds a test to the text of the page.

use audit_policy::Request;
use audit_tests::{AddError, add_case, case_name, case_text};
use audit_types::{EventId, MissingAttributes, utf16_offsets};
use playground_protocol::{AddTestRequest, AddedTest, Problem, TestOf, TextWithTest};

use crate::ask::{no_policy, request_of};
use crate::log::Log;
use crate::policy::Accepted;

/// Adds the test that a request keeps the verdict that it has today.
pub(crate) fn add_test(
    accepted: Option<&Accepted>,
    log: &Log,
    request: AddTestRequest,
) -> AddedTest {
    AddedTest {
        number: request.number,
        result: added(accepted, log, request),
    }
}

fn added(
    accepted: Option<&Accepted>,
    log: &Log,
    asked: AddTestRequest,
) -> Result<TextWithTest, Problem> {
    let accepted = accepted.ok_or_else(no_policy)?;
    let request = match asked.of {
        TestOf::Request(view) => request_of(*view),
        TestOf::Event(event) => request_of_event(log, event)?,
    };
    let name = case_name(&request);
    let case = case_text(&name, &request, accepted.matcher.evaluate(&request));
    let (text, range) = add_case(&asked.text, &case).map_err(problem)?;
    let units = utf16_offsets(&text, [range.start, range.end]);
    Ok(TextWithTest {
        name,
        from: units.first().copied().unwrap_or_default(),
        to: units.last().copied().unwrap_or_default(),
        text,
    })
}

/// Returns the request of an event.
fn request_of_event(log: &Log, event: EventId) -> Result<Request, Problem> {
    let missing = || Problem {
        message: "the event is not in the log".to_owned(),
        help: "select it again".to_owned(),
    };
    let row = log.table.row(event).ok_or_else(missing)?;
    if row.request.unknown() != MissingAttributes::NONE {
        return Err(Problem {
            message: "the log lacks attributes of this request".to_owned(),
            help: "write the test by hand, with the attributes that the policy needs".to_owned(),
        });
    }
    Ok(row.request.to_request())
}

fn problem(error: AddError) -> Problem {
    let (message, help) = match error {
        AddError::Layout => (
            "the list of tests leaves no line for another one",
            "write one test per line, each beginning with `- name:`",
        ),
        _ => (
            "the tests cannot be read",
            "fix them, then add the test again",
        ),
    };
    Problem {
        message: message.to_owned(),
        help: help.to_owned(),
    }
}
