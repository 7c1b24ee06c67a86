//! Parts of the page: the links in `index.html` that trunk reads too, so that one list serves both ways of building.

use crate::run::Error;

/// A part of the page, in the order of its links.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// A style sheet, by its path.
    Style(String),
    /// A crate that becomes WebAssembly.
    Module(Module),
}

/// A crate that becomes WebAssembly and the script that calls it.
#[derive(Debug, PartialEq, Eq)]
pub struct Module {
    /// Path of its `Cargo.toml`.
    pub manifest: String,
    /// The cargo profile of a build that is optimized.
    pub profile: String,
    /// `true` for the module of a worker, whose script is a classic one.
    pub is_worker: bool,
}

/// Returns the link in a line of `index.html`. `None` if the line is not about the build.
///
/// # Errors
/// If the link is of a kind that this build does not know.
pub fn part(line: &str) -> Result<Option<Part>, Error> {
    let Some(link) = line.trim().strip_prefix("<link data-trunk ") else {
        return Ok(None);
    };
    let get = |name: &str| {
        let (_, after) = link.split_once(&format!("{name}=\""))?;
        after.split('"').next().map(str::to_owned)
    };
    let needed = |name: &str| {
        get(name).ok_or_else(|| Error::new(format!("a link in index.html has no `{name}`: {link}")))
    };
    let part = match needed("rel")?.as_str() {
        "css" => Part::Style(needed("href")?),
        "rust" => Part::Module(Module {
            manifest: needed("href")?,
            profile: needed("data-cargo-profile-release")?,
            is_worker: get("data-type").as_deref() == Some("worker"),
        }),
        other => {
            let sentence = format!("index.html links a part of an unknown kind: `{other}`");
            return Err(Error::new(sentence));
        }
    };
    Ok(Some(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_for_the_build_are_parts() {
        let module = |manifest: &str, is_worker| {
            Part::Module(Module {
                manifest: manifest.to_owned(),
                profile: "page".to_owned(),
                is_worker,
            })
        };
        let table = [
            ("<title>The page</title>", None),
            (r#"<link rel="icon" href="i.svg">"#, None),
            (
                r#"  <link data-trunk rel="css" href="web/a.css">"#,
                Some(Part::Style("web/a.css".to_owned())),
            ),
            (
                r#"<link data-trunk rel="rust" href="web/Cargo.toml" data-cargo-profile-release="page" data-wasm-opt="0">"#,
                Some(module("web/Cargo.toml", false)),
            ),
            (
                r#"<link data-trunk rel="rust" href="w/Cargo.toml" data-type="worker" data-cargo-profile-release="page">"#,
                Some(module("w/Cargo.toml", true)),
            ),
        ];
        for (line, expected) in table {
            assert_eq!(part(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn a_link_that_this_build_cannot_follow_is_an_error() {
        for line in [
            r#"<link data-trunk rel="sass" href="a.scss">"#,
            r#"<link data-trunk rel="css">"#,
            r#"<link data-trunk rel="rust" href="Cargo.toml">"#,
        ] {
            assert!(part(line).is_err(), "{line}");
        }
    }
}
