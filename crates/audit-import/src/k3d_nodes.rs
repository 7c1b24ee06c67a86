//! Nodes of a k3d cluster, and the node filters that select some of them: those of a configuration, and the ends of values on the command line.

use apiserver_config::paths::components;
use apiserver_config::placeholder;
use audit_types::Severity;
use audit_types::excerpt::excerpt;
use audit_types::sort::SortShort;

use crate::codes::ImportCode;
use crate::parsed_input::ParsedInput;

/// Maximum number of servers that are counted.
const MAX_SERVERS: u64 = 1_000;

/// Maximum number of node filters of an item, and of parts of a filter, that are read.
pub(crate) const MAX_FILTERS: usize = 50;

/// Numbers of nodes of a cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nodes {
    pub(crate) servers: u64,
    pub(crate) agents: u64,
}

/// Nodes that node filters select.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Every server; `and_agents`: agents as well.
    Servers { and_agents: bool },
    /// Some of several servers; `and_agents`: agents as well.
    SomeServers { and_agents: bool },
    /// Agents or the load balancer only.
    NoServer,
}

impl Selection {
    const fn has_agents(self) -> bool {
        match self {
            Self::Servers { and_agents } | Self::SomeServers { and_agents } => and_agents,
            Self::NoServer => false,
        }
    }
}

/// Returns whether a text is a node filter, such as `server:*` or `agent:0`.
pub(crate) fn is_filter(text: &str) -> bool {
    let group = text.split([':', '[']).next().unwrap_or_default();
    is_server(group) || is_agent(group) || matches!(group, "all" | "loadbalancer")
}

fn is_server(group: &str) -> bool {
    matches!(group, "server" | "servers")
}

fn is_agent(group: &str) -> bool {
    matches!(group, "agent" | "agents")
}

/// Returns the nodes that filters select.
pub(crate) fn select(filters: &[String], nodes: Nodes) -> Selection {
    let mut servers: Vec<u64> = Vec::new();
    let (mut all_servers, mut agents) = (false, false);
    for filter in filters {
        let mut parts = filter.trim().split([':', '[', ']']);
        let group = parts.next().unwrap_or_default();
        let subset = parts.next().unwrap_or("*");
        let is_all = matches!(group, "all" | "*");
        agents |= is_all || is_agent(group);
        if is_all || (is_server(group) && matches!(subset, "*" | "")) {
            all_servers = true;
        } else if is_server(group) {
            servers.extend(indices(subset, nodes.servers));
        }
    }
    servers.sort_short();
    servers.dedup();
    let count = u64::try_from(servers.len()).unwrap_or(u64::MAX);
    if all_servers || (count > 0 && count >= nodes.servers) {
        Selection::Servers { and_agents: agents }
    } else if count > 0 {
        Selection::SomeServers { and_agents: agents }
    } else {
        Selection::NoServer
    }
}

/// Returns the indices of a subset: `0`, `1,3`, or `0-2`.
fn indices(subset: &str, servers: u64) -> Vec<u64> {
    let end = servers.min(MAX_SERVERS);
    let mut indices = Vec::new();
    for part in subset.split(',').take(MAX_FILTERS) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let first: u64 = first.parse().unwrap_or(0);
        let last: u64 = last.parse().unwrap_or(end);
        indices.extend(first..=last.min(end.saturating_sub(1)));
    }
    indices
}

/// Splits a value of the command line into what is before the node filter and the filters.
pub(crate) fn split_filter(value: &str) -> (&str, Option<Vec<String>>) {
    match value.rsplit_once('@') {
        Some((before, filter)) if is_filter(filter) => {
            let filters = filter.split(';').take(MAX_FILTERS).map(str::to_owned);
            (before, Some(filters.collect()))
        }
        _ => (value, None),
    }
}

/// Returns the name of the flag in `name=value`.
pub(crate) fn name_of(flag: &str) -> &str {
    flag.split('=').next().unwrap_or(flag)
}

