//! The small dialogs: pasting a log, help, verification.

use audit_filter::{COMBINATION, HELP};
use playground_figures::numbers;
use playground_protocol::verified::{COMPARISONS, Comparison, NOT_VERIFIED};
use yew::prelude::*;

use super::common::markup;
use super::modal::Modal;
use crate::dom_ids;
use crate::editor::key_help;
use crate::files;
use crate::platform;
use crate::state::Action;

/// Renders the dialog to paste a log into, for those without a keyboard or a file.
pub fn paste_dialog(on: &Callback<Action>) -> Html {
    let open = {
        let on = on.clone();
        Callback::from(move |_| {
            if files::open_pasted_text(platform::text_area_value(dom_ids::PASTE), &on) {
                on.emit(Action::ShowDialog(None));
            }
        })
    };
    html! {
        <Modal title="Paste a log" onclose={on.reform(|()| Action::ShowDialog(None))}>
            <div class="content">
                <label for={dom_ids::PASTE}>
                    {"Paste audit events as JSON lines, a JSON array, an event list or pretty-printed JSON. A pasted policy opens in the editor, and metrics of an API server in the volume."}
                </label>
                <textarea id={dom_ids::PASTE} rows="14" spellcheck="false" autocomplete="off" />
                <div class="choices">
                    <button type="button" class="primary" onclick={open}>{"Open"}</button>
                </div>
            </div>
        </Modal>
    }
}

/// Shortcuts of the page by where they work. `tests/browser/cases/help.mjs` presses each of them.
const KEYS: [(&str, &[(&str, &str)]); 6] = [
    (
        "Anywhere",
        &[
            ("Alt+1", "go to the policy"),
            ("Alt+2", "go to the events"),
            ("Alt+3", "go to the inspector"),
            ("Alt+4", "go to the volume"),
            ("Alt+5", "go to the comparison"),
            ("Alt+6", "go to the query of Ask"),
            ("/", "outside text fields: go to the filter"),
            ("?", "outside text fields: show this help"),
            (
                "Ctrl+V",
                "outside text fields: open the log, policy or metrics from the clipboard",
            ),
            ("Esc", "close a menu or a dialog"),
        ],
    ),
    (
        "Events",
        &[
            ("↑", "previous event"),
            ("↓", "next event"),
            ("PgUp", "one screen up"),
            ("PgDn", "one screen down"),
            ("Home", "first event"),
            ("End", "last event"),
            (
                "Shift",
                "with one of these keys, or with a click: extend the selection",
            ),
            ("Ctrl+A", "select all events"),
            ("Esc", "select only the current event"),
            ("Enter", "go to the inspector"),
        ],
    ),
    (
        "Filter",
        &[
            ("↓", "next completion; without a list, go to the events"),
            ("↑", "previous completion"),
            ("Enter", "use the completion; without one, go to the events"),
            ("Tab", "use the completion"),
            ("Alt+↓", "list completions"),
            ("Esc", "close the list; without one, clear the filter"),
        ],
    ),
    (
        "Menus",
        &[
            ("↓", "open the menu; next entry"),
            ("↑", "previous entry"),
            ("Home", "first entry"),
            ("End", "last entry"),
        ],
    ),
    (
        "Tabs",
        &[
            ("→", "next tab"),
            ("←", "previous tab"),
            ("Home", "first tab"),
            ("End", "last tab"),
        ],
    ),
    (
        "Rules next to the policy",
        &[
            ("↓", "next rule"),
            ("↑", "previous rule"),
            ("Home", "first rule"),
            ("End", "last rule"),
            ("Enter", "show the rule's events, or all events again"),
        ],
    ),
];

/// Renders the dialog with shortcuts and filter terms.
pub fn help_dialog(on: &Callback<Action>) -> Html {
    let editor = key_help();
    html! {
        <Modal title="Keyboard shortcuts and filter terms" onclose={on.reform(|()| Action::ShowDialog(None))}>
            <div class="content" role="region" aria-label="Shortcuts and terms" tabindex="0">
                if let Some(address) = platform::documentation() {
                    <p class="note">
                        <a href={address} target="_blank" rel="noopener">{"Documentation"}</a>
                        {": findings, log formats, targets, the command"}
                    </p>
                }
                { for KEYS.iter().map(|(title, keys)| section(title, keys.iter().copied())) }
                { section("Policy editor", editor.iter().map(|(key, meaning)| (key.as_str(), meaning.as_str()))) }
                { section("Filter terms", HELP.iter().copied()) }
                <p class="note">{ markup(COMBINATION) }</p>
            </div>
        </Modal>
    }
}

/// Renders a section of the help: keys or terms, and what each does.
fn section<'a>(title: &'a str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Html {
    let pair = |(term, meaning): (&str, &str)| {
        html! { <><dt><code>{term.to_owned()}</code></dt><dd>{meaning.to_owned()}</dd></> }
    };
    html! {
        <section class="help-section">
            <h3>{title.to_owned()}</h3>
            <dl>{ for pairs.map(pair) }</dl>
        </section>
    }
}

/// Renders the dialog that lists what the engine was compared with.
pub fn verified_dialog(on: &Callback<Action>) -> Html {
    html! {
        <Modal title="What is verified" onclose={on.reform(|()| Action::ShowDialog(None))}>
            <div class="content" role="region" aria-label="Comparisons" tabindex="0">
                <p>{"The engine is compared with Kubernetes itself on every change of the code:"}</p>
                <table class="claims">
                    <thead>
                        <tr>
                            <th scope="col">{"What"}</th>
                            <th scope="col">{"Compared with"}</th>
                            <th scope="col" class="number">{"Agreed"}</th>
                        </tr>
                    </thead>
                    <tbody>{ for COMPARISONS.iter().map(claim) }</tbody>
                </table>
                <p class="note">
                    {"Every predicted event was written by the server. The 101 events that were not predicted are patches that are \
                      not JSON: the server cannot record their bodies, so a full log doesn't contain them. Sizes agree within 0.06 %."}
                </p>
                <p class="note">
                    {"Versions 1.21 to 1.35 were compared with their source code; their servers were not run. "}{NOT_VERIFIED}
                </p>
            </div>
        </Modal>
    }
}

fn claim(claim: &Comparison) -> Html {
    let agreed = if claim.agreed == claim.total {
        ["all ", &numbers::count(claim.total)].concat()
    } else {
        [
            &numbers::count(claim.agreed),
            " of ",
            &numbers::count(claim.total),
        ]
        .concat()
    };
    html! {
        <tr>
            <th scope="row">{claim.subject}</th>
            <td>{claim.reference}</td>
            <td class="number">{agreed}{" "}{claim.unit}</td>
        </tr>
    }
}
