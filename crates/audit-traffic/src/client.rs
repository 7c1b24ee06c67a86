//! Clients of the API server.

use crate::profile::Profile;

/// A kind of client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    /// The kubelet of a node.
    Kubelet,
    /// kube-apiserver, through its loopback client.
    ApiServer,
    /// kube-controller-manager under its own name, with the suffix of its user agent.
    ControllerManager(&'static str),
    /// One of its controllers, each of which has a service account.
    Controller(&'static str),
    /// kube-scheduler, with the suffix of its user agent.
    Scheduler(&'static str),
    /// An addon, with namespace and service account.
    ServiceAccount(&'static str, &'static str),
    /// An addon that runs on every node, with its service account in `kube-system`.
    DaemonSet(&'static str),
    /// An operator of the profile, by index.
    Operator(usize),
    /// A probe without credentials.
    Probe,
    /// A person.
    Person,
    /// A deployment pipeline.
    Pipeline,
}

impl Client {
    /// Returns the operator's index in the profile.
    pub(crate) const fn operator(self) -> Option<usize> {
        match self {
            Self::Operator(number) => Some(number),
            _ => None,
        }
    }

    /// Returns the index of the client that makes a request, if requests come from several clients of this kind.
    pub(crate) fn client_index(self, number: u64, profile: &Profile) -> u64 {
        match self {
            Self::Person => number % u64::from(profile.people).max(1),
            Self::Pipeline => number % u64::from(profile.pipelines).max(1),
            _ => 0,
        }
    }

    /// Returns a short, human-readable name.
    pub(crate) fn label(self) -> String {
        match self {
            Self::Kubelet => "kubelet".to_owned(),
            Self::ApiServer => "kube-apiserver".to_owned(),
            Self::ControllerManager(_) => "kube-controller-manager".to_owned(),
            Self::Controller(name) => name.to_owned(),
            Self::Scheduler(_) => "kube-scheduler".to_owned(),
            Self::ServiceAccount(_, name) | Self::DaemonSet(name) => name.to_owned(),
            Self::Operator(_) => "each operator".to_owned(),
            Self::Probe => "anonymous".to_owned(),
            Self::Person => "people".to_owned(),
            Self::Pipeline => "pipelines".to_owned(),
        }
    }
}
