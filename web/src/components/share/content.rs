//! The redaction of what is shared, and the whole text of it.

use playground_figures::numbers;
use playground_protocol::{LikelySecret, MAX_SAMPLE_BYTES, Redaction, ShareReport};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::common::markup;
use crate::components::name::{code, name};
use crate::components::preview::{Language, Preview};
use crate::state::Action;
use crate::state::share::{ShareAction, ShareOptions, ShareState};

/// Number of secrets that are listed.
const LISTED_SECRETS: usize = 5;

/// Longest part of the events that is shown, in bytes.
const SHOWN_BYTES: usize = 100_000;

/// Renders the choice whether names are replaced, with its result.
pub fn redaction(share: &ShareState, on: &Callback<Action>) -> Html {
    let options = share.options;
    let onchange = on.reform(move |event: Event| {
        let redact = event.target_unchecked_into::<HtmlInputElement>().checked();
        Action::Share(ShareAction::Choose(ShareOptions { redact, ..options }))
    });
    let report = share.report.as_deref();
    html! {
        <div class="redaction">
            <label><input type="checkbox" checked={options.redact} {onchange} /><b>{"Replace names, addresses and values"}</b></label>
            if let Some(report) = report {
                <p class="note" aria-live="polite">{ result(report) }</p>
                if report.is_policy_only {
                    <p class="note">{"Only the policy is shared, without the document that contains it."}</p>
                }
                if options.settings && options.redact {
                    <p class="warn-note"><span class="warn" aria-hidden="true">{"▲ "}</span>{"The settings of the export leave as they are, with their addresses and paths."}</p>
                }
                if options.tests && options.redact {
                    <p class="warn-note"><span class="warn" aria-hidden="true">{"▲ "}</span>{"The tests leave as they are, with the names in them."}</p>
                }
                { secrets(report, options.redact) }
                { left_out(report) }
            }
        </div>
    }
}

/// Returns what the redaction did, in a sentence.
fn result(report: &ShareReport) -> String {
    let has_events = report.sample.is_some();
    let Some(redaction) = &report.redaction else {
        return match has_events {
            true => "Nothing is replaced: the names, addresses and bodies in the events leave as they are.",
            false => "Nothing is replaced.",
        }
        .to_owned();
    };
    let checked = match (has_events, redaction.has_verdicts) {
        (true, true) => [
            "Checked for each of ",
            &numbers::counted(report.events, "event"),
            ": verdict, level and sizes stay the same.",
        ]
        .concat(),
        (true, false) => "Sizes stay the same. kube-apiserver rejects the policy, so verdicts cannot be compared.".to_owned(),
        (false, true) => "The policy has the same rules. Words in its comments stay unless the policy or the events name them: read them.".to_owned(),
        (false, false) => "kube-apiserver rejects the policy, so what it means cannot be compared: read what leaves.".to_owned(),
    };
    [&replaced(redaction.replaced_count), " ", &checked].concat()
}

fn replaced(count: usize) -> String {
    match count {
        0 => "No name had to be replaced.".to_owned(),
        1 => "1 part of a name is replaced.".to_owned(),
        count => numbers::count(count) + " parts of names are replaced.",
    }
}

fn secrets(report: &ShareReport, redacted: bool) -> Html {
    if report.secrets.is_empty() {
        return Html::default();
    }
    let (consequence, class) = if redacted {
        (
            "It is replaced here; whoever can read the log can use it.",
            "warn",
        )
    } else {
        ("It leaves with the events.", "bad")
    };
    let secret = |secret: &LikelySecret| {
        html! {
            <li>
                <span {class} aria-hidden="true">{"▲ "}</span>
                {"Event "}{numbers::count(secret.event)}{" seems to contain "}{secret.kind.clone()}{" ("}<code>{ code(&secret.shown) }</code>{") in "}<code>{ code(&secret.place) }</code>{". "}{consequence}
            </li>
        }
    };
    let more = report.secret_count.saturating_sub(LISTED_SECRETS);
    html! {
        <ul class="secrets">
            { for report.secrets.iter().take(LISTED_SECRETS).map(secret) }
            if more > 0 {
                <li>{numbers::count(more)}{" more like these."}</li>
            }
        </ul>
    }
}

fn left_out(report: &ShareReport) -> Html {
    if report.left_out == 0 {
        return Html::default();
    }
    let sentence = [
        &numbers::counted(report.left_out, "event"),
        " left out: a link has room for ",
        &numbers::bytes(MAX_SAMPLE_BYTES as f64),
        " of events, and those whose file has changed can't be read.",
    ];
    html! { <p class="note">{ markup(&sentence.concat()) }</p> }
}

/// Renders the whole text of what is shared.
pub fn what_leaves(report: &ShareReport, tests: Option<&str>) -> Html {
    let baseline = report.baseline.as_ref();
    let sample = report.sample.as_ref();
    html! {
        <details class="leaves">
            <summary>{"See what leaves"}</summary>
            <h3>{"Policy"}</h3>
            <Preview label="Policy" text={report.policy.clone()} language={Language::Yaml} />
            if let Some(baseline) = baseline {
                <h3>{"Baseline"}</h3>
                <Preview label="Baseline" text={baseline.clone()} language={Language::Yaml} />
            }
            if let Some(tests) = tests {
                <h3>{"Tests"}</h3>
                <Preview label="Tests" text={tests.to_owned()} language={Language::Yaml} />
            }
            if let Some(sample) = sample {
                <h3>{numbers::counted(report.events, "event")}</h3>
                <Preview label="Events" text={start_of(sample)} language={Language::Yaml} />
            }
            if let Some(redaction) = &report.redaction {
                { names(redaction) }
            }
        </details>
    }
}

/// Returns the lines of a text that there is room for.
fn start_of(sample: &str) -> String {
    if sample.len() <= SHOWN_BYTES {
        return sample.to_owned();
    }
    let mut end = SHOWN_BYTES;
    while !sample.is_char_boundary(end) {
        end -= 1;
    }
    let start = sample.get(..end).unwrap_or_default();
    let lines = start.rfind('\n').and_then(|end| start.get(..=end));
    [
        lines.unwrap_or(start),
        "… (more events; the file has all of them)",
    ]
    .concat()
}

/// Renders the names with their pseudonyms, which only the reader sees.
fn names(redaction: &Redaction) -> Html {
    if redaction.replaced.is_empty() {
        return Html::default();
    }
    let row = |(original, pseudonym): &(String, String)| {
        html! { <tr><td>{ name(original) }</td><td>{ name(pseudonym) }</td></tr> }
    };
    let kept = redaction.kept.join(" ");
    html! {
        <>
            <h3>{"Replaced names, shown to you only"}</h3>
            <div class="names-table" role="region" aria-label="Replaced names" tabindex="0">
                <table class="claims">
                    <thead><tr><th scope="col">{"Name"}</th><th scope="col">{"Pseudonym"}</th></tr></thead>
                    <tbody>{ for redaction.replaced.iter().map(row) }</tbody>
                </table>
            </div>
            if !kept.is_empty() {
                <h3>{"Words that stay, since every cluster has them"}</h3>
                <p class="kept">{ name(&kept) }</p>
            }
        </>
    }
}
