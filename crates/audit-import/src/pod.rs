//! The manifest of a pod, whole or in part: which container is the server, its arguments and mounts.

use audit_policy::Severity;
use audit_policy::document::{Kind, Node};

use crate::found::{Found, Lines, scalar};
use crate::mounts::{From, Volume, VolumeMount};
use crate::words::{self, Word};
use crate::{Source, shown};
use apiserver_config::HostPathType;

/// Containers of a pod that are looked at, and pods of a list.
const MAX_CONTAINERS: usize = 1_000;

/// The server's container and the pod that it stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Server<'d> {
    /// What holds `containers` and `volumes`; nothing of a container by itself.
    pub(crate) spec: Option<Node<'d>>,
    pub(crate) container: Node<'d>,
    /// Another container with the server's name or flags about auditing.
    pub(crate) other: Option<Node<'d>>,
}

/// What holds the containers of a pod, or of what pods are made from.
pub(crate) fn spec(root: Node<'_>) -> Option<Node<'_>> {
    let paths: [&[&str]; 3] = [&["spec", "template", "spec"], &["spec"], &[]];
    let has_parts = |node: &Node<'_>| node.field("containers").or(node.field("volumes")).is_some();
    paths
        .iter()
        .filter_map(|path| root.at_path(path))
        .find(has_parts)
}

/// The server's container: the one of its name, or of its command, or with flags about auditing.
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
    let mut audited = containers().filter(|container| has_flags(*container));
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
            .find(|other| has_flags(*other))
    });
    Some(Server {
        spec: Some(spec),
        container,
        other,
    })
}

/// Whether a field that only containers have stands here.
pub(crate) fn is_container(node: Node<'_>) -> bool {
    ["command", "args", "volumeMounts"]
        .iter()
        .any(|name| node.field(name).is_some())
}

fn is_server(container: Node<'_>) -> bool {
    let is_name = |text: &str| text.rsplit('/').next() == Some("kube-apiserver");
    let command = container.get("command").into_iter().flat_map(Node::items);
    container.get("name").and_then(Node::text) == Some("kube-apiserver")
        || command.take(1).filter_map(Node::text).any(is_name)
}

fn has_flags(container: Node<'_>) -> bool {
    ["command", "args"]
        .iter()
        .filter_map(|name| container.get(name))
        .flat_map(Node::items)
        .filter_map(Node::text)
        .any(|text| text.starts_with("--audit-") || text.contains(" --audit-"))
}

/// Reads a pod, a part of one, or what pods are made from.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>, source: Source) -> Found {
    let mut found = Found::new(source);
    let is_pod = root.get("kind").and_then(Node::text) == Some("Pod");
    found.is_static = is_pod && source == Source::Manifest;
    let server = server(root);
    if let Some(spec) = spec(root).or(Some(root)) {
        volumes(spec, lines, &mut found);
    }
    let Some(server) = server else {
        if spec(root).is_some_and(|spec| spec.field("containers").is_some()) {
            found.say(
                "AE019",
                Severity::Warning,
                lines.of(root),
                "no container here is kube-apiserver",
                "paste the manifest of the server: `/etc/kubernetes/manifests/kube-apiserver.yaml` where kubeadm made it",
            );
        }
        return found;
    };
    if let Some(other) = server.other {
        found.say(
            "AE023",
            Severity::Warning,
            lines.of(other),
            "another container of the pod looks like kube-apiserver too",
            "the first one is read; a pod has one server",
        );
    }
    container(server.container, lines, &mut found);
    let says_mounts = !found.mounts.is_empty() || !found.volumes.is_empty();
    found.has_all_mounts = server.spec.is_some() && (is_pod || says_mounts);
    found.has_all_volumes = found.has_all_mounts;
    found
}

/// The pods of a list: the first that has the server.
pub(crate) fn read_list(root: Node<'_>, lines: &Lines<'_>) -> Found {
    let pods = root.get("items").into_iter().flat_map(Node::items);
    let mut servers = pods
        .take(MAX_CONTAINERS)
        .filter(|pod| server(*pod).is_some_and(|found| is_server(found.container)));
    let Some(pod) = servers.next() else {
        let mut found = Found::new(Source::PodList);
        found.say(
            "AE019",
            Severity::Warning,
            lines.of(root),
            "no pod of this list is kube-apiserver",
            "`kubectl -n kube-system get pods -l component=kube-apiserver -o yaml` lists the servers",
        );
        return found;
    };
    let mut found = read(pod, lines, Source::PodList);
    if let Some(other) = servers.next() {
        found.say(
            "AE023",
            Severity::Info,
            lines.of(other),
            "the list has another server",
            "the first one is read; all servers of a cluster should say the same",
        );
    }
    found
}

