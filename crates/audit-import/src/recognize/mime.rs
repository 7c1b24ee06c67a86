//! MIME messages of several parts, in which cloud-init accepts a configuration and scripts. Source: RFC 2046 (5.1, Multipart Media Type) and the page "User-data
//! formats" of cloud-init's documentation.

use audit_types::Span;

use super::base64;

/// Maximum number of parts that are read.
const MAX_PARTS: usize = 200;

/// Maximum depth of messages in messages.
const MAX_NESTING: usize = 4;

/// Maximum number of lines of a header.
const MAX_HEADER: usize = 200;

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MimePart {
    /// Its text, without the header.
    pub(crate) body: Span,
    /// `true` if the text is encoded.
    pub(crate) is_base64: bool,
}

impl MimePart {
    /// Returns the text that the body encodes. `None` if it is the text itself.
    pub(crate) fn decoded(&self, body: &str) -> Option<String> {
        self.is_base64.then(|| base64::text_of(body)).flatten()
    }
}

/// Returns the parts of a text that is a message of several parts. `None` for another text.
pub(crate) fn parts(text: &str) -> Option<Vec<MimePart>> {
    let mut found = Vec::new();
    let header = Header::read(text, 0)?;
    let boundary = header.boundary?;
    read(
        text,
        Span::new(header.end, text.len()),
        boundary,
        0,
        &mut found,
    );
    Some(found)
}

/// Adds the parts between the boundaries of a message.
fn read(text: &str, body: Span, boundary: &str, nesting: usize, found: &mut Vec<MimePart>) {
    let mut at = body.start;
    let mut open: Option<usize> = None;
    let source = text.get(body.start..body.end).unwrap_or_default();
    for line in source.split_inclusive('\n') {
        let mark = line.trim_end().strip_prefix("--");
        let mark = mark.and_then(|mark| mark.strip_prefix(boundary));
        let is_last = mark == Some("--");
        if is_last || mark == Some("") {
            if let Some(start) = open {
                part(text, Span::new(start, at), nesting, found);
            }
            open = Some(at + line.len());
        }
        at += line.len();
        if is_last || found.len() >= MAX_PARTS {
            return;
        }
    }
    // A message that was cut.
    if let Some(start) = open {
        part(text, Span::new(start, body.end), nesting, found);
    }
}

/// Adds a part, or the parts of the message in it.
fn part(text: &str, span: Span, nesting: usize, found: &mut Vec<MimePart>) {
    let source = text.get(..span.end).unwrap_or_default();
    let Some(header) = Header::read(source, span.start) else {
        // Without a header, it starts with an empty line.
        return found.push(MimePart {
            body: span,
            is_base64: false,
        });
    };
    let body = Span::new(header.end, span.end);
    match header.boundary {
        Some(boundary) if nesting < MAX_NESTING => read(text, body, boundary, nesting + 1, found),
        _ => found.push(MimePart {
            body,
            is_base64: header.is_base64,
        }),
    }
}

/// The lines before the first empty one.
struct Header<'t> {
    boundary: Option<&'t str>,
    is_base64: bool,
    /// End of the header and of the empty line after it.
    end: usize,
}

impl<'t> Header<'t> {
    /// Reads the header at an offset. `None` if there is none.
    fn read(text: &'t str, start: usize) -> Option<Self> {
        let mut header = Header {
            boundary: None,
            is_base64: false,
            end: start,
        };
        let mut name = "";
        let mut has_type = false;
        for line in text.get(start..)?.split_inclusive('\n').take(MAX_HEADER) {
            let before = header.end;
            header.end += line.len();
            let line = line.trim_start_matches('\u{feff}');
            if line.trim().is_empty() {
                return has_type.then_some(header);
            }
            let mut value = line;
            if !line.starts_with([' ', '\t']) {
                // Mail programs write such a line before the header.
                if before == start && line.starts_with("From ") {
                    continue;
                }
                let (field, rest) = line.split_once(':')?;
                let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-';
                if field.is_empty() || !field.chars().all(is_token) {
                    return None;
                }
                (name, value) = (field, rest);
            }
            if name.eq_ignore_ascii_case("Content-Type") {
                has_type = true;
                header.boundary = header.boundary.or_else(|| boundary(value));
            } else if name.eq_ignore_ascii_case("Content-Transfer-Encoding") {
                header.is_base64 |= value.trim().eq_ignore_ascii_case("base64");
            } else if name.eq_ignore_ascii_case("MIME-Version") {
                has_type = true;
            }
        }
        None
    }
}

/// Returns the boundary in the parameters of a content type.
fn boundary(value: &str) -> Option<&str> {
    value.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        let is_it = name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty();
        is_it.then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Option<Vec<(&str, bool)>> {
        let found = parts(text)?;
        let bodies = found.iter().map(|part| {
            let body = text.get(part.body.start..part.body.end).unwrap_or_default();
            (body, part.is_base64)
        });
        Some(bodies.collect())
    }

    #[test]
    fn the_parts_of_a_message_are_between_its_boundaries() {
        for (text, expected) in [
            (
                "Content-Type: multipart/mixed; boundary=\"=1==\"\nMIME-Version: 1.0\n\n--=1==\nContent-Type: text/cloud-config\n\na: 1\n\n--=1==\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\nYQ==\n--=1==--\nrest\n",
                Some(vec![("a: 1\n\n", false), ("YQ==\n", true)]),
            ),
            // A header in lower case, on several lines, with CRLF; without an end.
            (
                "From nobody Fri Jan 11\r\nMIME-Version: 1.0\r\ncontent-type: multipart/mixed;\r\n  boundary=b\r\n\r\npreamble\r\n--b\r\ncontent-type: text/cloud-config\r\n\r\na: 1\r\n",
                Some(vec![("a: 1\r\n", false)]),
            ),
            // A part without a header, and a message in a message.
            (
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\na: 1\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: text/plain\n\nx\n--c--\n--b--\n",
                Some(vec![("\na: 1\n", false), ("x\n", false)]),
            ),
            ("Content-Type: text/plain\n\na: 1\n", None),
            (
                "apiVersion: audit.k8s.io/v1\nkind: Policy\n\nrules: []\n",
                None,
            ),
            ("#cloud-config\na: 1\n", None),
            ("", None),
        ] {
            assert_eq!(bodies(text), expected, "{text}");
        }
    }
}
