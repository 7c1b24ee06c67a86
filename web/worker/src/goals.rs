//! A new policy from goals: claims of standards and of the page's user.

use std::cell::OnceCell;

use audit_analysis::query_notes;
use audit_goals::{NewPolicy, NoPolicy, Wanted};
use audit_policy::{KubernetesVersion, Matcher, Policy};
use audit_sim::Verdicts;
use audit_tests::{Case, TestFile, packs, terms_of_line};
use audit_volume::report;
use playground_protocol::volume::MetricGroup;
use playground_protocol::{
    GoalPack, GoalProblem, GoalsPolicy, GoalsReport, GoalsRequest, GoalsResult, MetGoal, Problem,
    RuleIndex,
};

use crate::claims::title;
use crate::log::Log;
use crate::volume::metric_group;

/// The packs of standards, which are read once: goals change with every key.
#[derive(Default)]
pub(crate) struct Goals {
    packs: OnceCell<Vec<TestFile>>,
}

impl Goals {
    fn packs(&self) -> &[TestFile] {
        // A test reads every pack.
        let read = || packs().iter().filter_map(|pack| pack.parse().ok());
        self.packs.get_or_init(|| read().collect())
    }

    /// Finds a policy that meets goals, and its volume on the open log.
    pub(crate) fn new_policy(&self, log: &mut Log, request: &GoalsRequest) -> GoalsReport {
        new_policy(self.packs(), log, request)
    }
}

fn new_policy(known: &[TestFile], log: &mut Log, request: &GoalsRequest) -> GoalsReport {
    let version = request.version;
    let (own, problems) = own_claims(&request.claims, version);
    let report = |result| GoalsReport {
        number: request.number,
        packs: known.iter().map(|pack| pack_view(pack, version)).collect(),
        result,
        problems,
    };
    let Some(own) = own else {
        return report(GoalsResult::Malformed);
    };
    let is_chosen = |pack: &&TestFile| {
        let id = pack.id.as_ref();
        id.is_some_and(|id| request.packs.contains(id))
    };
    let chosen = known.iter().filter(is_chosen).flat_map(|pack| &pack.tests);
    let cases: Vec<Case> = chosen.cloned().chain(own).collect();
    if cases.is_empty() {
        return report(GoalsResult::Empty);
    }
    let wanted = Wanted::default()
        .with_otherwise(request.otherwise)
        .with_version(version);
    let result = match NewPolicy::new(&cases, wanted) {
        Ok(new) => GoalsResult::Met(Box::new(GoalsPolicy {
            volume: volume_of(log, &new.policy, version),
            ..policy_view(&new, &cases)
        })),
        Err(reason) => no_policy(&reason, &cases),
    };
    report(result)
}

fn pack_view(pack: &TestFile, version: KubernetesVersion) -> GoalPack {
    let note = pack.version_note(version);
    GoalPack {
        name: pack.id.clone().unwrap_or_default(),
        title: pack.title.clone().unwrap_or_default(),
        source: pack.source.clone().unwrap_or_default(),
        note: note.map_or_else(String::new, |note| note.value),
    }
}

/// Reads claims, with their errors and notes. `None` if one of them cannot be read.
fn own_claims(
    lines: &[String],
    version: KubernetesVersion,
) -> (Option<Vec<Case>>, Vec<GoalProblem>) {
    let mut cases = Some(Vec::new());
    let mut problems = Vec::new();
    for (claim, line) in lines.iter().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let problem = |start: usize, message: String, help: String, is_error| GoalProblem {
            claim,
            column: line.get(..start).unwrap_or_default().chars().count() + 1,
            problem: Problem { message, help },
            is_error,
        };
        match Case::from_line(line) {
            Ok(case) => {
                if let Some(cases) = &mut cases {
                    cases.push(case);
                }
                let notes = query_notes(&terms_of_line(line), &Policy::default(), version);
                let notes = notes.into_iter();
                problems.extend(
                    notes.map(|note| problem(note.span.start, note.message, note.help, false)),
                );
            }
            Err(error) => {
                cases = None;
                problems.push(problem(error.span.start, error.message, error.help, true));
            }
        }
    }
    (cases, problems)
}

fn policy_view(new: &NewPolicy, cases: &[Case]) -> GoalsPolicy {
    let name = |index: &usize| cases.get(*index).map(title).unwrap_or_default();
    let mut rules: Vec<Vec<RuleIndex>> = vec![Vec::new(); cases.len()];
    for (rule, claims) in new.rules.iter().enumerate() {
        for claim in claims {
            if let Some(rules) = rules.get_mut(*claim) {
                rules.push(RuleIndex::new(rule));
            }
        }
    }
    let met = new.met.iter().map(|index| MetGoal {
        name: name(index),
        rules: rules.get(*index).cloned().unwrap_or_default(),
    });
    GoalsPolicy {
        text: new.text.clone(),
        rules: new.policy.rules.len(),
        met: met.collect(),
        set_aside: new.set_aside.iter().map(name).collect(),
        is_exact: new.is_exact,
        volume: None,
    }
}

