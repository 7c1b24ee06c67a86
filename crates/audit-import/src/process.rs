//! Finds the process of a container: kube-apiserver, a shell with a script, or a program of which nothing is known.

use audit_policy::document::Node;

use crate::branches;
use crate::other_programs::is_component;
use crate::parsed_input::scalar;
use crate::program::{self, Program, base_name, is_server_name};
use crate::shell_script::{Obstacle, ServerCommand, nested_command, server_commands};

/// Maximum number of arguments that are inspected.
const MAX_ARGUMENTS: usize = 10_000;

/// The process of a container.
#[derive(Debug)]
pub(crate) enum Process<'d> {
    /// kube-apiserver gets the arguments, if necessary from a wrapper.
    Server,
    /// A shell runs a script.
    Script(Script<'d>),
    /// A program that may or may not pass its arguments to kube-apiserver.
    Unknown {
        /// The program's path.
        name: &'d str,
        node: Node<'d>,
    },
}

/// A script in the arguments of a shell.
#[derive(Debug)]
pub(crate) struct Script<'d> {
    /// Path of the shell.
    pub(crate) shell: &'d str,
    pub(crate) text: &'d str,
    pub(crate) node: Node<'d>,
    /// List that contains the script.
    pub(crate) list: Node<'d>,
    /// Arguments after the script: its `$0`, `$1` and so on.
    pub(crate) parameters: Vec<Parameter<'d>>,
    /// Audit flags among the arguments of the shell.
    pub(crate) strays: Vec<Stray<'d>>,
    /// Words in front of the script.
    pub(crate) before: Vec<&'d str>,
}

/// An argument of a script, and its place in the container's lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter<'d> {
    pub(crate) node: Node<'d>,
    /// `command` is 0, `args` is 1.
    pub(crate) list: usize,
    /// Index in the list.
    pub(crate) number: usize,
}

impl<'d> Script<'d> {
    /// Finds the commands that start kube-apiserver.
    pub(crate) fn server_commands(&self) -> Result<Vec<ServerCommand>, Obstacle> {
        let parameters = self.parameters.iter();
        let parameters: Vec<&str> = parameters.map(|parameter| scalar(parameter.node)).collect();
        server_commands(self.text, &parameters)
    }

    /// Finds the command that starts kube-apiserver, also in a script inside the script, which cannot be changed in place, and in one branch of a condition.
    pub(crate) fn nested_command(&self) -> Result<ServerCommand, Obstacle> {
        let parameters = self.parameters.iter();
        let parameters: Vec<&str> = parameters.map(|parameter| scalar(parameter.node)).collect();
        nested_command(&branches::choose(self.text).text, &parameters)
    }
}

/// An audit flag that a shell gets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stray<'d> {
    pub(crate) node: Node<'d>,
    /// `true` if it is in front of the script, where the shell reads it as an option.
    pub(crate) is_option: bool,
    /// `true` if it is the script's `$0`, which is not among its arguments.
    pub(crate) is_name: bool,
}

/// Flags that only kube-apiserver has: a program that gets one passes it on.
pub(crate) const SERVER_FLAGS: [&str; 12] = [
    "--etcd-servers",
    "--secure-port",
    "--service-cluster-ip-range",
    "--authorization-mode",
    "--tls-cert-file",
    "--client-ca-file",
    "--advertise-address",
    "--allow-privileged",
    "--enable-admission-plugins",
    "--kubelet-client-certificate",
    "--service-account-key-file",
    "--service-account-issuer",
];

/// Returns whether a container runs another component of Kubernetes, whose flags are its own.
pub(crate) fn runs_component(container: Node<'_>) -> bool {
    matches!(of(container), Process::Unknown { name, .. } if is_component(name))
}

