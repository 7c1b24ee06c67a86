//! `evaluate`: the rule that matches each request.

use std::io::Write;

use audit_json::{RuleReport, VerdictReport, read_request, why};
use audit_policy::{KubernetesVersion, Matcher, MissingAttributes};
use serde::Serialize;

use crate::arguments::Evaluate;
use crate::error::{Error, Result};
use crate::input::{check_read_once, request_lines};
use crate::output::{Output, diagnostic};
use crate::policy_file::policy;

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    verdict: VerdictReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Vec<RuleReport>>,
}

/// Evaluates the requests line by line.
pub(crate) fn run(arguments: &Evaluate, version: KubernetesVersion) -> Result {
    check_read_once([&arguments.policy, &arguments.requests])?;
    let policy = policy(&arguments.policy, version)?;
    let matcher = Matcher::new(&policy);
    let file = &arguments.requests;
    let mut out = Output::json();
    let mut doubts = Doubts::default();
    let read = request_lines(file, &mut |line, text| {
        let read = read_request(text).map_err(|error| Error::Input {
            file: file.to_string(),
            line,
            error: error.to_string(),
        })?;
        if let Some(doubt) = read.doubt {
            doubts.add(line, doubt);
        }
        let request = read.request;
        let mut report = Report {
            verdict: matcher.evaluate(&request).into(),
            why: None,
        };
        if arguments.explain {
            report.why = Some(why(&policy, &request, MissingAttributes::NONE));
        }
        serde_json::to_writer(&mut out, &report)?;
        out.write_all(b"\n")?;
        Ok(())
    });
    out.flush()?;
    if let Some(warning) = doubts.warning(file) {
        diagnostic(&warning);
    }
    read
}

/// Requests that look like ones for resources, but lack `isResourceRequest`.
#[derive(Default)]
struct Doubts {
    /// Line of the first one, and what it looks like.
    first: Option<(usize, String)>,
    count: u64,
}

impl Doubts {
    fn add(&mut self, line: usize, sign: String) {
        self.count += 1;
        self.first.get_or_insert((line, sign));
    }

    /// Returns the warning about all of them, in one line.
    fn warning(&self, file: &str) -> Option<String> {
        let (line, sign) = self.first.as_ref()?;
        let more = match self.count - 1 {
            0 => String::new(),
            1 => "; so is 1 more request".to_owned(),
            more => format!("; so are {more} more requests"),
        };
        let attributes = if sign.contains(" path ") {
            " and attributes such as `resource`, which are not read from the path"
        } else {
            ""
        };
        Some(format!(
            "{file}:{line}: {sign} without `isResourceRequest`: evaluated as a request for a URL, not for a resource (add `\"isResourceRequest\": true`{attributes}){more}"
        ))
    }
}
