//! Tests made of audit logs: a case for each distinct request.

use std::collections::BTreeSet;
use std::io::Write;
use std::rc::Rc;

use audit_policy::{Matcher, Request, Verdict};
use audit_tests::{case_name, case_text};
use audit_text::quote::yaml;
use audit_types::{MissingAttributes, Stage};

use super::read_files::ReadFiles;
use super::source::{GivenPolicy, GivenVersion, Source, tested};
use crate::arguments::Test;
use crate::chunks::thread_count;
use crate::error::{Error, Result};
use crate::estimate::read::Logs;
use crate::files::all_read;
use crate::output::{Output, diagnostic};

/// Prints a file of tests: for each distinct request of the logs the verdict that the policy has today. Names of objects are left out of the
/// distinction where the verdict is the same: the first one stands for them.
pub(super) fn run(arguments: &Test, given: GivenVersion) -> Result {
    let (tested, named, version) = match (&arguments.policy, arguments.files.as_slice()) {
        (Some(file), []) => {
            let version = given.or_default();
            (Rc::new(tested(file, version)?), file.to_string(), version)
        }
        (policy, [file]) => {
            let mut policy = GivenPolicy::new(policy.as_ref());
            let read = Source::read(file, &mut policy, given, &mut ReadFiles::default())?;
            let named = read.tested.file.clone();
            (read.tested, named, read.version)
        }
        _ => {
            let message =
                "`--from` needs one policy: name it with `--policy`, or pass one file of tests";
            return Err(Error::Usage(message.to_owned()));
        }
    };
    let logs = Logs::read(&arguments.from, None, thread_count(None))?;
    let matcher = Matcher::new(&tested.policy);
    let mut cases = BTreeSet::new();
    let mut lacking = 0_u64;
    for view in logs.table.requests().iter() {
        if view.unknown() != MissingAttributes::NONE {
            lacking += 1;
            continue;
        }
        let request = view.to_request();
        let verdict = matcher.evaluate(&request);
        cases.insert(Case::new(request, verdict));
    }
    if lacking > 0 {
        let requests = if lacking == 1 {
            "request is"
        } else {
            "requests are"
        };
        diagnostic(&format!(
            "{lacking} distinct {requests} left out: the log lacks attributes that rules ask for"
        ));
    }
    if cases.is_empty() {
        all_read(&logs.files)?;
        let message = "the log contains no request to make a case of".to_owned();
        return Err(Error::Usage(message));
    }
    let mut out = Output::data();
    writeln!(out, "kind: PolicyTests")?;
    writeln!(out, "policy: {}", yaml(&named))?;
    writeln!(out, "kubernetesVersion: \"{version}\"")?;
    writeln!(out, "tests:")?;
    for case in &cases {
        let name = case_name(&case.request);
        out.write_all(case_text(&name, &case.request, case.verdict).as_bytes())?;
    }
    out.flush()?;
    all_read(&logs.files)
}

/// A case. Its order is that of the file, and two cases that differ only in the name of the object are equal.
struct Case {
    request: Request,
    verdict: Verdict,
}

/// Attributes that tell cases apart.
type Key<'c> = (
    bool,
    [&'c str; 6],
    Option<&'c str>,
    &'c [String],
    &'static str,
    Vec<Stage>,
    bool,
    Option<usize>,
);

impl Case {
    const fn new(request: Request, verdict: Verdict) -> Self {
        Self { request, verdict }
    }

    fn key(&self) -> Key<'_> {
        let Self { request, verdict } = self;
        let path = match request.is_resource_request {
            true => "",
            false => request.path.as_str(),
        };
        (
            request.is_resource_request,
            [
                &request.api_group,
                &request.resource,
                &request.subresource,
                path,
                &request.verb,
                &request.namespace,
            ],
            request.user.as_deref(),
            &request.groups,
            verdict.level.name(),
            verdict.omit_stages.iter().collect(),
            verdict.omit_managed_fields,
            verdict.rule.map(|rule| rule.get()),
        )
    }
}

impl Ord for Case {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Case {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Case {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Case {}
