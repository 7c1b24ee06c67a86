//! Assignments of variables in shell scripts, as POSIX has them (Shell Command Language, 2.9.1 and 2.10.2), and `+=` of bash.

/// Words before the assignments of a command, and their options.
const DECLARATIONS: [&str; 6] = ["export ", "readonly ", "local ", "declare ", "-r ", "-x "];

/// The start of a text that sets a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assignment<'t> {
    pub(crate) name: &'t str,
    /// Offset of the value.
    pub(crate) value: usize,
    /// `true` for `+=`.
    pub(crate) is_appended: bool,
}

/// Reads the assignment that a word starts with. `None` for any other word.
pub(crate) fn assignment(word: &str) -> Option<Assignment<'_>> {
    let (name, rest) = word.split_at(name_length(word));
    let is_name = name.starts_with(|c: char| !c.is_ascii_digit());
    let is_appended = rest.starts_with("+=");
    (is_name && (is_appended || rest.starts_with('='))).then(|| Assignment {
        name,
        value: name.len() + if is_appended { 2 } else { 1 },
        is_appended,
    })
}

/// Reads the assignment that a command starts with, also after `export` and the like.
pub(crate) fn of_command(command: &str) -> Option<Assignment<'_>> {
    let mut rest = command.trim_start();
    for word in DECLARATIONS {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
    }
    let found = assignment(rest)?;
    Some(Assignment {
        value: command.len() - rest.len() + found.value,
        ..found
    })
}

/// Returns whether a word is `NAME=value`.
pub(crate) fn is_assignment(word: &str) -> bool {
    assignment(word).is_some()
}

/// Returns the length of the name that a text starts with.
pub(crate) fn name_length(text: &str) -> usize {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.find(|c: char| !is_of_name(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_is_a_name_and_a_value() {
        for (command, expected) in [
            ("A=b", Some(("A", "b", false))),
            ("_a1=", Some(("_a1", "", false))),
            ("A+=b", Some(("A", "b", true))),
            ("  export A='b c'", Some(("A", "'b c'", false))),
            ("declare -r A=b", Some(("A", "b", false))),
            ("local A=b", Some(("A", "b", false))),
            ("1A=b", None),
            ("=b", None),
            ("--a=b", None),
            ("a-b=c", None),
            ("A", None),
            ("A =b", None),
            ("", None),
        ] {
            let found = of_command(command);
            let found = found.map(|found| (found.name, &command[found.value..], found.is_appended));
            assert_eq!(found, expected, "{command}");
        }
        assert!(is_assignment("A+=b"));
        assert!(!is_assignment("export A=b"));
    }
}
