//! Replaces the names in a policy, scalar by scalar, so that everything else stays as it is written.

use audit_types::Span;
use kube_yaml::document::{Document, Node, documents};

use crate::error::RedactError;
use crate::kept::parts;
use crate::pseudonyms::{Pseudonyms, is_special_in_yaml};
use crate::text::{redact_known, redact_name, redact_words};

/// Fields whose values are not names.
const STRUCTURE: [&str; 6] = [
    "apiVersion",
    "kind",
    "level",
    "omitManagedFields",
    "omitStages",
    "verbs",
];

/// Gives the prefixes that URL patterns end with their pseudonyms, before any name that starts with one gets its own.
pub(crate) fn add_prefixes(
    pseudonyms: &mut Pseudonyms,
    policies: &[String],
) -> Result<(), RedactError> {
    let parsed: Vec<Document> = policies.iter().flat_map(|policy| parsed(policy)).collect();
    let scalars: Vec<Scalar> = parsed.iter().flat_map(scalars).collect();
    let mut prefixes: Vec<&str> = scalars
        .iter()
        .filter_map(|scalar| cut_name(&scalar.text))
        .collect();
    prefixes.sort_by_key(|prefix| prefix.len());
    for prefix in prefixes {
        pseudonyms.add_prefix(prefix)?;
    }
    Ok(())
}

/// Returns a policy with its names replaced, and with those names in its comments that have a pseudonym. Of a text that is not YAML, every word
/// is replaced that is not one of Kubernetes.
pub(crate) fn redact_policy(
    pseudonyms: &mut Pseudonyms,
    policy: &str,
) -> Result<String, RedactError> {
    let parsed = parsed(policy);
    if parsed.is_empty() {
        return redact_words(pseudonyms, policy);
    }
    let mut scalars: Vec<Scalar> = parsed.iter().flat_map(scalars).collect();
    scalars.sort_by_key(|scalar| scalar.span.start);
    let mut pieces = Vec::new();
    for scalar in &scalars {
        pieces.push(match scalar.is_name {
            true => Some(scalar.redacted(pseudonyms, policy)?),
            false => None,
        });
    }
    let mut out = String::with_capacity(policy.len());
    let mut at = 0;
    for (scalar, piece) in scalars.iter().zip(pieces) {
        let Some(between) = policy.get(at..scalar.span.start) else {
            continue;
        };
        out.push_str(&redact_known(pseudonyms, between));
        let written = policy.get(scalar.span.start..scalar.span.end);
        out.push_str(piece.as_deref().or(written).unwrap_or_default());
        at = scalar.span.end;
    }
    out.push_str(&redact_known(
        pseudonyms,
        policy.get(at..).unwrap_or_default(),
    ));
    Ok(out)
}

/// Returns the documents of a text. Empty if one of them is not YAML.
fn parsed(text: &str) -> Vec<Document<'_>> {
    let parts = documents(text).into_iter();
    let parsed = parts.map(|part| Document::read_part(text, part));
    parsed.collect::<Result<_, _>>().unwrap_or_default()
}

/// Returns the part of a name before the `*` at the end of a URL pattern such as `/apis/pay*`.
fn cut_name(pattern: &str) -> Option<&str> {
    let start = pattern.strip_prefix('/').and(pattern.strip_suffix('*'))?;
    start.ends_with(char::is_alphanumeric).then_some(())?;
    parts(start).last()
}

/// A text, or the name of a field.
struct Scalar {
    text: String,
    span: Span,
    is_name: bool,
}

impl Scalar {
    /// Returns the text as it is to be written: as before if that is possible, else in quotes.
    fn redacted(&self, pseudonyms: &mut Pseudonyms, policy: &str) -> Result<String, RedactError> {
        let redacted = redact_name(pseudonyms, &self.text)?;
        if redacted == self.text {
            let written = policy.get(self.span.start..self.span.end);
            return Ok(written.unwrap_or_default().to_owned());
        }
        let written = policy
            .get(self.span.start..self.span.end)
            .unwrap_or_default();
        for quote in ["", "\"", "'"] {
            let inside = written
                .strip_prefix(quote)
                .and_then(|rest| rest.strip_suffix(quote));
            let is_plain = quote.is_empty() && is_special_in_yaml(&redacted);
            if inside == Some(self.text.as_str()) && !is_plain {
                return Ok([quote, &redacted, quote].concat());
            }
        }
        Ok(kube_yaml::go::json_string(&redacted))
    }
}

/// Place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A value of a field of the policy's structure.
    Structure,
    /// Metadata of the policy, which has fields.
    Metadata,
    /// Labels or annotations, whose keys are names.
    Map,
    /// Anything else.
    Name,
}

/// Returns the texts and keys of a document.
fn scalars(document: &Document<'_>) -> Vec<Scalar> {
    let mut found = Vec::new();
    if let Some(root) = document.root() {
        collect(root, Place::Name, &mut found);
    }
    found
}

fn collect(node: Node<'_>, place: Place, found: &mut Vec<Scalar>) {
    // What an alias stands for is where its anchor is.
    if node.is_alias() {
        return;
    }
    if let Some(text) = node.text() {
        found.push(Scalar {
            text: text.to_owned(),
            span: node.span(),
            is_name: place != Place::Structure,
        });
    }
    node.items().for_each(|item| collect(item, place, found));
    for field in node.fields() {
        found.push(Scalar {
            text: field.name.to_owned(),
            span: field.key,
            is_name: place == Place::Map,
        });
        let inner = match (place, field.name) {
            (Place::Map, _) | (Place::Metadata, "labels" | "annotations") => Place::Map,
            (Place::Metadata, _) => Place::Name,
            (_, "metadata") => Place::Metadata,
            (_, name) if STRUCTURE.contains(&name) => Place::Structure,
            _ => Place::Name,
        };
        collect(field.value, inner, found);
    }
}
