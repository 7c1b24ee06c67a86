//! The wrappers round a text, on the way from the file to an event.

use crate::extract::wrapper::Wrapper;

/// The wrappers round a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Route {
    /// The one round all others.
    pub(super) outermost: Option<Wrapper>,
    /// All of them, a bit each.
    pub(super) all: u32,
    /// How many there are.
    pub(super) depth: u8,
}

impl Route {
    pub(super) fn inside(self, wrapper: Wrapper) -> Self {
        Self {
            outermost: self.outermost.or(Some(wrapper)),
            all: self.all | wrapper.bit(),
            ..self.deeper()
        }
    }

    pub(super) const fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}
