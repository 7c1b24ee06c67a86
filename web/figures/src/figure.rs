//! The three figures of the answer: events, bytes, and bytes per day.

use playground_protocol::AnswerReport;

use crate::numbers;

/// A figure of the answer. The default is one without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figure {
    /// Value with its unit; `None` if it is unknown.
    pub value: Option<String>,
    /// Amount that it is a part of: ` of 318`.
    pub of: Option<String>,
    /// Noun of the value.
    pub label: String,
    /// Tooltip.
    pub title: Option<String>,
}

/// Returns the events written, of those recorded.
pub fn events_figure(answer: Option<&AnswerReport>) -> Figure {
    let derived = answer.map_or(0, |answer| answer.derived);
    let (label, title) = if derived > 0 {
        let label = [
            "events written, ".to_owned(),
            numbers::count(derived),
            " derived".to_owned(),
        ];
        let title = "The log doesn't contain stages that the policy logs. They are derived from a later stage of the same request.";
        (label.concat(), Some(title.to_owned()))
    } else {
        ("events written".to_owned(), None)
    };
    Figure {
        value: answer.map(|answer| numbers::count(answer.written.events)),
        of: answer.map(|answer| {
            // With derived events, more can be written than were recorded.
            let lead = if derived > 0 { " from " } else { " of " };
            lead.to_owned() + &numbers::count(answer.recorded.events)
        }),
        label,
        title,
    }
}

/// Returns the bytes written, of those recorded, and their change.
pub fn bytes_figure(answer: Option<&AnswerReport>) -> Figure {
    let mut label = "bytes written".to_owned();
    let Some(answer) = answer else {
        return Figure {
            label,
            ..Figure::default()
        };
    };
    let mut value = numbers::bytes(answer.written.bytes);
    if answer.sizes_unknown > 0 {
        value.insert_str(0, "≥ ");
    }
    if let Some(change) = numbers::change(answer.recorded.bytes, answer.written.bytes) {
        label.push_str(", ");
        label.push_str(&change);
    }
    let title = [
        numbers::exact_bytes(answer.written.bytes),
        " of ".to_owned(),
        numbers::exact_bytes(answer.recorded.bytes),
    ]
    .concat();
    Figure {
        value: Some(value),
        of: Some(" of ".to_owned() + &numbers::bytes(answer.recorded.bytes)),
        label,
        title: Some(title),
    }
}

/// Returns the bytes written per day.
pub fn day_figure(answer: Option<&AnswerReport>) -> Figure {
    let day = answer.map(|answer| &answer.per_day);
    let label = match day {
        Some(day) if day.bytes.is_none() => "per day: unknown",
        Some(day) if day.caution.is_some() => "▲ per day, rough estimate",
        _ => "per day, at this rate",
    };
    let title = day.and_then(|day| {
        let events = match day.events? {
            few if few > 0.0 && few < 1.0 => "less than 1 event per day".to_owned(),
            events => [numbers::short(events), " events per day".to_owned()].concat(),
        };
        Some(match day.window_seconds {
            Some(seconds) => [events, ", from ".to_owned(), numbers::duration(seconds)].concat(),
            None => events,
        })
    });
    Figure {
        value: day.and_then(|day| day.bytes).map(numbers::bytes),
        of: None,
        label: label.to_owned(),
        title,
    }
}

#[cfg(test)]
mod tests {
    use playground_protocol::{PerDay, Sum};

    use super::*;

    fn answer() -> AnswerReport {
        AnswerReport {
            recorded: Sum {
                events: 1200,
                bytes: 2_000_000.0,
            },
            written: Sum {
                events: 300,
                bytes: 500_000.0,
            },
            per_day: PerDay {
                bytes: Some(72e6),
                events: Some(43_200.0),
                window_seconds: Some(600.0),
                caution: None,
            },
            ..AnswerReport::default()
        }
    }

    #[test]
    fn figures_have_value_whole_and_change() {
        let answer = answer();
        let row = |figure: Figure| {
            let text = |part: Option<String>| part.unwrap_or_default();
            [
                text(figure.value),
                text(figure.of),
                figure.label,
                text(figure.title),
            ]
        };
        assert_eq!(
            row(events_figure(Some(&answer))),
            ["300", " of 1,200", "events written", ""]
        );
        assert_eq!(
            row(bytes_figure(Some(&answer))),
            [
                "500 KB",
                " of 2.0 MB",
                "bytes written, −75\u{a0}%",
                "500,000 bytes of 2,000,000 bytes"
            ]
        );
        assert_eq!(
            row(day_figure(Some(&answer))),
            [
                "72.0 MB",
                "",
                "per day, at this rate",
                "43.2 k events per day, from 10 min"
            ]
        );
    }

    #[test]
    fn without_an_answer_the_labels_remain() {
        for (figure, label) in [
            (events_figure(None), "events written"),
            (bytes_figure(None), "bytes written"),
            (day_figure(None), "per day, at this rate"),
        ] {
            let label = label.to_owned();
            let expected = Figure {
                label,
                ..Figure::default()
            };
            assert_eq!(figure, expected);
        }
    }
}
