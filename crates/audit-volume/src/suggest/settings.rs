//! Suggested settings of the policy: stages and managed fields to omit, each with what it saves and the proof that no request loses a level.
//!
//! A setting removes nothing that another event of the same request does not have: RequestReceived is only omitted if every rule that
//! records keeps ResponseComplete, and ResponseStarted only in rules for named users or groups that keep it, because a failed authentication
//! is recorded at ResponseStarted alone.

use std::collections::HashSet;

use audit_policy::{
    KubernetesVersion, Level, Loaded, Matcher, Path, Policy, Rule, RuleIndex, Stage, load,
};
use audit_sim::{EventTable, Verdicts, is_long_running};
use audit_types::RequestId;
use audit_types::format::counted;
use audit_types::sort::SortShort;
use serde::Serialize;

use crate::compare::EffectiveVerdict;
use crate::protected::ProtectedReason;
use crate::volume::Volume;
use audit_analysis::{TextEdit, apply_insertions as apply};

/// Kind of a suggested setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SettingKind {
    /// `omitStages: [RequestReceived]` at the top level.
    OmitRequestReceived,
    /// `omitManagedFields: true` at the top level. Since 1.23.
    OmitManagedFields,
    /// `omitStages: [ResponseStarted]` in a rule.
    OmitResponseStarted,
}

impl SettingKind {
    /// Returns a title, with code in backticks.
    pub fn title(self, rule: Option<RuleIndex>) -> String {
        let what = match self {
            Self::OmitRequestReceived => "omit the stage `RequestReceived`",
            Self::OmitManagedFields => "omit managed fields from bodies",
            Self::OmitResponseStarted => "omit the stage `ResponseStarted`",
        };
        let of = rule.map(|rule| format!(" in {rule}"));
        [what, &of.unwrap_or_default()].concat()
    }

    /// Explains in one sentence why it is safe.
    pub const fn why(self) -> &'static str {
        match self {
            Self::OmitRequestReceived => {
                "every rule that records keeps `ResponseComplete`, which has all that the event at `RequestReceived` has; only requests in progress while the server stops are lost"
            }
            Self::OmitManagedFields => {
                "`metadata.managedFields` says which client last set which field; everything else of the bodies is still recorded"
            }
            Self::OmitResponseStarted => {
                "the rule keeps `ResponseComplete`, so each watch is recorded once, when it ends; it names users or groups, so it matches no failed authentication"
            }
        }
    }
}

/// A setting to add to the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuggestedSetting {
    /// Kind of setting.
    pub kind: SettingKind,
    /// The rule that gets it; `None` for the policy as a whole.
    pub rule: Option<RuleIndex>,
    /// The setting as YAML.
    pub setting: String,
    /// Insertion into the policy's text.
    pub edit: TextEdit,
    /// Volume that it saves in this log.
    pub saves: Volume,
    /// Proof that nothing security-relevant loses a level.
    pub proof: LevelProof,
    /// Reason why it is safe.
    pub why: &'static str,
}

/// Proof that no request of the log loses a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LevelProof {
    /// Number of distinct requests of the log that are protected, were denied with 401 or 403, or were impersonated.
    #[serde(rename = "guarded")]
    pub protected: u64,
    /// Number of distinct requests, protected or not, that lose a level.
    pub lost: u64,
}

impl LevelProof {
    /// Returns `true` if no request loses a level.
    pub const fn holds(self) -> bool {
        self.lost == 0
    }

    /// Summarizes the proof in one sentence.
    pub fn summary(self) -> String {
        let protected = counted(
            self.protected as f64,
            "security-relevant, denied or impersonated request",
            "security-relevant, denied or impersonated requests",
        );
        if !self.holds() {
            return format!(
                "proof failed: {} lose a level",
                counted(self.lost as f64, "request", "requests")
            );
        }
        format!(
            "proof: of {protected} in the log, no write, secret, RBAC, exec, impersonated or denied request loses a level"
        )
    }

    /// Compares the levels of every distinct request of a log.
    pub(super) fn new(before: &Verdicts, after: &Verdicts, table: &EventTable) -> Self {
        let denied = table
            .responses()
            .filter(|response| matches!(response.code, Some(401 | 403)));
        let mut special: HashSet<RequestId> = denied.map(|response| response.request).collect();
        special.extend(
            table
                .impersonated()
                .filter_map(|event| table.request_of(event)),
        );
        let mut proof = Self::default();
        for (number, request) in table.requests().ids().zip(table.requests().iter()) {
            let is_protected =
                special.contains(&number) || ProtectedReason::from_request(&request).is_some();
            proof.protected += u64::from(is_protected);
            let level = |verdicts: &Verdicts| {
                verdicts
                    .get(number)
                    .map(|verdict| EffectiveVerdict::new(verdict).level)
            };
            let is_kept = match (level(before), level(after)) {
                (Some(before), Some(after)) => after >= before,
                (before, None) => before.is_none(),
                (None, Some(_)) => true,
            };
            proof.lost += u64::from(!is_kept);
        }
        proof
    }
}