/// Returns the volume that a policy writes of the open log, as `estimate` has it.
fn volume_of(log: &mut Log, policy: &Policy, version: KubernetesVersion) -> Option<MetricGroup> {
    if log.table.recorded() == 0 {
        return None;
    }
    let verdicts = Verdicts::new(&Matcher::new(policy), log.table.requests());
    let estimate = log.estimate_with(&verdicts, version);
    Some(metric_group(report::volume(&estimate)))
}

fn no_policy(reason: &NoPolicy, cases: &[Case]) -> GoalsResult {
    if matches!(reason, NoPolicy::Contradictory(_)) {
        return GoalsResult::Contradictory(reason.messages(cases));
    }
    GoalsResult::Unmet(Problem {
        message: reason.reason(cases),
        help: reason.help().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use audit_policy::Level;

    use super::*;

    const SECRETS: &str = "apiGroup= resource=secrets subresource= level=Metadata";

    fn of(packs: &[&str], claims: &[&str]) -> GoalsReport {
        Goals::default().new_policy(&mut Log::default(), &request(packs, claims))
    }

    fn request(packs: &[&str], claims: &[&str]) -> GoalsRequest {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        GoalsRequest {
            number: 4,
            packs: owned(packs),
            claims: owned(claims),
            otherwise: Level::None,
            version: KubernetesVersion::NEWEST,
        }
    }

    #[test]
    fn without_goals_the_packs_are_listed() {
        let report = of(&[], &["", "  "]);
        assert_eq!((report.number, &report.result), (4, &GoalsResult::Empty));
        let names: Vec<&str> = report.packs.iter().map(|pack| &*pack.name).collect();
        assert_eq!(names, ["cis", "stig", "nsa-cisa", "pci-dss", "bsi"]);
        assert_eq!(report.packs[0].title, "CIS Kubernetes Benchmark, auditing");
    }

    #[test]
    fn a_claim_is_met_and_has_its_rule() {
        let GoalsResult::Met(policy) = of(&[], &["path=/healthz notRecorded", SECRETS]).result
        else {
            panic!("not met");
        };
        let met = |name: &str, rules: Vec<RuleIndex>| MetGoal {
            name: name.to_owned(),
            rules,
        };
        assert_eq!(
            policy.met,
            [
                met("path=/healthz notRecorded", vec![]),
                met(SECRETS, vec![RuleIndex::new(0)])
            ]
        );
        assert!(policy.is_exact && policy.set_aside.is_empty());
        assert_eq!((policy.rules, policy.volume), (1, None));
    }

    #[test]
    fn claims_about_flags_are_set_aside() {
        let GoalsResult::Met(policy) = of(&["cis"], &[]).result else {
            panic!("not met");
        };
        let first = "CIS-3.2.1: the server has an audit policy";
        assert_eq!(policy.set_aside.first().map(String::as_str), Some(first));
    }

    #[test]
    fn problems_have_the_claim_and_the_column() {
        // The letter is one column and two bytes.
        let report = of(
            &[],
            &[
                "",
                "user=\u{e4} level=Metdata",
                "apiGroup= resource=secret level=None",
            ],
        );
        assert_eq!(report.result, GoalsResult::Malformed);
        let places: Vec<(usize, usize, bool, &str)> = report
            .problems
            .iter()
            .map(|found| {
                (
                    found.claim,
                    found.column,
                    found.is_error,
                    &*found.problem.help,
                )
            })
            .collect();
        assert_eq!(
            places,
            [
                (1, 8, true, "did you mean `Metadata`?"),
                (2, 11, false, "did you mean `secrets`?")
            ]
        );
    }

    #[test]
    fn contradictions_have_a_request() {
        let found = of(
            &[],
            &["verb=get level=None", "path=/version level=Metadata"],
        )
        .result;
        let GoalsResult::Contradictory(sentences) = found else {
            panic!("{found:?}");
        };
        assert_eq!(sentences.len(), 1);
        assert!(sentences[0].contains("of `get` of `/version` by `alice`"));
    }

    #[test]
    fn other_reasons_have_their_help_apart() {
        let found = of(
            &[],
            &["verb=create resource=pods subresource= name=x level=None"],
        )
        .result;
        let GoalsResult::Unmet(problem) = found else {
            panic!("{found:?}");
        };
        assert!(
            problem
                .message
                .ends_with("is about no request that can come")
        );
        assert!(problem.help.starts_with("compare its attributes"));
    }

    #[test]
    fn the_volume_is_that_of_the_open_log() {
        let event = |id: &str, resource: &str| {
            format!(
                r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/n/{resource}/x","verb":"get","user":{{"username":"alice"}},"objectRef":{{"resource":"{resource}","namespace":"n","name":"x","apiVersion":"v1"}}}}"#
            ) + "\n"
        };
        let mut log = Log::default();
        log.read_plain("a.log", &(event("a", "secrets") + &event("b", "pods")));
        let report = Goals::default().new_policy(&mut log, &request(&[], &[SECRETS]));
        let GoalsResult::Met(policy) = report.result else {
            panic!("not met");
        };
        let volume = policy.volume.expect("a log is open");
        let written = volume
            .figures
            .iter()
            .find(|figure| figure.label == "Written");
        assert!(written.unwrap().value.starts_with("1 event"), "{volume:?}");
    }
}
