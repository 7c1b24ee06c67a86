//! Reads a k3d configuration: arguments of k3s with their node filters, volumes, and files. Sources: the pages "Using Config Files" and "Concepts" of
//! k3d's documentation, and its types `SimpleConfig` of v1alpha2 to v1alpha5.
//!
//! A node is a container that runs k3s, of which the API server is a part: paths are the container's.

use crate::codes::ImportCode;
use apiserver_config::paths::components;
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::input_format::InputFormat;
use crate::k3d_nodes::{
    MAX_FILTERS, NodePath, Nodes, Selection, check_argument, check_file, destination, is_filter,
    is_plain_image, is_unknown, name_of, select, split_filter,
};
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::pod::text_of;

/// Argument of k3s that passes a flag on to kube-apiserver.
pub(crate) const ARGUMENT: &str = "--kube-apiserver-arg";

/// Flags with files that the server reads, and what they are.
pub(crate) const READ_FILES: [(&str, &str); 2] = [
    ("audit-policy-file", "policy"),
    ("audit-webhook-config-file", "webhook configuration"),
];

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
            Some(filters) => {
                let filter = item.get("nodeFilters").unwrap_or(item);
                check_argument(flag, lines.of(filter), select(filters, nodes), nodes, found);
            }
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
            format!("the space after `{ARGUMENT}` becomes a part of the flag's name"),
            "k3s gets the argument unsplit, does not know the flag and does not start: write `=` instead of the space",
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

/// Returns the nodes that an item selects by its node filters, or else by the filter at the end of its value.
fn selection_of(item: Node<'_>, value: &str, nodes: Nodes) -> Selection {
    let everywhere = Selection::Servers { and_agents: true };
    let filters = filters_of(item).or_else(|| split_filter(value).1);
    filters.map_or(everywhere, |filters| select(&filters, nodes))
}

/// Returns the paths of volumes, and reports a policy whose volume has a node filter in its value.
fn volumes(
    root: Node<'_>,
    nodes: Nodes,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) -> Vec<NodePath> {
    let mut mounted = Vec::new();
    let policy_path = path_of(found, "audit-policy-file").map(|(path, _)| path);
    for item in root.get("volumes").into_iter().flat_map(Node::items) {
        let volume = item.get("volume").map(scalar).unwrap_or_default();
        let Some(path) = destination(volume) else {
            continue;
        };
        let is_policy = policy_path
            .as_ref()
            .is_some_and(|policy| components(policy).starts_with(&components(path)));
        let suffix = volume.rsplit_once('@').map(|(_, filter)| filter);
        if let Some(filter) = suffix.filter(|filter| is_policy && is_filter(filter)) {
            report_suffix(filter, lines.of(item), found);
        }
        mounted.push(NodePath {
            path: path.to_owned(),
            selection: selection_of(item, volume, nodes),
            line: lines.of(item),
        });
    }
    mounted
}

/// Reports a policy or a webhook's file that the node, a container, does not have; reads the policy if the text contains it.
fn node_files(root: Node<'_>, nodes: Nodes, lines: &Lines<'_>, found: &mut ParsedInput) {
    let mut provided = volumes(root, nodes, lines, found);
    let policy_path = path_of(found, "audit-policy-file").map(|(path, _)| path);
    let volumes = root.get("volumes").into_iter().flat_map(Node::items);
    let mut volumes = volumes.filter_map(|item| item.get("volume").map(scalar));
    // k3d replaces variables in the whole file.
    let mut is_open = !is_plain_image(&text_of(root, "image")) || volumes.any(is_unknown);
    for item in root.get("files").into_iter().flat_map(Node::items) {
        let path = text_of(item, "destination");
        // A relative destination is a shortcut, whose path k3d knows.
        is_open |= !path.starts_with('/');
        let selection = selection_of(item, "", nodes);
        if policy_path.as_ref() == Some(&path) && selection != Selection::NoServer {
            let source = item.get("source").and_then(Node::text);
            found.policy = source.filter(|text| text.contains('\n')).map(str::to_owned);
        }
        provided.push(NodePath {
            path,
            selection,
            line: lines.of(item),
        });
    }
    for (flag, what) in READ_FILES {
        let Some((path, line)) = path_of(found, flag) else {
            continue;
        };
        if path.starts_with('/') && !is_open {
            check_file((&path, line), what, "`volumes`", &provided, nodes, found);
        }
    }
}

fn path_of(found: &ParsedInput, flag: &str) -> Option<(String, usize)> {
    let start = format!("--{flag}=");
    let words = found.words.iter().rev();
    words
        .filter_map(|word| Some((word.text.strip_prefix(&start)?, word.line)))
        .find(|(path, _)| !path.is_empty())
        .map(|(path, line)| (path.to_owned(), line))
}
