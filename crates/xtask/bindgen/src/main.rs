//! `page-modules TARGET WASM FOLDER NAME [--split] [--pack]`: writes a module's glue, and the module without what only the glue needs, into a
//! folder. Their names start with NAME.
//!
//! TARGET is `web` for a module that a page imports, or `no-modules` for a classic script. It writes what wasm-bindgen's own command
//! writes with `--target TARGET --no-typescript`.
//!
//! With `--split`, the functions that the module marks as deferred, with the code and data that nothing else needs, become a module of
//! their own, `NAME_rest.wasm`. It imports everything else from the first one's exports, under the name `__wasm_split`. The module must
//! have been linked with `--emit-relocs`.
//!
//! With `--pack`, all of them are rewritten to be smaller when compressed. They have no names of functions then.

#![forbid(unsafe_code)]

mod names;
mod order;
mod pack;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: page-modules web|no-modules WASM FOLDER NAME [--split] [--pack]";

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
    let is_known = |option: &String| ["--split", "--pack"].contains(&option.as_str());
    if !options.iter().all(is_known) {
        return Err(USAGE.to_owned());
    }
    let has = |name: &str| options.iter().any(|option| option == name);
    let input = if has("--split") {
        split(Path::new(wasm), Path::new(folder), name)?
    } else {
        PathBuf::from(wasm)
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&input)
        // The second module imports the first one's memory, table and stack pointer.
        .keep_lld_exports(has("--split"))
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
    written.map_err(|error| format!("{error:#}"))?;
    if has("--pack") {
        pack(Path::new(folder), name)?;
    }
    Ok(())
}

/// Rewrites the modules of a name in a folder, and the glue, in place.
fn pack(folder: &Path, name: &str) -> Result<(), String> {
    let glue = folder.join(format!("{name}.js"));
    let first = folder.join(format!("{name}_bg.wasm"));
    let text = fs::read_to_string(&glue).map_err(|error| at(&glue, &error))?;
    let module = fs::read(&first).map_err(|error| at(&first, &error))?;
    let (names, text) = names::shortened(&module, &text)?;
    fs::write(&glue, text).map_err(|error| at(&glue, &error))?;
    let rest = folder_file(folder, name);
    for (path, names) in [(first, &names), (rest, &HashMap::new())] {
        if path.is_file() {
            let module = fs::read(&path).map_err(|error| at(&path, &error))?;
            let packed = pack::packed(&module, names)
                .map_err(|error| format!("`{}`: {error}", path.display()))?;
            fs::write(&path, packed).map_err(|error| at(&path, &error))?;
        }
    }
    Ok(())
}

fn at(path: &Path, error: &std::io::Error) -> String {
    format!("`{}`: {error}", path.display())
}

/// Splits a module. Returns the path of the first part, which is next to the module; the second is `NAME_rest.wasm` in the folder.
fn split(wasm: &Path, folder: &Path, name: &str) -> Result<PathBuf, String> {
    let parts = wasm.with_extension("parts");
    let first = parts.join("first.wasm");
    fs::create_dir_all(&parts).map_err(|error| at(&parts, &error))?;
    let input = fs::read(wasm).map_err(|error| at(wasm, &error))?;
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = &parts;
    options.main_out_path = &first;
    let split = wasm_split_cli_support::transform(options).map_err(|error| format!("{error:#}"))?;
    let [second] = split.split_modules.as_slice() else {
        let count = split.split_modules.len();
        return Err(format!(
            "`{}` has {count} deferred parts, not one",
            wasm.display()
        ));
    };
    let rest = folder_file(folder, name);
    fs::copy(second, &rest).map_err(|error| at(&rest, &error))?;
    Ok(first)
}

fn folder_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}_rest.wasm"))
}
