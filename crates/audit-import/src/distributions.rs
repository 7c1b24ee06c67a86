//! Reads configurations of programs that start a kube-apiserver: Cluster API, k3s, RKE2, Talos.

use crate::cis_profile::OwnPolicy;
use crate::codes::ImportCode;
use apiserver_config::platforms::{self, ROTATION_FLAGS};
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::input_format::InputFormat;
use crate::kubeadm::{self, Arguments};
use crate::kubeadm_keys;
use crate::objects::ObjectFile;
use crate::parsed_input::{Lines, ParsedInput, ReadDocument, scalar};
use crate::pod::text_of;
use crate::policy_origin::PolicyOrigin;
use crate::readers::contents;
use crate::rke2_profile;
use crate::shell_words::ShellWord;
use crate::{talos_files, talos_mounts};

/// Paths of kubeadm's configuration in Cluster API objects.
const SPECS: [&[&str]; 5] = [
    &["spec", "kubeadmConfigSpec"],
    &["spec", "template", "spec", "kubeadmConfigSpec"],
    &["spec", "template", "spec"],
    &["spec"],
    &["kubeadmConfigSpec"],
];

/// Returns the object with `clusterConfiguration` in a Cluster API object.
pub(crate) fn kubeadm_spec(root: Node<'_>) -> Option<Node<'_>> {
    SPECS
        .iter()
        .filter_map(|path| root.at_path(path))
        .find(|spec| spec.field("clusterConfiguration").is_some())
}

/// Returns whether a Cluster API object has files of nodes.
pub(crate) fn has_files(root: Node<'_>, format: InputFormat) -> bool {
    let has_files = |path: &&[&str]| {
        let spec = root.at_path(path);
        spec.is_some_and(|spec| spec.field("files").is_some())
    };
    format == InputFormat::ClusterApi && SPECS.iter().any(has_files)
}

/// Reads a Cluster API object, with the documents in its files, such as a patch of the server's manifest.
pub(crate) fn cluster_api(
    root: Node<'_>,
    lines: &Lines<'_>,
    read_document: ReadDocument,
) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::ClusterApi);
    kubeadm_keys::cluster_api(root, lines, &mut found);
    if let Some(spec) = kubeadm_spec(root) {
        cluster_configuration(root, spec, lines, &mut found);
    }
    let files = SPECS
        .iter()
        .filter_map(|path| root.at_path(path)?.get("files"));
    for files in files {
        found
            .object_files
            .extend(ObjectFile::of_files(files, &|node: Node<'_>| {
                lines.of(node)
            }));
        let mut of_files = contents::read(InputFormat::ClusterApi, files, lines, read_document);
        let has_webhook = found
            .words
            .iter()
            .any(|word| word.text.starts_with("--audit-webhook-config-file"));
        // Other programs have kubeconfig files, too.
        let of_webhook = [ImportCode::BrokenWebhook, ImportCode::DoubtfulWebhook];
        of_files.findings.retain(|finding| {
            has_webhook
                || !of_webhook
                    .map(audit_types::Code::id)
                    .contains(&finding.code)
        });
        found.add(of_files);
    }
    found
}

fn cluster_configuration(
    root: Node<'_>,
    spec: Node<'_>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let version = text_of(root, "apiVersion");
    let arguments = if version.ends_with("/v1beta2") {
        Arguments::List
    } else if version.contains("/v1") {
        Arguments::Map
    } else {
        Arguments::Either
    };
    if let Some(server) = spec.at_path(&["clusterConfiguration", "apiServer"]) {
        kubeadm::api_server(server, arguments, lines, found);
        found.has_all_mounts = true;
        found.has_all_volumes = true;
    }
}

/// Returns whether the configuration is one of k3s or of RKE2, by its keys or paths.
pub(crate) fn rancher_format(root: Node<'_>) -> InputFormat {
    if rke2_profile::is_rke2(root) {
        InputFormat::Rke2
    } else {
        InputFormat::K3s
    }
}

