//! Credentials that are recognized by their form, wherever they are.

use audit_types::base64;

use super::kind::SecretKind;
use super::names::{is_credential, is_given};

/// First characters of tokens, and the least number of letters and digits that follow.
const SERVICE_TOKENS: [(&str, usize); 15] = [
    ("AIza", 30),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("github_pat_", 30),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("xapp-", 20),
    ("sk_live_", 20),
    ("rk_live_", 20),
    ("npm_", 30),
    ("dop_v1_", 30),
    ("hvs.", 20),
];

/// Returns the first credential in a text, without its value.
pub(super) fn in_text(text: &str) -> Option<(SecretKind, String)> {
    private_key(text)
        .or_else(|| json_web_token(text))
        .or_else(|| authorization(text))
        .or_else(|| user_info(text))
        .or_else(|| service_token(text))
        .or_else(|| named_value(text))
}

/// Longest name of a setting that is looked at, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Finds settings such as `db.password=hunter2` and `password: hunter2`, as files in a ConfigMap have them.
fn named_value(text: &str) -> Option<(SecretKind, String)> {
    let name = text.lines().find_map(in_line)?;
    Some((SecretKind::NamedValue, [name, "=…"].concat()))
}

/// Returns the name of a setting in a line that is a credential.
fn in_line(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("- ").unwrap_or(line);
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once(['=', ':'])?;
    let name = name.trim().trim_matches(['"', '\'']);
    let value = value.trim().trim_end_matches([',', ';']);
    let is_quoted = value.starts_with(['"', '\'']);
    let is_one_word = is_quoted || !value.contains(char::is_whitespace);
    (is_name(name) && is_one_word && is_credential(name, value)).then_some(name)
}

fn is_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    // What begins with a dash is an argument of a command line.
    !name.is_empty()
        && name.len() <= MAX_NAME_BYTES
        && !name.starts_with('-')
        && name.bytes().all(is_part)
}

fn private_key(text: &str) -> Option<(SecretKind, String)> {
    const BEGIN: &str = "-----BEGIN ";
    const BEGIN_IN_BASE64: &str = "LS0tLS1CRUdJTi";
    const END: &str = "PRIVATE KEY-----";
    /// Characters of Base64 that hold the first line.
    const LINE: usize = 64;
    let label = |text: &str| {
        let end = text.find("-----")?;
        let label = text.get(..end + 5)?;
        (label.len() < LINE && label.ends_with(END)).then(|| [BEGIN, label].concat())
    };
    let plain = text.split(BEGIN).skip(1).find_map(label);
    let shown = plain.or_else(|| {
        text.match_indices(BEGIN_IN_BASE64).find_map(|(at, _)| {
            let first: String = text.get(at..)?.chars().take(LINE).collect();
            let line = base64::decode(&first).ok()?;
            label(String::from_utf8_lossy(&line).strip_prefix(BEGIN)?)
                .map(|_| [BEGIN_IN_BASE64, "… (Base64)"].concat())
        })
    })?;
    Some((SecretKind::PrivateKey, shown))
}

fn json_web_token(text: &str) -> Option<(SecretKind, String)> {
    /// The Base64 of `{"`, and of that.
    const STARTS: [&str; 2] = ["eyJ", "ZXlK"];
    tokens(text).find_map(|token| {
        let start = STARTS.iter().find(|start| token.starts_with(**start))?;
        let decoded = match *start {
            "ZXlK" => String::from_utf8(base64::decode(token).ok()?).ok()?,
            _ => token.to_owned(),
        };
        let parts: Vec<&str> = decoded.split('.').collect();
        let is_token = match parts.as_slice() {
            [header, payload, signature, ..] => {
                header.len() >= 16 && payload.starts_with("eyJ") && signature.len() >= 16
            }
            _ => false,
        };
        is_token.then(|| (SecretKind::JsonWebToken, [start, "…"].concat()))
    })
}

fn authorization(text: &str) -> Option<(SecretKind, String)> {
    /// Length of the shortest bearer token: an ordinary word after "Bearer" is shorter.
    const SHORTEST: usize = 20;
    let after = |scheme: &str| {
        let at = text.find(scheme)?;
        tokens(text.get(at + scheme.len()..)?).next()
    };
    if let Some(token) = after("Basic ")
        && base64::decode(token).is_ok_and(|bytes| bytes.contains(&b':') && bytes.len() > 2)
    {
        return Some((SecretKind::BasicAuthentication, "Basic …".to_owned()));
    }
    let bearer = after("Bearer ").filter(|token| token.len() >= SHORTEST);
    bearer.map(|_| (SecretKind::BearerToken, "Bearer …".to_owned()))
}

/// Finds `https://USER:PASSWORD@HOST`.
fn user_info(text: &str) -> Option<(SecretKind, String)> {
    text.split("://").skip(1).find_map(|rest| {
        let end = rest.find(|character: char| "/?# \"'\n".contains(character));
        let authority = end.map_or(rest, |end| rest.get(..end).unwrap_or_default());
        let (user_info, _) = authority.rsplit_once('@')?;
        let (user, password) = user_info.split_once(':')?;
        is_given(password).then(|| {
            (
                SecretKind::BasicAuthentication,
                ["://", user, ":…@"].concat(),
            )
        })
    })
}

fn service_token(text: &str) -> Option<(SecretKind, String)> {
    tokens(text).find_map(|token| {
        SERVICE_TOKENS.iter().find_map(|(start, least)| {
            let rest = token.strip_prefix(start)?;
            let is_long = rest.len() >= *least && rest.bytes().any(|byte| byte.is_ascii_digit());
            is_long.then(|| (SecretKind::ServiceToken, [start, "…"].concat()))
        })
    })
}

/// Returns the runs of characters that tokens and Base64 consist of; the padding of Base64 is left out.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let is_part =
        |character: char| character.is_ascii_alphanumeric() || "-_.+/".contains(character);
    text.split(move |character| !is_part(character))
        .filter(|token| !token.is_empty())
}
