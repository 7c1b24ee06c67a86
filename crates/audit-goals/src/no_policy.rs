//! Reasons why no policy meets the claims.

use audit_analysis::{NOT_PRODUCIBLE, TooLarge, request_words};
use audit_tests::{Case, Claim};
use audit_types::Request;
use audit_types::excerpt::quote;

/// Claims that no policy meets together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contradiction {
    /// Indexes of the claims, in ascending order; usually two. Without any of them, the others can be met.
    pub claims: Vec<usize>,
    /// A request that all of them are about.
    pub witness: Request,
    /// True if some URL, method and identity produce it.
    pub is_producible: bool,
}

impl Contradiction {
    /// Describes the contradiction: the claims, the request, and what each expects of it.
    ///
    /// ```
    /// use audit_goals::{NewPolicy, NoPolicy, Wanted};
    /// use audit_tests::Case;
    ///
    /// let lines = ["verb=get level=None", "path=/version atLeast=Metadata"];
    /// let cases = lines.map(|line| Case::from_line(line).unwrap());
    /// let Err(NoPolicy::Contradictory(found)) = NewPolicy::new(&cases, Wanted::default()) else { panic!() };
    /// assert_eq!(
    ///     found[0].words(&cases),
    ///     "`verb=get level=None` and `path=/version atLeast=Metadata` contradict each other: of `get` of `/version` by `alice`, \
    ///      the first expects the level `None`, the second at least `Metadata`"
    /// );
    /// ```
    pub fn words(&self, cases: &[Case]) -> String {
        let of = self.claims.iter().filter_map(|index| cases.get(*index));
        let named: Vec<(String, String)> = of.map(|case| (name(case), expected(case))).collect();
        let request = request_words(&self.witness);
        let note = match self.is_producible {
            true => String::new(),
            false => format!(" ({NOT_PRODUCIBLE})"),
        };
        match named.as_slice() {
            [(one, first), (other, second)] => format!(
                "{one} and {other} contradict each other: of {request}{note}, the first expects {first}, the second {second}"
            ),
            [(one, first)] => {
                format!("no policy can meet {one}: of {request}{note}, it expects {first}")
            }
            several => {
                let each: Vec<String> = several
                    .iter()
                    .map(|(name, expected)| format!("{name} expects {expected}"))
                    .collect();
                format!(
                    "{} claims contradict each other, though each two can be met: of {request}{note}, {}",
                    several.len(),
                    each.join("; ")
                )
            }
        }
    }
}

/// Returns the short name of a claim, or its name, in backticks.
pub(crate) fn name(case: &Case) -> String {
    quote(case.id.as_ref().unwrap_or(&case.name))
}

/// Describes what a claim expects.
fn expected(case: &Case) -> String {
    match &case.claim {
        Claim::Class(claim) => claim.expected.words(),
        Claim::Request { expected, .. } => expected.words(),
        _ => String::new(),
    }
}

/// Reason why no policy meets the claims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoPolicy {
    /// Claims that no policy meets together.
    #[error("the claims contradict each other")]
    Contradictory(Vec<Contradiction>),
    /// No claim is about the policy.
    #[error("no claim is about the policy")]
    NoClaim,
    /// Claims about requests expect only the number of a rule, and no claim expects more.
    #[error("the claims expect only the number of a rule, which a new policy does not keep")]
    OnlyRules,
    /// The claim of this index is about no request.
    #[error("claim {} is about no request that can come", .0 + 1)]
    AboutNothing(usize),
    /// The claims do not contradict each other, but no list of rules was found that meets them.
    #[error(
        "no policy was found: the claims do not contradict each other, but rules cannot distinguish their requests"
    )]
    NotExpressible,
    /// The server rejects the policy, with its reason.
    #[error("no policy was found: kube-apiserver would reject it: {0}")]
    Rejected(String),
    /// The claim of this index could not be proved for the policy that was found, with the reason.
    #[error("no policy was found: claim {} is not proved: {}", .0 + 1, .1)]
    NotProved(usize, String),
    /// That takes too long.
    #[error("too many overlapping claims to find a policy")]
    TooLarge,
}

impl NoPolicy {
    /// Returns the reason in lowercase, with the name of the claim if it is about one. Contradictions have their own sentences.
    pub fn reason(&self, cases: &[Case]) -> String {
        let named = |index: &usize| cases.get(*index).map(name).unwrap_or_default();
        match self {
            Self::AboutNothing(index) => {
                format!("{} is about no request that can come", named(index))
            }
            Self::NotProved(index, reason) => format!(
                "no policy was found: {} is not proved: {reason}",
                named(index)
            ),
            other => other.to_string(),
        }
    }

    /// Returns how to change the claims. Empty if that is not known.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoClaim => "claims about flags are met by the settings of the server",
            Self::OnlyRules => "add a level, such as `level: Metadata`",
            Self::AboutNothing(_) => {
                "compare its attributes: a `create` of the resource itself has no name, for example"
            }
            Self::NotExpressible => {
                "rules list values, and cannot state that a user is in two groups, or leave subresources out of all resources"
            }
            Self::TooLarge => "choose fewer claims, or claims with fewer values",
            Self::Contradictory(_) | Self::Rejected(_) | Self::NotProved(..) => "",
        }
    }

    /// Returns the reason and the help in one line, or a line for each contradiction.
    ///
    /// ```
    /// use audit_goals::{NewPolicy, Wanted};
    /// use audit_tests::Case;
    ///
    /// let cases = [Case::from_line("verb=create resource=pods subresource= name=x level=None").unwrap()];
    /// let reason = NewPolicy::new(&cases, Wanted::default()).unwrap_err();
    /// assert!(reason.messages(&cases)[0].contains("` is about no request that can come (help: "));
    /// ```
    pub fn messages(&self, cases: &[Case]) -> Vec<String> {
        if let Self::Contradictory(found) = self {
            return found.iter().map(|one| one.words(cases)).collect();
        }
        let reason = self.reason(cases);
        vec![match self.help() {
            "" => reason,
            help => format!("{reason} (help: {help})"),
        }]
    }
}

impl From<TooLarge> for NoPolicy {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}
