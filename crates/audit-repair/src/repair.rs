//! Repairs a text step by step, and stops as soon as the server accepts it.

use std::collections::HashSet;

use audit_import::has_template_marks;
use audit_policy::{KubernetesVersion, load};
use audit_types::excerpt::quote;

use crate::characters;
use crate::flat::{Shape, shape_of};
use crate::lines::{Line, join, split};
use crate::structure::{Structure, restore};
use crate::surroundings;
use crate::types::{
    Change, ChangeKind, Options, Outcome, Question, Reading, Repair, Understanding,
};

/// Maximum size of a text in bytes.
pub const MAX_TEXT_BYTES: usize = 1 << 20;

/// Maximum number of lines.
pub const MAX_LINES: usize = 50_000;

/// Maximum number of times that a text is repaired again until nothing changes.
const MAX_ROUNDS: usize = 4;

/// Repairs a policy that was damaged when it was copied.
///
/// A text that the server accepts and that shows no damage is returned unchanged, and so is one that is not a policy. Repairing the result again
/// changes nothing. Takes time proportional to the length of the text.
///
/// ```
/// use audit_repair::{Options, Outcome, repair};
///
/// let pasted = "- level: None\nverbs: [“get”]\n- level: Metadata\n";
/// let repair = repair(pasted, &Options::default());
/// assert_eq!(
///     repair.text,
///     "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  verbs: [\"get\"]\n- level: Metadata\n"
/// );
/// assert_eq!(repair.outcome, Outcome::Repaired);
/// assert_eq!(repair.changes.last().unwrap().sentence, "indent `verbs` as a part of rule 1");
/// ```
pub fn repair(text: &str, options: &Options) -> Repair {
    repair_with(text, options, &mut Server::new(options.version))
}

fn repair_with(text: &str, options: &Options, server: &mut Server) -> Repair {
    let unchanged = |outcome| Repair {
        text: text.to_owned(),
        changes: Vec::new(),
        questions: Vec::new(),
        outcome,
    };
    if text.len() > MAX_TEXT_BYTES {
        return unchanged(Outcome::TooLarge);
    }
    if has_template_marks(text) && server.verdict(text) != Verdict::Accepted {
        return unchanged(Outcome::Template);
    }
    let lines = split(text);
    if lines.len() > MAX_LINES {
        return unchanged(Outcome::TooLarge);
    }
    let mut work = Work {
        server,
        lines,
        changes: Vec::new(),
        questions: Vec::new(),
        asked: HashSet::new(),
        understanding: None,
        is_policy: true,
    };
    let mut before = text.to_owned();
    for _ in 0..MAX_ROUNDS {
        work.round(options);
        let after = join(&work.lines);
        if after == before {
            return work.finish(text, after);
        }
        before = after;
    }
    unchanged(Outcome::TooDamaged(work.understanding.unwrap_or_default()))
}

/// A text during its repair.
struct Work<'s> {
    server: &'s mut Server,
    lines: Vec<Line>,
    changes: Vec<Change>,
    questions: Vec<Question>,
    /// Lines of the questions.
    asked: HashSet<usize>,
    /// Result of the last restoration of the structure, if there was one.
    understanding: Option<Understanding>,
    is_policy: bool,
}

impl Work<'_> {
    fn round(&mut self, options: &Options) {
        self.understanding = None;
        let is_accepted = self.is_accepted();
        let before = is_accepted.then(|| self.lines.clone());
        let changes = characters::replace(&mut self.lines, is_accepted);
        match before {
            // What the server accepts stays accepted.
            Some(before) if !changes.is_empty() && !self.is_accepted() => {
                self.lines = before;
            }
            _ => self.changes.extend(changes),
        }
        if self.is_done(options) {
            return;
        }
        let removed = surroundings::remove(&mut self.lines, &options.answers);
        let is_removed = !removed.changes.is_empty();
        self.changes.extend(removed.changes);
        if let Some(question) = removed.question {
            return self.ask(question);
        }
        if is_removed {
            // A dash may be the first sign of its line only now.
            let changes = characters::replace(&mut self.lines, false);
            self.changes.extend(changes);
        }
        self.changes
            .extend(api_version(&mut self.lines, options.version));
        if !self.is_done(options) {
            self.structure(options);
        }
    }

    fn is_accepted(&mut self) -> bool {
        self.server.verdict(&join(&self.lines)) == Verdict::Accepted
    }

    /// Adds a question, once per line: a later round asks again.
    fn ask(&mut self, question: Question) {
        if self.asked.insert(question.line) {
            self.questions.push(question);
        }
    }

    /// Returns `true` if the server accepts the text, and no indentation is lost or a person has to say whether it is.
    fn is_done(&mut self, options: &Options) -> bool {
        if !self.is_accepted() {
            return false;
        }
        match shape_of(&self.lines) {
            Shape::Indented => true,
            Shape::Flat => false,
            Shape::Stray(index) => {
                let Some(question) = self
                    .lines
                    .get(index)
                    .and_then(|line| stray(&self.lines, line))
                else {
                    return true;
                };
                match question.chosen(&options.answers) {
                    Some(0) => false,
                    Some(_) => true,
                    None => {
                        self.ask(question);
                        true
                    }
                }
            }
        }
    }

    /// Restores the structure if that makes the text a policy, or at least readable.
    fn structure(&mut self, options: &Options) {
        let text = join(&self.lines);
        // Indentation has no meaning in JSON.
        if text.trim_start().starts_with('{') {
            return;
        }
        let Structure {
            lines,
            changes,
            questions,
            understanding,
            is_policy,
        } = restore(&self.lines, &options.answers);
        self.is_policy = is_policy;
        if !is_policy {
            return;
        }
        let restored = join(&lines);
        let before = self.server.verdict(&text);
        let after = self.server.verdict(&restored);
        let is_better = after > before || after == Verdict::Accepted;
        if is_better {
            self.lines = lines;
            self.changes.extend(changes);
        }
        if is_better || restored == text {
            questions
                .into_iter()
                .for_each(|question| self.ask(question));
        }
        self.understanding = Some(understanding);
    }

    fn finish(mut self, source: &str, text: String) -> Repair {
        let verdict = self.server.verdict(&text);
        let is_changed = text != source;
        if !is_changed {
            self.changes.clear();
        }
        let understanding = self.understanding.unwrap_or_default();
        let outcome = match verdict {
            Verdict::Accepted if is_changed => Outcome::Repaired,
            Verdict::Accepted => Outcome::Intact,
            _ if !self.is_policy => Outcome::NotPolicy,
            _ if is_changed => Outcome::Partial(understanding),
            Verdict::Rejected => Outcome::Intact,
            Verdict::Unreadable => Outcome::TooDamaged(understanding),
        };
        if outcome == Outcome::NotPolicy {
            return Repair {
                text: source.to_owned(),
                changes: Vec::new(),
                questions: self.questions,
                outcome,
            };
        }
        self.changes
            .sort_by_key(|change| (change.first_line, change.kind));
        Repair {
            text,
            changes: self.changes,
            questions: self.questions,
            outcome,
        }
    }
}

