//! Patches the flags of a kube-apiserver that a shell script starts: inside the script, next to the server's own words.

use std::collections::HashSet;
use std::ops::Range;

use apiserver_config::Settings;
use audit_policy::document::{Document, Node};
use audit_text::quote;
use audit_types::excerpt::excerpt;
use audit_types::sort::SortShort;

use super::by_hand::by_hand;
use super::error::PatchError;
use super::flags::{ArgumentItem, decide_all, given, last_own};
use super::list::{self, ListChanges, QuoteStyle};
use super::manifest::{Manifest, only_document};
use super::scalar::{Scalar, ScalarEdit};
use super::text_edits::TextEdits;
use crate::parameters;
use crate::parsed_input::{Lines, scalar};
use crate::process::{Process, Script, Stray, of};
use crate::script_flags::is_lost;
use crate::script_word::Word;
use crate::shell_script::{Obstacle, ServerCommand, have_same_flags};

/// Maximum number of servers whose flags a message has.
const MAX_SHOWN: usize = 3;

/// Index of the script's own words among the lists whose items are changed, after `command` and `args`.
const SCRIPT: usize = 2;

/// Edits the script, and its arguments if the server gets them. Returns the text that the script has afterwards.
pub(super) fn edit(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    script: &Script<'_>,
    settings: &Settings,
    before: &Settings,
) -> Result<String, PatchError> {
    let line = edits.line(script.node.span().start);
    let fail = |reason: &str| by_hand(Some(line), reason, settings);
    let commands = script.server_commands();
    let first = commands.as_ref().ok().and_then(|commands| commands.first());
    remove_strays(edits, manifest, script, first, settings)?;
    let commands =
        commands.map_err(|obstacle| fail(&format!("the script {}", obstacle.reason())))?;
    check_text(script.text).map_err(&fail)?;
    if !have_same_flags(&commands) {
        return Err(fail(&several(&commands, edits, script)));
    }
    let mut script_edits = Vec::new();
    for command in &commands {
        check_words(command).map_err(|reason| fail(&reason))?;
        let changes = changes(command, script, manifest, settings, before);
        let changes = changes.map_err(|reason| fail(&reason))?;
        let [of_command, of_args, of_script] = &changes;
        for (name, changes) in [("command", of_command), ("args", of_args)] {
            let list = manifest.server.container.get(name);
            let Some(list) = list.filter(|_| !changes.is_empty()) else {
                continue;
            };
            if commands.len() > 1 {
                return Err(fail(
                    "the script gives its arguments to more than one server",
                ));
            }
            list::check_editable(edits, list, manifest.server.container)?;
            list::change(edits, list, changes)?;
        }
        script_edits.extend(self::script_edits(script.text, command, of_script));
    }
    if script_edits.is_empty() {
        return Ok(script.text.to_owned());
    }
    edit_text(edits, manifest, script, script_edits).ok_or_else(|| {
        fail("the script's text is written in a form that cannot be changed in place")
    })?
}

/// Edits the text of the script, and returns the result. `None` if its spelling does not allow it.
fn edit_text(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    script: &Script<'_>,
    script_edits: Vec<ScalarEdit>,
) -> Option<Result<String, PatchError>> {
    let expected = applied(script.text, &script_edits);
    let container = manifest.server.container;
    let editable = list::check_editable(edits, script.list, container)
        .and_then(|()| list::check_editable(edits, script.node, container));
    if let Err(error) = editable {
        return Some(Err(error));
    }
    let style = QuoteStyle::of(Some(script.node), manifest.is_json);
    if style == QuoteStyle::Plain
        && !script.node.spelled().starts_with(['|', '>'])
        && !stays_plain(script.list, &expected)
    {
        edits.replace(script.node.span(), quote::single(&expected));
        return Some(Ok(expected));
    }
    let scalar = Scalar::new(
        script.node.spelled(),
        script.text,
        style,
        edits.line_ending(),
    )?;
    let start = script.node.span().start;
    for edit in script_edits {
        let (range, text) = scalar.edit(&edit)?;
        let span = audit_policy::Span::new(start + range.start, start + range.end);
        edits.replace(span, text);
    }
    Some(Ok(expected))
}

/// Removes audit flags that the shell gets and the server does not: items on lines of their own, if no argument that the script uses moves.
fn remove_strays(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    script: &Script<'_>,
    command: Option<&ServerCommand>,
    settings: &Settings,
) -> Result<(), PatchError> {
    let lost: Vec<&Stray<'_>> = script
        .strays
        .iter()
        .filter(|stray| is_lost(stray, script, command))
        .collect();
    let Some(first) = lost.first() else {
        return Ok(());
    };
    let container = manifest.server.container;
    let lists = ["command", "args"]
        .into_iter()
        .filter_map(|name| container.get(name));
    let places: HashSet<usize> = lost.iter().map(|stray| stray.node.span().start).collect();
    let moves_none = parameters::uses(script.text) == 0 || script.parameters.len() < 2;
    let mut removable = moves_none && lost.iter().all(|stray| scalar(stray.node).contains('='));
    let mut changes = Vec::new();
    for list in lists {
        let items = list.items().enumerate();
        let numbers = items.filter(|(_, item)| places.contains(&item.span().start));
        let removed: HashSet<usize> = numbers.map(|(number, _)| number).collect();
        removable &= removed.is_empty() || !list.spelled().starts_with('[');
        let of_list = ListChanges {
            removed,
            ..ListChanges::default()
        };
        changes.push((list, of_list));
    }
    if !removable {
        let line = edits.line(first.node.span().start);
        let reason = format!(
            "an audit flag is given to `{}` instead of kube-apiserver: remove it",
            excerpt(script.shell)
        );
        return Err(by_hand(Some(line), &reason, settings));
    }
    for (list, changes) in changes
        .iter()
        .filter(|(_, changes)| !changes.removed.is_empty())
    {
        list::check_editable(edits, *list, container)?;
        list::change(edits, *list, changes)?;
    }
    Ok(())
}