/// What stands between two items that have become one.
const TOGETHER: &str = " - --";

/// The arguments and mounts of a container.
pub(crate) fn container(container: Node<'_>, lines: &Lines<'_>, found: &mut Found) {
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
        found.say(
            "AE023",
            Severity::Info,
            *line,
            "flags about auditing stand in `args` as well as in `command`",
            "the server gets both, those of `args` last: keep them in one place",
        );
    }
    if let Some(list) = container.get("volumeMounts") {
        volume_mounts(list, lines, found);
    }
}

/// The items of a list of arguments; a shell's script is read as words.
pub(crate) fn arguments(list: Node<'_>, lines: &Lines<'_>, found: &mut Found) {
    for item in list.items() {
        let line = lines.of(item);
        match argument(item) {
            None => {}
            Some(Argument::Script(text)) => {
                let script = words::words(text, &mut Vec::new());
                found
                    .words
                    .extend(script.into_iter().map(|word| Word { line, ..word }));
            }
            Some(Argument::Together(text)) => {
                found.say(
                    "AE022",
                    Severity::Error,
                    line,
                    "this item of the list runs on into the lines below it, and the server gets one argument of them all",
                    "set every dash in as far as the first: one that stands further in is a part of the text before it",
                );
                let items = text.split(TOGETHER).enumerate().map(|(place, text)| {
                    if place == 0 {
                        text.to_owned()
                    } else {
                        format!("--{text}")
                    }
                });
                found.words.extend(items.map(|text| Word { text, line }));
            }
            Some(Argument::Word { text, is_clean }) => {
                if !is_clean {
                    found.findings.push(words::lookalike(line));
                }
                if has_own_quotes(item) {
                    found.say(
                        "AE007",
                        Severity::Warning,
                        line,
                        "the quotes here are a part of the flag's value",
                        "there is no shell that would take them off: take them out, or put the whole item in quotes",
                    );
                }
                found.words.push(Word { text, line });
            }
        }
    }
}

/// An item of a list of arguments.
pub(crate) enum Argument<'d> {
    /// Lines of a shell with flags about auditing in them.
    Script(&'d str),
    /// Items that have become one, since the dashes of the later ones stand further in.
    Together(&'d str),
    /// One argument.
    Word {
        text: String,
        /// Whether no character in it only looks like another.
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
    if !is_quoted && text.contains(TOGETHER) && text.contains("--audit-") {
        return Some(Argument::Together(text));
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
        words::plain(text)
    };
    Some(Argument::Word { text, is_clean })
}

fn has_own_quotes(item: Node<'_>) -> bool {
    let spelled = item.spelled();
    spelled.starts_with("--audit-")
        && spelled.contains(['"', '\''])
        && spelled.ends_with(['"', '\''])
}

/// The items of `volumeMounts`.
pub(crate) fn volume_mounts(list: Node<'_>, lines: &Lines<'_>, found: &mut Found) {
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

/// The volumes of a pod.
pub(crate) fn volumes(spec: Node<'_>, lines: &Lines<'_>, found: &mut Found) {
    if let Some(list) = spec.get("volumes") {
        volume_list(list, lines, found);
    }
}

/// The items of `volumes`.
pub(crate) fn volume_list(list: Node<'_>, lines: &Lines<'_>, found: &mut Found) {
    for item in list.items() {
        let from = volume_source(item, lines, found);
        found.volumes.push(Volume {
            name: text_of(item, "name"),
            from,
            line: lines.of(item),
        });
    }
}

pub(crate) fn volume_source(item: Node<'_>, lines: &Lines<'_>, found: &mut Found) -> From {
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
        return From::Host {
            path: text_of(host, "path"),
            kind: kind.unwrap_or(HostPathType::Unset),
        };
    }
    if item.field("emptyDir").is_some() {
        return From::Empty;
    }
    OF_THE_API
        .iter()
        .find(|name| item.field(name).is_some())
        .map_or(From::Other, |name| From::Api((*name).to_owned()))
}

pub(crate) fn unknown_type(name: &str, line: usize) -> crate::ImportFinding {
    crate::say(
        "AE020",
        Severity::Error,
        line,
        format!("`{}` is no type of a host path", shown(name)),
        "the API refuses it: `File` for a file, `DirectoryOrCreate` for a directory, written like that",
    )
}
