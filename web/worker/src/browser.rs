//! The worker's global scope: clock, memory and messages.

use js_sys::ArrayBuffer;
use js_sys::WebAssembly::Memory;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

/// Returns the worker's global scope.
pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Returns the time in milliseconds since the worker started.
#[cfg(target_family = "wasm")]
pub(crate) fn now() -> f64 {
    scope()
        .performance()
        .map_or(0.0, |performance| performance.now())
}

/// Returns no time: on the host, work is not divided by time.
#[cfg(not(target_family = "wasm"))]
pub(crate) const fn now() -> f64 {
    0.0
}

/// Returns the size of this worker's memory in bytes. WebAssembly memory never shrinks.
pub(crate) fn memory_size() -> f64 {
    let memory = wasm_bindgen::memory().unchecked_into::<Memory>();
    let buffer = memory.buffer().unchecked_into::<ArrayBuffer>();
    f64::from(buffer.byte_length())
}
