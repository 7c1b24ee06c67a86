//! Reads the node filters of `k3d cluster create`: `--volume FILE:PATH@server:0`, `--k3s-arg "ARGUMENT@server:*"`. The flags themselves are read like those
//! of any command. Source: the pages "Concepts" (node filters) and "k3d cluster create" of k3d's documentation.

use apiserver_config::placeholder;
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::codes::ImportCode;
use crate::k3d::{ARGUMENT, READ_FILES};
use crate::k3d_nodes::{
    NodePath, Nodes, Selection, check_argument, check_file, destination, is_plain_image,
    is_unknown, name_of, select, split_filter,
};
use crate::parsed_input::ParsedInput;
use crate::program::base_name;
use crate::shell_words::{self, Language, ShellWord};

/// Options of the command that are read, with their short names.
const OPTIONS: [(&str, &str); 7] = [
    ("--servers", "-s"),
    ("--agents", "-a"),
    ("--volume", "-v"),
    ("--k3s-arg", ""),
    ("--k3s-server-arg", ""),
    ("--image", "-i"),
    ("--config", "-c"),
];

/// A command that creates a cluster.
struct Command<'w> {
    nodes: Nodes,
    /// Arguments of k3s with their lines, and whether all servers get them without a filter, as with k3d 4.
    arguments: Vec<(&'w str, usize, bool)>,
    volumes: Vec<(&'w str, usize)>,
    /// `true` if nodes can have files that the command does not name.
    is_open: bool,
}

/// Checks the node filters of the commands in a text. Lines are those of the text, from 1.
pub(crate) fn check(text: &str, found: &mut ParsedInput) {
    if !text.contains("k3d") {
        return;
    }
    for (before, command) in commands(text) {
        let mut words = shell_words::split_raw(Language::Any, &command, &mut Vec::new());
        let names: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let start = names.windows(3).position(
            |words| matches!(words, [program, "cluster", "create"] if base_name(program) == "k3d"),
        );
        let Some(start) = start else { continue };
        let mut words = words.split_off(start + 3);
        for word in &mut words {
            word.line += before;
        }
        check_command(&read(&words), found);
    }
}

/// Returns the commands that name k3d, each with its continued lines, and the number of lines before each.
fn commands(text: &str) -> Vec<(usize, String)> {
    let mut commands = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let (_, command) = open.get_or_insert_with(|| (index, String::new()));
        command.push_str(line);
        command.push('\n');
        if !line.trim_end().ends_with('\\') {
            commands.extend(open.take().filter(|(_, command)| command.contains("k3d")));
        }
    }
    commands.extend(open.filter(|(_, command)| command.contains("k3d")));
    commands
}

fn read(words: &[ShellWord]) -> Command<'_> {
    let mut command = Command {
        nodes: Nodes {
            servers: 1,
            agents: 0,
        },
        arguments: Vec::new(),
        volumes: Vec::new(),
        is_open: false,
    };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (name, value) = match word.text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.text.as_str(), None),
        };
        let option = OPTIONS
            .iter()
            .find(|(long, short)| *long == name || (!short.is_empty() && *short == name));
        let Some((option, _)) = option else { continue };
        let (value, line) = match value {
            Some(value) => (value, word.line),
            None => match rest.next() {
                Some(next) => (next.text.as_str(), next.line),
                None => return command,
            },
        };
        match *option {
            "--servers" => command.nodes.servers = value.parse().unwrap_or(1),
            "--agents" => command.nodes.agents = value.parse().unwrap_or(0),
            "--volume" => command.volumes.push((value, line)),
            "--image" => command.is_open |= !is_plain_image(value),
            "--config" => command.is_open = true,
            option => {
                let is_of_servers = option == "--k3s-server-arg";
                command.arguments.push((value, line, is_of_servers));
            }
        }
    }
    command
}

fn check_command(command: &Command<'_>, found: &mut ParsedInput) {
    let nodes = command.nodes;
    let mut paths: Vec<(&str, &str, usize)> = Vec::new();
    for (value, line, is_of_servers) in &command.arguments {
        let (argument, filters) = split_filter(value);
        let Some(flag) = argument
            .strip_prefix(ARGUMENT)
            .and_then(|rest| rest.strip_prefix(['=', ' ']))
        else {
            continue;
        };
        let flag = flag.trim_matches(['"', '\'']).trim_start_matches('-');
        if !flag.starts_with("audit") {
            continue;
        }
        match filters {
            Some(filters) => check_argument(flag, *line, select(&filters, nodes), nodes, found),
            None if !is_of_servers && nodes.servers.saturating_add(nodes.agents) > 1 => found
                .report(
                    ImportCode::NodeFilter,
                    Severity::Warning,
                    *line,
                    format!("`{}` has no node filter", excerpt(name_of(flag))),
                    "k3d needs one if there is more than one node: add `@server:*` to the end of the argument",
                ),
            None => {}
        }
        if let Some((name, path)) = flag.split_once('=') {
            paths.push((name, path, *line));
        }
    }
    if command.is_open || command.volumes.iter().any(|(volume, _)| is_unknown(volume)) {
        return;
    }
    let everywhere = Selection::Servers { and_agents: true };
    let provided: Vec<NodePath> = command
        .volumes
        .iter()
        .filter_map(|(volume, line)| {
            let (value, filters) = split_filter(volume);
            Some(NodePath {
                path: destination(value)?.to_owned(),
                selection: filters.map_or(everywhere, |filters| select(&filters, nodes)),
                line: *line,
            })
        })
        .collect();
    for (flag, what) in READ_FILES {
        let file = paths.iter().rfind(|(name, ..)| *name == flag);
        if let Some((_, path, line)) = file
            && path.starts_with('/')
            && placeholder(path).is_none()
        {
            check_file((path, *line), what, "`--volume`", &provided, nodes, found);
        }
    }
}
