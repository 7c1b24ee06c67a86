//! A field for a number. The text belongs to the person who types: while the field has the focus, nothing else changes it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What a person typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Typed {
    /// Nothing.
    Empty,
    /// A number, zero or more.
    Number(f64),
}

impl Typed {
    /// The number; `None` for an empty field.
    pub const fn number(self) -> Option<f64> {
        match self {
            Self::Empty => None,
            Self::Number(number) => Some(number),
        }
    }
}

/// Reads a field's text; `None` if it is not a number that makes sense here.
pub fn parse(text: &str) -> Option<Typed> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Typed::Empty);
    }
    let number: f64 = text.parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(Typed::Number(number))
}

/// Properties of [`NumberField`].
#[derive(Properties, PartialEq)]
pub struct NumberFieldProps {
    /// A few words.
    pub label: AttrValue,
    /// Stands in the empty field.
    #[prop_or_default]
    pub hint: AttrValue,
    /// The number that the page has, as text; empty for none.
    pub value: AttrValue,
    /// Another number was typed, or the field was emptied.
    pub ontyped: Callback<Typed>,
}

/// A field for a number.
#[function_component]
pub fn NumberField(props: &NumberFieldProps) -> Html {
    let input = use_node_ref();
    let is_wrong = use_state_eq(|| false);
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
            if let Some(typed) = read(&event.target_unchecked_into()) {
                is_wrong.set(false);
                ontyped.emit(typed);
            }
        })
    };
    let onblur = {
        let (value, is_wrong) = (props.value.clone(), is_wrong.setter());
        Callback::from(move |event: FocusEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let typed = read(&input);
            is_wrong.set(typed.is_none());
            // What is wrong stays to be corrected; what is right is shown as the page understood it.
            if typed.is_some() {
                show(&input, &value);
            }
        })
    };
    html! {
        <label class="field">
            <span>{props.label.clone()}</span>
            <input type="number" min="0" step="any" inputmode="decimal" ref={input} placeholder={props.hint.clone()}
                aria-invalid={is_wrong.then_some("true")} {oninput} {onblur} />
            if *is_wrong {
                <span class="bad fault" role="alert">{"Enter a number, 0 or more."}</span>
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

/// What was typed; `None` if it is not a number. The browser gives no text for what it cannot read.
fn read(input: &HtmlInputElement) -> Option<Typed> {
    let is_unread = input.value().is_empty() && input.validity().bad_input();
    parse(&input.value()).filter(|_| !is_unread)
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
            ("", Some(Typed::Empty)),
            ("0", Some(Typed::Number(0.0))),
            ("0.", Some(Typed::Number(0.0))),
            ("0.03", Some(Typed::Number(0.03))),
            (" 12 ", Some(Typed::Number(12.0))),
            ("1e3", Some(Typed::Number(1000.0))),
            ("-1", None),
            ("x", None),
            ("inf", None),
            ("NaN", None),
        ] {
            assert_eq!(parse(text), typed, "{text}");
        }
    }
}
