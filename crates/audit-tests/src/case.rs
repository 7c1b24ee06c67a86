//! A case of a file: a claim with its name.

use audit_analysis::{Class, request_words};
use audit_types::{Request, Span};

use crate::detection::Detection;
use crate::expectation::Expectation;
use crate::setting::SettingClaim;

/// A case: what is claimed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Case {
    /// Name, for people.
    pub name: String,
    /// Place of the case in the file.
    pub span: Span,
    /// Short name of a claim of a pack, such as `CIS-3.2.1`.
    pub id: Option<String>,
    /// Source of the claim, such as a section of a standard. Claims of a pack have one.
    pub source: Option<String>,
    /// Reason for the claim.
    pub why: Option<String>,
    /// The claim.
    pub claim: Claim,
}

/// Claim of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// The verdict on a request meets the expectation.
    Request {
        /// The request.
        request: Box<Request>,
        /// Expectation of its verdict.
        expected: Expectation,
    },
    /// The verdict on each request of a class meets the expectation.
    Class(ClassClaim),
    /// A flag of kube-apiserver has a value.
    Setting(SettingClaim),
    /// A detection can fire: some event has what it needs.
    Detection(Detection),
    /// Neither policy nor flags decide it, such as who reads the log.
    Undecidable,
}

/// A claim about a class of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassClaim {
    /// The class: the requests of any of these.
    pub classes: Vec<Class>,
    /// True to include requests that rules can distinguish but no URL, method and identity produce.
    pub is_every: bool,
    /// Expectation of every verdict.
    pub expected: Expectation,
    /// Place of the class in the file.
    pub span: Span,
}

/// Maximum number of classes that are described.
const MAX_DESCRIBED_CLASSES: usize = 6;

impl Claim {
    /// Describes which requests the claim is about, and what it expects of them. `None` if it cannot be decided.
    ///
    /// ```
    /// use audit_tests::TestFile;
    ///
    /// let text = "tests: [{name: a, requests: {resource: secrets, verb: [get]}, atMost: Metadata}]";
    /// let file = TestFile::parse(text).unwrap();
    /// let words = file.tests[0].claim.words().unwrap();
    /// assert!(words.ends_with(": at most `Metadata`"), "{words}");
    /// ```
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Class(claim) => Some(format!(
                "{}: {}",
                class_words(&claim.classes),
                claim.expected.words()
            )),
            Self::Request { request, expected } => {
                Some(format!("{}: {}", request_words(request), expected.words()))
            }
            Self::Setting(claim) => Some(claim.words()),
            Self::Detection(detection) => Some(format!(
                "{}: {}",
                class_words(&detection.classes),
                detection.needs()
            )),
            Self::Undecidable => None,
        }
    }
}

/// Describes classes, at most [`MAX_DESCRIBED_CLASSES`] of them.
fn class_words(classes: &[Class]) -> String {
    let described = classes.iter().take(MAX_DESCRIBED_CLASSES);
    let mut words: Vec<String> = described.map(Class::words).collect();
    let more = classes.len().saturating_sub(MAX_DESCRIBED_CLASSES);
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_classes_are_counted() {
        let words = class_words(&vec![Class::default(); 9]);
        assert_eq!(words.matches("; ").count(), MAX_DESCRIBED_CLASSES);
        assert!(words.ends_with("; 3 more"), "{words}");
    }
}