/// Reports an argument that agents get, or that not all servers get.
pub(crate) fn check_argument(
    flag: &str,
    line: usize,
    selection: Selection,
    nodes: Nodes,
    found: &mut ParsedInput,
) {
    let name = excerpt(name_of(flag));
    if selection == Selection::NoServer {
        found.report(
            ImportCode::NodeFilter,
            Severity::Error,
            line,
            format!("no server gets `{name}`"),
            "only servers run kube-apiserver, and an agent does not start with the argument: use the node filter `server:*`",
        );
    } else if selection.has_agents() && nodes.agents > 0 {
        found.report(
            ImportCode::NodeFilter,
            Severity::Error,
            line,
            format!("agents get `{name}`, too"),
            "an agent does not know `--kube-apiserver-arg` and does not start: use the node filter `server:*`",
        );
    } else if matches!(selection, Selection::SomeServers { .. }) {
        found.report(
            ImportCode::SomeNodesOnly,
            Severity::Warning,
            line,
            format!("not all of the {} servers get `{name}`", nodes.servers),
            "each server records the requests that it handles: use the node filter `server:*`",
        );
    }
}

/// A path in nodes that a volume or a file provides, and the nodes that have it.
#[derive(Debug)]
pub(crate) struct NodePath {
    pub(crate) path: String,
    pub(crate) selection: Selection,
    pub(crate) line: usize,
}

impl NodePath {
    fn has(&self, path: &str) -> bool {
        components(path).starts_with(&components(&self.path))
    }
}

/// Reports a file of the server that its node, a container, does not have.
pub(crate) fn check_file(
    (path, line): (&str, usize),
    what: &str,
    how: &str,
    provided: &[NodePath],
    nodes: Nodes,
    found: &mut ParsedInput,
) {
    let all = || provided.iter().filter(|provided| provided.has(path));
    let whole = |one: &&NodePath| matches!(one.selection, Selection::Servers { .. });
    if all().any(|one| whole(&one)) {
        return;
    }
    let some = all().find(|one| one.selection != Selection::NoServer);
    if let Some(some) = some {
        found.report(
            ImportCode::SomeNodesOnly,
            Severity::Warning,
            some.line,
            format!("not all of the {} servers get the {what}", nodes.servers),
            format!("a server does not start without its {what}: use the node filter `server:*`"),
        );
        return;
    }
    let message = if all().next().is_some() {
        format!(
            "no server gets the {what} `{}`: the node filter of its mount selects only other nodes",
            excerpt(path)
        )
    } else {
        format!(
            "the {what} `{}` is not mounted into the node",
            excerpt(path)
        )
    };
    found.report(
        apiserver_config::SettingCode::OutsideMounts,
        Severity::Error,
        line,
        message,
        format!(
            "a k3d node is a container: mount the file with {how}, with the node filter `server:*`"
        ),
    );
}

/// Returns the path in the container of `SOURCE:DESTINATION[:OPTIONS]`.
pub(crate) fn destination(volume: &str) -> Option<&str> {
    let volume = match volume.rsplit_once('@') {
        Some((before, filter)) if is_filter(filter) => before,
        _ => volume,
    };
    volume.split(':').rev().find(|part| part.starts_with('/'))
}

/// Returns whether the path in the container is a variable, so that it is not known.
pub(crate) fn is_unknown(volume: &str) -> bool {
    volume
        .split(':')
        .skip(1)
        .any(|part| placeholder(part).is_some())
}

/// Returns whether an image is one of k3s itself, which contains no policy.
pub(crate) fn is_plain_image(image: &str) -> bool {
    let name = image.rsplit_once(':').map_or(image, |(name, _)| name);
    image.is_empty()
        || name.ends_with("rancher/k3s")
        || matches!(image, "latest" | "stable" | "testing")
        || image.starts_with('+')
}
