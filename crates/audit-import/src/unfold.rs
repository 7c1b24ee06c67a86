//! Words within words: an assignment of several words, a list in quotes, and flags whose value is a flag of the server.

use crate::assignment::is_assignment;
use crate::lexer::{Lexer, ShellWord};

/// Maximum depth of words within words.
const MAX_DEPTH: usize = 3;

/// Characters in front of a flag within a word.
const BEFORE_FLAGS: [char; 9] = [' ', '\t', '\n', '{', '[', '(', ',', '"', '\''];

/// A line break as `sed`, `echo -e` and `printf` have it in quotes.
const ESCAPED_NEWLINE: &str = "\\n";

/// Returns the replacement of a command of `sed`, `s#…#…#`, with flags. `None` for another word.
fn replacement_of(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix('s')?.chars();
    let sign = rest.next().filter(char::is_ascii_punctuation)?;
    if matches!(sign, '\\' | '-' | '_' | '=' | '.') || !text.contains("--") {
        return None;
    }
    let mut parts = vec![String::new()];
    while let Some(character) = rest.next() {
        let part = parts.last_mut()?;
        match character {
            '\\' => match rest.next() {
                Some(next) if next == sign => part.push(next),
                next => {
                    part.push('\\');
                    part.extend(next);
                }
            },
            _ if character == sign => parts.push(String::new()),
            _ => part.push(character),
        }
    }
    match parts.as_slice() {
        [_, replacement, flags] if flags.chars().all(|c| c.is_ascii_alphanumeric()) => {
            Some(replacement.clone())
        }
        _ => None,
    }
}

/// Replaces words that contain words by these.
pub(crate) fn all(words: Vec<ShellWord>) -> Vec<ShellWord> {
    let mut out = Vec::with_capacity(words.len());
    each(words, 0, &mut out);
    out
}

fn each(words: Vec<ShellWord>, depth: usize, out: &mut Vec<ShellWord>) {
    // Line of the field whose value comes next.
    let mut field = None;
    for word in words {
        let is_field = word.text.ends_with(['=', ':']) && !word.text.starts_with('-');
        let next = is_field.then_some(word.line);
        let is_assigned = std::mem::replace(&mut field, next) == Some(word.line);
        unfold(word, is_assigned, depth, out);
    }
}

/// Splits a word: `OPTIONS="--a=b --c=d"`, `'args += ["--a=b"]'`. `is_assigned` says whether it is the value of the word before it.
fn unfold(word: ShellWord, is_assigned: bool, depth: usize, rest: &mut Vec<ShellWord>) {
    let ShellWord { mut text, line } = word;
    if depth == 0
        && let Some(replacement) = replacement_of(&text)
    {
        text = replacement;
    }
    if depth < MAX_DEPTH && text.contains(ESCAPED_NEWLINE) && text.contains("audit-") {
        for part in text.split(ESCAPED_NEWLINE) {
            let part = part.trim().trim_end_matches(['"', '\'']);
            let text = part.strip_prefix("- ").unwrap_or(part).to_owned();
            unfold(ShellWord { text, line }, is_assigned, depth + 1, rest);
        }
        return;
    }
    if depth < MAX_DEPTH && has_words(&text, is_assigned) {
        let inner = match text.split_once('=') {
            Some((name, inner)) if !name.contains(|c: char| c.is_whitespace() || c == '-') => {
                value_of(inner)
            }
            _ => &text,
        };
        let mut lexer = Lexer::new(inner, line);
        lexer.lex();
        for word in &mut lexer.words {
            word.line = line;
        }
        each(lexer.words, depth + 1, rest);
        return;
    }
    let is_name = |name: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_+=".contains(c);
        !name.is_empty() && name.chars().all(is_part)
    };
    let inner = text.split_once("=--").filter(|(name, _)| is_name(name));
    // What a pattern found, in front of its replacement.
    let replacement = text
        .strip_prefix('\\')
        .map(|text| text.trim_start_matches(|c: char| c.is_ascii_digit()));
    let text = match (inner, replacement.filter(|text| text.starts_with("--"))) {
        (Some((_, inner)), _) => format!("--{inner}"),
        (None, Some(text)) => text.to_owned(),
        (None, None) => text,
    };
    joined(ShellWord { text, line }, rest);
}