/// Finds the process of a container.
pub(crate) fn of(container: Node<'_>) -> Process<'_> {
    let items: Vec<(Node<'_>, Parameter<'_>)> = ["command", "args"]
        .into_iter()
        .enumerate()
        .filter_map(|(list, name)| Some((list, container.get(name)?)))
        .flat_map(|(list, values)| {
            let items = values.items().enumerate();
            items.map(move |(number, node)| (values, Parameter { node, list, number }))
        })
        .take(MAX_ARGUMENTS)
        .collect();
    let words: Vec<&str> = items.iter().map(|(_, item)| scalar(item.node)).collect();
    let (name, script) = match program::program(&words) {
        Program::Server { .. } | Program::Nothing => return Process::Server,
        Program::Shell { name, script } => (name, Some(script)),
        Program::ShellFile { name } => (name, None),
        Program::Other { name } => {
            let arguments = words.get(name..).unwrap_or_default();
            if passes_on(arguments) {
                return Process::Server;
            }
            (name, None)
        }
    };
    let shell = words.get(name).copied().unwrap_or_default();
    if let Some(at) = script
        && let Some((list, Parameter { node, .. })) = items.get(at).copied()
    {
        let is_stray = |(_, (_, item)): &(usize, &(_, Parameter<'_>))| {
            scalar(item.node).starts_with("--audit-")
        };
        let strays = items.iter().enumerate().filter(is_stray);
        return Process::Script(Script {
            shell,
            text: scalar(node),
            node,
            list,
            before: words.get(..at).unwrap_or_default().to_vec(),
            parameters: items.iter().skip(at + 1).map(|(_, item)| *item).collect(),
            strays: strays
                .map(|(number, (_, item))| Stray {
                    node: item.node,
                    is_option: number < at,
                    is_name: number == at + 1,
                })
                .collect(),
        });
    }
    match items.get(name) {
        Some((_, item)) => Process::Unknown {
            name: shell,
            node: item.node,
        },
        None => Process::Server,
    }
}

/// Returns whether a program, the first word, passes its arguments to kube-apiserver: by its own name or by flags that only the server has.
fn passes_on(words: &[&str]) -> bool {
    let Some((name, arguments)) = words.split_first() else {
        return false;
    };
    let name = base_name(name);
    let is_script = [".sh", ".bash", ".py", ".pl"]
        .iter()
        .any(|ending| name.ends_with(ending));
    let is_server = |word: &&str| is_server_name(word) || *word == "apiserver";
    let is_flag = |word: &&str| {
        let flag = word.split('=').next().unwrap_or_default();
        SERVER_FLAGS.contains(&flag)
    };
    !is_script
        && (name == "apiserver"
            || arguments
                .iter()
                .any(|word| is_server(word) || is_flag(word)))
}

/// Returns whether the server of a container has another root directory or other mounts than the container.
pub(crate) fn leaves_container(container: Node<'_>) -> bool {
    match of(container) {
        Process::Script(script) => {
            let command = script.nested_command().ok();
            let inner = command.iter().flat_map(|command| &command.wrappers);
            let words: Vec<&str> = script
                .before
                .iter()
                .copied()
                .chain(inner.map(String::as_str))
                .collect();
            program::leaves_container(&words)
        }
        Process::Unknown { .. } => false,
        Process::Server => {
            let words = words(container);
            match program::program(&words) {
                Program::Server { name } => {
                    program::leaves_container(words.get(..name).unwrap_or_default())
                }
                _ => false,
            }
        }
    }
}

/// Returns the words of a container's command.
fn words(container: Node<'_>) -> Vec<&str> {
    let lists = ["command", "args"].into_iter();
    let items = lists
        .filter_map(|name| container.get(name))
        .flat_map(Node::items);
    items.take(MAX_ARGUMENTS).map(scalar).collect()
}

/// Returns whether a container runs kube-apiserver by its command.
pub(crate) fn runs_server(container: Node<'_>) -> bool {
    match of(container) {
        Process::Script(script) => script.nested_command().is_ok(),
        Process::Unknown { .. } => false,
        Process::Server => {
            matches!(program::program(&words(container)), Program::Server { .. })
        }
    }
}
