//! What is chosen in the page itself: panes, tabs, dialogs and the bar over the events.

/// A part of the page that can be shown alone, where the screen is narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The editor and its findings.
    Policy,
    /// The table.
    #[default]
    Events,
    /// What is known of one event.
    Inspector,
    /// How much is written; in place of events and inspector on a wide screen, too.
    Volume,
}

/// A tab of the inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What each rule said.
    #[default]
    Why,
    /// The event as the server would write it.
    Written,
    /// The attributes that the policy saw.
    Request,
    /// What could not be read of the log.
    Problems,
}

/// What lies over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialog {
    /// Flags and manifests.
    Export,
    /// A box to paste into.
    Paste,
    /// Keys and terms.
    Help,
    /// What the engine was compared with.
    Verified,
    /// A cluster to make a log of.
    GenerateLog,
}

/// What the bar in the answer divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BreakdownBy {
    /// Levels.
    #[default]
    Level,
    /// Rules.
    Rule,
}

/// What the bar in the answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Events caught.
    #[default]
    Events,
    /// Bytes written.
    Bytes,
}

/// How the answer relates to the text in the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It is the answer of this text.
    Fresh,
    /// The answer of this text is under way.
    Pending,
    /// This text is refused; it is the answer of the last one that was not.
    Stale,
}

/// A text for the editor; a new revision is a new text even where the words are the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EditorDocument {
    /// Counts the texts placed.
    pub revision: u32,
    /// Nothing was there before it, so there is nothing to go back to.
    pub first: bool,
    /// The text.
    pub text: String,
}
