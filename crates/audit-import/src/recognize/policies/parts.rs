//! Parts of a text: those of a MIME message, here-documents of a script, YAML documents.

use std::collections::HashSet;

use audit_policy::document::{Document, Kind, Node, documents};
use audit_types::{Path, Span};

use super::{Contents, Frame, Inner};
use crate::input_format::InputFormat;
use crate::recognize::mime::MimePart;
use crate::recognize::owner::Owner;
use crate::recognize::printed::PrintedFile;
use crate::recognize::script::HereDocument;
use crate::recognize::source_map::SourceMap;
use crate::recognize::template::TemplateLanguage;
use crate::recognize::written::{PolicyReference, WrittenFile};
use crate::recognize::{base64, kind, printed, scalar_map, script, terraform};
use crate::shell_words::Language;

/// Maximum size of the commands of a list that are read together.
const MAX_COMMANDS_BYTES: usize = 1 << 20;

/// Commands of a list as one script.
#[derive(Default)]
struct Commands<'n> {
    text: String,
    /// Offset of each in the text, its index in the list, and its text.
    items: Vec<(usize, usize, Node<'n>)>,
    /// Lines of here-documents, in ascending order.
    bodies: Vec<Span>,
}

impl<'n> Commands<'n> {
    fn of(list: Node<'n>) -> Self {
        let mut found = Self::default();
        for (index, item) in list.items().enumerate() {
            // The arguments of a shell: its script is the last one.
            let node = item.items().last().unwrap_or(item);
            let Some(command) = node.text() else { continue };
            let start = found.text.len();
            if start + command.len() > MAX_COMMANDS_BYTES {
                break;
            }
            let own = script::here_documents(command).into_iter();
            let moved = |span: Span| Span::new(span.start + start, span.end + start);
            found.bodies.extend(own.map(|part| moved(part.span)));
            found.items.push((start, index, node));
            found.text.push_str(command);
            found.text.push('\n');
        }
        found
    }
}

impl Contents {
    /// Reads the parts of a MIME message.
    pub(in crate::recognize) fn message(
        &mut self,
        text: &str,
        parts: &[MimePart],
        map: &SourceMap,
        inner: &Inner<'_>,
    ) {
        let inner = Inner {
            nesting: inner.nesting + 1,
            ..*inner
        };
        for part in parts {
            let Some(body) = text.get(part.body.start..part.body.end) else {
                continue;
            };
            let place = SourceMap::part(part.body).within(map);
            match part.decoded(body) {
                Some(decoded) => self.text(&decoded, &SourceMap::coarse(place.whole()), &inner),
                None => self.text(body, &place, &inner),
            }
        }
    }

    /// Reads the files that a script writes with `printf` and `echo`, outside of its here-documents, except those with one of these names.
    fn printed_files(
        &mut self,
        text: &str,
        here_documents: &[HereDocument],
        known: &HashSet<String>,
        map: &SourceMap,
        inner: &Inner<'_>,
    ) {
        let bodies: Vec<Span> = here_documents.iter().map(|part| part.span).collect();
        let mut files = printed::files(text, &bodies);
        files.retain(|file| !known.contains(&file.name));
        self.printed(files, map, inner);
    }

    /// Reads the files that several commands of a list write together, such as those of `runcmd` in a cloud-init configuration, and what else these
    /// commands contain. Returns their indexes.
    pub(super) fn commands(
        &mut self,
        list: Node<'_>,
        path: &Path,
        owner: &Owner,
        frame: &Frame<'_>,
    ) -> HashSet<usize> {
        let Commands {
            text,
            items: commands,
            bodies,
        } = Commands::of(list);
        let mut together = HashSet::new();
        if commands.len() < 2 || !text.contains(">>") {
            return together;
        }
        let number_at = |at: usize| commands.partition_point(|(start, ..)| *start <= at);
        let mut files = printed::files(&text, &bodies);
        files.retain(|file| {
            let whole = file.map.whole();
            let first = number_at(whole.start).saturating_sub(1);
            let end = number_at(whole.end.saturating_sub(1));
            let of_file = commands.get(first..end).unwrap_or_default();
            // A file of one command is found in its text.
            let is_of_several = of_file.len() > 1;
            let writes =
                |node: &Node<'_>| node.text().is_some_and(|text| text.contains(&file.name));
            let writers = of_file
                .iter()
                .filter(|(.., node)| is_of_several && writes(node));
            together.extend(writers.map(|(_, index, _)| *index));
            is_of_several
        });
        let known: HashSet<String> = files.iter().map(|file| file.name.clone()).collect();
        if !files.is_empty() {
            let map = |(start, _, node): &(usize, usize, Node<'_>)| {
                (*start, scalar_map::map(*node, frame.source))
            };
            let map = SourceMap::joined(commands.iter().map(map).collect());
            let inner = Inner {
                path: &frame.full(path),
                owner,
                nesting: frame.nesting,
                expanded_by: None,
            };
            self.printed(files, &map.within(frame.map), &inner);
        }
        for (_, index, node) in commands {
            if together.contains(&index) {
                let inner = Inner {
                    path: &frame.full(&path.index(index)),
                    owner,
                    nesting: frame.nesting,
                    expanded_by: None,
                };
                self.rest_of_command(node, &known, frame, &inner);
            }
        }
        together
    }

