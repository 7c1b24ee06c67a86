//! Why tab: the result of each rule for the event, and the conclusion.

use playground_figures::numbers;
use playground_protocol::{Inspection, WhyLine, WhyState};
use yew::prelude::*;

use super::common::{chip, markup};
use super::screen_reader::screen_reader_only;

/// Renders the conclusion with a button, and the results of the rules in order.
pub fn why(inspection: &Inspection, button: Html) -> Html {
    html! {
        <div class="why">
            <p class="conclusion">
                { chip(inspection.row.rule, inspection.row.level) }
                <span class="grow">{ markup(&inspection.conclusion) }</span>
                { button }
            </p>
            if let Some(note) = &inspection.impersonation {
                <p class="note"><span aria-hidden="true">{"▲ "}</span>{ screen_reader_only("note: ") }{ markup(note) }</p>
            }
            { for inspection.secrets.iter().map(|note| secret(note)) }
            { rules(&inspection.why) }
        </div>
    }
}

/// Renders the results of the rules in order.
pub fn rules(lines: &[WhyLine]) -> Html {
    let mut next = 0;
    let lines = lines.iter().map(|one| {
        let left_out = one.rule.get().saturating_sub(next);
        next = one.rule.number();
        html! {
            <>
                if left_out > 0 {
                    <li class="gap">{"⋯ "}{numbers::counted(left_out, "rule")}{" not listed"}</li>
                }
                { line(one) }
            </>
        }
    });
    html! { <ol>{ for lines }</ol> }
}

fn secret(note: &str) -> Html {
    html! {
        <p class="note"><span class="warn" aria-hidden="true">{"▲ "}</span>{ screen_reader_only("warning: ") }{ markup(note) }</p>
    }
}

fn line(line: &WhyLine) -> Html {
    let (class, sign, word) = match line.state {
        WhyState::Failed => ("failed", "✗", "no match: "),
        WhyState::Matched => ("matched", "✓", "match: "),
        WhyState::NotEvaluated => ("not-asked", "·", "not evaluated: "),
        WhyState::Unknowable => ("unknowable", "?", "can't be determined: "),
    };
    html! {
        <li {class}>
            <span class="sign" aria-hidden="true">{sign}</span>
            { chip(Some(line.rule), Some(line.level)) }
            <span class="text">{ screen_reader_only(word) }{ markup(&line.text) }</span>
        </li>
    }
}
