//! Goals of a new policy: the chosen packs and claims, and the policy that meets them.

use playground_protocol::{GoalsPolicy, GoalsReport, GoalsResult, Level};

use super::analysis::Answered;

/// Maximum number of claims of the user's own.
pub const MAX_CLAIMS: usize = 40;

/// Goals of a new policy. They stay while the page is open.
#[derive(Debug, Clone, PartialEq)]
pub struct GoalsState {
    /// Names of the chosen packs.
    pub packs: Vec<String>,
    /// Claims of the user's own, in one line each; a line can be empty.
    pub claims: Vec<String>,
    /// Level of the requests that no claim is about.
    pub otherwise: Level,
    /// The newest policy.
    pub answered: Answered<GoalsReport>,
}

impl Default for GoalsState {
    fn default() -> Self {
        Self {
            packs: Vec::new(),
            claims: vec![String::new()],
            otherwise: Level::None,
            answered: Answered::default(),
        }
    }
}

impl GoalsState {
    /// Returns the policy that meets the goals, if there is one.
    pub fn policy(&self) -> Option<&GoalsPolicy> {
        match &self.answered.shown.as_deref()?.result {
            GoalsResult::Met(policy) => Some(policy),
            _ => None,
        }
    }
}

/// Actions on the goals of a new policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoalsAction {
    /// The dialog is to be opened.
    Open,
    /// A pack was chosen, or not any more: its name.
    ChoosePack(String, bool),
    /// A claim is to be added.
    AddClaim,
    /// The claim of this index was changed.
    EditClaim(usize, String),
    /// The claim of this index is to be removed.
    RemoveClaim(usize),
    /// Another level was chosen for the requests that no claim is about.
    SetOtherwise(Level),
    /// The policy is to be put into the editor.
    Apply,
}
