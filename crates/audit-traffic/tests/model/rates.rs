//! All rates with their sources.

use std::fmt::Write as _;

use audit_traffic::{Profile, RateSource, rates};

use crate::page;

/// Rates with the same name, client and verb, as one row.
struct Line {
    what: [String; 3],
    path: String,
    /// Formulas, each with the number of times it occurs.
    formulas: Vec<(&'static str, usize)>,
    source: String,
    per_hour: f64,
}

#[test]
fn every_rate_is_listed_with_its_source() {
    let rates = rates(&Profile::default()).unwrap();
    let mut lines: Vec<Line> = Vec::new();
    for rate in &rates {
        let what = [rate.name.to_owned(), rate.client(), rate.verb().to_owned()];
        let per_hour = rate.per_second * 3_600.0;
        if let Some(line) = lines.iter_mut().find(|line| line.what == what) {
            line.per_hour += per_hour;
            match line
                .formulas
                .iter_mut()
                .find(|(formula, _)| *formula == rate.formula)
            {
                Some((_, times)) => *times += 1,
                None => line.formulas.push((rate.formula, 1)),
            }
            continue;
        }
        let source = source(rate.source);
        assert!(
            source.len() > 8 && !rate.formula.is_empty(),
            "{}",
            rate.name
        );
        let others = match rate.paths() {
            0 | 1 => String::new(),
            paths => format!(" and {} more", paths - 1),
        };
        lines.push(Line {
            what,
            path: format!("`{}`{others}", rate.path()),
            formulas: vec![(rate.formula, 1)],
            source,
            per_hour,
        });
    }
    let mut table = String::from(
        "| requests | client | verb | path | rate | per hour, by default | source |\n| --- | --- | --- | --- | --- | ---: | --- |\n",
    );
    for line in lines {
        let [name, client, verb] = line.what;
        let formulas = line.formulas.iter().map(|(formula, times)| match times {
            1 => (*formula).to_owned(),
            _ if formula.starts_with("each") => (*formula).to_owned(),
            times => format!("{times} × {formula}"),
        });
        let formula = formulas.collect::<Vec<_>>().join(" + ");
        let _ = writeln!(
            table,
            "| {name} | {client} | {verb} | {} | {formula} | {} | {} |",
            line.path,
            round(line.per_hour),
            line.source
        );
    }
    page::check("rates", &table);
}

fn source(source: RateSource) -> String {
    match source {
        RateSource::Documented(text) => text.to_owned(),
        RateSource::Assumed(text) => format!("**assumed**: {text}"),
    }
}

fn round(number: f64) -> String {
    if number < 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}
