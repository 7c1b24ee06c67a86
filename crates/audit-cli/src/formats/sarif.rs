//! Results in SARIF 2.1.0, the format that code scanning services read.
//!
//! Results are written as they come; the rules that they have follow them, since the order of an object's members has no meaning.

use std::collections::HashMap;
use std::io::Write;

use audit_policy::{LineIndex, Severity, Span};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::formats::Workspace;

/// Name and version of the fingerprint: SHA-256 of code, line and number among equal ones.
const FINGERPRINT: &str = "auditPolicy/v1";

/// The schema that a log of this version has.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Common part of the results of one kind.
pub(crate) struct Rule<'a> {
    /// The code: `AP012`.
    pub(crate) id: &'a str,
    /// Usual severity of its results.
    pub(crate) severity: Severity,
    /// One line: "a field at the wrong level".
    pub(crate) title: &'a str,
    /// Its page, in Markdown.
    pub(crate) page: &'a str,
}

/// A result.
pub(crate) struct Finding<'a> {
    pub(crate) rule: Rule<'a>,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    /// Name of the file.
    pub(crate) file: &'a str,
    /// Text of the line that it starts at; with the code, it identifies the result where lines have moved.
    pub(crate) line_text: &'a str,
    pub(crate) region: Region,
    /// Place in the policy: `rules[2].verbs`. Empty if there is none.
    pub(crate) path: String,
    /// Other places, with what they are.
    pub(crate) related: Vec<(Region, String)>,
    pub(crate) fix: Option<Fix>,
    /// Reason of the comment that takes it away, which may be empty. `None` if it counts.
    pub(crate) ignored: Option<Suppression<'a>>,
}

/// Reason why a result does not count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Suppression<'a> {
    /// True if it is not in the file of the result.
    pub(crate) is_external: bool,
    /// May be empty.
    pub(crate) reason: &'a str,
}

/// A change that removes the result.
pub(crate) struct Fix {
    pub(crate) title: String,
    /// Regions to delete, each with the text that takes its place.
    pub(crate) edits: Vec<(Region, String)>,
}

/// Part of a file. Lines and columns count from 1, columns in characters; the end is behind the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Region {
    pub(crate) start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_column: Option<usize>,
}

impl Region {
    /// Returns the region of a span.
    pub(crate) fn of(span: Span, index: &LineIndex<'_>) -> Self {
        let [start, end] = [span.start, span.end].map(|at| index.position(at));
        Self {
            start_line: start.line,
            start_column: Some(start.column),
            end_line: Some(end.line),
            end_column: Some(end.column),
        }
    }

    /// Returns the region of a line.
    pub(crate) const fn of_line(line: usize) -> Self {
        Self {
            start_line: line,
            start_column: None,
            end_line: None,
            end_column: None,
        }
    }
}

/// Writes a log with one run.
pub(crate) struct Sarif {
    workspace: Workspace,
    rules: Vec<Value>,
    /// Place of a rule in `rules`, by its code.
    places: HashMap<String, usize>,
    results: usize,
    /// Number of results with the same file, code and line so far.
    equal: HashMap<[u8; 32], usize>,
    unread: Vec<Value>,
}

impl Sarif {
    /// Creates a log about files of a checkout.
    pub(crate) fn new(workspace: Workspace) -> Self {
        Self {
            workspace,
            rules: Vec::new(),
            places: HashMap::new(),
            results: 0,
            equal: HashMap::new(),
            unread: Vec::new(),
        }
    }

