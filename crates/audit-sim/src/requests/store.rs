//! The distinct requests of a log: each value of each attribute is stored once, and a request is a row of ids.
//!
//! Logs repeat themselves: a million requests come from a few users, verbs, namespaces and resources. A row takes some twenty bytes plus
//! its object name, and a policy is evaluated once per value ([`crate::Verdicts`]).

use std::borrow::Cow;

use audit_policy::{MissingAttributes, Request};
use audit_types::RequestId;
use serde::{Deserialize, Serialize};

use super::interner::{ListInterner, TextInterner, ValueInterner};

/// Distinct requests, with ids from 0 in the order in which they were added.
///
/// The path of a resource request is not stored, since no rule asks for it.
///
/// ```
/// use audit_policy::{Request, MissingAttributes};
/// use audit_sim::Requests;
///
/// let mut requests = Requests::default();
/// let request = Request::for_path("get", "/healthz");
/// let id = requests.add(&request, MissingAttributes::NONE);
/// assert_eq!(requests.add(&request, MissingAttributes::NONE), id);
/// assert_eq!(requests.get(id).unwrap().path(), "/healthz");
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

/// Id of a value that is absent or missing in the record.
pub(super) const NONE: u32 = u32::MAX;

/// A request: the ids of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct RequestRow {
    pub(crate) subject: u32,
    /// `NONE` if the record lacks it.
    pub(crate) verb: u32,
    pub(crate) namespace: u32,
    pub(crate) target: u32,
    /// `NONE` if the record lacks it, but not the rest of the URL.
    pub(crate) name: u32,
    /// The record lacks some attribute.
    pub(crate) is_partial: bool,
}

/// Id of a user with groups, in the store that returned it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SubjectId(u32);

/// Ids of everything of a request but its user and groups, in the store that returned them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestTarget {
    verb: u32,
    namespace: u32,
    target: u32,
    name: u32,
    lacks: bool,
}

/// Ids of a request's values in its store: equal ids are equal values, and ids are small if there are few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueIds {
    /// The user with groups.
    pub subject: u32,
    /// The verb; `None` if the record lacks it.
    pub verb: Option<u32>,
    /// The namespace.
    pub namespace: u32,
    /// The resource or path, without the object's name.
    pub target: u32,
}

/// A user with groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct SubjectRow {
    /// `NONE` if there is no user, or if the record lacks it.
    pub(super) user: u32,
    pub(super) groups: u32,
    pub(super) lacks_user: bool,
    pub(super) lacks_groups: bool,
}

