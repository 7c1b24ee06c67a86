//! Values of a field, to complete a filter with.

use audit_filter::Field;
use serde::{Deserialize, Serialize};

/// Request for the values of a field that contain a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValuesRequest {
    /// The field.
    pub field: Field,
    /// The text, as typed.
    pub typed: String,
}

/// Values of a field in the open log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldValues {
    /// The request.
    pub request: ValuesRequest,
    /// The most frequent values, those that begin with the text first.
    pub values: Vec<FieldValue>,
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldValue {
    /// The value as it is shown.
    pub text: String,
    /// The value as it is written in a filter, with quotes if it needs them.
    pub insert: String,
}
