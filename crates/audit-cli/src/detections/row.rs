//! A detection with its result, and words for it.

use audit_tests::{Blinding, Case, Change, Detected, Detection, Fires};

use crate::packs::Pack;
use crate::verdict::RuleLines;

/// A detection with its result.
pub(super) struct Row<'p> {
    pub(super) pack: &'p Pack,
    pub(super) case: &'p Case,
    /// Needs and result. `None` if it cannot fire under any policy.
    pub(super) result: Option<(&'p Detection, RowResult)>,
}

/// Result of a detection.
pub(super) struct RowResult {
    pub(super) detected: Detected,
    pub(super) change: Option<Change>,
    /// The text of the policy with the change. `None` without one, and if the layout leaves no certain place for it.
    pub(super) text: Option<String>,
}

impl Row<'_> {
    pub(super) fn fires(&self) -> Option<Fires> {
        self.result
            .as_ref()
            .and_then(|(_, result)| result.detected.fires)
    }

    pub(super) fn blinded_by(&self) -> &[Blinding] {
        let result = self.result.as_ref();
        result.map_or(&[], |(_, result)| &result.detected.blinded_by)
    }

    pub(super) fn change(&self) -> Option<&Change> {
        self.result
            .as_ref()
            .and_then(|(_, result)| result.change.as_ref())
    }

    pub(super) fn words(&self) -> &'static str {
        match (&self.result, self.fires()) {
            (None, _) => "fires under no policy",
            (_, Some(fires)) => fires.words(),
            (_, None) => "no request is in its class",
        }
    }
}

/// Returns what blinds a detection in words, one line for each rule.
pub(super) fn causes(row: &Row<'_>, lines: &RuleLines) -> Vec<String> {
    let words = |blinding: &Blinding| blinding.cause.words(&lines.words(blinding.rule()));
    let mut causes: Vec<String> = row.blinded_by().iter().map(words).collect();
    let result = row.result.as_ref();
    if result.is_some_and(|(_, result)| result.detected.has_more) {
        causes.push("and other rules".to_owned());
    }
    causes
}

/// Returns the totals in words: `4 detections: 2 can fire for all of their requests, 1 for some, 1 never`.
pub(super) fn totals(rows: &[Row<'_>]) -> String {
    let count = |fires: Option<Fires>| rows.iter().filter(|row| row.fires() == fires).count();
    let parts = [
        (Some(Fires::All), "can fire for all of their requests"),
        (Some(Fires::Some), "for some"),
        (Some(Fires::Never), "never"),
        (None, "not under any policy"),
    ];
    let parts = parts.map(|(fires, words)| (count(fires), words));
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    format!("{} detections: {}", rows.len(), parts.join(", "))
}
