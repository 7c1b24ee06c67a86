//! The top line: what to open, which Kubernetes, what to take away.

use playground_protocol::ExampleTitle;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::bits::unseen;
use super::menu::{Entry, Menu};
use crate::files;
use crate::hooks::use_theme;
use crate::link::Link;
use crate::shared::Shared;
use crate::state::{Action, Dialog};

/// Properties of [`Header`].
#[derive(Properties, PartialEq)]
pub struct HeaderProps {
    /// The examples menu.
    pub examples: Shared<Vec<ExampleTitle>>,
    /// The versions menu.
    pub versions: Shared<Vec<String>>,
    /// The chosen version.
    pub version: AttrValue,
    /// The worker.
    pub link: Link,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The top line.
#[function_component]
pub fn Header(props: &HeaderProps) -> Html {
    let on = &props.on;
    let entries = props
        .examples
        .iter()
        .map(|example| Entry {
            title: example.title.clone(),
            summary: example.summary.clone(),
        })
        .collect::<Vec<_>>();
    let show = |dialog| {
        let on = on.clone();
        Callback::from(move |_: MouseEvent| on.emit(Action::Show(Some(dialog))))
    };
    html! {
        <header class="top">
            <h1>
                <svg class="mark" viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
                    <rect class="fill-n" y="1" width="18" height="3" rx="1" />
                    <rect class="fill-m" y="6" width="15" height="3" rx="1" />
                    <rect class="fill-r" y="11" width="11" height="3" rx="1" />
                    <rect class="fill-rr" y="15.5" width="6.5" height="2.5" rx="1" />
                </svg>
                <span>{"Audit Policy Playground"}</span>
            </h1>
            <Menu label="Examples" {entries} chosen={on.reform(Action::OpenExample)} />
            <OpenButton link={props.link.clone()} on={on.clone()} />
            <button type="button" class="paste" onclick={show(Dialog::Paste)}>{"Paste log"}</button>
            <VersionSelect versions={props.versions.clone()} version={props.version.clone()}
                onchoose={on.reform(Action::Version)} />
            <span class="grow"></span>
            <button type="button" class="quiet square" aria-label="Keys and filter terms" onclick={show(Dialog::Help)}>{"?"}</button>
            <ThemeButton />
            <button type="button" class="primary" onclick={show(Dialog::Export)}>{"Export"}</button>
        </header>
    }
}

/// Properties of [`OpenButton`].
#[derive(Properties, PartialEq)]
pub struct OpenProps {
    /// The worker.
    pub link: Link,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The file picker.
#[function_component]
pub fn OpenButton(props: &OpenProps) -> Html {
    let input = use_node_ref();
    let onclick = {
        let input = input.clone();
        Callback::from(move |_| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let onchange = {
        let (link, on) = (props.link.clone(), props.on.clone());
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let chosen = files::listed(input.files());
            // The same file chosen again is a change too.
            input.set_value("");
            if !chosen.is_empty() {
                files::take_files(chosen, link.clone(), on.clone());
            }
        })
    };
    html! {
        <>
            <button type="button" {onclick}>{"Open log…"}</button>
            <input ref={input} id="open-files" type="file" multiple=true hidden=true {onchange}
                aria-label="Audit logs, or a policy" />
        </>
    }
}

/// Properties of [`VersionSelect`].
#[derive(Properties, PartialEq)]
struct VersionProps {
    versions: Shared<Vec<String>>,
    version: AttrValue,
    onchoose: Callback<String>,
}

#[function_component]
fn VersionSelect(props: &VersionProps) -> Html {
    let onchange = props
        .onchoose
        .reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
    let option = |version: &String| {
        html! {
            <option value={version.clone()} selected={*version == *props.version}>{version}</option>
        }
    };
    html! {
        <label class="version">
            <span aria-hidden="true">{"Kubernetes"}</span>
            <select id="version" aria-label="Kubernetes version" {onchange} disabled={props.versions.is_empty()}>
                if props.versions.is_empty() {
                    <option>{"…"}</option>
                }
                { for props.versions.iter().map(option) }
            </select>
        </label>
    }
}

#[function_component]
fn ThemeButton() -> Html {
    let (theme, next) = use_theme();
    let (sign, label, title) = match theme {
        "light" => ("○", "Theme: light; switch to dark", "Light"),
        "dark" => ("●", "Theme: dark; follow the system", "Dark"),
        _ => (
            "◐",
            "Theme: as the system; switch to light",
            "As the system",
        ),
    };
    html! {
        <button type="button" class="quiet square" {title} onclick={next.reform(|_| ())}>
            <span aria-hidden="true">{sign}</span>{unseen(label)}
        </button>
    }
}
