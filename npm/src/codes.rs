//! Codes of findings about policies, with their pages.

use audit_policy::{Code, PolicyCode, Severity};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Error;

#[derive(Serialize)]
struct CodeReport {
    code: &'static str,
    severity: Severity,
    title: &'static str,
}

/// Returns the names of all codes.
pub(crate) fn names() -> Vec<&'static str> {
    PolicyCode::TABLE.iter().map(|code| code.id).collect()
}

/// Returns code, severity and title of all codes, as JSON.
///
/// # Errors
/// None.
#[wasm_bindgen]
pub fn codes() -> Result<String, JsValue> {
    let all = PolicyCode::TABLE.iter().map(|code| CodeReport {
        code: code.id,
        severity: code.severity,
        title: code.title,
    });
    let all: Vec<CodeReport> = all.collect();
    Ok(serde_json::to_string(&all).map_err(Error::from)?)
}

/// Returns the page of a code, in Markdown.
///
/// # Errors
/// If there is no such code.
#[wasm_bindgen]
pub fn explain(code: &str) -> Result<String, JsValue> {
    let mut all = PolicyCode::TABLE.iter();
    let found = all.find(|info| info.id.eq_ignore_ascii_case(code));
    let unknown = || {
        Error::new("unknown-code", format!("unknown code `{code}`"))
            .with_help("`codes()` lists all codes of findings about policies")
    };
    Ok(found.ok_or_else(unknown)?.page.to_owned())
}