    /// Starts the log.
    pub(crate) fn begin(out: &mut dyn Write) -> Result {
        let schema = serde_json::to_string(SCHEMA)?;
        let begin = format!(r#"{{"$schema":{schema},"version":"2.1.0","runs":[{{"results":["#);
        Ok(out.write_all(begin.as_bytes())?)
    }

    /// Writes a result.
    pub(crate) fn result(&mut self, finding: &Finding<'_>, out: &mut dyn Write) -> Result {
        let separator = if self.results == 0 { "\n" } else { ",\n" };
        self.results += 1;
        let file = &self.workspace.name(finding.file).into_owned();
        out.write_all(separator.as_bytes())?;
        let mut result = json!({
            "ruleId": finding.rule.id,
            "ruleIndex": self.place(&finding.rule),
            "level": level(finding.severity),
            "message": {"text": finding.message},
            "locations": [location(file, finding)],
            "partialFingerprints": {FINGERPRINT: self.fingerprint(finding)},
        });
        if let Some(result) = result.as_object_mut() {
            if !finding.related.is_empty() {
                let related = finding.related.iter().map(|(region, text)| {
                    json!({"physicalLocation": physical(file, *region), "message": {"text": text}})
                });
                result.insert("relatedLocations".to_owned(), related.collect());
            }
            if let Some(Suppression {
                is_external,
                reason,
            }) = finding.ignored
            {
                let kind = match is_external {
                    true => "external",
                    false => "inSource",
                };
                let suppression = match reason {
                    "" => json!({"kind": kind}),
                    _ => json!({"kind": kind, "justification": reason}),
                };
                result.insert("suppressions".to_owned(), json!([suppression]));
            }
            if let Some(fix) = &finding.fix {
                result.insert("fixes".to_owned(), json!([change(file, fix)]));
            }
        }
        serde_json::to_writer(&mut *out, &result)?;
        Ok(())
    }

    /// Records that a file could not be read.
    pub(crate) fn unread(&mut self, file: &str, message: &str) {
        let file = &self.workspace.name(file);
        self.unread.push(json!({
            "level": "error",
            "message": {"text": message},
            "locations": [{"physicalLocation": {"artifactLocation": artifact(file)}}],
        }));
    }

    /// Ends the log.
    pub(crate) fn end(&mut self, out: &mut dyn Write) -> Result {
        let tool = json!({"driver": {
            "name": "audit-policy",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": std::mem::take(&mut self.rules),
        }});
        let invocation = json!({
            "executionSuccessful": self.unread.is_empty(),
            "toolExecutionNotifications": std::mem::take(&mut self.unread),
        });
        writeln!(
            out,
            "\n],\"tool\":{tool},\"invocations\":[{invocation}],\"columnKind\":\"unicodeCodePoints\"}}]}}"
        )?;
        Ok(())
    }

    /// Returns the place of a rule in the list, to which it is added if it is not there.
    fn place(&mut self, rule: &Rule<'_>) -> usize {
        if let Some(place) = self.places.get(rule.id) {
            return *place;
        }
        let place = self.rules.len();
        self.places.insert(rule.id.to_owned(), place);
        let summary = rule.page.lines().filter(|line| !line.starts_with('#'));
        let summary = summary.map(str::trim).find(|line| !line.is_empty());
        self.rules.push(json!({
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": summary.unwrap_or(rule.title)},
            "help": {"text": rule.page, "markdown": rule.page},
            "defaultConfiguration": {"level": level(rule.severity)},
        }));
        place
    }

    /// Returns a text that stays the same where lines above are added or removed, or the file is renamed.
    fn fingerprint(&mut self, finding: &Finding<'_>) -> String {
        let digest = |parts: &[&[u8]]| -> [u8; 32] {
            let mut hash = Sha256::new();
            for part in parts {
                hash.update(part);
                hash.update([0]);
            }
            hash.finalize().into()
        };
        let code = finding.rule.id.as_bytes();
        let line = finding.line_text.trim().as_bytes();
        let count = self
            .equal
            .entry(digest(&[finding.file.as_bytes(), code, line]));
        let count = count.or_default();
        *count += 1;
        let whole = digest(&[code, line, count.to_string().as_bytes()]);
        let hex = whole.iter().map(|byte| format!("{byte:02x}"));
        hex.collect()
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn location(file: &str, finding: &Finding<'_>) -> Value {
    let physical = physical(file, finding.region);
    if finding.path.is_empty() {
        return json!({"physicalLocation": physical});
    }
    let logical = json!([{"fullyQualifiedName": finding.path}]);
    json!({"physicalLocation": physical, "logicalLocations": logical})
}

fn physical(file: &str, region: Region) -> Value {
    json!({"artifactLocation": artifact(file), "region": region})
}

/// Returns a file as a URI. A relative one is below the root of the sources, which the reader of the log knows.
fn artifact(file: &str) -> Value {
    // Elsewhere, it is a character like any other.
    let name = match cfg!(windows) {
        true => file.replace('\\', "/"),
        false => file.to_owned(),
    };
    let name = name.trim_start_matches("./");
    let mut uri = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    if uri.starts_with('/') {
        let uri = ["file://", &uri].concat();
        return json!({"uri": uri});
    }
    json!({"uri": uri, "uriBaseId": "%SRCROOT%"})
}

fn change(file: &str, fix: &Fix) -> Value {
    let replacements = fix
        .edits
        .iter()
        .map(|(region, text)| json!({"deletedRegion": region, "insertedContent": {"text": text}}));
    json!({
        "description": {"text": fix.title},
        "artifactChanges": [{
            "artifactLocation": artifact(file),
            "replacements": replacements.collect::<Vec<_>>(),
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding<'a>(file: &'a str, line_text: &'a str, line: usize) -> Finding<'a> {
        Finding {
            rule: Rule {
                id: "AP012",
                severity: Severity::Warning,
                title: "a title",
                page: "# AP012\n\nWhat is wrong.\n",
            },
            severity: Severity::Info,
            message: "m".to_owned(),
            file,
            line_text,
            region: Region::of_line(line),
            path: String::new(),
            related: Vec::new(),
            fix: None,
            ignored: None,
        }
    }

    fn written(findings: &[Finding<'_>]) -> Value {
        let mut out = Vec::new();
        let mut sarif = Sarif::new(Workspace::default());
        Sarif::begin(&mut out).unwrap();
        for finding in findings {
            sarif.result(finding, &mut out).unwrap();
        }
        sarif.end(&mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    fn prints(log: &Value) -> Vec<String> {
        let results = log["runs"][0]["results"].as_array().unwrap();
        let print = |result: &Value| result["partialFingerprints"][FINGERPRINT].to_string();
        results.iter().map(print).collect()
    }

    #[test]
    fn a_fingerprint_survives_moved_lines_and_renamed_files() {
        let moved = written(&[finding("b.yaml", "    verbs: [get]", 20)]);
        assert_eq!(
            prints(&written(&[finding("a.yaml", "  verbs: [get]", 3)])),
            prints(&moved)
        );
        let other = written(&[finding("a.yaml", "  verbs: [list]", 3)]);
        assert_ne!(prints(&other), prints(&moved));
    }

    #[test]
    fn equal_lines_of_a_file_have_fingerprints_of_their_own() {
        let twice = prints(&written(&[finding("a", "x", 1), finding("a", "x", 2)]));
        assert_ne!(twice[0], twice[1]);
        let in_two_files = prints(&written(&[finding("a", "x", 1), finding("b", "x", 1)]));
        assert_eq!(in_two_files[0], in_two_files[1]);
    }

    #[test]
    fn a_rule_is_listed_once_with_its_page() {
        let log = written(&[finding("a", "x", 1), finding("a", "y", 2)]);
        let rules = log["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0]["fullDescription"]["text"], "What is wrong.");
        assert_eq!(rules[0]["defaultConfiguration"]["level"], "warning");
        assert_eq!(log["runs"][0]["results"][1]["ruleIndex"], 0);
        assert_eq!(log["runs"][0]["results"][1]["level"], "note");
    }

    #[test]
    fn names_of_files_are_uris() {
        for (file, uri) in [
            ("a b/ü.yaml", "a%20b/%C3%BC.yaml"),
            ("./p.yaml", "p.yaml"),
            ("/etc/p#1.yaml", "file:///etc/p%231.yaml"),
            ("a%20b", "a%2520b"),
            #[cfg(unix)]
            ("a\\b.yaml", "a%5Cb.yaml"),
        ] {
            assert_eq!(artifact(file)["uri"], uri, "{file}");
        }
    }
}
