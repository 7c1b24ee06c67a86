//! Validation of label selectors as apimachinery's `labels.Parse` does it.
//!
//! The rules are those of k8s.io/apimachinery `pkg/labels/selector.go` (`Lexer`, `Parser`, `NewRequirement`) and
//! `pkg/util/validation` (`IsQualifiedName`, `IsValidLabelValue`), which have not changed from 1.20 to 1.36.

/// Longest name part of a key, and longest value.
const MAX_LABEL_BYTES: usize = 63;

/// Longest prefix part of a key: a DNS subdomain.
const MAX_PREFIX_BYTES: usize = 253;

/// Returns `true` if `labels.Parse` accepts the text. The empty selector is valid.
pub(crate) fn is_valid(selector: &str) -> bool {
    let tokens = Lexer::new(selector.as_bytes()).tokens();
    Parser {
        tokens: &tokens,
        at: 0,
    }
    .requirements()
    .is_some()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// A symbol that starts no operator.
    Error,
    End,
    Open,
    Close,
    Comma,
    Not,
    /// `=`, `==` and `!=`
    Equality,
    /// `>` and `<`
    Order,
    /// `in` and `notin`, which are identifiers wherever no operator belongs.
    Set(&'a [u8]),
    Identifier(&'a [u8]),
}

impl<'a> Token<'a> {
    /// Converts a token in the position of a key or value.
    const fn as_value(self) -> Self {
        match self {
            Self::Set(text) => Self::Identifier(text),
            token => token,
        }
    }
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
}

const fn is_symbol(byte: u8) -> bool {
    matches!(byte, b'=' | b'!' | b'(' | b')' | b',' | b'>' | b'<')
}

const fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl<'a> Lexer<'a> {
    const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Returns all tokens up to and including the first end. A NUL byte where a token may start ends the text.
    fn tokens(mut self) -> Vec<Token<'a>> {
        let mut tokens = Vec::new();
        loop {
            let token = self.next();
            tokens.push(token);
            if token == Token::End {
                return tokens;
            }
        }
    }

    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn next(&mut self) -> Token<'a> {
        while is_white_space(self.peek()) {
            self.at += 1;
        }
        match self.peek() {
            0 => Token::End,
            byte if is_symbol(byte) => self.symbol(byte),
            _ => self.identifier(),
        }
    }

    /// The NUL byte that ends a token is read with it.
    fn skip_nul(&mut self) {
        if self.text.get(self.at) == Some(&0) {
            self.at += 1;
        }
    }

    /// Returns the longest operator that starts here. No text begins with a symbol that is not an operator.
    fn symbol(&mut self, byte: u8) -> Token<'a> {
        self.at += 1;
        let is_double = matches!(byte, b'=' | b'!') && self.peek() == b'=';
        self.at += usize::from(is_double);
        self.skip_nul();
        match byte {
            b'(' => Token::Open,
            b')' => Token::Close,
            b',' => Token::Comma,
            b'>' | b'<' => Token::Order,
            b'!' if !is_double => Token::Not,
            b'=' | b'!' => Token::Equality,
            _ => Token::Error,
        }
    }

    fn identifier(&mut self) -> Token<'a> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| *byte == 0 || is_symbol(*byte) || is_white_space(*byte);
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default();
        self.at += length;
        self.skip_nul();
        match text {
            b"in" | b"notin" => Token::Set(text),
            text => Token::Identifier(text),
        }
    }
}

/// Parses requirements. `None` is a selector that the server rejects.
struct Parser<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
}

