//! Reads a file of tests.

mod class;
mod detection;
mod raw;
mod request;
mod text;

use audit_types::Span;
use kube_yaml::de::{self, Error, Spanned};
use kube_yaml::document::{self, Document, Kind, Node};

use crate::case::{Case, Claim, ClassClaim};
use crate::expectation::Expectation;
use crate::file::{FileKind, PolicySource, SettingsSource, TestFile, VersionRange};
use crate::setting::SettingClaim;
use raw::{RawCase, RawFile, RawRule, RawSetting, RawStages, RawVersions, Scalar};
use text::{Text, Version};

/// Maximum number of errors of a file that are returned.
const MAX_ERRORS: usize = 100;

impl TestFile {
    /// Reads a file of tests, or a pack of requirements.
    ///
    /// ```
    /// use audit_tests::TestFile;
    ///
    /// let text = "tests:\n- name: no events\n  requests: {resorce: events}\n  notRecorded: true\n";
    /// let errors = TestFile::parse(text).unwrap_err();
    /// assert_eq!(errors[0].to_string(), "unknown field `resorce` (help: did you mean `resource`?)");
    /// assert_eq!(&text[errors[0].span.start..errors[0].span.end], "resorce");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of the file, each with its place: the first one of each case.
    pub fn parse(text: &str) -> Result<Self, Vec<Error>> {
        let part = only_document(text).map_err(|error| vec![error])?;
        let mut cases = Cases::default();
        let read = Document::read_items(text, part, "tests", &mut |item| cases.add(item));
        let read = read.map_err(|error| vec![error.into()])?;
        de::check_keys(&read).map_err(|error| vec![error])?;
        let Some(root) = read.root().filter(|root| root.kind() == Kind::Object) else {
            let help = "a file of tests has `tests`, a list of cases";
            return Err(vec![Error::new("not a file of tests", help, part)]);
        };
        parse_root(root, cases)
    }
}

/// Returns the part of a text that has content.
fn only_document(text: &str) -> Result<Span, Error> {
    let has_content = |part: &Span| {
        let lines = text.get(part.start..part.end).unwrap_or_default().lines();
        let mut content = lines
            .map(str::trim_start)
            .filter(|line| !line.is_empty() && !line.starts_with('#') && line.trim_end() != "---");
        content.next().is_some()
    };
    let mut parts = document::documents(text).into_iter().filter(has_content);
    let first = parts.next().unwrap_or(Span::new(0, text.len()));
    match parts.next() {
        None => Ok(first),
        Some(second) => {
            let line = Span::new(second.start, second.start + 3);
            let help = "make a file of each";
            Err(Error::new("more than one document", help, line))
        }
    }
}

/// Cases that were read, one by one: their nodes need far more memory than they do.
#[derive(Default)]
struct Cases {
    /// Number of items.
    count: usize,
    cases: Vec<Case>,
    /// The first errors.
    errors: Vec<Error>,
    /// Places of `decidable: false`.
    undecidable: Vec<Span>,
}

impl Cases {
    fn add(&mut self, item: Node<'_>) {
        self.count += 1;
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        match case(item) {
            Ok(case) => {
                if matches!(case.claim, Claim::Undecidable) {
                    self.undecidable.push(key(item, "decidable"));
                }
                self.cases.push(case);
            }
            Err(error) => self.errors.push(error),
        }
    }

    /// Returns the errors, including those of cases that do not fit the kind of the file, which may be written after them.
    fn errors(&mut self, kind: FileKind) -> Vec<Error> {
        let mut errors = std::mem::take(&mut self.errors);
        let of_kind: Vec<Error> = match kind {
            FileKind::RequirementPack => self.cases.iter().filter_map(incomplete_claim).collect(),
            FileKind::PolicyTests => {
                let places = self.undecidable.iter();
                places.map(|place| only_in_packs(*place)).collect()
            }
        };
        errors.extend(of_kind);
        errors
    }
}

