//! Results of `verify` as text and as JSON.

use std::io::Write;

use audit_log::Location;
use audit_redact::{LogSecrets, SecretCount};
use audit_sim::policy_check::{
    ContradictingEvent, Hint, LogSource, PolicyCheckReport, PolicyCheckResult, SourceCheck,
    SourceReport, contradicting,
};
use audit_types::ContradictionKind;
use serde::Serialize;

use crate::error::Result;
use crate::file_name::FileName;
use crate::files::{LogReport, cut, print_unreadable, print_wrappers, unreadable};
use crate::terminal::safe;

/// Maximum number of consistent files that are listed; more are only counted.
const MAX_CONSISTENT: usize = 10;

/// Results of all policies.
pub(super) struct Report<'a> {
    pub(super) policies: &'a [FileName],
    pub(super) results: &'a [PolicyCheckResult],
    /// Index of the policy that fits best.
    pub(super) best: usize,
    pub(super) sources: &'a [LogSource],
    /// Likely secrets, each with the index of its source and its location.
    pub(super) secrets: &'a [SecretCount<(usize, Location)>],
    pub(super) files: &'a [LogReport],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportObject<'a> {
    /// Null if no event could be checked.
    consistent: Option<bool>,
    /// The policy, or the one that fits best.
    policy: &'a str,
    checked: u64,
    contradicting: u64,
    unknowable: u64,
    /// Events that were cut, so that they could not be checked.
    cut: u64,
    contradictions: Vec<ContradictionObject<'a>>,
    hints: &'a [Hint],
    secrets: Vec<SecretObject<'a>>,
    by_file: Vec<SourceObject<'a>>,
    policies: Vec<PolicyObject<'a>>,
    unreadable: u64,
    files: &'a [LogReport],
}

#[derive(Serialize)]
struct ContradictionObject<'a> {
    kind: ContradictionKind,
    events: u64,
    first: EventObject<'a>,
    last: EventObject<'a>,
}

/// Events with likely secrets of one kind.
#[derive(Serialize)]
struct SecretObject<'a> {
    /// Kind, in words.
    kind: String,
    events: u64,
    first: SecretPlaceObject<'a>,
}

#[derive(Serialize)]
struct SecretPlaceObject<'a> {
    file: &'a str,
    node: Option<&'a str>,
    line: u64,
    /// Path of the value in the event.
    place: &'a str,
    /// Text that identifies the secret, without it.
    shown: &'a str,
}

#[derive(Serialize)]
struct EventObject<'a> {
    file: &'a str,
    node: Option<&'a str>,
    #[serde(flatten)]
    event: &'a ContradictingEvent,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SourceObject<'a> {
    file: &'a str,
    node: Option<&'a str>,
    #[serde(flatten)]
    check: &'a SourceCheck,
    /// The policy that fits the file best; null if no event could be checked.
    best_policy: Option<&'a str>,
}

#[derive(Serialize)]
struct PolicyObject<'a> {
    policy: &'a str,
    consistent: Option<bool>,
    checked: u64,
    contradicting: u64,
    unknowable: u64,
}

