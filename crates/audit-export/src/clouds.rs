//! Clouds that run the control plane with a policy of their own, and what they document about it.

/// A cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cloud {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name in sentences.
    pub title: &'static str,
    /// The rules that it documents, as a policy whose comments have their source and its date. `None` if it documents none.
    pub policy: Option<&'static str>,
    /// Sentences on what else is documented about the events that can be read there.
    pub about: &'static str,
}

/// All clouds, in the order of lists.
pub const CLOUDS: [Cloud; 3] = [
    Cloud {
        name: "eks",
        title: "Amazon EKS",
        policy: Some(include_str!("clouds/eks.yaml")),
        about: "Events go to CloudWatch Logs, which takes up to 1 MB for one (256 KB until April 2025); EKS cuts larger ones.",
    },
    Cloud {
        name: "gke",
        title: "Google Kubernetes Engine",
        policy: Some(include_str!("clouds/gke.yaml")),
        about: "Cloud Audit Logs keep writes; they keep reads only where Data Access logs are enabled. Their entries have no user groups.",
    },
    Cloud {
        name: "aks",
        title: "Azure Kubernetes Service",
        policy: None,
        about: "The category `kube-audit` has all events that it records, and `kube-audit-admin` all but those of `get` and `list`.",
    },
];

/// Finds a cloud by its name on the command line.
///
/// ```
/// use audit_export::clouds::find;
///
/// assert!(find("eks").unwrap().policy.unwrap().contains("resourceNames: [aws-auth]"));
/// assert!(find("on-premises").is_none());
/// ```
pub fn find(name: &str) -> Option<Cloud> {
    CLOUDS.into_iter().find(|cloud| cloud.name == name)
}
