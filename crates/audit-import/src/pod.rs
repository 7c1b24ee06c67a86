//! Reads a pod manifest or a part of one: the server's container, its arguments and mounts.

use std::collections::HashSet;

use crate::codes::ImportCode;
use apiserver_config::HostPathType;
use apiserver_config::SettingCode;
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::environment;
use crate::input_format::InputFormat;
use crate::objects::ObjectVolume;
use crate::parsed_input::{Lines, NamedServer, ParsedInput, ReadDocument, scalar};
use crate::process::{self, Process};
use crate::script_flags;
use crate::shell_words::{self, ShellWord};
use crate::volumes::{Volume, VolumeMount, VolumeSource};

/// Maximum number of containers of a pod, and of pods of a list, that are read.
const MAX_CONTAINERS: usize = 1_000;

/// The server's container and its pod.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Server<'d> {
    /// Object with `containers` and `volumes`. `None` if the text is only a container.
    pub(crate) spec: Option<Node<'d>>,
    pub(crate) container: Node<'d>,
    /// Another container with the server's name or with audit flags.
    pub(crate) other: Option<Node<'d>>,
}

/// Returns the object with the containers of a pod or of a pod template.
pub(crate) fn spec(root: Node<'_>) -> Option<Node<'_>> {
    let paths: [&[&str]; 3] = [&["spec", "template", "spec"], &["spec"], &[]];
    let has_parts = |node: &Node<'_>| node.field("containers").or(node.field("volumes")).is_some();
    paths
        .iter()
        .filter_map(|path| root.at_path(path))
        .find(has_parts)
}

/// Finds the server's container: by its name, its command, or audit flags.
pub(crate) fn server(root: Node<'_>) -> Option<Server<'_>> {
    if is_container(root) {
        return Some(Server {
            spec: None,
            container: root,
            other: None,
        });
    }
    let spec = spec(root)?;
    let list = spec.get("containers")?;
    let containers = || list.items().take(MAX_CONTAINERS);
    let mut servers = containers().filter(|container| is_server(*container));
    let mut audited = containers()
        .filter(|container| has_flags(*container) && !process::runs_component(*container));
    let only = || {
        containers()
            .next()
            .filter(|_| containers().nth(1).is_none())
    };
    let container = servers
        .next()
        .or_else(|| audited.next())
        .or_else(|| only().filter(|only| only.get("name").is_none()))?;
    let is_other = |other: &Node<'_>| other.span() != container.span();
    let other = servers.find(is_other).or_else(|| {
        containers()
            .filter(is_other)
            .find(|other| has_flags(*other) && !process::runs_component(*other))
    });
    Some(Server {
        spec: Some(spec),
        container,
        other,
    })
}

/// Returns whether an object has a list that only containers have. A task of Ansible has a text as its `command`.
pub(crate) fn is_container(node: Node<'_>) -> bool {
    ["command", "args", "volumeMounts"]
        .iter()
        .filter_map(|name| node.get(name))
        .any(|value| !matches!(value.kind(), Kind::Text | Kind::Object))
}

fn is_server(container: Node<'_>) -> bool {
    container.get("name").and_then(Node::text) == Some("kube-apiserver")
        || process::runs_server(container)
}

fn has_flags(container: Node<'_>) -> bool {
    ["command", "args"]
        .iter()
        .filter_map(|name| container.get(name))
        .flat_map(Node::items)
        .filter_map(Node::text)
        .any(|text| text.starts_with("--audit-") || text.contains(" --audit-"))
}

/// Reads a pod, a part of one, or a pod template.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>, format: InputFormat) -> ParsedInput {
    let mut found = ParsedInput::new(format);
    let is_pod = root.get("kind").and_then(Node::text) == Some("Pod");
    found.is_static = is_pod && format == InputFormat::Manifest;
    let server = server(root);
    if let Some(spec) = spec(root).or(Some(root)) {
        volumes(spec, lines, &mut found);
    }
    let Some(server) = server else {
        if spec(root).is_some_and(|spec| spec.field("containers").is_some()) {
            found.report(
                ImportCode::UnreadableText,
                Severity::Warning,
                lines.of(root),
                "no container is kube-apiserver",
                "use the server's manifest: `/etc/kubernetes/manifests/kube-apiserver.yaml` on a kubeadm node",
            );
        }
        return found;
    };
    if let Some(other) = server.other {
        several_servers(server.container, other, lines, &mut found);
    }
    if let Some(spec) = server.spec {
        filled(spec, &mut found.volumes);
    }
    container(server.container, lines, &mut found);
    let says_mounts = !found.mounts.is_empty() || !found.volumes.is_empty();
    found.has_all_mounts = server.spec.is_some() && (is_pod || says_mounts);
    // A patch adds the volumes in another file, or the pod has them already.
    let has_volumes = server
        .spec
        .is_some_and(|spec| spec.field("volumes").is_some());
    found.has_all_volumes = found.has_all_mounts && (is_pod || has_volumes);
    if process::leaves_container(server.container) {
        // Its files are those of another root directory.
        found.mounts.clear();
        found.volumes.clear();
        found.objects.clear();
        found.has_all_mounts = false;
        found.has_all_volumes = false;
    }
    found
}

/// Reports a second container that looks like kube-apiserver.
fn several_servers(
    container: Node<'_>,
    other: Node<'_>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    found.report(
        ImportCode::SeveralPlaces,
        Severity::Warning,
        lines.of(other),
        format!(
            "the container {} also looks like kube-apiserver",
            quoted_name(other)
        ),
        match has_flags(other) {
            true => format!(
                "only the settings of the container {} are read; a pod should have one server",
                quoted_name(container)
            ),
            false => format!(
                "it has no audit flags and records nothing: give it those of the container {}; a pod should have one server",
                quoted_name(container)
            ),
        },
    );
}

