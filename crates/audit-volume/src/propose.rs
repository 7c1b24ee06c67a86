//! Rules that would make a log smaller, for groups of requests that nobody looks at, and the reason where there is none to offer.
//!
//! A proposal is one rule of level None that names one actor, one verb and one resource, and the place in the policy's text where it works
//! and hides nothing that a rule records on purpose. It is offered only after it was tried: the policy with the rule is loaded as the
//! server loads it, is the same but for that rule, and on every distinct request of the log says the same but for the group. No write, and
//! nothing that a [`Guard`](crate::guard::Guard) stands before, is ever proposed, but for two writes that people are known to leave out and
//! that have to be asked for ([`Asked::include_writes`]).
//!
//! A rule cannot see a status, so a group with refused requests has no proposal. The table does not hold `impersonatedUser`; servers since
//! 1.35 leave a trace that is heeded, and for others the caller says which events are such ([`Asked::impersonated`]).

mod noise;
mod place;
mod purpose;

use audit_policy::{KubernetesVersion, Level, Loaded, Matcher, Policy, Rule, load};
use audit_sim::{EventTable, Verdicts};
use serde::Serialize;

use crate::amount::Amount;
use crate::compare::Ruling;
use crate::safety::prove_safe_by;
use noise::{Group, Noisiest};

pub use noise::{Actor, Noise};
pub use place::{TextEdit, Unplaceable, apply};
pub use purpose::{Kind, Reason};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The server's version.
    pub version: KubernetesVersion,
    /// Groups that are looked at, the noisiest first.
    pub most: usize,
    /// Whether the known writes are offered too: updates of leases, and events that components record.
    pub include_writes: bool,
    /// Events that bear `impersonatedUser`, by number, where the caller knows them.
    pub impersonated: Vec<usize>,
}

impl Default for Asked {
    /// The twenty noisiest groups, on the newest version, and no write.
    fn default() -> Self {
        Self {
            version: KubernetesVersion::NEWEST,
            most: 20,
            include_writes: false,
            impersonated: Vec::new(),
        }
    }
}

/// The noisiest groups of a log, each with a proposal or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposals {
    /// The server's reason for refusing the policy; then there is nothing else.
    pub refusal: Option<String>,
    /// What the policy writes of the log.
    pub written: Amount,
    /// The most bytes first.
    pub groups: Vec<Answer>,
}

impl Proposals {
    /// Those that there are, the most bytes first.
    pub fn offered(&self) -> impl Iterator<Item = &Proposal> {
        self.groups.iter().filter_map(|answer| match &answer.offer {
            Offer::Proposal(proposal) => Some(proposal.as_ref()),
            Offer::Nothing { .. } => None,
        })
    }
}

/// A group and what is offered for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The group.
    pub noise: Noise,
    /// What is offered.
    pub offer: Offer,
}

/// A proposal, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Offer {
    /// A rule.
    Proposal(Box<Proposal>),
    /// None.
    Nothing {
        /// Why.
        why: Reason,
        /// The same in one sentence.
        sentence: String,
    },
}

/// A rule to insert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposal {
    /// What kind of noise it leaves out.
    pub kind: Kind,
    /// Whether the requests change something: then it is the reader's own decision.
    pub is_write: bool,
    /// The rule as YAML, without indentation.
    pub rule: String,
    /// The rule before which it goes, from 0.
    pub before_rule: usize,
    /// The same as an insertion into the policy's text.
    pub edit: TextEdit,
    /// What the policy writes less of this log.
    pub saves: Amount,
    /// Distinct requests that are no longer seen; they are all of this group, and no other request of the log is judged otherwise.
    pub requests: u64,
    /// Recorded events among them that failed, with a status of 400 or more that is neither 401 nor 403.
    pub failed: u64,
    /// Why it is safe, in one sentence.
    pub why: &'static str,
}

/// The noisiest groups of a log under a policy, given by its text, with proposals.
///
/// ```
/// use audit_sim::EventTable;
/// use audit_volume::propose::{Asked, propose};
///
/// let policy = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
/// assert!(propose(policy, &EventTable::new(), &Asked::default()).groups.is_empty());
/// let refused = propose(b"rules: []", &EventTable::new(), &Asked::default());
/// assert!(refused.refusal.is_some());
/// ```
pub fn propose(source: &[u8], table: &EventTable, asked: &Asked) -> Proposals {
    let loaded = load(source, asked.version);
    let Some(policy) = &loaded.policy else {
        return Proposals {
            refusal: loaded.error,
            ..Proposals::default()
        };
    };
    let verdicts = Verdicts::of(&Matcher::new(policy), table.requests());
    let mut impersonated = asked.impersonated.clone();
    impersonated.sort_unstable();
    let noisiest = Noisiest::of(table, &verdicts, asked.version, &impersonated, asked.most);
    let trial = Trial {
        loaded: &loaded,
        source,
        policy,
        written: table.reckon(&verdicts, asked.version).tally.written.into(),
        verdicts: &verdicts,
        table,
        asked,
        noisiest: &noisiest,
        reaches: purpose::Reaches::of(policy),
    };
    let answers = noisiest.groups.iter().enumerate().map(|(place, group)| {
        let offer = match trial.propose(place, group) {
            Ok(proposal) => Offer::Proposal(Box::new(proposal)),
            Err(why) => Offer::Nothing {
                why,
                sentence: why.sentence(),
            },
        };
        Answer {
            noise: group.noise.clone(),
            offer,
        }
    });
    Proposals {
        refusal: None,
        written: trial.written,
        groups: answers.collect(),
    }
}