/// Returns the error of a claim of a pack without its name or source.
fn incomplete_claim(case: &Case) -> Option<Error> {
    let missing = [("id", case.id.is_none()), ("source", case.source.is_none())];
    let (key, _) = missing.into_iter().find(|(_, is_missing)| *is_missing)?;
    let message = format!("a claim of a pack needs `{key}`");
    Some(Error::new(message, format!("add `{key}`"), case.span))
}

fn only_in_packs(place: Span) -> Error {
    let help = "leave out the case, or add `kind: RequirementPack`";
    let message = "only a pack has claims that cannot be decided";
    Error::new(message, help, place)
}

fn parse_root(root: Node<'_>, mut cases: Cases) -> Result<TestFile, Vec<Error>> {
    let raw: RawFile = de::from_node(root).map_err(|error| vec![error])?;
    let kind = raw.kind.map(FileKind::from).unwrap_or_default();
    let mut errors = cases.errors(kind);
    let policy = root.field("policy").map(|field| policy(field.value));
    let policy = policy.transpose().unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    let settings = root.field("settings").map(|field| settings(field.value));
    let settings = settings.transpose().unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    if kind == FileKind::RequirementPack && raw.id.is_none() {
        let key = root.field("kind").map_or(root.span(), |field| field.key);
        let help = "add `id` and, for people, `title`";
        errors.push(Error::new("a pack needs an `id`", help, key));
    }
    let versions = raw.kubernetes_versions.map(|raw| versions(raw, root, kind));
    let kubernetes_versions = versions.transpose().unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    errors.extend(no_tests(root, cases.count));
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.span.start);
        errors.truncate(MAX_ERRORS);
        return Err(errors);
    }
    let text = |text: Option<Text>| text.map(|Text(text)| text);
    cases.cases.shrink_to_fit();
    Ok(TestFile {
        kind,
        id: text(raw.id),
        title: text(raw.title),
        source: text(raw.source),
        policy,
        kubernetes_version: raw.kubernetes_version.map(|version| Spanned {
            value: version.value.0,
            span: version.span,
        }),
        kubernetes_versions,
        settings,
        tests: cases.cases,
    })
}

/// Returns the versions that a pack was written for.
fn versions(
    raw: Spanned<RawVersions>,
    root: Node<'_>,
    kind: FileKind,
) -> Result<Spanned<VersionRange>, Error> {
    let Spanned { value, span } = raw;
    let bound = |version: Option<Version>| version.map(|Version(version)| version);
    let range = VersionRange {
        from: bound(value.from),
        to: bound(value.to),
    };
    if kind != FileKind::RequirementPack {
        let message = "only a pack has `kubernetesVersions`";
        let help = "write `kubernetesVersion: \"1.36\"` for the version to emulate";
        return Err(Error::new(message, help, key(root, "kubernetesVersions")));
    }
    if range == VersionRange::default() {
        let help = "write `{from: \"1.32\", to: \"1.34\"}`, or one of them";
        return Err(Error::new("no versions", help, span));
    }
    if range.to.is_some() && range.from > range.to {
        return Err(Error::new(
            "`from` is newer than `to`",
            "exchange them",
            span,
        ));
    }
    Ok(Spanned { value: range, span })
}

/// Returns the error of a file without cases.
fn no_tests(root: Node<'_>, count: usize) -> Option<Error> {
    let Some(field) = root.field("tests") else {
        let help = "add `tests`, a list of cases";
        return Some(Error::new("no tests", help, root.span()));
    };
    if field.value.kind() != Kind::List {
        let help = "write `- name: …` for each case";
        let message = "`tests` is not a list";
        return Some(Error::new(message, help, field.value.span()));
    }
    let help = "add a case to `tests`";
    (count == 0).then(|| Error::new("no tests", help, field.key))
}

