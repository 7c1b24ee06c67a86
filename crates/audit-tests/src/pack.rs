//! Packs of requirements: those that are built in, the result of a claim, and claims that contradict each other.

use audit_analysis::Class;
use audit_types::Request;
use kube_yaml::de::Error;

use crate::case::{Case, Claim, ClassClaim};
use crate::detection::Fires;
use crate::expectation::{Expectation, effects};
use crate::file::TestFile;
use crate::run::{Outcome, Runner, Status};
use crate::setting::SettingClaim;

/// A pack that is part of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuiltInPack {
    /// Name, which is the `id` of the file.
    pub name: &'static str,
    /// Text of the file.
    pub text: &'static str,
}

/// The packs, in the order in which they are listed.
const PACKS: [BuiltInPack; 5] = [
    BuiltInPack {
        name: "cis",
        text: include_str!("../packs/cis.yaml"),
    },
    BuiltInPack {
        name: "stig",
        text: include_str!("../packs/stig.yaml"),
    },
    BuiltInPack {
        name: "nsa-cisa",
        text: include_str!("../packs/nsa-cisa.yaml"),
    },
    BuiltInPack {
        name: "pci-dss",
        text: include_str!("../packs/pci-dss.yaml"),
    },
    BuiltInPack {
        name: "bsi",
        text: include_str!("../packs/bsi.yaml"),
    },
];

/// The packs of detections, in the order in which they are listed.
const DETECTION_PACKS: [BuiltInPack; 4] = [
    BuiltInPack {
        name: "falco",
        text: include_str!("../packs/falco.yaml"),
    },
    BuiltInPack {
        name: "sigma",
        text: include_str!("../packs/sigma.yaml"),
    },
    BuiltInPack {
        name: "elastic",
        text: include_str!("../packs/elastic.yaml"),
    },
    BuiltInPack {
        name: "panther",
        text: include_str!("../packs/panther.yaml"),
    },
];

/// Returns the packs of detections that are built in: published rules of detection tools, reduced to what they need of the log.
///
/// ```
/// let names: Vec<&str> = audit_tests::detection_packs().iter().map(|pack| pack.name).collect();
/// assert_eq!(names, ["falco", "sigma", "elastic", "panther"]);
/// ```
pub const fn detection_packs() -> &'static [BuiltInPack] {
    &DETECTION_PACKS
}

/// Returns the packs of standards that are built in.
///
/// ```
/// let names: Vec<&str> = audit_tests::packs().iter().map(|pack| pack.name).collect();
/// assert_eq!(names, ["cis", "stig", "nsa-cisa", "pci-dss", "bsi"]);
/// ```
pub const fn packs() -> &'static [BuiltInPack] {
    &PACKS
}

impl BuiltInPack {
    /// Reads the pack.
    ///
    /// # Errors
    ///
    /// Returns the errors of the file. A test reads every pack.
    pub fn parse(&self) -> Result<TestFile, Vec<Error>> {
        TestFile::parse(self.text)
    }
}

/// Result of a claim, for a policy and perhaps settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It holds.
    Met,
    /// It holds for some requests only. Of detections, which can fire for some.
    PartlyMet,
    /// It does not hold, which a request or the value of a flag shows.
    Refuted,
    /// It cannot be decided from what is known.
    NotDecidable,
}

impl Decision {
    /// All decisions, in the order in which they are counted.
    pub const ALL: [Self; 4] = [
        Self::Met,
        Self::PartlyMet,
        Self::Refuted,
        Self::NotDecidable,
    ];

    /// Returns the decision in words.
    ///
    /// ```
    /// use audit_tests::Decision;
    ///
    /// let words = Decision::ALL.map(Decision::words);
    /// assert_eq!(words, ["met", "partly met", "refuted", "not decidable"]);
    /// ```
    pub const fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::PartlyMet => "partly met",
            Self::Refuted => "refuted",
            Self::NotDecidable => "not decidable",
        }
    }

    /// Returns the decision of a claim in words: of a detection, whether it fires.
    pub fn words_of(self, outcome: &Outcome) -> &'static str {
        outcome.fires.map_or_else(|| self.words(), Fires::words)
    }

    /// Returns what the outcome of a case means. Claims about flags are not decidable unless the settings are known, and neither is a claim about a
    /// class that takes too long to decide or that has no requests.
    pub fn of(case: &Case, outcome: &Outcome, are_settings_known: bool) -> Self {
        if matches!(case.claim, Claim::Setting(_)) && !are_settings_known {
            return Self::NotDecidable;
        }
        match outcome.status {
            Status::Passed => Self::Met,
            Status::NotDecidable => Self::NotDecidable,
            Status::Failed if outcome.fires == Some(Fires::Some) => Self::PartlyMet,
            Status::Failed if matches!(case.claim, Claim::Setting(_)) => Self::Refuted,
            Status::Failed if outcome.witness.is_some() => Self::Refuted,
            Status::Failed => Self::NotDecidable,
        }
    }
}

