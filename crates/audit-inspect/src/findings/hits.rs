//! Events of a finding: their number, the places of the first, and an example.

/// Maximum number of places of a finding.
pub(crate) const MAX_PLACES: usize = 5;

/// Events of a finding.
#[derive(Debug, Clone)]
pub(crate) struct Hits<P> {
    pub(crate) count: u64,
    pub(crate) first: Vec<P>,
    /// Text of the first of them.
    pub(crate) example: String,
}

impl<P> Default for Hits<P> {
    fn default() -> Self {
        Self {
            count: 0,
            first: Vec::new(),
            example: String::new(),
        }
    }
}

impl<P> Hits<P> {
    /// Adds an event. The text of an example is asked for if it is the first.
    pub(crate) fn push(&mut self, place: impl Fn() -> P, example: impl FnOnce() -> String) {
        if self.count == 0 {
            self.example = example();
        }
        if self.first.len() < MAX_PLACES {
            self.first.push(place());
        }
        self.count += 1;
    }
}
