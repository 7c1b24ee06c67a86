//! Requirements of an answer. A check never compares texts.

use audit_filter::Filter;
use audit_tests::{Case, SettingClaim};
use serde::{Deserialize, Serialize};

/// Check of an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Check {
    /// Every claim holds under the policy: requests are evaluated, classes of requests are proved.
    Policy(Vec<Case>),
    /// The policy treats every request that could come as this one does.
    Equal(String),
    /// The flags or the manifest have these properties.
    Settings(SettingsCheck),
    /// A question about the log. Its answer is computed.
    Question(Question),
    /// An event of the log that a filter selects.
    Event(EventCheck),
}

/// Properties of flags or of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SettingsCheck {
    /// Claims about flags.
    pub claims: Vec<SettingClaim>,
    /// True if policy and log have to be files that the manifest mounts so that they can be read and written.
    pub is_mounted: bool,
    /// Codes of findings that must not be left, such as `AE009`.
    pub without: Vec<String>,
}

/// A question about the events that a filter selects, all of which have the same answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// Subject of the question.
    pub about: About,
    /// Filter that selects the events.
    pub of: EventCheck,
    /// Event that counts, if the filter selects several.
    pub pick: Pick,
}

/// The events that a filter selects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventCheck {
    /// The filter as written.
    pub text: String,
    /// The filter.
    pub filter: Filter,
    /// Words for the event that the task asks for, such as "an event with both bodies". `None` if the filter says it.
    pub asks: Option<String>,
}

/// Event that a question is about, of those that a filter selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Pick {
    /// All of them: they have the same answer.
    #[default]
    All,
    /// The one that was received first.
    First,
    /// The one that was received last.
    Last,
}

/// Subject of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum About {
    /// Name of the user.
    User,
    /// Name of the user that the user acted as.
    ImpersonatedUser,
    /// Verb.
    Verb,
    /// Namespace.
    Namespace,
    /// Resource, with its subresource.
    Resource,
    /// Name of the object.
    Name,
    /// The object: its name, perhaps with resource and namespace.
    Object,
    /// Status of the response.
    Code,
    /// The address that the server itself saw: the last one.
    Ip,
    /// The client's user agent.
    UserAgent,
    /// Time at which the request was received.
    Time,
    /// Id of the request.
    #[serde(rename = "auditID")]
    AuditId,
    /// Recorded level.
    Level,
    /// Recorded stage.
    Stage,
    /// Number of the rule that matches under the policy.
    Rule,
    /// Number of requests.
    Count,
}

impl About {
    /// Returns the words for the answer: "user", "time".
    pub const fn words(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ImpersonatedUser => "impersonated user",
            Self::Verb => "verb",
            Self::Namespace => "namespace",
            Self::Resource => "resource",
            Self::Name => "name",
            Self::Object => "object",
            Self::Code => "status",
            Self::Ip => "address",
            Self::UserAgent => "user agent",
            Self::Time => "time",
            Self::AuditId => "audit ID",
            Self::Level => "level",
            Self::Stage => "stage",
            Self::Rule => "rule",
            Self::Count => "number of requests",
        }
    }
}