/// Policy and log on which settings are tried.
pub(super) struct SettingTrial<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) source: &'a [u8],
    pub(super) policy: &'a Policy,
    pub(super) verdicts: &'a Verdicts,
    pub(super) table: &'a EventTable,
    pub(super) version: KubernetesVersion,
    pub(super) written: Volume,
}

impl SettingTrial<'_> {
    /// Returns the settings that save something, those for the most bytes first.
    pub(super) fn suggest(&self) -> Vec<SuggestedSetting> {
        let in_rules = (0..self.policy.rules.len())
            .take(MAX_RULES)
            .map(|rule| (SettingKind::OmitResponseStarted, Some(RuleIndex::new(rule))));
        let candidates = [
            SettingKind::OmitRequestReceived,
            SettingKind::OmitManagedFields,
        ]
        .map(|kind| (kind, None));
        let candidates = candidates.into_iter().chain(in_rules);
        let mut settings: Vec<SuggestedSetting> = candidates
            .filter_map(|(kind, rule)| self.try_setting(kind, rule))
            .collect();
        settings.sort_short_by_key(|setting| std::cmp::Reverse(setting.saves.bytes));
        settings
    }

    fn try_setting(&self, kind: SettingKind, rule: Option<RuleIndex>) -> Option<SuggestedSetting> {
        // The text is not UTF-8: offsets would not be those of the file.
        if self.loaded.text.as_bytes() != self.source || !self.is_safe(kind, rule) {
            return None;
        }
        let (setting, edit) = match kind {
            SettingKind::OmitManagedFields => self.insert_field("omitManagedFields", "true")?,
            SettingKind::OmitRequestReceived => {
                self.insert_stage(Path::root(), Stage::RequestReceived)?
            }
            SettingKind::OmitResponseStarted => {
                self.insert_stage(Path::rule(rule?), Stage::ResponseStarted)?
            }
        };
        let text = apply(&self.loaded.text, std::slice::from_ref(&edit))?;
        let changed = load(text.as_bytes(), self.version).policy?;
        if !is_meant(&changed, self.policy, kind, rule) {
            return None;
        }
        let after = Verdicts::new(&Matcher::new(&changed), self.table.requests());
        let proof = LevelProof::new(self.verdicts, &after, self.table);
        let written: Volume = self
            .table
            .evaluate(&after, self.version)
            .tally
            .written
            .into();
        let saves = self.written.saturating_sub(written);
        (saves.bytes > 0 && proof.holds()).then(|| SuggestedSetting {
            kind,
            rule,
            setting,
            edit,
            saves,
            proof,
            why: kind.why(),
        })
    }

    /// Returns `true` if every request keeps an event at its level.
    fn is_safe(&self, kind: SettingKind, rule: Option<RuleIndex>) -> bool {
        let policy = self.policy;
        let omits = |rule: &Rule, stage: Stage| {
            rule.omit_stages.contains(&stage) || policy.omit_stages.contains(&stage)
        };
        let keeps_complete = |rule: &Rule| !omits(rule, Stage::ResponseComplete);
        match (kind, rule.and_then(|rule| policy.rule(rule))) {
            (SettingKind::OmitRequestReceived, _) => policy.rules.iter().all(|rule| {
                rule.level == Level::None
                    || omits(rule, Stage::RequestReceived)
                    || keeps_complete(rule) && !omits(rule, Stage::Panic)
            }),
            (SettingKind::OmitManagedFields, _) => !policy.omit_managed_fields,
            (SettingKind::OmitResponseStarted, Some(one)) => {
                let named = one
                    .user_groups
                    .iter()
                    .filter(|group| *group != "system:unauthenticated");
                let is_named = !one.users.is_empty()
                    || named.count() == one.user_groups.len() && !one.user_groups.is_empty();
                one.level > Level::None
                    && is_named
                    && keeps_complete(one)
                    && !omits(one, Stage::ResponseStarted)
                    && !omits(one, Stage::Panic)
                    && !self.streams_protected(rule)
            }
            (SettingKind::OmitResponseStarted, None) => false,
        }
    }

    /// Returns `true` if a rule matches a protected request of the log with a streamed response, such as exec: its beginning is recorded on
    /// purpose.
    fn streams_protected(&self, rule: Option<RuleIndex>) -> bool {
        let requests = self.table.requests();
        let mut matched = requests.ids().zip(requests.iter()).filter(|(number, _)| {
            self.verdicts
                .get(*number)
                .is_some_and(|verdict| verdict.rule == rule)
        });
        matched.any(|(_, request)| {
            let is_streamed = is_long_running(&request.to_request());
            is_streamed && ProtectedReason::from_request(&request).is_some()
        })
    }

    /// Returns a field of the policy and its insertion before `rules`, unless the policy has the field.
    fn insert_field(&self, name: &str, value: &str) -> Option<(String, TextEdit)> {
        if self.loaded.locate(&Path::root().field(name)).is_some() {
            return None;
        }
        let at = self.loaded.locate(&Path::root().field("rules"))?.key?.start;
        self.insert_at(
            at,
            name,
            value,
            &value.replace('[', "[\"").replace(']', "\"]"),
        )
    }

    /// Returns a stage to omit and its insertion into `omitStages` of the policy or of a rule.
    fn insert_stage(&self, of: Path, stage: Stage) -> Option<(String, TextEdit)> {
        let name = stage.name();
        let Some(list) = self.loaded.locate(&of.clone().field("omitStages")) else {
            let value = format!("[{name}]");
            return match of == Path::root() {
                true => self.insert_field("omitStages", &value),
                false => self.insert_at(
                    self.loaded.locate(&of)?.value.start,
                    "omitStages",
                    &value,
                    &format!("[\"{name}\"]"),
                ),
            };
        };
        let text = self.loaded.text.get(list.value.start..list.value.end)?;
        if text.starts_with("- ") {
            let before = self.loaded.text.get(..list.value.start)?;
            let line = before.rsplit('\n').next().unwrap_or_default();
            let is_block = line.chars().all(|character| character == ' ');
            let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
            let edit = TextEdit {
                at: list.value.start,
                insert: format!("- {name}{end}{line}"),
            };
            return is_block.then(|| (format!("omitStages: [{name}, …]"), edit));
        }
        let inside = text.strip_prefix('[')?;
        let is_quoted = inside.trim_start().starts_with('"');
        let item = if is_quoted {
            format!("\"{name}\"")
        } else {
            name.to_owned()
        };
        let separator = if inside.trim_start().starts_with(']') {
            ""
        } else {
            ", "
        };
        let edit = TextEdit {
            at: list.value.start + 1,
            insert: [&item, separator].concat(),
        };
        Some((format!("omitStages: [{name}, …]"), edit))
    }

    /// Returns a field and its insertion before the first or another field of a mapping.
    fn insert_at(
        &self,
        at: usize,
        name: &str,
        yaml: &str,
        json: &str,
    ) -> Option<(String, TextEdit)> {
        let text = &self.loaded.text;
        let (before, after) = text.split_at_checked(at)?;
        let setting = format!("{name}: {yaml}");
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let field = |inside: &str| {
            if inside.trim_start().starts_with('"') {
                format!("\"{name}\": {json}, ")
            } else {
                format!("{setting}, ")
            }
        };
        let (at, insert) = if let Some(inside) = after.strip_prefix('{') {
            (at + 1, field(inside))
        } else if line.chars().all(|character| matches!(character, ' ' | '-')) {
            let end = if before.ends_with("\r\n") || text.contains("\r\n") {
                "\r\n"
            } else {
                "\n"
            };
            (at, format!("{setting}{end}{}", " ".repeat(line.len())))
        } else if before.trim_end().ends_with(['{', ',']) {
            (at, field(after))
        } else {
            return None;
        };
        Some((setting, TextEdit { at, insert }))
    }
}

/// Maximum number of rules that are tried.
const MAX_RULES: usize = 200;

/// Returns `true` if a policy is another one with the setting and nothing else.
fn is_meant(changed: &Policy, policy: &Policy, kind: SettingKind, rule: Option<RuleIndex>) -> bool {
    let mut meant = policy.clone();
    let stages = |stages: &mut Vec<Stage>, stage| stages.insert(0, stage);
    match (kind, rule.and_then(|rule| meant.rules.get_mut(rule.get()))) {
        (SettingKind::OmitRequestReceived, _) => {
            stages(&mut meant.omit_stages, Stage::RequestReceived)
        }
        (SettingKind::OmitManagedFields, _) => meant.omit_managed_fields = true,
        (SettingKind::OmitResponseStarted, Some(rule)) => {
            stages(&mut rule.omit_stages, Stage::ResponseStarted)
        }
        (SettingKind::OmitResponseStarted, None) => return false,
    }
    *changed == meant
}

#[cfg(test)]
mod tests;
