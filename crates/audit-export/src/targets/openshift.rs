//! OpenShift, which takes an audit profile instead of a policy. Sources: the page "Configuring the audit log policy" of OpenShift's documentation, the
//! type `APIServer` of `config.openshift.io/v1`, and for the rules of the profiles [`apiserver_config::openshift`].
//!
//! The nearest profile is the one whose levels differ least from those of the policy for [typical requests](requests). What differs is listed.

use apiserver_config::Settings;
use apiserver_config::openshift::AuditProfile;
use audit_policy::{Level, Matcher, Policy, Request, load};

use crate::document::Document;
use crate::guide;
use crate::target::Target;

/// Maximum number of differences that are listed.
const MAX_LISTED: usize = 8;

pub(crate) fn document(settings: &Settings) -> Document {
    let policy = load(settings.policy.as_bytes(), settings.version).policy;
    let nearest = policy.as_ref().map(|policy| nearest(policy, settings));
    let profile = nearest
        .as_ref()
        .map_or(AuditProfile::Default, |(profile, _)| *profile);
    let text = format!(
        "apiVersion: config.openshift.io/v1\nkind: APIServer\nmetadata:\n  name: cluster\nspec:\n  audit:\n    profile: {}\n",
        profile.name()
    );
    let mut document = Document::new(Target::OpenShift, "openshift-apiserver.yaml", text);
    let differs = nearest.map_or_else(
        || "The policy is rejected, so it cannot be compared with the profiles.".to_owned(),
        |(profile, differences)| describe(profile, &differences),
    );
    document.note = format!(
        "OpenShift runs the servers of every control-plane node and sets their policy and flags: instead of a policy you choose one of four audit profiles. {differs}"
    );
    document.steps = [
        "`oc get apiserver cluster -o yaml > before.yaml` saves the current object.",
        "`oc patch apiserver cluster --type merge --patch-file openshift-apiserver.yaml`. The servers are restarted one by one, which takes some minutes per node.",
        "For groups of users, add items to `spec.audit.customRules`: the first one whose `group` the user is in has the `profile` for the request, before `spec.audit.profile`.",
        "Older releases do not record the bodies of deletions in `WriteRequestBodies`. To drop more events, filter them where the log is forwarded.",
    ]
    .map(str::to_owned)
    .to_vec();
    document.verify = vec![
        "`oc get kubeapiserver cluster -o jsonpath='{.status.conditions[?(@.type==\"NodeInstallerProgressing\")].message}'` names one revision for all nodes.".to_owned(),
        "`oc adm node-logs NODE --path=kube-apiserver/audit.log` shows events.".to_owned(),
    ];
    document.verify.extend(guide::metrics());
    document.undo = vec![
        "`oc patch apiserver cluster --type merge --patch '{\"spec\":{\"audit\":{\"profile\":\"Default\"}}}'`, or the profile in `before.yaml`.".to_owned(),
    ];
    document
}

/// A request for which policy and profile differ.
struct Difference {
    request: String,
    of_policy: Level,
    of_profile: Level,
}

/// Returns a sentence about what differs.
fn describe(profile: AuditProfile, differences: &[Difference]) -> String {
    let total = requests().len();
    if differences.is_empty() {
        return format!(
            "The profile `{}` has the levels of the policy for {total} typical requests.",
            profile.name()
        );
    }
    let mut list: Vec<_> = differences
        .iter()
        .take(MAX_LISTED)
        .map(|difference| {
            format!(
                "`{}`: {} instead of {}",
                difference.request, difference.of_profile, difference.of_policy
            )
        })
        .collect();
    let rest = differences.len().saturating_sub(MAX_LISTED);
    if rest > 0 {
        list.push(format!("and {rest} more"));
    }
    format!(
        "The profile `{}` is the nearest. Of {total} typical requests, it records {} at another level: {}.",
        profile.name(),
        differences.len(),
        list.join("; ")
    )
}

/// Returns the profile whose levels differ least from those of the policy, and the requests that differ.
fn nearest(policy: &Policy, settings: &Settings) -> (AuditProfile, Vec<Difference>) {
    let own = Matcher::new(policy);
    let mut best = (AuditProfile::Default, Vec::new(), usize::MAX);
    for profile in AuditProfile::ALL {
        let text = profile.policy(&[]);
        let Some(policy) = load(text.as_bytes(), settings.version).policy else {
            continue;
        };
        let theirs = Matcher::new(&policy);
        let mut distance = 0;
        let mut differences = Vec::new();
        for (name, request) in requests() {
            let (of_policy, of_profile) = (
                own.evaluate(&request).level,
                theirs.evaluate(&request).level,
            );
            if of_policy != of_profile {
                distance += rank(of_policy).abs_diff(rank(of_profile));
                differences.push(Difference {
                    request: name,
                    of_policy,
                    of_profile,
                });
            }
        }
        if distance < best.2 {
            best = (profile, differences, distance);
        }
    }
    (best.0, best.1)
}

/// Returns the number of levels below a level.
const fn rank(level: Level) -> usize {
    level as usize
}

/// Returns typical requests of a user, with their names: reads and writes of common resources, and URLs.
fn requests() -> Vec<(String, Request)> {
    let resources = [
        ("get", "", "pods", ""),
        ("list", "", "pods", ""),
        ("watch", "", "pods", ""),
        ("create", "", "pods", ""),
        ("delete", "", "pods", ""),
        ("create", "", "pods", "exec"),
        ("get", "apps", "deployments", ""),
        ("create", "apps", "deployments", ""),
        ("patch", "apps", "deployments", ""),
        ("get", "", "secrets", ""),
        ("create", "", "secrets", ""),
        ("get", "", "configmaps", ""),
        ("update", "", "configmaps", ""),
        ("create", "", "events", ""),
        ("update", "coordination.k8s.io", "leases", ""),
        (
            "create",
            "rbac.authorization.k8s.io",
            "clusterrolebindings",
            "",
        ),
        ("create", "authorization.k8s.io", "subjectaccessreviews", ""),
        ("create", "oauth.openshift.io", "oauthaccesstokens", ""),
    ];
    let of_user = |request: Request| {
        request
            .with_user("jane")
            .with_groups(["system:authenticated:oauth", "system:authenticated"])
    };
    let mut requests: Vec<_> = resources
        .into_iter()
        .map(|(verb, group, resource, subresource)| {
            let request = Request::for_resource(verb, group, resource)
                .with_namespace("default")
                .with_subresource(subresource);
            let name = format!("{verb} {}", request.full_resource());
            (name, of_user(request))
        })
        .collect();
    for path in ["/api", "/healthz", "/metrics"] {
        let request = Request::for_path("get", path);
        requests.push((format!("get {path}"), of_user(request)));
    }
    requests
}
