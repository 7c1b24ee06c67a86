//! Changes of *Ask* and *Compare*.

use playground_protocol::{
    AnalysisReply, AnalysisRequest, AskReport, AskRequest, AskResult, BaselinePolicy,
    CompareReport, CompareRequest, CompareResult, Generation, KubernetesVersion, RequestView,
    ToWorker, WhyReport, WhyRequest, decode, encode,
};

use crate::identity_rc::IdentityRc;
use crate::state::analysis::{AnalysisAction, ComparedWith, ExampleList};
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::ui::Pane;
use crate::state::volume::PolicyText;

impl AppState {
    pub(crate) fn update_analysis(&mut self, action: AnalysisAction) -> Vec<Effect> {
        let analysis = &mut self.analysis;
        match action {
            AnalysisAction::Type(query) => {
                analysis.set_query(query);
                Vec::new()
            }
            AnalysisAction::Ask => {
                analysis.verdicts.resume();
                analysis.differences.resume();
                self.request_analysis()
            }
            AnalysisAction::Cancel => {
                match self.pane {
                    Pane::Ask => analysis.verdicts.cancel(),
                    _ => analysis.differences.cancel(),
                }
                Vec::new()
            }
            AnalysisAction::SetQuery(query) => {
                // A list that is open is for another text.
                let _ = analysis.completion.request(None);
                analysis.set_query(query);
                self.request_analysis()
            }
            AnalysisAction::Complete(request) => {
                let message = analysis.completion.request(request);
                message.iter().map(send).collect()
            }
            AnalysisAction::SetOnlyPossible(only_possible) => {
                analysis.only_possible = only_possible;
                analysis.mark_outdated();
                self.request_analysis()
            }
            AnalysisAction::ToggleExample(list, index) => {
                if analysis.example.place == Some((list, index)) {
                    analysis.example.close(list);
                    return Vec::new();
                }
                self.open_example_of(list, index).into_iter().collect()
            }
            AnalysisAction::CompareWith(other) => {
                analysis.compared_with = other;
                self.compare_again()
            }
            AnalysisAction::OpenBaseline(name, text) => self.open_baseline(name, text),
        }
    }

    /// Requests the differences from the chosen policy. Those from the one before are shown until then, as outdated.
    fn compare_again(&mut self) -> Vec<Effect> {
        self.analysis.differences.mark_outdated();
        self.request_analysis()
    }

    /// Compares with a policy of a file.
    fn open_baseline(&mut self, name: String, text: String) -> Vec<Effect> {
        self.mark_modified();
        self.analysis.baseline_name = Some(name);
        self.analysis.compared_with = ComparedWith::Baseline;
        self.volume.baseline = Some(PolicyText {
            text: IdentityRc::new(text),
            part: 0,
        });
        self.volume.mark_outdated();
        let mut effects = vec![self.send_baseline()];
        effects.extend(self.compare_again());
        effects
    }

    /// Returns the version of the other policy in a comparison.
    pub const fn version_before(&self) -> KubernetesVersion {
        match self.analysis.compared_with {
            ComparedWith::Baseline => self.version,
            ComparedWith::Version(version) => version,
        }
    }

    /// Returns whether the baseline is the text of the policy that it is compared with.
    pub fn has_baseline_text(&self) -> bool {
        self.volume.baseline.is_some() && self.volume.baseline == self.accepted
    }

    /// Requests the answer that is shown if it is not up to date.
    pub(crate) fn request_analysis(&mut self) -> Vec<Effect> {
        if self.loading.is_some() || self.accepted.is_none() {
            return Vec::new();
        }
        let message = match self.pane {
            Pane::Ask => self.next_query(),
            Pane::Compare => self.next_comparison(),
            _ => None,
        };
        message.iter().map(send).collect()
    }

    fn next_query(&mut self) -> Option<AnalysisRequest> {
        let analysis = &mut self.analysis;
        if analysis.query.trim().is_empty() {
            return None;
        }
        let number = analysis.verdicts.begin()?;
        Some(AnalysisRequest::Ask(AskRequest {
            number,
            query: (*analysis.query).clone(),
            only_possible: analysis.only_possible,
        }))
    }

    fn next_comparison(&mut self) -> Option<AnalysisRequest> {
        let policy = match self.analysis.compared_with {
            ComparedWith::Baseline => self.volume.baseline.as_ref()?,
            ComparedWith::Version(_) => self.accepted.as_ref()?,
        };
        let before = BaselinePolicy {
            text: (*policy.text).clone(),
            version: self.version_before(),
            part: policy.part,
        };
        let number = self.analysis.differences.begin()?;
        Some(AnalysisRequest::Compare(CompareRequest {
            number,
            before,
            only_possible: self.analysis.only_possible,
        }))
    }

