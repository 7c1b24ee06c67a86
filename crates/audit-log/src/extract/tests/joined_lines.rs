//! Lines that are joined from parts, and what is between the parts.

use super::*;

/// The text of an event's location contains everything between its parts, and has to be readable without the rest of the file.
#[test]
fn a_field_of_a_journal_export_ends_a_split_line() {
    let event = event("a");
    let (first, second) = event.split_at(20);
    let journald = |text: &str| format!("Jan 02 03:04:05 n api[1]: {text}\n");
    let cri = |tag: &str, text: &str| format!("2024-01-02T03:04:05Z stdout {tag} {text}\n");
    let json = |text: &str, more: &str| {
        let text = decoded(text);
        format!("{{\"MESSAGE\":{text}{more},\"_STREAM_ID\":\"s\"}}\n")
    };
    let line_break = ",\"_LINE_BREAK\":\"line-max\"";
    for (first, second) in [
        (journald(first), journald(second)),
        (cri("P", first), cri("F", second)),
        (json(first, line_break), json(second, "")),
    ] {
        let (_, summary) = read(
            format!("__CURSOR=a\n{first}{second}").as_bytes(),
            7,
            MAX_WHOLE_BYTES,
        );
        assert_eq!((summary.events, summary.problems), (1, 0), "{first}");
        // Its length, and a value that is not text.
        let sized = "X\n\u{1}\0\0\0\0\0\0\0\0\n";
        for field in ["X=1\n", "__CURSOR=b\n", sized] {
            let (_, summary) = read(
                format!("__CURSOR=a\n{first}{field}{second}").as_bytes(),
                7,
                MAX_WHOLE_BYTES,
            );
            assert_eq!(summary.events, 0, "{first}{field}");
            assert!(summary.problems > 0, "{first}{field}");
        }
    }
}

/// Lines with only brackets or commas are not lost if the file began as an array and has lines after damage.
#[test]
fn separators_between_parts_of_a_line_are_skipped_again() {
    let event = event("a");
    let (first, second) = event.split_at(20);
    for separator in [",", "]", "}", " , "] {
        let file = format!(
            "[{{\"a\":1 x\n2024-01-02T03:04:05Z stdout P {first}\n{separator}\n2024-01-02T03:04:05Z stdout F {second}\n"
        );
        let (_, summary) = read(file.as_bytes(), 7, MAX_WHOLE_BYTES);
        assert_eq!((summary.events, summary.problems), (1, 1), "{separator}");
    }
}
