//! A convenient view of a YAML or JSON document: values with their spans, parsed as kube-apiserver does.

use crate::text::{self, MAX_BYTES};
use crate::tree::{Entry, NodeRef, Tree, Value};
use crate::{DuplicateKey, Reading, SyntaxError, json, yaml};
use audit_types::KubernetesVersion;
use audit_types::Span;

/// One document of a text. Spans count bytes of the whole text.
#[derive(Debug, Clone)]
pub struct Document<'t> {
    text: &'t str,
    offset: usize,
    tree: Tree,
    repeated: Vec<DuplicateKey>,
}

/// Error of parsing a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct ParseError {
    /// Message of the server.
    pub message: String,
    /// Position of the error.
    pub span: Span,
}

/// Kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`, or an empty value.
    Null,
    /// `true` or `false`; in YAML also `yes`, `off` and so on.
    Bool,
    /// A number.
    Number,
    /// A string.
    Text,
    /// A list.
    List,
    /// An object, also called a map.
    Object,
}

/// A value of a document.
#[derive(Debug, Clone, Copy)]
pub struct Node<'d> {
    document: &'d Document<'d>,
    node: NodeRef,
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field<'d> {
    /// Name.
    pub name: &'d str,
    /// Span of the name.
    pub key: Span,
    /// Value.
    pub value: Node<'d>,
}

/// Splits a text into documents at lines that start with `---`. Each part starts with that line.
pub fn documents(text: &str) -> Vec<Span> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let after = line.strip_prefix("---");
        let parts_here =
            after.is_some_and(|after| after.is_empty() || after.starts_with(char::is_whitespace));
        if parts_here && at > start {
            parts.push(Span::new(start, at));
            start = at;
        }
        at += line.len();
    }
    parts.push(Span::new(start, at));
    parts
}

impl<'t> Document<'t> {
    /// Parses the first document of a text.
    pub fn read(text: &'t str) -> Result<Self, ParseError> {
        Self::read_part(text, Span::new(0, text.len()))
    }

    /// Parses the first document of a part of a text.
    pub fn read_part(text: &'t str, part: Span) -> Result<Self, ParseError> {
        let source = checked(text, part)?;
        let read = text::read(source.as_bytes());
        let in_json =
            text::is_json(source.as_bytes()).then(|| json::read(&read.text, source.as_bytes()));
        // What stands in braces may be YAML all the same.
        let reading = match in_json {
            Some(reading) if reading.error.is_none() => reading,
            _ => yaml::read(&read, KubernetesVersion::NEWEST),
        };
        Self::of_reading(text, part, reading)
    }

    /// Parses the first document of a part of a text, and calls `each` with every item of the list that is a field of its top-level object. In
    /// YAML without anchors, items are not kept after the call, and the document has the list without them: its memory does not grow with
    /// them. After an error, `each` may have been called.
    ///
    /// ```
    /// use audit_types::Span;
    /// use kube_yaml::document::Document;
    ///
    /// let text = "kind: Cases\ntests:\n- a\n- b\n";
    /// let mut tests = Vec::new();
    /// let part = Span::new(0, text.len());
    /// let read = Document::read_items(text, part, "tests", &mut |item| {
    ///     tests.extend(item.text().map(str::to_owned));
    /// });
    /// assert_eq!(tests, ["a", "b"]);
    /// assert_eq!(read.unwrap().root().unwrap().get("kind").unwrap().text(), Some("Cases"));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first syntax error.
    pub fn read_items(
        text: &'t str,
        part: Span,
        field: &str,
        each: &mut dyn FnMut(Node<'_>),
    ) -> Result<Self, ParseError> {
        let source = checked(text, part)?;
        // Aliases refer to anchors before them, so all of the document has to be kept.
        if source.contains('&') || text::is_json(source.as_bytes()) {
            let document = Self::read_part(text, part)?;
            let list = document.root().and_then(|root| root.get(field));
            list.into_iter().flat_map(Node::items).for_each(each);
            return Ok(document);
        }
        let item = |tree| {
            let document = Document {
                text,
                offset: part.start,
                tree,
                repeated: Vec::new(),
            };
            document.root().into_iter().for_each(&mut *each);
        };
        let read = text::read(source.as_bytes());
        let reading = yaml::read_items(&read, KubernetesVersion::NEWEST, field, &mut { item });
        Self::of_reading(text, part, reading)
    }

    fn of_reading(text: &'t str, part: Span, reading: Reading) -> Result<Self, ParseError> {
        let Reading {
            tree,
            duplicates,
            error,
            ..
        } = reading;
        if let Some(SyntaxError { text, span }) = error {
            return Err(ParseError {
                message: text,
                span: moved(span, part.start),
            });
        }
        Ok(Self {
            text,
            offset: part.start,
            tree,
            repeated: duplicates,
        })
    }

    /// Returns the top-level value.
    pub fn root(&self) -> Option<Node<'_>> {
        self.tree.root.map(|node| Node {
            document: self,
            node,
        })
    }