/// Reads a list of objects: the first pod that contains the server, or else the objects that are not pods. `None` for a list of other objects in which
/// nothing is read.
pub(crate) fn read_list(
    root: Node<'_>,
    lines: &Lines<'_>,
    read_document: ReadDocument,
) -> Option<ParsedInput> {
    let pods = root.get("items").into_iter().flat_map(Node::items);
    let mut servers = pods
        .take(MAX_CONTAINERS)
        .filter(|pod| server(*pod).is_some_and(|found| is_server(found.container)));
    let Some(pod) = servers.next() else {
        if let Some(found) = other_items(root, lines, read_document) {
            return Some(found);
        }
        if !matches!(text_of(root, "kind").as_str(), "List" | "PodList") {
            return None;
        }
        let mut found = ParsedInput::new(InputFormat::PodList);
        found.report(
            ImportCode::UnreadableText,
            Severity::Warning,
            lines.of(root),
            "no pod of this list contains kube-apiserver",
            "`kubectl -n kube-system get pods -l component=kube-apiserver -o yaml` lists the servers",
        );
        return Some(found);
    };
    let mut found = read(pod, lines, InputFormat::PodList);
    found.server = Some(named(pod, lines));
    for other in servers {
        let mut read = read(other, lines, InputFormat::PodList);
        read.server = Some(named(other, lines));
        found.others.push(read);
    }
    Some(found)
}

/// Returns the server that a pod of a list runs.
fn named(pod: Node<'_>, lines: &Lines<'_>) -> NamedServer {
    let name = pod.at_path(&["metadata", "name"]).and_then(Node::text);
    NamedServer {
        title: match name {
            Some(name) => format!("the Pod `{}`", excerpt(name)),
            None => "another kube-apiserver of the list".to_owned(),
        },
        is_whole: true,
        line: lines.of(pod),
    }
}

/// Reads the items of a list that are not pods, such as ConfigMaps, each as a document of its own. `None` if all are pods, or of no known kind.
fn other_items(
    root: Node<'_>,
    lines: &Lines<'_>,
    read_document: ReadDocument,
) -> Option<ParsedInput> {
    let items = root.get("items").into_iter().flat_map(Node::items);
    let mut all: Option<ParsedInput> = None;
    for item in items
        .take(MAX_CONTAINERS)
        .filter(|item| spec(*item).is_none())
    {
        let Some(mut found) = read_document(item, lines) else {
            continue;
        };
        // A policy in a ConfigMap is found by its own reader.
        found.policy = None;
        match &mut all {
            Some(all) => all.add(found),
            None => all = Some(found),
        }
    }
    all
}