/// Checks that the patched manifest has the script.
pub(super) fn check(text: &str, expected: &str, settings: &Settings) -> Result<(), PatchError> {
    let lines = Lines::new(text);
    let part = only_document(text, &lines)?;
    let is_there = Document::read_part(text, part).is_ok_and(|document| {
        let server = document.root().and_then(crate::pod::server);
        server.is_some_and(|server| {
            matches!(of(server.container), Process::Script(script) if script.text == expected)
        })
    });
    if is_there {
        Ok(())
    } else {
        let reason = "the script cannot be changed in place without changing other parts of it";
        Err(by_hand(None, reason, settings))
    }
}

/// Returns why nothing can be added to a script, whatever its commands are.
fn check_text(script: &str) -> Result<(), &'static str> {
    if script.contains('\r') {
        return Err(
            "the script's lines end with CR LF, and the shell reads the CR as a part of the last argument: change them to LF first",
        );
    }
    let backslashes = script.len() - script.trim_end_matches('\\').len();
    if backslashes % 2 == 1 {
        return Err(
            "the script ends with `\\` with no line after it, so that the server gets it as an argument: remove it first",
        );
    }
    Ok(())
}

/// Returns the reason for a script whose servers have different audit flags, with those of the first ones.
fn several(commands: &[ServerCommand], edits: &TextEdits, script: &Script<'_>) -> String {
    let is_block = script.node.spelled().starts_with(['|', '>']);
    let first = edits.line(script.node.span().start) + 1;
    let shown = commands.iter().take(MAX_SHOWN).map(|command| {
        let flags = command.audit_flags().join(" ");
        let flags = match flags.as_str() {
            "" => "none".to_owned(),
            flags => format!("`{}`", excerpt(flags)),
        };
        let before = script.text.get(..command.name.range.start);
        let line = first + before.map_or(0, |before| before.matches('\n').count());
        if is_block {
            format!("in line {line} {flags}")
        } else {
            flags
        }
    });
    let shown: Vec<String> = shown.collect();
    format!(
        "the script {}: {}",
        Obstacle::Several.reason(),
        shown.join(", ")
    )
}

/// Returns why flags cannot be placed among these words.
fn check_words(command: &ServerCommand) -> Result<(), String> {
    let unknown = command.arguments.iter().find(|word| !word.is_one_flag());
    if let Some(word) = unknown {
        return Err(format!(
            "the server gets `{}`, whose value may contain audit flags",
            excerpt(&word.text)
        ));
    }
    if command.arguments.iter().any(|word| word.text == "--") {
        return Err("the server's flags end at `--`".to_owned());
    }
    Ok(())
}

/// Decides what changes in the server's words: in `command` and `args`, and in the script.
fn changes(
    command: &ServerCommand,
    script: &Script<'_>,
    manifest: &Manifest<'_>,
    settings: &Settings,
    before: &Settings,
) -> Result<[ListChanges; 3], String> {
    let items = items(command, script, manifest);
    let given = given(&items);
    let mut changes: [ListChanges; 3] = std::array::from_fn(|_| ListChanges::default());
    let missing = decide_all(settings, before, &given, &items, &mut changes);
    if !missing.is_empty() {
        let last = last_own(&given).or_else(|| items.len().checked_sub(1));
        let is_shared = parameters::uses(script.text) > 1;
        let place = place(
            last.and_then(|at| items.get(at)),
            command,
            script,
            is_shared,
        );
        let style = match place {
            (SCRIPT, _) => QuoteStyle::Shell,
            _ => style_of(&items, script, manifest),
        };
        if let Some(changes) = changes.get_mut(place.0) {
            changes.after = place.1;
            changes.added = missing.iter().map(|flag| style.write(flag)).collect();
        }
    }
    let [of_command, of_args, of_script] = &changes;
    let changes_arguments = !of_command.is_empty() || !of_args.is_empty();
    if changes_arguments && parameters::uses(script.text) > 1 {
        return Err("the script uses its arguments in more than one place".to_owned());
    }
    let written = of_script
        .added
        .iter()
        .chain(of_script.replaced.iter().map(|(_, text)| text));
    for text in written {
        // The kubelet replaces `$(NAME)` in a command, and `$$` by `$`.
        if text.starts_with("$'") || text.contains("$(") || text.contains("$$") {
            return Err(format!("`{}` cannot be written in a script", excerpt(text)));
        }
    }
    Ok(changes)
}

