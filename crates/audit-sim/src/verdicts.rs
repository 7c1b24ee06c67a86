//! The verdicts of one policy on all requests of a log.
//!
//! The policy is evaluated once for each distinct user, verb, namespace and resource. The verdict on a request is then the first rule that
//! admits all of its values, which takes a few loads and no comparison of texts.

use audit_policy::{Matcher, ResourceTarget, RuleIndex, Verdict};
use audit_types::RequestId;

use crate::requests::{RequestRow, RequestView, Requests};

/// Policies with more blocks of rules are evaluated request by request: their tables would cost more memory than they save time.
const MAX_BLOCKS: usize = 8;

/// Index of a verdict that is unknown.
const UNKNOWABLE: u32 = u32::MAX;

/// The verdicts of one policy on the requests of a store, by request. The default is for an empty store.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    /// The verdict of each rule, followed by the verdict on requests that match no rule.
    by_rule: Vec<Verdict>,
    by_request: Vec<u32>,
    tables: RuleTables,
}

/// The rules that admit each value, as blocks of 64 rules.
#[derive(Debug, Clone, Default)]
struct RuleTables {
    blocks: usize,
    /// Number of rules, which is also the index of "no rule".
    rules: u32,
    subjects: Vec<u64>,
    verbs: Vec<u64>,
    namespaces: Vec<u64>,
    targets: Vec<u64>,
    /// For each object name, `true` if some rule lists it; empty if no rule lists names.
    names: Vec<bool>,
}

impl Verdicts {
    /// Evaluates the policy on all requests of a store.
    ///
    /// ```
    /// use audit_policy::{Level, Matcher, Policy, Request, Rule, MissingAttributes};
    /// use audit_sim::{Requests, Verdicts};
    ///
    /// let mut requests = Requests::default();
    /// let number = requests.add(&Request::default(), MissingAttributes::NONE);
    /// let matcher = Matcher::new(&Policy::new(vec![Rule::new(Level::Request)]));
    /// let verdicts = Verdicts::new(&matcher, &requests);
    /// assert_eq!(verdicts.get(number).unwrap().level, Level::Request);
    /// ```
    pub fn new(matcher: &Matcher, requests: &Requests) -> Self {
        let mut verdicts = Self::default();
        verdicts.extend(matcher, requests);
        verdicts
    }

    /// Evaluates the policy on the requests added since the last call, which was for the same policy and store.
    pub fn extend(&mut self, matcher: &Matcher, requests: &Requests) {
        if self.by_rule.is_empty() {
            let rules = (0..matcher.rule_count()).map(|rule| Some(RuleIndex::new(rule)));
            let verdicts = rules.chain([None]).map(|rule| matcher.verdict_of(rule));
            self.by_rule = verdicts.collect();
        }
        let by_table = matcher.block_count() <= MAX_BLOCKS;
        if by_table {
            self.tables.extend(matcher, requests);
        }
        let new = requests.rows_from(self.by_request.len());
        self.by_request.reserve(new.len());
        for row in new {
            let number = u32::try_from(self.by_request.len()).unwrap_or(u32::MAX);
            let id = RequestId::new(number);
            let by_values = by_table.then(|| self.tables.evaluate_cached(row)).flatten();
            let verdict_index =
                by_values.unwrap_or_else(|| self.evaluate_uncached(matcher, row, requests.get(id)));
            self.by_request.push(verdict_index);
        }
    }

    /// Returns the number of requests with a verdict.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.by_request.len()
    }

    /// Returns `true` if both have the same verdict, by the same rule, on every request.
    pub fn equals(&self, other: &Self) -> bool {
        self.by_rule == other.by_rule && self.by_request == other.by_request
    }

    /// Returns the verdict on a request; `None` if the record lacks an attribute that the policy depends on, or if there is no such request.
    #[inline]
    pub fn get(&self, request: RequestId) -> Option<Verdict> {
        let verdict_index = *self.by_request.get(request.index())?;
        self.by_rule.get(verdict_index as usize).copied()
    }

    /// Returns the verdict of each rule in order, followed by the verdict on requests that match no rule.
    pub fn rule_verdicts(&self) -> &[Verdict] {
        &self.by_rule
    }

    /// Returns the index in [`Self::rule_verdicts`] of the verdict on a request, or a larger number if it is unknown.
    #[inline]
    pub fn verdict_index(&self, request: RequestId) -> usize {
        let verdict_index = self.by_request.get(request.index());
        verdict_index.map_or(usize::MAX, |verdict_index| *verdict_index as usize)
    }

    /// Evaluates requests that the tables alone do not decide: missing attributes, names that rules list, and large policies.
    #[cold]
    fn evaluate_uncached(
        &self,
        matcher: &Matcher,
        row: &RequestRow,
        request: Option<RequestView<'_>>,
    ) -> u32 {
        let no_rule = matcher.rule_count();
        let Some(request) = request else {
            return UNKNOWABLE;
        };
        let number =
            |rule: Option<usize>| u32::try_from(rule.unwrap_or(no_rule)).unwrap_or(UNKNOWABLE);
        if row.is_partial || matcher.block_count() > MAX_BLOCKS {
            return matcher
                .evaluate_partial(&request.to_request(), request.unknown())
                .map_or(UNKNOWABLE, |verdict| {
                    number(verdict.rule.map(RuleIndex::get))
                });
        }
        let first = (0..matcher.block_count()).find_map(|block| {
            let by_target = self.tables.of_target(row, block) | of_object(matcher, &request, block);
            let left = self.tables.of_others(row, block) & by_target;
            (left != 0).then(|| block * 64 + left.trailing_zeros() as usize)
        });
        number(first)
    }
}