/// Returns whether a text contains several words, at least one of which is a flag.
fn has_words(text: &str, is_assigned: bool) -> bool {
    let flags = || {
        let places = text.match_indices("--").skip_while(|(at, _)| *at == 0);
        places.filter_map(|(at, _)| text.get(..at)?.chars().next_back())
    };
    let is_after = |signs: &[char]| flags().any(|before| signs.contains(&before));
    if !text.starts_with('-') || is_assigned {
        let is_command = text.contains(char::is_whitespace) && text.contains("--");
        return (is_command && (!text.starts_with('-') || is_after(&BEFORE_FLAGS)))
            || is_after(BEFORE_FLAGS.get(3..).unwrap_or_default());
    }
    !text.starts_with("--audit") && is_after(BEFORE_FLAGS.get(3..).unwrap_or_default())
}

/// Adds a word; the value of a flag that carries a flag of the server is added as that flag.
fn joined(word: ShellWord, rest: &mut Vec<ShellWord>) {
    const CARRIERS: [&str; 2] = ["--kube-apiserver-arg", "--extra-config"];
    let before = rest.last().map(|word| word.text.as_str());
    if !before.is_some_and(|before| CARRIERS.contains(&before)) {
        return carried(word, rest);
    }
    rest.pop();
    let text = word.text.trim_start_matches("apiserver.");
    let text = format!("--kube-apiserver-arg={text}");
    carried(ShellWord { text, ..word }, rest);
}

/// Returns the value of a variable in the value of another word, as systemd has it: `Environment="NAME=--a --b"`.
fn value_of(inner: &str) -> &str {
    match inner.split_once('=') {
        Some((_, value)) if value.starts_with("--") && is_assignment(inner) => value,
        _ => inner,
    }
}

/// Flags of k3d whose value is an argument of k3s: the second is of k3d 4.
const K3D: [&str; 2] = ["--k3s-arg=", "--k3s-server-arg="];

/// Adds a word; a flag whose value is a flag of the server is added as that flag.
fn carried(word: ShellWord, rest: &mut Vec<ShellWord>) {
    let of_k3d = K3D.iter().find_map(|prefix| word.text.strip_prefix(prefix));
    let given = of_k3d.unwrap_or(&word.text);
    let of = |prefix: &str| given.strip_prefix(prefix);
    let of_server = of("--kube-apiserver-arg=").map(without_nodes);
    let is_audit = |key: &&str| key.starts_with("audit-") || key.starts_with("Audit.");
    let inner = of_server
        .or_else(|| of("--extra-config=apiserver."))
        .or_else(|| of("apiserver.").filter(is_audit));
    let text = match inner.filter(|inner| inner.contains('=')) {
        Some(inner) => format!("--{}", inner.trim_start_matches('-')),
        None => word.text,
    };
    rest.push(ShellWord {
        text,
        line: word.line,
    });
}

/// Removes a node filter of k3d from the end of a value: `@server:*`, `@all`, `@server:0;agent:0,1`, and `@server[0]` of k3d 4.
pub(crate) fn without_nodes(value: &str) -> &str {
    const GROUPS: [&str; 7] = [
        "all",
        "server",
        "servers",
        "agent",
        "agents",
        "loadbalancer",
        "*",
    ];
    let is_filter = |filter: &str| {
        filter.split(';').all(|part| {
            let mut fields = part.split([':', '[', ']']);
            let group = fields.next().unwrap_or_default();
            let is_subset = |c: char| c.is_ascii_alphanumeric() || "*,-".contains(c);
            GROUPS.contains(&group) && fields.all(|field| field.chars().all(is_subset))
        })
    };
    match value.rsplit_once('@') {
        Some((value, filter)) if is_filter(filter) => value,
        _ => value,
    }
}
