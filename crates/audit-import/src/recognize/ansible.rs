//! Recognizes files of Ansible: playbooks and lists of tasks.

use audit_policy::document::{Kind, Node};

/// Maximum number of items and fields that are inspected.
const MAX_INSPECTED: usize = 50;

/// Modules that write files and start programs, from `ansible.builtin`. Their arguments are an object or a text.
const MODULES: [&str; 19] = [
    "blockinfile",
    "command",
    "copy",
    "file",
    "get_url",
    "import_playbook",
    "import_tasks",
    "include_role",
    "include_tasks",
    "k8s",
    "lineinfile",
    "replace",
    "service",
    "set_fact",
    "shell",
    "slurp",
    "stat",
    "systemd",
    "template",
];

/// Fields of a play besides `hosts`.
const OF_PLAY: [&str; 8] = [
    "become",
    "gather_facts",
    "post_tasks",
    "pre_tasks",
    "roles",
    "tasks",
    "vars",
    "vars_files",
];

/// Returns whether a list is a playbook, or a list of tasks.
pub(super) fn is_list(root: Node<'_>) -> bool {
    root.items()
        .take(MAX_INSPECTED)
        .any(|item| is_play(item) || is_task(item))
}

/// Returns what a list of Ansible is, as messages have it.
pub(super) fn title(root: Node<'_>) -> &'static str {
    if root.items().take(MAX_INSPECTED).any(is_play) {
        "an Ansible playbook"
    } else {
        "a list of Ansible tasks"
    }
}

fn is_play(item: Node<'_>) -> bool {
    let has = |name: &str| item.field(name).is_some();
    has("import_playbook") || (has("hosts") && OF_PLAY.iter().any(|name| has(name)))
}

fn is_task(item: Node<'_>) -> bool {
    let is_list = |name: &str| {
        item.get(name)
            .is_some_and(|value| value.kind() == Kind::List)
    };
    // A container also has a command, which is a list.
    let is_module = |name: &str| MODULES.contains(&name) || name.matches('.').count() == 2;
    let mut fields = item.fields().take(MAX_INSPECTED);
    is_list("block")
        || fields.any(|field| {
            is_module(field.name) && matches!(field.value.kind(), Kind::Object | Kind::Text)
        })
}
