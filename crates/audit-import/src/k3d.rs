//! Reads a k3d configuration: arguments of k3s with their node filters, volumes, and files. Sources: the pages "Using Config Files" and "Concepts" of
//! k3d's documentation, and its types `SimpleConfig` of v1alpha2 to v1alpha5.
//!
//! A node is a container that runs k3s, of which the API server is a part: paths are the container's.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use apiserver_config::paths::components;
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;
use audit_types::sort::SortShort;

use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::pod::text_of;

/// Argument of k3s that passes a flag on to kube-apiserver.
const ARGUMENT: &str = "--kube-apiserver-arg";

/// Maximum number of servers that are counted.
const MAX_SERVERS: u64 = 1_000;

/// Maximum number of node filters of an item, and of parts of a filter, that are read.
const MAX_FILTERS: usize = 50;

/// Numbers of nodes of a cluster.
#[derive(Debug, Clone, Copy)]
struct Nodes {
    servers: u64,
    agents: u64,
}

/// Nodes that node filters select.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selection {
    /// Every server, and whether agents, too.
    Servers { and_agents: bool },
    /// Some of several servers, and whether agents, too.
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

/// Reads a k3d configuration.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::K3d);
    let number = |name: &str, default: u64| {
        let value = root.get(name).map(scalar);
        value
            .and_then(|value| value.parse().ok())
            .unwrap_or(default)
    };
    let nodes = Nodes {
        servers: number("servers", 1),
        agents: number("agents", 0),
    };
    let options = root.at_path(&["options", "k3s"]);
    let arguments = options.and_then(|options| options.get("extraArgs"));
    let mut is_open = false;
    for item in arguments.into_iter().flat_map(Node::items) {
        argument(item, &mut is_open, nodes, lines, &mut found);
    }
    // Up to v1alpha2 the arguments of servers are a list of strings.
    let of_servers = options.and_then(|options| options.get("extraServerArgs"));
    is_open = false;
    for item in of_servers.into_iter().flat_map(Node::items) {
        let line = lines.of(item);
        if let Some(flag) = flag_of(scalar(item), &mut is_open, line, &mut found) {
            push(flag, line, &mut found);
        }
    }
    node_files(root, nodes, lines, &mut found);
    found
}

/// Reads an item of `extraArgs`.
fn argument(
    item: Node<'_>,
    is_open: &mut bool,
    nodes: Nodes,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let value = item.get("arg").unwrap_or(item);
    let Some(flag) = flag_of(scalar(value), is_open, lines.of(value), found) else {
        return;
    };
    if item.kind() != Kind::Object {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.of(item),
            "an item of `extraArgs` is a string here",
            "k3d rejects it: since v1alpha3 an item has the fields `arg` and `nodeFilters`",
        );
    }
    let (flag, suffix) = match flag.rsplit_once('@') {
        Some((before, filter)) if is_filter(filter) => (before, Some(filter)),
        _ => (flag, None),
    };
    if let Some(filter) = suffix {
        report_suffix(filter, lines.of(value), found);
    }
    if flag.trim_start_matches('-').starts_with("audit") {
        let filters = filters_of(item);
        match &filters {
            Some(filters) => check_filters(flag, item, select(filters, nodes), nodes, lines, found),
            None if suffix.is_none() && nodes.servers.saturating_add(nodes.agents) > 1 => found
                .report(
                    ImportCode::NodeFilter,
                    Severity::Warning,
                    lines.of(item),
                    format!("`{}` has no `nodeFilters`", excerpt(name_of(flag))),
                    "k3d needs one if there is more than one node: add `server:*`",
                ),
            None => {}
        }
    }
    push(flag, lines.of(value), found);
}

/// Reports a node filter at the end of a value.
fn report_suffix(filter: &str, line: usize, found: &mut ParsedInput) {
    found.report(
        ImportCode::NodeFilter,
        Severity::Error,
        line,
        format!(
            "the node filter `@{}` is part of the value",
            excerpt(filter)
        ),
        "only the command line separates it: in the file, move it to `nodeFilters`",
    );
}

/// Reports an argument that agents get, or that not all servers get.
fn check_filters(
    flag: &str,
    item: Node<'_>,
    selection: Selection,
    nodes: Nodes,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let name = excerpt(name_of(flag));
    let line = item
        .get("nodeFilters")
        .map_or_else(|| lines.of(item), |node| lines.of(node));
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

fn name_of(flag: &str) -> &str {
    flag.split('=').next().unwrap_or(flag)
}

/// Returns the flag of kube-apiserver in an argument of k3s. `None` if it is another argument.
///
/// `is_open` says whether the argument before this one is [`ARGUMENT`] without a value. Each argument reaches k3s as it is, without a shell.
fn flag_of<'a>(
    argument: &'a str,
    is_open: &mut bool,
    line: usize,
    found: &mut ParsedInput,
) -> Option<&'a str> {
    if std::mem::take(is_open) {
        return Some(argument);
    }
    let rest = argument.trim_start().strip_prefix(ARGUMENT)?;
    *is_open = rest.is_empty();
    let value = rest.strip_prefix(['=', ' '])?.trim_start();
    if rest.starts_with(' ') {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            line,
            format!("a blank after `{ARGUMENT}` is a part of its name"),
            "no shell separates the argument, so k3s does not know the flag and does not start: write `=` instead of the blank",
        );
    }
    let is_quoted =
        |quote: char| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    let Some(quote) = ['"', '\''].into_iter().find(|quote| is_quoted(*quote)) else {
        return Some(value);
    };
    if rest.starts_with('=') {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            line,
            format!("quotes after `{ARGUMENT}=` are a part of the value"),
            "no shell removes them, so kube-apiserver does not know the flag and does not start: remove them, or put them around the whole argument",
        );
    }
    Some(value.trim_matches(quote))
}

