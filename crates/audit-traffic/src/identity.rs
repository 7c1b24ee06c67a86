//! Identity of clients in events: user, user agent, source address, and the reason why they are authorized.

use std::fmt::Write as _;

use crate::client::Client;
use crate::context::{RequestContext, write_uid};
use crate::random::mix;

impl Client {
    /// Returns namespace and name of the service account.
    fn account<'s>(self, context: &'s RequestContext<'_>) -> Option<(&'s str, &'s str)> {
        Some(match self {
            Self::Controller(name) | Self::DaemonSet(name) => ("kube-system", name),
            Self::ServiceAccount(namespace, name) => (namespace, name),
            Self::Operator(_) => {
                let operator = context.operator()?;
                (&operator.namespace, &operator.name)
            }
            Self::Pipeline => ("delivery", "pipeline"),
            _ => return None,
        })
    }

    /// Writes the user as JSON.
    pub(crate) fn write_user(self, context: &RequestContext<'_>, out: &mut String) {
        if let Some((namespace, name)) = self.account(context) {
            return write_service_account(self, context, namespace, name, out);
        }
        let text = match self {
            Self::Kubelet => {
                out.push_str(r#"{"username":"system:node:"#);
                context.write_value("node", true, out);
                r#"","groups":["system:nodes","system:authenticated"]"#
            }
            Self::ApiServer => {
                out.push_str(r#"{"username":"system:apiserver","uid":""#);
                write_uid(mix(71, context.client), out);
                // Groups of the loopback user: both since about 1.29.
                if context.profile.version.at_least(29) {
                    r#"","groups":["system:authenticated","system:masters"]"#
                } else {
                    r#"","groups":["system:masters"]"#
                }
            }
            Self::ControllerManager(_) => {
                r#"{"username":"system:kube-controller-manager","groups":["system:authenticated"]"#
            }
            Self::Scheduler(_) => {
                r#"{"username":"system:kube-scheduler","groups":["system:authenticated"]"#
            }
            Self::Probe => r#"{"username":"system:anonymous","groups":["system:unauthenticated"]"#,
            _ => {
                out.push_str(r#"{"username":"person-"#);
                context.write_value("actor", true, out);
                r#"@example.com","groups":["developers","system:authenticated"]"#
            }
        };
        out.push_str(text);
        let has_certificate = matches!(
            self,
            Self::Kubelet | Self::ControllerManager(_) | Self::Scheduler(_)
        );
        if has_certificate && context.profile.version.at_least(32) {
            let bits = mix(72, context.node);
            let _ = write!(
                out,
                r#","extra":{{"authentication.kubernetes.io/credential-id":["X509SHA256={bits:016x}{:016x}{:016x}{:016x}"]}}"#,
                mix(73, bits),
                mix(74, bits),
                mix(75, bits)
            );
        }
        out.push('}');
    }

    /// Writes the user agent.
    pub(crate) fn write_user_agent(self, context: &RequestContext<'_>, out: &mut String) {
        let version = context.profile.version;
        let component = |name: &str, suffix: &str, out: &mut String| {
            let slash = if suffix.is_empty() { "" } else { "/" };
            let _ = write!(
                out,
                "{name}/v{version}.0 (linux/amd64) kubernetes/66452049{slash}{suffix}"
            );
        };
        match self {
            Self::Kubelet => component("kubelet", "", out),
            Self::ApiServer => component("kube-apiserver", "", out),
            Self::ControllerManager(suffix) => component("kube-controller-manager", suffix, out),
            Self::Controller(name) => {
                component(
                    "kube-controller-manager",
                    "system:serviceaccount:kube-system:",
                    out,
                );
                out.push_str(name);
            }
            Self::Scheduler(suffix) => component("kube-scheduler", suffix, out),
            Self::DaemonSet("kube-proxy") => component("kube-proxy", "", out),
            Self::ServiceAccount(_, name) | Self::DaemonSet(name) => {
                let _ = write!(out, "{name}/v1.8.0 (linux/amd64) kubernetes/$Format");
            }
            Self::Operator(_) => {
                context.write_value("op", true, out);
                out.push_str("/v0.0.0 (linux/amd64) kubernetes/$Format");
            }
            Self::Probe => {
                let _ = write!(out, "kube-probe/{version}");
            }
            Self::Person => component("kubectl", "", out),
            Self::Pipeline => out.push_str("Helm/3.16.2"),
        }
    }

    /// Writes the source address.
    pub(crate) fn write_source_ip(self, context: &RequestContext<'_>, out: &mut String) {
        match self {
            Self::ApiServer => out.push_str("::1"),
            Self::Kubelet | Self::DaemonSet(_) | Self::Probe => {
                context.write_node_ip(context.node, out);
            }
            Self::ControllerManager(_) | Self::Controller(_) | Self::Scheduler(_) => {
                let servers = u64::from(context.profile.control_plane_nodes).max(1);
                context.write_node_ip(context.client % servers, out);
            }
            Self::ServiceAccount(..) | Self::Operator(_) => {
                let number = self.number(context);
                let _ = write!(
                    out,
                    "10.{}.{}.{}",
                    128 + number % 120,
                    (number >> 8) % 250,
                    (number >> 16) % 250 + 2
                );
            }
            Self::Person | Self::Pipeline => {
                let _ = write!(out, "192.0.2.{}", context.client % 250 + 1);
            }
        }
    }

    /// Writes the reason why the request is authorized, as JSON; nothing if the server gives none.
    pub(crate) fn write_authorization_reason(self, context: &RequestContext<'_>, out: &mut String) {
        let by = |binding: &str, role: &str, subject: &str, out: &mut String| {
            let _ = write!(
                out,
                r#"RBAC: allowed by ClusterRoleBinding \"{binding}\" of ClusterRole \"{role}\" to {subject}"#
            );
        };
        let system = |name: &str, out: &mut String| {
            by(name, name, &format!(r#"User \"{name}\""#), out);
        };
        match self {
            // The node authorizer and the group system:masters give none.
            Self::Kubelet | Self::ApiServer => {}
            Self::ControllerManager(_) => system("system:kube-controller-manager", out),
            Self::Scheduler(_) => system("system:kube-scheduler", out),
            Self::Probe => {
                let role = "system:public-info-viewer";
                by(role, role, r#"Group \"system:unauthenticated\""#, out);
            }
            Self::Person => by("developers", "edit", r#"Group \"developers\""#, out),
            _ => {
                let Some((namespace, name)) = self.account(context) else {
                    return;
                };
                let subject = format!(r#"ServiceAccount \"{name}/{namespace}\""#);
                match self {
                    Self::Controller(_) => {
                        let role = format!("system:controller:{name}");
                        by(&role, &role, &subject, out);
                    }
                    _ => by(name, name, &subject, out),
                }
            }
        }
    }

    /// Returns the field manager of the fields that the client writes.
    pub(crate) fn field_manager<'s>(self, context: &'s RequestContext<'_>) -> &'s str {
        match self {
            Self::Kubelet => "kubelet",
            Self::ApiServer => "kube-apiserver",
            Self::Scheduler(_) => "kube-scheduler",
            Self::Person => "kubectl",
            Self::Pipeline => "helm",
            Self::Operator(_) => context.operator().map_or("operator", |op| &op.name),
            _ => "kube-controller-manager",
        }
    }

    /// Writes the holder of a lease.
    pub(crate) fn write_lease_holder(self, context: &RequestContext<'_>, out: &mut String) {
        match self {
            Self::Kubelet => return context.write_value("node", true, out),
            Self::Operator(_) => context.write_value("op", true, out),
            _ => out.push_str("control-plane-1"),
        }
        out.push('_');
        write_uid(mix(76, context.profile.operators.len() as u64), out);
    }

    /// Returns a number that is unique to the client.
    fn number(self, context: &RequestContext<'_>) -> u64 {
        let name = self.account(context).map_or("", |(_, name)| name);
        name.bytes().fold(mix(81, context.client), |number, byte| {
            mix(number, u64::from(byte))
        })
    }
}

fn write_service_account(
    client: Client,
    context: &RequestContext<'_>,
    namespace: &str,
    name: &str,
    out: &mut String,
) {
    let _ = write!(
        out,
        r#"{{"username":"system:serviceaccount:{namespace}:{name}","uid":""#
    );
    let number = name
        .bytes()
        .fold(81, |number, byte| mix(number, u64::from(byte)));
    write_uid(number, out);
    let _ = write!(
        out,
        r#"","groups":["system:serviceaccounts","system:serviceaccounts:{namespace}","system:authenticated"]"#
    );
    let version = context.profile.version;
    // Tokens are bound to pods since 1.21; since 1.30 the server also records the token's id and the node.
    let is_pod = !matches!(client, Client::Controller(_) | Client::Pipeline);
    if version.at_least(30) || (is_pod && version.at_least(21)) {
        out.push_str(r#","extra":{"#);
        if version.at_least(30) {
            out.push_str(r#""authentication.kubernetes.io/credential-id":["JTI="#);
            write_uid(mix(number, context.client), out);
            out.push_str(if is_pod { r#""],"# } else { r#""]"# });
        }
        if is_pod && version.at_least(30) {
            let nodes = u64::from(context.profile.all_nodes()).max(1);
            let context = &match client {
                Client::DaemonSet(_) => *context,
                _ => RequestContext {
                    node: client.number(context) % nodes,
                    ..*context
                },
            };
            out.push_str(r#""authentication.kubernetes.io/node-name":[""#);
            context.write_value("node", true, out);
            out.push_str(r#""],"authentication.kubernetes.io/node-uid":[""#);
            context.write_value("node-uid", true, out);
            out.push_str(r#""],"#);
        }
        if is_pod {
            let _ = write!(
                out,
                r#""authentication.kubernetes.io/pod-name":["{name}-{}"],"authentication.kubernetes.io/pod-uid":[""#,
                context.client
            );
            write_uid(mix(82, client.number(context)), out);
            out.push_str(r#""]"#);
        }
        out.push('}');
    }
    out.push('}');
}
