//! Lines of a policy as tokens: indentation, dashes of lists, a key, a value.

use audit_policy::{KubernetesVersion, PolicyObject, field_form};

/// Content of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content<'t> {
    /// Nothing.
    Blank,
    /// A comment.
    Comment,
    /// `---` or `...`.
    Marker,
    /// A key with its value and what follows it on the line.
    Key {
        /// Name without quotes.
        name: &'t str,
        /// Value without the comment behind it.
        value: &'t str,
        /// `true` if the space after the colon is missing.
        is_tight: bool,
    },
    /// Anything else, without the comment behind it.
    Text(&'t str),
}

/// A line as tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    /// Column of the first dash, or of the content without a dash.
    pub(crate) column: usize,
    /// Number of dashes.
    pub(crate) dashes: usize,
    /// Columns from the last dash to the content.
    pub(crate) offset: usize,
    /// `true` if the space after a dash is missing.
    pub(crate) is_tight_dash: bool,
    /// Text after the dashes, with the comment behind it.
    pub(crate) text: &'t str,
    /// Meaning of the text.
    pub(crate) content: Content<'t>,
}

/// Form of a value, as far as its text shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueForm {
    /// Nothing, or a comment only.
    Empty,
    /// A list of strings.
    Texts,
    /// A list of mappings.
    Objects,
    /// Anything else.
    Other,
}

const OBJECTS: [PolicyObject; 3] = [
    PolicyObject::Policy,
    PolicyObject::Rule,
    PolicyObject::GroupResources,
];

/// Returns `true` if an object of a policy has a field of that name.
pub(crate) fn is_known(name: &str) -> bool {
    let has = |object| field_form(object, name, KubernetesVersion::NEWEST).is_some();
    OBJECTS.into_iter().any(has)
}

/// Returns `true` if a policy has a field of that name.
pub(crate) fn is_of_policy(name: &str) -> bool {
    field_form(PolicyObject::Policy, name, KubernetesVersion::NEWEST).is_some()
}

/// Returns `true` if a rule, but not an entry of its resources, has a field of that name.
pub(crate) fn is_of_rule(name: &str) -> bool {
    let has = |object| field_form(object, name, KubernetesVersion::NEWEST).is_some();
    has(PolicyObject::Rule) && !has(PolicyObject::GroupResources)
}

impl<'t> Token<'t> {
    /// Reads a line.
    pub(crate) fn read(line: &'t str) -> Self {
        let line = line.trim_end();
        let mut rest = line.trim_start_matches([' ', '\t']);
        let mut token = Token {
            column: line.len() - rest.len(),
            dashes: 0,
            offset: 0,
            is_tight_dash: false,
            text: rest,
            content: Content::Blank,
        };
        if rest.is_empty() {
            return token;
        }
        if let Some(marker) = marker(line) {
            token.content = marker;
            return token;
        }
        while let Some(after) = rest.strip_prefix('-') {
            let content = after.trim_start_matches([' ', '\t']);
            let is_tight = content.len() == after.len() && !content.is_empty();
            if is_tight && !is_item(content) {
                break;
            }
            token.is_tight_dash |= is_tight;
            token.dashes += 1;
            token.offset = if is_tight {
                2
            } else {
                rest.len() - content.len()
            };
            rest = content;
        }
        token.text = rest;
        token.content = content(rest);
        token
    }

    /// Returns the name of the key. `None` without one.
    pub(crate) const fn name(&self) -> Option<&'t str> {
        match self.content {
            Content::Key { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Returns `true` for a line that has a key of a policy or an item of a list.
    pub(crate) fn is_structure(&self) -> bool {
        self.dashes > 0 || self.name().is_some_and(is_known)
    }

    /// Returns `true` for a line that begins a rule, whether its dash is there or lost.
    pub(crate) fn begins_rule(&self) -> bool {
        match self.name() {
            Some("level") => true,
            Some(name) if self.dashes > 0 => is_of_rule(name),
            _ => false,
        }
    }
}

fn marker(line: &str) -> Option<Content<'_>> {
    let is = |marker| {
        line.strip_prefix(marker)
            .is_some_and(|rest: &str| rest.is_empty() || rest.starts_with(' '))
    };
    (is("---") || is("...")).then_some(Content::Marker)
}

/// Returns `true` if a text right after a dash is meant as an item.
fn is_item(text: &str) -> bool {
    match content(text) {
        Content::Key { name, .. } => is_known(name),
        Content::Text(text) => {
            let rest = text.strip_prefix('-');
            text.starts_with(['"', '\'', '{']) || rest.is_some_and(|rest| rest.starts_with(' '))
        }
        _ => false,
    }
}

/// Returns what a text after its dashes is.
fn content(text: &str) -> Content<'_> {
    if text.is_empty() {
        return Content::Text("");
    }
    if text.starts_with('#') {
        return Content::Comment;
    }
    let bare = without_comment(text);
    match key(bare) {
        Some((name, value, is_tight)) => Content::Key {
            name,
            value,
            is_tight,
        },
        None => Content::Text(bare),
    }
}

