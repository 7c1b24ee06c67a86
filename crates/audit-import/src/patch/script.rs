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
use crate::parsed_input::{Lines, scalar};
use crate::process::{Process, Script, of};
use crate::script_flags::uses_parameters;
use crate::shell_script::{ServerCommand, Word, server_command};

/// Edits the script. Returns the text that it has afterwards.
pub(super) fn edit(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    script: &Script<'_>,
    settings: &Settings,
    before: &Settings,
) -> Result<String, PatchError> {
    let line = edits.line(script.node.span().start);
    let fail = |reason: &str| by_hand(Some(line), reason, settings);
    remove_strays(edits, manifest, script, settings)?;
    let command = server_command(script.text)
        .map_err(|obstacle| fail(&format!("the script {}", obstacle.reason())))?;
    check_words(&command).map_err(|reason| fail(&reason))?;
    let changes = changes(&command, settings, before);
    let changes = changes.map_err(|reason| fail(&reason))?;
    let script_edits = script_edits(script.text, &command, &changes);
    if script_edits.is_empty() {
        return Ok(script.text.to_owned());
    }
    let expected = applied(script.text, &script_edits);
    list::check_editable(edits, script.list, manifest.server.container)?;
    list::check_editable(edits, script.node, manifest.server.container)?;
    let style = QuoteStyle::of(Some(script.node), manifest.is_json);
    if style == QuoteStyle::Plain
        && !script.node.spelled().starts_with(['|', '>'])
        && !stays_plain(script.list, &expected)
    {
        edits.replace(script.node.span(), quote::single(&expected));
        return Ok(expected);
    }
    let scalar = Scalar::new(
        script.node.spelled(),
        script.text,
        style,
        edits.line_ending(),
    );
    let Some(scalar) = scalar else {
        return Err(fail(
            "the script's text is written in a form that cannot be changed in place",
        ));
    };
    let start = script.node.span().start;
    for edit in script_edits {
        let Some((range, text)) = scalar.edit(&edit) else {
            return Err(fail(
                "the script's text is written in a form that cannot be changed in place",
            ));
        };
        let span = audit_policy::Span::new(start + range.start, start + range.end);
        edits.replace(span, text);
    }
    Ok(expected)
}

/// Removes audit flags that the shell gets and the server does not: items on lines of their own, if the script does not use its arguments.
fn remove_strays(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    script: &Script<'_>,
    settings: &Settings,
) -> Result<(), PatchError> {
    let Some(first) = script.strays.first() else {
        return Ok(());
    };
    let container = manifest.server.container;
    let lists = ["command", "args"]
        .into_iter()
        .filter_map(|name| container.get(name));
    let is_stray = |item: Node<'_>| scalar(item).starts_with("--audit-");
    let mut removable = !uses_parameters(script.text)
        && script
            .strays
            .iter()
            .all(|stray| scalar(stray.node).contains('='));
    let mut changes = Vec::new();
    for list in lists {
        let numbers = list.items().enumerate().filter(|(_, item)| is_stray(*item));
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

/// Decides what changes in the server's words.
fn changes(
    command: &ServerCommand,
    settings: &Settings,
    before: &Settings,
) -> Result<ListChanges, String> {
    let items: Vec<ArgumentItem> = command
        .arguments
        .iter()
        .enumerate()
        .map(|(number, word)| ArgumentItem {
            list: 0,
            number,
            style: QuoteStyle::Shell,
            text: word.text.clone(),
            is_clean: word.expansion.is_none(),
        })
        .collect();
    let given = given(&items);
    let mut both = [ListChanges::default(), ListChanges::default()];
    let missing = decide_all(settings, before, &given, &items, &mut both);
    let [mut changes, _] = both;
    changes.after = last_own(&given).or_else(|| items.len().checked_sub(1));
    changes.added = missing.iter().map(|flag| quote::shell(flag)).collect();
    let written = changes
        .added
        .iter()
        .chain(changes.replaced.iter().map(|(_, text)| text));
    for text in written {
        // The kubelet replaces `$(NAME)` in a command, and `$$` by `$`.
        if text.starts_with("$'") || text.contains("$(") || text.contains("$$") {
            return Err(format!("`{}` cannot be written in a script", excerpt(text)));
        }
    }
    Ok(changes)
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
