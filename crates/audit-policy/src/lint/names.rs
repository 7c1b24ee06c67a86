//! Names of users and groups: what the authenticators of Kubernetes assign, and what people write instead.
//!
//! Facts from the Kubernetes documentation of authentication ("Service account tokens", "Anonymous requests", "Bootstrap tokens"),
//! of RBAC ("Default roles and role bindings") and of kubeadm. Certificates and OIDC may give any name without `system:`.

/// Users of components, by the documentation of RBAC.
const COMPONENTS: [&str; 4] = [
    "system:kube-scheduler",
    "system:kube-controller-manager",
    "system:kube-proxy",
    "system:apiserver",
];

/// The user of requests without credentials.
pub(super) const ANONYMOUS: &str = "system:anonymous";

/// The user of requests through the insecure port, which Kubernetes 1.20 removed (its flags are gone since 1.24).
const UNSECURED: &str = "system:unsecured";

/// Groups with a fixed name.
const GROUPS: [&str; 8] = [
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:masters",
    "system:nodes",
    "system:bootstrappers",
    "system:monitoring",
    "kubeadm:cluster-admins",
];

/// Names of default roles that no default user or group has.
const ROLES: [&str; 17] = [
    "cluster-admin",
    "system:volume-scheduler",
    "system:node-proxier",
    "system:node-bootstrapper",
    "system:kubelet-api-admin",
    "system:kube-aggregator",
    "system:kube-dns",
    "system:heapster",
    "system:auth-delegator",
    "system:basic-user",
    "system:discovery",
    "system:public-info-viewer",
    "system:persistent-volume-provisioner",
    "system:service-account-issuer-discovery",
    "system:aggregate-to-admin",
    "system:aggregate-to-edit",
    "system:aggregate-to-view",
];

/// Other names of components, and what was probably meant.
const OTHER_COMPONENTS: [(&str, &str); 4] = [
    ("system:scheduler", "`system:kube-scheduler`"),
    (
        "system:controller-manager",
        "`system:kube-controller-manager`",
    ),
    (
        "system:kubelet",
        "`system:node:` and the node's name, or `userGroups: [system:nodes]`",
    ),
    ("system:kubelets", "`userGroups: [system:nodes]`"),
];

const ACCOUNT: &str = "system:serviceaccount:";
const ACCOUNTS: &str = "system:serviceaccounts:";

/// Other spellings of `system:serviceaccount`, in lowercase.
const ACCOUNT_SPELLINGS: [&str; 9] = [
    "system:serviceaccounts",
    "system:serviceaccount",
    "system:service-account",
    "system:service_account",
    "system:sa",
    "serviceaccounts",
    "serviceaccount",
    "service-account",
    "sa",
];

/// Correct place of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    /// Another name in the same list.
    Same(String),
    /// A group, in `userGroups`.
    Group(String),
    /// A user, in `users`.
    User(String),
    /// Nothing certain.
    Unknown,
}

/// A name that is not what its list contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NameProblem {
    /// True if the form of the name rules it out; otherwise it is an ordinary name that is probably not meant.
    pub(super) is_certain: bool,
    /// Predicate of the message, after the name.
    pub(super) text: String,
    /// Help.
    pub(super) help: String,
    /// Correct place.
    pub(super) meant: Meant,
}

impl NameProblem {
    fn certain(text: impl Into<String>, help: impl Into<String>, meant: Meant) -> Self {
        Self {
            is_certain: true,
            text: text.into(),
            help: help.into(),
            meant,
        }
    }

    fn note(text: impl Into<String>, help: impl Into<String>, meant: Meant) -> Self {
        Self {
            is_certain: false,
            ..Self::certain(text, help, meant)
        }
    }
}

/// Returns the namespace and name of a service account's user name.
pub(super) fn service_account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix(ACCOUNT)?.split_once(':')?;
    (is_label(namespace) && is_label(name)).then_some((namespace, name))
}