/// Whether all that a rule names is UTF-8.
fn is_text(rule: &Rule) -> bool {
    let resources = rule.resources.iter().flat_map(|group| &group.resources);
    let named = rule.users.iter().chain(&rule.verbs);
    let mut named = named.chain(&rule.non_resource_urls).chain(resources);
    !named.any(|text| audit_log::stand_in::is_in(text))
}

/// What a proposal is tried on.
struct Trial<'a> {
    loaded: &'a Loaded,
    source: &'a [u8],
    policy: &'a Policy,
    written: Amount,
    verdicts: &'a Verdicts,
    table: &'a EventTable,
    asked: &'a Asked,
    noisiest: &'a Noisiest,
    reaches: purpose::Reaches<'a>,
}

impl Trial<'_> {
    fn propose(&self, place: usize, group: &Group) -> Result<Proposal, Reason> {
        let requests = self.table.requests();
        let kind = purpose::kind_of(group, requests, self.asked.include_writes)?;
        let before_rule = self.reaches.place_for(group, requests)?;
        let rule = purpose::rule_for(group, kind);
        // A policy is UTF-8, so that no rule of it matches a request with other bytes.
        if !is_text(&rule) {
            return Err(Reason::NotAsMeant);
        }
        let edit = place::insertion(self.loaded, self.source, before_rule, &rule)
            .map_err(|why| Reason::Unplaceable { why })?;
        let changed = self.apply(&edit, before_rule, &rule)?;
        let after = Verdicts::of(&Matcher::new(&changed), requests);
        let silenced = self.silenced(place, kind, &after)?;
        let written: Amount = self
            .table
            .reckon(&after, self.asked.version)
            .tally
            .written
            .into();
        let saves = self.written.less(written);
        if saves.events == 0 {
            return Err(Reason::SavesNothing);
        }
        Ok(Proposal {
            kind,
            is_write: kind.is_write(),
            rule: place::spell(&rule),
            before_rule,
            edit,
            saves,
            requests: silenced,
            failed: group.noise.failed,
            why: kind.why(),
        })
    }

    /// The policy with the rule, as the server loads it; it has to be the one that is meant.
    fn apply(&self, edit: &TextEdit, before_rule: usize, rule: &Rule) -> Result<Policy, Reason> {
        let text =
            apply(&self.loaded.text, std::slice::from_ref(edit)).ok_or(Reason::NotAsMeant)?;
        let loaded = load(text.as_bytes(), self.asked.version);
        let mut meant = self.policy.clone();
        if before_rule > meant.rules.len() {
            return Err(Reason::NotAsMeant);
        }
        meant.rules.insert(before_rule, rule.clone());
        loaded
            .policy
            .filter(|policy| *policy == meant)
            .ok_or(Reason::NotAsMeant)
    }

    /// How many distinct requests are no longer seen; all are of the group, and no other is judged otherwise.
    fn silenced(&self, place: usize, kind: Kind, after: &Verdicts) -> Result<u64, Reason> {
        let mut silenced = 0;
        for request in (0..).take(self.table.requests().len()) {
            let [from, to] =
                [self.verdicts, after].map(|verdicts| verdicts.get(request).map(Ruling::of));
            if from == to {
                continue;
            }
            let is_silent = to.is_some_and(|ruling| ruling.level == Level::None);
            if !is_silent || !self.noisiest.holds(place, request) {
                return Err(Reason::ChangesOthers);
            }
            silenced += 1;
        }
        let safety = prove_safe_by(self.verdicts, after, self.table);
        // The writes of a group that was asked for are the only guarded requests that may lose anything, and those are of the group.
        if !kind.is_write() && !safety.holds() {
            return Err(Reason::ChangesOthers);
        }
        Ok(silenced)
    }
}

/// The policy's text with several proposals at once; none where one of them is not of this text.
pub fn apply_all<'p>(
    text: &str,
    proposals: impl IntoIterator<Item = &'p Proposal>,
) -> Option<String> {
    let edits: Vec<TextEdit> = proposals
        .into_iter()
        .map(|proposal| proposal.edit.clone())
        .collect();
    apply(text, &edits)
}

#[cfg(test)]
mod tests;
