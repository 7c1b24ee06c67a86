//! The place where the reader's logs live, and the way to apply the policy there.

use playground_protocol::logs_place::PlaceReport;

use super::analysis::Answered;

/// The chosen place and way. They stay while the page is open.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlaceState {
    /// Index of the place.
    pub place: usize,
    /// Index of the way there.
    pub way: usize,
    /// The newest answer.
    pub answered: Answered<PlaceReport>,
}

/// Actions on the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceAction {
    /// The dialog is to be opened.
    Open,
    /// A place was chosen.
    Choose(usize),
    /// A way was chosen.
    ChooseWay(usize),
    /// The policy is to be compared with the rules of the cloud.
    Compare,
}
