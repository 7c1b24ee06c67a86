//! Facets, groups and the terms that select their values.

use std::collections::BTreeMap;

use audit_filter::narrow;
use playground_protocol::Column;
use playground_protocol::terms::term;

use super::*;

#[test]
fn every_facet_selects_as_many_rows_and_bytes_as_it_shows() {
    let mut session = opened();
    for base in ["", "ns:shop", "level:unknown", "outcome:dropped verb:get"] {
        all(&mut session, of_text(base));
        let shown = facets(&mut session);
        assert_eq!(shown.len(), 11);
        for (column, values) in shown {
            assert!(!values.is_empty(), "{column:?} of `{base}`");
            for value in values {
                let mut text = base.to_owned();
                narrow(&mut text, &value.term);
                let rows = all(&mut session, of_text(&text));
                let bytes: f64 = rows.rows.iter().map(|row| row.recorded).sum();
                let said = (value.sum.events, value.sum.bytes);
                assert_eq!(said, (rows.total, bytes), "{column:?} {value:?} `{base}`");
            }
        }
    }
}

#[test]
fn facets_count_the_listed_rows() {
    let mut session = opened();
    let rows = all(&mut session, View::default()).rows;
    assert!(rows.iter().any(|row| row.derived));
    let mut expected: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for row in &rows {
        let rule = row.rule.map(|rule| rule.number().to_string());
        let rule = match row.level {
            Some(_) => rule.unwrap_or("none".to_owned()),
            None => "unknown".to_owned(),
        };
        for key in [
            ("rule", rule),
            ("stage", row.stage.clone()),
            ("verb", row.verb.clone()),
        ] {
            *expected.entry(key).or_default() += 1;
        }
    }
    let shown = facets(&mut session);
    let names = [
        (Column::Rule, "rule"),
        (Column::Stage, "stage"),
        (Column::Verb, "verb"),
    ];
    let found: BTreeMap<_, _> = names
        .into_iter()
        .flat_map(|(column, name)| {
            let (_, values) = shown.iter().find(|(of, _)| *of == column).unwrap();
            let values = values.iter();
            values.map(move |value| ((name, value.key.clone()), value.sum.events))
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn groups_have_the_values_of_facets() {
    let mut session = opened();
    all(&mut session, View::default());
    for (column, values) in facets(&mut session) {
        let view = View {
            group_by: Some(column),
            ..View::default()
        };
        let groups = all(&mut session, view).groups;
        assert_eq!(groups.len(), values.len(), "{column:?}");
        for value in values {
            let group = groups.iter().find(|group| group.key == value.key).unwrap();
            assert_eq!(group.recorded.bytes, value.sum.bytes);
            assert_eq!(group.term, term(column, &value.key));
            let rows = all(&mut session, of_text(&value.term)).rows;
            let recorded = rows.iter().filter(|row| !row.derived).count();
            assert_eq!(group.recorded.events, recorded, "{column:?} {}", value.key);
            let written: f64 = rows.iter().filter_map(|row| row.written).sum();
            assert_eq!(group.written.bytes, written, "{column:?} {}", value.key);
        }
    }
}

#[test]
fn resource_terms_match_as_in_rules_and_source_terms_as_addresses() {
    let mut session = opened();
    let mut count = |text: &str| all(&mut session, of_text(text)).total;
    let (pods, exec) = (count("resource:pods"), count("resource:pods/exec"));
    assert!(pods > 0 && exec > 0);
    assert_eq!(count("resource:pods/*"), exec);
    assert_eq!(count("resource:*/exec"), exec);
    assert_eq!(count("resource:healthz"), 0);
    assert!(count("source:10.0.0.22") > 0);
    assert_eq!(count("source:10.0.0.2"), 0);
    assert_eq!(count("source:10.0.0.2*"), count("source:10.0.0.22"));
    assert_eq!(count("outcome:nonsense"), count(""));
    assert_eq!(count("stage:\"\""), 0);
}
