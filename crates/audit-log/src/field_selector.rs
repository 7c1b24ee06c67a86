//! The name of the object that the field selector of a list or watch selects with `metadata.name`.

use std::borrow::Cow;

use crate::label_selector;
use crate::percent;
use crate::placeholder;

/// Returns the name that the query of a list or watch selects with `fieldSelector=metadata.name=X`.
///
/// `None` if the list options do not decode as a whole, because the server then starts from empty options (`RequestInfoFactory`: a number
/// or either selector is invalid); if no term is an equality; and if the name is not a path segment (`.`, `..`, or contains `/` or `%`).
pub fn selected_name(query: &str) -> Option<String> {
    let parameters = parameters(query);
    let first = |name: &str| {
        parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_ref())
    };
    let numbers_decode = ["limit", "timeoutSeconds"]
        .into_iter()
        .filter_map(first)
        .all(|value| value.parse::<i64>().is_ok());
    if !numbers_decode {
        return None;
    }
    let name = exact_name(first("fieldSelector")?)?;
    if !first("labelSelector").is_none_or(label_selector::is_valid) {
        return None;
    }
    let is_segment = name != "." && name != ".." && !name.contains(['/', '%']);
    is_segment.then_some(name)
}

/// Returns the decoded pairs of a query as Go parses it: a pair that does not decode, or that contains a `;`, is skipped.
fn parameters(query: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.contains(';'))
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((percent::decoded(key, true)?, percent::decoded(value, true)?))
        })
        .collect()
}

/// Returns the value of the first `metadata.name=` or `metadata.name==` term in byte order, the order in which apimachinery's
/// `fields.ParseSelector` sorts terms. `None` if the selector does not parse.
fn exact_name(selector: &str) -> Option<String> {
    let mut name = None;
    let mut terms: Vec<&str> = terms(selector).collect();
    terms.sort_by_cached_key(|term| placeholder::encode(term).into_owned());
    for term in terms {
        if term.is_empty() {
            continue;
        }
        let (field, operator, value) = split_term(term)?;
        let value = unescaped(value)?;
        if name.is_none() && field == "metadata.name" && operator != "!=" {
            name = Some(value);
        }
    }
    name
}

/// Splits at commas that are not escaped with a backslash.
fn terms(selector: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    selector.split(move |character| {
        let ends = character == ',' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    })
}

fn split_term(term: &str) -> Option<(&str, &'static str, &str)> {
    term.char_indices().find_map(|(at, _)| {
        let (field, rest) = term.split_at(at);
        ["!=", "==", "="]
            .into_iter()
            .find_map(|operator| Some((field, operator, rest.strip_prefix(operator)?)))
    })
}

/// Unescapes `\\`, `\,` and `\=`. `None` for another escape or a bare `,` or `=`.
fn unescaped(value: &str) -> Option<String> {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.push(
                characters
                    .next()
                    .filter(|c| matches!(c, '\\' | ',' | '='))?,
            ),
            ',' | '=' => return None,
            plain => text.push(plain),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_selected_as_by_the_server() {
        for (query, name) in [
            ("fieldSelector=metadata.name%3Dweb", Some("web")),
            ("fieldSelector=metadata.name==web", Some("web")),
            (
                "fieldSelector=spec.nodeName=n1,metadata.name=web",
                Some("web"),
            ),
            ("fieldSelector=metadata.name=", Some("")),
            ("fieldSelector=metadata.name!=web", None),
            ("fieldSelector=metadata.name=a%2Fb", None),
            ("fieldSelector=metadata.name=a%2525", None),
            ("fieldSelector=metadata.name=..", None),
            ("fieldSelector=metadata.name", None),
            ("fieldSelector=metadata.name=web&limit=zzz", None),
            ("fieldSelector=metadata.name=web&limit=", None),
            ("fieldSelector=metadata.name=web&limit=500", Some("web")),
            // Terms are sorted by their bytes, including the operator.
            (
                "fieldSelector=metadata.name%3Dx,metadata.name%3Da",
                Some("a"),
            ),
            (
                "fieldSelector=metadata.name%3Da,metadata.name%3D%3Dz",
                Some("z"),
            ),
            (
                "fieldSelector=metadata.name%3D%3Dz,metadata.name%3D1",
                Some("1"),
            ),
            (
                "fieldSelector=metadata.name%3Db,metadata.name!%3Da,metadata.name%3D",
                Some(""),
            ),
            ("fieldSelector=metadata.name=b,metadata.name=..", None),
            // An invalid selector of either kind makes the options fail. Of several, the first counts.
            ("labelSelector=%21%21&fieldSelector=metadata.name%3Dx", None),
            (
                "labelSelector=app%20in%20(a,b)&fieldSelector=metadata.name%3Dx",
                Some("x"),
            ),
            ("labelSelector=&fieldSelector=metadata.name%3Dx", Some("x")),
            (
                "labelSelector=a&labelSelector=%21%21&fieldSelector=metadata.name%3Dx",
                Some("x"),
            ),
            // A pair that does not decode is skipped.
            (
                "labelSelector=%zz&fieldSelector=metadata.name%3Dx",
                Some("x"),
            ),
            ("labelSelector=a%ff&fieldSelector=metadata.name%3Dx", None),
            (r"fieldSelector=metadata.name=a\,b", Some("a,b")),
            (r"fieldSelector=metadata.name=a\x", None),
            ("", None),
        ] {
            assert_eq!(selected_name(query).as_deref(), name, "{query}");
        }
    }
}
