//! The client behind an event: who it is according to authentication, and what it claims itself.

use std::fmt::Write as _;

use audit_log::{Event, json};
use audit_types::excerpt::{excerpt, quote};
use serde::{Deserialize, Serialize};

/// Maximum number of groups in a sentence; further ones are counted.
const MAX_GROUPS: usize = 6;

/// Users that are components of a control plane, with their names. kube-apiserver sends requests to itself as `system:apiserver`
/// (`user.APIServerUser`); the others are the names that kubeadm writes into certificates and that RBAC's default bindings have.
const COMPONENTS: [(&str, &str); 6] = [
    ("system:apiserver", "kube-apiserver"),
    ("system:kube-controller-manager", "kube-controller-manager"),
    ("system:kube-scheduler", "kube-scheduler"),
    ("system:kube-proxy", "kube-proxy"),
    (
        "system:cloud-controller-manager",
        "cloud-controller-manager",
    ),
    ("system:konnectivity-server", "konnectivity-server"),
];

/// Kind of a client, by the name and the groups that authentication gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum ClientKind {
    /// A name that Kubernetes gives no meaning to: a person, or a program with credentials of its own.
    Person,
    /// A service account.
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// The kubelet of a node: a name `system:node:NAME` in the group `system:nodes`.
    Node {
        /// Name of the node.
        name: String,
    },
    /// A component of the control plane, or kube-proxy.
    Component {
        /// Name of the component, such as `kube-scheduler`.
        name: String,
    },
    /// A node that joins the cluster with a bootstrap token.
    BootstrapToken {
        /// Public part of the token.
        id: String,
    },
    /// Another name that begins with `system:`, which Kubernetes reserves.
    System,
    /// A request without credentials: `system:anonymous`.
    Anonymous,
    /// The credentials were rejected, so that there is no user.
    FailedAuthentication,
    /// The request was rejected before authentication, because of its `timeout` parameter.
    RejectedBeforeAuthentication,
    /// The log does not have the user.
    Unrecorded,
}

/// The user that a client acted as, by impersonation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Impersonated {
    /// Its kind.
    pub kind: ClientKind,
    /// Its name.
    pub user: String,
    /// Its groups.
    pub groups: Vec<String>,
    /// Verb of the constrained impersonation that was authorized, which Kubernetes 1.35 and later record.
    pub constraint: Option<String>,
}

/// Statement of a client about itself, which could be forged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Subject of the statement.
    pub kind: ClaimKind,
    /// The value as recorded.
    pub value: String,
    /// True if it certainly comes from the client or a proxy, and not from kube-apiserver.
    pub is_certain: bool,
}

/// Subject of a statement of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClaimKind {
    /// An address of `sourceIPs` before the last.
    Address,
    /// `auditID`
    AuditId,
    /// `userAgent`
    UserAgent,
}

impl ClaimKind {
    /// Returns what it is, in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Address => "Source address",
            Self::AuditId => "Audit ID",
            Self::UserAgent => "User agent",
        }
    }

    /// Returns why it could be forged, in a sentence.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Address => {
                "It comes from the header `X-Forwarded-For` or `X-Real-Ip`: kube-apiserver takes it from anyone, not only from a proxy."
            }
            Self::AuditId => {
                "A client can choose it with the header `Audit-ID`, even one that another request has."
            }
            Self::UserAgent => "It is the header `User-Agent`, which a client chooses.",
        }
    }
}

/// The client behind an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// Its kind.
    pub kind: ClientKind,
    /// Name that authentication gave it. `None` if there is none.
    pub user: Option<String>,
    /// Its groups.
    pub groups: Vec<String>,
    /// Pod that the token of a service account belongs to, if it is recorded (`authentication.kubernetes.io/pod-name`).
    pub pod: Option<String>,
    /// Node of that pod, which Kubernetes 1.30 and later record.
    pub node: Option<String>,
    /// Id of the credential, which Kubernetes 1.30 and later record for tokens of service accounts, and 1.32 and later for certificates.
    pub credential: Option<String>,
    /// The user that it acted as.
    pub impersonated: Option<Impersonated>,
    /// The last source address: that of the connection.
    pub peer: Option<String>,
    /// Statements of the client about itself.
    pub claims: Vec<Claim>,
}

