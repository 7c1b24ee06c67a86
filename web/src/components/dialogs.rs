//! The small dialogs: pasting a log, the keys, what is verified.

use playground_protocol::verified::{CLAIMS, Claim, NOT_VERIFIED};
use yew::prelude::*;

use super::modal::Modal;
use crate::files;
use crate::numbers;
use crate::platform;
use crate::state::Action;

/// The id of the box.
const FIELD: &str = "paste";

/// A box to paste into, for those without a keyboard or a file.
pub fn paste_dialog(on: &Callback<Action>) -> Html {
    let open = {
        let on = on.clone();
        Callback::from(move |_| {
            if files::take_text(platform::typed_text(FIELD), &on) {
                on.emit(Action::Show(None));
            }
        })
    };
    html! {
        <Modal title="Paste a log" onclose={on.reform(|()| Action::Show(None))}>
            <div class="content">
                <label for={FIELD}>
                    {"Audit events as JSON lines, an array, an event list or pretty-printed. A policy goes to the editor."}
                </label>
                <textarea id={FIELD} rows="14" spellcheck="false" autocomplete="off" />
                <div class="choices">
                    <button type="button" class="primary" onclick={open}>{"Open"}</button>
                </div>
            </div>
        </Modal>
    }
}

/// Keys, with what they do.
const KEYS: [(&str, &str); 13] = [
    ("Alt+1", "to the policy"),
    ("Alt+2", "to the events"),
    ("Alt+3", "to the inspector"),
    ("Alt+4", "to the volume"),
    ("/", "to the filter"),
    ("↑ ↓ PgUp PgDn Home End", "in the events: select a row"),
    (
        "Shift with these, or a click",
        "in the events: select all rows up to there",
    ),
    ("Ctrl+A", "in the events: select every row"),
    ("Esc", "in the events: back to one row"),
    (
        "Enter",
        "in the events: to the inspector; in the filter: to the events",
    ),
    ("Esc", "in the filter: clear it; elsewhere: close"),
    ("Ctrl+V", "outside fields: open what is on the clipboard"),
    ("?", "these keys"),
];

/// Filter terms, with what they select.
const TERMS: [(&str, &str); 10] = [
    (
        "user:alice",
        "events of this user; likewise group: verb: ns: name: apigroup:",
    ),
    (
        "resource:pods",
        "as in a rule; pods/* is every subresource of pods",
    ),
    ("stage:complete", "events of this stage"),
    (
        "code:403",
        "responses with this status; 4xx is all of a class",
    ),
    (
        "source:10.0.0.7",
        "requests from this address; 10.0.* is all that begin so",
    ),
    (
        "outcome:written",
        "or dropped, dropped-level, dropped-stage, unknowable",
    ),
    ("rule:3", "events that the third rule caught"),
    ("level:M", "events judged at Metadata; N, M, R or RR"),
    (
        "user:\"a b\"",
        "quotes hold spaces together; user:\"\" is nobody",
    ),
    (
        "pods web",
        "events in whose verb, resource, name or user both words occur",
    ),
];

/// Keys and filter terms.
pub fn help_dialog(on: &Callback<Action>) -> Html {
    let pairs = |pairs: &'static [(&'static str, &'static str)]| {
        pairs.iter().map(|(term, meaning)| {
            html! { <><dt><code>{*term}</code></dt><dd>{*meaning}</dd></> }
        })
    };
    html! {
        <Modal title="Keys and filter terms" onclose={on.reform(|()| Action::Show(None))}>
            <div class="content" role="region" aria-label="Lists of keys and terms" tabindex="0">
                <h3>{"Keys"}</h3>
                <dl>{ for pairs(&KEYS) }</dl>
                <h3>{"Filter terms"}</h3>
                <dl>{ for pairs(&TERMS) }</dl>
                <p class="note">{"Several terms must all hold, of the same field too. In the editor, Tab indents; press Esc first to leave it with Tab."}</p>
            </div>
        </Modal>
    }
}

/// What the engine was compared with, and how much agreed.
pub fn verified_dialog(on: &Callback<Action>) -> Html {
    html! {
        <Modal title="What is verified" onclose={on.reform(|()| Action::Show(None))}>
            <div class="content" role="region" aria-label="Comparisons" tabindex="0">
                <p>{"The engine is compared with Kubernetes itself, on every change of the code:"}</p>
                <table class="claims">
                    <thead>
                        <tr>
                            <th scope="col">{"What"}</th>
                            <th scope="col">{"Compared with"}</th>
                            <th scope="col" class="number">{"Agreed"}</th>
                        </tr>
                    </thead>
                    <tbody>{ for CLAIMS.iter().map(claim) }</tbody>
                </table>
                <p class="note">
                    {"Nothing was predicted that the server did not write. The 101 events that were not predicted are patches that are \
                      not JSON: the server cannot record their bodies, so a full recording lacks them. Bytes agree within 0.06 %."}
                </p>
                <p class="note">
                    {"Versions 1.21 to 1.35 were compared with their code; no server of theirs was run. "}{NOT_VERIFIED}
                </p>
            </div>
        </Modal>
    }
}

fn claim(claim: &Claim) -> Html {
    let agreed = if claim.agreed == claim.of {
        ["all ", &numbers::count(claim.of)].concat()
    } else {
        [
            &numbers::count(claim.agreed),
            " of ",
            &numbers::count(claim.of),
        ]
        .concat()
    };
    html! {
        <tr>
            <th scope="row">{claim.what}</th>
            <td>{claim.with}</td>
            <td class="number">{agreed}{" "}{claim.unit}</td>
        </tr>
    }
}