/// Returns the namespace of the group of the service accounts of one namespace.
pub(super) fn accounts_of(group: &str) -> Option<&str> {
    group.strip_prefix(ACCOUNTS).filter(|rest| is_label(rest))
}

pub(super) fn is_component(user: &str) -> bool {
    COMPONENTS.contains(&user)
}

fn is_group(name: &str) -> bool {
    GROUPS.contains(&name)
        || accounts_of(name).is_some()
        || name
            .strip_prefix("system:bootstrappers:")
            .is_some_and(|rest| !rest.is_empty())
}

fn is_user(name: &str) -> bool {
    is_component(name)
        || name == ANONYMOUS
        || name
            .strip_prefix("system:node:")
            .is_some_and(|rest| !rest.is_empty())
        || service_account(name).is_some()
}

/// Returns true for a name of a namespace or service account: a DNS subdomain.
fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.split('.').all(|label| {
            let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            label.bytes().all(|byte| inner(byte) || byte == b'-')
                && label.bytes().next().is_some_and(inner)
                && label.bytes().last().is_some_and(inner)
        })
}

/// Returns true for namespaces that every cluster has.
fn is_built_in_namespace(text: &str) -> bool {
    matches!(
        text,
        "default" | "kube-system" | "kube-public" | "kube-node-lease"
    )
}

/// Returns the group that a pattern with `*` describes, such as `system:node:*`.
pub(super) fn group_of_pattern(pattern: &str) -> Option<String> {
    if matches!(
        pattern,
        "system:node:*" | "system:node*" | "system:nodes:*" | "system:nodes*"
    ) {
        return Some("system:nodes".to_owned());
    }
    let parts: Vec<&str> = pattern.split(':').take(6).collect();
    match parts.as_slice() {
        ["system", kind] if matches!(*kind, "serviceaccount*" | "serviceaccounts*") => {
            Some("system:serviceaccounts".to_owned())
        }
        ["system", "serviceaccount" | "serviceaccounts", rest @ ..] => match rest {
            ["*"] | ["*", "*"] => Some("system:serviceaccounts".to_owned()),
            [namespace, "*"] if is_label(namespace) => Some(format!("{ACCOUNTS}{namespace}")),
            _ => None,
        },
        _ => None,
    }
}

/// Returns what is wrong with a name in `users`. `None` for names that may exist, and for patterns with `*`.
pub(super) fn user_problem(name: &str) -> Option<NameProblem> {
    if name.is_empty() || name.contains('*') || is_user(name) {
        return None;
    }
    if let Some(problem) = spelling(name, "user", is_user) {
        return Some(problem);
    }
    if is_group(name) {
        let help = "move it to `userGroups`, in a rule without `users`";
        return Some(NameProblem::certain(
            "is a group, not a user",
            help,
            Meant::Group(name.to_owned()),
        ));
    }
    if matches!(name, "system:node" | "system:node:") {
        return Some(NameProblem::certain(
            "is not a user: the user of a kubelet is `system:node:` and the node's name",
            "write `userGroups: [system:nodes]` for all kubelets, in a rule without `users`",
            Meant::Group("system:nodes".to_owned()),
        ));
    }
    account_problem(name)
        .or_else(|| removed_user(name))
        .or_else(|| ordinary_user(name))
        .or_else(|| misspelled(name, &COMPONENTS))
}

/// Surrounding white space and letter case.
fn spelling(name: &str, noun: &str, is_known: fn(&str) -> bool) -> Option<NameProblem> {
    let trimmed = name.trim();
    if trimmed != name && !trimmed.is_empty() {
        return Some(NameProblem::certain(
            format!("has spaces around it: no {noun} has such a name"),
            "remove the spaces",
            Meant::Same(trimmed.to_owned()),
        ));
    }
    let lower = name.to_ascii_lowercase();
    (lower != name && lower.starts_with("system:") && is_known(&lower)).then(|| {
        NameProblem::certain(
            format!("is not a {noun}: case matters"),
            format!("write `{lower}`"),
            Meant::Same(lower),
        )
    })
}