impl Client {
    /// Returns the client of an event.
    pub fn from_event(event: &Event<'_>) -> Self {
        let user = event.user.map(user_info);
        let groups = user.as_ref().map(|user| user.groups.clone());
        let extra = |key: &str| user.as_ref().and_then(|user| user.extra(key));
        let mut addresses: Vec<String> = event
            .source_ips
            .map(|raw| strings(raw).collect())
            .unwrap_or_default();
        let peer = addresses.pop();
        Self {
            kind: kind_of(event, user.as_ref()),
            pod: extra("authentication.kubernetes.io/pod-name"),
            node: extra("authentication.kubernetes.io/node-name"),
            credential: extra("authentication.kubernetes.io/credential-id"),
            impersonated: impersonated(event),
            claims: claims(event, addresses),
            peer,
            user: user.and_then(|user| user.name),
            groups: groups.unwrap_or_default(),
        }
    }

    /// Returns who it is, in one or more sentences with names in backticks.
    pub fn sentence(&self) -> String {
        let name = quote(self.user.as_deref().unwrap_or_default());
        let mut text = sentence_of(&self.kind, &name);
        if let Some(pod) = &self.pod {
            let _ = write!(text, ", with the token of pod {}", quote(pod));
            if let Some(node) = &self.node {
                let _ = write!(text, " on node {}", quote(node));
            }
        }
        text.push('.');
        if !self.groups.is_empty() {
            let _ = write!(text, " {}.", groups_of(&self.groups));
        }
        if self.groups.iter().any(|group| group == "system:masters") {
            text.push_str(" The group `system:masters` may do everything, whatever RBAC says.");
        }
        if let Some(other) = &self.impersonated {
            let kind = sentence_of(&other.kind, &quote(&other.user));
            let _ = write!(text, " It acted as someone else, by impersonation. {kind}.");
            if !other.groups.is_empty() {
                let _ = write!(text, " {}.", groups_of(&other.groups));
            }
            if let Some(constraint) = &other.constraint {
                let _ = write!(text, " The verb {} allowed it.", quote(constraint));
            }
            text.push_str(
                " Permissions are those of the impersonated user; a policy is matched with the client's own name and groups.",
            );
        }
        text
    }

    /// Returns what the last source address is, in a sentence. `None` if there is none.
    pub fn peer_sentence(&self) -> Option<String> {
        let peer = quote(self.peer.as_deref()?);
        Some(format!(
            "The connection came from {peer}: the client itself, or the last proxy, load balancer or API aggregator before the server."
        ))
    }
}

impl ClientKind {
    /// Returns the name of the kind in JSON: `serviceAccount`.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::ServiceAccount { .. } => "serviceAccount",
            Self::Node { .. } => "node",
            Self::Component { .. } => "component",
            Self::BootstrapToken { .. } => "bootstrapToken",
            Self::System => "system",
            Self::Anonymous => "anonymous",
            Self::FailedAuthentication => "failedAuthentication",
            Self::RejectedBeforeAuthentication => "rejectedBeforeAuthentication",
            Self::Unrecorded => "unrecorded",
        }
    }

    /// Returns the kind in a word or two: `service account`.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Person => "person or program",
            Self::ServiceAccount { .. } => "service account",
            Self::Node { .. } => "node",
            Self::Component { .. } => "control plane",
            Self::BootstrapToken { .. } => "bootstrap token",
            Self::System => "system user",
            Self::Anonymous => "anonymous",
            Self::FailedAuthentication => "failed authentication",
            Self::RejectedBeforeAuthentication => "before authentication",
            Self::Unrecorded => "not recorded",
        }
    }

    /// Returns the kind of an authenticated user.
    pub fn of_user(name: &str, groups: &[String]) -> Self {
        if name == "system:anonymous" {
            return Self::Anonymous;
        }
        if let Some((_, component)) = COMPONENTS.iter().find(|(user, _)| *user == name) {
            return Self::Component {
                name: (*component).to_owned(),
            };
        }
        if let Some((namespace, account)) = service_account(name) {
            return Self::ServiceAccount {
                namespace: namespace.to_owned(),
                name: account.to_owned(),
            };
        }
        let is_node = groups.iter().any(|group| group == "system:nodes");
        if let Some(node) = name.strip_prefix("system:node:").filter(|_| is_node) {
            return Self::Node {
                name: node.to_owned(),
            };
        }
        if let Some(id) = name.strip_prefix("system:bootstrap:") {
            return Self::BootstrapToken { id: id.to_owned() };
        }
        if name.starts_with("system:") {
            return Self::System;
        }
        Self::Person
    }
}