    /// Handles a reply.
    pub(super) fn analyzed(&mut self, reply: &[u8]) -> Vec<Effect> {
        match decode(reply) {
            Some(AnalysisReply::Asked(report)) => self.asked(report),
            Some(AnalysisReply::Completions(choices)) => {
                let next = self.analysis.completion.receive(choices);
                next.iter().map(send).collect()
            }
            Some(AnalysisReply::Why(report)) => {
                self.explained(report);
                Vec::new()
            }
            Some(AnalysisReply::Compared(report)) => self.compared(report),
            Some(AnalysisReply::Claims(report)) => self.claims_checked(report),
            Some(AnalysisReply::Simplified(report)) => {
                self.policy_simplified(report);
                Vec::new()
            }
            Some(AnalysisReply::AddedTest(added)) => self.test_added(added),
            Some(AnalysisReply::BuiltInTests(_, text)) => self.built_in_tests(text),
            Some(AnalysisReply::Repaired(report)) => self.repaired(report),
            Some(AnalysisReply::Goals(report)) => self.goals_met(*report),
            Some(AnalysisReply::Place(report)) => self.place_answered(*report),
            Some(AnalysisReply::Scanned(step)) => self.log_scanned(step),
            Some(AnalysisReply::Lessons(titles)) => {
                self.lesson_titles(titles);
                Vec::new()
            }
            Some(AnalysisReply::Lesson(report)) => self.lesson_received(*report),
            Some(AnalysisReply::LessonTemplate(text)) => {
                self.lesson_template(text);
                Vec::new()
            }
            Some(AnalysisReply::LessonChecked(outcome)) => self.lesson_checked(*outcome),
            // Page and worker are of one build.
            None => Vec::new(),
        }
    }

    /// Keeps the verdicts of a query. The example of the only one is opened.
    fn asked(&mut self, report: AskReport) -> Vec<Effect> {
        let is_only =
            matches!(&report.result, AskResult::Answers { answers, .. } if answers.len() == 1);
        let open = self.open_request(ExampleList::Verdicts);
        if !self.analysis.verdicts.receive(report.number, report) {
            return Vec::new();
        }
        let mut effects = self.request_analysis();
        let is_open = self.keep_example(ExampleList::Verdicts, open.as_ref(), &mut effects);
        if is_only && !is_open {
            effects.extend(self.open_example_of(ExampleList::Verdicts, 0));
        }
        effects
    }

    /// Keeps the differences from another policy.
    fn compared(&mut self, report: CompareReport) -> Vec<Effect> {
        let open = self.open_request(ExampleList::Differences);
        if !self.analysis.differences.receive(report.number, report) {
            return Vec::new();
        }
        let mut effects = self.request_analysis();
        self.keep_example(ExampleList::Differences, open.as_ref(), &mut effects);
        effects
    }

    /// Returns the request of the open example if that belongs to a list.
    fn open_request(&self, list: ExampleList) -> Option<RequestView> {
        let (own, index) = self.analysis.example.place?;
        (own == list).then(|| self.example_request(list, index))?
    }

    /// Keeps an example open if a new list has its request too, and closes it if not. Its explanation is requested again, unless it is of the same policy.
    /// Returns whether it is open.
    fn keep_example(
        &mut self,
        list: ExampleList,
        request: Option<&RequestView>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let mut all = (0..).map_while(|index| self.example_request(list, index));
        let index = request.and_then(|request| all.position(|one| one == *request));
        let Some(index) = index else {
            self.analysis.example.close(list);
            return false;
        };
        let generation = self.generation_of(list);
        let example = &mut self.analysis.example;
        let explained = example.shown.as_deref().map(|report| report.generation);
        if explained.is_some() && explained == generation {
            example.place = Some((list, index));
        } else {
            effects.extend(self.open_example_of(list, index));
        }
        true
    }

    /// Returns the policy that a shown list is about.
    fn generation_of(&self, list: ExampleList) -> Option<Generation> {
        let analysis = &self.analysis;
        match list {
            ExampleList::Verdicts => Some(analysis.verdicts.shown.as_deref()?.generation),
            ExampleList::Differences => Some(analysis.differences.shown.as_deref()?.generation),
        }
    }

    /// Opens an example and requests its explanation.
    fn open_example_of(&mut self, list: ExampleList, index: usize) -> Option<Effect> {
        let request = self.example_request(list, index)?;
        let example = &mut self.analysis.example;
        example.place = Some((list, index));
        example.shown = None;
        let number = example.next_number();
        Some(send(&AnalysisRequest::Why(WhyRequest { number, request })))
    }

    fn example_request(&self, list: ExampleList, index: usize) -> Option<RequestView> {
        let analysis = &self.analysis;
        let example = match list {
            ExampleList::Verdicts => match &analysis.verdicts.shown.as_deref()?.result {
                AskResult::Answers { answers, .. } => &answers.get(index)?.example,
                _ => return None,
            },
            ExampleList::Differences => match &analysis.differences.shown.as_deref()?.result {
                CompareResult::Differences { changes, .. } => &changes.get(index)?.example,
                CompareResult::Undecided(_) => return None,
            },
        };
        Some(example.request.clone())
    }

    /// Keeps the explanation of the open example. One by a newer policy than that of the shown list contradicts the list: it is requested again with the
    /// next list.
    fn explained(&mut self, report: WhyReport) {
        if self.claim_explained(&report) {
            return;
        }
        let list = self.analysis.example.place.map(|(list, _)| list);
        let is_of_list = list.and_then(|list| self.generation_of(list)) == Some(report.generation);
        let example = &mut self.analysis.example;
        if is_of_list && example.number == report.number {
            example.shown = Some(IdentityRc::new(report));
        }
    }
}

/// Returns the effect that sends a request.
pub(super) fn send(request: &AnalysisRequest) -> Effect {
    Effect::Send(ToWorker::Analysis(encode(request)))
}