/// Form of the user name of a service account, for help.
const ACCOUNT_FORM: &str = "a service account's user is `system:serviceaccount:NAMESPACE:NAME`";

/// Names that look like a service account.
fn account_problem(name: &str) -> Option<NameProblem> {
    let lower = name.to_ascii_lowercase();
    let rest = ACCOUNT_SPELLINGS.iter().find_map(|spelling| {
        let rest = lower.strip_prefix(spelling)?;
        if rest.is_empty() {
            return spelling.starts_with("system:s").then_some("");
        }
        rest.strip_prefix([':', '/'])
            .and(name.get(spelling.len() + 1..))
    });
    match rest {
        Some(rest) => prefixed_account(rest, &lower),
        None => bare_account(name),
    }
}

/// A name with a spelling of `system:serviceaccount` before `rest`.
fn prefixed_account(rest: &str, lower: &str) -> Option<NameProblem> {
    let parts: Vec<&str> = rest.split([':', '/']).take(4).collect();
    let group_help = |whose: &str, group: &str| {
        format!(
            "{ACCOUNT_FORM}; write `userGroups: [{group}]` for all of {whose}, in a rule without `users`"
        )
    };
    match parts.as_slice() {
        [""] => Some(NameProblem::certain(
            "is not a user: the namespace and name of a service account are missing",
            group_help("them", "system:serviceaccounts"),
            Meant::Group("system:serviceaccounts".to_owned()),
        )),
        [namespace] | [namespace, ""] if is_label(namespace) && lower.starts_with("system:") => {
            let group = format!("{ACCOUNTS}{namespace}");
            Some(NameProblem::certain(
                "is not a user: the name of the service account is missing",
                group_help("the namespace", &group),
                Meant::Group(group),
            ))
        }
        [namespace, account] if is_label(namespace) && is_label(account) => {
            let full = format!("{ACCOUNT}{namespace}:{account}");
            Some(NameProblem::certain(
                "is not the user name of a service account",
                format!("write `{full}`"),
                Meant::Same(full),
            ))
        }
        _ if lower.starts_with(ACCOUNT) => Some(NameProblem::certain(
            "is not the user name of a service account",
            format!("{ACCOUNT_FORM}, with a valid namespace and name"),
            Meant::Unknown,
        )),
        _ => None,
    }
}

/// Namespace and name only, such as `kube-system:default` or `argocd/argocd-server`.
fn bare_account(name: &str) -> Option<NameProblem> {
    let bare = name.strip_prefix("system:").unwrap_or(name);
    let (namespace, account) = bare.split_once([':', '/'])?;
    let is_known = is_built_in_namespace(namespace);
    let is_form = is_label(namespace) && is_label(account) && !namespace.contains('.');
    // Other names with a colon, such as `oidc:alice`, have a prefix of an authenticator.
    let is_slash = bare == name && name.contains('/');
    if !is_form || !(is_known || is_slash) {
        return None;
    }
    let full = format!("{ACCOUNT}{namespace}:{account}");
    let help = format!("write `{full}`");
    let meant = if is_known {
        Meant::Same(full)
    } else {
        Meant::Unknown
    };
    Some(NameProblem::certain(
        "is not the user name of a service account",
        help,
        meant,
    ))
}

/// A user that older versions had.
fn removed_user(name: &str) -> Option<NameProblem> {
    (name == UNSECURED).then(|| {
        NameProblem::note(
            "was the user of the insecure port, which Kubernetes 1.20 removed: no request has it",
            "remove it: what came through that port now has a user of its own, such as a service account",
            Meant::Unknown,
        )
    })
}

