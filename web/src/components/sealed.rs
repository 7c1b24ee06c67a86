//! The seal of the page: the button in the header, and the dialog with its meaning and a check.

use playground_figures::numbers;
use yew::prelude::*;

use super::modal::Modal;
use crate::offline;
use crate::platform;
use crate::state::seal::{Attempt, AttemptOutcome, CheckState, Place, SealAction, SealStatus};
use crate::state::{Action, AppState, Dialog};

/// Ways out that no policy of a page closes; `SECURITY.md` has all of them.
const NOT_PREVENTED: [&str; 4] = [
    "What you do yourself: opening links, and copying, saving or sharing something.",
    "Browser extensions, and other programs on this device.",
    "Code of the page that opens another address or window, or uses WebRTC. This page has no such code, and workers can't do \
     any of it.",
    "The page's server: it may send another program the next time you load the page.",
];

/// Renders the button that says whether the page is sealed and opens the details.
pub fn seal_button(state: &AppState, on: &Callback<Action>) -> Html {
    let onclick = on.reform(|_| Action::ShowDialog(Some(Dialog::Sealed)));
    let (class, sign, label, title) = match status_of(state) {
        SealStatus::Sealed => (
            "quiet seal",
            "✓ ",
            "Sealed",
            "Your browser blocks every connection of this page. Details and a check",
        ),
        SealStatus::Loading | SealStatus::Sealing => (
            "quiet seal",
            "",
            "Sealing…",
            "The page is being loaded. After that, it blocks its own connections",
        ),
        SealStatus::Failed(_) => (
            "quiet seal unverified",
            "▲ ",
            "Not sealed",
            "A part of the page could not be loaded, so the page can still connect to its server",
        ),
    };
    html! {
        <button type="button" {class} {title} {onclick}>
            <span aria-hidden="true">{sign}</span>{label}
        </button>
    }
}

/// Renders the dialog.
pub fn seal_dialog(state: &AppState, on: &Callback<Action>) -> Html {
    let check = on.reform(|_| Action::Seal(SealAction::Check));
    let is_running = state.seal.check == CheckState::Running;
    html! {
        <Modal title="Nothing leaves this page" onclose={on.reform(|()| Action::ShowDialog(None))}>
            <div class="content" role="region" aria-label="Network access" tabindex="0">
                <p>
                    {"Logs and policies are read by workers in your browser, which have no network access from their start. "}
                    { status(status_of(state), on) }
                </p>
                <p>
                    {"Your browser enforces both with a Content-Security-Policy, which a page can't take back. To check it, the page and the \
                      engine's worker try to send requests to this page's own server or, without one, to a name that no server has."}
                </p>
                <div class="choices">
                    <button type="button" class="primary" onclick={check} disabled={is_running}>{"Check"}</button>
                    <span role="status">{ summary(&state.seal.check) }</span>
                </div>
                if let CheckState::Done(attempts) = &state.seal.check {
                    { results(attempts) }
                }
                if offline::is_kept() {
                    <p>
                        {"So that the page also works without a network, a service worker keeps a copy of it in this browser. The only message \
                          that it accepts from the page is the word "}<code>{"activate"}</code>
                        {", and the only request that it makes by itself asks the page's server for a newer version."}
                    </p>
                }
                <h3>{"What this doesn't prevent"}</h3>
                <ul>{ for NOT_PREVENTED.iter().map(|way| html! { <li>{*way}</li> }) }</ul>
            </div>
        </Modal>
    }
}

/// Returns the status of the seal. A page in one file is sealed before it has compiled its parts.
fn status_of(state: &AppState) -> &SealStatus {
    if platform::is_sealed() {
        &SealStatus::Sealed
    } else {
        &state.seal.status
    }
}

fn status(status: &SealStatus, on: &Callback<Action>) -> Html {
    match status {
        SealStatus::Sealed => html! {
            {"The page itself has loaded everything it needs, and can't connect to any server until you reload it."}
        },
        SealStatus::Loading | SealStatus::Sealing => html! {
            {"The page itself is still loading its own files. When it has them all, it blocks its own connections."}
        },
        SealStatus::Failed(reason) => {
            let retry = on.reform(|_: MouseEvent| Action::Seal(SealAction::Seal));
            html! {
                <>
                    <span class="warn">{"▲ The page itself could not load one of its files, so it can still connect to its server: "}{reason.clone()}{". "}</span>
                    <button type="button" onclick={retry}>{"Try again"}</button>
                </>
            }
        }
    }
}

fn summary(check: &CheckState) -> String {
    match check {
        CheckState::None => String::new(),
        CheckState::Running => "Trying…".to_owned(),
        CheckState::Done(attempts) => {
            let sent = |attempt: &&Attempt| attempt.outcome == AttemptOutcome::Sent;
            let total = numbers::counted(attempts.len(), "attempt");
            match attempts.iter().filter(sent).count() {
                0 => ["None of ", &total, " left this page."].concat(),
                count => [
                    "▲ Not blocked: ",
                    &numbers::count(count),
                    " of ",
                    &total,
                    ".",
                ]
                .concat(),
            }
        }
    }
}

/// Renders a row per way of sending, with the results of the page and of the worker.
fn results(attempts: &[Attempt]) -> Html {
    let mut names: Vec<&str> = Vec::new();
    for attempt in attempts {
        if !names.contains(&attempt.name.as_str()) {
            names.push(&attempt.name);
        }
    }
    let cell = |name: &str, place: Place| {
        let found = attempts
            .iter()
            .find(|attempt| attempt.place == place && attempt.name == name);
        html! { <td>{ found.map_or_else(|| html! { "–" }, |attempt| outcome(&attempt.outcome)) }</td> }
    };
    let row = |name: &&str| {
        html! {
            <tr>
                <th scope="row"><code>{(*name).to_owned()}</code></th>
                { cell(name, Place::Page) }
                { cell(name, Place::Engine) }
            </tr>
        }
    };
    html! {
        <table class="claims attempts">
            <thead>
                <tr><th scope="col">{"Attempt"}</th><th scope="col">{"Page"}</th><th scope="col">{"Engine's worker"}</th></tr>
            </thead>
            <tbody>{ for names.iter().map(row) }</tbody>
        </table>
    }
}

fn outcome(outcome: &AttemptOutcome) -> Html {
    match outcome {
        AttemptOutcome::Blocked(directive) => {
            html! { <>{"Blocked by "}<code>{directive.clone()}</code></> }
        }
        AttemptOutcome::Failed(error) => html! { <>{"Failed: "}{error.clone()}</> },
        AttemptOutcome::Sent => html! { <span class="warn">{"▲ Not blocked"}</span> },
    }
}
