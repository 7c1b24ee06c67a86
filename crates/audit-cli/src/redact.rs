//! `redact`: events of logs with pseudonyms instead of names.

use std::collections::hash_map::RandomState;

use std::hash::{BuildHasher, Hasher};
use std::io::Write;

use audit_log::{Event, Location};
use audit_policy::KubernetesVersion;
use audit_redact::{Redactor, secrets};
use audit_types::excerpt;
use audit_types::format::counted;
use serde_json::json;

use crate::arguments::Redact;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{LogReport, all_read};
use crate::formats::is_same;
use crate::input::{as_text, check_read_once};
use crate::logs::{LogVisitor, visit_log};
use crate::output::{Output, diagnostic};
use crate::policy_file::PolicyFile;
use crate::save::save;

/// Redacts every event of every log, in order, whether the server accepts the policy or not.
pub(crate) fn run(arguments: &Redact, version: KubernetesVersion) -> Result {
    check_read_once(arguments.logs.iter().chain([&arguments.policy]))?;
    check_outputs(arguments)?;
    let policy = PolicyFile::read(&arguments.policy, version)?;
    let is_rejected = policy.rejection.is_some();
    if let Some(rejection) = policy.rejection {
        diagnostic(&format!(
            "`{}` is rejected by kube-apiserver, so there are no verdicts to compare: {}",
            arguments.policy,
            rejection.into_text()
        ));
    }
    let text = as_text(policy.source);
    let policy = text.map_err(|error| {
        Error::UnusablePolicy(format!(
            "`{}` cannot be redacted: {error}",
            arguments.policy
        ))
    })?;
    let key = arguments.key.unwrap_or_else(random);
    let redactor = Redactor::new(&policy, version, key).map_err(|error| {
        Error::Unproven(format!(
            "`{}` cannot be redacted: {error}",
            arguments.policy
        ))
    })?;
    let mut redaction = Redaction {
        redactor,
        out: Output::data(),
        files: Vec::new(),
        events: 0,
        incomplete: 0,
        secrets: 0,
    };
    for name in &arguments.logs {
        let report = visit_log(name, &mut redaction)?;
        redaction.files.push(report);
    }
    redaction.out.flush()?;
    redaction.save_policy(arguments)?;
    if let Some(file) = &arguments.save_names {
        save(file, redaction.names().as_bytes())?;
    }
    redaction.report();
    all_read(&redaction.files)?;
    if is_rejected {
        return Err(Error::Rejected);
    }
    Ok(())
}

/// Fails if a file to write is one that is read, or is written twice.
fn check_outputs(arguments: &Redact) -> Result {
    let inputs = arguments.logs.iter().chain([&arguments.policy]);
    let mut others: Vec<&FileName> = inputs.filter(|file| !file.is_stdin()).collect();
    for output in [&arguments.save_policy, &arguments.save_names]
        .into_iter()
        .flatten()
    {
        if output.is_stdin() {
            return Err(Error::Usage(
                "`-` is standard input: name a file to write".to_owned(),
            ));
        }
        if others.iter().any(|other| is_same(output, other)) {
            return Err(Error::Usage(format!(
                "`{output}` is read or written already: choose another file"
            )));
        }
        others.push(output);
    }
    Ok(())
}

/// Returns a number that nobody can guess: the key of the standard library's hash tables is one.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Events while they are redacted.
struct Redaction {
    redactor: Redactor,
    out: Output,
    files: Vec<LogReport>,
    events: u64,
    /// Events whose records lack fields that their redacted lines do not.
    incomplete: u64,
    /// Likely secrets, which were replaced.
    secrets: u64,
}

/// Number of likely secrets that are named, each in a line.
const MAX_NAMED_SECRETS: u64 = 10;

impl LogVisitor for Redaction {
    fn event(&mut self, name: &FileName, location: Location, event: &Event<'_>) -> Result {
        let redacted = self.redactor.recorded(event).map_err(|error| {
            let line = location.line;
            Error::Unproven(format!("{name}:{line}: cannot be redacted: {error}"))
        })?;
        self.out.write_all(redacted.text.as_bytes())?;
        self.out.write_all(b"\n")?;
        self.events += 1;
        self.incomplete += u64::from(!redacted.has_same_parts);
        self.name_secrets(name, location, event);
        Ok(())
    }
}

impl Redaction {
    /// Prints what was done, and what was not.
    fn report(&self) {
        let more = self.secrets.saturating_sub(MAX_NAMED_SECRETS);
        if more > 0 {
            diagnostic(&format!(
                "{} more replaced: whoever reads the original logs can use what is still valid",
                counted(more as f64, "likely secret", "likely secrets")
            ));
        }
        if self.incomplete > 0 {
            diagnostic(&format!(
                "{} without stage, level or other fields: what their records say instead is not in the redacted events, so rules can match \
                 fewer of them",
                counted(self.incomplete as f64, "event is", "events are")
            ));
        }
        diagnostic(&self.summary());
    }

    /// Names the likely secrets of an event, which the logs still contain.
    fn name_secrets(&mut self, name: &FileName, location: Location, event: &Event<'_>) {
        for secret in secrets(event.raw) {
            self.secrets += 1;
            if self.secrets <= MAX_NAMED_SECRETS {
                let (line, shown) = (location.line, excerpt::quote(&secret.shown));
                diagnostic(&format!(
                    "{name}:{line}: replaced what looks like {}: {shown} in {}",
                    secret.kind,
                    excerpt::quote(&secret.place)
                ));
            }
        }
    }

    fn save_policy(&mut self, arguments: &Redact) -> Result {
        let Some(file) = &arguments.save_policy else {
            return Ok(());
        };
        let policy = self.redactor.policy().map_err(|error| {
            Error::Unproven(format!(
                "`{}` cannot be redacted: {error}",
                arguments.policy
            ))
        })?;
        save(file, policy.as_bytes())
    }

    /// Returns a line of JSON for each part of a name.
    fn names(&self) -> String {
        let replaced = self.redactor.replaced().into_iter();
        replaced
            .map(|(name, pseudonym)| format!("{}\n", json!({"name": name, "pseudonym": pseudonym})))
            .collect()
    }

    fn summary(&self) -> String {
        let kept: Vec<&str> = self.redactor.kept().collect();
        format!(
            "{} and {} redacted; kept, as they are the same in every cluster: {}",
            counted(self.events as f64, "event", "events"),
            counted(
                self.redactor.replaced().len() as f64,
                "part of a name",
                "parts of names"
            ),
            kept.join(" ")
        )
    }
}
