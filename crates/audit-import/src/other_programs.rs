//! Leaves out the commands of other programs, such as etcd and the kubelet: their flags are not those of kube-apiserver.

use std::borrow::Cow;

use crate::assignment;
use crate::program::{base_name, is_server_name};

/// Components of Kubernetes with flags of their own.
const COMPONENTS: [&str; 9] = [
    "cloud-controller-manager",
    "etcd",
    "etcdctl",
    "kube-controller",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubelet",
    "konnectivity-server",
];

/// Parts of the names of variables with the flags of a component: `KUBELET_ARGS`, `ETCD_OPTS`.
const VARIABLES: [&str; 5] = ["KUBELET", "ETCD", "CONTROLLER", "SCHEDULER", "PROXY"];

/// Marks of a variable with the flags of kube-apiserver.
const OF_SERVER: [&str; 3] = ["APISERVER", "API_SERVER", "AUDIT"];

/// Texts of flags that are read.
const MARKS: [&str; 3] = ["audit", "Audit", "feature-gates"];

/// Returns whether a program is a component other than kube-apiserver, by its path.
pub(crate) fn is_component(path: &str) -> bool {
    COMPONENTS.contains(&base_name(path))
}

/// Returns a text with spaces instead of the commands of other components, and of variables with their flags. Lines keep their places.
pub(crate) fn without(text: &str) -> Cow<'_, str> {
    let names_other = || COMPONENTS.iter().any(|name| text.contains(name));
    let sets_other = || VARIABLES.iter().any(|name| text.contains(name));
    let has_flags = MARKS.iter().any(|mark| text.contains(mark));
    if !has_flags || !(names_other() || sets_other()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut items = Items::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (command, after) = rest.split_at(end_of_command(rest));
        let start = items
            .start_of_other(command)
            .or_else(|| start_of_other(command));
        let start = start.unwrap_or(command.len());
        out.push_str(command.get(..start).unwrap_or_default());
        let blank = command.get(start..).unwrap_or_default().chars();
        for character in blank {
            // INVARIANT: the replacement has as many bytes, so that places are kept.
            match character {
                '\n' | '\r' | '\\' => out.push(character),
                other => out.extend(std::iter::repeat_n(' ', other.len_utf8())),
            }
        }
        rest = after;
    }
    Cow::Owned(out)
}

/// Returns the length of the command that a text starts with, and of what ends it: a separator or a line end, outside of quotes.
fn end_of_command(text: &str) -> usize {
    let mut quote: Option<char> = None;
    let mut is_escaped = false;
    let is_assigned = assignment::of_command(text).is_some();
    // End of the line on which the quote was opened.
    let mut line_end: Option<usize> = None;
    for (at, character) in text.char_indices() {
        let is_kept = std::mem::take(&mut is_escaped);
        match quote {
            _ if is_kept => {}
            // A quote that is not closed on its line is part of a text, unless it is the value of a variable and closed on a later one.
            Some('\'' | '"') if character == '\n' && !is_assigned => return at + 1,
            Some('\'' | '"') if character == '\n' => {
                line_end.get_or_insert(at + 1);
            }
            Some('\'') if character != '\'' => {}
            _ if character == '\\' => is_escaped = true,
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"') => {
                quote = Some(character);
                line_end = None;
            }
            None if matches!(character, '\n' | ';' | '|' | '&') => return at + 1,
            None => {}
        }
    }
    line_end.filter(|_| quote.is_some()).unwrap_or(text.len())
}

/// Returns the offset in a command from which it is that of another component. `None` if it is not.
fn start_of_other(command: &str) -> Option<usize> {
    if let Some(assigned) = assignment::of_command(command) {
        let name = assigned.name.to_ascii_uppercase();
        let has = |names: &[&str]| names.iter().any(|part| name.contains(part));
        if has(&VARIABLES) && !has(&OF_SERVER) {
            return Some(0);
        }
    }
    let mut before = "";
    for (start, word) in words(command) {
        if is_server_name(word) {
            return None;
        }
        // The value of an option is not a program.
        let is_value = before.starts_with('-') && before != "--" && !before.contains('=');
        if is_component(word) && (before == "-" || !is_value) {
            return Some(start);
        }
        before = word;
    }
    None
}