/// Names that a user may have, but that are usually something else.
fn ordinary_user(name: &str) -> Option<NameProblem> {
    if let Some(controller) = name.strip_prefix("system:controller:") {
        return Some(NameProblem::note(
            "is a role, not a user",
            format!("the controller's user is usually `{ACCOUNT}kube-system:{controller}`"),
            Meant::Unknown,
        ));
    }
    if ROLES.contains(&name) {
        let help = "rules match users and groups, not the roles that are bound to them";
        return Some(NameProblem::note(
            "is the name of a default role; a user with this name is unusual",
            help,
            Meant::Unknown,
        ));
    }
    if let Some((user @ ("kubernetes-admin" | "kubernetes-super-admin"), _)) = name.split_once('@')
    {
        return Some(NameProblem::note(
            "is the name of a kubeconfig context, probably not of a user",
            format!("kubeadm's user is `{user}`"),
            Meant::Unknown,
        ));
    }
    if name == "default" {
        return Some(NameProblem::note(
            "is the name of a service account in every namespace, probably not of a user",
            format!("write `{ACCOUNT}NAMESPACE:default`"),
            Meant::Unknown,
        ));
    }
    if is_built_in_namespace(name) {
        return Some(NameProblem::note(
            "is the name of a namespace, probably not of a user",
            format!(
                "write `userGroups: [{ACCOUNTS}{name}]` for its service accounts, in a rule without `users`"
            ),
            Meant::Unknown,
        ));
    }
    let component = OTHER_COMPONENTS.iter().find(|(other, _)| *other == name);
    if let Some((_, meant)) = component {
        return Some(NameProblem::note(
            "is not the usual user of this component",
            format!("did you mean {meant}?"),
            Meant::Unknown,
        ));
    }
    let full = format!("system:{name}");
    (is_component(&full) && name.starts_with("kube-")).then(|| {
        NameProblem::note(
            "is not the usual user of this component",
            format!("did you mean `{full}`?"),
            Meant::Unknown,
        )
    })
}

/// A name with `system:` that is similar to a known one.
fn misspelled(name: &str, known: &[&str]) -> Option<NameProblem> {
    if !name.starts_with("system:") || name.len() > 64 {
        return None;
    }
    let meant = known
        .iter()
        .find(|known| audit_types::spelling::distance(known, name) <= 2)?;
    Some(NameProblem::note(
        "is not a name that Kubernetes assigns",
        format!("did you mean `{meant}`?"),
        Meant::Unknown,
    ))
}

/// Returns what is wrong with a name in `userGroups`. `None` for names that may exist, and for patterns with `*`.
pub(super) fn group_problem(name: &str) -> Option<NameProblem> {
    if name.is_empty() || name.contains('*') || is_group(name) {
        return None;
    }
    if let Some(problem) = spelling(name, "group", is_group) {
        return Some(problem);
    }
    if is_user(name) {
        let help = match service_account(name) {
            Some((namespace, _)) => format!(
                "move it to `users`, in a rule without `userGroups`; the group of all of the namespace is `{ACCOUNTS}{namespace}`"
            ),
            None if name.starts_with("system:node:") => {
                "move it to `users`, in a rule without `userGroups`; the group of all kubelets is `system:nodes`"
                    .to_owned()
            }
            None => "move it to `users`, in a rule without `userGroups`".to_owned(),
        };
        let meant = Meant::User(name.to_owned());
        return Some(NameProblem::certain("is a user, not a group", help, meant));
    }
    let renamed = |group: String| {
        let help = format!("write `{group}`");
        NameProblem::certain("is not a group", help, Meant::Same(group))
    };
    match name {
        "system:node" | "system:node:" => return Some(renamed("system:nodes".to_owned())),
        "system:master" => return Some(renamed("system:masters".to_owned())),
        "system:serviceaccount" | "system:serviceaccount:" | "system:serviceaccounts:" => {
            return Some(renamed("system:serviceaccounts".to_owned()));
        }
        _ => {}
    }
    let rest = name
        .strip_prefix(ACCOUNT)
        .or_else(|| name.strip_prefix(ACCOUNTS));
    if let Some(rest) = rest {
        return Some(match rest.split_once([':', '/']) {
            None | Some((_, "")) if is_label(rest.trim_end_matches([':', '/'])) => {
                renamed(format!("{ACCOUNTS}{}", rest.trim_end_matches([':', '/'])))
            }
            Some((namespace, account)) if is_label(namespace) && is_label(account) => {
                NameProblem::certain(
                    "is not a group: it names one service account, which is a user",
                    format!(
                        "write `users: [\"{ACCOUNT}{namespace}:{account}\"]`, in a rule without `userGroups`"
                    ),
                    Meant::User(format!("{ACCOUNT}{namespace}:{account}")),
                )
            }
            _ => NameProblem::certain(
                "is not a group",
                format!("the group of a namespace's service accounts is `{ACCOUNTS}NAMESPACE`"),
                Meant::Unknown,
            ),
        });
    }
    ordinary_group(name).or_else(|| misspelled(name, &GROUPS))
}

