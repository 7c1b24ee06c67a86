//! Imports between JavaScript modules. All of them count, `export … from` and `import(…)` too: a browser loads each.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::graph::Graph;

/// Imports between the modules below a folder.
pub fn graph(folder: &Path) -> Graph {
    let mut graph = Graph::default();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let name = path.file_name().unwrap().display().to_string();
        if path.is_dir() {
            if name != "node_modules" {
                let entries = fs::read_dir(&path).unwrap();
                open.extend(entries.map(|entry| entry.unwrap().path()));
            }
        } else if name.ends_with(".js") || name.ends_with(".mjs") {
            let file = relative(folder, &path);
            graph.file(&file);
            for target in imports(&fs::read_to_string(&path).unwrap()) {
                let target = relative(folder, &path.with_file_name(target));
                graph.import(&file, &target, "import");
            }
        }
    }
    graph
}

/// A path relative to a folder, without `.` and `..`.
fn relative(folder: &Path, path: &Path) -> String {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            _ => plain.push(part),
        }
    }
    let shown = plain.strip_prefix(folder).unwrap_or(&plain);
    shown.display().to_string()
}

/// Specifiers of imported modules that are files: those that start with `.`.
fn imports(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut is_comment = false;
    for line in text.lines() {
        let line = line.trim();
        is_comment |= line.starts_with("/*");
        if is_comment || line.starts_with("//") {
            is_comment &= !line.contains("*/");
            continue;
        }
        // The last line of an import of many names starts with its closing brace.
        let is_static = ["import", "export", "}"]
            .iter()
            .any(|word| line.starts_with(word));
        for opening in [
            "from \"./",
            "from \"../",
            "import \"./",
            "import \"../",
            "import(\"./",
            "import(\"../",
        ] {
            let is_dynamic = opening.contains('(');
            if let Some((_, rest)) = line.split_once(opening)
                && (is_static || is_dynamic)
            {
                let start = line.len() - rest.len();
                let dots = opening.len() - opening.find('.').unwrap();
                found.push(line[start - dots..].split('"').next().unwrap());
            }
        }
    }
    found
}

#[test]
fn imports_are_read_in_every_form() {
    let text = "import { a } from \"./a.js\";\nimport \"../b.js\";\n/* import \"./no.js\";\n */\nimport {\n  c,\n} from \"./c.js\";\n\
                // import \"./no.js\"\nexport * from \"./d.js\";\nconst e = await import(\"./e.js\");\nimport x from \"npm\";\n";
    assert_eq!(
        imports(text),
        ["./a.js", "../b.js", "./c.js", "./d.js", "./e.js"]
    );
}