impl<'a> Parser<'_, 'a> {
    fn peek(&self) -> Token<'a> {
        let token = self.tokens.get(self.at).copied();
        token.unwrap_or(Token::End).as_value()
    }

    fn next(&mut self) -> Token<'a> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn next_operator(&mut self) -> Token<'a> {
        let token = self.tokens.get(self.at).copied().unwrap_or(Token::End);
        self.at += 1;
        token
    }

    fn requirements(&mut self) -> Option<()> {
        if self.peek() == Token::End {
            return Some(());
        }
        loop {
            self.requirement()?;
            match self.next() {
                Token::End => return Some(()),
                Token::Comma => {}
                _ => return None,
            }
        }
    }

    fn requirement(&mut self) -> Option<()> {
        let mut token = self.next();
        let is_negated = token == Token::Not;
        if is_negated {
            token = self.next();
        }
        let Token::Identifier(key) = token else {
            return None;
        };
        let exists = is_negated || matches!(self.peek(), Token::End | Token::Comma);
        if !is_qualified_name(key) {
            return None;
        }
        if exists {
            return Some(());
        }
        match self.next_operator() {
            Token::Set(_) => self.values(),
            Token::Equality => self.exact_value().map(|_| ()),
            // As `strconv.ParseInt`. Signs are not valid in label values.
            Token::Order => {
                let number = std::str::from_utf8(self.exact_value()?).ok()?;
                number.parse::<i64>().ok().map(|_| ())
            }
            _ => None,
        }
    }

    /// `(a, b)`; values may be empty, and of two commas the second counts as an empty value.
    fn values(&mut self) -> Option<()> {
        if self.next() != Token::Open {
            return None;
        }
        if self.peek() == Token::Close {
            self.at += 1;
            return Some(());
        }
        loop {
            match self.next() {
                Token::Identifier(value) => {
                    if !is_label_value(value) {
                        return None;
                    }
                    match self.peek() {
                        Token::Comma => {}
                        Token::Close => break,
                        _ => return None,
                    }
                }
                Token::Comma => match self.peek() {
                    Token::Close => break,
                    Token::Comma => self.at += 1,
                    _ => {}
                },
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    fn exact_value(&mut self) -> Option<&'a [u8]> {
        if matches!(self.peek(), Token::End | Token::Comma) {
            return Some(&[]);
        }
        match self.next() {
            Token::Identifier(value) => is_label_value(value).then_some(value),
            _ => None,
        }
    }
}

/// `IsQualifiedName`: a name, or a DNS subdomain, a slash and a name.
fn is_qualified_name(key: &[u8]) -> bool {
    let mut parts = key.split(|byte| *byte == b'/');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let name = match second {
        Some(name) if is_subdomain(first) => name,
        Some(_) => return false,
        None => first,
    };
    parts.next().is_none() && !name.is_empty() && is_label_value(name)
}

/// `IsDNS1123Subdomain`
fn is_subdomain(text: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= MAX_PREFIX_BYTES
        && text.split(|byte| *byte == b'.').all(|label| {
            label.first().is_some_and(is_letter)
                && label.last().is_some_and(is_letter)
                && label.iter().all(|byte| is_letter(byte) || *byte == b'-')
        })
}

/// `IsValidLabelValue`: at most 63 bytes, letters and digits at both ends, or empty.
fn is_label_value(text: &[u8]) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    text.len() <= MAX_LABEL_BYTES
        && is_end(text.first())
        && is_end(text.last())
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &[&str] = &[
        "",
        " \t",
        "a",
        "!a",
        "! a",
        "a=b",
        "a==b",
        "a!=b",
        "a =b , c",
        "a=",
        "a!=",
        "a=,b",
        "a in (b)",
        "a in (b,c)",
        "a notin (b)",
        "a in ()",
        "a in (,)",
        "a in (,b)",
        "a in (b,)",
        "a in (b,,c)",
        "a in(b)",
        "in",
        "in in (in,notin)",
        "notin=in",
        "a>1",
        "a<2147483648",
        "x.y/z",
        "a.b-c.d/E_f.g-h",
        "a\nin\r(b)",
    ];

    const INVALID: &[&str] = &[
        "!!",
        "!",
        "=",
        ",",
        "a,",
        ",a",
        "a,,b",
        "a b",
        "!a=b",
        "!a b",
        "a===b",
        "a=!b",
        "a=b=c",
        "a=b c",
        "a in",
        "a in b",
        "a in (",
        "a in (b",
        "a in (b c)",
        "a in (b,",
        "a in (=)",
        "a in (b))",
        "a IN (b)",
        "a exists",
        "a>",
        "a>b",
        "a>1.5",
        "a>-1",
        "a>=1",
        "a>9223372036854775808",
        "(a)",
        "-a",
        "a-",
        "a/b/c",
        "/a",
        "a/",
        "A.b/c",
        "a..b/c",
        "-a/b",
        "a=-b",
        "a=b-",
        "a=b/c",
        "é",
        "a=é",
        "a=\u{10fee9}",
        "a;b",
    ];

    #[test]
    fn selectors_are_accepted_as_apimachinery_accepts_them() {
        for selector in VALID {
            assert!(is_valid(selector), "{selector:?}");
        }
        for selector in INVALID {
            assert!(!is_valid(selector), "{selector:?}");
        }
    }

    #[test]
    fn a_nul_byte_ends_a_token_or_the_selector() {
        for (selector, expected) in [
            // `a` and `=b` next to it, without a comma.
            ("a\0=b", true),
            ("a=\0b", true),
            ("a=b\0", true),
            ("a=b \0!!", true),
            ("\0!!", true),
            ("a=b\0c", false),
            ("a\0b", false),
        ] {
            assert_eq!(is_valid(selector), expected, "{selector:?}");
        }
    }

    #[test]
    fn keys_and_values_have_limits() {
        let text = |length: usize| "x".repeat(length);
        let prefix = |length: usize| {
            let label = format!("{}.", text(62));
            let mut prefix = label.repeat(length / 63);
            prefix.push_str(&text(length % 63));
            prefix
        };
        for (selector, expected) in [
            (text(63), true),
            (text(64), false),
            (format!("a={}", text(63)), true),
            (format!("a={}", text(64)), false),
            (format!("a in (b,{})", text(64)), false),
            (format!("{}/a", prefix(253)), true),
            (format!("{}/a", prefix(254)), false),
            (format!("{}/{}", text(64), text(63)), true),
        ] {
            assert_eq!(is_valid(&selector), expected, "{selector}");
        }
    }
}