/// Returns namespace and name of a service account's user, as `serviceaccount.SplitUsername` splits it.
pub(crate) fn service_account(user: &str) -> Option<(&str, &str)> {
    let rest = user.strip_prefix("system:serviceaccount:")?;
    let (namespace, name) = rest.split_once(':')?;
    let is_valid = !namespace.is_empty() && !name.is_empty() && !name.contains(':');
    is_valid.then_some((namespace, name))
}

/// The fields of a recorded user.
struct UserInfo<'a> {
    name: Option<String>,
    groups: Vec<String>,
    raw: &'a str,
}

impl UserInfo<'_> {
    /// Returns the first value of a key of `extra`.
    fn extra(&self, key: &str) -> Option<String> {
        let values = json::member(json::member(self.raw, "extra")?, key)?;
        strings(values).next()
    }
}

fn user_info(raw: &str) -> UserInfo<'_> {
    let (name, groups) = audit_log::read_user(raw);
    UserInfo { name, groups, raw }
}

/// Returns the texts of an array.
pub(crate) fn strings(raw: &str) -> impl Iterator<Item = String> {
    json::elements(raw)
        .filter_map(json::string_with_placeholders)
        .map(std::borrow::Cow::into_owned)
}

fn kind_of(event: &Event<'_>, user: Option<&UserInfo<'_>>) -> ClientKind {
    match user {
        None => ClientKind::Unrecorded,
        Some(UserInfo {
            name: Some(name),
            groups,
            ..
        }) => ClientKind::of_user(name, groups),
        Some(_) if event.code() == Some(400) => ClientKind::RejectedBeforeAuthentication,
        Some(_) => ClientKind::FailedAuthentication,
    }
}

fn impersonated(event: &Event<'_>) -> Option<Impersonated> {
    let user = user_info(event.impersonated_user?);
    let name = user.name.unwrap_or_default();
    let constraint = event
        .authentication_metadata
        .and_then(|raw| json::member(raw, "impersonationConstraint"));
    Some(Impersonated {
        kind: ClientKind::of_user(&name, &user.groups),
        user: name,
        groups: user.groups,
        constraint: constraint
            .and_then(json::string)
            .map(|text| text.into_owned()),
    })
}

fn claims(event: &Event<'_>, forwarded: Vec<String>) -> Vec<Claim> {
    let claim = |kind, value, is_certain| Claim {
        kind,
        value,
        is_certain,
    };
    let mut claims: Vec<Claim> = forwarded
        .into_iter()
        .map(|address| claim(ClaimKind::Address, address, true))
        .collect();
    if let Some(id) = event.id().filter(|id| !id.is_empty()) {
        let is_chosen = !is_random_uuid(&id);
        claims.push(claim(ClaimKind::AuditId, id.into_owned(), is_chosen));
    }
    let agent = event
        .user_agent
        .and_then(json::string_with_placeholders)
        .filter(|agent| !agent.is_empty());
    if let Some(agent) = agent {
        claims.push(claim(ClaimKind::UserAgent, agent.into_owned(), true));
    }
    claims
}

