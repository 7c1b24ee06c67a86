//! The seal, after which the page can't connect to a server, and attempts that show it.

/// State of the seal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SealState {
    /// Progress of sealing.
    pub status: SealStatus,
    /// The attempts.
    pub check: CheckState,
}

/// Progress of sealing. Workers can never connect, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SealStatus {
    /// The page shows its first results, and loads what it needs later.
    #[default]
    Loading,
    /// Sealing was requested.
    Sealing,
    /// The browser blocks every connection of the page.
    Sealed,
    /// A part of the page could not be loaded, for this reason, so the page can still connect.
    Failed(String),
}

/// Attempts to send something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CheckState {
    /// None were made.
    #[default]
    None,
    /// They are being made.
    Running,
    /// Their results.
    Done(Vec<Attempt>),
}

/// An attempt to send something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Place where it was made.
    pub place: Place,
    /// Name of the browser's function or of the kind of resource.
    pub name: String,
    /// Reaction of the browser.
    pub outcome: AttemptOutcome,
}

/// Place where an attempt was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the page.
    Page,
    /// In the worker that reads logs.
    Engine,
}

/// Reaction of the browser to an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The browser blocked it, by this directive of a policy.
    Blocked(String),
    /// It failed with this error. Not every browser reports in a worker what it blocks.
    Failed(String),
    /// Nothing prevented it.
    Sent,
}

impl Attempt {
    /// Reads the texts of an attempt: place, name, outcome and reason. `None` if they are not from this version of the script.
    pub fn from_texts(texts: [String; 4]) -> Option<Self> {
        let [place, name, outcome, reason] = texts;
        Some(Self {
            place: match place.as_str() {
                "page" => Place::Page,
                "engine" => Place::Engine,
                _ => return None,
            },
            name,
            outcome: match outcome.as_str() {
                "blocked" => AttemptOutcome::Blocked(reason),
                "failed" => AttemptOutcome::Failed(reason),
                "sent" => AttemptOutcome::Sent,
                _ => return None,
            },
        })
    }
}

/// Actions on the seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealAction {
    /// The page is to be sealed, unless it is.
    Seal,
    /// The page is sealed, or a part of it could not be loaded, for this reason.
    Finished(Result<(), String>),
    /// Attempts are to be made.
    Check,
    /// Attempts were made.
    Checked(Vec<Attempt>),
}
