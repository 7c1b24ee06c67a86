//! The bar of a page that is shown inside another one: version, answer, views, and a link to the whole page.

use playground_figures::{Figure, bytes_figure, events_figure};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::header::version;
use crate::link;
use crate::state::embed::{EmbedAction, HostView};
use crate::state::{Action, AppState, Freshness};

/// Renders the bar.
pub fn embed_bar(state: &AppState, on: &Callback<Action>) -> Html {
    let shown = HostView::shown(state.pane, state.dialog);
    let view = |(view, _, label): &(HostView, &'static str, &'static str)| {
        let view = *view;
        let onclick = on.reform(move |_| Action::Embed(EmbedAction::Show(view)));
        html! { <button type="button" {onclick} aria-pressed={(view == shown).to_string()}>{*label}</button> }
    };
    let has_lesson = state.lessons.is_open;
    let views = HostView::ALL.iter();
    let views = views.filter(|(view, ..)| has_lesson || *view != HostView::Lesson);
    html! {
        <header class="embed">
            <h1 class="visually-hidden">{"Audit Policy Playground"}</h1>
            { version(state, on) }
            { answer(state) }
            <nav aria-label="Views">{ for views.map(view) }</nav>
            <OpenInFull content={LinkContent(state.clone())} />
        </header>
    }
}

/// Renders the results in one line.
fn answer(state: &AppState) -> Html {
    let figures = state.figures();
    let class = match state.freshness() {
        Freshness::Fresh | Freshness::Stale => "result",
        Freshness::Pending => "result pending",
    };
    let figure =
        |figure: Figure| html! { <span><b>{figure.value}{figure.of}</b>{" "}{figure.label}</span> };
    let content = match (state.policy.as_deref(), figures.as_deref()) {
        (Some(policy), _) if !policy.accepted => html! { <b class="bad">{"rejected"}</b> },
        (_, Some(answer)) => html! {
            <>{ figure(events_figure(Some(answer))) }{ figure(bytes_figure(Some(answer))) }</>
        },
        (Some(_), None) => html! { <b class="good">{"accepted"}</b> },
        (None, None) => Html::default(),
    };
    html! { <p {class} role="status">{content}</p> }
}

/// State whose workspace a link carries. The workspace may have a log, so it is written only when it has changed.
#[derive(Clone)]
struct LinkContent(AppState);

impl PartialEq for LinkContent {
    fn eq(&self, other: &Self) -> bool {
        self.0.has_same_link(&other.0)
    }
}

/// Properties of [`OpenInFull`].
#[derive(Properties, PartialEq)]
struct OpenInFullProps {
    /// Content of the link.
    content: LinkContent,
}

/// Link that opens the workspace in a page of its own.
#[function_component]
fn OpenInFull(props: &OpenInFullProps) -> Html {
    let href = use_state(|| None::<AttrValue>);
    {
        let href = href.setter();
        use_effect_with(props.content.clone(), move |content| {
            let workspace = content.0.linked_workspace();
            spawn_local(async move {
                let link = link::link_to(&workspace).await;
                href.set(link.ok().map(AttrValue::from));
            });
        });
    }
    html! {
        if let Some(href) = &*href {
            <a class="full" {href} target="_blank" rel="noopener">{"Open in full"}<span aria-hidden="true">{" ↗"}</span></a>
        }
    }
}
