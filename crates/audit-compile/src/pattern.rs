//! Forms of paths and queries, as regular expressions.

/// A form that a text may have. None contains a text of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// A path whose percent-escapes are those of valid UTF-8. The server keeps others as they are, or as bytes that no policy contains.
    Decodable,
    /// A percent-escape that may stand for a letter or a dot, and so hide `metadata.name` or the name of a parameter.
    HidesLetters,
    /// A query that selects an object by its name, which its first group captures.
    SelectsName,
    /// A query that mentions the name and selects none: an empty one, another one, or one that is not a segment of a path.
    SelectsNoName,
}

impl Pattern {
    /// Returns the regular expression. It has only what RE2, Oniguruma and Java read alike.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Decodable => decodable(),
            Self::HidesLetters => "%(?:[4-7]|2[Ee])".to_owned(),
            Self::SelectsName => selecting(&format!("metadata[.]name{EQUALS}({SAFE}+)")),
            Self::SelectsNoName => selects_no_name(),
        }
    }

    /// Returns the regular expression for an engine that calls itself for each repetition of a group, as Java does: the repetitions are possessive,
    /// so that a long text does not exhaust the stack. What follows a repetition cannot begin like a repeated part, so the meaning is the same.
    pub(crate) fn possessive_text(self) -> String {
        self.text().replace(")*", ")*+")
    }
}

/// Regular expression of a line with a time and one space before an object, which its first group captures: CloudWatch Logs exports lines so.
pub(crate) const AFTER_TIME: &str =
    r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]{1,9})?Z ([{][\s\S]*)\z";

fn decodable() -> String {
    let any = "[0-9A-Fa-f]";
    let next = format!("%[89ABab]{any}");
    let escapes = [
        format!("%[0-7]{any}"),
        format!("%(?:[Cc][2-9A-Fa-f]|[Dd]{any}){next}"),
        format!("%[Ee]0%[ABab]{any}{next}"),
        format!("%[Ee][1-9A-Ca-cEFef]{next}{next}"),
        format!("%[Ee][Dd]%[89]{any}{next}"),
        format!("%[Ff]0%[9ABab]{any}{next}{next}"),
        format!("%[Ff][1-3]{next}{next}{next}"),
        format!("%[Ff]4%8{any}{next}{next}"),
    ];
    format!(r"\A(?:[^%]|{})*\z", escapes.join("|"))
}

/// The operator of an equality.
const EQUALS: &str = "(?:=|%3[Dd]){1,2}";

/// A character that needs no escape, neither in a query nor in a selector.
const SAFE: &str = "[0-9A-Za-z:_~.-]";

/// Returns the pattern of a query with one field selector, in which one term is as given, and that every server decodes: the other terms are
/// equalities of other fields, and there are only parameters that are always valid. Numbers have at most 18 digits, so that they fit 64 bits.
fn selecting(term: &str) -> String {
    let number = "(?:limit|timeoutSeconds)=[0-9]{1,18}";
    let word = "(?:allowWatchBookmarks|resourceVersion|resourceVersionMatch|sendInitialEvents|timeout|watch)=[0-9A-Za-z.]*";
    let parameter = format!("(?:{number}|{word})");
    let other = format!(
        "(?:metadata[.]namespace|(?:involvedObject|spec|status)[.][A-Za-z]+){EQUALS}{SAFE}*"
    );
    let comma = "(?:,|%2[Cc])";
    format!(
        r"\A(?:{parameter}&)*fieldSelector=(?:{other}{comma})*{term}(?:{comma}{other})*(?:&{parameter})*\z"
    )
}

fn selects_no_name() -> String {
    let inequality = format!("metadata[.]name(?:!|%21)(?:=|%3[Dd]){SAFE}*");
    let no_segment = format!("metadata[.]name{EQUALS}(?:{SAFE}*%2[Ff](?:{SAFE}|%2[Ff])*)?");
    selecting(&format!("(?:{inequality}|{no_segment})"))
}
