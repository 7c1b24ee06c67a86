//! The claims of all packs, decided.

use std::io::{Result, Write};

use audit_policy::{KubernetesVersion, Policy};
use audit_tests::{Case, Claim, Contradictions, Decision, Outcome, Runner};
use audit_types::excerpt::quote;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::document::{Cell, Line, Mark};
use crate::known_settings::KnownSettings;
use crate::packs::Pack;
use crate::verdict::RuleLines;

/// The claims of a report.
pub(super) struct Claims<'p> {
    /// The packs, each with its claims.
    pub(super) packs: Vec<(&'p Pack, Vec<Decided<'p>>)>,
    /// Pairs of claims that no policy meets together. The indexes count the claims of all packs.
    pub(super) contradictions: Contradictions,
    /// The claims of all packs, with their packs.
    pub(super) all: Vec<(&'p Pack, &'p Case)>,
}

/// A claim with its result.
pub(super) struct Decided<'p> {
    case: &'p Case,
    pub(super) decision: Decision,
    /// The decision in words.
    result: &'static str,
    evidence: Vec<Line>,
}

impl<'p> Claims<'p> {
    /// Decides all claims of the packs.
    pub(super) fn decide(
        packs: &'p [Pack],
        policy: &Policy,
        version: KubernetesVersion,
        settings: Option<&KnownSettings>,
        lines: &RuleLines,
    ) -> Self {
        let runner = Runner::new(policy, version);
        let runner = match settings {
            Some(settings) => runner.with_flags(|name| settings.value(name)),
            None => runner,
        };
        let decide = |case: &'p Case| {
            let outcome = runner.run(case);
            let is_known = |settings: &KnownSettings| match &case.claim {
                Claim::Setting(claim) => settings.doubt(&claim.flag).is_none(),
                _ => true,
            };
            let decision = Decision::of(case, &outcome, settings.is_some_and(is_known));
            Decided {
                case,
                decision,
                result: decision.words_of(&outcome),
                evidence: evidence(case, &outcome, decision, settings, lines),
            }
        };
        let all: Vec<(&Pack, &Case)> = packs
            .iter()
            .flat_map(|pack| pack.file.tests.iter().map(move |case| (pack, case)))
            .collect();
        let cases: Vec<&Case> = all.iter().map(|(_, case)| *case).collect();
        Self {
            contradictions: runner.contradictions(&cases),
            packs: packs
                .iter()
                .map(|pack| (pack, pack.file.tests.iter().map(decide).collect()))
                .collect(),
            all,
        }
    }
}

/// Returns what shows the decision.
fn evidence(
    case: &Case,
    outcome: &Outcome,
    decision: Decision,
    settings: Option<&KnownSettings>,
    lines: &RuleLines,
) -> Vec<Line> {
    let words = |text: &str| vec![Line::Words(text.to_owned())];
    match &case.claim {
        Claim::Setting(claim) => match settings {
            None => words("the settings are not known (help: name a file with `--settings`)"),
            Some(settings) if decision == Decision::NotDecidable => {
                words(settings.doubt(&claim.flag).unwrap_or(&outcome.message))
            }
            Some(settings) if decision == Decision::Met => {
                let value = settings.value(&claim.flag).unwrap_or_default();
                let is = value.map_or("not set".to_owned(), |value| quote(&value));
                vec![Line::Words(format!("`--{}` is {is}", claim.flag))]
            }
            Some(_) => words(&outcome.message),
        },
        Claim::Undecidable => words(case.why.as_deref().unwrap_or(&outcome.message)),
        _ => {
            let mut evidence = words(&outcome.message);
            let Some(witness) = &outcome.witness else {
                return evidence;
            };
            if let Some(verdict) = outcome.verdict {
                evidence.push(Line::Detail(format!(
                    "Decided by {}. Request:",
                    lines.words(verdict.rule)
                )));
            }
            evidence.extend(spaced_json(witness).map(Line::Code));
            evidence
        }
    }
}

/// Writes JSON in one line that can be wrapped between its values.
fn spaced_json(value: &impl Serialize) -> Option<String> {
    struct Spaced;

    impl Formatter for Spaced {
        fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> Result<()> {
            out.write_all(if first { b"" } else { b", " })
        }

        fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> Result<()> {
            out.write_all(if first { b"" } else { b", " })
        }

        fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> Result<()> {
            out.write_all(b": ")
        }
    }

    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Spaced);
    value.serialize(&mut serializer).ok()?;
    String::from_utf8(bytes).ok()
}

impl Decided<'_> {
    /// Returns the row of the claim.
    pub(super) fn row(&self) -> Vec<Cell> {
        let case = self.case;
        let mut claim = vec![Line::Words(case.name.clone())];
        claim.extend(case.claim.words().map(Line::Detail));
        if !matches!(case.claim, Claim::Undecidable) {
            claim.extend(case.why.clone().map(Line::Detail));
        }
        let mark = match self.decision {
            Decision::Met => Mark::Good,
            Decision::Refuted => Mark::Bad,
            Decision::PartlyMet | Decision::NotDecidable => Mark::Open,
        };
        vec![
            Cell::words(case.id.clone().unwrap_or_default()),
            Cell::lines(claim),
            Cell::words(self.result).marked(mark),
            Cell::lines(self.evidence.iter().map(copied).collect()),
            Cell::words(case.source.clone().unwrap_or_default()),
        ]
    }
}

fn copied(line: &Line) -> Line {
    match line {
        Line::Words(words) => Line::Words(words.clone()),
        Line::Detail(words) => Line::Detail(words.clone()),
        Line::Code(code) => Line::Code(code.clone()),
    }
}
