//! A value that many components read and none copies; equal only to itself, so that comparing properties costs nothing.

use std::ops::Deref;
use std::rc::Rc;

/// A shared value, compared by identity.
#[derive(Debug, Default)]
pub struct IdentityRc<T>(Rc<T>);

impl<T> IdentityRc<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T> Clone for IdentityRc<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for IdentityRc<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for IdentityRc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
