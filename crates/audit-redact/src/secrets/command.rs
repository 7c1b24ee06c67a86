//! Credentials on command lines, and in URLs, which hold the command lines of exec.

use std::borrow::Cow;
use std::iter;

use audit_log::percent;

use super::kind::SecretKind;
use super::names::{is_given, names_credential};
use super::text::in_text;

/// Programs that take a password right after `-p`.
const SHORT_PASSWORD: [&str; 6] = [
    "mariadb",
    "mariadb-dump",
    "mysql",
    "mysqladmin",
    "mysqldump",
    "sshpass",
];
/// Programs that take `USER:PASSWORD` after `-u`.
const SHORT_USER: [&str; 2] = ["curl", "wget"];

/// Splits arguments at spaces, because a shell may get a whole command line as one.
pub(super) fn words<'a>(arguments: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let separators = |character: char| character.is_whitespace() || ";|&()".contains(character);
    arguments
        .flat_map(|argument| argument.split(separators))
        .map(|word| word.trim_matches(['"', '\'']))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Returns the first credential among the words of a command line, without its value.
pub(super) fn in_words(words: &[&str]) -> Option<String> {
    let next = words.iter().skip(1).copied().chain(iter::once(""));
    let mut programs = words
        .iter()
        .map(|word| word.rsplit('/').next().unwrap_or(word));
    let has_program = |names: &[&str]| {
        let mut programs = programs.clone();
        programs.any(|program| names.contains(&program))
    };
    let (takes_password, takes_user) = (has_program(&SHORT_PASSWORD), has_program(&SHORT_USER));
    programs.next()?;
    words.iter().zip(next).find_map(|(word, next)| {
        if let Some((name, value)) = word.split_once(['=', ':']) {
            // `-e NAME=VALUE`, `--password=VALUE` and `-Dkey=VALUE`.
            let is_named = is_name(name) && names_credential(name) && is_given(value);
            let is_user = takes_user && name.trim_start_matches('-') == "user";
            if is_named || (is_user && value.contains(':')) {
                let separator = word.get(name.len()..=name.len()).unwrap_or_default();
                return Some([name, separator, "…"].concat());
            }
        }
        let is_flag = word.starts_with('-') && is_name(word);
        if is_flag && names_credential(word) && is_given(next) && !next.starts_with('-') {
            return Some([word, " …"].concat());
        }
        let short = word.strip_prefix("-p").filter(|value| is_given(value));
        if takes_password && !word.starts_with("-port") && short.is_some() {
            return Some("-p…".to_owned());
        }
        let user = matches!(*word, "-u" | "--user").then_some(next);
        let password = user.and_then(|user| user.split_once(':'));
        (takes_user && password.is_some_and(|(_, password)| is_given(password)))
            .then(|| [word, " …"].concat())
    })
}

fn is_name(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Returns the credentials in the parameters of a URL.
pub(super) fn in_url(url: &str) -> Vec<(SecretKind, String)> {
    let Some((_, query)) = url.split_once('?') else {
        return Vec::new();
    };
    let parameters: Vec<(&str, Cow<str>)> = query
        .split('&')
        .filter_map(|parameter| parameter.split_once('='))
        .map(|(name, value)| (name, percent::decoded(value, true).unwrap_or(value.into())))
        .collect();
    let mut found = Vec::new();
    let commands = parameters.iter().filter(|(name, _)| *name == "command");
    let arguments = words(commands.map(|(_, value)| &**value));
    found.extend(in_words(&arguments).map(|shown| (SecretKind::CommandLine, shown)));
    for (name, value) in &parameters {
        match in_text(value) {
            Some(secret) => found.push(secret),
            None if names_credential(name) && is_given(value) => {
                found.push((SecretKind::CommandLine, [name, "=…"].concat()));
            }
            None => {}
        }
    }
    found
}