/// Names that a group may have, but that are usually something else.
fn ordinary_group(name: &str) -> Option<NameProblem> {
    let (text, help) = match name {
        UNSECURED => (
            "is not a group: it was the user of the insecure port, which Kubernetes 1.20 removed",
            "remove it: no request has it".to_owned(),
        ),
        "cluster-admin" => (
            "is the name of a default role; a group with this name is unusual",
            "rules match users and groups, not the roles that are bound to them".to_owned(),
        ),
        "kubernetes-admin" | "kubernetes-super-admin" => (
            "is the name of a user of kubeadm, probably not of a group",
            "write it in `users`, in a rule without `userGroups`".to_owned(),
        ),
        _ if is_built_in_namespace(name) && name != "default" => (
            "is the name of a namespace, probably not of a group",
            format!("the group of its service accounts is `{ACCOUNTS}{name}`"),
        ),
        _ => return None,
    };
    Some(NameProblem::note(text, help, Meant::Unknown))
}

/// Returns a user that has a group, for examples.
pub(super) fn member_of(group: &str) -> String {
    if let Some(namespace) = accounts_of(group) {
        return format!("{ACCOUNT}{namespace}:default");
    }
    match group {
        "system:unauthenticated" => ANONYMOUS.to_owned(),
        "system:serviceaccounts" => format!("{ACCOUNT}shop:default"),
        "system:nodes" => "system:node:worker-1".to_owned(),
        "system:masters" | "kubeadm:cluster-admins" => "kubernetes-admin".to_owned(),
        _ if group.starts_with("system:bootstrappers") => "system:bootstrap:abcdef".to_owned(),
        _ => "jane".to_owned(),
    }
}

/// Returns another user that has a group, whose name rules hardly list. The same one if there is only one.
pub(super) fn other_member_of(group: &str) -> String {
    if let Some(namespace) = accounts_of(group) {
        return format!("{ACCOUNT}{namespace}:some-other-account");
    }
    match group {
        "system:serviceaccounts" => format!("{ACCOUNT}shop:some-other-account"),
        "system:nodes" => "system:node:some-other-node".to_owned(),
        "system:unauthenticated" => ANONYMOUS.to_owned(),
        _ if group.starts_with("system:bootstrappers") => "system:bootstrap:fedcba".to_owned(),
        _ => "some-other-user".to_owned(),
    }
}

/// Returns true if a user can be in a group.
pub(super) fn may_be_in(user: &str, group: &str) -> bool {
    let account = service_account(user);
    match group {
        "system:authenticated" => user != ANONYMOUS,
        "system:unauthenticated" => user == ANONYMOUS,
        "system:serviceaccounts" => account.is_some(),
        _ if user == ANONYMOUS => false,
        _ if accounts_of(group).is_some() => {
            account.is_some_and(|(namespace, _)| accounts_of(group) == Some(namespace))
        }
        // The authenticator of service accounts assigns no other groups.
        _ if account.is_some() => false,
        "system:nodes" => !is_component(user),
        _ if group.starts_with("system:bootstrappers") => {
            !is_component(user) && !user.starts_with("system:node:")
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests;