impl<'a> Report<'a> {
    /// Returns the result of the policy that fits best.
    pub(super) fn best(&self) -> &'a PolicyCheckResult {
        // `best` is an index of a result.
        #[allow(clippy::indexing_slicing, reason = "an index of `results`")]
        &self.results[self.best]
    }

    fn policy(&self, index: usize) -> &'a str {
        self.policies.get(index).map_or("", |name| name)
    }

    fn source(&self, index: usize) -> (&'a str, Option<&'a str>) {
        self.sources.get(index).map_or(("", None), |source| {
            (source.file.as_str(), source.node.as_deref())
        })
    }

    fn event(&self, kind: ContradictionKind, event: &'a ContradictingEvent) -> EventObject<'a> {
        let (file, node) = self.source(event.source);
        EventObject {
            file,
            node,
            event,
            message: event.describe(kind),
        }
    }

    /// Returns the policy that fits a source best; `None` if nothing of it could be checked.
    fn best_policy(&self, source: usize) -> Option<usize> {
        let checks = self.results.iter().map(|result| result.sources.get(source));
        checks
            .enumerate()
            .filter_map(|(index, check)| Some((index, check?)))
            .filter(|(_, check)| check.consistent.is_some())
            .min_by_key(|(index, check)| {
                let is_best = *index == self.best;
                (
                    check.contradicting,
                    check.consistent != Some(true),
                    !is_best,
                    *index,
                )
            })
            .map(|(index, _)| index)
    }

    /// Returns the number of policies that nothing contradicts.
    fn fitting(&self) -> usize {
        let fits = |result: &&PolicyCheckResult| result.consistent == Some(true);
        self.results.iter().filter(fits).count()
    }

    /// Returns `true` if each file fits one of the policies, but not all of them the same.
    fn has_different_policies(&self) -> bool {
        let fits = |index: usize| {
            let policy = self.best_policy(index)?;
            let check = self.results.get(policy)?.sources.get(index)?;
            (check.consistent == Some(true)).then_some(policy)
        };
        let best: Vec<Option<usize>> = (0..self.sources.len()).map(fits).collect();
        best.iter().all(Option::is_some)
            && best
                .windows(2)
                .any(|pair| matches!(pair, [one, other] if one != other))
    }

    /// Prints the object and a newline.
    pub(super) fn print_json(&self, out: &mut impl Write) -> Result {
        let best = self.best();
        let contradictions = best.contradictions.iter().map(|found| ContradictionObject {
            kind: found.kind,
            events: found.events,
            first: self.event(found.kind, &found.first),
            last: self.event(found.kind, &found.last),
        });
        let by_file = best.sources.iter().enumerate().map(|(index, check)| {
            let (file, node) = self.source(index);
            SourceObject {
                file,
                node,
                check,
                best_policy: self.best_policy(index).map(|index| self.policy(index)),
            }
        });
        let policies = self
            .results
            .iter()
            .enumerate()
            .map(|(index, result)| PolicyObject {
                policy: self.policy(index),
                consistent: result.consistent,
                checked: result.checked,
                contradicting: result.contradicting,
                unknowable: result.unknowable,
            });
        let object = ReportObject {
            consistent: best.consistent,
            policy: self.policy(self.best),
            checked: best.checked,
            contradicting: best.contradicting,
            unknowable: best.unknowable,
            cut: cut(self.files).0,
            contradictions: contradictions.collect(),
            hints: &best.hints,
            secrets: self
                .secrets
                .iter()
                .map(|found| self.secret(found))
                .collect(),
            by_file: by_file.collect(),
            policies: policies.collect(),
            unreadable: unreadable(self.files),
            files: self.files,
        };
        serde_json::to_writer(&mut *out, &object)?;
        out.write_all(b"\n")?;
        Ok(())
    }

    /// Prints the answer in a sentence, the contradictions and the files.
    pub(super) fn print_text(&self, out: &mut impl Write) -> Result {
        let best = self.best();
        let name = format!("`{}`", self.policy(self.best));
        if self.has_different_policies() {
            writeln!(
                out,
                "The logs were written by different policies, see below. {} fits most events.",
                safe(&name)
            )?;
        } else if self.fitting() > 1 {
            writeln!(
                out,
                "{} of the policies fit: the log has no event that tells them apart. {} comes first.",
                self.fitting(),
                safe(&name)
            )?;
        } else if self.results.len() > 1 {
            writeln!(out, "{} fits best.", safe(&name))?;
        }
        let report = PolicyCheckReport::new(best, &name, self.sources);
        writeln!(out, "{}", safe(&report.answer))?;
        if let Some(unknowable) = &report.unknowable {
            writeln!(out, "{unknowable}")?;
        }
        if let Some(cut) = PolicyCheckReport::cut(cut(self.files)) {
            writeln!(out, "{cut}")?;
        }
        print_contradictions(&report, out)?;
        self.print_secrets(out)?;
        self.print_sources(&report, out)?;
        self.print_policies(out)?;
        for hint in &report.hints {
            writeln!(out, "\n{}: {}", PolicyCheckReport::HINT, safe(hint))?;
        }
        print_unreadable(unreadable(self.files), out)?;
        print_wrappers(self.files, &mut |line| Ok(writeln!(out, "{line}")?))
    }

    fn secret(&self, found: &'a SecretCount<(usize, Location)>) -> SecretObject<'a> {
        let (source, location) = found.place;
        let (file, node) = self.source(source);
        SecretObject {
            kind: found.first.kind.to_string(),
            events: found.events,
            first: SecretPlaceObject {
                file,
                node,
                line: location.line,
                place: &found.first.place,
                shown: &found.first.shown,
            },
        }
    }

    fn print_secrets(&self, out: &mut impl Write) -> Result {
        let title = LogSecrets::<()>::TITLE;
        match self.secrets {
            [] => writeln!(out, "\n{}", LogSecrets::<()>::NONE)?,
            _ => writeln!(out, "\n{title}")?,
        }
        for found in self.secrets {
            let (source, location) = found.place;
            let (file, _) = self.source(source);
            let (title, first) = (found.title(), found.describe_first());
            let line = format!("  {title}; first {file}:{}: {first}", location.line);
            writeln!(out, "{}", safe(&line))?;
        }
        Ok(())
    }

    fn print_sources(&self, report: &PolicyCheckReport, out: &mut impl Write) -> Result {
        if !report.sources.is_empty() {
            writeln!(out, "\n{}", PolicyCheckReport::SOURCES)?;
        }
        let is_consistent = |source: &SourceReport| source.consistent == Some(true);
        let consistent = report.sources.iter().filter(|one| is_consistent(one));
        let consistent = consistent.count();
        for (index, source) in report.sources.iter().enumerate() {
            if consistent > MAX_CONSISTENT && is_consistent(source) {
                continue;
            }
            let mut line = format!("  {}: {}", source.label, source.text);
            if self.results.len() > 1
                && let Some(policy) = self.best_policy(index)
                && policy != self.best
            {
                line.push_str(&format!("; `{}` fits better", self.policy(policy)));
            }
            writeln!(out, "{}", safe(&line))?;
        }
        if consistent > MAX_CONSISTENT {
            let noun = if self.sources.iter().any(|source| source.node.is_some()) {
                "files and nodes"
            } else {
                "files"
            };
            writeln!(out, "  {consistent} {noun}: consistent")?;
        }
        Ok(())
    }

    fn print_policies(&self, out: &mut impl Write) -> Result {
        if self.results.len() < 2 {
            return Ok(());
        }
        writeln!(out, "\nBy policy")?;
        for (index, result) in self.results.iter().enumerate() {
            let text = match result.consistent {
                None => "no event could be checked".to_owned(),
                Some(true) => "nothing contradicts it".to_owned(),
                Some(false) => contradicting(result.contradicting, result.checked),
            };
            writeln!(out, "  {}: {text}", safe(self.policy(index)))?;
        }
        Ok(())
    }
}

fn print_contradictions(report: &PolicyCheckReport, out: &mut impl Write) -> Result {
    if !report.contradictions.is_empty() {
        writeln!(out, "\n{}", PolicyCheckReport::CONTRADICTIONS)?;
    }
    for found in &report.contradictions {
        let first = &found.first;
        writeln!(out, "  {}", found.title)?;
        writeln!(
            out,
            "    first: {}: {}: {}",
            safe(&first.place),
            safe(&first.request),
            safe(&first.message)
        )?;
        writeln!(out, "           {}", safe(&first.identity))?;
    }
    Ok(())
}