/// Returns `true` for a UUID of version 4, which kube-apiserver generates for a request without an audit ID.
fn is_random_uuid(id: &str) -> bool {
    let bytes = id.as_bytes();
    let is_at =
        |at: usize, allowed: &[u8]| bytes.get(at).is_some_and(|byte| allowed.contains(byte));
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(byte),
        })
        && is_at(14, b"4")
        && is_at(19, b"89ab")
}

/// Returns a sentence about a client without its full stop.
fn sentence_of(kind: &ClientKind, name: &str) -> String {
    match kind {
        ClientKind::Person => format!(
            "A person or a program with the user name {name}, which is not one of Kubernetes' own names"
        ),
        ClientKind::ServiceAccount {
            namespace,
            name: account,
        } => {
            let about = if namespace == "kube-system" && is_controller(account) {
                ", a controller of kube-controller-manager"
            } else {
                ""
            };
            format!(
                "The service account {} of namespace {}{about}",
                quote(account),
                quote(namespace)
            )
        }
        ClientKind::Node { name } => format!("The kubelet of node {}", quote(name)),
        ClientKind::Component { name: component } if component == "kube-apiserver" => {
            format!("kube-apiserver itself ({name})")
        }
        ClientKind::Component { name: component } => {
            format!("The component {component} ({name})")
        }
        ClientKind::BootstrapToken { id } => {
            format!("A node that joins the cluster with the bootstrap token {}", quote(id))
        }
        ClientKind::System => format!(
            "The user {name}, whose name begins with `system:`, which Kubernetes reserves for itself; it is not a name that every cluster has"
        ),
        ClientKind::Anonymous => {
            "An anonymous client: the request had no credentials (`system:anonymous`)".to_owned()
        }
        ClientKind::FailedAuthentication => {
            "A client whose credentials were rejected, so that its name is not known".to_owned()
        }
        ClientKind::RejectedBeforeAuthentication => {
            "An unknown client: the request was rejected before authentication, because of its `timeout` parameter".to_owned()
        }
        ClientKind::Unrecorded => "The log doesn't contain the user".to_owned(),
    }
}

/// Service accounts of kube-controller-manager's controllers, as `bootstrappolicy/controller_policy.go` names them; the most common ones.
const CONTROLLERS: [&str; 20] = [
    "attachdetach-controller",
    "certificate-controller",
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemon-set-controller",
    "deployment-controller",
    "disruption-controller",
    "endpoint-controller",
    "endpointslice-controller",
    "generic-garbage-collector",
    "horizontal-pod-autoscaler",
    "job-controller",
    "namespace-controller",
    "node-controller",
    "persistent-volume-binder",
    "pod-garbage-collector",
    "replicaset-controller",
    "resourcequota-controller",
    "root-ca-cert-publisher",
    "statefulset-controller",
];

fn is_controller(account: &str) -> bool {
    CONTROLLERS.contains(&account)
}

fn groups_of(groups: &[String]) -> String {
    let shown: Vec<String> = groups
        .iter()
        .take(MAX_GROUPS)
        .map(|group| quote(group))
        .collect();
    let noun = if groups.len() == 1 { "group" } else { "groups" };
    let mut text = format!("Its {noun}: {}", shown.join(", "));
    if groups.len() > MAX_GROUPS {
        let _ = write!(text, " and {} more", groups.len() - MAX_GROUPS);
    }
    text
}

impl Claim {
    /// Returns the claim and why it could be forged, in a sentence with the value in backticks.
    pub fn sentence(&self) -> String {
        let value = excerpt(&self.value);
        let title = self.kind.title();
        let certain = match (self.kind, self.is_certain) {
            (ClaimKind::AuditId, true) => {
                " This one is not a random UUID, so kube-apiserver did not generate it."
            }
            _ => "",
        };
        format!("{title} `{value}`. {}{certain}", self.kind.reason())
    }
}
