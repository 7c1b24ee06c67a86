//! The distinct requests of a log: each value of each attribute is stored once, and a request is a handful of numbers.
//!
//! A log repeats itself: a million requests come from a few users, verbs, namespaces and resources. Kept so, a request costs some
//! twenty bytes beside its own name, and a policy can be asked about each value once ([`crate::Verdicts`]).

use std::borrow::Cow;

use audit_policy::{MissingAttributes, Request};
use serde::{Deserialize, Serialize};

use super::interner::{ListInterner, TextInterner, ValueInterner};

/// Distinct requests, numbered from 0 in the order they came.
///
/// The path of a resource request is not kept, since no rule asks about it.
///
/// ```
/// use audit_policy::{Request, MissingAttributes};
/// use audit_sim::Requests;
///
/// let mut requests = Requests::default();
/// let request = Request { verb: "get".to_owned(), path: "/healthz".to_owned(), ..Request::default() };
/// assert_eq!(requests.add(&request, MissingAttributes::NONE), 0);
/// assert_eq!(requests.add(&request, MissingAttributes::NONE), 0);
/// assert_eq!(requests.get(0).unwrap().path(), "/healthz");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Requests {
    pub(super) rows: ValueInterner<RequestRow>,
    pub(super) subjects: ValueInterner<SubjectRow>,
    pub(super) identities: TextInterner,
    pub(super) groups: ListInterner,
    pub(super) verbs: TextInterner,
    pub(super) namespaces: TextInterner,
    pub(super) targets: ValueInterner<TargetRow>,
    pub(super) strings: TextInterner,
    pub(super) names: TextInterner,
}

/// The number that stands for a value which the record lacks, or that there is not.
pub(super) const NONE: u32 = u32::MAX;

/// A request: the numbers of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct RequestRow {
    pub(crate) subject: u32,
    /// `NONE` where the record lacks it.
    pub(crate) verb: u32,
    pub(crate) namespace: u32,
    pub(crate) target: u32,
    /// `NONE` where the record lacks it alone.
    pub(crate) name: u32,
    /// Whether the record lacks some attribute.
    pub(crate) is_partial: bool,
}

/// A user with groups, in the store that gave the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectId(u32);

/// What a request is for, and how it asks, in the store that gave the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestTarget {
    verb: u32,
    namespace: u32,
    target: u32,
    name: u32,
    lacks: bool,
}

/// The numbers of a request's values in its store: equal numbers are equal values, and small ones where there are few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueIds {
    /// Of the user with groups.
    pub subject: u32,
    /// Of the verb; none where the record lacks it.
    pub verb: Option<u32>,
    /// Of the namespace.
    pub namespace: u32,
    /// Of what is asked for, the object's name aside.
    pub target: u32,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct SubjectRow {
    /// `NONE` where there is no user, or where the record lacks it.
    pub(super) user: u32,
    pub(super) groups: u32,
    pub(super) lacks_user: bool,
    pub(super) lacks_groups: bool,
}

/// What for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum TargetRow {
    Unknown,
    Path(u32),
    Resource {
        api_group: u32,
        resource: u32,
        subresource: u32,
        proxied: u32,
    },
}

impl Requests {
    /// The number of a request, which is a new one if the request is. Unknown attributes count as empty and are remembered as
    /// unknown.
    pub fn add(&mut self, request: &Request, unknown: MissingAttributes) -> u32 {
        let subject = self.add_subject(request.user.as_deref(), &request.groups, unknown);
        let aim = self.add_target(request, unknown);
        self.add_interned(subject, aim)
    }

    /// The number of a user with groups.
    pub fn add_subject(
        &mut self,
        user: Option<&str>,
        groups: &[String],
        unknown: MissingAttributes,
    ) -> SubjectId {
        let user = match user {
            Some(name) => self.identities.add(name),
            None => NONE,
        };
        let members = groups.iter().map(|group| self.identities.add(group));
        let groups = self.groups.add(members);
        SubjectId(self.subjects.add(SubjectRow {
            user,
            groups,
            lacks_user: unknown.user,
            lacks_groups: unknown.groups,
        }))
    }