    /// Reads a command of a list, except the files that it writes together with others.
    fn rest_of_command(
        &mut self,
        command: Node<'_>,
        known: &HashSet<String>,
        frame: &Frame<'_>,
        inner: &Inner<'_>,
    ) {
        let text = command.text().unwrap_or_default();
        let map = scalar_map::map(command, frame.source).within(frame.map);
        self.references
            .extend(PolicyReference::in_text(Language::Any, text, &map));
        self.files_of_script(text, known, &map, inner);
    }

    /// Adds texts that commands print.
    fn printed(&mut self, files: Vec<PrintedFile>, map: &SourceMap, inner: &Inner<'_>) {
        for printed in files {
            let below = printed.map.within(map);
            let file = printed.name.starts_with('/').then(|| printed.name.clone());
            if let Some(path) = &file {
                self.files.push(WrittenFile {
                    path: path.clone(),
                    span: below.whole(),
                });
            }
            let owner = Owner::of_file(file);
            let inner = Inner {
                path: if inner.path.is_empty() {
                    &printed.name
                } else {
                    inner.path
                },
                owner: &owner,
                nesting: inner.nesting + 1,
                expanded_by: match inner.expanded_by {
                    None => printed.is_expanded.then_some(TemplateLanguage::Shell),
                    language => language,
                },
            };
            self.text(&printed.text, &below, &inner);
        }
    }

    /// Reads the files that a script writes.
    pub(super) fn here_documents(&mut self, text: &str, map: &SourceMap, inner: &Inner<'_>) {
        self.files_of_script(text, &HashSet::new(), map, inner);
    }

    /// Reads the files that a script writes, except printed ones with one of these names.
    fn files_of_script(
        &mut self,
        text: &str,
        known: &HashSet<String>,
        map: &SourceMap,
        inner: &Inner<'_>,
    ) {
        let here_documents = script::here_documents(text);
        self.printed_files(text, &here_documents, known, map, inner);
        for part in here_documents {
            let stripped = part.stripped(text);
            let (body, below) = match &stripped {
                Some((body, own)) => (body.as_str(), own.within(map)),
                None => {
                    let body = text.get(part.span.start..part.span.end);
                    let below = SourceMap::part(part.span).within(map);
                    (body.unwrap_or_default(), below)
                }
            };
            let owner = Owner::of_file(part.file.clone());
            if let Some(file) = &part.file {
                self.files.push(WrittenFile {
                    path: file.clone(),
                    span: below.whole(),
                });
            }
            let attribute = (inner.path.is_empty()
                && inner.expanded_by == Some(TemplateLanguage::Terraform))
            .then(|| terraform::attribute_of_body(text, part.span.start));
            let path = match (&part.file, attribute.as_deref(), inner.path) {
                (Some(file), _, "") => file,
                (None, Some(attribute), "") => attribute,
                (.., path) => path,
            };
            let inner = Inner {
                path,
                owner: &owner,
                nesting: inner.nesting + 1,
                expanded_by: match inner.expanded_by {
                    None => part.is_expanded.then_some(TemplateLanguage::Shell),
                    language => language,
                },
            };
            if part.is_base64 {
                if let Some(decoded) = base64::text_of(body) {
                    self.text(&decoded, &SourceMap::coarse(below.whole()), &inner);
                }
                continue;
            }
            self.text(body, &below, &inner);
        }
    }

    /// Reads the documents of a text, and the files that a script writes.
    pub(super) fn documents_in(&mut self, text: &str, map: &SourceMap, inner: &Inner<'_>) {
        self.here_documents(text, map, inner);
        if !text.contains('\n') && !text.starts_with('{') {
            return;
        }
        for part in documents(text) {
            let Ok(document) = Document::read_part(text, part) else {
                continue;
            };
            let is_read = |root: &Node<'_>| {
                root.kind() == Kind::Object || kind::of(*root) == InputFormat::JsonPatch
            };
            let Some(root) = document.root().filter(is_read) else {
                continue;
            };
            if kind::is_policy(root) {
                if let Some(text) = text.get(part.start..part.end) {
                    let map = SourceMap::part(part).within(map);
                    self.text_policy(text, &map, inner, None);
                }
                continue;
            }
            let format = kind::of(root);
            if format == InputFormat::Kubeconfig {
                self.webhook_files.extend(inner.owner.file.clone());
            }
            if format != InputFormat::Unknown {
                self.inner.push((inner.path.to_owned(), format));
            }
            let frame = Frame {
                source: text,
                map,
                path: inner.path,
                nesting: inner.nesting + 1,
                format,
                unknown: &[],
            };
            self.document(root, &frame);
        }
    }
}
