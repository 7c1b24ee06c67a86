//! `page-modules TARGET WASM FOLDER NAME [--split]`: writes a module's glue, and the module without what only the glue needs, into a
//! folder. Their names start with NAME.
//!
//! TARGET is `web` for a module that a page imports, or `no-modules` for a classic script. It writes what wasm-bindgen's own command
//! writes with `--target TARGET --no-typescript`.
//!
//! With `--split`, the functions that the module marks as deferred, with the code and data that nothing else needs, become a module of
//! their own, `NAME_rest.wasm`. It imports everything else from the first one's exports, under the name `__wasm_split`. The module must
//! have been linked with `--emit-relocs`.

#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: page-modules web|no-modules WASM FOLDER NAME [--split]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, wasm, folder, name, options @ ..] = arguments.as_slice() else {
        return Err(USAGE.to_owned());
    };
    let input = match options {
        [] => PathBuf::from(wasm),
        [option] if option == "--split" => split(Path::new(wasm), Path::new(folder), name)?,
        _ => return Err(USAGE.to_owned()),
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&input)
        // The second module imports the first one's memory, table and stack pointer.
        .keep_lld_exports(!options.is_empty())
        .out_name(name)
        .typescript(false)
        // The page and trunk start a module without telling where it is.
        .omit_default_module_path(false);
    let set = match target.as_str() {
        "web" => bindgen.web(true),
        "no-modules" => bindgen.no_modules(true),
        _ => return Err(USAGE.to_owned()),
    };
    let written = set.and_then(|bindgen| bindgen.generate(folder));
    written.map_err(|error| format!("{error:#}"))
}

/// Splits a module. Returns the path of the first part, which is next to the module; the second is `NAME_rest.wasm` in the folder.
fn split(wasm: &Path, folder: &Path, name: &str) -> Result<PathBuf, String> {
    let at = |path: &Path, error: std::io::Error| format!("`{}`: {error}", path.display());
    let parts = wasm.with_extension("parts");
    let first = parts.join("first.wasm");
    fs::create_dir_all(&parts).map_err(|error| at(&parts, error))?;
    let input = fs::read(wasm).map_err(|error| at(wasm, error))?;
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = &parts;
    options.main_out_path = &first;
    let split = wasm_split_cli_support::transform(options).map_err(|error| format!("{error:#}"))?;
    let [second] = split.split_modules.as_slice() else {
        let count = split.split_modules.len();
        return Err(format!("`{}` has {count} deferred parts, not one", wasm.display()));
    };
    let rest = folder_file(folder, name);
    fs::copy(second, &rest).map_err(|error| at(&rest, error))?;
    Ok(first)
}

fn folder_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}_rest.wasm"))
}
