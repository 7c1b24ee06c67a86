//! The front matter: YAML between two lines of `---`.

use audit_types::{KubernetesVersion, Span};
use kube_yaml::de::{self, Spanned};
use serde::Deserialize;

use crate::error::PlacedError;
use crate::lesson::Track;

/// Maximum number of minutes.
const MAX_MINUTES: u16 = 240;

/// The front matter.
pub(super) struct Front {
    pub(super) id: String,
    pub(super) track: Track,
    pub(super) title: String,
    pub(super) minutes: u16,
    pub(super) version: KubernetesVersion,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "`id`, `track`, `title` and `minutes`")]
struct RawFront {
    id: Spanned<String>,
    track: Spanned<RawTrack>,
    title: Spanned<String>,
    minutes: Spanned<u16>,
    kubernetes_version: Option<Spanned<String>>,
}

#[derive(Deserialize, Clone, Copy)]
enum RawTrack {
    #[serde(rename = "first steps")]
    FirstSteps,
    #[serde(rename = "hardening")]
    Hardening,
    #[serde(rename = "exam practice")]
    ExamPractice,
}

/// Reads the front matter. Returns it with the place where the rest begins.
pub(super) fn read(text: &str) -> Result<(Front, usize), PlacedError> {
    let marks = text
        .strip_prefix('\u{feff}')
        .map_or(0, |_| '\u{feff}'.len_utf8());
    let mut at = marks;
    let mut lines = text.get(marks..).unwrap_or_default().split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    if first.trim_end() != "---" {
        let help = "start with `---`, `id`, `track`, `title`, `minutes` and `---`";
        let place = Span::new(0, first.trim_end().len());
        return Err(PlacedError::new(
            "the lesson has no front matter",
            help,
            place,
        ));
    }
    at += first.len();
    let start = at;
    for line in lines {
        if line.trim_end() == "---" {
            let yaml = text.get(start..at).unwrap_or_default();
            let raw = de::from_str(yaml).map_err(|error| PlacedError::of_part(error, start))?;
            return Ok((front(raw, start)?, at + line.len()));
        }
        at += line.len();
    }
    let help = "end it with a line `---`";
    let place = Span::new(marks, marks + 3);
    Err(PlacedError::new(
        "the front matter is not closed",
        help,
        place,
    ))
}

fn front(raw: RawFront, start: usize) -> Result<Front, PlacedError> {
    let moved = |span: Span| Span::new(start + span.start, start + span.end);
    let is_id = |id: &str| {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=60).contains(&id.len()) && id.bytes().all(is_plain)
    };
    if !is_id(&raw.id.value) {
        let help = "use lowercase letters, digits and dashes, such as `first-match-wins`";
        let message = "the `id` is not a short name";
        return Err(PlacedError::new(message, help, moved(raw.id.span)));
    }
    if raw.title.value.trim().is_empty() {
        let message = "the title is empty";
        return Err(PlacedError::new(message, "", moved(raw.title.span)));
    }
    if !(1..=MAX_MINUTES).contains(&raw.minutes.value) {
        let message = format!("`minutes` is not between 1 and {MAX_MINUTES}");
        return Err(PlacedError::new(message, "", moved(raw.minutes.span)));
    }
    let version = raw.kubernetes_version.map(|Spanned { value, span }| {
        let help = "write it in quotes, such as \"1.36\"";
        let parsed = value.parse::<KubernetesVersion>();
        parsed.map_err(|error| PlacedError::new(error.to_string(), help, moved(span)))
    });
    Ok(Front {
        id: raw.id.value,
        track: match raw.track.value {
            RawTrack::FirstSteps => Track::FirstSteps,
            RawTrack::Hardening => Track::Hardening,
            RawTrack::ExamPractice => Track::ExamPractice,
        },
        title: raw.title.value,
        minutes: raw.minutes.value,
        version: version.transpose()?.unwrap_or_default(),
    })
}
