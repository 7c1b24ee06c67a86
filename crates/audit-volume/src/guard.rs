//! Requests that an audit log is kept for: what must not lose a level unnoticed.

use audit_sim::RequestView;
use serde::Serialize;

/// Why a request is guarded. In the order of how much it would be missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Guard {
    /// A shell in a container, a tunnel to it, a request through it, or its log: subresources `exec`, `attach`, `portforward`, `proxy`,
    /// `log`, and the verb `proxy`.
    Connection,
    /// Secrets, and resources that are named after secrets, credentials or passwords.
    Secrets,
    /// Tokens made or reviewed: `authentication.k8s.io`, `serviceaccounts/token`, and resources that are named after tokens.
    Tokens,
    /// Roles and bindings: `rbac.authorization.k8s.io`, and what OpenShift has for it.
    Rbac,
    /// Certificates: `certificates.k8s.io`, and resources that are named after certificates.
    Certificates,
    /// Questions of who may do what: `authorization.k8s.io`.
    AccessReviews,
    /// Config maps, in which people keep what belongs into secrets.
    ConfigMaps,
    /// Any create, update, patch, delete or deletecollection, and any verb that is not known to be a read.
    Write,
    /// Nobody in particular: failed authentication, or `system:anonymous`.
    Anonymous,
    /// The record does not say what was asked for, or by whom.
    Unknown,
}

impl Guard {
    /// What it is, as a noun.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Connection => "a connection into a container or through the server",
            Self::Secrets => "secrets",
            Self::Tokens => "tokens",
            Self::Rbac => "roles and bindings",
            Self::Certificates => "certificates",
            Self::AccessReviews => "access reviews",
            Self::ConfigMaps => "config maps",
            Self::Write => "a write",
            Self::Anonymous => "nobody who is known",
            Self::Unknown => "a request of which the record lacks a part",
        }
    }

    /// Why a request is guarded; none where it is not. The first reason in the order of the type.
    pub fn of(request: &RequestView<'_>) -> Option<Self> {
        let unknown = request.unknown();
        if unknown.user || unknown.groups || unknown.verb || unknown.url {
            return Some(Self::Unknown);
        }
        Self::of_target(request)
            .or_else(|| (!is_read(request.verb())).then_some(Self::Write))
            .or_else(|| is_anonymous(request).then_some(Self::Anonymous))
    }

    fn of_target(request: &RequestView<'_>) -> Option<Self> {
        if request.verb() == "proxy" || CONNECTIONS.contains(&request.subresource()) {
            return Some(Self::Connection);
        }
        match (request.api_group(), request.resource()) {
            ("", "secrets") => Some(Self::Secrets),
            ("", "configmaps") => Some(Self::ConfigMaps),
            ("", "serviceaccounts") if request.subresource() == "token" => Some(Self::Tokens),
            ("authentication.k8s.io", _) => Some(Self::Tokens),
            ("rbac.authorization.k8s.io", _) => Some(Self::Rbac),
            ("certificates.k8s.io", _) => Some(Self::Certificates),
            ("authorization.k8s.io", _) => Some(Self::AccessReviews),
            ("authorization.openshift.io", _) => Some(Self::Rbac),
            (_, resource) => Self::of_name(resource),
        }
    }

    /// What other resources are named after is taken at its word: `sealedsecrets`, `oauthaccesstokens`, `certificaterequests`.
    fn of_name(resource: &str) -> Option<Self> {
        let named = [
            ("secret", Self::Secrets),
            ("credential", Self::Secrets),
            ("password", Self::Secrets),
            ("token", Self::Tokens),
            ("certificate", Self::Certificates),
        ];
        let fits = named.into_iter().find(|(word, _)| resource.contains(word));
        fits.map(|(_, guard)| guard)
    }
}

const CONNECTIONS: [&str; 5] = ["exec", "attach", "portforward", "proxy", "log"];

/// Whether a verb only reads: of a resource get, list and watch; of other paths get, head and options.
pub(crate) fn is_read(verb: &str) -> bool {
    ["get", "list", "watch", "head", "options"].contains(&verb)
}

