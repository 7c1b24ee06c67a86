//! One step of `cargo xtask test`: what it does, and the line about its result.

use std::process::Command;
use std::time::{Duration, Instant};

use super::count::{self, AGAIN, Count, SKIPPED};
use crate::project::Project;
use crate::run::{self, Error};

/// Steps of a lane run one after another, those of two lanes at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Steps that compile and test the code, with low priority.
    Code,
    /// Steps that build the page and test it in browsers, which mostly wait.
    Page,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Code, Self::Page];
}

/// A check.
pub struct Step {
    /// Name, at the start of its line.
    pub name: &'static str,
    /// Lane that it runs in.
    pub lane: Lane,
    /// Usual duration on two cores, in seconds.
    pub seconds: f64,
    /// Steps without whose success this one would test nothing, or something old.
    pub needs: &'static [&'static str],
    action: Action,
    /// Parses the counts of tests from the output. `None` for a step without tests, which counts only if it fails or is skipped.
    count: Option<fn(&str) -> Count>,
}

/// The action of a step.
pub enum Action {
    /// Runs a command.
    Run(Command),
    /// Calls a function that returns whether the check passed, and its output.
    Call(fn(&Project) -> Result<(bool, String), Error>),
    /// Does nothing, for a reason.
    Skip(String),
}

impl From<Command> for Action {
    fn from(command: Command) -> Self {
        Self::Run(command)
    }
}

impl From<Result<Command, String>> for Action {
    fn from(command: Result<Command, String>) -> Self {
        command.map_or_else(Self::Skip, Self::Run)
    }
}

/// Result of a step.
pub struct Outcome {
    /// Its counts.
    pub count: Count,
    /// Its line, the reasons why tests were skipped, the tests that were run twice, and after a failure its output.
    pub text: String,
    /// Duration of the run.
    pub took: Duration,
}

impl Step {
    /// Creates a step of the first lane that has no tests to count.
    pub fn check(name: &'static str, seconds: f64, action: impl Into<Action>) -> Self {
        Self {
            name,
            lane: Lane::Code,
            seconds,
            needs: &[],
            action: action.into(),
            count: None,
        }
    }

    /// Creates a step whose tests are counted.
    pub fn tests(
        name: &'static str,
        seconds: f64,
        action: impl Into<Action>,
        count: fn(&str) -> Count,
    ) -> Self {
        Self {
            count: Some(count),
            ..Self::check(name, seconds, action)
        }
    }

    /// Moves the step to the lane of the page.
    pub fn of_page(self) -> Self {
        Self {
            lane: Lane::Page,
            ..self
        }
    }

    /// Sets the steps that must have succeeded.
    pub fn needs(self, needs: &'static [&'static str]) -> Self {
        Self { needs, ..self }
    }

    /// Runs the step. What cannot be started has failed.
    pub fn run(mut self, project: &Project) -> Outcome {
        let start = Instant::now();
        let log = project.result_file(&format!("{}.log", self.name.replace(' ', "-")));
        let result = match &mut self.action {
            Action::Run(command) => run::run_logged(command, &log),
            Action::Call(function) => function(project),
            Action::Skip(reason) => Ok((true, format!("{SKIPPED}{reason}\n"))),
        };
        let (succeeded, output) = result.unwrap_or_else(|error| (false, format!("error: {error}")));
        let count = total(self.count, succeeded, &output);
        let took = start.elapsed();
        let mut text = line(self.name, &state(count, self.count.is_some()), took);
        for reason in count::reasons(&output) {
            text.push_str(&format!("\n{:16}{SKIPPED}{reason}", ""));
        }
        for name in count::repeated(&output) {
            text.push_str(&format!("\n{:16}{AGAIN}{name}", ""));
        }
        if count.failed > 0 {
            text.push_str(&format!("\n{}", output.trim_end()));
            if log.is_file() {
                text.push_str(&format!("\n(also in {})", log.display()));
            }
        }
        Outcome { count, text, took }
    }

    /// Returns the result of a step that does not run because another one has failed.
    pub fn left_out(&self, failed: &str) -> Outcome {
        let reason = format!("skipped, since `{failed}` failed");
        Outcome {
            count: Count {
                skipped: 1,
                ..Count::default()
            },
            text: line(self.name, &reason, Duration::ZERO),
            took: Duration::ZERO,
        }
    }
}

/// Formats the line of a step: name, state and time.
pub fn line(name: &str, state: &str, took: Duration) -> String {
    format!("{name:<16}{state:<36}{:>7.1} s", took.as_secs_f64())
}

/// Counts the tests of a step. A step that does not compile, or finds no test to run, has one failure.
fn total(parse: Option<fn(&str) -> Count>, succeeded: bool, text: &str) -> Count {
    let mut count = match parse {
        Some(parse) => parse(text),
        None => Count::default(),
    };
    // A step that is skipped as a whole has only reasons.
    if count == Count::default() {
        count.skipped = count::reasons(text).len();
    }
    let is_empty = parse.is_some() && count.passed == 0 && count.skipped == 0;
    if count.failed == 0 && (!succeeded || is_empty) {
        count.failed = 1;
    }
    count
}

/// Formats the state of a step: `ok, 3 passed, 1 skipped`; `ok` or `skipped` for one without tests.
fn state(count: Count, has_tests: bool) -> String {
    let mut state = match count {
        Count { failed: 1.., .. } => "FAILED".to_owned(),
        Count { skipped: 1.., .. } if !has_tests => "skipped".to_owned(),
        _ => "ok".to_owned(),
    };
    if !has_tests {
        return state;
    }
    let mut add = |number: usize, word: &str| state.push_str(&format!(", {number} {word}"));
    add(count.passed, "passed");
    if count.failed > 0 {
        add(count.failed, "failed");
    }
    if count.skipped > 0 {
        add(count.skipped, "skipped");
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_step_has_the_counts() {
        let count = |passed, failed, skipped| Count {
            passed,
            failed,
            skipped,
        };
        assert_eq!(state(count(0, 0, 0), false), "ok");
        assert_eq!(state(count(0, 0, 1), false), "skipped");
        assert_eq!(state(count(0, 1, 0), false), "FAILED");
        assert_eq!(state(count(3, 0, 0), true), "ok, 3 passed");
        assert_eq!(state(count(0, 0, 4), true), "ok, 0 passed, 4 skipped");
        assert_eq!(
            state(count(3, 1, 2), true),
            "FAILED, 3 passed, 1 failed, 2 skipped"
        );
        assert_eq!(count(3, 1, 2).to_string(), "3 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn a_step_without_results_fails() {
        let parse: Option<fn(&str) -> Count> = Some(count::cargo);
        let failed = |parse, succeeded, text: &str| total(parse, succeeded, text).failed;
        assert_eq!(failed(parse, true, ""), 1);
        assert_eq!(
            failed(parse, false, "test result: ok. 3 passed; 0 failed\n"),
            1
        );
        assert_eq!(
            failed(parse, true, "test result: ok. 3 passed; 0 failed\n"),
            0
        );
        assert_eq!(failed(None, true, ""), 0);
        assert_eq!(failed(None, false, ""), 1);
        for parse in [None, parse] {
            let skipped = total(parse, true, "skipped: no network\n");
            assert_eq!((skipped.failed, skipped.skipped), (0, 1));
        }
    }
}
