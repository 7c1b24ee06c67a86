//! Memory that the browser does not give: noted before the engine stops, so that the page can say why it did.
//!
//! With `panic = "abort"` a failed allocation is a bare trap, of which nothing can be told afterwards but what was noted before.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The size of the last allocation that failed, in bytes; zero for none.
static FAILED: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, which notes what it could not give.
struct Noting;

/// Notes an allocation that failed.
fn noted(pointer: *mut u8, bytes: usize) -> *mut u8 {
    if pointer.is_null() {
        FAILED.store(bytes.max(1), Relaxed);
    }
    pointer
}

// SAFETY: every call is passed on to the system's allocator as it is, and so is what it returns.
#[expect(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are the ones that are asked for.
        noted(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        noted(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        noted(unsafe { System.realloc(pointer, layout, size) }, size)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// Size of the allocation that failed, in bytes; zero where none did. The page's script asks after the engine has stopped.
#[wasm_bindgen::prelude::wasm_bindgen(js_name = failedAllocation)]
pub fn failed_allocation() -> usize {
    FAILED.load(Relaxed)
}

/// Forgets an allocation that failed and was done without.
pub(crate) fn forgive() {
    FAILED.store(0, Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allocation_that_fails_is_noted_until_it_is_forgiven() {
        assert_eq!(failed_allocation(), 0);
        assert!(
            Vec::<u8>::new()
                .try_reserve_exact(isize::MAX as usize)
                .is_err()
        );
        assert_eq!(failed_allocation(), isize::MAX as usize);
        forgive();
        assert_eq!(failed_allocation(), 0);
    }
}
