//! A Shoot of Gardener. Source: the page "Audit a Kubernetes Cluster" of Gardener's documentation (the ConfigMap, its namespace and key), and for the
//! flags that Gardener sets, its component of the server.
//!
//! Users of Gardener set the policy only. The server is a pod in the seed cluster, and its log is in the container: operators deliver it with an extension.

use apiserver_config::Settings;
use apiserver_config::platforms::GARDENER_POLICY_KEY;
use audit_text::quote;

use crate::document::{Document, File, end_line};
use crate::guide;
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let text = "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nmetadata:\n  name: my-shoot\n  namespace: garden-my-project\nspec:\n  kubernetes:\n    kubeAPIServer:\n      auditConfig:\n        auditPolicy:\n          configMapRef:\n            name: kube-audit\n";
    let mut document = Document::new(Target::Gardener, "gardener-shoot.yaml", text);
    document.note = "Merge this into the Shoot in the garden cluster. Gardener runs every control-plane node's servers in a seed cluster and sets their flags: you choose the policy, \
                     not the log or a webhook."
        .to_owned();
    document.files = vec![File {
        path: "gardener-configmap.yaml".to_owned(),
        text: format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kube-audit\n  namespace: garden-my-project\ndata:\n  {GARDENER_POLICY_KEY}: {}\n",
            quote::block(&end_line(settings.policy.clone()), "    ")
        ),
        mode: "0600",
    }];
    document.steps = [
        "In the garden cluster, `kubectl apply -f gardener-configmap.yaml`, in the project's namespace, which is that of the Shoot. Gardener rejects a Shoot whose ConfigMap is missing or has an \
         invalid policy.",
        "`kubectl edit shoot NAME -n NAMESPACE`, and merge `auditConfig` into it.",
        "After an edit of the ConfigMap, `kubectl annotate shoot NAME -n NAMESPACE gardener.cloud/operation=reconcile`: otherwise it is used from the next reconciliation on.",
        "Ask the operators of the landscape where the log goes: it stays in the server's container, at most 600 MB of it, unless an extension ships it.",
    ]
    .map(str::to_owned)
    .to_vec();
    document.verify = vec![
        "`kubectl get shoot NAME -n NAMESPACE -o jsonpath='{.status.lastOperation}'` shows the state `Succeeded`.".to_owned(),
    ];
    document.verify.extend(guide::metrics());
    document.undo = vec![
        "Remove `auditPolicy` from the Shoot: Gardener then uses its own policy, which records nothing. The ConfigMap can be deleted afterwards, not before."
            .to_owned(),
    ];
    document
}
