//! The findings of the policy: first the server's messages, then the findings with position and fix.

use playground_figures::numbers;
use playground_protocol::{LineFinding, PolicyReport, Severity};
use yew::prelude::*;

use super::common::markup;
use super::name::{marked, title};
use super::screen_reader::screen_reader_only;
use crate::state::Action;

/// Maximum number of findings listed.
const SHOWN: usize = 200;

/// Renders the findings, with something before and after them. The box keeps its height, so that the page does not move while the user types.
pub fn findings(
    policy: Option<&PolicyReport>,
    before: Html,
    after: Html,
    on: &Callback<Action>,
) -> Html {
    let Some(policy) = policy else {
        return html! { <div class="findings"></div> };
    };
    let nothing = policy.findings.is_empty() && policy.error.is_none() && policy.warning.is_none();
    html! {
        <div class="findings" tabindex="0" role="region" aria-label="Findings">
            if let Some(error) = &policy.error {
                { server("kube-apiserver will not start:", "server bad", error) }
            }
            if let Some(warning) = &policy.warning {
                { server(warning_lead(policy), "server", warning) }
            }
            { before }
            if !policy.is_linted {
                <p class="empty late">{"Loading the checks…"}</p>
            } else if nothing {
                <p class="empty">{"No problems found. kube-apiserver accepts this policy without warnings."}</p>
            }
            <ul>
                { for policy.findings.iter().take(SHOWN).map(|found| finding(found, on)) }
            </ul>
            if policy.findings.len() > SHOWN {
                <p class="empty">{"and "}{numbers::count(policy.findings.len().saturating_sub(SHOWN))}{" more, underlined in the policy"}</p>
            }
            { after }
        </div>
    }
}

const fn warning_lead(policy: &PolicyReport) -> &'static str {
    if policy.accepted {
        "kube-apiserver starts and logs a warning:"
    } else {
        "It first logs a warning:"
    }
}

fn server(lead: &'static str, class: &'static str, words: &str) -> Html {
    html! {
        <div {class}>
            <p>{lead}</p>
            <pre>{ marked(words) }</pre>
        </div>
    }
}

fn finding(
    LineFinding {
        line,
        finding: found,
    }: &LineFinding,
    on: &Callback<Action>,
) -> Html {
    let (sign, class, word) = match found.severity {
        Severity::Error => ("✗", "bad", "error: "),
        Severity::Warning => ("▲", "warn", "warning: "),
        Severity::Info => ("●", "info", "note: "),
    };
    let span = found.span().unwrap_or_default();
    let reveal = on.reform(move |_| Action::RevealText(span.start, span.end));
    let fix = found.fix.clone().map(|fix| {
        let title = title(&fix.title.replace('`', ""));
        let onclick = on.reform(move |_| Action::ApplyFix(fix.edits.clone()));
        html! { <button type="button" {onclick} {title}>{"Fix"}</button> }
    });
    let about = ["About ", &found.code].concat();
    let explain = {
        let code = found.code.to_string();
        on.reform(move |_| Action::Explain(code.clone()))
    };
    html! {
        <li class="finding">
            <span class={class} aria-hidden="true">{sign}</span>
            <button type="button" class="show-finding" onclick={reveal} title="Show in the policy">
                <span class="message">{ screen_reader_only(word) }{ markup(&found.message) }</span>
                <span class="place">
                    {&*found.code}{" · line "}{*line}
                    if !found.help.is_empty() {
                        {" · "}{ markup(&found.help) }
                    }
                </span>
            </button>
            <span class="actions">
                { fix }
                <button type="button" class="quiet square" aria-label={about.clone()} title={about} onclick={explain}>{"?"}</button>
            </span>
        </li>
    }
}
