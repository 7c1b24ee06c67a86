//! Imports between the files of a crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::graph::Graph;
use crate::modules::{self, Module};

/// File that declares the functions of a WebAssembly module's second part. It names them for the build that links the parts, as a linker's
/// list of symbols does: who calls one does not import it.
const DEFERRED: &str = "src/deferred.rs";

/// Re-exports that are followed to find a definition, before it counts as not found.
const MAX_DEPTH: usize = 16;

/// Imports between the files of all crates of a package.
pub fn graph(package: &Path) -> Graph {
    let mut graph = Graph::default();
    for root in roots(package) {
        add(&mut graph, &modules::read(&root), package);
    }
    graph
}

/// Root files of a package's crates: library, programs, tests, benches and build script.
fn roots(package: &Path) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = ["src/lib.rs", "src/main.rs", "build.rs"]
        .map(|file| package.join(file))
        .into_iter()
        .filter(|file| file.is_file())
        .collect();
    for folder in ["src/bin", "tests", "benches", "examples"] {
        let entries = fs::read_dir(package.join(folder)).into_iter().flatten();
        for path in entries.map(|entry| entry.unwrap().path()) {
            let main = path.join("main.rs");
            if path.extension().is_some_and(|extension| extension == "rs") {
                roots.push(path);
            } else if main.is_file() {
                roots.push(main);
            }
        }
    }
    roots.sort();
    roots
}

/// Adds the imports between the files of one crate.
fn add(graph: &mut Graph, modules: &[Module], package: &Path) {
    let file = |module: usize| {
        let file = &modules[module].file;
        file.strip_prefix(package)
            .unwrap_or(file)
            .display()
            .to_string()
    };
    for (index, module) in modules.iter().enumerate() {
        graph.file(&file(index));
        if file(index).ends_with(DEFERRED) {
            continue;
        }
        let mut import = |path: &[String]| {
            if let Some(target) = resolve(modules, index, path, 0) {
                graph.import(&file(index), &file(target.module()), &path.join("::"));
            }
        };
        for used in &module.uses {
            match &used.name {
                Some(name) if !used.is_public || module.words.contains(name) => import(&used.path),
                Some(_) => {}
                None => {
                    for name in names_of_glob(modules, index, &used.path) {
                        import(&[used.path.as_slice(), &[name]].concat());
                    }
                }
            }
        }
        for path in &module.paths {
            import(path);
        }
    }
}

/// Names that a module uses of what a glob import brings in.
fn names_of_glob<'m>(modules: &'m [Module], module: usize, path: &[String]) -> BTreeSet<String> {
    let Some(Target::Module(target)) = resolve(modules, module, path, 0) else {
        return BTreeSet::new();
    };
    let words = &modules[module].words;
    let has = |word: &&'m String| find(modules, target, word, 0).is_some();
    words.iter().filter(has).cloned().collect()
}

/// Target of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    /// A module itself.
    Module(usize),
    /// Something that this module defines.
    Item(usize),
}

impl Target {
    fn module(self) -> usize {
        match self {
            Self::Module(module) | Self::Item(module) => module,
        }
    }
}

/// Follows a path to the module that it names or that defines what it names. `None` for another crate's.
fn resolve(modules: &[Module], from: usize, path: &[String], depth: usize) -> Option<Target> {
    let mut at = from;
    let mut rest = path.iter().enumerate();
    for (index, segment) in rest.by_ref() {
        match (segment.as_str(), index) {
            ("crate", 0) => at = 0,
            ("self", 0) => {}
            ("super", _) => at = modules[at].parent?,
            // A path that starts with none of these may belong to another crate.
            _ => match find(modules, at, segment, depth) {
                Some(Target::Module(module)) => at = module,
                Some(item) => return Some(item),
                None if index == 0 => return None,
                None => return Some(Target::Item(at)),
            },
        }
    }
    Some(Target::Module(at))
}

/// Finds a name in a module: a child, an import or an item.
fn find(modules: &[Module], module: usize, name: &str, depth: usize) -> Option<Target> {
    if depth > MAX_DEPTH {
        return None;
    }
    let here = &modules[module];
    if let Some(child) = here.children.get(name) {
        return Some(Target::Module(*child));
    }
    if here.items.contains(name) {
        return Some(Target::Item(module));
    }
    let named = here
        .uses
        .iter()
        .find(|used| used.name.as_deref() == Some(name));
    if let Some(used) = named {
        // `use serde;` names another crate, not itself.
        return (used.path != [name]).then(|| resolve(modules, module, &used.path, depth + 1))?;
    }
    here.uses
        .iter()
        .filter(|used| used.name.is_none())
        .find_map(
            |used| match resolve(modules, module, &used.path, depth + 1)? {
                Target::Module(target) if target != module => {
                    find(modules, target, name, depth + 1)
                }
                _ => None,
            },
        )
}

#[test]
fn imports_lead_to_the_file_that_defines_the_name() {
    let folder = std::env::temp_dir().join(format!("import-cycles-{}", std::process::id()));
    let files = [
        (
            "src/lib.rs",
            "pub mod a; mod b; mod c; mod d; pub use b::B; pub mod inline { pub struct I; }",
        ),
        // Through the root's re-export to `b`; the root itself defines `I`.
        (
            "src/a.rs",
            "mod child; pub use child::Child; use crate::B; pub struct A; fn f() { crate::inline::I; }",
        ),
        // The parent's own type, by glob; `Child` is not used.
        ("src/a/child.rs", "use super::*; pub struct Child(A);"),
        // In a macro, under another name, and in a test.
        (
            "src/b.rs",
            "use crate::c as other; pub struct B; fn f() { assert!(other::C); }\n#[cfg(test)]\nmod tests { use crate::a::A; }",
        ),
        (
            "src/c.rs",
            "pub(in crate::a) struct C; use serde::x; /** [`crate::a`] */ fn f() { let c: super::d::D = x; }",
        ),
        ("src/d.rs", "pub use crate::a::A; pub struct D;"),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let graph = graph(&folder);
    fs::remove_dir_all(&folder).unwrap();
    let imports = |file: &str| -> Vec<String> {
        graph
            .imports(file)
            .map(|(target, _)| target.clone())
            .collect()
    };
    assert_eq!(imports("src/lib.rs"), [""; 0]);
    assert_eq!(imports("src/a.rs"), ["src/b.rs", "src/lib.rs"]);
    assert_eq!(imports("src/a/child.rs"), ["src/a.rs"]);
    assert_eq!(imports("src/b.rs"), ["src/c.rs"]);
    assert_eq!(imports("src/c.rs"), ["src/d.rs"]);
    assert_eq!(imports("src/d.rs"), [""; 0]);
}
