//! Collections that are open at a position.

/// Progress of a mapping's last field, or of a list's item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing is read yet, or a comma was last.
    Start,
    /// A field without its colon.
    Key,
    /// A field without its value.
    Colon,
    /// A value.
    Value,
}

/// An open mapping or list.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) is_map: bool,
    /// In brackets.
    pub(super) is_flow: bool,
    /// Column of a block; in brackets, the indentation of the line that opened the first one.
    pub(super) indent: usize,
    /// Byte of the first key, dash or bracket; no other frame has it.
    pub(super) start: usize,
    pub(super) progress: Progress,
    /// Fields of a mapping, with their values where those are scalars.
    pub(super) fields: Vec<(String, String)>,
    /// Items of a list that are scalars.
    pub(super) items: Vec<String>,
}

impl Frame {
    pub(super) const fn new(is_map: bool, is_flow: bool, indent: usize, start: usize) -> Self {
        Self {
            is_map,
            is_flow,
            indent,
            start,
            progress: Progress::Start,
            fields: Vec::new(),
            items: Vec::new(),
        }
    }

    /// Returns the last field of a mapping; empty if there is none.
    pub(super) fn key(&self) -> &str {
        self.fields.last().map_or("", |(name, _)| name.as_str())
    }

    /// Returns whether the last field has no value yet.
    pub(super) const fn has_no_value(&self) -> bool {
        matches!(self.progress, Progress::Key | Progress::Colon)
    }

    /// Adds a field without its value.
    pub(super) fn add_field(&mut self, name: &str, progress: Progress) {
        self.fields.push((name.to_owned(), String::new()));
        self.progress = progress;
    }

    /// Adds a scalar: a value of a mapping, or an item of a list.
    pub(super) fn add_scalar(&mut self, text: &str) {
        if !self.is_map {
            self.items.push(text.to_owned());
        } else if let Some((_, value)) = self.fields.last_mut() {
            text.clone_into(value);
        }
        self.progress = Progress::Value;
    }
}
