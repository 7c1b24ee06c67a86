//! Reads the API server's part of a kubeadm configuration, on its own or inside another configuration.

use crate::codes::ImportCode;
use apiserver_config::HostPathType;
use apiserver_config::platforms::KUBEADM_DIRECTORIES;
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::input_format::InputFormat;
use crate::kubeadm_keys;
use crate::kubeadm_old;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::pod::{text_of, unknown_type};
use crate::volumes::{Volume, VolumeMount, VolumeSource};

/// Type of `extraArgs` in a version of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// A list of names and values.
    List,
    /// A map of name to value.
    Map,
    /// Both are accepted.
    Either,
}

/// Versions of kubeadm's configuration, and the type of `extraArgs` in each.
const VERSIONS: [(&str, Arguments); 7] = [
    ("kubeadm.k8s.io/v1beta4", Arguments::List),
    ("kubeadm.k8s.io/v1beta3", Arguments::Map),
    ("kubeadm.k8s.io/v1beta2", Arguments::Map),
    ("kubeadm.k8s.io/v1beta1", Arguments::Map),
    ("kubeadm.k8s.io/v1alpha3", Arguments::Map),
    ("kubeadm.k8s.io/v1alpha2", Arguments::Map),
    ("kubeadm.k8s.io/v1alpha1", Arguments::Map),
];

/// Reads a ClusterConfiguration, or a part of one.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let server = root.get("apiServer");
    let has_list = |node: Node<'_>| {
        let list = node.get("extraArgs");
        list.is_some_and(|list| list.kind() == Kind::List)
    };
    let mut found = ParsedInput::new(InputFormat::KubeadmV1beta3);
    let mut expected = Arguments::Either;
    if let Some(version) = root.get("apiVersion") {
        let name = scalar(version);
        match VERSIONS.iter().find(|(known, _)| *known == name) {
            Some((_, known)) => expected = *known,
            None => found.report(
                ImportCode::WrongFormat,
                Severity::Error,
                lines.of(version),
                format!("unknown kubeadm configuration version `{}`", excerpt(name)),
                "use `kubeadm.k8s.io/v1beta4` since 1.31, `kubeadm.k8s.io/v1beta3` before",
            ),
        }
    }
    let is_list = expected == Arguments::List
        || (expected == Arguments::Either && (has_list(root) || server.is_some_and(has_list)));
    if is_list {
        found.format = InputFormat::KubeadmV1beta4;
    }
    let is_alpha = kubeadm_old::is_alpha(root);
    if is_alpha {
        if let Some(arguments) = root.get("apiServerExtraArgs") {
            extra_args(arguments, expected, lines, &mut found);
        }
    } else {
        misplaced(root, server.is_some(), lines, &mut found);
    }
    kubeadm_old::audit_policy(root, lines, &mut found);
    if !is_alpha && text_of(root, "kind") == "ClusterConfiguration" {
        kubeadm_keys::cluster(root, lines, &mut found);
    }
    match server {
        Some(server) => api_server(server, expected, lines, &mut found),
        None if is_alpha => {}
        None => api_server(root, expected, lines, &mut found),
    }
    let is_whole = text_of(root, "kind") == "ClusterConfiguration" && !is_alpha;
    found.has_all_mounts = server.is_some() || is_whole;
    found.has_all_volumes = found.has_all_mounts;
    found
}

/// Reports fields of the server in the wrong place.
fn misplaced(root: Node<'_>, has_server: bool, lines: &Lines<'_>, found: &mut ParsedInput) {
    let is_whole = has_server || root.field("kind").is_some();
    for name in [
        "extraArgs",
        "extraVolumes",
        "apiServerExtraArgs",
        "apiServerExtraVolumes",
    ] {
        let Some(field) = root.field(name).filter(|_| is_whole) else {
            continue;
        };
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.at(field.key),
            format!("`{name}` is outside of `apiServer`"),
            "kubeadm ignores or rejects it: move it to `apiServer`",
        );
    }
    for name in ["controllerManager", "scheduler", "etcd"] {
        let arguments = root.at_path(&[name, "extraArgs"]);
        let mut names = arguments.into_iter().flat_map(|arguments| {
            let of_list = arguments.items().filter_map(|item| item.field("name"));
            let of_list = of_list.map(|field| (scalar(field.value), field.key));
            arguments
                .fields()
                .map(|field| (field.name, field.key))
                .chain(of_list)
        });
        if let Some((flag, key)) = names.find(|(flag, _)| flag.starts_with("audit-")) {
            found.report(
                ImportCode::WrongFormat,
                Severity::Error,
                lines.at(key),
                format!("`{}` is set for `{name}`", excerpt(flag)),
                "only kube-apiserver has this flag: move it to `apiServer`",
            );
        }
    }
}

/// Reads `extraArgs` and `extraVolumes`, and adds the paths that kubeadm mounts by itself.
pub(crate) fn api_server(
    server: Node<'_>,
    expected: Arguments,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    outside_extra_args(
        server,
        "kubeadm ignores or rejects it: move it to `extraArgs`",
        lines,
        found,
    );
    if found.format != InputFormat::Talos {
        kubeadm_keys::server(server, lines, found);
    }
    if let Some(arguments) = server.get("extraArgs") {
        extra_args(arguments, expected, lines, found);
    }
    if let Some(volumes) = server.get("extraVolumes") {
        extra_volumes(volumes, lines, found);
    }
    own_mounts(lines.of(server), found);
}

