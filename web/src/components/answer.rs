//! The results: events and bytes recorded and written, by level and by rule.

use playground_figures::numbers;
use playground_figures::{
    Bar, BarPart, Figure, Share, bar, bytes_figure, day_figure, events_figure,
};
use playground_protocol::{AnswerReport, Level, LevelSum, RuleSum, Sum};
use yew::prelude::*;

use super::common::{level_class, markup, rule_label};
use super::screen_reader::screen_reader_only;
use crate::state::{Action, AppState, BreakdownBy, Freshness, Unit};

/// Renders the results.
pub fn answer_bar(state: &AppState, on: &Callback<Action>) -> Html {
    let freshness = state.freshness();
    let class = match freshness {
        Freshness::Fresh => "answer",
        Freshness::Pending => "answer pending",
        Freshness::Stale => "answer stale",
    };
    let figures = state.figures();
    let answer = figures.as_deref();
    let is_final = freshness == Freshness::Fresh && state.reading.is_none() && answer.is_some();
    html! {
        <>
            <section {class} aria-labelledby="answer-title">
                <h2 id="answer-title" class="visually-hidden">{"Answer"}</h2>
                { figure(events_figure(answer)) }
                { figure(bytes_figure(answer)) }
                { figure(day_figure(answer)) }
                <div class="wide">
                    { stack(answer, state.breakdown_by, state.unit) }
                    <div class="under">
                        { legend(answer, state, on) }
                        { switches(state, on) }
                    </div>
                </div>
                { notes(answer, freshness, state) }
            </section>
            <p class="visually-hidden" role="status" aria-label="Final answer">
                if is_final {
                    { spoken(&[events_figure(answer), bytes_figure(answer)]) }
                }
            </p>
        </>
    }
}

/// Returns the figures in words. It is shown only once the results are final, so that screen readers do not announce every change.
fn spoken(figures: &[Figure]) -> String {
    let words = figures.iter().map(|figure| {
        let of = figure.of.as_deref().unwrap_or_default();
        [
            figure.value.as_deref().unwrap_or_default(),
            of,
            " ",
            &figure.label,
        ]
        .concat()
    });
    words.collect::<Vec<_>>().join(", ")
}

fn figure(figure: Figure) -> Html {
    let Figure {
        value,
        of,
        label,
        title,
    } = figure;
    html! {
        <p class="figure" {title}>
            <b>{value.unwrap_or_else(|| "–".to_owned())}</b>
            if let Some(of) = of {
                <span class="of">{of}</span>
            }
            <span class="label">{label}</span>
        </p>
    }
}

/// Maximum number of rules in the legend; larger policies are generated.
const LEGEND: usize = 200;

fn amount(matched: usize, written: Sum, unit: Unit) -> f64 {
    match unit {
        Unit::Events => float(matched),
        Unit::Bytes => written.bytes,
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "counts of events are far below what an f64 holds exactly"
)]
const fn float(n: usize) -> f64 {
    n as f64
}

fn print(matched: usize, written: Sum, unit: Unit) -> String {
    match unit {
        Unit::Events => numbers::count(matched),
        Unit::Bytes => numbers::bytes(written.bytes),
    }
}

fn shares(answer: &AnswerReport, breakdown_by: BreakdownBy, unit: Unit) -> Vec<Share> {
    match breakdown_by {
        BreakdownBy::Level => answer
            .by_level
            .iter()
            .map(|sum| Share {
                level: sum.level,
                name: sum.level.name().to_owned(),
                amount: amount(sum.matched, sum.written, unit),
            })
            .collect(),
        BreakdownBy::Rule => answer
            .by_rule
            .iter()
            .map(|sum| Share {
                level: sum.level,
                name: "rule ".to_owned() + &rule_label(sum.rule, Some(sum.level)),
                amount: amount(sum.matched, sum.written, unit),
            })
            .collect(),
    }
}

fn stack(answer: Option<&AnswerReport>, breakdown_by: BreakdownBy, unit: Unit) -> Html {
    let shares = answer
        .map(|answer| shares(answer, breakdown_by, unit))
        .unwrap_or_default();
    let Bar { parts, label } = bar(&shares);
    let part = |BarPart { level, x, width }| {
        html! { <rect class={level_class(Some(level))} {x} {width} height="100%" /> }
    };
    html! {
        <svg class={classes!("stack", (breakdown_by == BreakdownBy::Rule).then_some("parted"))} role="img" aria-label={label}>
            { for parts.into_iter().map(part) }
        </svg>
    }
}

fn legend(answer: Option<&AnswerReport>, state: &AppState, on: &Callback<Action>) -> Html {
    let Some(answer) = answer else {
        let level = |level: &Level| {
            html! { <span class="item"><b>{level.abbreviation()}</b><span class="name">{" "}{level.name()}</span></span> }
        };
        return html! { <div class="legend">{ for Level::ALL.iter().map(level) }</div> };
    };
    match state.breakdown_by {
        BreakdownBy::Level => {
            let item = |sum: &LevelSum| level_item(sum, state.unit, on);
            html! { <div class="legend">{ for answer.by_level.iter().map(item) }</div> }
        }
        BreakdownBy::Rule => {
            let item = |sum: &RuleSum| rule_item(sum, state, on);
            let more = answer.by_rule.len().saturating_sub(LEGEND);
            html! {
                <div class="legend rules">
                    { for answer.by_rule.iter().take(LEGEND).map(item) }
                    if more > 0 {
                        <span class="item">{"and "}{numbers::counted(more, "more rule")}</span>
                    }
                </div>
            }
        }
    }
}

