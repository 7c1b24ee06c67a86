//! The command line of a process as Linux shows it in `/proc/PID/cmdline`: arguments with a NUL byte behind each.

use crate::input_format::InputFormat;
use crate::parsed_input::ParsedInput;
use crate::program::base_name;
use crate::shell_words::ShellWord;

/// Maximum length of a program's path.
const MAX_PROGRAM_BYTES: usize = 4_096;

/// Returns whether a text is the command line of a process.
pub(crate) fn is_command_line(text: &str) -> bool {
    let Some((program, arguments)) = text.split_once('\0') else {
        return false;
    };
    let is_path = |c: char| c.is_ascii_alphanumeric() || "/-_.+".contains(c);
    program.len() <= MAX_PROGRAM_BYTES
        && !base_name(program).is_empty()
        && program.chars().all(is_path)
        // In UTF-16, a NUL byte is between the two dashes.
        && (arguments.starts_with("--") || arguments.contains("\0--"))
}

/// Reads the arguments. `None` for another text.
pub(crate) fn read(text: &str) -> Option<ParsedInput> {
    if !is_command_line(text) {
        return None;
    }
    let mut found = ParsedInput::new(InputFormat::Flags);
    let mut line = 1;
    for argument in text.trim_end_matches(['\0', '\n', '\r']).split('\0') {
        found.words.push(ShellWord {
            text: argument.to_owned(),
            line,
        });
        line += argument.matches('\n').count();
    }
    Some(found)
}
