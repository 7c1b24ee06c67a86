//! Columns of an event that cannot be read.

use std::fmt;

use audit_types::format;

use crate::cut::CutBy;

/// A column of an event that was cut, or that is not JSON although its field is. The event is read without it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadColumn {
    /// Name of the column.
    pub name: String,
    /// Number of bytes of the column.
    pub bytes: u64,
    /// Program that cut it. `None` if it is not cut.
    pub cut_by: Option<CutBy>,
}

impl BadColumn {
    /// Describes the problem without the number of bytes.
    pub fn cause(&self) -> String {
        match self.cut_by {
            Some(by) => format!("column `{}` was {}", self.name, by.describe(self.bytes)),
            None => format!("column `{}` is not JSON", self.name),
        }
    }
}

impl fmt::Display for BadColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause())?;
        if self.cut_by.is_some() {
            let unit = if self.bytes == 1 { "byte" } else { "bytes" };
            let count = format::count(self.bytes);
            write!(f, ": only {count} {unit} of it are left")?;
        }
        f.write_str("; the event is read without it")
    }
}
