//! Verdicts and example requests, as *Ask* and *Compare* show them.

use playground_protocol::{Decision, Example, Level, PolicyReport, Problem, WhyReport};
use yew::prelude::*;

use super::common::{chip, level_class, markup};
use super::name::{name, title};
use super::screen_reader::screen_reader_only;
use super::why::rules;
use crate::state::Action;
use crate::state::analysis::{AnalysisAction, Answered, ExampleList};

/// Renders a verdict: its level, and the rule with its line. The rule is a button if the policy is in the editor.
pub fn decision(decision: &Decision, policy: Option<&PolicyReport>, on: &Callback<Action>) -> Html {
    let rule = policy.zip(decision.rule).and_then(|(policy, rule)| {
        let view = policy.rules.get(rule.get())?;
        let (from, to) = (view.from, view.to);
        let onclick = on.reform(move |_| Action::RevealText(from, to));
        Some(html! { <button type="button" class="link" title="Show the rule in the policy" {onclick}>{rule_words(decision)}</button> })
    });
    html! {
        <span class="decision">
            { chip(decision.rule, Some(decision.level)) }
            <span>
                <b>{decision.level.name()}</b>
                {" by "}{ rule.unwrap_or_else(|| html! { {rule_words(decision)} }) }
            </span>
        </span>
    }
}

/// Returns which requests an answer covers.
pub const fn over(only_possible: bool) -> &'static str {
    if only_possible {
        "over every request that can come"
    } else {
        "over every request that rules can distinguish"
    }
}

/// Renders what a verdict leaves out, such as stages.
pub fn notes(decision: &Decision) -> Html {
    // Nothing is written at level None, whatever is left out.
    if decision.notes.is_empty() || decision.level == Level::None {
        return Html::default();
    }
    html! { <span class="note">{&decision.notes}</span> }
}

/// Returns the rule in words: `rule 3 (line 12)`, or `no rule`.
pub fn rule_words(decision: &Decision) -> String {
    match decision.rule {
        None => "no rule".to_owned(),
        Some(rule) if decision.line == 0 => rule.to_string(),
        Some(rule) => [
            &rule.to_string(),
            " (line ",
            &decision.line.to_string(),
            ")",
        ]
        .concat(),
    }
}

/// Renders a level without a rule.
pub fn level_chip(level: Level) -> Html {
    html! { <span class={classes!("chip", level_class(Some(level)))} title={level.name()}><span aria-hidden="true">{level.abbreviation()}</span>{ screen_reader_only(level.name()) }</span> }
}

/// Renders the button that opens an example.
pub fn example_button(
    list: ExampleList,
    index: usize,
    is_open: bool,
    requests: &str,
    on: &Callback<Action>,
) -> Html {
    let onclick = on.reform(move |_| Action::Analysis(AnalysisAction::ToggleExample(list, index)));
    let label = ["Example of ", &title(&requests.replace('`', ""))].concat();
    html! {
        <button type="button" class="facet" aria-expanded={is_open.to_string()} aria-label={label} {onclick}>{"Example"}</button>
    }
}

/// Renders the button that ends waiting for an answer, once that takes long.
pub fn waiting<T>(answered: &Answered<T>, doing: &'static str, on: &Callback<Action>) -> Html {
    let Some(number) = answered.pending() else {
        return Html::default();
    };
    let onclick = on.reform(|_: MouseEvent| Action::Analysis(AnalysisAction::Cancel));
    // Each request waits on its own.
    html! {
        <div key={number.to_string()} class="waiting"><span>{doing}</span><button type="button" {onclick}>{"Cancel"}</button></div>
    }
}

/// Renders the state after a question was cancelled.
pub fn cancelled(on: &Callback<Action>) -> Html {
    let onclick = on.reform(|_: MouseEvent| Action::Analysis(AnalysisAction::Ask));
    html! {
        <div class="hints">
            <h3>{"Cancelled"}</h3>
            <p>{"The engine still finishes this question in the background, and other results wait for it."}</p>
            <p class="choices"><button type="button" {onclick}>{"Ask again"}</button></p>
        </div>
    }
}

/// Renders a message with its help.
pub fn problem(problem: &Problem) -> Html {
    html! {
        <div class="card">
            <p><span class="warn" aria-hidden="true">{"▲ "}</span>{ markup(&problem.message) }{": "}{ markup(&problem.help) }</p>
        </div>
    }
}

/// Properties of [`ExampleCard`].
#[derive(Properties, PartialEq)]
pub struct ExampleProps {
    /// The example.
    pub example: Example,
    /// Its explanation, once it is there.
    pub report: Option<WhyReport>,
    /// The request is described around it.
    #[prop_or_default]
    pub is_described: bool,
    /// Addition of a comparison.
    #[prop_or_default]
    pub children: Html,
}

/// A request, and why the policy decides as it does.
#[function_component]
pub fn ExampleCard(props: &ExampleProps) -> Html {
    let attribute = |(attribute, value): &(String, String)| {
        html! { <><dt>{attribute}</dt><dd><code>{ name(value) }</code></dd></> }
    };
    html! {
        <div class="example">
            if !props.is_described {
                <p>{"For example: "}{ markup(&props.example.words) }</p>
            }
            if !props.example.is_possible {
                <p class="note"><span class="warn" aria-hidden="true">{"▲ "}</span>{"No URL, method and identity produce such a request."}</p>
            } else if let Some(note) = &props.example.not_served {
                <p class="note"><span class="warn" aria-hidden="true">{"▲ "}</span>{"It is "}{ markup(note) }{"."}</p>
            }
            { props.children.clone() }
            if let Some(report) = &props.report {
                <details class="numbers"><summary>{"All attributes"}</summary><dl>{ for report.attributes.iter().map(attribute) }</dl></details>
                <div class="why">
                    <p class="label">{"Why"}</p>
                    { rules(&report.why) }
                </div>
            }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use playground_protocol::RuleIndex;

    use super::*;

    #[test]
    fn rules_are_named_with_their_line() {
        let of = |rule, line| {
            rule_words(&Decision {
                level: Level::None,
                notes: String::new(),
                rule,
                line,
            })
        };
        assert_eq!(of(Some(RuleIndex::new(4)), 28), "rule 5 (line 28)");
        assert_eq!(of(None, 0), "no rule");
    }
}
