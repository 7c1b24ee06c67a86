//! Messages between the page and its worker: plain data, encoded as bytes.
//!
//! The page never sees a policy type or an event type: the worker holds the engine and sends what to show. Browser `File` objects
//! travel next to the bytes of [`ToWorker::Open`], in the order of its names.
//!
//! Reports carry the [`Generation`] of the policy they were made under, so that the page can recognize a stale one.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod analysis;
mod answer;
mod claims;
mod code_page;
mod codec;
mod decision;
pub mod export;
mod goals;
mod ids;
mod inspection;
mod lessons;
mod lines;
mod log;
mod log_scan;
pub mod logs_place;
mod metrics;
mod model;
mod policy;
mod policy_check;
mod repair;
mod share;
mod sum;
mod table;
pub mod terms;
mod to_page;
mod to_worker;
mod values;
pub mod verified;
mod view;
pub mod volume;
mod why;

pub use audit_types::{
    ContradictionKind, Diagnostic, Edit, EventId, KubernetesVersion, Level, LogFindingKind,
    Outcome, RuleIndex, Severity, Target,
};

pub use analysis::{
    AnalysisReply, AnalysisRequest, AskReport, AskRequest, AskResult, ClassChange, CompareReport,
    CompareRequest, CompareResult, LogChange, QueryChoice, QueryCompletionRequest,
    QueryCompletions, QueryProblem, SimplerPolicy, SimplifyReport, VerdictView,
};
pub use answer::{AnswerReport, LevelSum, PerDay, RuleSum};
pub use claims::{
    AddTestRequest, AddedTest, BuiltInTests, ClaimContradiction, ClaimList, ClaimStatus, ClaimView,
    ClaimsReport, ClaimsRequest, ClaimsStart, ClaimsStep, MutationView, MutationsView, PackView,
    RequirementsView, RulePlace, TestOf, TestsView, TextProblem, TextWithTest,
};
pub use code_page::CodePage;
pub use codec::{decode, encode};
pub use decision::{Decision, Example, Problem, RequestView};
pub use goals::{
    GoalPack, GoalProblem, GoalsPolicy, GoalsReport, GoalsRequest, GoalsResult, MetGoal,
};
pub use ids::{Generation, LogId};
pub use inspection::{
    AnnotationView, AttributeView, DiffKind, DiffLine, FollowView, Inspection, WhoView, WhyLine,
    WhyState,
};
pub use lessons::{
    LessonAnswer, LessonBlock, LessonCheck, LessonInline, LessonOutcome, LessonReport,
    LessonSource, LessonSubject, LessonText, LessonTitle, LessonView, StepStart, StepView,
};
pub use lines::{EventSelection, ExportSummary, LineChunk, LineFormat, LineRequest};
pub use log::{FileReport, LogReport, ProblemView, Progress};
pub use log_scan::{
    FoundEvents, FoundPlace, LogFindingView, LogFindingsView, LogScan, LogScanRequest,
    LogScanStatus, LogScanStep, TimelineBucket, TimelineRequest, TimelineView,
};
pub use metrics::{MetricsFile, MetricsRejection, MetricsReport, RangeBreakdown, RangeGroup};
pub use model::{ClusterProfile, ModelReport, RateView, limit};
pub use policy::{DocumentView, LineFinding, PolicyReport, RuleView};
pub use policy_check::{
    ContradictionFilter, ContradictionView, PolicyCheckStatus, PolicyCheckStep, PolicyCheckView,
    SecretView, SourceView,
};
pub use repair::{RepairQuestion, RepairReport, RepairRequest, RepairView};
pub use share::{LikelySecret, MAX_SAMPLE_BYTES, Redaction, ShareReport, ShareRequest};
pub use sum::Sum;
pub use table::{EventGroup, Facet, FacetValue, Facets, RowView, Rows};
pub use to_page::{EventPosition, ExampleTitle, ToPage};
pub use to_worker::{BaselinePolicy, ToWorker};
pub use values::{FieldValue, FieldValues, ValuesRequest};
pub use view::{Column, OutcomeFilter, RuleFilter, View};
pub use why::{WhyReport, WhyRequest};

#[cfg(test)]
mod tests;
