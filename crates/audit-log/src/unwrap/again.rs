//! Reading an event again from its place.

use std::borrow::Cow;

use crate::event::{Event, Lost};
use crate::json;
use crate::unwrap::spot::Spot;
use crate::unwrap::{MAX_NESTING, Piece, Unwrapper};

/// An event that was read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    text: String,
    path: Option<String>,
    lost: Lost,
}

impl Again {
    /// The event.
    pub fn event(&self) -> Event<'_> {
        Event {
            path: self.path.as_deref(),
            lost: self.lost,
            ..Event::new(&self.text)
        }
    }
}

/// The event whose place holds this text, whatever it was wrapped in; none where there is none in it any more.
///
/// ```
/// use audit_log::unwrap::again;
///
/// let place = r#"{\"auditID\":\"a\",\"stage\":\"Panic\"}\n"#;
/// assert_eq!(again(place).unwrap().event().id().unwrap(), "a");
/// ```
pub fn again(text: &str) -> Option<Again> {
    let said = said(text);
    let mut found = None;
    let mut note = |piece: Piece<'_>| {
        if let Piece::Event(_, event) = piece {
            found.get_or_insert_with(|| Again {
                text: event.raw.to_owned(),
                path: event.path.map(str::to_owned),
                lost: event.lost,
            });
        }
    };
    let mut unwrapper = Unwrapper::default();
    let spot = Spot::file(0, 1, said.as_bytes());
    match json::value(&said) {
        Ok(_) => unwrapper.frame(&said, &spot, &mut note),
        // The parts of a line that was split.
        Err(_) => {
            for line in said.lines() {
                let spot = Spot::file(0, 1, line.as_bytes());
                unwrapper.frame(line, &spot, &mut note);
            }
            unwrapper.finish(&mut note);
        }
    }
    // The items of a list need not say that they are events.
    found.or_else(|| {
        let item = json::value(&said)
            .ok()
            .filter(|item| item.starts_with('{'))?;
        Some(Again {
            text: item.to_owned(),
            path: None,
            lost: Lost::default(),
        })
    })
}

/// The text without the escapes of the strings that it stands in.
fn said(text: &str) -> Cow<'_, str> {
    let mut said = Cow::Borrowed(text);
    for _ in 0..MAX_NESTING {
        if !is_escaped(&said) {
            break;
        }
        let Some(next) = json::unescaped(&said).map(Cow::into_owned) else {
            break;
        };
        said = Cow::Owned(next);
    }
    said
}

/// Whether the text is an object as it stands in a string: a backslash follows its brace, before any quote of its own.
fn is_escaped(text: &str) -> bool {
    text.trim_start()
        .strip_prefix('{')
        .is_some_and(|inside| inside.trim_start().starts_with('\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_again_however_they_stand_in_the_file() {
        let event = r#"{"auditID":"a","stage":"Panic"}"#;
        let (half, rest) = event.split_at(12);
        let escape = |text: &str| text.replace('\\', r"\\").replace('"', "\\\"");
        let twice = escape(&escape(event));
        let cri = format!(
            "2024-01-02T03:04:05Z stdout P {half}\n2024-01-02T03:04:05Z stderr F x\n2024-01-02T03:04:05Z stdout F {rest}"
        );
        for text in [
            event,
            &escape(event),
            &twice,
            &format!("{{\\n  {}", &escape(event)[1..]),
            &cri,
        ] {
            let again = again(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(again.event().id().as_deref(), Some("a"), "{text}");
            assert_eq!(again.event().stage, Some("\"Panic\""));
        }
        assert_eq!(again("nonsense"), None);
        assert_eq!(
            again(r#"{"level":"None"}"#).unwrap().event().level,
            Some("\"None\"")
        );
    }
}
