//! An equal policy from which nothing can be removed, with what changes.

use playground_protocol::SimplerPolicy;
use yew::prelude::*;

use super::common::{markup, sentence};
use super::example::problem;
use super::written::diff;
use crate::dom_ids;
use crate::state::claims::ClaimsAction;
use crate::state::{Action, AppState};

/// Renders the offer, or its result.
pub fn simplify_offer(state: &AppState, on: &Callback<Action>) -> Html {
    let simplified = &state.claims.simplified;
    let act = |action: ClaimsAction| on.reform(move |_: MouseEvent| Action::Claims(action.clone()));
    let close = act(ClaimsAction::Simplify(false));
    let close = html! { <button type="button" onclick={close}>{"Close"}</button> };
    match simplified.shown.as_deref().map(|report| &report.result) {
        None if simplified.is_in_progress() => html! {
            <div id={dom_ids::SIMPLIFY} class="simplify" tabindex="-1"><p class="note" role="status">{"Deciding over every request…"}</p>{close}</div>
        },
        None => html! {
            <div id={dom_ids::SIMPLIFY} class="simplify" tabindex="-1">
                <p class="note">{"Remove rules and values that have no effect."}</p>
                <button type="button" onclick={act(ClaimsAction::Simplify(true))}>{"Simplify"}</button>
            </div>
        },
        Some(Err(why)) => {
            html! { <div id={dom_ids::SIMPLIFY} class="simplify" tabindex="-1">{ problem(why) }{close}</div> }
        }
        Some(Ok(simpler)) => {
            let apply = (!simpler.edits.is_empty() && !state.embed.is_read_only).then(|| {
                html! { <button type="button" onclick={act(ClaimsAction::ApplySimplified)}>{"Apply"}</button> }
            });
            html! {
                <div id={dom_ids::SIMPLIFY} class="simplify" tabindex="-1">
                    <p role="status">{ markup(&summary(simpler)) }
                        if let Some(obstacle) = &simpler.obstacle {
                            {" "}{ markup(obstacle) }
                        }
                    </p>
                    { for simpler.warnings.iter().map(|warning| html! { <p class="warn">{ markup(&sentence(warning)) }</p> }) }
                    {apply}{close}
                    if !simpler.diff.is_empty() {
                        { diff(&simpler.diff) }
                    }
                </div>
            }
        }
    }
}

/// Returns the summary as a sentence.
fn summary(simpler: &SimplerPolicy) -> String {
    if simpler.obstacle.is_some() || !simpler.edits.is_empty() {
        return ["Simpler policy: ", &simpler.summary, "."].concat();
    }
    sentence(&simpler.summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_a_sentence() {
        let mut simpler = SimplerPolicy {
            summary: "nothing can be removed".to_owned(),
            ..SimplerPolicy::default()
        };
        assert_eq!(summary(&simpler), "Nothing can be removed.");
        simpler.summary = "removed 1 rule of 2".to_owned();
        simpler.obstacle = Some("The layout is not supported.".to_owned());
        assert_eq!(summary(&simpler), "Simpler policy: removed 1 rule of 2.");
    }
}