/// A resource or path.
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
    /// Returns the id of a request, and adds it if it is new. Missing attributes count as empty and are stored as missing.
    pub fn add(&mut self, request: &Request, unknown: MissingAttributes) -> RequestId {
        let subject = self.add_subject(request.user.as_deref(), &request.groups, unknown);
        let target = self.add_target(request, unknown);
        self.add_interned(subject, target)
    }

    /// Returns the id of a user with groups, and adds it if it is new.
    pub(crate) fn add_subject(
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

    /// Returns the ids of everything of a request but its user and groups, and adds what is new.
    pub(crate) fn add_target(
        &mut self,
        request: &Request,
        unknown: MissingAttributes,
    ) -> RequestTarget {
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

    /// Returns the id of the request of a user; see [`Requests::add`].
    pub(crate) fn add_interned(&mut self, subject: SubjectId, target: RequestTarget) -> RequestId {
        let lacks_subject = self
            .subjects
            .get(subject.0)
            .is_some_and(|subject| subject.lacks_user || subject.lacks_groups);
        RequestId::new(self.rows.add(RequestRow {
            subject: subject.0,
            verb: target.verb,
            namespace: target.namespace,
            target: target.target,
            name: target.name,
            is_partial: target.lacks || lacks_subject,
        }))
    }

    /// Returns the number of requests.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns `true` if there are no requests.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates over the ids of all requests, in order.
    pub fn ids(&self) -> impl Iterator<Item = RequestId> + use<> {
        (0..).map(RequestId::new).take(self.len())
    }

    /// Returns a request by its id.
    pub fn get(&self, id: RequestId) -> Option<RequestView<'_>> {
        let row = self.rows.get(id.get())?;
        Some(RequestView {
            subject: self.subjects.get(row.subject)?,
            target: self.targets.get(row.target)?,
            row,
            requests: self,
        })
    }

    /// Iterates over all requests, in the order of their ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = RequestView<'_>> {
        self.rows.values().iter().map(|row| RequestView {
            row: *row,
            // Invariant: a row's subject and target were added before it.
            subject: self.subjects.get(row.subject).unwrap_or(NO_SUBJECT),
            target: self.targets.get(row.target).unwrap_or(TargetRow::Unknown),
            requests: self,
        })
    }

    /// Iterates over the value ids of all requests, in the order of the requests' ids.
    #[inline]
    pub fn value_ids(&self) -> impl ExactSizeIterator<Item = ValueIds> {
        self.rows.values().iter().map(|row| ValueIds {
            subject: row.subject,
            verb: (row.verb != NONE).then_some(row.verb),
            namespace: row.namespace,
            target: row.target,
        })
    }

    /// Iterates over the users with their groups, by id, each as a request without other attributes.
    pub fn subjects(&self) -> impl Iterator<Item = RequestView<'_>> {
        self.subjects_from(0)
    }

    /// Iterates over the verbs, by id.
    pub fn verbs(&self) -> impl Iterator<Item = &str> {
        self.verbs_from(0)
    }

    /// Iterates over the namespaces, by id.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.namespaces_from(0)
    }

    /// Iterates over the resources and paths, by id, each as a request without other attributes.
    pub fn targets(&self) -> impl Iterator<Item = RequestView<'_>> {
        self.targets_from(0)
    }

    pub(crate) fn rows_from(&self, first: usize) -> &[RequestRow] {
        self.rows.from(first)
    }

    /// Iterates over the verbs from an id on.
    pub(crate) fn verbs_from(&self, first: usize) -> impl Iterator<Item = &str> {
        self.verbs.from(first)
    }

    /// Iterates over the namespaces from an id on.
    pub(crate) fn namespaces_from(&self, first: usize) -> impl Iterator<Item = &str> {
        self.namespaces.from(first)
    }

    /// Iterates over the object names from an id on.
    pub(crate) fn names_from(&self, first: usize) -> impl Iterator<Item = &str> {
        self.names.from(first)
    }

    /// Iterates over the users with groups from an id on, as requests without other attributes.
    pub(crate) fn subjects_from(&self, first: usize) -> impl Iterator<Item = RequestView<'_>> {
        let subjects = self.subjects.from(first);
        subjects.iter().map(|subject| RequestView {
            subject: *subject,
            row: EMPTY_ROW,
            target: TargetRow::Unknown,
            requests: self,
        })
    }

    /// Iterates over the resources and paths from an id on, as requests without other attributes.
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

/// Returns the part of a path behind a proxied object.
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

/// A distinct request in its store.
#[derive(Debug, Clone, Copy)]
pub struct RequestView<'r> {
    subject: SubjectRow,
    target: TargetRow,
    row: RequestRow,
    requests: &'r Requests,
}

