//! The kind of bytes that a log contains.

/// Kind of bytes that a log contains, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Content {
    /// No bytes.
    #[default]
    Nothing,
    /// White space and byte order marks.
    Blank,
    /// Brackets of a list of events, which is valid even if it is empty. Lists in it are not events.
    List,
    /// Anything else.
    Text,
}

impl Content {
    const fn of(byte: u8) -> Self {
        match byte {
            b'[' | b']' => Self::List,
            0xef | 0xbb | 0xbf => Self::Blank,
            _ if byte.is_ascii_whitespace() => Self::Blank,
            _ => Self::Text,
        }
    }
}

/// The most that a log was seen to contain.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) most: Content,
    /// Number of open brackets while the log contains no text.
    depth: u32,
}

impl Contents {
    /// Records the kind of bytes, up to the first that is text.
    pub(crate) fn observe(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.most == Content::Text {
                break;
            }
            match byte {
                b'[' => self.depth += 1,
                b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            let is_nested = self.depth > 1;
            let content = if is_nested {
                Content::Text
            } else {
                Content::of(*byte)
            };
            self.most = self.most.max(content);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_of_all_bytes_counts() {
        for (parts, expected) in [
            (&[""][..], Content::Nothing),
            (&["\u{feff}", " \r\n"], Content::Blank),
            (&[" [", " ] "], Content::List),
            (&["[", "[]]"], Content::Text),
            (&["\n", "x"], Content::Text),
        ] {
            let mut contents = Contents::default();
            for part in parts {
                contents.observe(part.as_bytes());
            }
            assert_eq!(contents.most, expected, "{parts:?}");
        }
    }
}
