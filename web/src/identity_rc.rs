//! A shared value that is compared by identity, so that comparing the properties of components costs nothing.

use std::ops::Deref;
use std::rc::Rc;

/// A shared value, compared by identity.
#[derive(Debug, Default)]
pub struct IdentityRc<T>(Rc<T>);

impl<T> IdentityRc<T> {
    /// Creates a shared value.
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
