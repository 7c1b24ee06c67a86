//! Result of a reader of any format: the server's arguments, its mounts and the policy, with lines of the pasted text.

use std::collections::HashSet;

use audit_policy::document::{Field, Kind, Node};
use audit_types::{Code, LineIndex, Severity, Span};

use crate::cis_profile::CisProfile;
use crate::finding::{LineFinding, finding};
use crate::input_format::InputFormat;
use crate::objects::{ObjectFile, ObjectVolume};
use crate::policy_origin::PolicyOrigin;
use crate::shell_words::ShellWord;
use crate::volumes::{Volume, VolumeMount};

/// Function that reads a document of any format, for documents in documents.
pub(crate) type ReadDocument = fn(Node<'_>, &Lines<'_>) -> Option<ParsedInput>;
/// A reference to an object in the same namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectReference {
    /// Kind of the object: `ConfigMap` or `ClusterAuditPolicy`.
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// Namespace of the object that has the reference. `None` if the text does not contain it.
    pub(crate) namespace: Option<String>,
    pub(crate) line: usize,
}

/// A server that an object or a service of the text starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedServer {
    /// The object as messages have it, such as "the Pod `a`".
    pub(crate) title: String,
    /// `true` if the object has the whole command of the server, and is not a patch of another one.
    pub(crate) is_whole: bool,
    pub(crate) line: usize,
}

/// Contents of a text, or of a part of it, that are about auditing.
#[derive(Debug)]
pub(crate) struct ParsedInput {
    pub(crate) format: InputFormat,
    /// Arguments of the server.
    pub(crate) words: Vec<ShellWord>,
    /// Flags, with values, that the platform sets by itself.
    pub(crate) defaults: Vec<(&'static str, &'static str)>,
    pub(crate) mounts: Vec<VolumeMount>,
    pub(crate) volumes: Vec<Volume>,
    /// Volumes whose files are the keys of an object of the API.
    pub(crate) objects: Vec<ObjectVolume>,
    /// Files of the node that are written from objects of the API.
    pub(crate) object_files: Vec<ObjectFile>,
    /// `true` if the text contains all mounts of the container.
    pub(crate) has_all_mounts: bool,
    /// `true` if the text contains all volumes of the pod.
    pub(crate) has_all_volumes: bool,
    /// `true` if it is a static pod, which the kubelet creates without the API.
    pub(crate) is_static: bool,
    /// Text of the policy.
    pub(crate) policy: Option<String>,
    /// Place that the server's policy is read from.
    pub(crate) policy_origin: PolicyOrigin,
    /// Another object of the text that contains the policy.
    pub(crate) policy_reference: Option<ObjectReference>,
    /// CIS profiles of RKE2, whose names depend on its version.
    pub(crate) profiles: Vec<CisProfile>,
    /// Files that the container's script writes before it starts the server.
    pub(crate) written: Vec<String>,
    pub(crate) findings: Vec<LineFinding>,
    /// The server that these are the settings of, if the text names it.
    pub(crate) server: Option<NamedServer>,
    /// Other servers of the text, whose settings are their own.
    pub(crate) others: Vec<Self>,
}

impl ParsedInput {
    pub(crate) const fn new(format: InputFormat) -> Self {
        Self {
            format,
            words: Vec::new(),
            defaults: Vec::new(),
            mounts: Vec::new(),
            volumes: Vec::new(),
            objects: Vec::new(),
            object_files: Vec::new(),
            has_all_mounts: false,
            has_all_volumes: false,
            is_static: false,
            policy: None,
            policy_origin: PolicyOrigin::File,
            policy_reference: None,
            profiles: Vec::new(),
            written: Vec::new(),
            findings: Vec::new(),
            server: None,
            others: Vec::new(),
        }
    }

    /// Adds an argument by name and value.
    pub(crate) fn argument(&mut self, name: &str, value: &str, line: usize) {
        self.words.push(ShellWord {
            text: format!("--{name}={value}"),
            line,
        });
    }

    pub(crate) fn report(
        &mut self,
        code: impl Code,
        severity: Severity,
        line: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings
            .push(finding(code, severity, line, message, help));
    }

    /// Returns whether the contents set anything about auditing.
    pub(crate) fn sets_audit(&self) -> bool {
        !self.defaults.is_empty() || self.audit_words().next().is_some()
    }

    /// Returns whether other contents are those of another server: of an object with another name, or a second time that of the same object.
    fn is_of_another(&self, other: &Self) -> bool {
        let servers = self.server.as_ref().zip(other.server.as_ref());
        servers.is_some_and(|(one, other)| {
            one.title != other.title || (one.is_whole && other.is_whole)
        }) && self.is_server()
            && other.is_server()
            && (self.sets_audit() || other.sets_audit())
    }

    /// Returns whether the contents are the settings of a server, also of one without auditing.
    fn is_server(&self) -> bool {
        self.sets_audit() || self.server.as_ref().is_some_and(|server| server.is_whole)
    }

    /// Adds the contents of a document of the same text. A flag that both set is not a repetition: they are kept apart.
    pub(crate) fn add_document(&mut self, mut other: Self) {
        let names: HashSet<String> = other
            .audit_words()
            .filter_map(ShellWord::flag_name)
            .collect();
        let is_repeated = |word: &ShellWord| {
            let name = word.flag_name();
            name.is_some_and(|name| names.contains(&name))
        };
        if !names.is_empty() && self.audit_words().any(is_repeated) {
            self.server = self.server.take().or_else(|| self.unnamed());
            other.server = other.server.take().or_else(|| other.unnamed());
        }
        self.add(other);
    }