/// Returns the policy that a file names: a path, or the policy itself.
fn policy(node: Node<'_>) -> Result<Spanned<PolicySource>, Error> {
    let span = node.span();
    let value = match node.kind() {
        Kind::Object => {
            let rules = node.get("rules").map(|rules| rules.items());
            PolicySource::Inline {
                text: node.json(),
                rules: rules.into_iter().flatten().map(Node::span).collect(),
            }
        }
        Kind::Text => {
            let text = node.text().unwrap_or_default().to_owned();
            if text.contains('\n') {
                PolicySource::Inline {
                    text,
                    rules: Vec::new(),
                }
            } else {
                PolicySource::Path(path(text, span)?)
            }
        }
        _ => {
            let message = "`policy` is neither the path of a file nor a policy";
            return Err(Error::new(message, "write `policy: FILE`", span));
        }
    };
    Ok(Spanned { value, span })
}

fn path(text: String, span: Span) -> Result<String, Error> {
    if text.is_empty() {
        return Err(Error::new("the path is empty", "write a file", span));
    }
    Ok(text)
}

/// Returns the settings that a file names: a path, or flags.
fn settings(node: Node<'_>) -> Result<Spanned<SettingsSource>, Error> {
    let span = node.span();
    let value = match node.kind() {
        Kind::Text => SettingsSource::Path(path(node.text().unwrap_or_default().to_owned(), span)?),
        Kind::Object => {
            let flags = node.fields().map(|field| {
                let Scalar(value) = de::from_node(field.value)?;
                Ok((flag_name(field.name, field.key)?, value))
            });
            SettingsSource::Flags(flags.collect::<Result<_, Error>>()?)
        }
        _ => {
            let message = "`settings` is neither the path of a file nor flags";
            let help = "write `settings: FILE`, or `settings: {audit-log-maxage: 30}`";
            return Err(Error::new(message, help, span));
        }
    };
    Ok(Spanned { value, span })
}

fn flag_name(name: &str, span: Span) -> Result<String, Error> {
    let bare = name.trim_start_matches('-');
    if bare.len() != name.len() {
        let help = format!("write `{}`", audit_types::excerpt::excerpt(bare));
        return Err(Error::new("a flag is written without `--`", help, span));
    }
    if name.is_empty() {
        let help = "such as `audit-log-maxage`";
        return Err(Error::new("the name of the flag is empty", help, span));
    }
    Ok(name.to_owned())
}

fn case(node: Node<'_>) -> Result<Case, Error> {
    let raw: RawCase = de::from_node(node)?;
    let Text(name) = &raw.name.value;
    if name.trim().is_empty() {
        let help = "say what the case claims";
        return Err(Error::new("the name is empty", help, raw.name.span));
    }
    let text = |text: &Option<Text>| text.as_ref().map(|Text(text)| text.clone());
    Ok(Case {
        name: name.clone(),
        span: node.span(),
        id: text(&raw.id),
        source: text(&raw.source),
        why: text(&raw.why),
        claim: claim(raw, node)?,
    })
}

/// Returns the place of a field of an object, or of the whole object.
fn key(node: Node<'_>, name: &str) -> Span {
    node.field(name).map_or(node.span(), |field| field.key)
}

