//! The policy: the editor, what the server would say, and what can be mended.

use playground_protocol::{Answer, PolicyReport};
use yew::prelude::*;

use super::findings::Findings;
use crate::editor::{Editor, EditorHandle};
use crate::numbers;
use crate::shared::Shared;
use crate::state::{Action, Freshness, Placed};

/// Properties of [`PolicyPane`].
#[derive(Properties, PartialEq)]
pub struct PolicyProps {
    /// The editor.
    pub editor: EditorHandle,
    /// The last text put into it.
    pub placed: Shared<Placed>,
    /// What loading the text said.
    pub policy: Option<Shared<PolicyReport>>,
    /// Coverage.
    pub answer: Option<Shared<Answer>>,
    /// How the coverage relates to the text.
    pub freshness: Freshness,
    /// The rule of the selected event, and that event.
    pub marked: (Option<usize>, Option<usize>),
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The policy.
#[function_component]
pub fn PolicyPane(props: &PolicyProps) -> Html {
    let policy = props.policy.as_deref();
    let stale = props.freshness == Freshness::Stale;
    html! {
        <section class="pane policy" aria-labelledby="policy-title">
            <div class="bar">
                <h2 id="policy-title">{"policy.yaml"}</h2>
                <span role="status">{ status(policy, stale && props.answer.is_some()) }</span>
            </div>
            <Editor handle={props.editor.clone()} placed={props.placed.clone()} policy={props.policy.clone()}
                answer={props.answer.clone()} {stale} marked={props.marked} on={props.on.clone()} />
            <Findings policy={props.policy.clone()} editor={props.editor.clone()} />
        </section>
    }
}

fn status(policy: Option<&PolicyReport>, stale: bool) -> Html {
    let Some(policy) = policy else {
        return html! { {"not read yet"} };
    };
    let verdict = if policy.accepted {
        html! { <b class="good">{"accepted"}</b> }
    } else {
        html! { <b class="bad">{"rejected"}</b> }
    };
    let findings = match policy.findings.len() {
        0 => String::new(),
        count => ", ".to_owned() + &numbers::counted(count, "finding"),
    };
    html! {
        <>
            {verdict}{findings}
            if stale {
                <span class="aside">{" · counts are of the last accepted policy"}</span>
            }
        </>
    }
}
