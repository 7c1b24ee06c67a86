//! Files that results are written into: `sarif=report.sarif`.

use std::ffi::OsString;

use clap::ValueEnum;
use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::file_name::FileName;

/// A format and the file that gets the results in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputFile<F> {
    pub(crate) format: F,
    pub(crate) file: FileName,
}

impl<F: ValueEnum + Send + Sync + 'static> OutputFile<F> {
    /// Returns the parser of the argument.
    pub(crate) fn parser() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(|text| Self::parse(&text))
    }

    fn parse(text: &OsString) -> Result<Self, String> {
        let formats = || {
            let values = F::value_variants().iter().filter_map(F::to_possible_value);
            let names = values.map(|value| format!("`{}`", value.get_name()));
            names.collect::<Vec<_>>().join(", ")
        };
        let bytes = text.as_encoded_bytes();
        let mut parts = bytes.splitn(2, |byte| *byte == b'=');
        let name = parts.next().and_then(|name| str::from_utf8(name).ok());
        let Some(format) = name.and_then(|name| F::from_str(name, false).ok()) else {
            return Err(format!(
                "write a format, `=` and a file; the formats are {}",
                formats()
            ));
        };
        let length = name.map_or(0, str::len);
        let file = match parts.next() {
            None | Some([]) => return Err("write `=` and a file behind the format".to_owned()),
            Some(b"-") => {
                return Err("`-` is not a file: `--format` is for standard output".to_owned());
            }
            Some(_) => file_part(text, length.saturating_add(1)),
        };
        Ok(Self { format, file })
    }
}

/// Returns the rest of an argument from a byte on, which follows a character of ASCII.
#[cfg(unix)]
fn file_part(text: &OsString, start: usize) -> FileName {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};

    let rest = text.as_bytes().get(start..).unwrap_or_default();
    FileName::from(OsString::from_vec(rest.to_vec()))
}

#[cfg(not(unix))]
fn file_part(text: &OsString, start: usize) -> FileName {
    let text = text.to_string_lossy();
    FileName::from(OsString::from(text.get(start..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::CheckFormat;

    #[test]
    fn a_format_and_a_file_are_separated_by_the_first_equals_sign() {
        let parse = |text: &str| OutputFile::<CheckFormat>::parse(&OsString::from(text));
        let found = parse("sarif=a=b.sarif").unwrap();
        assert_eq!(
            (found.format, &*found.file),
            (CheckFormat::Sarif, "a=b.sarif")
        );
        for (text, error) in [
            ("sarif", "write `=` and a file behind the format"),
            ("sarif=", "write `=` and a file behind the format"),
            (
                "json=-",
                "`-` is not a file: `--format` is for standard output",
            ),
            (
                "xml=a",
                "write a format, `=` and a file; the formats are `text`, `json`, `sarif`, `github`, `junit`",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), error, "{text}");
        }
    }
}