/// Text between two list items that YAML reads as one.
const MERGED_ITEMS: &str = " - --";

/// Reads the arguments and mounts of a container.
pub(crate) fn container(container: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let process = process::of(container);
    if let Process::Unknown { name, node } = &process {
        found.report(
            ImportCode::UncertainScript,
            Severity::Info,
            lines.of(*node),
            format!("what `{}` starts is not in this text", excerpt(name)),
            "the flags of kube-apiserver may come from it: flags in the lists are read, and missing ones are not reported",
        );
    }
    if let Process::Script(script) = &process {
        script_flags::read(script, container, lines, found);
    } else {
        let before = found.words.len();
        lists(container, lines, found);
        let words = found.words.get_mut(before..).unwrap_or_default();
        environment::replace(words, &environment::variables(container));
    }
    if let Some(list) = container.get("volumeMounts") {
        volume_mounts(list, lines, found);
    }
}

/// Returns the name of a container as messages have it after `the container`.
pub(crate) fn quoted_name(container: Node<'_>) -> String {
    match container.get("name").and_then(Node::text) {
        Some(name) => format!("`{}`", excerpt(name)),
        None => "without a name".to_owned(),
    }
}

/// Returns which container is meant, for a message. Empty if it has no name.
fn of_container(container: Node<'_>) -> String {
    let name = container.get("name").and_then(Node::text);
    name.map_or(String::new(), |name| {
        format!(" of the container `{}`", excerpt(name))
    })
}

/// Reads the lists of a container whose arguments are the server's.
fn lists(container: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let mut with_flags = Vec::new();
    for name in ["command", "args"] {
        let Some(list) = container.get(name) else {
            continue;
        };
        let before = found.words.len();
        arguments(list, lines, found);
        let read = found.words.get(before..).unwrap_or_default();
        let first = read.iter().find(|word| word.text.starts_with("--audit-"));
        with_flags.extend(first.map(|word| word.line));
    }
    if let [_, line] = with_flags.as_slice() {
        found.report(
            ImportCode::SeveralPlaces,
            Severity::Info,
            *line,
            format!(
                "both `args` and `command`{} contain audit flags",
                of_container(container)
            ),
            "the server gets both, those of `args` last: keep them in one list",
        );
    }
}

/// Reads a list of arguments; a shell script is split into words.
pub(crate) fn arguments(list: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    for item in list.items() {
        let line = lines.of(item);
        match argument(item) {
            None => {}
            Some(Argument::Script(text)) => {
                let script = shell_words::split(text, &mut Vec::new());
                found
                    .words
                    .extend(script.into_iter().map(|word| ShellWord { line, ..word }));
            }
            Some(Argument::Merged(text)) => {
                found.report(
                    ImportCode::WrongFormat,
                    Severity::Error,
                    line,
                    "this list item continues on the lines below it, and the server gets all of them as one argument",
                    "indent every dash like the first: one that is indented further is part of the item before it",
                );
                let items = text.split(MERGED_ITEMS).enumerate().map(|(place, text)| {
                    if place == 0 {
                        text.to_owned()
                    } else {
                        format!("--{text}")
                    }
                });
                found
                    .words
                    .extend(items.map(|text| ShellWord { text, line }));
            }
            Some(Argument::ShellWord { text, is_clean }) => {
                if !is_clean {
                    found.findings.push(shell_words::lookalike(line));
                }
                if has_own_quotes(item) {
                    found.report(
                        SettingCode::LookalikeCharacters,
                        Severity::Warning,
                        line,
                        "the quotes are part of the flag's value",
                        "no shell removes them here: remove them, or put the whole item in quotes",
                    );
                }
                found.words.push(ShellWord { text, line });
            }
        }
    }
}

