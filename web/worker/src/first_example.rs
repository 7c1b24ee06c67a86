//! The first example's answer, as the page gets it, for the build: the built page shows it before any engine runs.

use playground_protocol::{AnswerReport, KubernetesVersion, PolicyReport, ToPage, ToWorker};

use crate::session::Session;

/// The first example and its answer.
#[derive(Debug)]
pub struct FirstExample {
    /// Text of the policy.
    pub policy: String,
    /// Hint at what to look at, with code in backticks.
    pub hint: String,
    /// Report of loading the policy, with findings.
    pub report: PolicyReport,
    /// Results of the policy for the example's log.
    pub answer: AnswerReport,
}

/// Opens the first example with the messages that the page sends. `None` if a reply is missing.
pub fn first_example(version: KubernetesVersion) -> Option<FirstExample> {
    let mut session = Session::default();
    let opened = session.handle_message(ToWorker::Example {
        log: 1,
        index: 0,
        with_policy: true,
    });
    let (policy, hint) = opened.into_iter().find_map(|message| match message {
        ToPage::Example { policy, hint, .. } => Some((policy, hint)),
        _ => None,
    })?;
    let (mut report, mut answer) = (None, None);
    for message in session.handle_message(ToWorker::Policy {
        generation: 1,
        text: policy.clone(),
        version,
        part: 0,
    }) {
        match message {
            ToPage::Policy(shown) => report = Some(shown),
            ToPage::Answer(shown) => answer = Some(shown),
            _ => {}
        }
    }
    Some(FirstExample {
        policy,
        hint,
        report: report?,
        answer: answer?,
    })
}
