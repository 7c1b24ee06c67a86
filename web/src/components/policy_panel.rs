//! The panel under the policy: findings, tests and requirements.

use playground_figures::numbers;
use yew::prelude::*;

use super::findings::findings;
use super::tabs::{Tabs, tab_id, tabs};
use crate::deferred;
use crate::dom_ids;
use crate::state::claims::{ClaimsAction, PolicyTab};
use crate::state::{Action, AppState};

/// Renders the panel. In a small page inside another one, it has the findings only.
pub fn policy_panel(state: &AppState, on: &Callback<Action>) -> Html {
    let policy = state.policy.as_deref();
    let repair = state.has_all_parts && policy.is_some();
    let repair = repair.then(|| deferred::repair_offer(state, on));
    let repair = repair.unwrap_or_default();
    if state.embed.is_compact {
        return findings(policy, repair, Html::default(), on);
    }
    let tab = state.claims.tab;
    let place = |tab| PolicyTab::ALL.iter().position(|one| *one == tab);
    let chosen = place(tab).unwrap_or_default();
    let onchoose = on.reform(|place: usize| {
        let tab = PolicyTab::ALL.get(place).copied().unwrap_or_default();
        Action::Claims(ClaimsAction::ShowTab(tab))
    });
    let content = match tab {
        PolicyTab::Findings => {
            let can_simplify = state.has_all_parts && policy.is_some_and(|policy| policy.accepted);
            let after = can_simplify.then(|| deferred::simplify_offer(state, on));
            findings(policy, repair, after.unwrap_or_default(), on)
        }
        _ if state.has_all_parts => deferred::claims_panel(state, on),
        _ => html! { <div class="findings" aria-busy="true"></div> },
    };
    html! {
        <div class="policy-panel">
            { tabs(Tabs { label: "Checks of the policy", prefix: dom_ids::CHECKS, titles: &titles(state), chosen, onchoose }) }
            <div id={dom_ids::CHECKS_PANEL} class="panel" role="tabpanel" aria-labelledby={tab_id(dom_ids::CHECKS, chosen)}>
                { content }
            </div>
        </div>
    }
}

/// Returns the titles of the tabs, with the results as far as they are known.
fn titles(state: &AppState) -> [String; 3] {
    let linted = state.policy.as_deref().filter(|policy| policy.is_linted);
    let findings = linted.map(|policy| numbers::count(policy.findings.len()));
    let of = |(good, all): (usize, usize)| {
        [&numbers::count(good), " of ", &numbers::count(all)].concat()
    };
    [
        title("Findings", findings),
        title("Tests", state.claims.test_counts().map(of)),
        title("Requirements", state.claims.requirement_counts().map(of)),
    ]
}

fn title(name: &str, result: Option<String>) -> String {
    match result {
        Some(result) => [name, " ", &result].concat(),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_the_result_that_is_known() {
        assert_eq!(title("Tests", None), "Tests");
        assert_eq!(title("Tests", Some("3 of 4".to_owned())), "Tests 3 of 4");
    }
}
