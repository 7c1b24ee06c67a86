//! Arguments of a shell script: what `"$@"`, `$*` and `"$1"` are, if the text contains them.

use crate::script_word::Word;

/// Replaces the words of a command that are arguments of the script by these. Returns the command, and whether there were any. `parameters` starts with `$0`.
pub(crate) fn replace(command: Vec<Word>, parameters: &[&str]) -> (Vec<Word>, bool) {
    let mut out = Vec::with_capacity(command.len());
    let mut has_any = false;
    for word in command {
        match selected(&word, parameters) {
            Some(selected) => {
                has_any = true;
                out.extend(selected.into_iter().map(|(index, text)| Word {
                    range: word.range.clone(),
                    text,
                    expansion: None,
                    is_bare: false,
                    parameter: Some(index),
                }));
            }
            None => out.push(word),
        }
    }
    (out, has_any)
}

/// Returns the arguments that a word is, with their indexes. `None` for another word, or if the shell would split or join them.
fn selected(word: &Word, parameters: &[&str]) -> Option<Vec<(usize, String)>> {
    if word.expansion != Some(0) {
        return None;
    }
    let name = word.text.strip_prefix('$')?;
    let name = name
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
        .unwrap_or(name);
    let all = || parameters.iter().enumerate().skip(1);
    let selected: Vec<(usize, String)> = match name {
        "@" => all().map(owned).collect(),
        // In quotes, it is one word.
        "*" if word.is_bare || parameters.len() <= 2 => all().map(owned).collect(),
        _ => {
            let index: usize = name.parse().ok()?;
            let one = parameters.get(index).map(|text| owned((index, text)));
            // In quotes, a missing one is an empty word; without any, `$0` is the shell.
            if one.is_none() && (!word.is_bare || index == 0) {
                return None;
            }
            one.into_iter().collect()
        }
    };
    let is_split = |(_, text): &(usize, String)| {
        text.is_empty() || text.contains(|c: char| c.is_whitespace() || "*?[".contains(c))
    };
    (!word.is_bare || !selected.iter().any(is_split)).then_some(selected)
}

fn owned((index, text): (usize, &&str)) -> (usize, String) {
    (index, (*text).to_owned())
}

/// Returns whether a command changes the arguments of the script: `shift`, or `set` with arguments that are not options.
pub(crate) fn are_changed_by(words: &[&str]) -> bool {
    match words {
        ["shift", ..] => true,
        ["set", options @ ..] => {
            let mut rest = options.iter();
            while let Some(word) = rest.next() {
                if *word == "--" || !word.starts_with(['-', '+']) {
                    return true;
                }
                if word.ends_with('o') {
                    rest.next();
                }
            }
            false
        }
        _ => false,
    }
}

/// Returns the number of places where a script uses its arguments.
pub(crate) fn uses(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        let name = after.trim_start_matches('{');
        let is_argument = |c: char| c == '@' || c == '*' || (c.is_ascii_digit() && c != '0');
        count += usize::from(name.starts_with(is_argument));
        rest = after;
    }
    count
}

#[cfg(test)]
mod tests {
    use crate::shell_script::{Obstacle, ServerCommand, server_commands};

    #[test]
    fn arguments_of_a_script_are_those_of_the_server() {
        let parameters = ["sh", "kube-apiserver", "--a=1", "--b=x y"];
        for (script, expected) in [
            ("exec \"$@\"", Ok("--a=1|--b=x y")),
            ("exec \"${@}\" 2>&1", Ok("--a=1|--b=x y")),
            ("exec \"$1\" \"$2\"", Ok("--a=1")),
            ("kube-apiserver $2 --c", Ok("--a=1|--c")),
            // Nothing that is not given is a word.
            ("kube-apiserver $7 --c", Ok("--c")),
            // The shell splits the last one.
            ("kube-apiserver $*", Ok("$*")),
            ("kube-apiserver \"$*\"", Ok("$*")),
            ("kube-apiserver \"${@:2}\"", Ok("${@:2}")),
            ("set -e; exec \"$@\"", Ok("--a=1|--b=x y")),
            ("set -euo pipefail; exec \"$@\"", Ok("--a=1|--b=x y")),
            (
                "shift; exec kube-apiserver \"$@\"",
                Err(Obstacle::Parameters),
            ),
            (
                "set -- --c; kube-apiserver \"$@\"",
                Err(Obstacle::Parameters),
            ),
            (
                "run() { kube-apiserver \"$@\"; }; run --c",
                Err(Obstacle::Parameters),
            ),
            ("shift; exec kube-apiserver --c", Ok("--c")),
            ("exec \"$0\"", Err(Obstacle::NoServer)),
            ("exec \"$1\" --c", Ok("--c")),
        ] {
            let found = server_commands(script, &parameters).map(|commands| {
                let words = |command: &ServerCommand| {
                    let words = command.arguments.iter().map(|word| word.text.as_str());
                    words.collect::<Vec<_>>().join("|")
                };
                commands.iter().map(words).collect::<Vec<_>>()
            });
            let expected = expected.map(|words| vec![words.to_owned()]);
            assert_eq!(found, expected, "{script}");
        }
    }
}
