//! Files, their imports, and the cycles among them.

use std::collections::{BTreeMap, BTreeSet};

/// Imports between files, with the names that each import is for.
#[derive(Debug, Default)]
pub struct Graph {
    imports: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Graph {
    /// Adds a file.
    pub fn file(&mut self, file: &str) {
        self.imports.entry(file.into()).or_default();
    }

    /// Adds an import; a file that imports itself is ignored.
    pub fn import(&mut self, file: &str, target: &str, name: &str) {
        if file != target {
            self.file(target);
            let targets = self.imports.entry(file.into()).or_default();
            targets
                .entry(target.into())
                .or_default()
                .insert(name.into());
        }
    }

    /// Number of files.
    pub fn files(&self) -> usize {
        self.imports.len()
    }

    /// Imports of a file.
    pub fn imports(&self, file: &str) -> impl Iterator<Item = (&String, &BTreeSet<String>)> {
        self.imports.get(file).into_iter().flatten()
    }

    /// Sets of files that reach each other, in the order of their names. Each set has at least two files.
    pub fn cycles(&self) -> Vec<Vec<String>> {
        let reached: BTreeMap<&String, BTreeSet<&String>> = self
            .imports
            .keys()
            .map(|file| (file, self.reached_from(file)))
            .collect();
        let mut seen = BTreeSet::new();
        let mut cycles = Vec::new();
        for (file, targets) in &reached {
            if seen.contains(file) || !targets.contains(file) {
                continue;
            }
            let cycle: Vec<String> = targets
                .iter()
                .filter(|target| reached[*target].contains(file))
                .map(|target| {
                    seen.insert(*target);
                    (*target).clone()
                })
                .collect();
            cycles.push(cycle);
        }
        cycles
    }

    /// Files that a file imports, directly or through others. Contains the file itself only if it is part of a cycle.
    fn reached_from(&self, file: &String) -> BTreeSet<&String> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&String> = self.imports[file].keys().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(self.imports[next].keys());
            }
        }
        reached
    }
}

#[test]
fn cycles_are_sets_of_files_that_reach_each_other() {
    let mut graph = Graph::default();
    for (file, target) in [
        ("a", "b"),
        ("b", "c"),
        ("c", "b"),
        ("c", "d"),
        ("e", "f"),
        ("f", "g"),
        ("g", "e"),
        ("h", "h"),
    ] {
        graph.import(file, target, "x");
    }
    assert_eq!(graph.cycles(), [vec!["b", "c"], vec!["e", "f", "g"]]);
}
