//! Finds likely secrets in an event: credentials that whoever reads the log could use.

mod command;
mod kind;
mod names;
mod text;

use audit_log::json;
use audit_types::excerpt;

use self::command::{in_url, in_words, words};
use self::names::is_credential;
use self::text::in_text;

pub use self::kind::SecretKind;

/// A likely secret in an event. It does not contain the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Kind.
    pub kind: SecretKind,
    /// Path of the value in the event, such as `requestObject.data`.
    pub place: String,
    /// Text that identifies it, with `…` for the secret, such as `--password=…`.
    pub shown: String,
}

/// Maximum number of secrets reported for an event.
const MAX_SECRETS: usize = 20;

/// Deeper values are not looked at: each level is read once more for each level above it.
const MAX_DEPTH: usize = 64;

/// Returns the likely secrets in an event, at most 20, each place and kind once. The text of the event must be valid JSON; of other text nothing is
/// found.
///
/// A reference to another place, such as `$PASSWORD`, is not reported.
pub fn secrets(event: &str) -> Vec<Secret> {
    if json::value(event.trim()).is_err() {
        return Vec::new();
    }
    let resource = json::member(event, "objectRef")
        .and_then(|object| json::member(object, "resource"))
        .and_then(json::string);
    let mut search = Search {
        is_about_secrets: resource.as_deref() == Some("secrets"),
        path: Vec::new(),
        found: Vec::new(),
    };
    search.value(event.trim());
    search.found
}

/// Returns a sentence for each likely secret in an event as it is recorded. With the line that a policy writes of it, or an empty text if it writes
/// nothing, a second sentence says whether the secret is in there.
pub fn secret_notes(recorded: &str, written: Option<&str>) -> Vec<String> {
    let still_there = written.map(secrets);
    let note = |secret: Secret| {
        let written = still_there.as_ref().map(|found| {
            let is_there =
                |other: &Secret| other.kind == secret.kind && other.place == secret.place;
            match found.iter().any(is_there) {
                true => " The policy writes it into the log.",
                false => " The policy does not write it.",
            }
        });
        let (shown, place) = (excerpt::quote(&secret.shown), excerpt::quote(&secret.place));
        let kind = secret.kind;
        let sentence = format!("The event seems to contain {kind}: {shown} in {place}.");
        sentence + written.unwrap_or_default()
    };
    secrets(recorded).into_iter().map(note).collect()
}

struct Search {
    /// True for requests of Secrets, whose bodies may be lists without a kind for each.
    is_about_secrets: bool,
    path: Vec<String>,
    found: Vec<Secret>,
}

impl Search {
    fn add(&mut self, kind: SecretKind, shown: String) {
        let secret = Secret {
            kind,
            place: self.path.join("."),
            shown,
        };
        // Another kind says more about it than a setting in a text.
        let says_less = kind == SecretKind::NamedValue;
        let is_known =
            |known: &Secret| known.place == secret.place && (says_less || known.kind == kind);
        if self.found.len() < MAX_SECRETS && !self.found.iter().any(is_known) {
            self.found.push(secret);
        }
    }

    fn value(&mut self, raw: &str) {
        if self.path.len() > MAX_DEPTH || self.found.len() >= MAX_SECRETS {
            return;
        }
        match raw.bytes().next() {
            Some(b'{') => self.object(raw),
            Some(b'[') => self.array(raw),
            Some(b'"') => {
                if let Some(text) = json::string(raw) {
                    self.text(&text);
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, raw: &str) {
        let string = |name| json::member(raw, name).and_then(json::string);
        if let (Some(name), Some(value)) = (string("name"), string("value"))
            && is_credential(&name, &value)
        {
            self.add(SecretKind::NamedValue, [&name, "=…"].concat());
        }
        let is_secret = self.is_about_secrets || string("kind").as_deref() == Some("Secret");
        for (name, value) in json::members(raw) {
            self.path.push(name.into_owned());
            self.member(value, is_secret);
            self.path.pop();
        }
    }

    /// Looks at the member that the path ends with.
    fn member(&mut self, value: &str, is_secret: bool) {
        let name = self.path.last().cloned().unwrap_or_default();
        let has_members = || json::members(value).next().is_some();
        // The first two parts of the path are the body and the field of its object, unless it is a list.
        let is_data = is_secret && self.path.len() > 1 && matches!(&*name, "data" | "stringData");
        if is_data && value.starts_with('{') && has_members() {
            return self.add(SecretKind::SecretData, [&name, ": …"].concat());
        }
        if matches!(&*name, "command" | "args") && value.starts_with('[') {
            let parts: Vec<_> = json::elements(value).filter_map(json::string).collect();
            let words = words(parts.iter().map(AsRef::as_ref));
            if let Some(shown) = in_words(&words) {
                self.add(SecretKind::CommandLine, shown);
            }
        }
        if let Some(text) = json::string(value).filter(|text| is_credential(&name, text)) {
            // The kind of a token says more than the name of its field.
            match in_text(&text) {
                Some((kind, shown)) => self.add(kind, shown),
                None => self.add(SecretKind::NamedValue, [&name, ": …"].concat()),
            }
            return;
        }
        if self.path.len() == 1
            && name == "requestURI"
            && let Some(url) = json::string(value)
        {
            for (kind, shown) in in_url(&url) {
                self.add(kind, shown);
            }
        }
        self.value(value);
    }

    fn array(&mut self, raw: &str) {
        for (index, element) in json::elements(raw).enumerate() {
            self.path.push(index.to_string());
            self.value(element);
            self.path.pop();
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((kind, shown)) = in_text(text) {
            self.add(kind, shown);
        }
        // An annotation may hold an object as it was applied.
        let inner = text.trim();
        if inner.starts_with('{') && json::value(inner).is_ok_and(|value| value == inner) {
            self.value(inner);
        }
    }
}
