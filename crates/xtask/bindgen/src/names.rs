//! Short names for what a module and its glue call each other: wasm-bindgen's contain hashes, which no compression shortens.

use std::collections::HashMap;

use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

/// Returns the new names of a module's imports from its glue and of the functions that it exports for closures, and the glue with them.
///
/// # Errors
/// If the module is not valid.
pub fn shortened(wasm: &[u8], glue: &str) -> Result<(HashMap<String, String>, String), String> {
    let mut names = HashMap::new();
    let mut glue = glue.to_owned();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(|error| error.to_string())? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(|error| error.to_string())?;
                    let is_glue = import.module.ends_with("_bg.js");
                    if is_glue && matches!(import.ty, TypeRef::Func(_)) {
                        rename(&mut names, &mut glue, import.module, ["\"", "\": "]);
                        rename(&mut names, &mut glue, import.name, [" ", ": "]);
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(|error| error.to_string())?;
                    if export.kind == ExternalKind::Func && export.name.contains("closures") {
                        rename(&mut names, &mut glue, export.name, ["wasm.", "("]);
                    }
                }
            }
            _ => {}
        }
    }
    Ok((names, glue))
}

/// Gives a name a short one in the glue, where it stands between two texts.
fn rename(
    names: &mut HashMap<String, String>,
    glue: &mut String,
    old: &str,
    [before, after]: [&str; 2],
) {
    let new = short(names.len());
    let found = format!("{before}{old}{after}");
    if !names.contains_key(old) && glue.contains(&found) {
        *glue = glue.replace(&found, &format!("{before}{new}{after}"));
        names.insert(old.to_owned(), new);
    }
}

/// Returns a name of letters, a different one for every number.
fn short(mut number: usize) -> String {
    const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = String::new();
    loop {
        name.push(char::from(LETTERS[number % LETTERS.len()]));
        number /= LETTERS.len();
        if number == 0 {
            return name;
        }
        number -= 1;
    }
}
