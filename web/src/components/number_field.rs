//! A number field. While it has the focus, only the user changes its text.

use playground_figures::numbers;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Value that the user typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NumberInput {
    /// No value.
    Empty,
    /// A number, zero or more.
    Number(f64),
}

impl NumberInput {
    /// Returns the number; `None` for an empty field.
    pub const fn number(self) -> Option<f64> {
        match self {
            Self::Empty => None,
            Self::Number(number) => Some(number),
        }
    }
}

/// Numbers that a field accepts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Any number of at least zero; the field may be empty.
    Any,
    /// A number from zero to this one; the field may be empty.
    UpTo(u32),
    /// A whole number between the two.
    Whole(u32, u32),
}

impl Range {
    /// Returns whether the field accepts a value.
    pub fn holds(self, typed: NumberInput) -> bool {
        match (self, typed) {
            (Self::Any | Self::UpTo(_), NumberInput::Empty)
            | (Self::Any, NumberInput::Number(_)) => true,
            (Self::Whole(..), NumberInput::Empty) => false,
            (Self::UpTo(most), NumberInput::Number(number)) => number <= f64::from(most),
            (Self::Whole(least, most), NumberInput::Number(number)) => {
                number.fract() == 0.0 && (f64::from(least)..=f64::from(most)).contains(&number)
            }
        }
    }

    /// Returns the message for other values.
    fn remedy(self) -> String {
        let count = |number: u32| numbers::count(number as usize);
        match self {
            Self::Any => "Enter a number, 0 or more.".to_owned(),
            Self::UpTo(most) => ["Enter a number from 0 to ", &count(most), "."].concat(),
            Self::Whole(least, most) => [
                "Enter a whole number from ",
                &count(least),
                " to ",
                &count(most),
                ".",
            ]
            .concat(),
        }
    }

    /// Returns the input's `min`, `max` and `step`. The browser does not submit a form with another number.
    fn attributes(self) -> (String, Option<String>, &'static str) {
        match self {
            Self::Any => ("0".to_owned(), None, "any"),
            Self::UpTo(most) => ("0".to_owned(), Some(most.to_string()), "any"),
            Self::Whole(least, most) => (least.to_string(), Some(most.to_string()), "1"),
        }
    }
}

/// Parses the text of a field; `None` if it is not a valid number.
pub fn parse(text: &str) -> Option<NumberInput> {
    let text = text.trim();
    if text.is_empty() {
        return Some(NumberInput::Empty);
    }
    let number: f64 = text.parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(NumberInput::Number(number))
}

/// Properties of [`NumberField`].
#[derive(Properties, PartialEq)]
pub struct NumberFieldProps {
    /// Label.
    pub label: AttrValue,
    /// Placeholder of the empty field.
    #[prop_or_default]
    pub hint: AttrValue,
    /// Current number, as text; empty if there is none.
    pub value: AttrValue,
    /// Accepted numbers.
    #[prop_or(Range::Any)]
    pub range: Range,
    /// Called with another number, or when the field was emptied.
    pub ontyped: Callback<NumberInput>,
}

/// Number field.
#[function_component]
pub fn NumberField(props: &NumberFieldProps) -> Html {
    let input = use_node_ref();
    let is_wrong = use_state_eq(|| false);
    let range = props.range;
    {
        let input = input.clone();
        use_effect_with(props.value.clone(), move |value| {
            if let Some(input) = input
                .cast::<HtmlInputElement>()
                .filter(|input| !has_focus(input))
            {
                show(&input, value);
            }
        });
    }
    let oninput = {
        let (ontyped, is_wrong) = (props.ontyped.clone(), is_wrong.setter());
        Callback::from(move |event: InputEvent| {
            if let Some(typed) = read(&event.target_unchecked_into(), range) {
                is_wrong.set(false);
                ontyped.emit(typed);
            }
        })
    };
    let onblur = {
        let (value, is_wrong) = (props.value.clone(), is_wrong.setter());
        Callback::from(move |event: FocusEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let typed = read(&input, range);
            is_wrong.set(typed.is_none());
            // Invalid text stays to be corrected; a valid number is shown as the page understood it.
            if typed.is_some() {
                show(&input, &value);
            }
        })
    };
    // The form was not submitted because of this field. The sentence below replaces the browser's message.
    let oninvalid = {
        let is_wrong = is_wrong.setter();
        Callback::from(move |event: Event| {
            event.prevent_default();
            is_wrong.set(true);
        })
    };
    let (min, max, step) = range.attributes();
    let inputmode = if step == "1" { "numeric" } else { "decimal" };
    html! {
        <label class="field">
            <span>{props.label.clone()}</span>
            <input type="number" aria-label={props.label.clone()} {min} {max} {step} {inputmode} required={step == "1"} ref={input} placeholder={props.hint.clone()}
                aria-invalid={is_wrong.then_some("true")} {oninput} {onblur} {oninvalid} />
            if *is_wrong {
                <span class="bad field-error" role="alert">{range.remedy()}</span>
            }
        </label>
    }
}

/// Shows a number, unless the field has the same in other digits.
fn show(input: &HtmlInputElement, value: &str) {
    if parse(&input.value()) != parse(value) || input.value().is_empty() {
        input.set_value(value);
    }
}

/// Returns the value of a field; `None` if it is not accepted. The browser returns no text for what it cannot parse.
fn read(input: &HtmlInputElement, range: Range) -> Option<NumberInput> {
    let is_unread = input.value().is_empty() && input.validity().bad_input();
    parse(&input.value()).filter(|typed| !is_unread && range.holds(*typed))
}

fn has_focus(input: &HtmlInputElement) -> bool {
    let active = gloo::utils::document().active_element();
    active.is_some_and(|active| &active == AsRef::<web_sys::Element>::as_ref(input))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_typed() {
        for (text, typed) in [
            ("", Some(NumberInput::Empty)),
            ("0", Some(NumberInput::Number(0.0))),
            ("0.", Some(NumberInput::Number(0.0))),
            ("0.03", Some(NumberInput::Number(0.03))),
            (" 12 ", Some(NumberInput::Number(12.0))),
            ("1e3", Some(NumberInput::Number(1000.0))),
            ("-1", None),
            ("x", None),
            ("inf", None),
            ("NaN", None),
        ] {
            assert_eq!(parse(text), typed, "{text}");
        }
    }

    #[test]
    fn a_range_contains_its_numbers_and_describes_them() {
        let number = NumberInput::Number;
        for (range, holds, rejects) in [
            (
                Range::Any,
                vec![NumberInput::Empty, number(0.0), number(1e12)],
                vec![],
            ),
            (
                Range::UpTo(10),
                vec![NumberInput::Empty, number(0.5), number(10.0)],
                vec![number(10.5)],
            ),
            (
                Range::Whole(1, 15),
                vec![number(1.0), number(15.0)],
                vec![
                    NumberInput::Empty,
                    number(0.0),
                    number(0.5),
                    number(1.5),
                    number(16.0),
                ],
            ),
        ] {
            assert!(holds.iter().all(|typed| range.holds(*typed)), "{range:?}");
            assert!(
                !rejects.iter().any(|typed| range.holds(*typed)),
                "{range:?}"
            );
        }
        assert_eq!(
            Range::Whole(1, 15).remedy(),
            "Enter a whole number from 1 to 15."
        );
        assert_eq!(
            Range::UpTo(20_000).remedy(),
            "Enter a number from 0 to 20,000."
        );
    }
}
