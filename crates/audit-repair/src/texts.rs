//! Lines without a key of a policy: comments, wrapped values, metadata, and text around the policy.

use audit_policy::{FieldForm, PolicyObject};
use audit_types::excerpt::quote;

use crate::context::Context;
use crate::lines::Line;
use crate::placer::{OpenKey, Placer, Row, Waiting};
use crate::record::Target;
use crate::token::{Content, is_level};
use crate::types::ChangeKind;

impl Placer<'_> {
    /// Writes a line of the metadata. Returns `false` for a line after it.
    pub(crate) fn is_in_metadata(&mut self, row: Row<'_>) -> bool {
        let Some((key, is_in_map)) = self.metadata else {
            return false;
        };
        let Row { token, name, .. } = row;
        let is_policy = self.policy.form(name).is_some();
        let is_deeper = token.column > key.printed;
        let metadata = Context::new(PolicyObject::Metadata, key);
        let is_only_of_policy = matches!(name, "rules" | "omitStages" | "omitManagedFields");
        let is_after = token.begins_rule() || is_only_of_policy || (is_policy && !is_deeper);
        if is_after || (!is_deeper && name.is_empty()) {
            self.metadata = None;
            return false;
        }
        let mut out = key.out + token.column.saturating_sub(key.printed);
        if !is_deeper {
            let form = metadata.form(name);
            let is_map = form == Some(FieldForm::Mapping);
            let is_in_map = is_in_map && form.is_none();
            out = key.out + if is_in_map { 4 } else { 2 };
            self.metadata = Some((key, is_map || is_in_map));
        }
        let offset = (token.dashes > 0).then_some(token.offset.max(2));
        self.write(row, offset, out, Target::Metadata);
        true
    }

    /// Places a line without a key and without a dash: a part of the line before, or an item without its dash.
    pub(crate) fn text(&mut self, row: Row<'_>) {
        let text = row.value;
        let is_list = text.starts_with(['[', '{']);
        let is_quoted = text.starts_with(['"', '\'']);
        if !is_list && !is_quoted && self.continues_comment(row) {
            return;
        }
        let form = self.open.as_ref().and_then(|open| open.form);
        let open = self.open.clone().filter(|open| open.items.is_none());
        match open {
            Some(open) if is_list || form == Some(FieldForm::Scalar) => self.join(row, &open),
            _ if form == Some(FieldForm::Texts) && (is_quoted || !text.contains(' ')) => {
                self.text_item(row);
            }
            _ if self.outline.is_outside(row.index) => self.prose(row),
            _ => self.unplaced(row, format!("{} is not a key", quote(text))),
        }
    }

    /// Appends a value to its key. Below a comment, it gets a line of its own.
    fn join(&mut self, row: Row<'_>, open: &OpenKey) {
        let Row { token, value, .. } = row;
        let can_join = self.waiting.is_empty() && !open.has_comment;
        let key = self.out.get_mut(open.line).filter(|_| can_join);
        if let Some(key) = key {
            key.text = format!("{} {}", key.text.trim_end(), token.text);
            key.end = row.line.end;
            let sentence = format!("join {} to its key `{}`", quote(value), open.name);
            self.record
                .add(ChangeKind::WrappedLine, row.line.number, sentence);
        } else if token.column > open.column.out {
            self.verbatim(row.line);
        } else {
            let target = Target::Items(open.name.clone());
            self.write(row, None, open.column.out + 2, target);
        }
        self.has_level |= open.name == "level" && is_level(value);
        self.open = None;
        self.begin_flow(value, row.line.number);
    }

    /// Makes a line a comment if the comment above was too long for one line.
    fn continues_comment(&mut self, row: Row<'_>) -> bool {
        let before = row.index.checked_sub(1);
        let before = before.and_then(|before| self.outline.tokens.get(before));
        let has_comment = before.is_some_and(|token| {
            matches!(token.content, Content::Key { .. } | Content::Text(_))
                && token.text.contains(" #")
        });
        let indent = match self.waiting.last() {
            Some(waiting) if waiting.is_comment => waiting.line.indent(),
            None if has_comment => row.line.indent(),
            _ => return false,
        };
        self.comment(row.line, indent);
        let text = quote(row.line.text.trim());
        let sentence = format!("continue the comment above with {text}");
        self.record
            .add(ChangeKind::WrappedLine, row.line.number, sentence);
        true
    }

    fn comment(&mut self, line: &Line, indent: usize) {
        let mut comment = line.clone();
        comment.text = format!("{:indent$}# {}", "", line.text.trim());
        self.waiting.push(Waiting {
            line: comment,
            is_comment: true,
        });
    }

    /// Makes a line around the policy a comment.
    pub(crate) fn prose(&mut self, row: Row<'_>) {
        self.comment(row.line, self.policy.column.out);
        let text = quote(row.line.text.trim());
        let sentence = format!("make {text} a comment: it is not a part of the policy");
        self.record
            .add(ChangeKind::Prose, row.line.number, sentence);
    }
}
