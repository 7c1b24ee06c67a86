//! Records failed allocations before the engine stops, so that the page can report why it did.
//!
//! With `panic = "abort"` a failed allocation ends in a trap without a reason.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Size of the last allocation that failed, in bytes; zero if none did.
static FAILED: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, with a record of failed allocations.
struct RecordingAllocator;

/// Records the allocation if it failed.
fn recorded(pointer: *mut u8, bytes: usize) -> *mut u8 {
    if pointer.is_null() {
        FAILED.store(bytes.max(1), Relaxed);
    }
    pointer
}

// SAFETY: every call and its result are passed through to the system's allocator unchanged.
#[expect(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for RecordingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds the same contract.
        recorded(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        recorded(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        recorded(unsafe { System.realloc(pointer, layout, size) }, size)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: RecordingAllocator = RecordingAllocator;

/// Returns the size of the allocation that failed, in bytes; zero if none did. The page's script reads it after the engine has stopped.
#[wasm_bindgen::prelude::wasm_bindgen(js_name = failedAllocation)]
pub fn failed_allocation() -> usize {
    FAILED.load(Relaxed)
}

/// Clears the record of a failed allocation that the engine could do without.
pub(crate) fn clear_failed_allocation() {
    FAILED.store(0, Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_allocation_is_recorded_until_cleared() {
        assert_eq!(failed_allocation(), 0);
        assert!(
            Vec::<u8>::new()
                .try_reserve_exact(isize::MAX as usize)
                .is_err()
        );
        assert_eq!(failed_allocation(), isize::MAX as usize);
        clear_failed_allocation();
        assert_eq!(failed_allocation(), 0);
    }
}
