//! Functions of the worker's second module.
//!
//! The first answer needs a part of the engine's code. The build of the page splits the worker in two: the functions listed here, with the
//! code and data that nothing else needs, become a module of their own. The page fetches it when it is idle, and posts it to the worker,
//! which links it to the first module. A message that needs it waits until then: see [`crate::entry`].
//!
//! Outside of the browser there is one module, and these are plain calls.

use std::cell::{Cell, RefCell};

use audit_policy::{Diagnostic, KubernetesVersion, Loaded};
use audit_sim::EventTable;
use js_sys::{Object, Reflect, WebAssembly};
use playground_protocol::{ToPage, ToWorker, View};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use crate::log::Log;
use crate::outer_document::ReadDocument;
use crate::session::Session;

thread_local! {
    /// The second module, once it has arrived.
    static MODULE: RefCell<Option<JsValue>> = const { RefCell::new(None) };
    static IS_LINKED: Cell<bool> = const { Cell::new(false) };
}

/// Returns `true` if the functions of the second module can be called.
pub(crate) fn is_linked() -> bool {
    cfg!(not(target_family = "wasm")) || IS_LINKED.get()
}

/// Returns the second module, for workers that this one starts.
pub(crate) fn module() -> Option<JsValue> {
    MODULE.with_borrow(Clone::clone)
}

/// Links the second module to the first one: they share memory, table and stack.
///
/// # Errors
/// If the module does not belong to this one.
pub(crate) fn link(module: &JsValue) -> Result<(), JsValue> {
    let imports = Object::new();
    Reflect::set(&imports, &"__wasm_split".into(), &wasm_bindgen::exports())?;
    WebAssembly::Instance::new(module.unchecked_ref(), &imports)?;
    MODULE.set(Some(module.clone()));
    IS_LINKED.set(true);
    Ok(())
}

/// Declares functions of the second module. The number is part of the name by which the build finds a function in both modules.
macro_rules! deferred {
    ($($(#[$doc:meta])* $number:literal fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? = $function:path;)*) => {$(
        $(#[$doc])*
        #[cfg(target_family = "wasm")]
        #[expect(unsafe_code, reason = "a function of another module can only be imported")]
        #[allow(improper_ctypes, improper_ctypes_definitions, reason = "both sides are compiled together")]
        pub(crate) fn $name($($argument: $type),*) $(-> $result)? {
            #[link(wasm_import_module = "__wasm_split_placeholder__")]
            unsafe extern "C" {
                #[link_name = concat!("__wasm_split_00rest00_import_000000000000000000000000000000", $number)]
                fn import($($argument: $type),*) $(-> $result)?;
            }
            #[unsafe(export_name = concat!("__wasm_split_00rest00_export_000000000000000000000000000000", $number))]
            extern "C" fn export($($argument: $type),*) $(-> $result)? {
                $function($($argument),*)
            }
            assert!(is_linked(), "a part of the engine was needed before it was loaded");
            // SAFETY: the build links the import to the export above, which has the same signature.
            unsafe { import($($argument),*) }
        }

        $(#[$doc])*
        #[cfg(not(target_family = "wasm"))]
        pub(crate) fn $name($($argument: $type),*) $(-> $result)? {
            $function($($argument),*)
        }
    )*};
}

deferred! {
    /// Handles a message that the first module does not handle.
    "01" fn handle(session: &mut Session, message: ToWorker) -> Vec<ToPage> = crate::session::rest::handle;
    /// Estimates the volume, for the settings that the page has sent.
    "02" fn estimate(session: &mut Session) -> Option<ToPage> = crate::session::rest::estimate;
    /// Starts to read files as one log.
    "03" fn read_files(log: playground_protocol::LogId, files: Vec<(String, File)>, read: u32) = crate::reader::files::start;
    /// Handles a message to a reader.
    "04" fn read_chunk(message: &JsValue) = crate::reader::pool::handle_message;
    /// Ends the file that is being read.
    "05" fn end_file(log: &mut Log) = Log::end_file;
    /// Reads a text as another document than a policy.
    "06" fn read_document(text: &str, is_accepted: bool, version: KubernetesVersion, part: usize) -> Option<ReadDocument> = crate::outer_document::read;
    /// Selects the rows of a view that has a filter, an order or groups.
    "07" fn select(session: &mut Session, view: View) = crate::session::rest::select;
    /// Lints a policy, and tells which of its rules can never match.
    "08" fn lint(loaded: &Loaded, version: KubernetesVersion) -> (Vec<Diagnostic>, Vec<bool>) = crate::policy::lint_all;
    /// Evaluates a log together with the data of an estimate.
    "09" fn evaluate_with_flow(log: &mut Log) = Log::evaluate_with_flow;
    /// Sorts the events of several files by time.
    "10" fn sort_by_time(table: &mut EventTable) = EventTable::sort_by_time;
}