/// Asks whether a field of a rule lost its indentation. `None` if it cannot be a part of a rule.
fn stray(lines: &[Line], line: &Line) -> Option<Question> {
    let restored = restore(lines, &[]);
    let moved = restored
        .lines
        .iter()
        .find(|moved| moved.number == line.number)?;
    let name = line.text.trim().split(':').next().unwrap_or_default();
    (moved.text != line.text).then(|| Question {
        line: line.number,
        sentence: format!(
            "{} is a field of a rule in the column of the policy, where the server ignores it",
            quote(name)
        ),
        readings: vec![
            Reading {
                label: "a part of the rule above that lost its indentation".to_owned(),
                text: moved.text.clone(),
                is_as_printed: false,
            },
            Reading {
                label: "a part of the policy, which the server ignores".to_owned(),
                text: line.text.clone(),
                is_as_printed: true,
            },
        ],
    })
}

/// Reaction of the server to a text, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Unreadable,
    Rejected,
    Accepted,
}

/// A server that loads texts. It keeps the verdict of the last one, so that a text which does not change is loaded once.
struct Server {
    version: KubernetesVersion,
    last: Option<(String, Verdict)>,
    /// Number of texts that were loaded.
    #[cfg(test)]
    loads: usize,
}

impl Server {
    const fn new(version: KubernetesVersion) -> Self {
        Self {
            version,
            last: None,
            #[cfg(test)]
            loads: 0,
        }
    }

    fn verdict(&mut self, text: &str) -> Verdict {
        if let Some((last, verdict)) = &self.last
            && last == text
        {
            return *verdict;
        }
        #[cfg(test)]
        {
            self.loads += 1;
        }
        let loaded = load(text.as_bytes(), self.version);
        let verdict = if loaded.policy.is_some() {
            Verdict::Accepted
        } else if loaded.data().is_some() {
            Verdict::Rejected
        } else {
            Verdict::Unreadable
        };
        self.last = Some((text.to_owned(), verdict));
        verdict
    }
}

/// API versions with the same fields that newer servers do not read.
const OLD_VERSIONS: [&str; 2] = ["audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1"];

/// First minor version without them.
const WITHOUT_OLD_VERSIONS: u8 = 24;

/// Replaces an old `apiVersion`.
fn api_version(lines: &mut [Line], version: KubernetesVersion) -> Option<Change> {
    if !version.at_least(WITHOUT_OLD_VERSIONS) {
        return None;
    }
    let (line, old) = lines.iter_mut().find_map(|line| {
        let value = line.text.trim_start().strip_prefix("apiVersion:")?;
        let old = OLD_VERSIONS.into_iter().find(|old| {
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let rest = value.strip_prefix(old);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '"', '\'']))
        })?;
        Some((line, old))
    })?;
    line.text = line.text.replacen(old, "audit.k8s.io/v1", 1);
    Some(Change {
        kind: ChangeKind::ApiVersion,
        first_line: line.number,
        last_line: line.number,
        sentence: format!("replace `{old}`, which was removed in 1.24, with `audit.k8s.io/v1`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

    #[test]
    fn a_text_that_does_not_change_is_loaded_once() {
        for (text, outcome) in [
            (format!("{POLICY}- level: None\n"), Outcome::Intact),
            // Accepted despite the marks of a template, which are a comment.
            (
                format!("{POLICY}- level: None # {{{{ a }}}}\n"),
                Outcome::Intact,
            ),
            // Rejected, and nothing is damaged: the level is not one.
            (format!("{POLICY}- level: Nothing\n"), Outcome::Intact),
        ] {
            let options = Options::default();
            let mut server = Server::new(options.version);
            let repaired = repair_with(&text, &options, &mut server);
            assert_eq!((&repaired.text, &repaired.outcome), (&text, &outcome));
            assert_eq!(server.loads, 1, "{text}");
        }
    }

    #[test]
    fn a_repaired_text_is_loaded_before_and_after() {
        let text = format!("{POLICY}- level: None\nverbs: [get]\n- level: Metadata\n");
        let options = Options::default();
        let mut server = Server::new(options.version);
        let repaired = repair_with(&text, &options, &mut server);
        assert_eq!(repaired.outcome, Outcome::Repaired);
        assert_eq!(server.loads, 2);
    }
}