impl<'r> RequestView<'r> {
    /// Returns the authenticated user's name; `None` if authentication failed, or if the record lacks it.
    pub fn user(&self) -> Option<&'r str> {
        (self.subject.user != NONE).then(|| self.requests.identities.get(self.subject.user))
    }

    /// Returns the user's groups.
    pub fn groups(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        let identities = &self.requests.identities;
        let members = self.requests.groups.get(self.subject.groups);
        members.iter().map(|group| identities.get(*group))
    }

    /// Returns the name that `users` is compared with; see [`Request::user_name`].
    pub fn user_name(&self) -> Option<&'r str> {
        self.user()
            .or_else(|| self.groups().next().is_some().then_some(""))
    }

    /// Returns the verb.
    pub fn verb(&self) -> &'r str {
        self.requests.verbs.get(self.row.verb)
    }

    /// Returns the namespace; empty for cluster-scoped and all-namespace requests.
    pub fn namespace(&self) -> &'r str {
        self.requests.namespaces.get(self.row.namespace)
    }

    /// Returns `true` if the path names an API resource.
    pub const fn is_resource_request(&self) -> bool {
        matches!(self.target, TargetRow::Resource { .. })
    }

    /// Returns the API group; empty is core.
    pub fn api_group(&self) -> &'r str {
        match self.target {
            TargetRow::Resource { api_group, .. } => self.requests.strings.get(api_group),
            _ => "",
        }
    }

    /// Returns the resource.
    pub fn resource(&self) -> &'r str {
        match self.target {
            TargetRow::Resource { resource, .. } => self.requests.strings.get(resource),
            _ => "",
        }
    }

    /// Returns the subresource; empty for the resource itself.
    pub fn subresource(&self) -> &'r str {
        match self.target {
            TargetRow::Resource { subresource, .. } => self.requests.strings.get(subresource),
            _ => "",
        }
    }

    /// Returns the object's name from the URL.
    pub fn name(&self) -> &'r str {
        self.requests.names.get(self.row.name)
    }

    /// Returns the URL path of a non-resource request; empty for others.
    pub fn path(&self) -> &'r str {
        match self.target {
            TargetRow::Path(path) => self.requests.strings.get(path),
            _ => "",
        }
    }

    /// Returns the path behind a proxied object. No rule asks for it, but people do.
    pub fn proxied_path(&self) -> &'r str {
        match self.target {
            TargetRow::Resource { proxied, .. } => self.requests.strings.get(proxied),
            _ => "",
        }
    }

    /// Returns the resource as rules write it, `pods` or `pods/exec`, or the path of a non-resource request.
    pub fn target(&self) -> Cow<'r, str> {
        if !self.is_resource_request() {
            return Cow::Borrowed(self.path());
        }
        match self.subresource() {
            "" => Cow::Borrowed(self.resource()),
            subresource => Cow::Owned(format!("{}/{subresource}", self.resource())),
        }
    }

    /// Returns the attributes that the record lacks.
    pub const fn unknown(&self) -> MissingAttributes {
        MissingAttributes {
            user: self.subject.lacks_user,
            groups: self.subject.lacks_groups,
            verb: self.row.verb == NONE,
            url: matches!(self.target, TargetRow::Unknown),
            name: self.row.name == NONE,
        }
    }

    /// Copies the request, without its path if it is for a resource.
    pub fn to_request(&self) -> Request {
        let mut request = Request::for_resource(self.verb(), self.api_group(), self.resource())
            .with_subresource(self.subresource())
            .with_namespace(self.namespace())
            .with_name(self.name())
            .with_groups(self.groups());
        request.user = self.user().map(str::to_owned);
        request.path = self.path().to_owned();
        request.is_resource_request = self.is_resource_request();
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_round_trip() {
        let exec = Request::for_resource("create", "", "pods")
            .with_subresource("exec")
            .with_namespace("shop")
            .with_name("web-0")
            .with_user("alice")
            .with_groups(["devs", "system:authenticated"]);
        let rejected = Request::for_path("get", "/healthz");
        let nameless = rejected.clone().with_user("");
        let mut requests = Requests::default();
        let all = [exec, rejected, nameless];
        for round in 0..2 {
            for (number, request) in all.iter().enumerate() {
                let given = requests.add(request, MissingAttributes::NONE);
                assert_eq!(given.index(), number, "round {round}");
            }
        }
        assert_eq!(requests.len(), 3);
        for (view, request) in requests.iter().zip(&all) {
            assert_eq!(view.to_request(), *request);
            assert_eq!(view.unknown(), MissingAttributes::NONE);
        }
        assert_eq!(
            requests.get(RequestId::new(0)).unwrap().target(),
            "pods/exec"
        );
        assert_eq!(
            requests.get(RequestId::new(1)).unwrap().target(),
            "/healthz"
        );
        assert!(requests.get(RequestId::new(3)).is_none());
    }

    #[test]
    fn proxied_paths_are_stored() {
        let proxied = |path: &str, verb: &str, subresource: &str| {
            let mut request = Request::for_resource(verb, "", "nodes")
                .with_subresource(subresource)
                .with_name("n1");
            request.path = path.to_owned();
            request
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
    fn requests_with_different_missing_attributes_are_distinct() {
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
            assert_eq!(requests.add(&blank, unknown).index(), number);
            assert_eq!(
                requests
                    .get(RequestId::new(number as u32))
                    .unwrap()
                    .unknown(),
                unknown
            );
        }
    }
}
