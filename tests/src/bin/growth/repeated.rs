//! Texts that are repeated between two others.

/// A text that is repeated between two others.
#[derive(Clone)]
pub(crate) struct Repeated {
    pub(crate) name: &'static str,
    /// Text before the first repetition.
    head: String,
    text: String,
    /// Text after the last repetition.
    tail: String,
}

impl Repeated {
    /// Creates a text of about a number of bytes.
    pub(crate) fn bytes(&self, bytes: usize) -> Vec<u8> {
        let count = bytes / self.text.len().max(1);
        [&self.head, &self.text.repeat(count), &self.tail]
            .map(String::as_str)
            .concat()
            .into_bytes()
    }
}

/// Creates a text from its parts.
pub(crate) fn row(name: &'static str, head: &str, text: &str, tail: &str) -> Repeated {
    Repeated {
        name,
        head: head.to_owned(),
        text: text.to_owned(),
        tail: tail.to_owned(),
    }
}

/// Creates texts that follow a common one, from their names and patterns. The part of a pattern in `«»` is repeated; one without them is repeated as a
/// whole.
pub(crate) fn behind(head: &str, rows: &[(&'static str, &str)]) -> Vec<Repeated> {
    let parts = |pattern: &'_ str| -> Option<[String; 3]> {
        let (before, rest) = pattern.split_once('«')?;
        let (text, tail) = rest.split_once('»')?;
        Some([before, text, tail].map(str::to_owned))
    };
    rows.iter()
        .map(|(name, pattern)| match parts(pattern) {
            Some([before, text, tail]) => row(name, &[head, &before].concat(), &text, &tail),
            None => row(name, head, pattern, ""),
        })
        .collect()
}
