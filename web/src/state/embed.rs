//! The page inside another page: what the host has set, and the messages between the two.

use super::ui::{Dialog, Pane, Tab};

/// State of an embedded page. The default is that of a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EmbedState {
    /// The page is shown by a host's script: one part at a time, below a small bar.
    pub is_compact: bool,
    /// A host has set something. The page stores nothing from then on.
    pub is_hosted: bool,
    /// The policy cannot be edited.
    pub is_read_only: bool,
    /// Theme that the host has set.
    pub theme: Option<HostTheme>,
}

/// Theme of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostTheme {
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// That of the browser.
    System,
}

impl HostTheme {
    /// Returns its name in the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    /// Returns the theme of a name in a message.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            "auto" => Some(Self::System),
            _ => None,
        }
    }
}

/// A part of the page that a host can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostView {
    /// The editor and its findings.
    Policy,
    /// The event table.
    Events,
    /// The result of each rule for the selected event.
    Why,
    /// The lesson.
    Lesson,
    /// The volume.
    Volume,
    /// The dialog of the export.
    Export,
}

impl HostView {
    /// All, in the order of their buttons, with their names in messages and their labels.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Lesson, "lesson", "Lesson"),
        (Self::Policy, "policy", "Policy"),
        (Self::Events, "events", "Events"),
        (Self::Why, "why", "Why"),
        (Self::Volume, "volume", "Volume"),
        (Self::Export, "export", "Export"),
    ];

    /// Returns its name in messages.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(view, ..)| *view == self);
        found.map_or("", |(_, name, _)| *name)
    }

    /// Returns the view of a name in a message.
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, one, _)| *one == name);
        found.map(|(view, ..)| *view)
    }

    /// Returns the view that a pane and a dialog show.
    pub fn shown(pane: Pane, dialog: Option<Dialog>) -> Self {
        match pane {
            _ if dialog == Some(Dialog::Export) => Self::Export,
            Pane::Lesson => Self::Lesson,
            Pane::Policy => Self::Policy,
            Pane::Events | Pane::Compare | Pane::Ask => Self::Events,
            Pane::Inspector => Self::Why,
            Pane::Volume => Self::Volume,
        }
    }

    /// Returns its pane. The export is above the policy.
    pub const fn pane(self) -> Pane {
        match self {
            Self::Lesson => Pane::Lesson,
            Self::Policy | Self::Export => Pane::Policy,
            Self::Events => Pane::Events,
            Self::Why => Pane::Inspector,
            Self::Volume => Pane::Volume,
        }
    }

    /// Returns the tab of the inspector that it names.
    pub const fn tab(self) -> Option<Tab> {
        match self {
            Self::Why => Some(Tab::Why),
            _ => None,
        }
    }
}

/// Parts that a host sets. `None` leaves one as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostParts {
    /// A workspace as JSON, which the other parts change.
    pub workspace: Option<String>,
    /// Text of the policy.
    pub policy: Option<String>,
    /// Kubernetes version.
    pub version: Option<String>,
    /// Name of a lesson that comes with the page, or the text of another one.
    pub lesson: Option<String>,
    /// Text of a log. An empty one is ignored.
    pub log: Option<String>,
    /// Name of a [`HostView`].
    pub view: Option<String>,
    /// Index of an event in the log.
    pub select: Option<u64>,
    /// Name of a [`HostTheme`].
    pub theme: Option<String>,
    /// The policy cannot be edited.
    pub is_read_only: Option<bool>,
}

/// Actions of the host, and on the embedded page's bar.
#[derive(Debug, Clone, PartialEq)]
pub enum EmbedAction {
    /// The host sets parts, in the message of this number.
    Set(u32, Box<HostParts>),
    /// The host requests the workspace, in the message of this number.
    Get(u32),
    /// No host has set anything for a while.
    NoHost,
    /// A view was selected.
    Show(HostView),
}

/// Answer to a message of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostAnswer {
    /// It was applied.
    Applied,
    /// It was not, for this reason.
    Rejected(String),
    /// The workspace as JSON.
    Workspace(String),
}
