//! Choices in the page itself: panes, tabs, dialogs and the bar above the events.

/// A part of the page that is shown alone on a narrow screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The editor and its findings.
    Policy,
    /// The event table.
    #[default]
    Events,
    /// The details of one event.
    Inspector,
    /// The volume; on a wide screen, it replaces the events and the inspector.
    Volume,
    /// The differences from another policy; they replace the events in the same way.
    Compare,
    /// The verdicts that requests can get; they replace the events in the same way.
    Ask,
    /// The lessons; on a wide screen, they are next to the policy.
    Lesson,
}

impl Pane {
    const ALL: [(&'static str, Self); 7] = [
        ("policy", Self::Policy),
        ("events", Self::Events),
        ("inspector", Self::Inspector),
        ("volume", Self::Volume),
        ("compare", Self::Compare),
        ("ask", Self::Ask),
        ("lesson", Self::Lesson),
    ];

    /// Returns its name in workspaces and in the browser's history.
    pub fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }

    /// Returns whether it replaces the events and the inspector on a wide screen.
    pub const fn replaces_events(self) -> bool {
        matches!(self, Self::Volume | Self::Compare | Self::Ask)
    }

    /// Returns the pane of a name.
    pub fn named(name: &str) -> Option<Self> {
        named_in(&Self::ALL, name)
    }
}

impl Tab {
    const ALL: [(&'static str, Self); 7] = [
        ("why", Self::Why),
        ("written", Self::Written),
        ("request", Self::Request),
        ("timeline", Self::Timeline),
        ("findings", Self::LogFindings),
        ("problems", Self::Problems),
        ("check", Self::PolicyCheck),
    ];

    /// Returns its name in workspaces.
    pub(super) fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }

    /// Returns the tab of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        named_in(&Self::ALL, name)
    }
}

fn name_in<T: PartialEq>(all: &[(&'static str, T)], value: T) -> &'static str {
    let found = all.iter().find(|(_, one)| *one == value);
    found.map_or("", |(name, _)| *name)
}

fn named_in<T: Copy>(all: &[(&'static str, T)], name: &str) -> Option<T> {
    let found = all.iter().find(|(one, _)| *one == name);
    found.map(|(_, value)| *value)
}

/// A tab of the inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// The result of each rule.
    #[default]
    Why,
    /// The event as the server would write it.
    Written,
    /// The attributes that the policy sees.
    Request,
    /// Who did what to an object, and when.
    Timeline,
    /// Findings about the log.
    LogFindings,
    /// Problems of reading the log.
    Problems,
    /// The check whether the log was written by the policy.
    PolicyCheck,
}

/// A dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialog {
    /// The export of flags and manifests.
    Export,
    /// A text area to paste a log into.
    Paste,
    /// Keyboard shortcuts and filter terms.
    Help,
    /// Description of how the engine is verified.
    Verified,
    /// The meaning of the seal, with a check.
    Sealed,
    /// The explanation of a finding's code.
    CodePage,
    /// The cluster to generate a log for.
    GenerateLog,
    /// A new policy that meets goals.
    Goals,
    /// The program for the place where logs live.
    Place,
    /// A link or file with the policy and some events.
    Share,
    /// The workspaces that the browser keeps.
    Workspaces,
}

/// Dimension that the bar above the events is broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BreakdownBy {
    /// Levels.
    #[default]
    Level,
    /// Rules.
    Rule,
}

/// Unit of the bar above the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Matched events.
    #[default]
    Events,
    /// Written bytes.
    Bytes,
}

/// Relation between the results and the text in the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// They are the results of this text.
    Fresh,
    /// The results of this text are being computed.
    Pending,
    /// This text is rejected; they are the results of the last accepted text.
    Stale,
}

/// A text for the editor. A new revision replaces the text even if it is equal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EditorDocument {
    /// Revision; incremented for each text.
    pub revision: u32,
    /// The editor was empty before, so there is nothing to undo.
    pub first: bool,
    /// The text.
    pub text: String,
}
