//! The filter for audit events: words, and terms such as `user:alice`, `-verb:get,list`, `code:>=400` or `time:10:00..11:00`.
//!
//! [`parse`] turns a text into a [`Filter`] and reports what it does not understand, with the place in the text. A term that is not
//! understood is searched for as text if its field is unknown, and left out if its value is wrong; the rest of the filter applies in any
//! case. Nothing here knows a log: matching is on requests, and on values that the caller takes from an event.
//!
//! ```
//! use audit_filter::{Field, parse};
//!
//! let parsed = parse("user:alice code:>=400 usr:bob");
//! assert_eq!(parsed.filter.terms[0].field, Some(Field::User));
//! let problem = &parsed.problems[0];
//! assert_eq!((problem.range.clone(), problem.message.as_str()), (22..29, "unknown field `usr`, searched for as text"));
//! assert_eq!(problem.help, "did you mean `user:bob`?");
//! ```

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod complete;
mod edit;
mod field;
mod ip;
mod number;
mod parse;
mod pattern;
mod problem;
mod request;
mod scan;
mod time;
mod value;

pub use complete::{Completing, Completion, completion_at};
pub use edit::{add_term, clear_field, has_value, narrow, selected, term, toggle_value};
pub use field::{COMBINATION, Field, HELP};
pub use ip::IpTest;
pub use number::NumberTest;
pub use parse::{Filter, Parsed, Term, parse};
pub use pattern::Pattern;
pub use problem::Problem;
pub use request::request_matches;
pub use time::{TimePoint, TimeTest};
pub use value::{CodeTest, RuleTest, Test, Value};