/// Adds the paths that kubeadm mounts by itself.
pub(crate) fn own_mounts(line: usize, found: &mut ParsedInput) {
    for path in KUBEADM_DIRECTORIES {
        let name = format!("kubeadm:{path}");
        found.mounts.push(VolumeMount {
            name: name.clone(),
            path: path.to_owned(),
            read_only: true,
            sub_path: None,
            line,
        });
        found.volumes.push(Volume {
            name,
            source: VolumeSource::Host {
                path: path.to_owned(),
                kind: HostPathType::DirectoryOrCreate,
            },
            line,
        });
    }
}

/// Reads `extraArgs`, a list or a map.
pub(crate) fn extra_args(
    arguments: Node<'_>,
    expected: Arguments,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let (wrong, right) = match (arguments.kind(), expected) {
        (Kind::Object, Arguments::List) => {
            ("a map", "since v1beta4 it is a list of `name` and `value`")
        }
        (Kind::List, Arguments::Map) => ("a list", "up to v1beta3 it is a map of name to value"),
        _ => ("", ""),
    };
    if !wrong.is_empty() {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.of(arguments),
            format!("`extraArgs` is {wrong} here"),
            format!("kubeadm rejects it: {right}"),
        );
    }
    for field in arguments.fields() {
        extra_arg(field.name, field.value, lines.at(field.key), lines, found);
    }
    for item in arguments.items() {
        match (item.get("name"), item.get("value")) {
            (Some(name), Some(value)) => {
                extra_arg(scalar(name), value, lines.of(name), lines, found);
            }
            _ => extra_item(item, lines, found),
        }
    }
}

/// Reports an item of `extraArgs` without `name` and `value`.
fn extra_item(item: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let line = lines.of(item);
    let text = item.text().unwrap_or_default();
    let is_audit =
        text.contains("audit-") || item.fields().any(|field| field.name.contains("audit-"));
    let name = item.get("name").map(scalar).unwrap_or_default();
    if !is_audit && !name.starts_with("audit-") {
        return;
    }
    found.report(
        ImportCode::WrongFormat,
        Severity::Error,
        line,
        "an item of `extraArgs` lacks the fields `name` and `value`",
        "kubeadm rejects it: use the flag without dashes as `name` and the text after `=` as `value`",
    );
    for field in item.fields().filter(|field| field.name.contains("audit-")) {
        found.argument(bare(field.name), scalar(field.value), line);
    }
    if let Some((name, value)) = text.split_once('=') {
        found.argument(bare(name), value, line);
    }
}

fn bare(name: &str) -> &str {
    name.trim_start_matches('-')
}

fn extra_arg(name: &str, value: Node<'_>, line: usize, lines: &Lines<'_>, found: &mut ParsedInput) {
    let is_audit = bare(name).replace('_', "-").starts_with("audit-");
    if !is_audit && bare(name) != "feature-gates" {
        return;
    }
    let is_talos = found.format == InputFormat::Talos;
    if name.starts_with('-') {
        let program = if is_talos { "Talos" } else { "kubeadm" };
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            line,
            format!("the name `{}` starts with dashes", excerpt(name)),
            format!("{program} adds two dashes to each name, so the server gets four and does not start: remove them"),
        );
    }
    // Talos' YAML library reads any scalar as a string, and newer versions accept a list of values.
    if is_talos {
        for item in value.items() {
            found.argument(bare(name), scalar(item), lines.of(item));
        }
    } else if value.kind() != Kind::Text {
        let what = match value.kind() {
            Kind::Bool => "a boolean",
            Kind::Number => "a number",
            Kind::Null => "nothing",
            Kind::List => "a list",
            _ => "an object",
        };
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.of(value),
            format!(
                "the value of `{}` is {what}, not a string",
                excerpt(bare(name))
            ),
            "kubeadm rejects it: put the value in quotes",
        );
    }
    if !matches!(value.kind(), Kind::List | Kind::Object) {
        found.argument(bare(name), scalar(value), line);
    }
}

/// Reads `extraVolumes`: each is a volume and its mount.
pub(crate) fn extra_volumes(list: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    for item in list.items() {
        extra_volume(item, lines, found);
    }
}

/// Reads an item of `extraVolumes`.
pub(crate) fn extra_volume(item: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let line = lines.of(item);
    let name = format!("{line}.{}:{}", found.mounts.len(), text_of(item, "name"));
    let type_name = text_of(item, "pathType");
    let kind = HostPathType::from_name(&type_name);
    if kind.is_none() {
        let line = item.get("pathType").map_or(line, |node| lines.of(node));
        found.findings.push(unknown_type(&type_name, line));
    }
    // Talos writes the name in lower case.
    let read_only = ["readOnly", "readonly"]
        .iter()
        .any(|name| item.get(name).is_some_and(Node::is_true));
    if item.field("writable").is_some() {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            line,
            "`writable` only exists in v1alpha versions",
            "use `readOnly`, its opposite, since v1beta1",
        );
    }
    found.mounts.push(VolumeMount {
        name: name.clone(),
        path: text_of(item, "mountPath"),
        read_only,
        sub_path: None,
        line,
    });
    found.volumes.push(Volume {
        name,
        source: VolumeSource::Host {
            path: text_of(item, "hostPath"),
            kind: kind.unwrap_or(HostPathType::Unset),
        },
        line,
    });
}

/// Reports audit flags that are fields of the server instead of `extraArgs`, and reads them as what was meant.
pub(crate) fn outside_extra_args(
    server: Node<'_>,
    help: &str,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    for field in server
        .fields()
        .filter(|field| field.name.starts_with("audit-"))
    {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.at(field.key),
            format!("`{}` is outside of `extraArgs`", excerpt(field.name)),
            help,
        );
        found.argument(field.name, scalar(field.value), lines.at(field.key));
    }
}
