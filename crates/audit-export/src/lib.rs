//! From typed settings to kube-apiserver flags and manifests.

#![forbid(unsafe_code)]
