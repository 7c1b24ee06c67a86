//! Fixes that change a list of a rule: another field for it, one item less, one item more.

use audit_types::{Edit, Fix, Path, Span, Step};

use super::report::LintDiagnostics;

/// Maximum number of items of a list that are compared with a replacement.
const MAX_ITEMS: usize = 200;

/// Characters that mean a comment, an anchor or an escape, which a replacement would lose.
const SPECIAL: [char; 3] = ['#', '&', '\\'];

impl LintDiagnostics<'_> {
    /// Returns true if a value is written inside its rule, and not in an anchor that other rules may share.
    fn is_own(&self, path: &Path, span: Span) -> bool {
        let rule = Path(path.0.iter().take(2).cloned().collect());
        self.locate(&rule)
            .is_some_and(|rule| rule.value.start <= span.start && span.end <= rule.value.end)
    }

    /// Fix that replaces a field and its list of strings by another field. `None` if a comment or an anchor would be lost.
    pub fn replace_list(
        &self,
        path: &Path,
        field: &str,
        values: &[String],
        title: String,
    ) -> Option<Fix> {
        let located = self.locate(path)?;
        let key = located.key?;
        let span = Span::new(key.start, located.value.end);
        let old = self.source().get(span.start..span.end)?;
        let is_plain = key.end <= located.value.start && !old.contains(SPECIAL);
        if !is_plain || !self.is_own(path, span) {
            return None;
        }
        let values: Vec<String> = values.iter().map(|value| double_quoted(value)).collect();
        let quote = if old.starts_with('"') { "\"" } else { "" };
        let text = format!("{quote}{field}{quote}: [{}]", values.join(", "));
        Some(fix(title, span, text))
    }

    /// Fix that replaces a string by another of plain letters. An item of a list that already contains the other is removed instead. `None` unless the
    /// source spells the string literally.
    pub fn replace(&self, path: &Path, old: &str, new: &str, title: String) -> Option<Fix> {
        if let Some((Step::Index(index), above)) = path.0.split_last() {
            let list = Path(above.to_vec());
            if self.has_other_item(&list, *index, new) {
                return self.remove_item(&list, *index, format!("remove `{old}`"));
            }
        }
        self.replace_text(path, old, new, title)
    }

    /// Returns whether another item of a list is spelled as this text, with or without quotes.
    fn has_other_item(&self, list: &Path, index: usize, text: &str) -> bool {
        let items = (0..MAX_ITEMS).map_while(|at| Some((at, self.locate(&list.index(at))?.value)));
        items.into_iter().any(|(at, span)| {
            let spelled = self.source().get(span.start..span.end).unwrap_or_default();
            at != index && spelled.trim_matches(['"', '\'']) == text
        })
    }

    /// Fix that removes an item of a list with several items. `None` if a comment or an anchor would be lost.
    pub fn remove_item(&self, list: &Path, index: usize, title: String) -> Option<Fix> {
        let item = self.locate(&list.index(index))?.value;
        let next = self.locate(&list.index(index + 1));
        let source = self.source();
        let span = if let Some(next) = next {
            // Up to the next item: in block style, its `- ` becomes that of the removed one.
            Span::new(item.start, next.value.start)
        } else {
            let previous = self.locate(&list.index(index.checked_sub(1)?))?.value;
            Span::new(previous.end, item.end)
        };
        let removed = source.get(span.start..span.end)?;
        let between = removed.replace(source.get(item.start..item.end)?, "");
        let is_plain = between
            .chars()
            .all(|letter| matches!(letter, ' ' | '\n' | '\r' | '-' | ','));
        let is_sound = is_plain && !removed.contains(SPECIAL) && self.is_own(list, span);
        is_sound.then(|| fix(title, span, String::new()))
    }

    /// Fix that inserts an entry of `resources` before another. `None` if the layout is unusual.
    pub fn insert_resources(
        &self,
        entry: &Path,
        group: &str,
        pattern: &str,
        title: String,
    ) -> Option<Fix> {
        let span = self.locate(entry)?.value;
        let at = span.start;
        if !self.is_own(entry, span) {
            return None;
        }
        let source = self.source();
        let before = source.get(..at)?;
        let text = format!(
            "{{\"group\": {}, \"resources\": [{}]}}",
            double_quoted(group),
            double_quoted(pattern)
        );
        let yaml = format!(
            "{{group: {}, resources: [{}]}}",
            double_quoted(group),
            double_quoted(pattern)
        );
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let is_block = line.chars().all(|letter| matches!(letter, ' ' | '-'))
            && line.trim_end().ends_with('-');
        let inserted = if is_block {
            let dash = line.rfind('-')?;
            let indent = " ".repeat(dash);
            let gap = line.get(dash + 1..)?;
            format!("{yaml}\n{indent}-{gap}")
        } else if before.trim_end().ends_with(['[', ',']) {
            let is_json = self.source().trim_start().starts_with('{');
            format!("{}, ", if is_json { text } else { yaml })
        } else {
            return None;
        };
        Some(fix(title, Span::new(at, at), inserted))
    }
}

fn fix(title: String, span: Span, text: String) -> Fix {
    Fix::new(title, vec![Edit { span, text }])
}

/// Returns a string in double quotes, for YAML and JSON. Names of users and groups have nothing to escape but quotes and backslashes.
fn double_quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
