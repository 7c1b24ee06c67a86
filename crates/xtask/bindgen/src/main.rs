//! `page-bindgen TARGET WASM FOLDER NAME`: writes a module's glue, and the module without what only the glue needs, into a folder.
//! Their names start with NAME.
//!
//! TARGET is `web` for a module that a page imports, or `no-modules` for a classic script. It writes what wasm-bindgen's own command
//! writes with `--target TARGET --no-typescript`.

#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: page-bindgen web|no-modules WASM FOLDER NAME";

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
    let [target, wasm, folder, name] = arguments.as_slice() else {
        return Err(USAGE.to_owned());
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(Path::new(wasm))
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
