//! Comparisons of numbers.

/// A condition on a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberTest {
    /// `404`
    Equal(u32),
    /// `>400`
    Greater(u32),
    /// `>=400`
    AtLeast(u32),
    /// `<400`
    Less(u32),
    /// `<=400`
    AtMost(u32),
    /// `500..599`, both ends included.
    Between(u32, u32),
}

/// Error of parsing a condition on a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberError {
    /// There is nothing that looks like a number.
    NotANumber,
    /// `500-599`, or `500...599`.
    OtherRange(u32, u32),
    /// The first number of a range is larger than the second.
    Reversed(u32, u32),
}

impl NumberTest {
    /// Parses a condition.
    pub(crate) fn parse(text: &str) -> Result<Self, NumberError> {
        let number = |text: &str| parse_number(text).ok_or(NumberError::NotANumber);
        let (operator, rest) = split_operator(text);
        match operator {
            ">=" => return number(rest).map(Self::AtLeast),
            "<=" => return number(rest).map(Self::AtMost),
            ">" => return number(rest).map(Self::Greater),
            "<" => return number(rest).map(Self::Less),
            _ => {}
        }
        if let Some((first, last)) = rest.split_once("..") {
            return match (first.trim(), last.trim()) {
                ("" | "*", last) => number(last).map(Self::AtMost),
                (first, "" | "*") => number(first).map(Self::AtLeast),
                (first, last) => {
                    let last = last.trim_start_matches('.');
                    match (number(first)?, number(last)?) {
                        (first, last) if first > last => Err(NumberError::Reversed(first, last)),
                        (first, last) => Ok(Self::Between(first, last)),
                    }
                }
            };
        }
        if let Some((first, last)) = rest.split_once(['-', '–']) {
            return match (parse_number(first), parse_number(last)) {
                (Some(first), Some(last)) => Err(NumberError::OtherRange(first, last)),
                _ => Err(NumberError::NotANumber),
            };
        }
        number(rest).map(Self::Equal)
    }

    /// Returns `true` if a number satisfies the condition.
    pub const fn matches(self, number: u32) -> bool {
        match self {
            Self::Equal(wanted) => number == wanted,
            Self::Greater(limit) => number > limit,
            Self::AtLeast(limit) => number >= limit,
            Self::Less(limit) => number < limit,
            Self::AtMost(limit) => number <= limit,
            Self::Between(first, last) => first <= number && number <= last,
        }
    }

    /// Returns `true` if it compares with one number.
    pub(crate) const fn is_comparison(self) -> bool {
        !matches!(self, Self::Equal(_) | Self::Between(..))
    }
}

/// Splits a comparison operator from the text behind it: `>=`, `<=`, `>`, `<`, `=` or nothing.
pub(crate) fn split_operator(text: &str) -> (&'static str, &str) {
    let operators = [
        (">=", ">="),
        ("=>", ">="),
        ("≥", ">="),
        ("<=", "<="),
        ("=<", "<="),
        ("≤", "<="),
        (">", ">"),
        ("<", "<"),
        ("==", "="),
        ("=", "="),
    ];
    let found = operators
        .iter()
        .find_map(|(spelled, operator)| Some((*operator, text.strip_prefix(spelled)?)));
    found.map_or(("", text), |(operator, rest)| (operator, rest.trim_start()))
}

/// Parses a number of up to nine digits.
pub(crate) fn parse_number(text: &str) -> Option<u32> {
    let text = text.trim();
    let is_number = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_and_ranges_are_parsed() {
        use NumberTest::{AtLeast, AtMost, Between, Equal, Greater, Less};
        for (text, test) in [
            ("404", Ok(Equal(404))),
            ("=404", Ok(Equal(404))),
            (">=400", Ok(AtLeast(400))),
            ("≥400", Ok(AtLeast(400))),
            (">400", Ok(Greater(400))),
            ("<400", Ok(Less(400))),
            ("<=400", Ok(AtMost(400))),
            ("500..599", Ok(Between(500, 599))),
            ("500...599", Ok(Between(500, 599))),
            ("400..", Ok(AtLeast(400))),
            ("..399", Ok(AtMost(399))),
            ("*..399", Ok(AtMost(399))),
            ("599..500", Err(NumberError::Reversed(599, 500))),
            ("500-599", Err(NumberError::OtherRange(500, 599))),
            ("", Err(NumberError::NotANumber)),
            (">", Err(NumberError::NotANumber)),
            ("4a", Err(NumberError::NotANumber)),
            ("-4", Err(NumberError::NotANumber)),
            ("99999999999", Err(NumberError::NotANumber)),
        ] {
            assert_eq!(NumberTest::parse(text), test, "{text}");
        }
        let at_400 = [
            "400", ">=400", ">400", "<400", "<=400", "400..500", "300..399",
        ];
        let matching: Vec<bool> = at_400
            .iter()
            .map(|text| NumberTest::parse(text).unwrap().matches(400))
            .collect();
        assert_eq!(matching, [true, true, false, false, true, true, false]);
    }
}