fn level_item(sum: &LevelSum, unit: Unit, on: &Callback<Action>) -> Html {
    let term = "level:".to_owned() + sum.level.abbreviation();
    let onclick = {
        let on = on.clone();
        Callback::from(move |_| on.emit(Action::OpenGroup(term.clone())))
    };
    html! {
        <button type="button" class="item" {onclick} title="List these events">
            <span class={classes!("swatch", level_class(Some(sum.level)))} aria-hidden="true"></span>
            <b>{sum.level.abbreviation()}</b><span class="name">{" "}{sum.level.name()}</span>{" "}
            <span class="amount">{print(sum.matched, sum.written, unit)}</span>
        </button>
    }
}

fn rule_item(sum: &RuleSum, state: &AppState, on: &Callback<Action>) -> Html {
    let rule = sum.rule;
    let onclick = on.reform(move |_| Action::ToggleRule(rule));
    let chosen = state.table.view.rule == Some(rule.into());
    html! {
        <button type="button" class="item" {onclick} aria-pressed={chosen.to_string()} title="List these events">
            { super::common::chip(rule, Some(sum.level)) }
            {" "}<span class="amount">{print(sum.matched, sum.written, state.unit)}</span>
            if rule.is_none() {
                { screen_reader_only("no rule matched") }
            }
        </button>
    }
}

fn switches(state: &AppState, on: &Callback<Action>) -> Html {
    let breakdown_by = |breakdown_by, label: &'static str| {
        let onclick = on.reform(move |_| Action::SetBreakdown(breakdown_by));
        html! { <button type="button" {onclick} aria-pressed={(state.breakdown_by == breakdown_by).to_string()}>{label}</button> }
    };
    let unit = |unit, label: &'static str| {
        let onclick = on.reform(move |_| Action::SetUnit(unit));
        html! { <button type="button" {onclick} aria-pressed={(state.unit == unit).to_string()}>{label}</button> }
    };
    html! {
        <div class="switches">
            <span class="switch" role="group" aria-label="Break down by">
                { breakdown_by(BreakdownBy::Level, "level") }
                { breakdown_by(BreakdownBy::Rule, "rule") }
            </span>
            <span class="switch" role="group" aria-label="Unit">
                { unit(Unit::Events, "events") }
                { unit(Unit::Bytes, "bytes") }
            </span>
        </div>
    }
}

/// Renders the notes about the results. One line is reserved for them, so that nothing moves.
fn notes(answer: Option<&AnswerReport>, freshness: Freshness, state: &AppState) -> Html {
    // Alone, so that a typing error does not need another line and move the page.
    if freshness == Freshness::Stale {
        let stale = warning(&[unusable(state), LAST_ACCEPTED].concat());
        return html! { <div class="notes" role="status">{ stale }</div> };
    }
    let mut notes = Vec::new();
    if let Some(answer) = answer {
        if let Some(caution) = &answer.per_day.caution {
            notes.push(warning(caution));
        }
        if answer.unknowable > 0 {
            let mut text = numbers::counted(answer.unknowable, "verdict");
            text.push_str(" can't be determined from this log.");
            notes.push(warning(&text));
        }
        if answer.sizes_unknown > 0 {
            let mut text = numbers::counted(answer.sizes_unknown, "event");
            text.push_str(
                " would be written with fields or bodies that this log doesn't contain; their size is not counted.",
            );
            notes.push(warning(&text));
        }
    }
    if let Some(partial) = state.partial() {
        notes.insert(0, warning(partial));
    }
    if let Some(story) = &state.description {
        notes.insert(0, html! { <p class="story">{ markup(story) }</p> });
    }
    if notes.is_empty() {
        let text = if state.reading.is_some() {
            "Reading the log…"
        } else if answer.is_some() {
            "All figures are for the policy in the editor and the open log."
        } else {
            "Open, paste or drop an audit log to see what this policy would log. Files stay in your browser."
        };
        notes.push(html! { <p>{text}</p> });
    }
    html! { <div class="notes" role="status">{ for notes }</div> }
}

/// Follows the reason why the text of the editor has no results.
const LAST_ACCEPTED: &str = " All figures and verdicts are from the last accepted policy.";

/// Returns why the text of the editor has no results.
fn unusable(state: &AppState) -> &'static str {
    let policy = state.policy.as_deref();
    match policy.and_then(|policy| policy.document.as_ref()) {
        Some(document) if document.policies.is_empty() => "The editor contains no policy.",
        Some(document) if document.is_template => {
            "The editor contains a template, which is not a policy until it is rendered."
        }
        _ => "The policy in the editor is rejected.",
    }
}

fn warning(text: &str) -> Html {
    html! {
        <p class="warn"><span aria-hidden="true">{"▲ "}</span>{ markup(text) }</p>
    }
}