/// Splits a key from its value.
fn key(text: &str) -> Option<(&str, &str, bool)> {
    let quote = text
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''));
    let (name, rest) = match quote {
        Some(quote) => text.get(1..)?.split_once(quote)?,
        None => {
            let is_name = |character: char| {
                character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '/')
            };
            let end = text.find(|character| !is_name(character))?;
            text.split_at_checked(end)?
        }
    };
    let rest = rest.trim_start_matches(' ').strip_prefix(':')?;
    let is_spaced = rest.is_empty() || rest.starts_with([' ', '\t']);
    let is_of_metadata = matches!(name, "name" | "labels" | "annotations");
    let is_tight = !is_spaced && (is_known(name) || is_of_metadata);
    (!name.is_empty() && (is_spaced || is_tight)).then(|| (name, rest.trim(), is_tight))
}

/// Returns a text without the comment behind it.
pub(crate) fn without_comment(text: &str) -> &str {
    let mut scan = Flow::default();
    let mut before = ' ';
    for (offset, character) in text.char_indices() {
        if character == '#' && !scan.is_quoted() && matches!(before, ' ' | '\t') {
            return text.get(..offset).unwrap_or(text).trim_end();
        }
        scan.step(character, before);
        before = character;
    }
    text.trim_end()
}

/// Brackets and quotes that are open in a flow list, such as `[a, "b"]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    depth: usize,
    braces: usize,
    quote: Option<char>,
    is_escaped: bool,
}

impl Flow {
    /// Reads the value of a key or an item of a list. Brackets inside a plain text have no meaning.
    pub(crate) fn of(value: &str) -> Self {
        let mut flow = Self::default();
        if value.starts_with(['[', '{', '"', '\'']) {
            flow.read(value);
        }
        flow
    }

    /// Reads another line.
    pub(crate) fn read(&mut self, line: &str) {
        let mut before = ' ';
        for character in line.chars() {
            let is_comment = character == '#' && matches!(before, ' ' | '\t');
            if is_comment && !self.is_quoted() {
                return;
            }
            self.step(character, before);
            before = character;
        }
    }

    /// Returns `true` if a bracket or a quote is open.
    pub(crate) const fn is_open(&self) -> bool {
        self.depth > 0 || self.quote.is_some()
    }

    /// Returns `true` if a mapping is open, of which keys can be on lines of their own.
    pub(crate) const fn is_mapping(&self) -> bool {
        self.braces > 0
    }

    const fn is_quoted(&self) -> bool {
        self.quote.is_some()
    }

    fn step(&mut self, character: char, before: char) {
        match self.quote {
            Some('"') if self.is_escaped => self.is_escaped = false,
            Some('"') if character == '\\' => self.is_escaped = true,
            Some(quote) if character == quote => self.quote = None,
            Some(_) => {}
            None => match character {
                '"' | '\'' if matches!(before, ' ' | '[' | '{' | ',' | ':' | '\t' | '\'') => {
                    self.quote = Some(character);
                }
                '[' => self.depth += 1,
                ']' => self.depth = self.depth.saturating_sub(1),
                '{' => {
                    self.depth += 1;
                    self.braces += 1;
                }
                '}' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.braces = self.braces.saturating_sub(1);
                }
                _ => {}
            },
        }
    }
}

/// Returns `true` for the name of a level.
pub(crate) fn is_level(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    ["None", "Metadata", "Request", "RequestResponse"]
        .iter()
        .any(|level| level.eq_ignore_ascii_case(value))
}

/// Returns the form of a value.
pub(crate) fn form_of(value: &str) -> ValueForm {
    match value.chars().next() {
        None => ValueForm::Empty,
        Some('[') => {
            let inside = value.get(1..).unwrap_or_default().trim_start();
            if inside.starts_with('{') {
                ValueForm::Objects
            } else {
                ValueForm::Texts
            }
        }
        Some('{') => ValueForm::Objects,
        Some(_) => ValueForm::Other,
    }
}
