//! Columns of the event table as fields of the filter.

use audit_filter::Field;

use crate::view::Column;

impl Column {
    /// Returns the field of the filter that selects by this column; `None` for columns without one.
    pub const fn field(self) -> Option<Field> {
        Some(match self {
            Self::Verb => Field::Verb,
            Self::Resource => Field::Resource,
            Self::User => Field::User,
            Self::Group => Field::UserGroup,
            Self::Namespace => Field::Namespace,
            Self::Stage => Field::Stage,
            Self::Code => Field::Code,
            Self::Source => Field::Ip,
            Self::Rule => Field::Rule,
            Self::Level => Field::Level,
            Self::Outcome => Field::Outcome,
            Self::Time => Field::Time,
            Self::Recorded | Self::Written => return None,
        })
    }
}

/// Returns the term that selects the events with a value; empty for columns without a field.
pub fn term(column: Column, value: &str) -> String {
    let field = column.field();
    field.map_or_else(String::new, |field| audit_filter::term(field, value))
}