fn push(flag: &str, line: usize, found: &mut ParsedInput) {
    // k3s removes dashes before it adds its own.
    let (name, value) = match flag.trim_start_matches('-').split_once('=') {
        Some(parts) => parts,
        None => return,
    };
    found.argument(name, value, line);
}

/// Returns whether a text is a node filter, such as `server:*` or `agent:0`.
fn is_filter(text: &str) -> bool {
    let group = text.split([':', '[']).next().unwrap_or_default();
    is_server(group) || is_agent(group) || matches!(group, "all" | "loadbalancer")
}

fn is_server(group: &str) -> bool {
    matches!(group, "server" | "servers")
}

fn is_agent(group: &str) -> bool {
    matches!(group, "agent" | "agents")
}

fn filters_of(item: Node<'_>) -> Option<Vec<String>> {
    let filters: Vec<_> = item
        .get("nodeFilters")?
        .items()
        .take(MAX_FILTERS)
        .flat_map(|filter| {
            scalar(filter)
                .split(';')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    (!filters.is_empty()).then_some(filters)
}

/// Returns the nodes that filters select.
fn select(filters: &[String], nodes: Nodes) -> Selection {
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

/// Returns the paths of volumes in servers, and reports a policy that not all of them have.
fn volumes(
    root: Node<'_>,
    nodes: Nodes,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) -> Vec<String> {
    let mut mounted = Vec::new();
    let policy_path = path_of(found, "audit-policy-file").map(|(path, _)| path);
    for item in root.get("volumes").into_iter().flat_map(Node::items) {
        let volume = item.get("volume").map(scalar).unwrap_or_default();
        let everywhere = Selection::Servers { and_agents: true };
        let selection = filters_of(item).map_or(everywhere, |filters| select(&filters, nodes));
        let Some(path) = destination(volume).filter(|_| selection != Selection::NoServer) else {
            continue;
        };
        let is_policy = policy_path
            .as_ref()
            .is_some_and(|policy| components(policy).starts_with(&components(path)));
        let suffix = volume.rsplit_once('@').map(|(_, filter)| filter);
        if let Some(filter) = suffix.filter(|filter| is_policy && is_filter(filter)) {
            report_suffix(filter, lines.of(item), found);
        } else if is_policy && matches!(selection, Selection::SomeServers { .. }) {
            found.report(
                ImportCode::SomeNodesOnly,
                Severity::Warning,
                lines.of(item),
                format!("not all of the {} servers get the policy", nodes.servers),
                "a server does not start without its policy: use the node filter `server:*`",
            );
        }
        mounted.push(path.to_owned());
    }
    mounted
}

/// Reports a policy or a webhook's file that the node, a container, does not have; reads the policy if the text contains it.
fn node_files(root: Node<'_>, nodes: Nodes, lines: &Lines<'_>, found: &mut ParsedInput) {
    let mut mounted = volumes(root, nodes, lines, found);
    let policy_path = path_of(found, "audit-policy-file").map(|(path, _)| path);
    let mut is_unknown = false;
    for item in root.get("files").into_iter().flat_map(Node::items) {
        let path = text_of(item, "destination");
        // A relative destination is a shortcut, whose path k3d knows.
        is_unknown |= !path.starts_with('/');
        if policy_path.as_ref() == Some(&path) {
            let source = item.get("source").and_then(Node::text);
            found.policy = source.filter(|text| text.contains('\n')).map(str::to_owned);
        }
        mounted.push(path);
    }
    if is_unknown {
        return;
    }
    for (flag, what) in [
        ("audit-policy-file", "policy"),
        ("audit-webhook-config-file", "webhook configuration"),
    ] {
        let Some((path, line)) = path_of(found, flag) else {
            continue;
        };
        let wanted = components(&path);
        let is_mounted = mounted
            .iter()
            .any(|mount| wanted.starts_with(&components(mount)));
        if !is_mounted && path.starts_with('/') {
            found.report(
                SettingCode::OutsideMounts,
                Severity::Error,
                line,
                format!("the {what} `{}` is not mounted into the node", excerpt(&path)),
                "a k3d node is a container: mount the file with `volumes`, with the node filter `server:*`",
            );
        }
    }
}

/// Returns the path in the container of `SOURCE:DESTINATION[:OPTIONS]`.
fn destination(volume: &str) -> Option<&str> {
    let volume = match volume.rsplit_once('@') {
        Some((before, filter)) if is_filter(filter) => before,
        _ => volume,
    };
    volume.split(':').rev().find(|part| part.starts_with('/'))
}

fn path_of(found: &ParsedInput, flag: &str) -> Option<(String, usize)> {
    let start = format!("--{flag}=");
    let words = found.words.iter().rev();
    words
        .filter_map(|word| Some((word.text.strip_prefix(&start)?, word.line)))
        .find(|(path, _)| !path.is_empty())
        .map(|(path, line)| (path.to_owned(), line))
}