/// Reads the configuration of a k3s or RKE2 server. It has no mounts: the server is a process of the node, or gets them from RKE2.
pub(crate) fn rancher(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    rancher_part(root, false, rke2_profile::own_policy(root), lines)
}

/// As [`rancher`], for a part of a configuration, of which another part may set the policy.
pub(crate) fn rancher_part(
    root: Node<'_>,
    is_k3s: bool,
    policy: Option<OwnPolicy>,
    lines: &Lines<'_>,
) -> ParsedInput {
    let own = root.field("audit-policy-file");
    let format = if is_k3s {
        InputFormat::K3s
    } else {
        rancher_format(root)
    };
    let mut found = ParsedInput::new(format);
    rke2_profile::profile(root, policy, lines, &mut found);
    if let Some(own) = own {
        // Flags that RKE2 sets by itself if there is a policy.
        found.defaults.push(("audit-log-path", platforms::RKE2_LOG));
        found.defaults.extend(ROTATION_FLAGS);
        found.argument(own.name, scalar(own.value), lines.at(own.key));
    }
    // The second adds to the first, also in the same file.
    let lists = ["kube-apiserver-arg", "kube-apiserver-arg+"];
    let lists = lists.into_iter().filter_map(|name| root.get(name));
    for map in lists.clone().filter(|list| list.kind() == Kind::Object) {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.of(map),
            "`kube-apiserver-arg` is a mapping",
            "the server does not get its fields as flags: write a list of `name=value`, without dashes",
        );
    }
    let items = lists.flat_map(|list| {
        let own = Some(list).filter(|node| node.kind() == Kind::Text);
        list.items().chain(own)
    });
    for item in items {
        let (text, line) = (scalar(item), lines.of(item));
        // Both remove dashes before they add their own.
        if let Some((name, value)) = text.trim_start_matches('-').split_once('=') {
            found.argument(name, value, line);
        } else if apiserver_config::placeholder(text).is_some() {
            // Arguments that the text does not contain.
            found.words.push(ShellWord {
                text: text.to_owned(),
                line,
            });
        } else if text.contains("audit-") {
            found.report(
                ImportCode::WrongFormat,
                Severity::Error,
                line,
                format!("the argument `{}` has no `=`", excerpt(text)),
                "write it as `name=value`, without dashes",
            );
        }
    }
    found
}

/// Reads a Talos machine configuration: it contains the policy, and Talos sets the paths of policy and log.
pub(crate) fn talos(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Talos);
    if text_of(root, "kind") == "KubeAuditPolicyConfig" {
        found.policy = root
            .field("configuration")
            .and_then(|field| lines.below(field));
        return found;
    }
    talos_files::check(root, lines, &mut found);
    // Since Talos 1.14, the settings of the server are a document of their own.
    let is_server = text_of(root, "kind") == "KubeAPIServerConfig";
    let server = root.at_path(&["cluster", "apiServer"]);
    let Some(server) = server.or_else(|| is_server.then_some(root)) else {
        return found;
    };
    found.defaults = vec![
        ("audit-policy-file", platforms::TALOS_POLICY),
        ("audit-log-path", platforms::TALOS_LOG),
    ];
    found.defaults.extend(ROTATION_FLAGS);
    if let Some(arguments) = server.get("extraArgs") {
        kubeadm::extra_args(arguments, Arguments::Either, lines, &mut found);
    }
    talos_mounts::read(server, lines, &mut found);
    let has_path = found
        .words
        .iter()
        .any(|word| word.text.starts_with("--audit-policy-file="));
    // The policy is another document, which may not be in the text.
    if !has_path && !is_server {
        found.policy_origin = PolicyOrigin::Program;
    }
    found.policy = server
        .field("auditPolicy")
        .and_then(|field| lines.below(field));
    found
}