/// Returns the server's arguments with their places.
fn items(
    command: &ServerCommand,
    script: &Script<'_>,
    manifest: &Manifest<'_>,
) -> Vec<ArgumentItem> {
    let arguments = command.arguments.iter().enumerate();
    arguments
        .map(|(number, word)| {
            let parameter = word
                .parameter
                .and_then(|index| script.parameters.get(index));
            let (list, number, style) = match parameter {
                Some(parameter) => (
                    parameter.list,
                    parameter.number,
                    QuoteStyle::of(Some(parameter.node), manifest.is_json),
                ),
                None => (SCRIPT, number, QuoteStyle::Shell),
            };
            ArgumentItem {
                list,
                number,
                style,
                text: word.text.clone(),
                is_clean: word.expansion.is_none(),
            }
        })
        .collect()
}

/// Returns the list that flags are added to, and the item that they follow: the last argument, or the server's name if there is none. Arguments that the script uses elsewhere,
/// too, stay as they are.
fn place(
    last: Option<&ArgumentItem>,
    command: &ServerCommand,
    script: &Script<'_>,
    is_shared: bool,
) -> (usize, Option<usize>) {
    let name = command.name.parameter;
    let name = name.and_then(|index| script.parameters.get(index));
    match (last, name) {
        (Some(item), None) if item.list != SCRIPT && is_shared => {
            let own = command.arguments.iter();
            (
                SCRIPT,
                own.into_iter().rposition(|word| word.parameter.is_none()),
            )
        }
        (Some(item), _) => (item.list, Some(item.number)),
        (None, Some(name)) => (name.list, Some(name.number)),
        (None, None) => (SCRIPT, None),
    }
}

/// Returns the quotes of the last argument in the container's lists.
fn style_of(items: &[ArgumentItem], script: &Script<'_>, manifest: &Manifest<'_>) -> QuoteStyle {
    let last = items.iter().rfind(|item| item.list != SCRIPT);
    let name = script.parameters.last().map(|parameter| parameter.node);
    last.map_or_else(|| QuoteStyle::of(name, manifest.is_json), |item| item.style)
}

/// Returns the edits of the script, in its order.
fn script_edits(script: &str, command: &ServerCommand, changes: &ListChanges) -> Vec<ScalarEdit> {
    let words = &command.arguments;
    let previous = |number: usize| match number.checked_sub(1).and_then(|before| words.get(before))
    {
        Some(word) => word,
        None => &command.name,
    };
    let mut edits = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let replaced = changes.replaced.iter().find(|(index, _)| *index == number);
        if changes.removed.contains(&number) {
            edits.push(ScalarEdit {
                range: previous(number).range.end..word.range.end,
                keeps_start: true,
                text: String::new(),
            });
        } else if let Some((_, text)) = replaced {
            edits.push(ScalarEdit {
                range: word.range.clone(),
                keeps_start: false,
                text: text.clone(),
            });
        }
    }
    if !changes.added.is_empty() {
        let after = changes
            .after
            .and_then(|at| words.get(at))
            .unwrap_or(&command.name);
        let separator = separator(script, command);
        let text: String = changes
            .added
            .iter()
            .flat_map(|flag| [separator, flag.as_str()])
            .collect();
        edits.push(ScalarEdit {
            range: after.range.end..after.range.end,
            keeps_start: true,
            text,
        });
    }
    edits.sort_short_by_key(|edit| (edit.range.end, edit.range.start));
    edits
}

/// Returns the text between two words: a line continuation where the server's last words have one.
fn separator<'s>(script: &'s str, command: &ServerCommand) -> &'s str {
    let words: Vec<&Word> = std::iter::once(&command.name)
        .chain(&command.arguments)
        .collect();
    let between = |pair: &[&Word]| match pair {
        [one, other] => script.get(one.range.end..other.range.start),
        _ => None,
    };
    let last = words.windows(2).next_back().and_then(between);
    let is_continued = |text: &&str| text.trim() == "\\" && text.matches('\n').count() == 1;
    last.filter(is_continued).unwrap_or(" ")
}

fn applied(script: &str, edits: &[ScalarEdit]) -> String {
    let mut out = String::with_capacity(script.len() * 2);
    let mut at = 0;
    for ScalarEdit {
        range: Range { start, end },
        text,
        ..
    } in edits
    {
        out.push_str(script.get(at..*start).unwrap_or_default());
        out.push_str(text);
        at = *end;
    }
    out.push_str(script.get(at..).unwrap_or_default());
    out
}

/// Returns whether YAML reads a text without quotes as it is.
fn stays_plain(list: Node<'_>, text: &str) -> bool {
    let is_flow = list.spelled().starts_with('[');
    let source = if is_flow {
        format!("[{text}]\n")
    } else {
        format!("- {text}\n")
    };
    Document::read(&source).is_ok_and(|document| {
        let mut items = document.root().into_iter().flat_map(Node::items);
        items.next().and_then(Node::text) == Some(text) && items.next().is_none()
    })
}
