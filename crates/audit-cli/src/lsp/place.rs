//! Finds the context of a position in a policy: its mapping, its field, and whether it is a key or a value.
//!
//! The text need not be valid: it is read from its start up to the word at the position, as the page's editor does, and quotes and brackets that were
//! never closed end where the next block begins.

mod block;
mod context;
mod flow;
mod frame;
mod reader;
mod word;

use std::collections::HashSet;

pub(super) use context::{List, Part, Place, is_list};
use reader::Reader;

/// Bytes after the position that are searched for further fields of the mapping.
const MAX_AFTER: usize = 5000;

/// Returns the context of a byte of a policy. The policy may be further right than the first column.
pub(super) fn place_at(text: &str, at: usize) -> Place {
    let at = text.floor_char_boundary(at);
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let mut reader = Reader::new(text);
    reader.lines(text.get(..line_start).unwrap_or_default());
    let mut place = Place {
        is_json: reader.is_json,
        step: 2,
        ..Place::default()
    };
    let line = before.get(line_start..).unwrap_or_default();
    let holder = reader.clone().place(line, &mut place);
    place.step = reader.step();
    if place.part != Part::None {
        let end = text.floor_char_boundary(at.saturating_add(MAX_AFTER).min(text.len()));
        let start = place.from - usize::from(place.quote.is_some());
        let rest = text.get(at..end).unwrap_or_default();
        add_fields_after(&mut place, holder, reader, line, start - line_start, rest);
    }
    place
}

/// Adds the fields that the mapping has after the word. `reader` has read the lines before that of the word, `line` is the text up to the position, and
/// `rest` the text after it.
fn add_fields_after(
    place: &mut Place,
    holder: Option<usize>,
    mut reader: Reader,
    line: &str,
    word_start: usize,
    rest: &str,
) {
    let before_word = line.get(..word_start).unwrap_or_default();
    let word = reader.offset + word_start;
    reader.watch(holder, word, place.indent);
    let first_end = rest.find('\n').map_or(rest.len(), |end| end + 1);
    let (first, following) = rest.split_at(first_end);
    reader.lines(&[before_word, first].concat());
    reader.lines(following);
    let known: HashSet<String> = place.fields.iter().map(|(name, _)| name.clone()).collect();
    place.step = reader.step();
    let further = reader.into_watched();
    let further = further
        .into_iter()
        .filter(|(name, _)| !known.contains(name));
    place.fields.extend(further);
}

#[cfg(test)]
mod tests {
    use audit_policy::help::Scope;

    use super::*;

    /// Returns the properties of a place that the facts state, as a text. `|` is the place.
    fn seen(marked: &str) -> String {
        let place = place_of(marked);
        let scope = match place.scope {
            Some(Scope::Policy) => "policy",
            Some(Scope::Rule) => "rule",
            Some(Scope::Resources) => "resources",
            None => "none",
        };
        let part = match place.part {
            Part::Key => "key".to_owned(),
            Part::Value if place.is_item => format!("value {} item", place.field),
            Part::Value => format!("value {}", place.field),
            Part::None => "none".to_owned(),
        };
        let list = match &place.list {
            Some(List::Mappings(Scope::Rule)) => " or - rule",
            Some(List::Mappings(_)) => " or - resources",
            Some(List::Texts(field)) => &format!(" or - {field}"),
            None => "",
        };
        let quote = place.quote.map(String::from).unwrap_or_default();
        format!("{scope} {part}{list} <{quote}{}>", place.word)
    }

    fn place_of(marked: &str) -> Place {
        let at = marked.find('|').unwrap();
        place_at(&marked.replacen('|', "", 1), at)
    }

    #[test]
    fn places_are_those_of_the_editor_of_the_page() {
        let facts = include_str!("../../../../web/js/test/places.json");
        let facts: Vec<(String, String, String)> = serde_json::from_str(facts).unwrap();
        assert!(facts.len() > 50);
        let wrong: Vec<String> = facts
            .iter()
            .filter(|(_, text, expected)| seen(text) != *expected)
            .map(|(name, text, expected)| {
                format!(
                    "{name}: {text:?}\n  expected {expected}\n  found    {}",
                    seen(text)
                )
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn fields_of_the_mapping_are_known_before_and_after() {
        for (marked, expected) in [
            (
                "rules:\n- level: None\n  |\n  resources:\n  - group: apps\n  verbs: [get]\n- users: [a]\n",
                "level resources verbs",
            ),
            (
                "rules:\n- level: None\n  ver|\n  resources:\n  - group: apps\n- users: [a]\n",
                "level resources",
            ),
            ("rules:\n- |\n  verbs: [get]\n- users: [a]\n", "verbs"),
            (
                "{\"rules\": [{\"level\": \"None\", | \"verbs\": [\"get\"]}, {\"users\": []}]}",
                "level verbs",
            ),
            (
                "omitStages: []\n|\nrules:\n- level: None\n",
                "omitStages rules",
            ),
        ] {
            let place = place_of(marked);
            let names: Vec<&str> = place.fields.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names.join(" "), expected, "{marked:?}");
        }
    }

    #[test]
    fn the_group_of_an_entry_is_known_before_and_after() {
        for marked in [
            "rules:\n- resources:\n  - group: apps\n    resources: [|",
            "rules:\n- resources:\n  - resources: [|]\n    group: apps\n",
            "rules:\n- resources: [{group: \"apps\", resources: [|]}]\n",
        ] {
            assert_eq!(
                place_of(marked).value_of("group"),
                Some("apps"),
                "{marked:?}"
            );
        }
    }

    #[test]
    fn items_indentation_and_the_start_of_the_word_are_known() {
        let place = place_of("omitStages: [Panic, \"ResponseStarted\", |");
        assert_eq!(place.items, ["Panic", "ResponseStarted"]);
        assert_eq!(place_of("kind: \"Po|").from, 7);
        assert_eq!(place_of("rules:\n  - level: None\n    |").step, 2);
        assert_eq!(place_of("rules:\n- level: None\n  |").step, 0);
        assert_eq!(
            seen("    rules:\n    - level: Me|"),
            "rule value level <Me>"
        );
    }

    #[test]
    fn long_texts_take_linear_time() {
        let text = format!(
            "rules:\n{}- level: ",
            "- level: None\n  verbs: [get, list]\n".repeat(30_000)
        );
        assert_eq!(place_at(&text, text.len()).field, "level");
        let deep = "[".repeat(1_000_000);
        assert_eq!(place_at(&deep, deep.len()).part, Part::None);
        let quotes = "rules: [\"\n".repeat(100_000);
        assert_eq!(place_at(&quotes, quotes.len()).part, Part::None);
    }

    #[test]
    fn no_text_cut_anywhere_panics() {
        let text =
            "a: [{\"b\\\": 'c\n- - : , ] } {[\n  - \"x\n? y\n&z *w !t | >\n--- \n- [}]\né😀\r\n";
        for at in 0..=text.len() + 1 {
            place_at(text, at);
        }
    }
}