fn is_anonymous(request: &RequestView<'_>) -> bool {
    let is_nobody = request
        .user()
        .is_none_or(|user| user.is_empty() || user == "system:anonymous");
    is_nobody
        || request
            .groups()
            .any(|group| group == "system:unauthenticated")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::table;

    #[test]
    fn what_a_log_is_kept_for_is_guarded() {
        let core = "/api/v1/namespaces/dev";
        for (verb, uri, user, guard) in [
            ("get", format!("{core}/pods/p"), "alice", None),
            ("watch", "/api/v1/nodes".to_owned(), "alice", None),
            ("get", "/healthz".to_owned(), "alice", None),
            (
                "list",
                "/apis/coordination.k8s.io/v1/leases".to_owned(),
                "alice",
                None,
            ),
            (
                "list",
                format!("{core}/secrets"),
                "alice",
                Some(Guard::Secrets),
            ),
            (
                "delete",
                format!("{core}/secrets/s"),
                "alice",
                Some(Guard::Secrets),
            ),
            (
                "get",
                format!("{core}/configmaps/c"),
                "alice",
                Some(Guard::ConfigMaps),
            ),
            (
                "create",
                format!("{core}/serviceaccounts/a/token"),
                "alice",
                Some(Guard::Tokens),
            ),
            (
                "create",
                "/apis/authentication.k8s.io/v1/tokenreviews".to_owned(),
                "alice",
                Some(Guard::Tokens),
            ),
            (
                "list",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles".to_owned(),
                "alice",
                Some(Guard::Rbac),
            ),
            (
                "watch",
                "/apis/certificates.k8s.io/v1/certificatesigningrequests".to_owned(),
                "alice",
                Some(Guard::Certificates),
            ),
            (
                "list",
                "/apis/bitnami.com/v1/sealedsecrets".to_owned(),
                "alice",
                Some(Guard::Secrets),
            ),
            (
                "get",
                "/apis/oauth.openshift.io/v1/oauthaccesstokens/t".to_owned(),
                "alice",
                Some(Guard::Tokens),
            ),
            (
                "watch",
                "/apis/cert-manager.io/v1/certificaterequests".to_owned(),
                "alice",
                Some(Guard::Certificates),
            ),
            (
                "list",
                "/apis/authorization.openshift.io/v1/roles".to_owned(),
                "alice",
                Some(Guard::Rbac),
            ),
            (
                "create",
                "/apis/authorization.k8s.io/v1/subjectaccessreviews".to_owned(),
                "alice",
                Some(Guard::AccessReviews),
            ),
            (
                "get",
                format!("{core}/pods/p/exec"),
                "alice",
                Some(Guard::Connection),
            ),
            (
                "create",
                format!("{core}/pods/p/portforward"),
                "alice",
                Some(Guard::Connection),
            ),
            (
                "get",
                format!("{core}/services/s/proxy/x"),
                "alice",
                Some(Guard::Connection),
            ),
            (
                "get",
                format!("{core}/pods/p/log"),
                "alice",
                Some(Guard::Connection),
            ),
            (
                "create",
                format!("{core}/pods"),
                "alice",
                Some(Guard::Write),
            ),
            (
                "deletecollection",
                format!("{core}/pods"),
                "alice",
                Some(Guard::Write),
            ),
            ("post", "/version".to_owned(), "alice", Some(Guard::Write)),
            (
                "frobnicate",
                format!("{core}/pods/p"),
                "alice",
                Some(Guard::Write),
            ),
            (
                "get",
                "/healthz".to_owned(),
                "system:anonymous",
                Some(Guard::Anonymous),
            ),
        ] {
            let raw = format!(
                r#"{{"stage":"Panic","verb":"{verb}","requestURI":"{uri}","user":{{"username":"{user}","groups":["system:authenticated"]}}}}"#
            );
            let table = table(&[&raw]);
            let request = table.requests().get(0).unwrap();
            assert_eq!(Guard::of(&request), guard, "{verb} {uri} {user}");
        }
        let nobody =
            table(&[r#"{"stage":"ResponseStarted","verb":"get","requestURI":"/api","user":{}}"#]);
        let request = nobody.requests().get(0).unwrap();
        assert_eq!(Guard::of(&request), Some(Guard::Anonymous));
        let lacking = table(&[r#"{"stage":"Panic","verb":"get","user":{"username":"alice"}}"#]);
        let request = lacking.requests().get(0).unwrap();
        assert_eq!(Guard::of(&request), Some(Guard::Unknown));
    }
}
