//! A text input with a list of completions and its problems, for the filter and the query.

use std::ops::Range;

use playground_figures::numbers;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::common::markup;
use super::name::name;
use super::screen_reader::screen_reader_only;

/// Ids and words that differ between the inputs.
#[derive(Debug, PartialEq)]
pub struct Kind {
    /// Id of the input.
    pub id: &'static str,
    /// Id of the list.
    pub list_id: &'static str,
    /// Id of the problems.
    pub problems_id: &'static str,
    /// Name of the input.
    pub label: &'static str,
    /// Example of a text.
    pub placeholder: &'static str,
    /// Word that screen readers hear before a problem: `filter: `.
    pub prefix: &'static str,
    /// Title of the button that selects the part with a problem.
    pub select: &'static str,
}

/// An entry of the list of completions.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The text as it is shown.
    pub label: String,
    /// Description, with backticks as in findings; may be empty.
    pub note: AttrValue,
    /// The text as it is written.
    pub insert: String,
}

/// Problem of a part of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct TextProblem {
    /// The problem.
    pub message: AttrValue,
    /// The remedy.
    pub help: AttrValue,
    /// The part, in bytes.
    pub range: Range<usize>,
}

/// A text and the position of the caret, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtCaret {
    /// The text.
    pub text: String,
    /// The caret.
    pub caret: usize,
}

/// Action of a person.
#[derive(Debug, Clone, PartialEq)]
pub enum ComboboxEvent {
    /// Changed the text.
    Typed(AtCaret),
    /// Asked for the list.
    Opened(AtCaret),
    /// Closed the list.
    Closed,
    /// Left the input, which closes the list.
    Left,
    /// Chose an entry, which has changed the text.
    Chosen(Choice, AtCaret),
    /// Pressed Enter without a choice.
    Entered,
    /// Pressed the arrow down without a list.
    Down(AtCaret),
    /// Pressed Escape without a list.
    Escaped,
}

/// Properties of [`Combobox`].
#[derive(Properties, PartialEq)]
pub struct ComboboxProps {
    /// The input.
    pub kind: &'static Kind,
    /// Its text.
    pub text: AttrValue,
    /// Entries of the list; without any, it is closed.
    pub choices: Vec<Choice>,
    /// The part of the text that an entry replaces, in bytes.
    pub replaced: Range<usize>,
    /// Problems of the text.
    pub problems: Vec<TextProblem>,
    /// Maximum length of the text.
    #[prop_or_default]
    pub max_length: Option<&'static str>,
    /// Receives what a person does.
    pub on: Callback<ComboboxEvent>,
    /// Content between the input and its problems.
    #[prop_or_default]
    pub children: Html,
}

/// The input with its list and its problems.
#[function_component]
pub fn Combobox(props: &ComboboxProps) -> Html {
    let input = use_node_ref();
    let active = use_state_eq(|| None::<usize>);
    let kind = props.kind;
    // Whatever is done but moving in the list leaves no entry chosen.
    let on = {
        let (on, active) = (props.on.clone(), active.setter());
        Callback::from(move |event: ComboboxEvent| {
            active.set(None);
            on.emit(event);
        })
    };
    let chosen = active.filter(|index| *index < props.choices.len());
    let choose = choose(&input, props.replaced.clone(), &on);
    let oninput = on
        .reform(|event: InputEvent| ComboboxEvent::Typed(at_caret(&event.target_unchecked_into())));
    let onkeydown = keys(&props.choices, chosen, &active, &choose, &on);
    let onblur = on.reform(|_: FocusEvent| ComboboxEvent::Left);
    // A click into the text moves the caret, which the entries are for.
    let onclick = on.reform(|_: MouseEvent| ComboboxEvent::Closed);
    let is_open = !props.choices.is_empty();
    let has_problems = !props.problems.is_empty();
    html! {
        <>
            <div class="filter">
                <input ref={input.clone()} id={kind.id} type="search" role="combobox" aria-label={kind.label} placeholder={kind.placeholder}
                    aria-autocomplete="list" aria-expanded={is_open.to_string()} aria-controls={is_open.then_some(kind.list_id)}
                    aria-activedescendant={chosen.map(|index| choice_id(kind, index))} aria-invalid={has_problems.then_some("true")}
                    aria-describedby={has_problems.then_some(kind.problems_id)} maxlength={props.max_length}
                    autocomplete="off" autocapitalize="none" spellcheck="false" value={props.text.clone()} {oninput} {onkeydown} {onblur} {onclick} />
                if is_open {
                    { list(kind, &props.choices, chosen, &choose) }
                }
            </div>
            { props.children.clone() }
            <div id={kind.problems_id} class="filter-problems" aria-live="polite">
                { for props.problems.iter().map(|one| problem(kind, one, &props.text, &input)) }
            </div>
        </>
    }
}