/// Two claims that cannot both be met.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contradiction {
    /// Index of one claim in the list of cases.
    pub first: usize,
    /// Index of the other, which is higher.
    pub second: usize,
    /// A request that both claims are about and that no verdict satisfies. `None` if they are about a flag.
    pub request: Option<Request>,
}

/// Contradictions between claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contradictions {
    /// The contradictions, in the order of the claims.
    pub found: Vec<Contradiction>,
    /// True if not every pair of claims could be compared.
    pub is_partial: bool,
}

/// Maximum number of pairs of claims that are compared.
const MAX_PAIRS: usize = 20_000;

/// Maximum number of pairs whose common requests are searched.
const MAX_SEARCHES: usize = 500;

/// Maximum number of classes that two claims have in common.
const MAX_CLASSES: usize = 10_000;

impl Runner<'_> {
    /// Finds pairs of claims that no policy, or no value of a flag, meets together: some request is in the classes of both, and no verdict is as both
    /// expect. Three claims of which each two can be met are not found.
    pub fn contradictions(&self, cases: &[&Case]) -> Contradictions {
        let mut result = Contradictions::default();
        let mut searches = 0;
        // Detections and claims that are not decidable contradict nothing.
        let is_comparable = |index: &usize| {
            let claim = cases.get(*index).map(|case| &case.claim);
            matches!(claim, Some(Claim::Class(_) | Claim::Setting(_)))
        };
        let compared: Vec<usize> = (0..cases.len()).filter(is_comparable).collect();
        let pairs = compared.iter().enumerate().flat_map(|(place, first)| {
            let later = compared.iter().skip(place + 1);
            later.map(move |second| (*first, *second))
        });
        for (count, (first, second)) in pairs.enumerate() {
            if count >= MAX_PAIRS || searches >= MAX_SEARCHES {
                result.is_partial = true;
                break;
            }
            let (Some(one), Some(other)) = (cases.get(first), cases.get(second)) else {
                continue;
            };
            let request = match (&one.claim, &other.claim) {
                (Claim::Setting(one), Claim::Setting(other)) if exclude(one, other) => None,
                (Claim::Class(one), Claim::Class(other))
                    if !is_satisfiable(&one.expected, &other.expected) =>
                {
                    searches += 1;
                    match self.common_request(one, other) {
                        Search::Found(request) => Some(*request),
                        Search::Nothing => continue,
                        Search::TooLarge => {
                            result.is_partial = true;
                            continue;
                        }
                    }
                }
                _ => continue,
            };
            result.found.push(Contradiction {
                first,
                second,
                request,
            });
        }
        result
    }

    /// Searches a request that two claims are about.
    fn common_request(&self, one: &ClassClaim, other: &ClassClaim) -> Search {
        if one.classes.len().saturating_mul(other.classes.len()) > MAX_CLASSES {
            return Search::TooLarge;
        }
        let both = |first: &Class, second: &Class| {
            let mut class = first.clone();
            class.conditions.extend(second.conditions.iter().cloned());
            class
        };
        let classes = one
            .classes
            .iter()
            .flat_map(|first| other.classes.iter().map(move |second| both(first, second)));
        let claim = ClassClaim {
            classes: classes.collect(),
            is_every: one.is_every && other.is_every,
            expected: Expectation::default(),
            span: one.span,
        };
        match self.counterexample(&claim, &|_| false) {
            Ok(Some(found)) => Search::Found(Box::new(found.witness)),
            Ok(None) => Search::Nothing,
            Err(_) => Search::TooLarge,
        }
    }
}

/// Result of searching a request that two claims are about.
enum Search {
    Found(Box<Request>),
    Nothing,
    TooLarge,
}

/// Returns true if some verdict is as both expect.
fn is_satisfiable(one: &Expectation, other: &Expectation) -> bool {
    // A pack is about any policy, so the numbers of rules are left aside.
    one.rule.is_some()
        || other.rule.is_some()
        || effects().any(|verdict| one.is_met(verdict) && other.is_met(verdict))
}

/// Returns true if no value of a flag is as both claim.
fn exclude(one: &SettingClaim, other: &SettingClaim) -> bool {
    if one.flag != other.flag {
        return false;
    }
    let is_unset = |claim: &SettingClaim| claim.is_set == Some(false);
    let needs_value = |claim: &SettingClaim| {
        claim.is_set == Some(true)
            || claim.at_least.is_some()
            || claim.at_most.is_some()
            || claim.value.as_ref().is_some_and(|value| !value.is_empty())
    };
    if is_unset(one) && needs_value(other) || is_unset(other) && needs_value(one) {
        return true;
    }
    let value = one.value.as_ref().or(other.value.as_ref());
    if let Some(value) = value {
        return one.mismatch(Some(value)).is_some() || other.mismatch(Some(value)).is_some();
    }
    let least = one.at_least.max(other.at_least);
    let most = [one.at_most, other.at_most].into_iter().flatten().min();
    least.zip(most).is_some_and(|(least, most)| least > most)
}
