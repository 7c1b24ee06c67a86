//! The policy that meets the goals, or why there is none.

use playground_figures::numbers;
use playground_protocol::volume::{FigureView, MetricGroup};
use playground_protocol::{GoalsPolicy, GoalsResult, MetGoal};
use yew::prelude::*;

use crate::components::common::{markup, sentence};
use crate::components::example::problem;
use crate::components::preview::{Language, Preview};
use crate::state::AppState;
use crate::state::goals::GoalsAction;

/// Renders the result.
pub(super) fn result(state: &AppState, act: &Callback<GoalsAction>) -> Html {
    let answered = &state.goals.answered;
    let is_fresh = answered.is_fresh();
    let content = match answered.shown.as_deref().map(|report| &report.result) {
        None => {
            html! { <p class="empty late" aria-busy="true">{"Deciding over every request…"}</p> }
        }
        Some(GoalsResult::Empty) => {
            html! { <p class="empty" role="status">{"Choose a standard, or state a claim."}</p> }
        }
        Some(GoalsResult::Malformed) => {
            html! { <p class="empty" role="status">{"Fix the marked claims to see a policy."}</p> }
        }
        Some(GoalsResult::Contradictory(sentences)) => contradictions(sentences),
        Some(GoalsResult::Unmet(why)) => problem(why),
        Some(GoalsResult::Met(policy)) => met(policy, state, act),
    };
    let is_outdated = answered.shown.is_some() && !is_fresh;
    html! {
        <div class={classes!("goals-result", is_outdated.then_some("pending"))} tabindex="0" role="region" aria-label="Result">{ content }</div>
    }
}

fn contradictions(sentences: &[String]) -> Html {
    let line = |text: &String| html! { <li><span class="bad" aria-hidden="true">{"✗ "}</span>{ markup(&sentence(text)) }</li> };
    html! {
        <>
            <p role="status"><b>{"No policy meets these claims: "}{ numbers::counted(sentences.len(), "contradiction") }{"."}</b></p>
            <ul class="plain" aria-label="Contradictions">{ for sentences.iter().map(line) }</ul>
        </>
    }
}

fn met(policy: &GoalsPolicy, state: &AppState, act: &Callback<GoalsAction>) -> Html {
    let apply = act.reform(|_: MouseEvent| GoalsAction::Apply);
    let is_fresh = state.goals.answered.is_fresh();
    html! {
        <>
            <div class="lead">
                <p role="status"><b>{ summary(policy) }</b></p>
                if !state.embed.is_read_only {
                    <button type="button" class="primary" disabled={!is_fresh} onclick={apply}>{"Put into the editor"}</button>
                }
            </div>
            if !policy.is_exact {
                <p class="note"><span class="warn" aria-hidden="true">{"▲ "}</span>{"Some requests that no claim is about are recorded at another level than the chosen one: rules cannot distinguish them from those of a claim."}</p>
            }
            if let Some(volume) = &policy.volume {
                { volume_of_log(volume) }
            }
            { goals("Claims met", &policy.met) }
            { aside(&policy.set_aside) }
            <Preview label="New policy" text={policy.text.clone()} language={Language::Yaml} />
        </>
    }
}

/// Returns the result in a sentence.
fn summary(policy: &GoalsPolicy) -> String {
    let rules = numbers::counted(policy.rules, "rule");
    let (meet, proved) = match (policy.rules, policy.met.len()) {
        (1, 1) => (" meets ", ", which is proved for every request."),
        (1, _) => (" meets ", ", each proved for every request."),
        (_, 1) => (" meet ", ", which is proved for every request."),
        _ => (" meet ", ", each proved for every request."),
    };
    let claims = numbers::counted(policy.met.len(), "claim");
    [&rules, meet, &claims, proved].concat()
}

/// Renders the volume that the policy writes of the open log.
fn volume_of_log(volume: &MetricGroup) -> Html {
    let figure = |figure: &FigureView| {
        html! { <><dt>{&figure.label}</dt><dd>{&figure.value}</dd></> }
    };
    let note = |note: &String| html! { <p class="note">{ markup(note) }</p> };
    html! {
        <section aria-label="Volume of the open log">
            <h3>{"Volume of the open log"}</h3>
            <dl>{ for volume.figures.iter().map(figure) }</dl>
            { for volume.notes.iter().map(note) }
        </section>
    }
}

fn goals(title: &'static str, met: &[MetGoal]) -> Html {
    let row = |goal: &MetGoal| {
        html! { <li><span class="good" aria-hidden="true">{"✓ "}</span>{ markup(&goal.name) }<span class="note">{" "}{ rules(goal) }</span></li> }
    };
    html! {
        <details>
            <summary>{title}<span class="note">{" "}{ numbers::count(met.len()) }</span></summary>
            <ul class="plain">{ for met.iter().map(row) }</ul>
        </details>
    }
}

/// Returns the rules that decide the requests of a claim: `rules 1, 3`.
fn rules(goal: &MetGoal) -> String {
    let numbers: Vec<String> = goal
        .rules
        .iter()
        .map(|rule| rule.number().to_string())
        .collect();
    match numbers.as_slice() {
        [] => "no rule".to_owned(),
        [one] => ["rule ", one].concat(),
        several => ["rules ", &several.join(", ")].concat(),
    }
}

fn aside(names: &[String]) -> Html {
    if names.is_empty() {
        return Html::default();
    }
    html! {
        <details>
            <summary>{"Claims that are not about the policy"}<span class="note">{" "}{ numbers::count(names.len()) }</span></summary>
            <p class="note">{"Settings of the server meet them, or people do. They are not part of the proof."}</p>
            <ul class="plain">{ for names.iter().map(|name| html! { <li>{ markup(name) }</li> }) }</ul>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use playground_protocol::RuleIndex;

    use super::*;

    fn goal(rules: &[usize]) -> MetGoal {
        MetGoal {
            name: "a".to_owned(),
            rules: rules.iter().map(|index| RuleIndex::new(*index)).collect(),
        }
    }

    #[test]
    fn the_summary_counts_rules_and_claims() {
        for (rules, claims, expected) in [
            (
                1,
                1,
                "1 rule meets 1 claim, which is proved for every request.",
            ),
            (
                3,
                12,
                "3 rules meet 12 claims, each proved for every request.",
            ),
        ] {
            let policy = GoalsPolicy {
                rules,
                met: vec![goal(&[]); claims],
                ..GoalsPolicy::default()
            };
            assert_eq!(summary(&policy), expected);
        }
    }

    #[test]
    fn rules_are_counted_from_one() {
        assert_eq!(rules(&goal(&[])), "no rule");
        assert_eq!(rules(&goal(&[0])), "rule 1");
        assert_eq!(rules(&goal(&[0, 2])), "rules 1, 3");
    }
}
