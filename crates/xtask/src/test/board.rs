//! Runs the steps of both lanes at the same time, and prints their results in the order of the list.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::count::Count;
use super::step::{Lane, Outcome, Step};
use crate::project::Project;
use crate::times::{Times, about};

/// Steps that have ended, each with whether it has succeeded; a lane waits here for the steps of the other.
#[derive(Default)]
struct Board {
    ended: Mutex<BTreeMap<&'static str, bool>>,
    changed: Condvar,
}

impl Board {
    fn end(&self, name: &'static str, succeeded: bool) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.insert(name, succeeded);
        self.changed.notify_all();
    }

    /// Waits until these steps have ended. Returns the first of them that has failed.
    fn wait(&self, needs: &[&'static str]) -> Option<&'static str> {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        while !needs.iter().all(|name| ended.contains_key(name)) {
            let waited = self.changed.wait(ended);
            ended = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let failed = |name: &&&'static str| ended.get(*name) == Some(&false);
        needs.iter().find(failed).copied()
    }
}

/// A lane's message.
enum Event {
    Started(usize),
    Ended(usize, Outcome),
}

/// Runs all steps, even after a failure, and returns the sum of their counts. A step that needs a failed one is skipped.
pub fn run(project: &Project, steps: Vec<Step>, times: &mut Times) -> Count {
    let names: Vec<&'static str> = steps.iter().map(|step| step.name).collect();
    let usual = steps
        .iter()
        .map(|step| times.usual(step.name, step.seconds));
    let mut printer = Printer::new(names.clone(), usual.collect());
    let mut lanes: Vec<Vec<(usize, Step)>> = Lane::ALL.map(|_| Vec::new()).into();
    for (place, step) in steps.into_iter().enumerate() {
        let lane = Lane::ALL.iter().zip(&mut lanes);
        if let Some((_, steps)) = lane.into_iter().find(|(lane, _)| **lane == step.lane) {
            steps.push((place, step));
        }
    }
    let board = Board::default();
    let (sender, events) = mpsc::channel();
    let mut sum = Count::default();
    std::thread::scope(|scope| {
        for steps in lanes {
            let (sender, board) = (sender.clone(), &board);
            scope.spawn(move || run_lane(project, steps, board, &sender));
        }
        // The loop ends when both lanes have dropped theirs.
        drop(sender);
        loop {
            match events.recv_timeout(Duration::from_secs(1)) {
                Ok(Event::Started(place)) => printer.start(place),
                Ok(Event::Ended(place, outcome)) => {
                    sum.add(outcome.count);
                    if let Some(name) = names.get(place).filter(|_| !outcome.took.is_zero()) {
                        times.record(name, outcome.took);
                    }
                    printer.end(place, outcome.text);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            printer.show_progress();
        }
    });
    sum
}

fn run_lane(
    project: &Project,
    steps: Vec<(usize, Step)>,
    board: &Board,
    sender: &mpsc::Sender<Event>,
) {
    for (place, step) in steps {
        let name = step.name;
        let failed = board.wait(step.needs);
        // The receiver only ends after this lane.
        let _ = sender.send(Event::Started(place));
        let outcome = match failed {
            Some(failed) => step.left_out(failed),
            None => step.run(project),
        };
        board.end(name, failed.is_none() && outcome.count.failed == 0);
        let _ = sender.send(Event::Ended(place, outcome));
    }
}

/// Prints the text of each step once those before it are printed; on a terminal, also a line about the steps that run.
struct Printer {
    names: Vec<&'static str>,
    usual: Vec<f64>,
    running: BTreeMap<usize, Instant>,
    waiting: BTreeMap<usize, String>,
    next: usize,
    ended: usize,
    is_terminal: bool,
}

impl Printer {
    fn new(names: Vec<&'static str>, usual: Vec<f64>) -> Self {
        Self {
            names,
            usual,
            running: BTreeMap::new(),
            waiting: BTreeMap::new(),
            next: 0,
            ended: 0,
            is_terminal: io::stdout().is_terminal(),
        }
    }

    fn start(&mut self, place: usize) {
        self.running.insert(place, Instant::now());
    }

    fn end(&mut self, place: usize, text: String) {
        self.running.remove(&place);
        self.ended += 1;
        self.waiting.insert(place, text);
        for text in self.printable() {
            self.clear();
            println!("{text}");
        }
    }

    /// Removes and returns the texts whose turn it is.
    fn printable(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(text) = self.waiting.remove(&self.next) {
            self.next += 1;
            texts.push(text);
        }
        texts
    }

    fn clear(&self) {
        if self.is_terminal {
            print!("\r\x1b[K");
        }
    }

    /// Replaces the line about the steps that run.
    fn show_progress(&self) {
        if !self.is_terminal || self.running.is_empty() {
            return;
        }
        self.clear();
        let now = Instant::now();
        let running = self.running.iter().filter_map(|(place, since)| {
            let seconds = now.duration_since(*since).as_secs();
            let name = self.names.get(*place)?;
            let usual = about(*self.usual.get(*place)?);
            Some(format!("{name} {seconds} s of about {usual}"))
        });
        let running: Vec<String> = running.collect();
        let (ended, all) = (self.ended, self.names.len());
        print!("{ended} of {all} done; {}", running.join(", "));
        let _ = io::stdout().flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_printed_in_the_order_of_the_steps() {
        let mut printer = Printer::new(vec!["a", "b", "c"], vec![1.0; 3]);
        for (place, text, expected) in [
            (1, "b", &[] as &[&str]),
            (0, "a", &["a", "b"]),
            (2, "c", &["c"]),
        ] {
            printer.waiting.insert(place, text.to_owned());
            assert_eq!(printer.printable(), expected);
        }
    }

    #[test]
    fn a_step_waits_for_the_steps_of_the_other_lane() {
        let board = Board::default();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| board.wait(&["editor", "page"]));
            board.end("page", false);
            board.end("editor", true);
            assert_eq!(waiting.join().unwrap(), Some("page"));
        });
        assert_eq!(board.wait(&["editor"]), None);
        assert_eq!(board.wait(&[]), None);
    }

    #[test]
    fn after_a_failure_only_the_steps_that_need_it_are_left_out() {
        let folder = std::env::temp_dir().join(format!("xtask-board-{}", std::process::id()));
        let project = Project {
            root: folder.clone(),
            cache: folder.join("cache"),
        };
        let skip = |reason: &str| super::super::step::Action::Skip(reason.to_owned());
        let fails =
            super::super::step::Action::Call(|_| Err(crate::run::Error::new("no such thing")));
        let steps = vec![
            Step::check("first", 1.0, fails),
            Step::check("second", 1.0, skip("why not")),
            Step::check("third", 1.0, skip("not reached"))
                .of_page()
                .needs(&["first"]),
        ];
        let sum = run(&project, steps, &mut Times::of(&project));
        assert_eq!(sum.to_string(), "0 passed, 1 failed, 2 skipped");
        let _ = std::fs::remove_dir_all(folder);
    }
}
