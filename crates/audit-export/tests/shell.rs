//! The flags through a real shell: what a server would be started with.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::process::Command;

use apiserver_config::{Flag, Settings};
use audit_export::{Target, render};

/// The arguments that bash gives a command of that name.
fn arguments(script: &str) -> Vec<String> {
    let script = format!("kube-apiserver() {{ printf '%s\\0' \"$@\"; }}\n{script}");
    let ran = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let text = String::from_utf8(ran.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

fn settings(path: &str) -> Settings {
    let mut settings = Settings::new("");
    settings.include_defaults = true;
    settings.policy_path = path.to_owned();
    settings.log.path = format!("{path}.log");
    settings.webhook.config_path = format!("{path}/$(webhook)");
    settings
}

#[test]
fn a_shell_gives_the_server_exactly_the_flags() {
    for path in [
        "/etc/kubernetes/audit/policy.yaml",
        "/a b/c",
        "/it's/a \"test\"",
        "/$HOME/`id`/$(id)/!x",
        "/a\\b/*/?/[c]/{d,e}/~",
        "/a;b&c|d>e<f#g",
        "/a\nb\tc\rd\u{7f}",
        "/журнал/\u{a0}\u{2028}",
        "-",
    ] {
        let settings = settings(path);
        let flags: Vec<String> = settings.flags().iter().map(Flag::argument).collect();
        let line = render(&settings, Target::Shell).text;
        assert_eq!(arguments(&line), flags, "{line}");
        let lines = render(&settings, Target::Flags).text;
        let joined = format!(
            "kube-apiserver \\\n{}",
            lines.trim_end().replace('\n', " \\\n")
        );
        assert_eq!(arguments(&joined), flags, "{joined}");
    }
}