/// An item of a list of arguments.
pub(crate) enum Argument<'d> {
    /// A shell script with audit flags.
    Script(&'d str),
    /// Several items that YAML reads as one, since the later dashes are indented further.
    Merged(&'d str),
    /// One argument.
    ShellWord {
        text: String,
        /// `true` if it contains no character that looks like another.
        is_clean: bool,
    },
}

/// Reads an item of a list of arguments.
pub(crate) fn argument(item: Node<'_>) -> Option<Argument<'_>> {
    let text = scalar(item);
    if matches!(item.kind(), Kind::List | Kind::Object) {
        return None;
    }
    let is_quoted = item.spelled().starts_with(['"', '\'', '|', '>', '*', '!']);
    if !is_quoted && text.contains(MERGED_ITEMS) && text.contains("--audit-") {
        return Some(Argument::Merged(text));
    }
    let is_script = text.contains(char::is_whitespace)
        && text.contains(" --audit-")
        && !text.trim_start().starts_with('-');
    if is_script {
        return Some(Argument::Script(text));
    }
    let (text, is_clean) = if is_quoted {
        (text.to_owned(), true)
    } else {
        shell_words::plain(text)
    };
    Some(Argument::ShellWord { text, is_clean })
}

fn has_own_quotes(item: Node<'_>) -> bool {
    let spelled = item.spelled();
    spelled.starts_with("--audit-")
        && spelled.contains(['"', '\''])
        && spelled.ends_with(['"', '\''])
}

/// Reads the items of `volumeMounts`.
pub(crate) fn volume_mounts(list: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    found
        .mounts
        .extend(list.items().map(|item| volume_mount(item, lines)));
}

pub(crate) fn text_of(node: Node<'_>, name: &str) -> String {
    node.get(name).map(scalar).unwrap_or_default().to_owned()
}

pub(crate) fn volume_mount(item: Node<'_>, lines: &Lines<'_>) -> VolumeMount {
    VolumeMount {
        name: text_of(item, "name"),
        path: text_of(item, "mountPath"),
        read_only: item.get("readOnly").is_some_and(Node::is_true),
        sub_path: ["subPath", "subPathExpr"]
            .iter()
            .filter_map(|name| item.get(name)?.text())
            .find(|path| !path.is_empty())
            .map(str::to_owned),
        line: lines.of(item),
    }
}

/// Reads the volumes of a pod.
pub(crate) fn volumes(spec: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    if let Some(list) = spec.get("volumes") {
        volume_list(list, lines, found);
    }
}

/// Marks the empty directories that an init container mounts, too: it may write files to them.
fn filled(spec: Node<'_>, volumes: &mut [Volume]) {
    let init = spec.get("initContainers").into_iter().flat_map(Node::items);
    let mounts = init
        .filter_map(|container| container.get("volumeMounts"))
        .flat_map(Node::items);
    let names: HashSet<&str> = mounts
        .filter_map(|mount| mount.get("name").and_then(Node::text))
        .collect();
    for volume in volumes {
        if volume.source == VolumeSource::Empty && names.contains(volume.name.as_str()) {
            volume.source = VolumeSource::Filled;
        }
    }
}

/// Reads the items of `volumes`.
pub(crate) fn volume_list(list: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    for item in list.items() {
        let source = volume_source(item, lines, found);
        found.objects.extend(ObjectVolume::read(item));
        found.volumes.push(Volume {
            name: text_of(item, "name"),
            source,
            line: lines.of(item),
        });
    }
}

pub(crate) fn volume_source(
    item: Node<'_>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) -> VolumeSource {
    const OF_THE_API: [&str; 4] = ["configMap", "secret", "projected", "persistentVolumeClaim"];
    if let Some(host) = item.get("hostPath") {
        let name = text_of(host, "type");
        let kind = HostPathType::from_name(&name);
        if kind.is_none() {
            let line = host
                .get("type")
                .map_or_else(|| lines.of(item), |node| lines.of(node));
            found.findings.push(unknown_type(&name, line));
        }
        return VolumeSource::Host {
            path: text_of(host, "path"),
            kind: kind.unwrap_or(HostPathType::Unset),
        };
    }
    if item.field("emptyDir").is_some() {
        return VolumeSource::Empty;
    }
    OF_THE_API
        .iter()
        .find(|name| item.field(name).is_some())
        .map_or(VolumeSource::Other, |name| {
            VolumeSource::Api((*name).to_owned())
        })
}

pub(crate) fn unknown_type(name: &str, line: usize) -> crate::finding::LineFinding {
    crate::finding::finding(
        ImportCode::UnpairedMount,
        Severity::Error,
        line,
        format!("unknown `hostPath` type `{}`", excerpt(name)),
        "the API rejects it: use `File` for a file and `DirectoryOrCreate` for a directory",
    )
}
