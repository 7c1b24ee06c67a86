//! Finds the Kubernetes version that a text names: by the tag of an image, or by a field for it.

use std::fmt;

/// A Kubernetes version that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedVersion {
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
    /// Line, from 1.
    pub line: usize,
    /// Text that names it: an image's tag or a field's value.
    pub text: String,
}

impl fmt::Display for NamedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Images whose tag is the version of kube-apiserver: its own, those with all components, and nodes of kind and k3d.
const IMAGES: [&str; 8] = [
    "kube-apiserver",
    "kube-apiserver-amd64",
    "kube-apiserver-arm64",
    "hyperkube",
    "hyperkube-amd64",
    "hardened-kubernetes",
    "kindest/node",
    "rancher/k3s",
];

/// Fields with the version of the cluster: of kubeadm and kOps, of Cluster API and RKE, and the argument of minikube and kubeadm.
const FIELDS: [&str; 4] = [
    "kubernetesVersion",
    "kubernetes_version",
    "kubernetes-version",
    "kube_version",
];

/// Finds the first version that a text names.
pub(crate) fn find(text: &str) -> Option<NamedVersion> {
    let is_cluster_api = text.contains("cluster.x-k8s.io/");
    let mut lines = text.lines().enumerate();
    lines.find_map(|(index, line)| {
        let line = line.trim().trim_start_matches("- ");
        if line.starts_with(['#', '/']) {
            return None;
        }
        let named = of_image(line)
            .or_else(|| of_field(line))
            .or_else(|| of_version_field(line, is_cluster_api))?;
        let (major, minor) = version(named)?;
        Some(NamedVersion {
            major,
            minor,
            line: index + 1,
            text: named.to_owned(),
        })
    })
}

/// Returns the tag of a known image in an `image` field or argument. `None` if it has only a digest.
fn of_image(line: &str) -> Option<&str> {
    if !line.to_ascii_lowercase().contains("image") {
        return None;
    }
    let is_outside = |c: char| c.is_whitespace() || "\"',{}[]=".contains(c);
    line.split(is_outside).find_map(|word| {
        let name = word.split('@').next()?;
        let (image, tag) = name.rsplit_once(':')?;
        let is_known = IMAGES.iter().any(|known| {
            let before = image.strip_suffix(known);
            before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
        });
        (is_known && !tag.contains('/')).then_some(tag)
    })
}

/// Returns the value of a field with the version.
fn of_field(line: &str) -> Option<&str> {
    let (field, at) = FIELDS
        .iter()
        .find_map(|field| Some((field, line.find(field)?)))?;
    let before = line.get(..at)?;
    // Another word may end with the name.
    if before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let after = line.get(at + field.len()..)?;
    let value = after.trim_start_matches(['"', '\'', ' ', ':', '=']);
    let end = value
        .find(|c: char| c.is_whitespace() || "\"',}".contains(c))
        .unwrap_or(value.len());
    value.get(..end)
}

/// Returns the value of a field `version`: in Cluster API it is that of Kubernetes, elsewhere only if it names a distribution.
fn of_version_field(line: &str, is_cluster_api: bool) -> Option<&str> {
    let value = line.strip_prefix("version:")?.trim_start();
    let value = value.split(" #").next().unwrap_or_default();
    let value = value.trim_matches(|c: char| c.is_whitespace() || "\"'".contains(c));
    let is_of_distribution = ["+k0s", "+k3s", "+rke2"]
        .iter()
        .any(|suffix| value.contains(suffix));
    // The versions of other programs in such a file are lower.
    let is_plausible = version(value).is_some_and(|(_, minor)| minor >= 16);
    (is_of_distribution || (is_cluster_api && value.starts_with('v') && is_plausible))
        .then_some(value)
}

/// Reads `v1.31.2`, `1.31` or `v1.30.1-rke2r1`.
fn version(text: &str) -> Option<(u16, u16)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts = text.splitn(3, '.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?;
    let end = minor
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(minor.len());
    let minor = minor.get(..end)?.parse().ok()?;
    (major == 1).then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_images_and_fields() {
        for (text, expected) in [
            (
                "    image: registry.k8s.io/kube-apiserver:v1.31.2",
                Some((1, 31)),
            ),
            ("image: k8s.gcr.io/kube-apiserver:v1.15", Some((1, 15))),
            (
                "\"image\": \"gcr.io/google_containers/kube-apiserver-amd64:v1.9.3\",",
                Some((1, 9)),
            ),
            (
                "image: index.docker.io/rancher/hardened-kubernetes:v1.30.1-rke2r1-build20240515",
                Some((1, 30)),
            ),
            (
                "image: registry.example.com:5000/kube-apiserver:v1.29.0@sha256:abc",
                Some((1, 29)),
            ),
            ("- image: kindest/node:v1.28.0", Some((1, 28))),
            (
                "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nspec:\n  version: v1.31.2",
                Some((1, 31)),
            ),
            ("  k0s:\n    version: \"1.30.1+k0s.0\" # k0s", Some((1, 30))),
            ("chart:\n  version: v1.31.2", None),
            ("kubernetesVersion: v1.32.0", Some((1, 32))),
            (
                "  kubernetesVersion: \"1.27.4\" # the cluster",
                Some((1, 27)),
            ),
            ("{\"kubernetesVersion\": \"v1.26.1\"}", Some((1, 26))),
            (
                "minikube start --kubernetes-version=v1.33.1 --driver=kvm2",
                Some((1, 33)),
            ),
            ("image: registry.k8s.io/kube-apiserver@sha256:0123", None),
            ("image: registry.example.com:5000/kube-apiserver", None),
            ("image: registry.k8s.io/kube-apiserver:latest", None),
            ("image: registry.k8s.io/kube-scheduler:v1.31.2", None),
            ("image: example.com/not-kube-apiserver:v1.31.2", None),
            ("# image: registry.k8s.io/kube-apiserver:v1.31.2", None),
            ("kubernetesVersion: stable", None),
            ("minKubernetesVersion: v1.31.2", None),
            ("kube-apiserver:v1.31.2", None),
        ] {
            let found = find(text).map(|found| (found.major, found.minor));
            assert_eq!(found, expected, "{text}");
        }
        let found = find("a: b\n  image: kube-apiserver:v1.31.2\n").unwrap();
        assert_eq!(
            (found.line, found.text.as_str(), found.to_string().as_str()),
            (2, "v1.31.2", "1.31")
        );
    }
}