    /// The numbers of all that a request is but its user and groups.
    pub fn add_target(&mut self, request: &Request, unknown: MissingAttributes) -> RequestTarget {
        let target = if unknown.url {
            TargetRow::Unknown
        } else if request.is_resource_request {
            TargetRow::Resource {
                api_group: self.strings.add(&request.api_group),
                resource: self.strings.add(&request.resource),
                subresource: self.strings.add(&request.subresource),
                proxied: self.strings.add(proxied_path(request)),
            }
        } else {
            TargetRow::Path(self.strings.add(&request.path))
        };
        RequestTarget {
            verb: if unknown.verb {
                NONE
            } else {
                self.verbs.add(&request.verb)
            },
            namespace: self.namespaces.add(&request.namespace),
            target: self.targets.add(target),
            name: if unknown.name {
                NONE
            } else {
                self.names.add(&request.name)
            },
            lacks: unknown.verb || unknown.url || unknown.name,
        }
    }

    /// The number of the request of a user; see [`Requests::add`].
    pub fn add_interned(&mut self, subject: SubjectId, aim: RequestTarget) -> u32 {
        let lacks_subject = self
            .subjects
            .get(subject.0)
            .is_some_and(|subject| subject.lacks_user || subject.lacks_groups);
        self.rows.add(RequestRow {
            subject: subject.0,
            verb: aim.verb,
            namespace: aim.namespace,
            target: aim.target,
            name: aim.name,
            is_partial: aim.lacks || lacks_subject,
        })
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A request by its number.
    pub fn get(&self, number: u32) -> Option<RequestView<'_>> {
        let row = self.rows.get(number)?;
        Some(RequestView {
            subject: self.subjects.get(row.subject)?,
            target: self.targets.get(row.target)?,
            row,
            requests: self,
        })
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = RequestView<'_>> {
        self.rows.values().iter().map(|row| RequestView {
            row: *row,
            // Invariant: a row's subject and target were added before it.
            subject: self.subjects.get(row.subject).unwrap_or(NO_SUBJECT),
            target: self.targets.get(row.target).unwrap_or(TargetRow::Unknown),
            requests: self,
        })
    }

    /// The numbers of the values of every request, in order: for whoever counts by them.
    #[inline]
    pub fn value_ids(&self) -> impl ExactSizeIterator<Item = ValueIds> {
        self.rows.values().iter().map(|row| ValueIds {
            subject: row.subject,
            verb: (row.verb != NONE).then_some(row.verb),
            namespace: row.namespace,
            target: row.target,
        })
    }

    /// Users with their groups, by number: each as a request that is nothing else.
    pub fn subjects(&self) -> impl Iterator<Item = RequestView<'_>> {
        self.subjects_from(0)
    }

    /// The verbs, by number.
    pub fn verbs(&self) -> impl Iterator<Item = &str> {
        self.verbs_from(0)
    }

    /// The namespaces, by number.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.namespaces_from(0)
    }

    /// What is asked for, by number: each as a request that is nothing else.
    pub fn targets(&self) -> impl Iterator<Item = RequestView<'_>> {
        self.targets_from(0)
    }

    pub(crate) fn rows_from(&self, first: usize) -> &[RequestRow] {
        self.rows.from(first)
    }

    /// The verbs from a number on.
    pub(crate) fn verbs_from(&self, first: usize) -> impl Iterator<Item = &str> {
        self.verbs.from(first)
    }

    /// The namespaces from a number on.
    pub(crate) fn namespaces_from(&self, first: usize) -> impl Iterator<Item = &str> {
        self.namespaces.from(first)
    }

    /// The object names from a number on.
    pub(crate) fn names_from(&self, first: usize) -> impl Iterator<Item = &str> {
        self.names.from(first)
    }

    /// Who asks, from a number on: as requests that are nothing else.
    pub(crate) fn subjects_from(&self, first: usize) -> impl Iterator<Item = RequestView<'_>> {
        let subjects = self.subjects.from(first);
        subjects.iter().map(|subject| RequestView {
            subject: *subject,
            row: EMPTY_ROW,
            target: TargetRow::Unknown,
            requests: self,
        })
    }

    /// What is asked for, from a number on: as requests that are nothing else.
    pub(crate) fn targets_from(&self, first: usize) -> impl Iterator<Item = RequestView<'_>> {
        let targets = self.targets.from(first);
        targets.iter().map(|target| RequestView {
            subject: NO_SUBJECT,
            row: EMPTY_ROW,
            target: *target,
            requests: self,
        })
    }
}