    /// Returns a server by the place of its first flag.
    fn unnamed(&self) -> Option<NamedServer> {
        let line = self.audit_words().next()?.line;
        Some(NamedServer {
            title: format!("the part at line {line}"),
            is_whole: true,
            line,
        })
    }

    pub(crate) fn audit_words(&self) -> impl Iterator<Item = &ShellWord> {
        let is_audit = |word: &&ShellWord| word.text.starts_with("--audit-");
        self.words.iter().filter(is_audit)
    }

    /// Adds the contents of another part of the same text. Those of another server are kept apart.
    pub(crate) fn add(&mut self, mut other: Self) {
        self.others.append(&mut other.others);
        if self.is_of_another(&other) {
            // The first one with audit flags is the one that people ask about.
            if !self.sets_audit() {
                let others = std::mem::take(&mut self.others);
                std::mem::swap(self, &mut other);
                self.others.splice(0..0, others);
            }
            self.others.push(other);
            return;
        }
        self.server = self.server.take().or(other.server);
        if other.format.rank() > self.format.rank() {
            self.format = other.format;
        }
        self.words.extend(other.words);
        self.defaults.extend(other.defaults);
        self.mounts.extend(other.mounts);
        self.volumes.extend(other.volumes);
        self.objects.extend(other.objects);
        self.object_files.extend(other.object_files);
        self.has_all_mounts |= other.has_all_mounts;
        self.has_all_volumes |= other.has_all_volumes;
        self.is_static |= other.is_static;
        self.policy = self.policy.take().or(other.policy);
        if self.policy_origin == PolicyOrigin::File {
            self.policy_origin = other.policy_origin;
        }
        self.policy_reference = self.policy_reference.take().or(other.policy_reference);
        self.profiles.extend(other.profiles);
        self.written.extend(other.written);
        self.findings.extend(other.findings);
    }
}

/// Line numbers of the pasted text, for a text within it.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    index: LineIndex<'t>,
    /// Number of lines of the pasted text before this text.
    before: usize,
    /// Offset of this text in the one whose lines are counted.
    offset: usize,
    /// The line of everything, for a text that is encoded.
    only: Option<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self::after(text, 0)
    }

    pub(crate) fn after(text: &'t str, before: usize) -> Self {
        Self {
            index: LineIndex::new(text),
            before,
            offset: 0,
            only: None,
        }
    }

    /// Creates the lines of a text whose bytes are those of a longer text from an offset on, except for their values.
    pub(crate) fn from(text: &'t str, offset: usize) -> Self {
        Self {
            offset,
            ..Self::new(text)
        }
    }

    /// Creates the lines of a text that is encoded on one line.
    pub(crate) fn on(line: usize) -> Self {
        Self {
            only: Some(line),
            ..Self::after("", 0)
        }
    }

    /// Returns the line of the pasted text for a line of this text, from 1.
    pub(crate) fn line(&self, line: usize) -> usize {
        self.only.unwrap_or(self.before + line)
    }

    pub(crate) fn of(&self, node: Node<'_>) -> usize {
        self.at(node.span())
    }

    pub(crate) fn at(&self, span: Span) -> usize {
        self.line(self.index.position(self.offset + span.start).line)
    }

    /// Returns the text of a block below its key, with its comments, as a document of its own. `None` if the value is not a mapping.
    pub(crate) fn below(&self, field: Field<'_>) -> Option<String> {
        let value = field.value;
        if value.kind() != Kind::Object || value.fields().next().is_none() {
            return None;
        }
        let position = |at: usize| self.index.position(self.offset + at);
        let key = position(field.key.start).line;
        let first = position(value.span().start);
        let last = position(value.span().end).line;
        if first.line == key || self.offset > 0 {
            return Some(format!("{}\n", value.spelled()));
        }
        let mut out = String::new();
        for line in key + 1..=last {
            let line = self.index.line_text(line);
            let margin = line
                .chars()
                .take(first.column - 1)
                .take_while(|c| *c == ' ');
            out.push_str(line.get(margin.count()..).unwrap_or_default());
            out.push('\n');
        }
        Some(out)
    }

    /// Returns a part of the text, and its lines.
    pub(crate) fn part<'p>(&self, text: &'p str, part: Span) -> (&'p str, Lines<'p>) {
        let source = text.get(part.start..part.end).unwrap_or_default();
        let lines = match self.only {
            Some(line) => Lines::on(line),
            None => Lines::after(source, self.at(part).saturating_sub(1)),
        };
        (source, lines)
    }

    /// Returns a text that is the value of a field, and its lines: those of a block start below the field.
    pub(crate) fn within<'n>(&self, node: Node<'n>) -> Option<(&'n str, Lines<'n>)> {
        let text = node.text()?;
        let is_block = node.spelled().starts_with(['|', '>']);
        let before = self.of(node) - usize::from(!is_block);
        let lines = match self.only {
            Some(line) => Lines::on(line),
            None => Lines::after(text, before),
        };
        Some((text, lines))
    }
}

/// Returns the text of a string, or the spelling of another scalar: `6` of `!!int "6"`, as some programs write numbers.
pub(crate) fn scalar<'d>(node: Node<'d>) -> &'d str {
    node.text().unwrap_or_else(|| {
        let spelled = node.spelled();
        let tagged = spelled
            .strip_prefix("!!")
            .and_then(|tagged| tagged.split_once(char::is_whitespace));
        tagged.map_or(spelled, |(_, value)| value.trim().trim_matches(['"', '\'']))
    })
}