/// Returns the words of a command with their offsets, without quotes, brackets and the name of a setting such as `ExecStart=`.
fn words(command: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_sign = |c: char| c.is_whitespace() || "\"'[](),{}`".contains(c);
    let mut end = 0;
    command
        .split_inclusive(is_sign)
        .map(move |part| {
            let start = end;
            end += part.len();
            let word = part.trim_end_matches(is_sign);
            match word.strip_prefix("ExecStart=") {
                Some(program) => {
                    let program = program.trim_start_matches(['-', '@', '+', '!']);
                    (start + word.len() - program.len(), program)
                }
                None => (start, word),
            }
        })
        .filter(|(_, word)| !word.is_empty())
}

/// Items of a YAML list whose first one is a component.
#[derive(Debug, Default)]
struct Items {
    /// Indentation of the list.
    margin: Option<usize>,
}

impl Items {
    /// Returns 0 for an item of such a list after the first one.
    fn start_of_other(&mut self, line: &str) -> Option<usize> {
        let trimmed = line.trim_start();
        let margin = line.len() - trimmed.len();
        let item = trimmed.strip_prefix("- ").map(str::trim);
        let is_inside = item.is_some() && self.margin == Some(margin);
        if trimmed.is_empty() || trimmed.starts_with('#') {
            return None;
        }
        let program = item.map(|item| item.trim_matches(['"', '\'']));
        if program.is_some_and(is_component) {
            self.margin = Some(margin);
            return Some(0);
        }
        if program.is_some_and(is_server_name)
            || !(is_inside || self.margin.is_some_and(|list| margin > list))
        {
            self.margin = None;
            return None;
        }
        self.margin.map(|_| 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_of_other_components_are_blank() {
        for (text, kept) in [
            (
                "etcd --audit-a=1\nkube-apiserver --audit-b=2\n",
                "kube-apiserver --audit-b=2",
            ),
            (
                "kube-apiserver --audit-b=2; kubelet --audit-a=1",
                "kube-apiserver --audit-b=2;",
            ),
            (
                "kubelet \\\n  --audit-a=1 &\nkube-apiserver --audit-b=2 &",
                "\\ kube-apiserver --audit-b=2 &",
            ),
            ("ExecStart=/usr/bin/kubelet --audit-a=1\n", "ExecStart="),
            ("root 4 /bin/etcd --audit-a=1", "root 4"),
            ("command: [kube-scheduler, --audit-a=1]", "command: ["),
            (
                "- etcd\n- --audit-a=1\nx:\n- --audit-b=2",
                "x: - --audit-b=2",
            ),
            (
                "- kube-apiserver\n- --audit-b=etcd\n",
                "- kube-apiserver - --audit-b=etcd",
            ),
            (
                "KUBELET_ARGS=\"--audit-a=1 \n--audit-c=1\"\nARGS=--audit-b=2",
                "ARGS=--audit-b=2",
            ),
            ("export ETCD_OPTS='--audit-a=1'", ""),
            (
                "ETCD_AND_APISERVER=--audit-b=2",
                "ETCD_AND_APISERVER=--audit-b=2",
            ),
            ("--name etcd --audit-b=2", "--name etcd --audit-b=2"),
            (
                "--audit-b=2 --etcd-servers=https://etcd:2379",
                "--audit-b=2 --etcd-servers=https://etcd:2379",
            ),
            ("it's etcd\n--audit-b=2", "it's --audit-b=2"),
            // Without a second quote, the value ends with its line.
            (
                "ETCD_OPTS=\"--audit-a=1\nkube-apiserver --audit-b=2\n",
                "kube-apiserver --audit-b=2",
            ),
            (
                "ETCD='x\ny' B='z\nkube-apiserver --audit-b=2",
                "kube-apiserver --audit-b=2",
            ),
            ("ETCD_OPTS+=--audit-a=1\nA=--audit-b=2", "A=--audit-b=2"),
            (
                "readonly ETCD_OPTS='--audit-a=1'\nA=--audit-b=2",
                "A=--audit-b=2",
            ),
        ] {
            let found = without(text);
            assert_eq!(found.len(), text.len(), "{text}");
            let words: Vec<&str> = found.split_whitespace().collect();
            assert_eq!(words.join(" "), kept, "{text}");
        }
    }
}