/// The part of a path that the server hands on to what it is a proxy for.
fn proxied_path(request: &Request) -> &str {
    if request.verb != "proxy" && request.subresource != "proxy" {
        return "";
    }
    let own = [&request.resource, &request.name, &request.subresource];
    let own: Vec<&str> = own.into_iter().map(String::as_str).collect();
    let own = own.join("/");
    request
        .path
        .split_once(own.trim_end_matches('/'))
        .map_or("", |(_, behind)| behind.trim_matches('/'))
}

const NO_SUBJECT: SubjectRow = SubjectRow {
    user: NONE,
    groups: NONE,
    lacks_user: false,
    lacks_groups: false,
};

const EMPTY_ROW: RequestRow = RequestRow {
    subject: NONE,
    verb: NONE,
    namespace: NONE,
    target: NONE,
    name: NONE,
    is_partial: false,
};

/// One of many distinct requests.
#[derive(Debug, Clone, Copy)]
pub struct RequestView<'r> {
    subject: SubjectRow,
    target: TargetRow,
    row: RequestRow,
    requests: &'r Requests,
}

impl<'r> RequestView<'r> {
    /// The authenticated user's name; none where authentication failed, or where the record lacks it.
    pub fn user(&self) -> Option<&'r str> {
        (self.subject.user != NONE).then(|| self.requests.identities.get(self.subject.user))
    }

    /// The user's groups.
    pub fn groups(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        let identities = &self.requests.identities;
        let members = self.requests.groups.get(self.subject.groups);
        members.iter().map(|group| identities.get(*group))
    }

    /// The name that `users` is compared with; see [`Request::user_name`].
    pub fn user_name(&self) -> Option<&'r str> {
        self.user()
            .or_else(|| self.groups().next().is_some().then_some(""))
    }

    /// The verb.
    pub fn verb(&self) -> &'r str {
        self.requests.verbs.get(self.row.verb)
    }

    /// The namespace; empty for cluster-scoped and all-namespace requests.
    pub fn namespace(&self) -> &'r str {
        self.requests.namespaces.get(self.row.namespace)
    }

    /// Whether the path names an API resource.
    pub const fn is_resource_request(&self) -> bool {
        matches!(self.target, TargetRow::Resource { .. })
    }

    /// The API group; empty is core.
    pub fn api_group(&self) -> &'r str {
        match self.target {
            TargetRow::Resource { api_group, .. } => self.requests.strings.get(api_group),
            _ => "",
        }
    }

    /// The resource.
    pub fn resource(&self) -> &'r str {
        match self.target {
            TargetRow::Resource { resource, .. } => self.requests.strings.get(resource),
            _ => "",
        }
    }

    /// The subresource; empty for the resource itself.
    pub fn subresource(&self) -> &'r str {
        match self.target {
            TargetRow::Resource { subresource, .. } => self.requests.strings.get(subresource),
            _ => "",
        }
    }

    /// The object's name from the URL.
    pub fn name(&self) -> &'r str {
        self.requests.names.get(self.row.name)
    }

    /// The URL path of a non-resource request; empty for others.
    pub fn path(&self) -> &'r str {
        match self.target {
            TargetRow::Path(path) => self.requests.strings.get(path),
            _ => "",
        }
    }

    /// What a proxy was asked for: the path behind it. No rule asks about it, but people do.
    pub fn proxied_path(&self) -> &'r str {
        match self.target {
            TargetRow::Resource { proxied, .. } => self.requests.strings.get(proxied),
            _ => "",
        }
    }

    /// The resource as rules write it, `pods` or `pods/exec`; of a non-resource request the path.
    pub fn target(&self) -> Cow<'r, str> {
        if !self.is_resource_request() {
            return Cow::Borrowed(self.path());
        }
        match self.subresource() {
            "" => Cow::Borrowed(self.resource()),
            subresource => Cow::Owned(format!("{}/{subresource}", self.resource())),
        }
    }

    /// What the record of it lacks.
    pub const fn unknown(&self) -> MissingAttributes {
        MissingAttributes {
            user: self.subject.lacks_user,
            groups: self.subject.lacks_groups,
            verb: self.row.verb == NONE,
            url: matches!(self.target, TargetRow::Unknown),
            name: self.row.name == NONE,
        }
    }

    /// The request by itself; without its path, if it is for a resource.
    pub fn to_request(&self) -> Request {
        Request {
            user: self.user().map(str::to_owned),
            groups: self.groups().map(str::to_owned).collect(),
            verb: self.verb().to_owned(),
            namespace: self.namespace().to_owned(),
            api_group: self.api_group().to_owned(),
            resource: self.resource().to_owned(),
            subresource: self.subresource().to_owned(),
            name: self.name().to_owned(),
            path: self.path().to_owned(),
            is_resource_request: self.is_resource_request(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_back_as_they_went_in() {
        let exec = Request {
            user: Some("alice".to_owned()),
            groups: vec!["devs".to_owned(), "system:authenticated".to_owned()],
            verb: "create".to_owned(),
            namespace: "shop".to_owned(),
            resource: "pods".to_owned(),
            subresource: "exec".to_owned(),
            name: "web-0".to_owned(),
            is_resource_request: true,
            ..Request::default()
        };
        let refused = Request {
            verb: "get".to_owned(),
            path: "/healthz".to_owned(),
            ..Request::default()
        };
        let nameless = Request {
            user: Some(String::new()),
            ..refused.clone()
        };
        let mut requests = Requests::default();
        let all = [exec, refused, nameless];
        for round in 0..2 {
            for (number, request) in all.iter().enumerate() {
                let given = requests.add(request, MissingAttributes::NONE);
                assert_eq!(given as usize, number, "round {round}");
            }
        }
        assert_eq!(requests.len(), 3);
        for (view, request) in requests.iter().zip(&all) {
            assert_eq!(view.to_request(), *request);
            assert_eq!(view.unknown(), MissingAttributes::NONE);
        }
        assert_eq!(requests.get(0).unwrap().target(), "pods/exec");
        assert_eq!(requests.get(1).unwrap().target(), "/healthz");
        assert!(requests.get(3).is_none());
    }

    #[test]
    fn what_a_proxy_is_asked_for_is_kept() {
        let proxied = |path: &str, verb: &str, subresource: &str| Request {
            verb: verb.to_owned(),
            resource: "nodes".to_owned(),
            name: "n1".to_owned(),
            subresource: subresource.to_owned(),
            path: path.to_owned(),
            is_resource_request: true,
            ..Request::default()
        };
        let rows = [
            (
                "/api/v1/proxy/nodes/n1/stats/summary",
                "proxy",
                "",
                "stats/summary",
            ),
            ("/api/v1/nodes/n1/proxy/healthz", "get", "proxy", "healthz"),
            ("/api/v1/nodes/n1/proxy", "get", "proxy", ""),
            ("/api/v1/nodes/n1/status/more", "get", "status", ""),
        ];
        let mut requests = Requests::default();
        for (path, verb, subresource, expected) in rows {
            let number = requests.add(&proxied(path, verb, subresource), MissingAttributes::NONE);
            assert_eq!(
                requests.get(number).unwrap().proxied_path(),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn what_is_unknown_tells_requests_apart() {
        let mut requests = Requests::default();
        let blank = Request::default();
        let unknowns = (0..32).map(|bits| MissingAttributes {
            name: bits & 16 != 0,
            user: bits & 1 != 0,
            groups: bits & 2 != 0,
            verb: bits & 4 != 0,
            url: bits & 8 != 0,
        });
        for (number, unknown) in unknowns.enumerate() {
            assert_eq!(requests.add(&blank, unknown) as usize, number);
            assert_eq!(requests.get(number as u32).unwrap().unknown(), unknown);
        }
    }
}
