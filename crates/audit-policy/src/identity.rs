//! Groups that kube-apiserver itself gives to users.

/// Returns the groups that the server adds for a user by itself, as its authenticators do (k8s.io/apiserver, 1.20 to 1.36). Others come from tokens,
/// certificates and webhooks.
///
/// ```
/// use audit_policy::usual_groups;
///
/// assert_eq!(usual_groups("alice"), ["system:authenticated"]);
/// assert_eq!(usual_groups("system:anonymous"), ["system:unauthenticated"]);
/// assert_eq!(usual_groups("system:node:worker"), ["system:nodes", "system:authenticated"]);
/// let account = "system:serviceaccount:ci:builder";
/// assert_eq!(
///     usual_groups(account),
///     ["system:serviceaccounts", "system:serviceaccounts:ci", "system:authenticated"]
/// );
/// ```
pub fn usual_groups(user: &str) -> Vec<String> {
    let account = user.strip_prefix("system:serviceaccount:");
    let account = account.and_then(|account| account.split_once(':'));
    let groups: &[&str] = match (user, account) {
        ("system:anonymous", _) => &["system:unauthenticated"],
        // The server's own client.
        ("system:apiserver", _) => &["system:masters"],
        (_, Some((namespace, _))) => {
            let own = format!("system:serviceaccounts:{namespace}");
            let groups = ["system:serviceaccounts", &own, "system:authenticated"];
            return groups.map(str::to_owned).to_vec();
        }
        _ if user.starts_with("system:node:") => &["system:nodes", "system:authenticated"],
        _ => &["system:authenticated"],
    };
    groups.iter().map(|group| (*group).to_owned()).collect()
}
