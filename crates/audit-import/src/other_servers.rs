//! Servers of a text besides the one whose settings are read: each is checked by itself.

use apiserver_config::{KubernetesVersion, ServerPlace, SettingCode, Settings, check_in, flag_of};
use audit_types::{Code, Diagnostic, Document, LineIndex, Severity, Span};

use crate::arguments::{GivenFlags, settings};
use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::parsed_input::{NamedServer, ParsedInput};
use crate::{mounts, rke2_profile, stdout};

/// Maximum number of servers of a text that are checked.
const MAX_SERVERS: usize = 50;

/// A server with settings of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherServer {
    /// Its settings.
    pub settings: Settings,
    /// Flags that its part of the text sets.
    pub given: GivenFlags,
    /// Line of its object.
    line: usize,
    /// Audit flags with their lines.
    lines: Vec<(String, usize)>,
}

/// Reads the other servers of a text. Returns those whose settings differ from the first one's, with findings about them.
pub(crate) fn read(
    text: &str,
    found: &mut ParsedInput,
    first: &Settings,
    version: KubernetesVersion,
    place: ServerPlace,
) -> (Vec<OtherServer>, Vec<LineFinding>) {
    let mut servers = Vec::new();
    let mut findings = Vec::new();
    let name = found.server.as_ref().map(|server| server.title.clone());
    for mut other in std::mem::take(&mut found.others)
        .into_iter()
        .take(MAX_SERVERS)
    {
        let Some(server) = other.server.take() else {
            continue;
        };
        rke2_profile::report(text, &mut other, version);
        let mut own = std::mem::take(&mut other.findings);
        let mut given = GivenFlags::default();
        let lines = lines_of(&other);
        let settings = settings(&mut other, version, &mut given, &mut own);
        let of_output = stdout::check(&settings, &other.words, place, &own);
        own.extend(of_output);
        own.extend(mounts::check(&settings, &other));
        findings.append(&mut own);
        if given.names.is_empty() {
            findings.push(without_auditing(&server));
            continue;
        }
        let is_same = Settings {
            policy: String::new(),
            ..settings.clone()
        } == Settings {
            policy: String::new(),
            ..first.clone()
        };
        if is_same {
            continue;
        }
        findings.push(another(&server, name.as_deref()));
        servers.push(OtherServer {
            settings,
            given,
            line: server.line,
            lines,
        });
    }
    (servers, findings)
}

/// Returns the audit flags of a server with their lines.
fn lines_of(found: &ParsedInput) -> Vec<(String, usize)> {
    let flags = found.words.iter();
    let flags = flags.filter_map(|word| Some((word.flag_name()?, word.line)));
    flags.collect()
}

fn another(server: &NamedServer, first: Option<&str>) -> LineFinding {
    finding(
        ImportCode::SeveralPlaces,
        Severity::Info,
        server.line,
        format!("{} has other audit settings", server.title),
        match first {
            Some(first) => format!(
                "each server has its own settings: they are checked, and those of {first} are imported"
            ),
            None => "each server has its own settings: they are checked, and those of the first are imported".to_owned(),
        },
    )
}

fn without_auditing(server: &NamedServer) -> LineFinding {
    finding(
        ImportCode::AuditingOff,
        Severity::Warning,
        server.line,
        format!("{} has no audit flags: it records nothing", server.title),
        "each server records the requests that it handles: give it the flags of the other one, too",
    )
}

impl OtherServer {
    /// Returns the findings about the settings, each on the line of its flag, or else on that of the server's object.
    pub(crate) fn findings(&self, text: &str, place: ServerPlace) -> Vec<Diagnostic> {
        let lines = LineIndex::new(text);
        let is_about_policy =
            |finding: &Diagnostic| finding.code == SettingCode::RejectedPolicy.id();
        let found = check_in(&self.settings, place).into_iter();
        let found = found.filter(|finding| self.given.knows(finding) && !is_about_policy(finding));
        let at_line = |finding: Diagnostic| {
            let flag = flag_of(&finding);
            let own = self.lines.iter().rev().find(|(name, _)| name == flag);
            let line = own.map_or(self.line, |(_, line)| *line);
            let start = lines.line_start(line);
            let span = Span::new(start, start + lines.line_text(line).len());
            finding.labeled(Document::Manifest, span)
        };
        found.map(at_line).collect()
    }
}
