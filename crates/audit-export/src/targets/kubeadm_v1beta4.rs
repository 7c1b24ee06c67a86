//! A kubeadm ClusterConfiguration in which `extraArgs` is a list. Source: the reference page "kubeadm Configuration (v1beta4)" of the
//! Kubernetes documentation (`APIServer`, `Arg`, `HostPathMount`).

use apiserver_config::Settings;

use crate::document::Document;
use crate::guide::{self, appears, policy_first};
use crate::manifest;
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let text = cluster_configuration(settings);
    let mut document = Document::new(Target::KubeadmV1beta4, "kubeadm-audit.yaml", text);
    let age = if settings.version.at_least(31) {
        ""
    } else {
        " This version's kubeadm does not support v1beta4, which was added in 1.31; up to v1beta3, `extraArgs` is a map of name to value."
    };
    document.note = note(settings, age);
    document.files = guide::files(settings);
    document.steps = steps(settings);
    document.verify = guide::verify(settings);
    document.undo = undo();
    document
}

/// Returns the API server's part of a ClusterConfiguration.
pub(crate) fn cluster_configuration(settings: &Settings) -> String {
    let mut out = String::from(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n",
    );
    out.push_str(&manifest::extra_args_list(&settings.flags(), "  "));
    out.push_str(&manifest::extra_volumes(settings, "  "));
    out
}

pub(crate) fn note(settings: &Settings, age: &str) -> String {
    format!(
        "For a new cluster: `kubeadm init --config`. For an existing one: merge this into `ClusterConfiguration` of the ConfigMap \
         `kubeadm-config` in `kube-system`, so that upgrades keep it, and run `kubeadm init phase control-plane apiserver --config` \
         with the merged file on every control-plane node.{}{age} {}",
        policy_first(settings),
        appears(settings)
    )
}

pub(crate) fn steps(settings: &Settings) -> Vec<String> {
    let mut steps = guide::copy_files(settings);
    steps.push(
        "For a new cluster: merge this into its configuration and run `kubeadm init --config FILE`. Nodes that join the control plane \
         need the same files before `kubeadm join`."
            .to_owned(),
    );
    steps.push(
        "For an existing cluster: run `kubectl -n kube-system get configmap kubeadm-config -o jsonpath='{.data.ClusterConfiguration}' > before.yaml`, \
         and merge this into a copy of it."
            .to_owned(),
    );
    steps.push(
        "`sudo kubeadm init phase upload-config kubeadm --config MERGED`, so that upgrades keep it.".to_owned(),
    );
    steps.push(
        "`sudo kubeadm init phase control-plane apiserver --config MERGED` on every control-plane node, one by one. If a node's server \
         advertises another address than that of the default interface, add an InitConfiguration with this `localAPIEndpoint` to its MERGED."
            .to_owned(),
    );
    steps
}

pub(crate) fn undo() -> Vec<String> {
    vec![
        "Run the same two phases with `before.yaml`, on every control-plane node.".to_owned(),
        "Keep the policy file until every server has restarted without its flag.".to_owned(),
    ]
}
