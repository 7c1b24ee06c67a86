//! Any line is read as a claim, or has an error inside it, in time that grows with its length.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use audit_analysis::query;
use audit_tests::{Case, Claim, Expectation, terms_of_line};
use proptest::prelude::*;

/// Parts of which lines consist.
const PARTS: [&str; 40] = [
    " ",
    "\u{a0}",
    "\t",
    "=",
    "!=",
    ":",
    ",",
    "\"",
    "\\",
    "/",
    "*",
    "é",
    "level",
    "level=",
    "level=None",
    "atLeast=Metadata",
    "atMost=",
    "Request",
    "stages=",
    "stages!=",
    "Panic",
    "ResponseComplete",
    "omitManagedFields=true",
    "notRecorded",
    "notRecorded=false",
    "verb=",
    "get",
    "resource=",
    "resource!=",
    "pods",
    "pods/exec",
    "*/scale",
    "user=",
    "user=\"a b\"",
    "path=/a*",
    "path=",
    "ns:",
    "apiGroup=",
    "group=",
    "name=x",
];

/// Checks what holds for every line.
fn check(line: &str) -> Result<(), TestCaseError> {
    let terms = terms_of_line(line);
    prop_assert_eq!(terms.len(), line.len());
    prop_assert_eq!(terms_of_line(&terms), terms.clone());
    let case = match Case::from_line(line) {
        Ok(case) => case,
        Err(error) => {
            prop_assert!(!error.message.is_empty());
            let place = line.get(error.span.start..error.span.end);
            prop_assert!(place.is_some(), "{:?}", error);
            // What is quoted is cut, so that an error is never as long as its line.
            prop_assert!(error.to_string().len() < 2_000, "{}", error);
            return Ok(());
        }
    };
    let Claim::Class(claim) = &case.claim else {
        panic!("not a class: {line}");
    };
    let classes = query(&terms);
    prop_assert_eq!(classes.as_ref(), Ok(&claim.classes));
    prop_assert_ne!(claim.expected, Expectation::default());
    let again = Case::from_line(&case.name).unwrap();
    prop_assert_eq!(&again.name, &case.name);
    prop_assert_eq!(again.claim.words(), case.claim.words());
    Ok(())
}

fn lines() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        20 => proptest::sample::select(PARTS.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ];
    proptest::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_line_is_a_claim_or_has_an_error_inside_it(line in prop_oneof![lines(), "\\PC{0,80}"]) {
        check(&line)?;
    }
}

#[test]
fn long_lines_are_answered() {
    // Of 1 MiB. Anything quadratic takes hours.
    for part in [
        "a",
        "a ",
        " ",
        "=",
        ",",
        "\"",
        "\\",
        "level=None ",
        "level=None \"",
        "stages!=Panic ",
        "verb=get ",
        "user=\"a b\" ",
    ] {
        check(&part.repeat((1 << 20) / part.len())).unwrap();
    }
    // As long as a query may be.
    for part in PARTS
        .into_iter()
        .chain(["resource=a/b,c/d ", "resource=a,b/c "])
    {
        let line = part.repeat((60 << 10) / part.len());
        check(&format!("level=None {line}")).unwrap();
    }
}
