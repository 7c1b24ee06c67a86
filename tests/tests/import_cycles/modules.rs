//! The modules of a crate, read from their tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// One leaf of a `use`.
#[derive(Debug, Clone)]
pub struct Use {
    /// Segments of the path, without `*`.
    pub path: Vec<String>,
    /// Name in the module; `None` for `*`.
    pub name: Option<String>,
    /// True if it is a re-export.
    pub is_public: bool,
}

/// A module and its place in the crate.
#[derive(Debug, Default)]
pub struct Module {
    /// File that contains it.
    pub file: PathBuf,
    /// Index of the parent.
    pub parent: Option<usize>,
    /// Indices of child modules by name.
    pub children: BTreeMap<String, usize>,
    /// All of its imports.
    pub uses: Vec<Use>,
    /// Names of what it defines.
    pub items: BTreeSet<String>,
    /// Paths of two or more segments outside of `use`.
    pub paths: BTreeSet<Vec<String>>,
    /// All identifiers outside of `use`.
    pub words: BTreeSet<String>,
}

/// Reads the modules of a crate from its root file. The first is the root.
pub fn read(root: &Path) -> Vec<Module> {
    let mut reader = Reader::default();
    let folder = root.parent().unwrap().to_owned();
    reader.file(root.to_owned(), folder, None);
    reader.modules
}

#[derive(Default)]
struct Reader {
    modules: Vec<Module>,
}

impl Reader {
    /// Reads a file as a module and returns its index. `folder` is where the files of its children are.
    fn file(&mut self, file: PathBuf, folder: PathBuf, parent: Option<usize>) -> usize {
        let text =
            fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let module = self.add(file, parent);
        self.tokens(module, tokens, &folder, true);
        module
    }

    fn add(&mut self, file: PathBuf, parent: Option<usize>) -> usize {
        self.modules.push(Module {
            file,
            parent,
            ..Module::default()
        });
        self.modules.len() - 1
    }

