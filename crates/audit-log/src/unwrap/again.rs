//! Reading an event again from its place.

use std::borrow::Cow;

use crate::event::{Event, Lost};
use crate::json;
use crate::layout::Layout;
use crate::reader::{Item, LogReader, Place};
use crate::stand_in;
use crate::unwrap::spot::Spot;
use crate::unwrap::{MAX_NESTING, Piece, Unwrapper};

/// An event that was read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    text: String,
    path: Option<String>,
    lost: Lost,
    has_stand_ins: bool,
}

impl Again {
    /// The event.
    pub fn event(&self) -> Event<'_> {
        Event {
            path: self.path.as_deref(),
            lost: self.lost,
            has_stand_ins: self.has_stand_ins,
            ..Event::new(&self.text)
        }
    }
}

/// The event whose place holds this text, whatever it was wrapped in; none where there is none in it any more.
///
/// Events in one line that was put together from parts share its place: `before` is how many of them come first.
///
/// ```
/// use audit_log::unwrap::again;
///
/// let place = r#"{\"auditID\":\"a\",\"stage\":\"Panic\"}\n"#;
/// assert_eq!(again(place, 0).unwrap().event().id().unwrap(), "a");
/// ```
pub fn again(text: &str, before: usize) -> Option<Again> {
    let said = said(text);
    let said = said.trim_ascii();
    let value = json::value(said);
    let found = if value.is_ok() {
        let mut search = Search::new(said, before);
        let mut unwrapper = Unwrapper::default();
        let spot = Spot::file(0, 1, said.as_bytes());
        let mut out = |piece: Piece<'_>| {
            if let Piece::Event(place, event) = piece {
                search.note(place, event);
            }
        };
        unwrapper.frame(said, &spot, &mut out);
        unwrapper.finish(&mut out);
        search.found
    } else {
        // The parts of a line that was split.
        [Layout::Lines, Layout::Values]
            .into_iter()
            .find_map(|layout| {
                let mut search = Search::new(said, before);
                let mut take = |item: Item<'_>| {
                    if let Item::Event(place, event) = item {
                        search.note(place, event);
                    }
                };
                let mut reader = LogReader::of_layout(layout);
                reader.push(said.as_bytes(), &mut take);
                reader.finish(&mut take);
                search.found
            })
    };
    // The items of a list need not say that they are events.
    found.or_else(|| {
        let item = value
            .ok()
            .filter(|item| item.starts_with('{') && before == 0)?;
        Some(Again {
            text: item.to_owned(),
            path: None,
            lost: Lost::default(),
            has_stand_ins: false,
        })
    })
}

/// The same for bytes that need not be UTF-8.
pub fn again_from(bytes: &[u8], before: usize) -> Option<Again> {
    let text = stand_in::text(bytes);
    let mut found = again(&text, before)?;
    found.has_stand_ins =
        std::str::from_utf8(bytes).is_err() && stand_in::find(&found.text).is_some();
    Some(found)
}

/// Looks for the event whose place is all of a text.
struct Search {
    length: u64,
    /// How many such events come first.
    before: usize,
    found: Option<Again>,
}

impl Search {
    const fn new(text: &str, before: usize) -> Self {
        Self {
            length: text.len() as u64,
            before,
            found: None,
        }
    }

    fn note(&mut self, place: Place, event: &Event<'_>) {
        // What stands in a part of the text only is another event.
        if self.found.is_some() || (place.offset, place.length) != (0, self.length) {
            return;
        }
        match self.before.checked_sub(1) {
            Some(fewer) => self.before = fewer,
            None => {
                self.found = Some(Again {
                    text: event.raw.to_owned(),
                    path: event.path.map(str::to_owned),
                    lost: event.lost,
                    has_stand_ins: event.has_stand_ins,
                });
            }
        }
    }
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

/// Whether the text is an object as it stands in a string: a backslash is its first character, or the first after its brace.
fn is_escaped(text: &str) -> bool {
    let text = text.trim_start();
    let inside = text.strip_prefix('{').unwrap_or(text);
    inside.trim_start().starts_with('\\')
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
            &format!("\\u007b{}", &escape(event)[1..]),
            &cri,
        ] {
            let again = again(text, 0).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(again.event().id().as_deref(), Some("a"), "{text}");
            assert_eq!(again.event().stage, Some("\"Panic\""));
        }
        assert_eq!(again("nonsense", 0), None);
        assert_eq!(
            again(r#"{"level":"None"}"#, 0).unwrap().event().level,
            Some("\"None\"")
        );
    }
}
