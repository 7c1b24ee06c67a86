//! The policy's side of the state: typing, placing, and the one load under way.

use playground_protocol::{Ask, PolicyReport};

use super::{AppState, Placed};
use crate::shared::Shared;

impl AppState {
    /// The editor's text changed, by typing or because a text was placed there.
    pub(super) fn edit(&mut self, text: String) -> Vec<Ask> {
        if *self.text == text {
            return Vec::new();
        }
        self.text = Shared::new(text);
        self.touch();
        self.changed()
    }

    /// Puts a text into the editor and loads it.
    pub(super) fn place(&mut self, text: String) -> Vec<Ask> {
        self.placed = Shared::new(Placed {
            revision: self.placed.revision.wrapping_add(1),
            first: self.text.is_empty(),
            text: text.clone(),
        });
        self.text = Shared::new(text);
        self.changed()
    }

    pub(super) fn choose_version(&mut self, version: String) -> Vec<Ask> {
        if self.version == version {
            return Vec::new();
        }
        self.version = version;
        let mut asks = self.changed();
        asks.extend(self.ask_shown_export());
        asks
    }

    pub(super) fn policy_loaded(&mut self, report: PolicyReport) -> Vec<Ask> {
        if self.loading.is_some_and(|asked| asked <= report.generation) {
            self.loading = None;
        }
        let behind = report.generation < self.generation;
        if !behind || self.policy.is_none() {
            self.policy = Some(Shared::new(report));
        }
        if behind && self.loading.is_none() {
            return self.load();
        }
        Vec::new()
    }

    fn changed(&mut self) -> Vec<Ask> {
        self.generation = self.generation.saturating_add(1);
        if self.loading.is_some() {
            return Vec::new();
        }
        self.load()
    }

    pub(super) fn load(&mut self) -> Vec<Ask> {
        self.loading = Some(self.generation);
        vec![Ask::Policy {
            generation: self.generation,
            text: (*self.text).clone(),
            version: self.version.clone(),
        }]
    }
}
