//! An RKE2ControlPlane of Cluster API. Source: the types of its provider (`serverConfig`), which writes the policy of `auditPolicySecret` to
//! `/etc/rancher/rke2/audit-policy.yaml`.

use apiserver_config::platforms::{self, ROTATION_FLAGS};
use audit_policy::document::Node;

use super::contents;
use crate::cis_profile::OwnPolicy;
use crate::input_format::InputFormat;
use crate::objects::ObjectFile;
use crate::parsed_input::{Lines, ParsedInput, ReadDocument};
use crate::policy_origin::PolicyOrigin;
use crate::rke2_profile;

/// Path of the policy that the provider writes.
const POLICY: &str = "/etc/rancher/rke2/audit-policy.yaml";

/// The flag with the policy's path.
const POLICY_FLAG: &str = "--audit-policy-file=";

/// Reads the server's configuration, and the files that the provider writes.
pub(super) fn read(root: Node<'_>, lines: &Lines<'_>, read_document: ReadDocument) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Rke2ControlPlane);
    let paths: [&[&str]; 2] = [&["spec"], &["spec", "template", "spec"]];
    let specs = || paths.iter().filter_map(|path| root.at_path(path));
    let configuration = specs().find_map(|spec| spec.get("serverConfig"));
    if let Some(server) = configuration {
        let arguments = server.at_path(&["kubeAPIServer", "extraArgs"]);
        if let Some(list) = arguments {
            argument_list(list, lines, &mut found);
        }
        if let Some(secret) = server.field("auditPolicySecret") {
            found.words.insert(
                0,
                crate::shell_words::ShellWord {
                    text: format!("{POLICY_FLAG}{POLICY}"),
                    line: lines.at(secret.key),
                },
            );
            found.policy_origin = PolicyOrigin::Field(&["audit-policy.yaml"]);
            // Flags that RKE2 sets by itself if there is a policy.
            found.defaults.push(("audit-log-path", platforms::RKE2_LOG));
            found.defaults.extend(ROTATION_FLAGS);
        }
    }
    let profile = specs().find_map(|spec| spec.get("agentConfig")?.field("cisProfile"));
    if let Some(profile) = profile {
        let has_policy = found
            .words
            .iter()
            .any(|word| word.text.starts_with(POLICY_FLAG))
            || !found.defaults.is_empty();
        let policy = has_policy.then_some(OwnPolicy::Path);
        rke2_profile::named(profile, policy, lines, &mut found);
    }
    for files in specs().filter_map(|spec| spec.get("files")) {
        let format = InputFormat::Rke2ControlPlane;
        found
            .object_files
            .extend(ObjectFile::of_files(files, &|node: Node<'_>| {
                lines.of(node)
            }));
        found.add(contents::read(format, files, lines, read_document));
    }
    found
}

/// Reads arguments that are a list of `name=value`, with or without dashes.
fn argument_list(list: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    for item in list.items() {
        let text = item.text().unwrap_or_default().trim_start_matches('-');
        if let Some((name, value)) = text.split_once('=') {
            found.argument(name, value, lines.of(item));
        }
    }
}
