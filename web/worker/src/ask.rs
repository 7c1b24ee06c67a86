//! Questions about every possible request: which verdicts it can get, and why one request gets its.

use audit_analysis::{
    Answer, Attribute, Options, TooLarge, can, not_served_note, outcome_words, query,
    request_words, verdict_notes,
};
use audit_policy::{KubernetesVersion, Request, Verdict};
use audit_types::MissingAttributes;
use playground_protocol::{
    AskReport, AskRequest, AskResult, Decision, Example, Problem, QueryProblem, RequestView,
    VerdictView, WhyReport, WhyRequest,
};

use crate::inspect::why_lines;
use crate::policy::Accepted;

/// Maximum number of listed verdicts.
const MAX_ANSWERS: usize = 200;

/// Answers a query about a policy.
pub(crate) fn ask(accepted: Option<&Accepted>, request: AskRequest) -> AskReport {
    AskReport {
        number: request.number,
        generation: accepted.map_or(0, |accepted| accepted.generation),
        result: result(accepted, &request),
    }
}

fn result(accepted: Option<&Accepted>, request: &AskRequest) -> AskResult {
    let classes = match query(&request.query) {
        Ok(classes) => classes,
        Err(error) => {
            return AskResult::Error(QueryProblem {
                from: error.span.start,
                to: error.span.end,
                problem: Problem {
                    message: error.message,
                    help: error.help,
                },
            });
        }
    };
    let Some(accepted) = accepted else {
        return AskResult::Undecided(no_policy());
    };
    let options = Options::default()
        .with_version(accepted.version)
        .only_possible(request.only_possible);
    match can(&accepted.policy, &classes, options) {
        Ok(answers) => AskResult::Answers {
            summary: outcome_words(&answers),
            more: answers.len().saturating_sub(MAX_ANSWERS),
            answers: answers
                .iter()
                .take(MAX_ANSWERS)
                .map(|answer| verdict_view(answer, accepted))
                .collect(),
        },
        Err(error) => AskResult::Undecided(too_large(error)),
    }
}

/// Returns the problem of a page without an accepted policy.
pub(crate) fn no_policy() -> Problem {
    Problem {
        message: "no policy has been accepted yet".to_owned(),
        help: "fix the policy".to_owned(),
    }
}

/// Returns the problem of a question that takes too long.
pub(crate) fn too_large(_: TooLarge) -> Problem {
    Problem {
        message: TooLarge::MESSAGE.to_owned(),
        help: TooLarge::HELP.to_owned(),
    }
}

fn verdict_view(answer: &Answer, accepted: &Accepted) -> VerdictView {
    VerdictView {
        decision: decision(answer.verdict, &accepted.lines),
        requests: answer.class.words(),
        example: example(&answer.witness, answer.is_producible, accepted.version),
    }
}

/// Returns a verdict with the line of its rule. `lines` are those of all rules.
pub(crate) fn decision(verdict: Verdict, lines: &[usize]) -> Decision {
    let line = verdict.rule.and_then(|rule| lines.get(rule.get()).copied());
    Decision {
        level: verdict.level,
        notes: verdict_notes(verdict),
        rule: verdict.rule,
        line: line.unwrap_or_default(),
    }
}

/// Returns a witness for the page. `version` is that of its policy.
pub(crate) fn example(witness: &Request, is_possible: bool, version: KubernetesVersion) -> Example {
    Example {
        not_served: not_served_note(witness, version),
        words: request_words(witness),
        request: view_of(witness),
        is_possible,
    }
}

fn view_of(request: &Request) -> RequestView {
    RequestView {
        user: request.user.clone(),
        groups: request.groups.clone(),
        verb: request.verb.clone(),
        api_group: request.api_group.clone(),
        resource: request.resource.clone(),
        subresource: request.subresource.clone(),
        namespace: request.namespace.clone(),
        name: request.name.clone(),
        path: request.path.clone(),
        is_resource_request: request.is_resource_request,
    }
}

/// Returns the request of an example.
pub(crate) fn request_of(view: RequestView) -> Request {
    let mut request = Request::default();
    request.user = view.user;
    request.groups = view.groups;
    request.verb = view.verb;
    request.api_group = view.api_group;
    request.resource = view.resource;
    request.subresource = view.subresource;
    request.namespace = view.namespace;
    request.name = view.name;
    request.path = view.path;
    request.is_resource_request = view.is_resource_request;
    request
}

/// Explains the verdict of a policy on a request.
pub(crate) fn explain(accepted: &Accepted, asked: WhyRequest) -> WhyReport {
    why(accepted, &request_of(asked.request), asked.number)
}

/// Explains the verdict on a request; `number` is that of the page's message.
pub(crate) fn why(accepted: &Accepted, request: &Request, number: u32) -> WhyReport {
    let verdict = accepted.matcher.evaluate(request);
    WhyReport {
        number,
        generation: accepted.generation,
        why: why_lines(
            accepted,
            request,
            MissingAttributes::default(),
            Some(verdict),
        ),
        attributes: attributes(request),
    }
}

