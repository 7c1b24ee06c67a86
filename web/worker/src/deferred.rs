//! Functions of the worker's second part: what the first answer does not need.
//!
//! A message that needs one waits until the part has arrived: see [`crate::entry`].

use audit_policy::{Diagnostic, KubernetesVersion, Loaded};
use audit_sim::EventTable;
use playground_protocol::{LogId, ToPage, ToWorker, View};
use wasm_bindgen::JsValue;
use web_sys::File;

use crate::log::Log;
use crate::outer_document::ReadDocument;
use crate::session::Session;

playground_split::deferred! {
    /// Handles a message that the first module does not handle.
    "01" fn handle(session: &mut Session, message: ToWorker) -> Vec<ToPage> = crate::session::rest::handle;
    /// Estimates the volume, for the settings that the page has sent.
    "02" fn estimate(session: &mut Session) -> Option<ToPage> = crate::session::rest::estimate;
    /// Starts to read files as one log.
    "03" fn read_files(log: LogId, files: Vec<(String, File)>, read: u32) = crate::reader::files::start;
    /// Handles a message to a reader.
    "04" fn read_chunk(message: &JsValue) = crate::reader::pool::handle_message;
    /// Ends the file that is being read.
    "05" fn end_file(log: &mut Log) = Log::end_file;
    /// Reads a text as another document than a policy.
    "06" fn read_document(text: &str, is_accepted: bool, version: KubernetesVersion, part: usize) -> Option<ReadDocument> = crate::outer_document::read;
    /// Selects the rows of a view that has a filter, an order or groups.
    "07" fn select(session: &mut Session, view: View) = crate::session::rest::select;
    /// Lints a policy, and tells which of its rules can never match.
    "08" fn lint(loaded: &Loaded, version: KubernetesVersion) -> (Vec<Diagnostic>, Vec<bool>) = crate::lints::lint_all;
    /// Evaluates a log together with the data of an estimate.
    "09" fn evaluate_with_flow(log: &mut Log) = Log::evaluate_with_flow;
    /// Sorts the events of several files by time.
    "10" fn sort_by_time(table: &mut EventTable) = EventTable::sort_by_time;
}