    /// Returns the duplicate keys of a YAML document with their spans; none for JSON.
    pub fn repeated_keys(&self) -> impl Iterator<Item = (&str, Span)> {
        self.repeated
            .iter()
            .map(|again| (again.key.as_str(), moved(again.span, self.offset)))
    }
}

/// Returns a part of a text, unless it is too large.
fn checked(text: &str, part: Span) -> Result<&str, ParseError> {
    let source = text.get(part.start..part.end).unwrap_or_default();
    if source.len() > MAX_BYTES {
        let message = format!(
            "too large to read here: the limit is {} MiB",
            MAX_BYTES >> 20
        );
        return Err(ParseError {
            message,
            span: part,
        });
    }
    Ok(source)
}

fn moved(span: Span, by: usize) -> Span {
    Span::new(span.start + by, span.end + by)
}

impl<'d> Node<'d> {
    fn value(self) -> &'d Value {
        self.document.tree.get(self.node)
    }

    fn at(self, node: NodeRef) -> Self {
        Self { node, ..self }
    }

    fn as_field(self, entry: &'d Entry) -> Field<'d> {
        Field {
            name: &entry.key,
            key: moved(entry.key_span, self.document.offset),
            value: self.at(entry.node),
        }
    }

    /// Returns the kind of the value.
    pub fn kind(self) -> Kind {
        match self.value() {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) => Kind::Number,
            Value::Text(_) => Kind::Text,
            Value::List(_) => Kind::List,
            Value::Object(_) => Kind::Object,
        }
    }

    /// Returns the span of the value; for an alias, that of the alias.
    pub fn span(self) -> Span {
        moved(self.node.span, self.document.offset)
    }

    /// Returns the source of the value.
    pub fn spelled(self) -> &'d str {
        let span = self.span();
        self.document
            .text
            .get(span.start..span.end)
            .unwrap_or_default()
    }

    /// Returns true if the value is an alias.
    pub fn is_alias(self) -> bool {
        self.spelled().starts_with('*')
    }

    /// Returns the string. `None` for other kinds.
    pub fn text(self) -> Option<&'d str> {
        match self.value() {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a number in JSON's spelling. `None` for other kinds.
    pub fn number(self) -> Option<&'d str> {
        match self.value() {
            Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value as JSON, with numbers as spelled; `null` below a depth of 100.
    pub fn json(self) -> String {
        self.document.tree.json(self.node)
    }

    /// Returns true if the value is the boolean `true`.
    pub fn is_true(self) -> bool {
        *self.value() == Value::Bool(true)
    }

    /// Returns the items of a list; none for other kinds.
    pub fn items(self) -> impl Iterator<Item = Self> {
        let items = match self.value() {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |node| self.at(*node))
    }

    /// Returns the fields of an object, sorted in YAML and as written in JSON; none for other kinds.
    pub fn fields(self) -> impl Iterator<Item = Field<'d>> {
        let entries = match self.value() {
            Value::Object(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(move |entry| self.as_field(entry))
    }

    /// Returns the last field with the name, whose value is used.
    pub fn field(self, name: &str) -> Option<Field<'d>> {
        let entry = self.document.tree.field(self.node, name)?;
        Some(self.as_field(entry))
    }

    /// Returns the value of the field with the name.
    pub fn get(self, name: &str) -> Option<Self> {
        self.field(name).map(|field| field.value)
    }

    /// Returns the value at a path of fields.
    pub fn at_path(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_where_they_stand_in_the_whole_text() {
        let text = "a: 1\n---\nb:\n- x: 'y' # c\n  z: yes\n- *q\n";
        let parts = documents(text);
        assert_eq!(parts, [Span::new(0, 5), Span::new(5, text.len())]);
        let error = Document::read_part(text, parts[1]).unwrap_err();
        assert!(error.message.contains("unknown anchor 'q'"), "{error:?}");
        assert_eq!(text.get(error.span.start..error.span.end), Some("*q"));

        let text = "a: 1\n---\nb:\n- &q\n  x: 'y' # c\n  z: yes\n- *q\n";
        let document = Document::read_part(text, documents(text)[1]).unwrap();
        let list = document.root().and_then(|root| root.field("b")).unwrap();
        assert_eq!((list.name, list.value.kind()), ("b", Kind::List));
        let items: Vec<_> = list.value.items().collect();
        let x = items[0].get("x").unwrap();
        assert_eq!((x.text(), x.spelled()), (Some("y"), "'y'"));
        assert_eq!(text.get(x.span().start..x.span().end), Some("'y'"));
        assert!(items[1].is_alias() && !items[0].is_alias());
        assert!(items[1].get("z").is_some_and(Node::is_true));
    }

    #[test]
    fn json_and_flow_yaml_are_read() {
        for text in [
            "{\"a\": {\"b\": [1]}}",
            "{a: {b: [1]}}",
            "\u{feff}a: {b: [1]}",
        ] {
            let document = Document::read(text).unwrap();
            let list = document.root().and_then(|root| root.at_path(&["a", "b"]));
            assert_eq!(list.map(Node::spelled), Some("[1]"), "{text}");
        }
        assert!(Document::read("a: [").is_err());
        assert!(
            Document::read("")
                .unwrap()
                .root()
                .is_none_or(|root| root.kind() == Kind::Null)
        );
    }

    /// Returns the items as they are read one by one, and the document without them.
    fn items(text: &str) -> Result<(Vec<String>, String), String> {
        let mut items = Vec::new();
        let part = Span::new(0, text.len());
        let read = Document::read_items(text, part, "tests", &mut |item| {
            items.push(format!("{}={}", item.json(), item.spelled()));
        });
        let read = read.map_err(|error| error.message)?;
        let rest = read.root().map(Node::json).unwrap_or_default();
        Ok((items, rest))
    }

    #[test]
    fn items_that_are_read_one_by_one_are_those_of_the_document() {
        for text in [
            "tests:\n- a: 1\n  b: [x, {c: 'd'}]\n- e\n-\n- - f\n  - g\nkind: K\n",
            "kind: K\ntests: [{a: 1}, 2, [3]]\n",
            "tests: []\n",
            "tests: {tests: [1]}\n",
            "a: {tests: [1]}\ntests:\n- tests:\n  - 1\n",
            "[tests, [1]]\n",
            "? [tests]\n: x\n",
            "- tests: [1]\n",
            "tests:\n- <<: {a: 1}\n  b: 2\n",
            "tests:\n- \"\\x41\"\n- !!str 1\n- |\n  x\n\n- y\n",
            "x: &a 1\ntests: [*a, 2]\n",
            "{\"tests\": [1, {\"b\": 2}]}",
            "{tests: [1, {b: 2}]}",
            "",
        ] {
            let whole = Document::read(text).map_err(|error| error.message);
            let read = items(text);
            let Ok(whole) = whole else {
                assert_eq!(read.unwrap_err(), whole.unwrap_err(), "{text}");
                continue;
            };
            let (items, rest) = read.unwrap();
            let list = whole.root().and_then(|root| root.get("tests"));
            let list = list.into_iter().flat_map(Node::items);
            let expected: Vec<String> = list
                .map(|item| format!("{}={}", item.json(), item.spelled()))
                .collect();
            assert_eq!(items, expected, "{text}");
            let own = whole.root().map(Node::json).unwrap_or_default();
            assert!(
                rest == own || rest.contains("\"tests\":[]"),
                "{text}: {rest}"
            );
        }
    }

    #[test]
    fn errors_of_items_have_their_place() {
        for (text, problem) in [
            ("tests:\n- a\n- [b\n", "did not find expected ',' or ']'"),
            ("tests:\n- a\n- ? [b]\n  : c\n", "invalid map key"),
            ("tests:\n- a\n- !!int b\n", "cannot decode"),
        ] {
            let part = Span::new(0, text.len());
            let error = Document::read_items(text, part, "tests", &mut |_| {}).unwrap_err();
            assert_eq!(error, Document::read(text).unwrap_err());
            assert!(error.message.contains(problem), "{error:?}");
        }
        let text = "kind: a\ntests:\n- {b: 1, b: 2}\n- {c: 1, c: 2}\nkind: d\n";
        let part = Span::new(0, text.len());
        let read = Document::read_items(text, part, "tests", &mut |_| {}).unwrap();
        let repeated: Vec<_> = read.repeated_keys().map(|(key, _)| key).collect();
        assert_eq!(repeated, ["\"b\"", "\"c\"", "\"kind\""]);
    }

    #[test]
    fn a_key_given_twice_is_named() {
        let document = Document::read("a: 1\nb: 2\na: 3\n").unwrap();
        let repeated: Vec<_> = document.repeated_keys().collect();
        assert_eq!(repeated, [("\"a\"", Span::new(10, 11))]);
    }
}
