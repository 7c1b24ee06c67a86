//! Claims in one line: errors are inside the line, the terms of a claim are those of its query, and its name is read as the same claim.

#![no_main]

use audit_analysis::query;
use audit_tests::{Case, Claim, Expectation, terms_of_line};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(line) = std::str::from_utf8(bytes) else {
        return;
    };
    let terms = terms_of_line(line);
    assert_eq!(terms.len(), line.len());
    // Each byte is that of the line, or a space in its place.
    let pairs = terms.bytes().zip(line.bytes());
    assert!(
        pairs
            .into_iter()
            .all(|(term, byte)| term == byte || term == b' ')
    );
    assert_eq!(terms_of_line(&terms), terms);

    let case = match Case::from_line(line) {
        Ok(case) => case,
        Err(error) => {
            assert!(!error.message.is_empty());
            assert!(
                line.get(error.span.start..error.span.end).is_some(),
                "{error:?}"
            );
            return;
        }
    };
    let Claim::Class(claim) = &case.claim else {
        panic!("not a class: {line}");
    };
    assert_eq!(query(&terms).as_ref(), Ok(&claim.classes));
    assert_ne!(claim.expected, Expectation::default());
    let again = Case::from_line(&case.name).expect("the name is the line");
    assert_eq!(
        (&again.name, again.claim.words()),
        (&case.name, case.claim.words())
    );
});
