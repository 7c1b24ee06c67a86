//! The verdicts of one policy on all requests of a log.
//!
//! The policy is asked about each distinct user, verb, namespace and resource once; a request's verdict is then the first rule that
//! all of its values admit, which takes a few loads and no comparison of texts.

use audit_policy::{Matcher, ResourceTarget, Verdict};

use crate::requests::{RequestRow, RequestView, Requests};

/// Policies of more rules are asked about each request by itself: their tables would take more memory than they save time.
const MAX_BLOCKS: usize = 8;

/// Stands for the verdict that cannot be known.
const UNKNOWABLE: u32 = u32::MAX;

/// The verdicts of one policy on the requests of a store, by number. The default knows no request.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    /// The verdict of each rule, and last that of no rule.
    by_rule: Vec<Verdict>,
    by_request: Vec<u32>,
    tables: RuleTables,
}

/// For each value, the rules that admit it, `words` times 64 of them.
#[derive(Debug, Clone, Default)]
struct RuleTables {
    blocks: usize,
    /// How many rules there are: the number of "no rule".
    rules: u32,
    subjects: Vec<u64>,
    verbs: Vec<u64>,
    namespaces: Vec<u64>,
    targets: Vec<u64>,
    /// For each object name, whether some rule asks for it; empty where no rule asks for names.
    names: Vec<bool>,
}

impl Verdicts {
    /// The verdicts on all requests of a store.
    ///
    /// ```
    /// use audit_policy::{Level, Matcher, Policy, Request, Rule, MissingAttributes};
    /// use audit_sim::{Requests, Verdicts};
    ///
    /// let mut requests = Requests::default();
    /// let number = requests.add(&Request::default(), MissingAttributes::NONE);
    /// let rule = Rule { level: Level::Request, ..Rule::default() };
    /// let matcher = Matcher::new(&Policy { rules: vec![rule], ..Policy::default() });
    /// let verdicts = Verdicts::new(&matcher, &requests);
    /// assert_eq!(verdicts.get(number).unwrap().level, Level::Request);
    /// ```
    pub fn new(matcher: &Matcher, requests: &Requests) -> Self {
        let mut verdicts = Self::default();
        verdicts.extend(matcher, requests);
        verdicts
    }

    /// Judges the requests that came since the last call, which was for the same policy and store.
    pub fn extend(&mut self, matcher: &Matcher, requests: &Requests) {
        if self.by_rule.is_empty() {
            let rules = (0..matcher.rule_count()).map(Some);
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
            let by_values = by_table.then(|| self.tables.evaluate_cached(row)).flatten();
            let ruling = by_values
                .unwrap_or_else(|| self.evaluate_uncached(matcher, row, requests.get(number)));
            self.by_request.push(ruling);
        }
    }

    /// Whether both say the same of every request, by rules of the same numbers.
    pub fn equals(&self, other: &Self) -> bool {
        self.by_rule == other.by_rule && self.by_request == other.by_request
    }

    /// The verdict on a request; none where the record lacks what the policy asks about, and where there is no such request.
    #[inline]
    pub fn get(&self, request: u32) -> Option<Verdict> {
        let ruling = *self.by_request.get(request as usize)?;
        self.by_rule.get(ruling as usize).copied()
    }

    /// The verdict of each rule in order, and last that of a request which no rule matches.
    pub fn rule_verdicts(&self) -> &[Verdict] {
        &self.by_rule
    }

    /// The place in [`Self::of_rules`] of the verdict on a request; beyond the end where it cannot be known.
    #[inline]
    pub fn verdict_index(&self, request: u32) -> usize {
        let ruling = self.by_request.get(request as usize);
        ruling.map_or(usize::MAX, |ruling| *ruling as usize)
    }

    /// What the tables alone do not settle: unknown attributes, names that rules ask for, and large policies.
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
                .map_or(UNKNOWABLE, |verdict| number(verdict.rule));
        }
        let first = (0..matcher.block_count()).find_map(|word| {
            let by_target = self.tables.of_target(row, word) | of_object(matcher, &request, word);
            let left = self.tables.of_others(row, word) & by_target;
            (left != 0).then(|| word * 64 + left.trailing_zeros() as usize)
        });
        number(first)
    }
}

impl RuleTables {
    /// The rule that decides, or the number of "no rule"; none where the values alone do not tell.
    #[inline]
    fn evaluate_cached(&self, row: &RequestRow) -> Option<u32> {
        if row.is_partial || self.names.get(row.name as usize).copied().unwrap_or(false) {
            return None;
        }
        for word in 0..self.blocks {
            let left = self.of_others(row, word) & self.of_target(row, word);
            if left != 0 {
                return u32::try_from(word * 64)
                    .ok()?
                    .checked_add(left.trailing_zeros());
            }
        }
        Some(self.rules)
    }

    #[inline]
    fn of_target(&self, row: &RequestRow, word: usize) -> u64 {
        self.block(&self.targets, row.target, word)
    }

    /// Of the rules of a word, those that admit all of a request but what it is for.
    #[inline]
    fn of_others(&self, row: &RequestRow, word: usize) -> u64 {
        self.block(&self.subjects, row.subject, word)
            & self.block(&self.verbs, row.verb, word)
            & self.block(&self.namespaces, row.namespace, word)
    }

    #[inline]
    fn block(&self, table: &[u64], value: u32, word: usize) -> u64 {
        let at = (value as usize) * self.blocks + word;
        table.get(at).copied().unwrap_or(0)
    }

    /// Asks the policy about the values that are new.
    fn extend(&mut self, matcher: &Matcher, requests: &Requests) {
        let words = matcher.block_count();
        self.blocks = words;
        self.rules = u32::try_from(matcher.rule_count()).unwrap_or(UNKNOWABLE);
        let known = |table: &Vec<u64>| table.len().checked_div(words).unwrap_or(0);
        for subject in requests.subjects_from(known(&self.subjects)) {
            let rules = (0..words).map(|word| of_subject(matcher, &subject, word));
            self.subjects.extend(rules);
        }
        for verb in requests.verbs_from(known(&self.verbs)) {
            self.verbs
                .extend((0..words).map(|word| matcher.rules_for_verb(verb, word)));
        }
        for namespace in requests.namespaces_from(known(&self.namespaces)) {
            let rules = (0..words).map(|word| matcher.rules_for_namespace(namespace, word));
            self.namespaces.extend(rules);
        }
        for target in requests.targets_from(known(&self.targets)) {
            let rules = (0..words).map(|word| of_target(matcher, &target, word));
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