/// Returns the text of the input with its caret.
fn at_caret(input: &HtmlInputElement) -> AtCaret {
    let text = input.value();
    let units = input.selection_end().ok().flatten();
    AtCaret {
        caret: units.map_or(text.len(), |units| byte_offset(&text, units)),
        text,
    }
}

/// Returns the callback for a chosen entry, which replaces a part of the text.
fn choose(
    input: &NodeRef,
    replaced: Range<usize>,
    on: &Callback<ComboboxEvent>,
) -> Callback<Choice> {
    let (input, on) = (input.clone(), on.clone());
    Callback::from(move |choice: Choice| {
        let Some(input) = input.cast::<HtmlInputElement>() else {
            return;
        };
        let Some((text, caret)) = replace(&input.value(), &replaced, &choice.insert) else {
            return;
        };
        input.set_value(&text);
        let units = utf16_offset(&text, caret);
        let _ = input.set_selection_range(units, units);
        on.emit(ComboboxEvent::Chosen(choice, AtCaret { text, caret }));
    })
}

/// Replaces a part of a text, and returns where the caret is then. `None` if the text has no such part.
fn replace(text: &str, range: &Range<usize>, insert: &str) -> Option<(String, usize)> {
    let (before, after) = (text.get(..range.start)?, text.get(range.end..)?);
    let caret = before.len().saturating_add(insert.len());
    Some(([before, insert, after].concat(), caret))
}

/// Effect of a key.
#[derive(Debug, PartialEq)]
enum Pressed {
    /// Chooses another entry of the list, without taking it over.
    Move(usize),
    /// Takes over the entry.
    Take(usize),
    /// Something that the owner of the input handles; `true` if the browser does not handle the key.
    Event(ComboboxEvent, bool),
    /// Nothing here.
    Nothing,
}

/// Returns what a key does: arrows move in the list, Enter and Tab take over an entry, Escape closes the list. Without a list they are the owner's.
fn pressed(
    (key, has_alt): (&str, bool),
    choices: usize,
    chosen: Option<usize>,
    at: AtCaret,
) -> Pressed {
    let last = choices.checked_sub(1);
    match (key, last, chosen) {
        ("ArrowDown", ..) if has_alt => Pressed::Event(ComboboxEvent::Opened(at), true),
        ("ArrowDown", Some(last), _) => {
            let next = chosen.map_or(0, |index| index.saturating_add(1));
            Pressed::Move(if next > last { 0 } else { next })
        }
        ("ArrowUp", Some(last), _) => {
            let before = chosen.and_then(|index| index.checked_sub(1));
            Pressed::Move(before.unwrap_or(last))
        }
        ("Enter" | "Tab", _, Some(index)) => Pressed::Take(index),
        ("Enter", ..) => Pressed::Event(ComboboxEvent::Entered, true),
        ("ArrowDown", None, _) => Pressed::Event(ComboboxEvent::Down(at), true),
        ("Escape", Some(_), _) => Pressed::Event(ComboboxEvent::Closed, true),
        ("Escape", None, _) => Pressed::Event(ComboboxEvent::Escaped, false),
        ("ArrowLeft" | "ArrowRight" | "Home" | "End", Some(_), _) => {
            Pressed::Event(ComboboxEvent::Closed, false)
        }
        _ => Pressed::Nothing,
    }
}

/// Returns the callback for the keys of the input.
fn keys(
    choices: &[Choice],
    chosen: Option<usize>,
    active: &UseStateHandle<Option<usize>>,
    choose: &Callback<Choice>,
    on: &Callback<ComboboxEvent>,
) -> Callback<KeyboardEvent> {
    let (choices, active) = (choices.to_vec(), active.setter());
    let (choose, on) = (choose.clone(), on.clone());
    Callback::from(move |key: KeyboardEvent| {
        // Enter ends the composition of a character.
        if key.is_composing() {
            return;
        }
        let at = at_caret(&key.target_unchecked_into());
        match pressed((&key.key(), key.alt_key()), choices.len(), chosen, at) {
            Pressed::Move(index) => active.set(Some(index)),
            Pressed::Take(index) => {
                let choice = choices.get(index);
                choice.into_iter().for_each(|one| choose.emit(one.clone()));
            }
            Pressed::Event(event, is_ours) => {
                on.emit(event);
                if !is_ours {
                    return;
                }
            }
            Pressed::Nothing => return,
        }
        key.prevent_default();
    })
}

fn choice_id(kind: &Kind, index: usize) -> String {
    [kind.list_id, "-", &index.to_string()].concat()
}