/// Returns the attributes that have a value, by the names that queries use.
fn attributes(request: &Request) -> Vec<(String, String)> {
    let user = request.user.as_deref();
    let groups = request.groups.join(", ");
    let all = [
        (
            Attribute::User,
            user.unwrap_or("none: authentication failed"),
        ),
        (Attribute::UserGroup, &groups),
        (Attribute::Verb, &request.verb),
        (Attribute::ApiGroup, &request.api_group),
        (Attribute::Resource, &request.resource),
        (Attribute::Subresource, &request.subresource),
        (Attribute::Namespace, &request.namespace),
        (Attribute::Name, &request.name),
        (Attribute::Path, &request.path),
    ];
    let has_value = all.into_iter().filter(|(_, value)| !value.is_empty());
    has_value
        .map(|(attribute, value)| (attribute.name().to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use audit_policy::Level;
    use playground_protocol::WhyState;

    use super::*;
    use crate::policy::PolicyState;

    const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: [ci]
- level: Metadata
  resources: [{group: '', resources: [secrets]}]
  omitStages: [RequestReceived]
- level: Request
";

    fn state() -> PolicyState {
        let mut state = PolicyState::default();
        state.set(7, POLICY, KubernetesVersion::NEWEST, 0);
        state
    }

    fn asked(query: &str) -> AskResult {
        let state = state();
        let request = AskRequest {
            number: 3,
            query: query.to_owned(),
            only_possible: true,
        };
        let report = ask(state.accepted.as_ref(), request);
        assert_eq!((report.number, report.generation), (3, 7));
        report.result
    }

    #[test]
    fn every_verdict_has_its_rule_and_line() {
        let AskResult::Answers {
            answers,
            summary,
            more: 0,
        } = asked("verb=get resource=secrets apiGroup=")
        else {
            panic!("no answers");
        };
        assert!(summary.starts_with("not always recorded"), "{summary}");
        let verdicts: Vec<_> = answers
            .iter()
            .map(|answer| {
                let Decision {
                    level,
                    notes,
                    rule,
                    line,
                } = &answer.decision;
                (
                    *level,
                    notes.as_str(),
                    rule.map(|rule| rule.number()),
                    *line,
                )
            })
            .collect();
        assert_eq!(
            verdicts,
            [
                (Level::None, "", Some(1), 4),
                (Level::Metadata, "without RequestReceived", Some(2), 6),
                // The rule for secrets does not match their subresources.
                (Level::Request, "", Some(3), 9),
            ]
        );
        assert_eq!(answers[0].example.request.user.as_deref(), Some("ci"));
        assert!(answers.iter().all(|answer| answer.example.is_possible));
    }

    #[test]
    fn an_example_says_what_the_version_does_not_serve() {
        for (query, missing) in [
            ("verb=get resource=secrets apiGroup=", None),
            (
                "verb=get resource=podsecuritypolicies apiGroup=policy",
                Some("not served by Kubernetes 1.36: `podsecuritypolicies` in the group `policy`"),
            ),
            ("path=/nothing", None),
        ] {
            let AskResult::Answers { answers, .. } = asked(query) else {
                panic!("no answers");
            };
            let example = &answers[0].example;
            assert_eq!(example.not_served.as_deref(), missing, "{query}");
        }
    }

    #[test]
    fn a_misspelt_attribute_has_its_place() {
        let AskResult::Error(error) = asked("verb=get resorce=pods") else {
            panic!("no error");
        };
        assert_eq!((error.from, error.to), (9, 16));
        assert_eq!(error.problem.help, "did you mean `resource`?");
    }

    #[test]
    fn a_request_is_explained_by_every_rule() {
        let state = state();
        let request = Request::for_resource("delete", "", "secrets")
            .with_namespace("payments")
            .with_user("alice");
        let asked = WhyRequest {
            number: 1,
            request: view_of(&request),
        };
        assert_eq!(request_of(asked.request.clone()), request);
        let report = explain(state.accepted.as_ref().unwrap(), asked);
        let states: Vec<_> = report.why.iter().map(|line| line.state).collect();
        use WhyState::{Failed, Matched, NotEvaluated};
        assert_eq!(states, [Failed, Matched, NotEvaluated]);
        let shown = |(name, value): &(String, String)| format!("{name}={value}");
        let attributes: Vec<_> = report.attributes.iter().map(shown).collect();
        assert_eq!(
            attributes.join(" "),
            "user=alice verb=delete resource=secrets namespace=payments"
        );
        assert_eq!(report.why[0].text, "`users`: `alice` is not `ci`");
    }

    #[test]
    fn without_a_policy_there_is_no_answer() {
        let request = AskRequest {
            number: 0,
            query: String::new(),
            only_possible: false,
        };
        let report = ask(None, request);
        assert_eq!(report.result, AskResult::Undecided(no_policy()));
    }
}
