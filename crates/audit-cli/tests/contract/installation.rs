//! `completions` and `man`.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::Folder;

/// Runs a program on a text; `None` if it is not installed.
fn run(program: &str, words: &[&str], input: &str) -> Option<(bool, String)> {
    let spawned = Command::new(program)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: there is no {program}");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // The output may fill its pipe while the input is written.
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writing.join();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    Some((output.status.success(), text + &errors))
}

/// Commands of the help, without hidden ones.
fn commands(folder: &Folder) -> Vec<String> {
    let help = folder.run(&["--help"]).out;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn each_shell_has_a_script_with_every_command() {
    let folder = Folder::new("completions", &[]);
    let commands = commands(&folder);
    assert!(commands.contains(&"check".to_owned()));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = folder.run(&["completions", shell]);
        assert_eq!((ran.status, &*ran.err), (0, ""), "{shell}");
        for command in &commands {
            assert!(ran.out.contains(command.as_str()), "{shell}: {command}");
        }
        assert!(!ran.out.contains("reference"), "{shell}: a hidden command");
    }
}

#[test]
fn bash_completes_a_command_and_an_option() {
    let folder = Folder::new("completions-bash", &[]);
    let script = folder.run(&["completions", "bash"]).out;
    for (line, expected) in [
        ("audit-policy simul", "simulate"),
        ("audit-policy check --fail", "--fail-on"),
        ("audit-policy check --format sar", "sarif"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let asked = format!(
            "{script}\nCOMP_WORDS=({line})\nCOMP_CWORD={}\n_audit-policy audit-policy {} {}\necho \"${{COMPREPLY[*]}}\"\n",
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2],
        );
        let Some((is_done, text)) = run("bash", &["-s"], &asked) else {
            return;
        };
        assert!(is_done && text.trim() == expected, "{line}: {text}");
    }
}

#[test]
fn an_unknown_shell_is_a_wrong_call() {
    let folder = Folder::new("completions-unknown", &[]);
    let ran = folder.run(&["completions", "csh"]);
    assert_eq!((ran.status, &*ran.out), (2, ""));
    assert!(ran.err.contains("csh"), "{}", ran.err);
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let folder = Folder::new("man", &[]);
    assert_eq!(folder.run(&["man", "--dir", "."]).status, 0);
    let program = folder.run(&["man"]).out;
    assert_eq!(program, folder.read("audit-policy.1"));
    for command in commands(&folder) {
        let page = folder.read(&format!("audit-policy-{command}.1"));
        assert_eq!(page, folder.run(&["man", &command]).out, "{command}");
        let name = format!("audit\\-policy\\-{}", command.replace('-', "\\-"));
        assert!(page.contains(&name), "{command}: {page}");
        assert!(program.contains(&name), "{command}");
    }
    assert!(!folder.0.join("audit-policy-reference.1").exists());
    let ran = folder.run(&["man", "checks"]);
    assert_eq!(ran.status, 2);
    let message = "`checks` is not a command; the commands are `check`, ";
    assert!(ran.err.contains(message), "{}", ran.err);
}

#[test]
fn groff_formats_the_pages_without_a_warning() {
    let folder = Folder::new("man-groff", &[]);
    for words in [&["man"][..], &["man", "check"], &["man", "export"]] {
        let page = folder.run(words).out;
        let Some((is_done, text)) = run("groff", &["-man", "-Tascii", "-ww", "-z"], &page) else {
            return;
        };
        assert_eq!((is_done, &*text), (true, ""), "{words:?}");
    }
}
