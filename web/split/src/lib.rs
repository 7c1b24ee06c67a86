//! Functions of a WebAssembly module's second part, which is loaded later.
//!
//! The page starts with the code that the first answer needs. The build splits each of its modules in two: the functions that
//! [`deferred!`] declares, with the code and data that nothing else needs, become a module of their own. Both share memory, table and
//! stack, and no code is in both. A function of the second part may be called once [`link`] has linked it: see [`is_linked`].
//!
//! Outside of the browser there is one part, and these are plain calls:
//!
//! ```
//! fn long_answer(question: &str) -> usize {
//!     question.len()
//! }
//!
//! playground_split::deferred! {
//!     /// Answers a question at length.
//!     "01" fn answer(question: &str) -> usize = long_answer;
//! }
//! assert!(playground_split::is_linked());
//! assert_eq!(answer("why?"), 4);
//! ```

use std::cell::Cell;

use js_sys::{Object, Reflect, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    static IS_LINKED: Cell<bool> = const { Cell::new(cfg!(not(target_family = "wasm"))) };
}

/// Returns `true` if the functions of the second part can be called.
pub fn is_linked() -> bool {
    IS_LINKED.get()
}

/// Links the second part, a compiled module, to this one.
///
/// # Errors
/// If the module is not the second part of this one.
pub fn link(module: &JsValue) -> Result<(), JsValue> {
    if !is_linked() {
        let imports = Object::new();
        Reflect::set(&imports, &"__wasm_split".into(), &wasm_bindgen::exports())?;
        WebAssembly::Instance::new(module.unchecked_ref(), &imports)?;
        IS_LINKED.set(true);
    }
    Ok(())
}

/// Declares functions of the second part, as calls of functions that are defined elsewhere. Each has two digits, different from those of
/// the module's other ones, by which the build finds both sides of the call.
///
/// # Panics
/// The functions panic if they are called before [`link`].
#[macro_export]
macro_rules! deferred {
    ($(
        $(#[$doc:meta])*
        $number:literal fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $function:path;
    )*) => {$(
        $(#[$doc])*
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, reason = "a function of another module can only be imported")]
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
            assert!($crate::is_linked(), "a part that is not loaded yet was needed");
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