    /// Reads tokens at any depth: items, bodies and macros alike. Only what is at the top defines names of the module.
    fn tokens(&mut self, module: usize, tokens: TokenStream, folder: &Path, is_top: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        let mut is_public = false;
        let mut path = None;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let inner = usize::from(is_punct(tokens.get(at + 1), '!'));
                    let Some(TokenTree::Group(group)) = tokens.get(at + 1 + inner) else {
                        at += 1;
                        continue;
                    };
                    at += 2 + inner;
                    let attribute = group.stream().to_string().replace(' ', "");
                    let is_test = attribute.starts_with("cfg(")
                        && attribute.contains("(test")
                        && !attribute.contains("not(test");
                    if inner == 0 && is_test {
                        at = after_item(&tokens, at);
                    } else if let Some(value) = attribute.strip_prefix("path=") {
                        path = Some(value.trim_matches('"').to_owned());
                    }
                    continue;
                }
                TokenTree::Ident(ident) => {
                    let word = ident.to_string();
                    match word.as_str() {
                        "pub" => {
                            is_public = true;
                            // `pub(in crate::load)` is not an import.
                            at += 1 + usize::from(is_group(
                                tokens.get(at + 1),
                                Delimiter::Parenthesis,
                            ));
                            continue;
                        }
                        // In a type, `use<…>` lists what the type captures.
                        "use" if !matches!(tokens.get(at + 1), Some(TokenTree::Punct(sign)) if sign.as_char() == '<') =>
                        {
                            at = self.import(module, &tokens, at + 1, is_public);
                            is_public = false;
                            continue;
                        }
                        "mod" if matches!(tokens.get(at + 1), Some(TokenTree::Ident(_))) => {
                            at = self.child(module, &tokens, at, folder, path.take());
                            is_public = false;
                            continue;
                        }
                        "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static"
                        | "union" | "macro_rules" => {
                            if is_top {
                                let name = tokens[at + 1..].iter().find_map(|token| match token {
                                    TokenTree::Ident(name) if name != "mut" => {
                                        Some(name.to_string())
                                    }
                                    _ => None,
                                });
                                self.modules[module].items.extend(name);
                            }
                            at += 1;
                        }
                        _ => at = self.path(module, &tokens, at),
                    }
                }
                TokenTree::Group(group) => {
                    self.tokens(module, group.stream(), folder, false);
                    at += 1;
                }
                _ => at += 1,
            }
            is_public = false;
        }
    }

    /// Reads a path such as `crate::load::Document`, or a single identifier.
    fn path(&mut self, module: usize, tokens: &[TokenTree], mut at: usize) -> usize {
        let mut path = Vec::new();
        while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
            path.push(plain(&ident.to_string()));
            at += 1;
            if !is_path_separator(tokens, at) {
                break;
            }
            at += 2;
        }
        let module = &mut self.modules[module];
        module.words.insert(path[0].clone());
        if path.len() > 1 {
            module.paths.insert(path);
        }
        at
    }

    /// Reads `mod name;` or `mod name { … }`.
    fn child(
        &mut self,
        module: usize,
        tokens: &[TokenTree],
        at: usize,
        folder: &Path,
        path: Option<String>,
    ) -> usize {
        let name = plain(&tokens[at + 1].to_string());
        let below = folder.join(&name);
        let child = if let Some(TokenTree::Group(group)) = tokens.get(at + 2) {
            let file = self.modules[module].file.clone();
            let child = self.add(file, Some(module));
            self.tokens(child, group.stream(), &below, true);
            child
        } else if let Some(path) = path {
            let file = self.modules[module].file.with_file_name(path);
            let folder = file.parent().unwrap().to_owned();
            self.file(file, folder, Some(module))
        } else {
            let flat = folder.join(format!("{name}.rs"));
            let file = if flat.is_file() {
                flat
            } else {
                below.join("mod.rs")
            };
            self.file(file, below, Some(module))
        };
        self.modules[module].children.insert(name, child);
        at + 3
    }

    /// Reads the tree of a `use` up to its semicolon.
    fn import(&mut self, module: usize, tokens: &[TokenTree], at: usize, is_public: bool) -> usize {
        let end = tokens[at..]
            .iter()
            .position(|token| is_punct(Some(token), ';'))
            .map_or(tokens.len(), |length| at + length);
        let mut leaves = Vec::new();
        leaves_of(&tokens[at..end], &[], &mut leaves);
        let uses = leaves.into_iter().map(|(path, name)| Use {
            path,
            name,
            is_public,
        });
        self.modules[module].uses.extend(uses);
        end + 1
    }
}

/// Collects the leaves of a `use` tree: paths with the names they get.
fn leaves_of(
    tokens: &[TokenTree],
    prefix: &[String],
    leaves: &mut Vec<(Vec<String>, Option<String>)>,
) {
    for tree in tokens.split(|token| is_punct(Some(token), ',')) {
        let mut path = prefix.to_vec();
        let mut renamed = None;
        let mut is_leaf = !tree.is_empty();
        let mut rest = tree.iter();
        while let Some(token) = rest.next() {
            match token {
                TokenTree::Ident(ident) if ident == "as" => {
                    renamed = rest.next().map(ToString::to_string)
                }
                TokenTree::Ident(ident) => path.push(plain(&ident.to_string())),
                TokenTree::Punct(punct) if punct.as_char() == '*' => {
                    leaves.push((path.clone(), None));
                    is_leaf = false;
                }
                TokenTree::Group(group) => {
                    leaves_of(&Vec::from_iter(group.stream()), &path, leaves);
                    is_leaf = false;
                }
                _ => {}
            }
        }
        if is_leaf {
            // `use a::b::{self}` is `use a::b`.
            if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            let name = renamed.or_else(|| path.last().cloned());
            leaves.push((path, name));
        }
    }
}

/// The index after the item that starts here.
fn after_item(tokens: &[TokenTree], at: usize) -> usize {
    let length = tokens[at..].iter().position(|token| {
        is_punct(Some(token), ';')
            || is_punct(Some(token), ',')
            || is_group(Some(token), Delimiter::Brace)
    });
    length.map_or(tokens.len(), |length| at + length + 1)
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
        && is_punct(tokens.get(at + 1), ':')
}

/// `r#type` as `type`.
fn plain(word: &str) -> String {
    word.trim_start_matches("r#").to_owned()
}
