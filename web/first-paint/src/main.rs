//! Prints what the built page shows before its engine runs, as JSON: the first example's policy, its rules, and its answer.
//!
//! The engine computes it here as it does in the page, and the page's own crate for figures words it. `web/build/first-paint.mjs` writes it
//! into `index.html`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use playground_figures::{Bar, Figure, Share, bar, numbers};
use playground_figures::{bytes_figure, day_figure, events_figure};
use playground_protocol::{AnswerReport, KubernetesVersion};
use playground_worker::{FirstExample, first_example};
use serde_json::{Value, json};

fn main() -> ExitCode {
    // The version that the page begins with.
    let version = KubernetesVersion::default();
    let Some(example) = first_example(version) else {
        eprintln!("error: the engine did not answer the first example");
        return ExitCode::FAILURE;
    };
    println!("{}", content(version, &example));
    ExitCode::SUCCESS
}

fn content(version: KubernetesVersion, example: &FirstExample) -> Value {
    let answer = Some(&example.answer);
    let figures = [
        events_figure(answer),
        bytes_figure(answer),
        day_figure(answer),
    ];
    json!({
        "version": version.to_string(),
        "isVerified": version.is_verified(),
        "policy": example.policy,
        "hint": example.hint,
        "findings": match example.report.findings.len() {
            0 => String::new(),
            count => ", ".to_owned() + &numbers::counted(count, "finding"),
        },
        "rules": rules(example),
        "figures": figures.map(figure).to_vec(),
        "bar": levels_bar(&example.answer),
        "levels": levels(&example.answer),
        "caution": example.answer.per_day.caution,
    })
}

fn figure(figure: Figure) -> Value {
    json!({ "value": figure.value, "of": figure.of, "label": figure.label, "title": figure.title })
}

/// Returns for each rule what the editor's gutter shows, and the offset of its first unit.
fn rules(example: &FirstExample) -> Vec<Value> {
    let sums = &example.answer.by_rule;
    let rules = example.report.rules.iter().zip(sums).zip(1..);
    rules
        .map(|((rule, sum), number)| {
            json!({
                "from": rule.from,
                "chip": format!("{number} {}", rule.level.abbreviation()),
                "level": rule.level.abbreviation(),
                "count": numbers::count_or_short(sum.matched),
            })
        })
        .collect()
}

/// Returns the bar as the page begins with it: events by level.
fn levels_bar(answer: &AnswerReport) -> Value {
    let shares: Vec<Share> = answer
        .by_level
        .iter()
        .map(|sum| Share {
            level: sum.level,
            name: sum.level.name().to_owned(),
            amount: sum.matched as f64,
        })
        .collect();
    let Bar { parts, label } = bar(&shares);
    let parts: Vec<Value> = parts
        .into_iter()
        .map(|part| json!({ "level": part.level.abbreviation(), "x": part.x, "width": part.width }))
        .collect();
    json!({ "parts": parts, "label": label })
}

fn levels(answer: &AnswerReport) -> Vec<Value> {
    let level = |sum: &playground_protocol::LevelSum| {
        json!({
            "level": sum.level.abbreviation(),
            "name": sum.level.name(),
            "amount": numbers::count(sum.matched),
        })
    };
    answer.by_level.iter().map(level).collect()
}
