//! Typed indexes, so that an event's cannot be taken for a rule's.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! index {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name($inner);

        impl $name {
            /// Creates it from the number, which counts from 0.
            pub const fn new(index: $inner) -> Self {
                Self(index)
            }

            /// Returns the number, from 0.
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl From<$inner> for $name {
            fn from(index: $inner) -> Self {
                Self(index)
            }
        }

        impl fmt::Display for $name {
            /// Prints the number, from 0.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

index! {
    /// Index of an event within the events of a log, derived ones included, from 0.
    EventId(usize)
}
index! {
    /// Index of a distinct request, from 0.
    RequestId(u32)
}
index! {
    /// Index of a rule within its policy, from 0.
    RuleIndex(usize)
}
