//! The wrappers that were removed on the way from the file to a text.

use crate::extract::wrapper::Wrapper;

/// Wrappers around a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Route {
    /// The outermost wrapper.
    pub(super) outermost: Option<Wrapper>,
    /// Set of all wrappers, one bit each.
    pub(super) all: u32,
    /// Number of levels.
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

    /// Adds a wrapper without a name of its own for the events.
    pub(super) const fn through(self, wrapper: Wrapper) -> Self {
        Self {
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
