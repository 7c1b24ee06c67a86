//! The inspector: the details of the selected event.

use playground_figures::numbers;
use playground_protocol::{Inspection, LogReport, TestOf};
use yew::prelude::*;

use super::claims::claim_example;
use super::log_findings::{LogFindingsData, log_findings, tab_title};
use super::name::{name, title};
use super::policy_check::{PolicyCheckData, policy_check};
use super::problems::{problem_count, problems};
use super::request::request;
use super::tabs::{Tabs, tab_id, tabs};
use super::timeline::{TimelineData, timeline};
use super::why::why;
use super::written::written;
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::claims::{ClaimsAction, OpenClaim};
use crate::state::{Action, AppState, Freshness, Tab};

/// The tabs, in order.
const TABS: [Tab; 7] = [
    Tab::Why,
    Tab::Written,
    Tab::Request,
    Tab::Timeline,
    Tab::LogFindings,
    Tab::Problems,
    Tab::PolicyCheck,
];

/// Renders the inspector.
pub fn inspector(state: &AppState, on: &Callback<Action>) -> Html {
    html! {
        <Inspector inspection={state.shown_inspection().cloned()} log={state.log.clone()} check={PolicyCheckData::new(state)}
            findings={LogFindingsData::new(state)} timeline={TimelineData::new(state)} tab={state.tab}
            outdated={state.freshness() == Freshness::Pending} can_ask={!state.embed.is_compact} claim={state.claims.example.clone()} on={on.clone()} />
    }
}

/// Properties of [`Inspector`].
#[derive(Properties, PartialEq)]
pub struct InspectorProps {
    /// Details to show.
    pub inspection: Option<IdentityRc<Inspection>>,
    /// Report of reading the log.
    pub log: Option<IdentityRc<LogReport>>,
    /// The check whether the log was written by the policy.
    pub check: PolicyCheckData,
    /// Findings about the log.
    pub findings: LogFindingsData,
    /// Timeline of an object.
    pub timeline: TimelineData,
    /// Selected tab.
    pub tab: Tab,
    /// The details belong to an older policy.
    pub outdated: bool,
    /// There is a pane to ask about the request.
    pub can_ask: bool,
    /// The claim whose example is open, in the place of the event.
    pub claim: Option<OpenClaim>,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// The inspector.
#[function_component]
pub fn Inspector(props: &InspectorProps) -> Html {
    let chosen = TABS
        .iter()
        .position(|tab| *tab == props.tab)
        .unwrap_or_default();
    let onchoose = props
        .on
        .reform(|place: usize| Action::ShowTab(TABS.get(place).copied().unwrap_or_default()));
    let inspection = props.inspection.as_deref();
    let claim = props.claim.as_ref();
    let panel = match (props.tab, inspection) {
        (Tab::Problems, _) => problems(props.log.as_deref()),
        (Tab::PolicyCheck, _) => policy_check(&props.check, &props.on),
        (Tab::Timeline, _) => timeline(&props.timeline, inspection, &props.on),
        (Tab::LogFindings, _) => log_findings(&props.findings, props.log.as_deref(), &props.on),
        (_, _) if claim.is_some() => {
            claim.map_or_else(Html::default, |claim| claim_example(claim, &props.on))
        }
        (_, None) => nothing(),
        (Tab::Why, Some(inspection)) => why(inspection, make_test(props)),
        (Tab::Written, Some(inspection)) => written(inspection),
        (Tab::Request, Some(inspection)) => request(inspection, props.can_ask.then_some(&props.on)),
    };
    html! {
        <section id={dom_ids::INSPECTOR} class="pane inspector" aria-labelledby="inspector-title">
            <h2 id="inspector-title" class="visually-hidden">{"Inspector"}</h2>
            <div class="bar">
                { tabs(Tabs { label: "Inspector", prefix: dom_ids::INSPECTOR, titles: &titles(props), chosen, onchoose }) }
                <span class="grow"></span>
                if claim.is_none() {
                    { subject(inspection) }
                }
            </div>
            <div id={dom_ids::INSPECTOR_PANEL} class={classes!("body", props.outdated.then_some("pending"))} role="tabpanel"
                tabindex="0" aria-labelledby={tab_id(dom_ids::INSPECTOR, chosen)}>
                { panel }
            </div>
        </section>
    }
}

fn titles(props: &InspectorProps) -> [String; 7] {
    let problems = props.log.as_deref().map_or(0, problem_count);
    let last = if problems == 0 {
        "Problems".to_owned()
    } else {
        ["Problems ".to_owned(), numbers::count(problems)].concat()
    };
    [
        "Why".to_owned(),
        "As written".to_owned(),
        "Request".to_owned(),
        "Timeline".to_owned(),
        tab_title(props.findings.warnings),
        last,
        "Policy check".to_owned(),
    ]
}

/// Renders a short description of the event.
fn subject(inspection: Option<&Inspection>) -> Html {
    let Some(inspection) = inspection else {
        return Html::default();
    };
    let row = &inspection.row;
    let place = [&inspection.file, ":", inspection.line.to_string().as_str()].concat();
    html! {
        <span class="event-title" title={title(&place)}>
            { name(&row.verb) }{" "}{ name(&row.resource) }
            if !row.name.is_empty() {
                {" · "}{ name(&row.name) }
            }
            <span class="location">{" "}{ name(&place) }</span>
        </span>
    }
}

/// Renders the button that makes a test of the event.
fn make_test(props: &InspectorProps) -> Html {
    let event = props
        .inspection
        .as_deref()
        .map(|inspection| inspection.row.event);
    let Some(event) = event.filter(|_| props.can_ask) else {
        return Html::default();
    };
    let onclick = props
        .on
        .reform(move |_| Action::Claims(ClaimsAction::Add(TestOf::Event(event))));
    html! {
        <button type="button" class="make-test" title="Add a test that this request keeps its verdict" {onclick}>{"Make a test"}</button>
    }
}

fn nothing() -> Html {
    // Its own element, so that the details appear where they belong instead of moving there.
    html! {
        <div key="nothing" class="empty">
            <h3>{"No event selected"}</h3>
            <p>{"Select an event to see which rule matched, what the server would write, and the request behind it."}</p>
        </div>
    }
}
