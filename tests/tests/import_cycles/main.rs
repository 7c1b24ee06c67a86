//! Files of one crate, and of one folder of JavaScript, do not import each other in cycles.
//!
//! A file imports another if it names something that the other defines: in a `use`, in a path such as `crate::load::Document`, or
//! inside a macro. Five rules make that agree with what a reader sees:
//!
//! - A re-export (`pub use child::Thing`) is not an import, unless the file also uses the name. So a parent module may present its
//!   children.
//! - A name is followed through re-exports and private imports to the file that defines it. So a child that reaches its sibling through
//!   the parent imports the sibling.
//! - `mod child;` is not an import. `child::function()` is one, and so is `super::Thing` if the parent defines `Thing`: the two together are a cycle.
//! - `deferred.rs` lists the functions of a second part of the page's modules, which is linked at run time: what it names is not imported.
//! - Code under `#[cfg(test)]` is left out, and so are doc comments. Calls of methods count only if the file also names the type.
//!
//! `cargo test -p conformance --test import_cycles -- --nocapture` prints the cycles with the names that close them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod graph;
mod javascript;
mod modules;
mod rust;

use std::fs;
use std::path::{Path, PathBuf};

use graph::Graph;

/// Names that are printed per import.
const SHOWN: usize = 4;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Folders of the packages, relative to the root.
fn packages() -> Vec<String> {
    let mut packages: Vec<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| format!("crates/{}", entry.unwrap().file_name().display()))
        .filter(|package| root().join(package).join("Cargo.toml").is_file())
        .collect();
    packages.sort();
    packages.extend(
        [
            "web",
            "web/figures",
            "web/first-paint",
            "web/protocol",
            "web/split",
            "web/worker",
            "tests",
            "tests/shippers",
        ]
        .map(Into::into),
    );
    packages
}

/// Prints the cycles of a package and returns the number of files in them.
fn report(package: &str, graph: &Graph) -> usize {
    let cycles = graph.cycles();
    for cycle in &cycles {
        println!("{package}: a cycle of {} files", cycle.len());
        for file in cycle {
            for (target, names) in graph.imports(file) {
                if cycle.contains(target) {
                    let first: Vec<&str> =
                        names.iter().rev().take(SHOWN).map(String::as_str).collect();
                    let more = if names.len() > SHOWN { ", …" } else { "" };
                    println!("    {file} -> {target}: {}{more}", first.join(", "));
                }
            }
        }
    }
    cycles.iter().map(Vec::len).sum()
}

#[test]
fn files_do_not_import_each_other_in_cycles() {
    let mut graphs: Vec<(String, Graph)> = packages()
        .into_iter()
        .map(|package| {
            let graph = rust::graph(&root().join(&package));
            (package, graph)
        })
        .collect();
    for folder in ["web/js", "web/build", "tests/browser", "tests/bench"] {
        graphs.push((folder.into(), javascript::graph(&root().join(folder))));
    }
    let mut in_cycles = 0;
    for (package, graph) in &graphs {
        assert!(graph.files() > 0, "{package} has no files");
        let found = report(package, graph);
        if found > 0 {
            println!(
                "{package}: {found} of {} files are in cycles\n",
                graph.files()
            );
        }
        in_cycles += found;
    }
    assert_eq!(
        in_cycles, 0,
        "files are in cycles: run with `-- --nocapture` for the list"
    );
}
