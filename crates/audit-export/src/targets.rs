//! One module per target. Each names the documentation that its field names come from.

pub(crate) mod args;
pub(crate) mod cluster_api;
pub(crate) mod flags;
pub(crate) mod k3s;
pub(crate) mod kind;
pub(crate) mod kops;
pub(crate) mod kubeadm_patches;
pub(crate) mod kubeadm_v1beta3;
pub(crate) mod kubeadm_v1beta4;
pub(crate) mod kubespray;
pub(crate) mod managed;
pub(crate) mod minikube;
pub(crate) mod policy;
pub(crate) mod rke2;
pub(crate) mod shell;
pub(crate) mod shippers;
pub(crate) mod static_pod;
pub(crate) mod talos;
pub(crate) mod webhook;
