//! Security-relevant requests, which an audit log is kept for and which must not lose a level unnoticed.

use audit_sim::RequestView;
use serde::Serialize;

/// Reason why a request is protected, ordered by importance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ProtectedReason {
    /// Connections into containers or through the server, and container logs: subresources `exec`, `attach`, `portforward`, `proxy`, `log`,
    /// and the verb `proxy`.
    Connection,
    /// Secrets, and resources whose name contains `secret`, `credential` or `password`.
    Secrets,
    /// Creating and reviewing tokens: `authentication.k8s.io`, `serviceaccounts/token`, and resources whose name contains `token`.
    Tokens,
    /// Roles and bindings: `rbac.authorization.k8s.io` and its OpenShift counterpart.
    Rbac,
    /// Certificates: `certificates.k8s.io`, and resources whose name contains `certificate`.
    Certificates,
    /// Access reviews: `authorization.k8s.io`.
    AccessReviews,
    /// ConfigMaps, which often contain what belongs into Secrets.
    ConfigMaps,
    /// Creates, updates, patches and deletes, and any verb that is not known to be a read.
    Write,
    /// Unauthenticated requests: failed authentication, or `system:anonymous`.
    Anonymous,
    /// The record lacks the user, the verb or the URL.
    Unknown,
}

impl ProtectedReason {
    /// Describes the kind of request as a noun.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Connection => "a connection into a container or through the server",
            Self::Secrets => "secrets",
            Self::Tokens => "tokens",
            Self::Rbac => "roles and bindings",
            Self::Certificates => "certificates",
            Self::AccessReviews => "access reviews",
            Self::ConfigMaps => "ConfigMaps",
            Self::Write => "a write",
            Self::Anonymous => "an unauthenticated request",
            Self::Unknown => "a request with an incomplete record",
        }
    }

    /// Returns the first reason that applies, in the order of the variants; `None` if the request is not protected.
    pub(crate) fn from_request(request: &RequestView<'_>) -> Option<Self> {
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

    /// Classifies other resources by name: `sealedsecrets`, `oauthaccesstokens`, `certificaterequests`.
    fn of_name(resource: &str) -> Option<Self> {
        let named = [
            ("secret", Self::Secrets),
            ("credential", Self::Secrets),
            ("password", Self::Secrets),
            ("token", Self::Tokens),
            ("certificate", Self::Certificates),
        ];
        let matching = named.into_iter().find(|(word, _)| resource.contains(word));
        matching.map(|(_, guard)| guard)
    }
}

const CONNECTIONS: [&str; 5] = ["exec", "attach", "portforward", "proxy", "log"];

/// Returns whether a verb only reads: get, list and watch for resources; get, head and options for other paths.
pub(crate) fn is_read(verb: &str) -> bool {
    ["get", "list", "watch", "head", "options"].contains(&verb)
}

fn is_anonymous(request: &RequestView<'_>) -> bool {
    let is_unnamed = request
        .user()
        .is_none_or(|user| user.is_empty() || user == "system:anonymous");
    is_unnamed
        || request
            .groups()
            .any(|group| group == "system:unauthenticated")
}

#[cfg(test)]
mod tests {
    use audit_types::RequestId;

    use super::*;
    use crate::testing::table;

    #[test]
    fn security_relevant_requests_are_protected() {
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
                Some(ProtectedReason::Secrets),
            ),
            (
                "delete",
                format!("{core}/secrets/s"),
                "alice",
                Some(ProtectedReason::Secrets),
            ),
            (
                "get",
                format!("{core}/configmaps/c"),
                "alice",
                Some(ProtectedReason::ConfigMaps),
            ),
            (
                "create",
                format!("{core}/serviceaccounts/a/token"),
                "alice",
                Some(ProtectedReason::Tokens),
            ),
            (
                "create",
                "/apis/authentication.k8s.io/v1/tokenreviews".to_owned(),
                "alice",
                Some(ProtectedReason::Tokens),
            ),
            (
                "list",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles".to_owned(),
                "alice",
                Some(ProtectedReason::Rbac),
            ),
            (
                "watch",
                "/apis/certificates.k8s.io/v1/certificatesigningrequests".to_owned(),
                "alice",
                Some(ProtectedReason::Certificates),
            ),
            (
                "list",
                "/apis/bitnami.com/v1/sealedsecrets".to_owned(),
                "alice",
                Some(ProtectedReason::Secrets),
            ),
            (
                "get",
                "/apis/oauth.openshift.io/v1/oauthaccesstokens/t".to_owned(),
                "alice",
                Some(ProtectedReason::Tokens),
            ),
            (
                "watch",
                "/apis/cert-manager.io/v1/certificaterequests".to_owned(),
                "alice",
                Some(ProtectedReason::Certificates),
            ),
            (
                "list",
                "/apis/authorization.openshift.io/v1/roles".to_owned(),
                "alice",
                Some(ProtectedReason::Rbac),
            ),
            (
                "create",
                "/apis/authorization.k8s.io/v1/subjectaccessreviews".to_owned(),
                "alice",
                Some(ProtectedReason::AccessReviews),
            ),
            (
                "get",
                format!("{core}/pods/p/exec"),
                "alice",
                Some(ProtectedReason::Connection),
            ),
            (
                "create",
                format!("{core}/pods/p/portforward"),
                "alice",
                Some(ProtectedReason::Connection),
            ),
            (
                "get",
                format!("{core}/services/s/proxy/x"),
                "alice",
                Some(ProtectedReason::Connection),
            ),
            (
                "get",
                format!("{core}/pods/p/log"),
                "alice",
                Some(ProtectedReason::Connection),
            ),
            (
                "create",
                format!("{core}/pods"),
                "alice",
                Some(ProtectedReason::Write),
            ),
            (
                "deletecollection",
                format!("{core}/pods"),
                "alice",
                Some(ProtectedReason::Write),
            ),
            (
                "post",
                "/version".to_owned(),
                "alice",
                Some(ProtectedReason::Write),
            ),
            (
                "frobnicate",
                format!("{core}/pods/p"),
                "alice",
                Some(ProtectedReason::Write),
            ),
            (
                "get",
                "/healthz".to_owned(),
                "system:anonymous",
                Some(ProtectedReason::Anonymous),
            ),
        ] {
            let raw = format!(
                r#"{{"stage":"Panic","verb":"{verb}","requestURI":"{uri}","user":{{"username":"{user}","groups":["system:authenticated"]}}}}"#
            );
            let table = table(&[&raw]);
            let request = table.requests().get(RequestId::new(0)).unwrap();
            assert_eq!(
                ProtectedReason::from_request(&request),
                guard,
                "{verb} {uri} {user}"
            );
        }
        let unnamed =
            table(&[r#"{"stage":"ResponseStarted","verb":"get","requestURI":"/api","user":{}}"#]);
        let request = unnamed.requests().get(RequestId::new(0)).unwrap();
        assert_eq!(
            ProtectedReason::from_request(&request),
            Some(ProtectedReason::Anonymous)
        );
        let lacking = table(&[r#"{"stage":"Panic","verb":"get","user":{"username":"alice"}}"#]);
        let request = lacking.requests().get(RequestId::new(0)).unwrap();
        assert_eq!(
            ProtectedReason::from_request(&request),
            Some(ProtectedReason::Unknown)
        );
    }
}