fn list(kind: &Kind, choices: &[Choice], chosen: Option<usize>, choose: &Callback<Choice>) -> Html {
    // The focus stays in the input.
    let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
    let entry = |(index, choice): (usize, &Choice)| {
        let onclick = {
            let (choose, choice) = (choose.clone(), choice.clone());
            Callback::from(move |_: MouseEvent| choose.emit(choice.clone()))
        };
        html! {
            <li key={index} id={choice_id(kind, index)} role="option" aria-selected={(chosen == Some(index)).to_string()} {onclick}>
                <code>{ name(&choice.label) }</code>
                if !choice.note.is_empty() {
                    <span class="note">{ markup(&choice.note) }</span>
                }
            </li>
        }
    };
    html! {
        <ul id={kind.list_id} class="completions" role="listbox" aria-label="Completions" {onmousedown}>{ for choices.iter().enumerate().map(entry) }</ul>
    }
}

/// Renders a problem with its place, as a button that selects the place in the input.
fn problem(kind: &Kind, problem: &TextProblem, text: &str, input: &NodeRef) -> Html {
    let range = &problem.range;
    let (from, to) = (
        utf16_offset(text, range.start),
        utf16_offset(text, range.end),
    );
    let before = text.get(..range.start).unwrap_or_default();
    let character = before.chars().count().saturating_add(1);
    let onclick = {
        let input = input.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                let _ = input.focus();
                let _ = input.set_selection_range(from, to);
            }
        })
    };
    html! {
        <p>
            <span class="warn" aria-hidden="true">{"▲ "}</span>{ screen_reader_only(kind.prefix) }{ markup(&problem.message) }{": "}{ markup(&problem.help) }{" "}
            <button type="button" class="link" title={kind.select} {onclick}>{"at character "}{numbers::count(character)}</button>
        </p>
    }
}

/// Converts an offset in UTF-16 code units, as browsers count, to one in bytes.
fn byte_offset(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    let mut characters = text.char_indices();
    let after = characters.find(|(_, character)| {
        let is_after = left == 0;
        left = left.saturating_sub(character.len_utf16());
        is_after
    });
    after.map_or(text.len(), |(at, _)| at)
}

/// Converts an offset in bytes to one in UTF-16 code units.
fn utf16_offset(text: &str, bytes: usize) -> u32 {
    let before = text.get(..bytes).unwrap_or(text);
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_converted_both_ways() {
        // é is two bytes and one unit, 😀 four bytes and two units.
        let text = "aé😀b";
        for (units, bytes) in [(0, 0), (1, 1), (2, 3), (4, 7), (5, 8), (9, 8)] {
            assert_eq!(byte_offset(text, units), bytes);
            assert_eq!(utf16_offset(text, bytes), units.min(5));
        }
    }

    #[test]
    fn an_entry_replaces_a_part_and_the_caret_follows_it() {
        let replaced = |text: &str, range, insert| replace(text, &range, insert);
        assert_eq!(
            replaced("verb=wa x", 5..7, "watch"),
            Some(("verb=watch x".to_owned(), 10))
        );
        assert_eq!(replaced("é", 2..2, "=a"), Some(("é=a".to_owned(), 4)));
        // The text has changed since.
        assert_eq!(replaced("é", 1..1, "a"), None);
        assert_eq!(replaced("a", 3..4, "a"), None);
    }

    #[test]
    fn keys_move_in_the_list_take_over_and_close() {
        let at = || AtCaret {
            text: "a".to_owned(),
            caret: 1,
        };
        let of = |key, choices, chosen| pressed((key, false), choices, chosen, at());
        for (key, choices, chosen, expected) in [
            ("ArrowDown", 3, None, Pressed::Move(0)),
            ("ArrowDown", 3, Some(1), Pressed::Move(2)),
            ("ArrowDown", 3, Some(2), Pressed::Move(0)),
            ("ArrowUp", 3, None, Pressed::Move(2)),
            ("ArrowUp", 3, Some(0), Pressed::Move(2)),
            ("ArrowUp", 3, Some(2), Pressed::Move(1)),
            ("Enter", 3, Some(1), Pressed::Take(1)),
            ("Tab", 3, Some(0), Pressed::Take(0)),
            ("Tab", 3, None, Pressed::Nothing),
            ("ArrowUp", 0, None, Pressed::Nothing),
            ("Home", 0, None, Pressed::Nothing),
            ("a", 3, Some(1), Pressed::Nothing),
        ] {
            assert_eq!(of(key, choices, chosen), expected, "{key} {choices}");
        }
        use ComboboxEvent::{Closed, Down, Entered, Escaped, Opened};
        for (key, choices, event, is_ours) in [
            ("Enter", 3, Entered, true),
            ("ArrowDown", 0, Down(at()), true),
            ("Escape", 3, Closed, true),
            ("Escape", 0, Escaped, false),
            ("ArrowLeft", 3, Closed, false),
        ] {
            let expected = Pressed::Event(event, is_ours);
            assert_eq!(of(key, choices, None), expected, "{key} {choices}");
        }
        let opened = pressed(("ArrowDown", true), 3, Some(1), at());
        assert_eq!(opened, Pressed::Event(Opened(at()), true));
    }
}
