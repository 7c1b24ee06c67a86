//! Edits the HTML that mdBook has written: a Content-Security-Policy, the widget's script, and two themes instead of five.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::Error;

/// Folder of the site with the widget's script and the page in one file.
pub const WIDGET_FOLDER: &str = "playground";

/// Name of the widget's script.
pub const WIDGET_SCRIPT: &str = "audit-policy-playground.js";

/// Themes of mdBook that the site does not have.
const OTHER_THEMES: [&str; 3] = ["rust", "coal", "ayu"];

/// The Content-Security-Policy without the source of scripts. A page connects to nothing; a widget's frame is the page in one file.
const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'";

/// Edits all pages of a site. Returns the number of widgets.
///
/// # Errors
/// If a page is not what this version of mdBook writes.
pub fn finish(site: &Path) -> Result<usize, Error> {
    let mut widgets = 0;
    for path in pages(site)? {
        let html = crate::read(&path)?;
        let depth = path
            .strip_prefix(site)
            .map_or(0, |path| path.components().count().saturating_sub(1));
        widgets += html.matches("<audit-policy-playground").count();
        let html = edited(&html, depth).ok_or_else(|| {
            Error::new(format!(
                "`{}` is not a page of this version of mdBook",
                path.display()
            ))
        })?;
        fs::write(&path, html).map_err(|error| Error::at(&path, &error))?;
    }
    Ok(widgets)
}

/// Lists the HTML files that mdBook has written, in a stable order.
pub fn pages(site: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut open = vec![site.to_owned()];
    while let Some(folder) = open.pop() {
        let at = |error: std::io::Error| Error::at(&folder, &error);
        for entry in fs::read_dir(&folder).map_err(at)? {
            let path = entry.map_err(at)?.path();
            if path.is_dir() && !path.ends_with(WIDGET_FOLDER) {
                open.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "html")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Returns the HTML of a page that is `depth` folders below the start page. `None` if a place to edit is missing.
fn edited(html: &str, depth: usize) -> Option<String> {
    let mut html = html.to_owned();
    // The frame with the table of contents, for browsers without scripts, has no themes to choose from.
    if html.contains("id=\"mdbook-theme-list\"") {
        for theme in OTHER_THEMES {
            html = without_theme(&html, theme)?;
        }
        let navy = "id=\"mdbook-theme-navy\">Navy<";
        html = html
            .contains(navy)
            .then(|| html.replacen(navy, "id=\"mdbook-theme-navy\">Dark<", 1))?;
        html = with_button(&html, depth)?;
    }
    if html.contains("<audit-policy-playground") {
        let script = format!(
            "<script src=\"{}{WIDGET_FOLDER}/{WIDGET_SCRIPT}\" defer></script>\n    </head>",
            "../".repeat(depth)
        );
        html = html
            .contains("</head>")
            .then(|| html.replacen("</head>", &script, 1))?;
    }
    let hashes: String = inline_scripts(&html)
        .iter()
        .map(|script| format!(" 'sha256-{}'", base64(&Sha256::digest(script))))
        .collect();
    let policy = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}; script-src 'self'{hashes}\">"
    );
    let charset = "<meta charset=\"UTF-8\">";
    let start = html
        .to_ascii_uppercase()
        .find(&charset.to_ascii_uppercase())?;
    html.insert_str(start + charset.len(), &format!("\n        {policy}"));
    Some(html)
}

/// Returns the HTML with a button that opens the table of contents, instead of a label of a checkbox, which the keyboard does not reach. `site.js`
/// connects the two; without scripts, a link leads to the table.
fn with_button(html: &str, depth: usize) -> Option<String> {
    let (before, rest) = html.split_once("<label id=\"mdbook-sidebar-toggle\"")?;
    let (attributes, rest) = rest.split_once('>')?;
    let (label, after) = rest.split_once("</label>")?;
    let attributes = attributes.replace(" for=\"mdbook-sidebar-toggle-anchor\"", "");
    let contents = format!(
        "<noscript><a href=\"{}toc.html\">Contents</a></noscript>",
        "../".repeat(depth)
    );
    Some(format!(
        "{before}<button type=\"button\" id=\"mdbook-sidebar-toggle\"{attributes}>{label}</button>{contents}{after}"
    ))
}

/// Returns the HTML without the button of a theme.
fn without_theme(html: &str, theme: &str) -> Option<String> {
    let button = html.find(&format!("id=\"mdbook-theme-{theme}\""))?;
    let start = html.get(..button)?.rfind("<li")?;
    let end = button + html.get(button..)?.find("</li>")? + "</li>".len();
    Some(format!(
        "{}{}",
        html.get(..start)?.trim_end(),
        html.get(end..)?
    ))
}

/// Lists the scripts that are in the page itself.
fn inline_scripts(html: &str) -> Vec<&str> {
    let scripts = html.split("<script>").skip(1);
    scripts
        .filter_map(|rest| rest.split_once("</script>"))
        .map(|(script, _)| script)
        .collect()
}

/// Encodes bytes as Base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS
                .get(bits >> (18 - 6 * place) & 63)
                .filter(|_| place <= chunk.len());
            text.push(digit.map_or('=', |digit| char::from(*digit)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10.
    #[test]
    fn bytes_are_encoded_as_base64() {
        for (bytes, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fooba", "Zm9vYmE="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
    }

    #[test]
    fn a_page_gets_a_policy_with_the_hashes_of_its_scripts() {
        let html = "<head>\n<meta charset=\"utf-8\">\n<script>abc</script></head><audit-policy-playground lazy>";
        let edited = edited(html, 1).unwrap();
        // SHA-256 of `abc`, FIPS 180-2, appendix B.1: ba7816bf 8f01cfea …
        assert!(
            edited.contains(
                "script-src 'self' 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='\""
            ),
            "{edited}"
        );
        assert!(
            edited.contains(
                "<script src=\"../playground/audit-policy-playground.js\" defer></script>"
            )
        );
    }

    #[test]
    fn a_page_has_a_light_and_a_dark_theme() {
        let button = |id: &str, name: &str| {
            format!("\n<li role=\"none\"><button id=\"mdbook-theme-{id}\">{name}</button></li>")
        };
        let all = [
            ("light", "Light"),
            ("rust", "Rust"),
            ("coal", "Coal"),
            ("navy", "Navy"),
            ("ayu", "Ayu"),
        ];
        let buttons: String = all.iter().map(|(id, name)| button(id, name)).collect();
        let label =
            "<label id=\"mdbook-sidebar-toggle\" for=\"mdbook-sidebar-toggle-anchor\">x</label>";
        let html =
            format!("<meta charset=\"UTF-8\">{label}<ul id=\"mdbook-theme-list\">{buttons}\n</ul>");
        let edited = edited(&html, 0).unwrap();
        let expected = format!(
            "<button type=\"button\" id=\"mdbook-sidebar-toggle\">x</button><noscript><a href=\"toc.html\">Contents</a></noscript><ul id=\"mdbook-theme-list\">{}{}\n</ul>",
            button("light", "Light"),
            button("navy", "Dark")
        );
        assert!(edited.ends_with(&expected), "{edited}");
        assert!(super::edited("<ul id=\"mdbook-theme-list\">", 0).is_none());
    }
}