fn claim(raw: RawCase, node: Node<'_>) -> Result<Claim, Error> {
    let expected = expectation(&raw);
    let subjects = ["request", "requests", "setting", "detects"];
    let mut given = subjects
        .into_iter()
        .filter(|name| node.field(name).is_some());
    let subject = given.next();
    if let (Some(one), Some(other)) = (subject, given.next()) {
        let message = format!("both `{one}` and `{other}`");
        let help = "make a case of each";
        return Err(Error::new(message, help, key(node, other)));
    }
    if raw.decidable.as_ref().is_some_and(|is| !is.value) {
        return undecidable(&raw, node, subject);
    }
    let is_about_requests = matches!(subject, Some("request" | "requests"));
    if is_about_requests {
        check_expectation(&expected, node)?;
    }
    if raw.every.is_some() && subject != Some("requests") {
        let help = "it widens a class: use it with `requests`";
        return Err(Error::new(
            "`every` without `requests`",
            help,
            key(node, "every"),
        ));
    }
    if raw.reads.is_some() && subject != Some("detects") {
        let help = "it states what a detection reads: use it with `detects`";
        let place = key(node, "reads");
        return Err(Error::new("`reads` without `detects`", help, place));
    }
    if let Some(requests) = raw.detects {
        let reads = raw.reads.unwrap_or_default();
        return detection::detection(requests, reads, &expected).map(Claim::Detection);
    }
    if let Some(request) = raw.request {
        let request = Box::new(request::request(request)?);
        return Ok(Claim::Request { request, expected });
    }
    if let Some(classes) = raw.requests {
        return Ok(Claim::Class(ClassClaim {
            span: classes.span,
            classes: class::classes(classes.value)?,
            is_every: raw.every.is_some_and(|every| every.value),
            expected,
        }));
    }
    match raw.setting {
        Some(setting) if expected.is_empty() => setting_claim(setting),
        Some(setting) => {
            let message = "a flag does not have a level, rule or stages";
            let help = "state `value`, `atLeast`, `atMost` or `isSet` inside `setting`";
            Err(Error::new(message, help, setting.span))
        }
        None => {
            let help = "add `request`, or `requests` for a class";
            Err(Error::new(
                "the case names no requests",
                help,
                raw.name.span,
            ))
        }
    }
}

fn undecidable(raw: &RawCase, node: Node<'_>, subject: Option<&str>) -> Result<Claim, Error> {
    let place = key(node, "decidable");
    if let Some(subject) = subject {
        let message = format!("`decidable: false` with `{subject}`");
        return Err(Error::new(message, "leave one of them out", place));
    }
    if !expectation(raw).is_empty() {
        let message = "`decidable: false` with an expectation";
        return Err(Error::new(message, "leave one of them out", place));
    }
    Ok(Claim::Undecidable)
}

fn expectation(raw: &RawCase) -> Expectation {
    Expectation {
        level: RawCase::level(raw.level),
        at_least: RawCase::level(raw.at_least),
        at_most: RawCase::level(raw.at_most),
        rule: raw.rule.as_ref().map(|RawRule(rule)| *rule),
        stages: raw.stages.as_ref().map(|RawStages(stages)| *stages),
        omit_managed_fields: raw.omit_managed_fields,
        not_recorded: raw.not_recorded,
    }
}

fn check_expectation(expected: &Expectation, node: Node<'_>) -> Result<(), Error> {
    let name = key(node, "name");
    if expected.is_empty() {
        let help = "state `level`, `atLeast`, `atMost`, `rule`, `stages`, `omitManagedFields` or `notRecorded`";
        return Err(Error::new("the case expects nothing", help, name));
    }
    if expected.is_contradictory() {
        let names = [
            "level",
            "atLeast",
            "atMost",
            "stages",
            "notRecorded",
            "rule",
        ];
        let place = names.into_iter().find_map(|name| node.field(name));
        let place = place.map_or(name, |field| field.key);
        let message = "no verdict meets all that the case expects";
        return Err(Error::new(message, "leave some of it out", place));
    }
    Ok(())
}

fn setting_claim(setting: Spanned<RawSetting>) -> Result<Claim, Error> {
    let Spanned { value: raw, span } = setting;
    let claim = SettingClaim {
        flag: flag_name(&raw.flag.value.0, raw.flag.span)?,
        value: raw.value.map(|value| value.value.0),
        at_least: raw.at_least,
        at_most: raw.at_most,
        is_set: raw.is_set,
    };
    let expects = claim.value.is_some()
        || claim.at_least.is_some()
        || claim.at_most.is_some()
        || claim.is_set.is_some();
    if !expects {
        let help = "state `value`, `atLeast`, `atMost` or `isSet`";
        return Err(Error::new("nothing is expected of the flag", help, span));
    }
    if claim.at_least > claim.at_most && claim.at_most.is_some() {
        let message = "`atLeast` is more than `atMost`";
        return Err(Error::new(message, "exchange them", span));
    }
    Ok(Claim::Setting(claim))
}
