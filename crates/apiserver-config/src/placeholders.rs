//! Finds variables of templates in values: of shells, systemd, Jinja, Helm, Terraform, ERB and BOSH, and words in angle brackets. Their value is unknown.

/// Letters of systemd's specifiers that name a directory, a host, a user or an instance (systemd.unit(5)).
const SPECIFIERS: &str = "CEHILNPSTUVbhijlmnptuv";

/// Maximum length of a variable in bytes. Without a limit, each of many opening signs would be compared with the whole rest of the text.
const MAX_BYTES: usize = 1 << 10;

/// Signs before and after a variable.
const PAIRS: [(&str, &str); 10] = [
    ("<%", "%>"),
    ("((", "))"),
    ("#{", "}"),
    ("${", "}"),
    ("$(", ")"),
    ("{{", "}}"),
    ("{%", "%}"),
    ("%{", "}"),
    ("%(", ")"),
    ("`", "`"),
];

/// Returns the first variable of a text. `None` if the text is the value.
///
/// ```
/// use apiserver_config::placeholder;
///
/// assert_eq!(placeholder("${SNAP_DATA}/args/policy.yaml"), Some("${SNAP_DATA}"));
/// assert_eq!(placeholder("{{ audit_log_maxage }}"), Some("{{ audit_log_maxage }}"));
/// assert_eq!(placeholder("/var/log/audit.log"), None);
/// ```
pub fn placeholder(text: &str) -> Option<&str> {
    // Up to here, a text has no end of a pair.
    let mut searched = [0; PAIRS.len()];
    let signs = text.char_indices().filter(|(_, c)| "$%{<@`(#".contains(*c));
    for (at, _) in signs {
        let rest = text.get(at..)?;
        let pair = PAIRS.iter().zip(&mut searched);
        let pair = pair
            .into_iter()
            .find(|((open, _), _)| rest.starts_with(open));
        let Some(((open, close), searched)) = pair else {
            match leading_placeholder(rest) {
                Some(found) => return Some(found),
                None => continue,
            }
        };
        let end = text.floor_char_boundary(at.saturating_add(MAX_BYTES));
        let from = (*searched).max(at + open.len());
        match text.get(from..end).and_then(|inner| inner.find(close)) {
            Some(found) => return text.get(at..from + found + close.len()),
            None => *searched = text.floor_char_boundary((end + 1).saturating_sub(close.len())),
        }
    }
    None
}

/// Returns the variable that a text starts with, of at most 1,024 bytes.
///
/// ```
/// use apiserver_config::leading_placeholder;
///
/// assert_eq!(leading_placeholder("$(DIR)/a"), Some("$(DIR)"));
/// assert_eq!(leading_placeholder("/a/$(DIR)"), None);
/// ```
pub fn leading_placeholder(text: &str) -> Option<&str> {
    let text = text.get(..text.floor_char_boundary(MAX_BYTES))?;
    for (open, close) in PAIRS {
        if let Some(inner) = text.strip_prefix(open) {
            let end = inner.find(close)?;
            return text.get(..open.len() + end + close.len());
        }
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let rest = text.get(1..)?;
    let first = rest.chars().next()?;
    let end = match text.chars().next()? {
        '$' if first.is_ascii_alphabetic() || first == '_' => {
            rest.find(|c| !is_name(c)).unwrap_or(rest.len())
        }
        '%' if SPECIFIERS.contains(first) => {
            // `%20` and the like are not specifiers, and neither is a letter within a word.
            let after = rest.chars().nth(1);
            after
                .is_none_or(|c| !c.is_ascii_alphanumeric() && c != '%')
                .then_some(1)?
        }
        '<' if first.is_ascii_alphabetic() => {
            let end = rest.find('>')?;
            let inner = rest.get(..end)?;
            let is_word = |c: char| is_name(c) || " -./:".contains(c);
            inner.chars().all(is_word).then_some(end + 1)?
        }
        '@' if first.is_ascii_uppercase() => {
            let end = rest.find('@')?;
            rest.get(..end)?.chars().all(is_name).then_some(end + 1)?
        }
        _ => return None,
    };
    text.get(..=end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_and_other_signs_are_not() {
        for (text, expected) in [
            ("${SNAP_DATA}/a", Some("${SNAP_DATA}")),
            ("/x/${var.dir}/a", Some("${var.dir}")),
            ("$HOME/audit.log", Some("$HOME")),
            ("$(LOG_PATH)", Some("$(LOG_PATH)")),
            ("{{ .Values.log }}", Some("{{ .Values.log }}")),
            ("/l/{% if a %}b", Some("{% if a %}")),
            ("%h/audit.log", Some("%h")),
            ("/etc/audit-%i.yaml", Some("%i")),
            ("<path>", Some("<path>")),
            ("/etc/<your policy>.yaml", Some("<your policy>")),
            ("@LOG_DIR@/a", Some("@LOG_DIR@")),
            ("`pwd`/a", Some("`pwd`")),
            ("<%= @dir %>/a", Some("<%= @dir %>")),
            ("/a/((name)).log", Some("((name))")),
            ("#{dir}/a", Some("#{dir}")),
            ("/a(b)/#c", None),
            ("/var/log/a$", None),
            ("/a%20b/c", None),
            ("/a/50%", None),
            ("/a@b/c", None),
            ("/a<b", None),
            ("/{a}/b", None),
            ("${open", None),
            ("30", None),
            (&format!("{}${{a}}", "{{".repeat(2_000)), Some("${a}")),
            (
                &format!("${{{}}}", "a".repeat(1_021)),
                Some(&format!("${{{}}}", "a".repeat(1_021))),
            ),
            (&format!("${{{}}}", "a".repeat(1_022)), None),
        ] {
            assert_eq!(placeholder(text), expected, "{text}");
        }
    }
}
