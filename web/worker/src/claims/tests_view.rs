//! The tests of the page.

use audit_tests::{FileError, FileKind, Outcome, PolicySource, SettingsSource, Status, TestFile};
use audit_types::{LineIndex, utf16_offsets};
use playground_protocol::{
    ClaimStatus, ClaimView, ClaimsStart, ClaimsStep, Problem, TestsView, TextProblem,
};

use super::run::{FlagValues, flag_values, run_until, runner};
use super::view::{claim_view, rule_place};
use crate::policy::Accepted;

/// Maximum size of a text in bytes. The editor stays quick up to it.
const MAX_TEXT: usize = 1_000_000;

/// Maximum number of listed tests.
const MAX_LISTED: usize = 300;

/// Tests in progress.
pub(super) struct Tests {
    text: String,
    file: TestFile,
    flags: Option<FlagValues>,
    outcomes: Vec<Outcome>,
}

impl Tests {
    /// Reads the tests.
    ///
    /// # Errors
    /// If they are too large or cannot be read.
    pub(super) fn new(start: ClaimsStart, accepted: &Accepted) -> Result<Self, ClaimsStep> {
        let file = read(&start.text)?;
        let form = start.settings;
        let flags = match file.settings.as_ref().map(|settings| &settings.value) {
            Some(SettingsSource::Flags(flags)) => Some(flags.clone()),
            _ => form.map(|form| flag_values(&form, accepted)),
        };
        Ok(Self {
            text: start.text,
            file,
            flags,
            outcomes: Vec::new(),
        })
    }

    /// Runs the next tests.
    pub(super) fn step(&mut self, accepted: &Accepted, end: f64) -> ClaimsStep {
        let runner = runner(accepted, self.flags.as_ref());
        let cases = self.file.tests.iter();
        if let Some(progress) = run_until(&runner, cases, &mut self.outcomes, end) {
            return progress;
        }
        let unreached = runner.unreached_rules(&self.file.tests).ok();
        let places = |rules: Vec<_>| {
            let places = rules.into_iter().map(|rule| rule_place(rule, accepted));
            places.collect()
        };
        let cases = self.views(accepted);
        let passed = self.outcomes.iter().filter(|outcome| outcome.has_passed());
        ClaimsStep::Tests(TestsView {
            passed: passed.count(),
            total: self.outcomes.len(),
            cases,
            unreached: unreached.map(places),
            notes: self.notes(accepted),
        })
    }

    /// Returns the tests with their results, those that fail first.
    fn views(&self, accepted: &Accepted) -> Vec<ClaimView> {
        let tests = &self.file.tests;
        let places = utf16_offsets(&self.text, tests.iter().map(|case| case.span.start));
        let lines = LineIndex::new(&self.text);
        let mut views: Vec<ClaimView> = tests
            .iter()
            .zip(&self.outcomes)
            .zip(places)
            .map(|((case, outcome), from)| ClaimView {
                from,
                line: lines.position(case.span.start).line,
                ..claim_view(case, outcome, status(outcome), accepted)
            })
            .collect();
        views.sort_by_key(|view| view.status != ClaimStatus::Fails);
        views.truncate(MAX_LISTED);
        views
    }

    /// Returns what the page does differently from the file.
    fn notes(&self, accepted: &Accepted) -> Vec<String> {
        let file = &self.file;
        let policy = file.policy.as_ref().map(|policy| match policy.value {
            PolicySource::Path(_) => {
                "The policy in the editor is tested, not the file that `policy` names."
            }
            _ => "The policy in the editor is tested, not the one in `policy`.",
        });
        let version = file
            .kubernetes_version
            .filter(|version| version.value != accepted.version)
            .map(|version| {
                format!(
                    "The tests are for Kubernetes {}, but the page emulates {}.",
                    version.value, accepted.version
                )
            });
        let settings = file.settings.as_ref().and_then(|settings| match settings.value {
            SettingsSource::Path(_) => Some("The page cannot read the file that `settings` names. Write flags in `settings` instead."),
            _ => None,
        });
        let notes = [
            policy.map(str::to_owned),
            version,
            settings.map(str::to_owned),
        ];
        notes.into_iter().flatten().collect()
    }
}

const fn status(outcome: &Outcome) -> ClaimStatus {
    match outcome.status {
        Status::Passed => ClaimStatus::Holds,
        Status::NotDecidable => ClaimStatus::Open,
        _ => ClaimStatus::Fails,
    }
}

/// Reads a text of tests.
///
/// # Errors
/// If it is too large or cannot be read.
pub(super) fn read(text: &str) -> Result<TestFile, ClaimsStep> {
    if text.len() > MAX_TEXT {
        return Err(ClaimsStep::Undecided(Problem {
            message: "the tests are larger than 1 MB".to_owned(),
            help: "run them with `audit-policy test`".to_owned(),
        }));
    }
    let file =
        TestFile::parse(text).map_err(|errors| ClaimsStep::Unreadable(problems(text, &errors)))?;
    if file.kind == FileKind::RequirementPack {
        return Err(ClaimsStep::Undecided(Problem {
            message: "this is a pack of requirements".to_owned(),
            help: "decide its claims with `audit-policy report --pack`".to_owned(),
        }));
    }
    Ok(file)
}

/// Returns the problems of a text with their places, in the order of the text.
fn problems(text: &str, errors: &[FileError]) -> Vec<TextProblem> {
    let lines = LineIndex::new(text);
    let mut sorted: Vec<&FileError> = errors.iter().collect();
    sorted.sort_by_key(|error| (error.span.start, error.span.end));
    let problem = |error: &FileError| {
        let ends = [error.span.start, error.span.end.max(error.span.start)];
        let units = utf16_offsets(text, ends);
        TextProblem {
            problem: Problem {
                message: error.message.clone(),
                help: error.help.clone(),
            },
            line: lines.position(error.span.start).line,
            from: units.first().copied().unwrap_or_default(),
            to: units.last().copied().unwrap_or_default(),
        }
    };
    sorted.into_iter().map(problem).collect()
}
