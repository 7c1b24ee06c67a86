//! `reference`, whose text is a page of the documentation site.

use std::collections::BTreeSet;

use crate::Folder;

/// Returns the options and positional arguments that a help text lists. Their explanations are indented further.
fn listed_in_help(help: &str) -> BTreeSet<String> {
    let names = help.lines().filter_map(|line| {
        let positional = line
            .strip_prefix("  <")
            .or_else(|| line.strip_prefix("  ["));
        let option = line.strip_prefix("      --").map(|_| line.trim_start());
        positional.or(option)?.split([' ', '>', ']']).next()
    });
    names.map(str::to_owned).collect()
}

/// Returns the arguments in the rows of a section.
fn listed_in_section(section: &str) -> BTreeSet<String> {
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split(['`', ' ', '…']).next())
        .map(str::to_owned)
        .collect()
}

/// Returns the commands that the help lists.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn it_has_every_command_and_option_of_the_help() {
    let folder = Folder::new("reference", &[]);
    let reference = folder.run(&["reference"]);
    assert_eq!(reference.status, 0, "{}", reference.err);
    let help = folder.run(&["--help"]).out;
    let commands = commands(&help);
    assert!(
        commands.len() >= 10 && commands.iter().any(|name| name == "check"),
        "{commands:?}"
    );

    let mut sections = reference.out.split("\n## `audit-policy ");
    let global = listed_in_section(sections.next().unwrap());
    assert!(global.contains("--kubernetes-version"), "{global:?}");
    let sections: Vec<(&str, &str)> = sections
        .filter_map(|section| section.split_once('`'))
        .collect();
    let names: Vec<&str> = sections.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, commands, "in the order of the help");
    for (name, section) in sections {
        let mut expected = listed_in_help(&folder.run(&[name, "--help"]).out);
        for global in &global {
            assert!(expected.remove(global), "{name}: {global}");
        }
        assert_eq!(listed_in_section(section), expected, "{name}");
    }
}

#[test]
fn it_has_the_help_of_an_option() {
    let folder = Folder::new("reference-help", &[]);
    let reference = folder.run(&["reference"]).out;
    for row in [
        "| `--fail-on SEVERITY` | Also fail if a finding has this severity or a higher one; kube-apiserver's own warnings count as warnings. \
         Values: `error`: The server rejects it, or does not start with it; `warning`: It probably does not do what was intended; `info`: Worth knowing.",
        "| `--compress` | Compress rotated files. |",
    ] {
        assert!(reference.contains(row), "{row}\n{reference}");
    }
}