impl RuleTables {
    /// Returns the first rule that matches, or the index of "no rule"; `None` if the tables alone do not decide.
    #[inline]
    fn evaluate_cached(&self, row: &RequestRow) -> Option<u32> {
        if row.is_partial || self.names.get(row.name as usize).copied().unwrap_or(false) {
            return None;
        }
        for block in 0..self.blocks {
            let left = self.of_others(row, block) & self.of_target(row, block);
            if left != 0 {
                return u32::try_from(block * 64)
                    .ok()?
                    .checked_add(left.trailing_zeros());
            }
        }
        Some(self.rules)
    }

    #[inline]
    fn of_target(&self, row: &RequestRow, block: usize) -> u64 {
        self.block(&self.targets, row.target, block)
    }

    /// Returns the rules of a block that admit everything of a request but its target.
    #[inline]
    fn of_others(&self, row: &RequestRow, block: usize) -> u64 {
        self.block(&self.subjects, row.subject, block)
            & self.block(&self.verbs, row.verb, block)
            & self.block(&self.namespaces, row.namespace, block)
    }

    #[inline]
    fn block(&self, table: &[u64], value: u32, block: usize) -> u64 {
        let at = (value as usize) * self.blocks + block;
        table.get(at).copied().unwrap_or(0)
    }

    /// Evaluates the policy on the values that are new.
    fn extend(&mut self, matcher: &Matcher, requests: &Requests) {
        let words = matcher.block_count();
        self.blocks = words;
        self.rules = u32::try_from(matcher.rule_count()).unwrap_or(UNKNOWABLE);
        let known = |table: &Vec<u64>| table.len().checked_div(words).unwrap_or(0);
        for subject in requests.subjects_from(known(&self.subjects)) {
            let rules = (0..words).map(|block| of_subject(matcher, &subject, block));
            self.subjects.extend(rules);
        }
        for verb in requests.verbs_from(known(&self.verbs)) {
            self.verbs
                .extend((0..words).map(|block| matcher.rules_for_verb(verb, block)));
        }
        for namespace in requests.namespaces_from(known(&self.namespaces)) {
            let rules = (0..words).map(|block| matcher.rules_for_namespace(namespace, block));
            self.namespaces.extend(rules);
        }
        for target in requests.targets_from(known(&self.targets)) {
            let rules = (0..words).map(|block| of_target(matcher, &target, block));
            self.targets.extend(rules);
        }
        if matcher.lists_object_names() {
            let names = requests.names_from(self.names.len());
            self.names
                .extend(names.map(|name| matcher.lists_object_name(name)));
        }
    }
}

fn of_subject(matcher: &Matcher, request: &RequestView<'_>, block: usize) -> u64 {
    matcher.rules_for_subject(request.user_name(), request.groups(), block)
}

fn of_target(matcher: &Matcher, request: &RequestView<'_>, block: usize) -> u64 {
    if request.is_resource_request() {
        matcher.rules_for_resource(resource_of(request), block)
    } else {
        matcher.rules_for_path(request.path(), block)
    }
}

fn of_object(matcher: &Matcher, request: &RequestView<'_>, block: usize) -> u64 {
    if request.is_resource_request() {
        matcher.rules_for_object(resource_of(request), request.name(), block)
    } else {
        0
    }
}

fn resource_of<'r>(request: &RequestView<'r>) -> ResourceTarget<'r> {
    ResourceTarget {
        api_group: request.api_group(),
        resource: request.resource(),
        subresource: request.subresource(),
    }
}
