//! Manifests whose process is a shell: the patched script is run by a real shell, with a kube-apiserver that prints its arguments.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
#![cfg(unix)]

// Other tests use the settings.
#[allow(dead_code)]
mod random;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use apiserver_config::{Flag, KubernetesVersion, Settings};
use audit_import::{import, patch};
use random::Random;
use serde_norway::Value;

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// A manifest of a container with this command.
fn manifest(command: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: kube-apiserver}}\nspec:\n  containers:\n  - name: kube-apiserver\n{command}    image: k8s.gcr.io/kube-apiserver:v1.30.1\n"
    )
}

/// The command and arguments of the container.
fn argv(manifest: &str) -> Vec<String> {
    let pod: Value = serde_norway::from_str(manifest).unwrap_or_else(|e| panic!("{e}\n{manifest}"));
    let container = &pod["spec"]["containers"][0];
    let lists = ["command", "args"].map(|name| container[name].as_sequence().cloned());
    let items = lists.into_iter().flatten().flatten();
    items
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

/// A folder with a kube-apiserver that writes its arguments to a file, one per line.
struct Stub(PathBuf);

impl Stub {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("audit-shell-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("kube-apiserver");
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}/out'\n",
            folder.display()
        );
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    /// Arguments that the server gets from a command. `None` if the shell is not installed.
    fn run(&self, argv: &[String]) -> Option<Vec<String>> {
        if !Path::new(&argv[0]).exists() {
            eprintln!("skipped: `{}` is not installed", argv[0]);
            return None;
        }
        let folder = self.0.to_str().unwrap();
        let argv: Vec<String> = argv
            .iter()
            .map(|word| {
                word.replace("/tmp/", "@/")
                    .replace("/usr/local/bin/", "@/")
                    .replace("@/", &format!("{folder}/"))
                    .replace("/var/log/kube-", &format!("{folder}/kube-"))
            })
            .collect();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
        let out = self.0.join("out");
        let _ = fs::remove_file(&out);
        let ran = Command::new(&argv[0])
            .args(&argv[1..])
            .env("PATH", path)
            .current_dir(&self.0)
            .output()
            .unwrap();
        let text =
            fs::read_to_string(&out).unwrap_or_else(|_| panic!("no server ran: {argv:?}: {ran:?}"));
        Some(text.lines().map(str::to_owned).collect())
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn flags(settings: &Settings) -> Vec<String> {
    settings.flags().iter().map(Flag::argument).collect()
}

/// Commands in the forms that people write, with the server's own arguments.
const COMMANDS: [&str; 39] = [
    // As kOps and GCE wrote it, from the field.
    "    command:\n    - /bin/sh\n    - -c\n    - mkfifo /tmp/pipe; (tee -a /var/log/kube-apiserver.log < /tmp/pipe & ) ; exec /usr/local/bin/kube-apiserver --v=2 --secure-port=443 > /tmp/pipe 2>&1\n",
    "    command: [/bin/sh, -c, \"exec /usr/local/bin/kube-apiserver --v=2 --secure-port=443 1>>/var/log/kube-apiserver.log 2>&1\"]\n",
    "    command: [\"/bin/sh\", \"-c\"]\n    args: [\"exec kube-apiserver --v=2 --secure-port=443\"]\n",
    "    command: [\"/bin/sh\", \"-c\"]\n    args: ['exec kube-apiserver ''--v=2'' --secure-port=443; echo done']\n",
    "    command:\n    - /bin/sh\n    - -ec\n    - |\n      # start\n      set -x\n      exec kube-apiserver \\\n        --v=2 \\\n        --secure-port=443 \\\n        2>&1\n",
    "    command:\n    - /bin/sh\n    - -ec\n    - |-\n      exec kube-apiserver --v=2 --secure-port=443 | tee /tmp/l\n",
    "    command:\n    - /bin/sh\n    - -xc\n    - |2\n        kube-apiserver --v=2 --secure-port=443 && echo done\n",
    "    command:\n    - /bin/sh\n    - -c\n    - >\n      exec kube-apiserver\n      --v=2\n      --secure-port=443\n      2>&1\n",
    "    command:\n    - /bin/sh\n    - -c\n    - >-\n      exec kube-apiserver\n      --v=2\n      --secure-port=443\n",
    "    command:\n    - /bin/sh\n    - -c\n    - exec kube-apiserver --v=2\n      --secure-port=443\n      2>&1\n",
    "    command:\n    - /bin/sh\n    - -c\n    - \"exec kube-apiserver --v=2 \\\n      --secure-port=443 2>&1\"\n",
    "    command:\n    - /bin/sh\n    - -c\n    - \"exec kube-apiserver \\\"--v=2\\\" \\\\\\n  --secure-port=443 \\\\\\n  2>&1\\n\"\n",
    "    command:\n    - /bin/bash\n    - -euo\n    - pipefail\n    - -c\n    - kube-apiserver --v=2 --secure-port=443 &> /tmp/l\n",
    "    command: [/usr/bin/env, sh, -c, kube-apiserver --v=2 --secure-port=443]\n",
    "    command: [/bin/sh, -c]\n    args:\n    - FOO=bar kube-apiserver --v=2 --secure-port=443 & wait $!\n",
    "    command: [/bin/sh, -c]\n    args:\n    - if true; then kube-apiserver --v=2 --secure-port=443; fi\n",
    "    command: [/bin/sh, -c]\n    args:\n    - (kube-apiserver --v=2 --secure-port=443)\n",
    "    command: [/bin/sh, -c]\n    args:\n    - env A=b timeout 60 kube-apiserver --v=2 --secure-port=443 </dev/null\n",
    "    command: [/bin/sh, -c]\n    args:\n    - kube-apiserver >/tmp/l --v=2 --secure-port=443 2>&1\n",
    "    command: [/bin/sh, -c]\n    args:\n    - kube-apiserver --audit-log-path=/old --v=2 --audit-log-maxage 3 --secure-port=443\n",
    "    command: [/bin/sh, -c]\n    args:\n    - |\n      kube-apiserver \\\n        --audit-log-path=/old \\\n        --v=2 \\\n        --secure-port=443\n",
    "    command: [/bin/sh]\n    args: [-c, 'ulimit -n 1024 && exec kube-apiserver --v=2 --secure-port=443 # last']\n",
    "    command: [/bin/sh]\n    args:\n    - -c\n    - |+\n      #!/bin/sh\n      until test -d /; do sleep 1; done\n      start() {\n        kube-apiserver --v=2 --secure-port=443 \"--audit-log-path=/a\" >> /tmp/l 2>&1 < /dev/null &\n        wait $!\n      }\n      start\n\n",
    "    command: [/bin/sh, -c, \"trap 'exit 0' TERM; kube-apiserver --v=2 --secure-port=443 --audit-policy-file=\\\"/a b\\\"\"]\n",
    "    command: ['/bin/sh', '-c', 'echo \"it''s kube-apiserver\"; kube-apiserver --v=2 --secure-port=443']\n",
    "    command: [/bin/sh, -c]\n    args: [\"case x in kube) ;; *) kube-apiserver --v=2 --secure-port=443;; esac\"]\n",
    "    command: [/bin/sh, -c]\n    args:\n    - nohup kube-apiserver --v=2 --secure-port=443 2>/dev/null\n",
    "    command: [/bin/sh, -c]\n    args:\n    - >-\n      exec\n      kube-apiserver\n      --v=2\n      --audit-log-path=/old\n      --secure-port=443\n",
    "    command: [/bin/sh, -c]\n    args:\n    - |\n      exec kube-apiserver \\\n        --audit-log-path=- \\\n        --v=2 --secure-port=443 \\\n        --audit-log-maxage=7\n",
    "    args: [-c, kube-apiserver --v=2 --secure-port=443]\n    command: [/bin/sh]\n",
    "    command: [/bin/sh, -c, 'test -z \"$NOT_SET\" || exit 1; exec kube-apiserver --v=2 --secure-port=443 ']\n",
    "    command: [/bin/sh, -c]\n    args:\n    - kube-apiserver --v=2 --secure-port=443\n    - --not-read\n",
    // The script passes its own arguments on.
    "    command: [/bin/sh, -c, 'exec \"$@\"', sh]\n    args: [kube-apiserver, --v=2, --secure-port=443]\n",
    "    command:\n    - /bin/sh\n    - -c\n    - exec kube-apiserver \"$@\" 2>&1\n    - kube-apiserver\n    args:\n    - --v=2\n    - --audit-log-path=/old\n    - --secure-port=443\n",
    "    command: [/bin/sh, -c, 'kube-apiserver --v=2 \"$@\" | tee /tmp/l', sh, --secure-port=443]\n",
    "    command: [/bin/sh, -c, 'exec kube-apiserver --v=2 --secure-port=443 \"$@\"']\n",
    "    command: [/bin/sh, -c, 'exec \"$0\" \"$@\"', kube-apiserver, --v=2]\n    args:\n    - --audit-log-maxage\n    - \"3\"\n    - --secure-port=443\n",
    "    command: [/bin/sh, -c, 'echo \"$@\"; exec kube-apiserver \"$@\"', sh, --v=2, --secure-port=443]\n",
    "    command: [/bin/sh, -c, 'set -e; exec kube-apiserver $1 $2', sh, --v=2, --secure-port=443]\n",
];

#[test]
fn a_server_behind_a_shell_gets_the_flags_and_its_own() {
    if !Path::new("/bin/sh").exists() {
        eprintln!("skipped: there is no /bin/sh");
        return;
    }
    let mut spaced = Settings::new("");
    spaced.policy_path = "/etc/my policies/it's # 1: \"a\"/p.yaml".to_owned();
    spaced.log.path = "/var/log/a b/audit.log".to_owned();
    let stub = Stub::new("run");
    for command in COMMANDS {
        for (settings, dos) in [
            (Settings::new(""), false),
            (spaced.clone(), false),
            (Settings::new(""), true),
        ] {
            let mut before = manifest(command);
            if dos {
                before = before.replace('\n', "\r\n");
            }
            let after = match patch(&settings, &before) {
                Ok(patched) => patched.text,
                Err(error) => panic!("{error} ({})\n{before}", error.help),
            };
            let read = import(&after, NEWEST);
            assert_eq!(flags(&read.settings), flags(&settings), "{after}");
            // A second patch changes nothing.
            assert_eq!(patch(&settings, &after).unwrap().text, after);
            let Some(given) = stub.run(&argv(&after)) else {
                continue;
            };
            // A flag and its value may be two arguments.
            let given: Vec<String> = given
                .join("\n")
                .replace("maxage\n", "maxage=")
                .lines()
                .map(str::to_owned)
                .collect();
            let (own, ours): (Vec<_>, Vec<_>) = given
                .into_iter()
                .partition(|word| !word.starts_with("--audit-"));
            assert_eq!(own, ["--v=2", "--secure-port=443"], "{after}");
            let (mut ours, mut wanted) = (ours, flags(&settings));
            ours.sort();
            wanted.sort();
            assert_eq!(ours, wanted, "{after}");
        }
    }
}

#[test]
fn a_script_in_json_is_patched() {
    let before = r#"{
  "kind": "Pod",
  "spec": {
    "containers": [
      {
        "name": "kube-apiserver",
        "command": ["/bin/sh", "-c", "exec kube-apiserver --v=2 --cloud-config=\"/etc/gce.conf\" 1>>/tmp/kube-apiserver.log 2>&1"]
      }
    ]
  }
}
"#;
    let after = patch(&Settings::new(""), before).unwrap().text;
    let given = Stub::new("json").run(&argv(&after)).unwrap_or_default();
    let own = ["--v=2", "--cloud-config=/etc/gce.conf"].map(str::to_owned);
    assert_eq!(
        given,
        [own.to_vec(), flags(&Settings::new(""))].concat(),
        "{after}"
    );
}

#[test]
fn arguments_for_an_unknown_entry_point_are_read_as_a_script() {
    let before = manifest("    args: [-c, exec kube-apiserver --v=2 2>&1]\n");
    let mut settings = Settings::new("");
    settings.policy_path.clear();
    settings.log.path = "-".to_owned();
    let after = patch(&settings, &before).unwrap().text;
    assert!(
        after.contains("exec kube-apiserver --v=2 --audit-log-path=- 2>&1]"),
        "{after}"
    );
}

#[test]
fn flags_keep_the_layout_of_the_script() {
    let before = manifest(COMMANDS[4]);
    let mut settings = Settings::new("");
    settings.policy_path.clear();
    settings.log.path = "-".to_owned();
    let diff = patch(&settings, &before).unwrap().diff("m");
    let changed: Vec<_> = diff
        .lines()
        .skip(2)
        .filter(|line| line.starts_with(['+', '-']))
        .collect();
    assert_eq!(changed, ["+        --audit-log-path=- \\"]);
}

#[test]
fn what_is_not_certain_is_rejected_with_the_flags_to_add() {
    for (script, reason) in [
        ("exec kube-apiserver \"${@:2}\"", "`${@:2}`"),
        ("shift; exec kube-apiserver \"$@\"", "`set` or `shift`"),
        (
            "run() { kube-apiserver \"$@\"; }; run --v=2",
            "in a function",
        ),
        ("exec kube-apiserver --v=2 $ARGS", "`$ARGS`"),
        ("exec kube-apiserver --v=2 \"$ARGS\"", "`$ARGS`"),
        ("exec kube-apiserver $(ARGS)", "`$(ARGS)`"),
        ("exec kube-apiserver `cat /args`", "cat /args"),
        ("exec kube-apiserver --v=2 -- x", "`--`"),
        ("eval \"kube-apiserver --v=2\"", "eval"),
        ("eval kube-apiserver $X", "eval"),
        ("exec bash -c 'kube-apiserver --v=2'", "eval"),
        (
            "if a; then kube-apiserver --audit-log-path=/a; else kube-apiserver --audit-log-path=/b; fi",
            "with different audit flags: in line 10 `--audit-log-path=/a`, in line 10 `--audit-log-path=/b`",
        ),
        ("echo a3ViZQ== | base64 -d | sh", "by its name"),
        ("exec /start.sh --v=2", "by its name"),
        ("exec $SERVER --v=2", "by its name"),
        ("xargs kube-apiserver < /args", "by its name"),
    ] {
        let before = manifest(&format!(
            "    command: [/bin/sh, -c]\n    args:\n    - |\n      {script}\n"
        ));
        let error = patch(&Settings::new(""), &before).unwrap_err();
        assert!(error.message.contains(reason), "{script}: {error}");
        for part in [
            "--audit-policy-file=/etc/kubernetes/audit/policy.yaml --audit-log-path=/var/log/kubernetes/audit/audit.log",
            "/var/log/kubernetes/audit (DirectoryOrCreate, writable)",
        ] {
            assert!(error.help.contains(part), "{}", error.help);
        }
        assert!(error.line.is_some());
    }
    let here = "    command: [/bin/sh, -c]\n    args:\n    - |\n      exec kube-apiserver --v=2 <<EOF\n      a\n";
    let error = patch(&Settings::new(""), &manifest(here)).unwrap_err();
    assert!(error.message.contains("here-document"), "{error}");
    for command in [
        "[/bin/start.sh]",
        "[/bin/sh, /start.sh]",
        "[/bin/start.sh, --secure-port=1]",
        "[python3, -c, x]",
        "[/bin/sh]",
    ] {
        let before = manifest(&format!("    command: {command}\n"));
        let error = patch(&Settings::new(""), &before).unwrap_err();
        assert!(
            error.message.contains("may not pass its arguments"),
            "{command}: {error}"
        );
        assert!(
            error.help.contains("--audit-policy-file="),
            "{}",
            error.help
        );
    }
}

#[test]
fn a_wrapper_that_passes_its_arguments_gets_the_flags() {
    for command in [
        "[/go-runner, --log-file=/l, /usr/local/bin/kube-apiserver, --v=2]",
        "[tini, --, kube-apiserver, --v=2]",
        "[/usr/bin/dumb-init, kube-apiserver, --v=2]",
        "[setpriv, --reuid, '1', kube-apiserver, --v=2]",
        "[timeout, '5', kube-apiserver, --v=2]",
        "[nsenter, -t, '1', -m, --, kube-apiserver, --v=2]",
        "[/hyperkube, apiserver, --v=2]",
        "[/opt/entrypoint, kube-apiserver, --v=2]",
    ] {
        let before = manifest(&format!("    command: {command}\n"));
        let after = patch(&Settings::new(""), &before).unwrap().text;
        let argv = argv(&after);
        let at = argv.iter().position(|word| word == "--v=2").unwrap();
        assert_eq!(argv[at + 1..], flags(&Settings::new("")), "{after}");
    }
}

#[test]
fn flags_are_read_from_scripts() {
    for (command, expected) in [
        (
            "[/bin/sh, -c, 'FOO=bar exec kube-apiserver --audit-log-path=/a --v=2 2>&1']",
            &["--audit-log-path=/a"][..],
        ),
        (
            "[/bin/sh, -c, 'kube-apiserver --audit-log-path=/a --v=2; other --audit-log-maxage=3']",
            &["--audit-log-path=/a"],
        ),
        (
            "[/bin/sh, -c, 'kube-apiserver $(ARGS) --v=2']\n    env: [{name: ARGS, value: --audit-log-path=/a --audit-log-maxage=3}]",
            &["--audit-log-path=/a", "--audit-log-maxage=3"],
        ),
        (
            "[/bin/sh, -c, 'kube-apiserver --audit-log-path=${LOGS}/a.log']\n    env: [{name: LOGS, value: /logs}]",
            &["--audit-log-path=/logs/a.log"],
        ),
        (
            "[/bin/sh, -c, 'A=\"--audit-log-path=/a --audit-log-maxage=3\"; exec kube-apiserver $A']",
            &["--audit-log-path=/a", "--audit-log-maxage=3"],
        ),
        (
            "[/bin/sh, -c, 'exec kube-apiserver \"$@\"', sh, --audit-log-path=/a]",
            &["--audit-log-path=/a"],
        ),
        (
            "[/bin/sh, -c, 'eval \"kube-apiserver --audit-log-path=/a\"']",
            &["--audit-log-path=/a"],
        ),
        (
            "[tini, --, bash, -c, 'kube-apiserver --audit-log-path \"/a b\"']",
            &["--audit-log-path=/a b"],
        ),
        (
            "[kube-apiserver, --audit-log-path=$(LOGS)/a.log]\n    env: [{name: LOGS, value: /logs}]",
            &["--audit-log-path=/logs/a.log"],
        ),
        (
            "[/bin/sh, -c, 'kube-apiserver --v=2', --audit-log-path=/a]",
            &[],
        ),
    ] {
        let read = import(&manifest(&format!("    command: {command}\n")), NEWEST);
        let read: Vec<_> = read
            .settings
            .changed_flags()
            .iter()
            .map(Flag::argument)
            .collect();
        assert_eq!(read, expected, "{command}");
    }
}

#[test]
fn flags_for_the_shell_are_reported_and_not_added_to() {
    for command in [
        "[/bin/sh, -c, 'kube-apiserver --v=2', --audit-log-path=/a]",
        "[/bin/sh, -c, --audit-log-path=/a]\n    args: ['kube-apiserver --v=2']",
        // The first argument is the script's name, and not in `$@`.
        "[/bin/sh, -c, 'kube-apiserver --v=2 \"$@\"', --audit-log-path=/a]",
        "[/bin/sh, -c, 'echo \"$@\"; kube-apiserver --v=2', sh, --audit-log-path=/a]",
    ] {
        let text = manifest(&format!("    command: {command}\n"));
        let read = import(&text, NEWEST);
        let found: Vec<_> = read.findings.iter().filter(|f| f.code == "AE031").collect();
        assert_eq!(found.len(), 1, "{:?}", read.findings);
        assert_eq!(
            found[0].message,
            "`--audit-log-path=/a` is an argument of `/bin/sh`, not of kube-apiserver"
        );
        assert!(patch(&Settings::new(""), &text).is_err());
    }
}

/// Parts of scripts: what stands before the server, and what must stand after it.
const AROUND: [(&str, &str); 10] = [
    ("", ""),
    ("exec ", ""),
    ("set -e; A=1 exec ", ""),
    ("true && env X='y z' ", " && true || false"),
    ("if true; then ", "; fi"),
    ("(", ")"),
    ("{ ", "; }"),
    ("echo 'kube-apiserver \"x\"' >/dev/null; ", ""),
    ("for i in 1; do ", "; done"),
    ("x=$(echo ')' \"a\"); nice -n 0 ", ""),
];

/// Arguments in every way to quote them.
const ARGUMENTS: [&str; 12] = [
    "--v=2",
    "'--a=b  c'",
    "\"--d=\\\"q\\\" \\\\\"",
    "--e=\\ f",
    "--g='$H'",
    "--i=\"$UNSET\"",
    "--j='it'\\''s'",
    "--k=é#1",
    "--audit-log-path=/old",
    "--audit-log-maxage 5",
    "\"--audit-log-maxsize=3\"",
    "--audit-log-path=\"/o l d\"",
];

const REDIRECTIONS: [&str; 8] = [
    "",
    " >/dev/null",
    " 2>&1",
    " >/dev/null 2>&1 </dev/null",
    " | cat",
    " & wait",
    " 2>/dev/null | cat >/dev/null",
    ">/dev/null",
];

/// Writes a script into a manifest, in one of YAML's styles. `None` if the style cannot have it.
fn written(script: &str, style: usize) -> Option<String> {
    let indented = |header: &str, text: &str| {
        let lines = text.lines().map(|line| format!("      {line}\n"));
        format!("{header}\n{}", lines.collect::<String>())
    };
    let double = || audit_text::quote::double(script);
    let value = match style {
        0 if !script.contains('\n') => format!("'{}'\n", script.replace('\'', "''")),
        1 => format!("{}\n", double()),
        2 => indented("|-", script),
        3 => indented("|", script),
        4 if !script.contains('\n') => indented(">-", &script.replacen(" --", "\n--", 3)),
        5 => {
            return Some(manifest(&format!(
                "    command: [/bin/sh, -c, {}]\n",
                double()
            )));
        }
        6 if !script.contains('\n') => {
            let text = format!("{script}\n");
            let is_plain = serde_norway::from_str::<Value>(&format!("- {text}"))
                .is_ok_and(|list| list[0].as_str() == Some(script));
            return is_plain.then(|| {
                manifest(&format!(
                    "    command:\n    - /bin/sh\n    - -c\n    - {text}"
                ))
            });
        }
        _ => return None,
    };
    Some(manifest(&format!(
        "    command: [/bin/sh, -c]\n    args:\n    - {value}"
    )))
}

#[test]
fn random_scripts_keep_the_servers_own_arguments() {
    if !Path::new("/bin/sh").exists() {
        eprintln!("skipped: there is no /bin/sh");
        return;
    }
    let stub = Stub::new("random");
    let mut random = Random(0x1234_5678_9abc_def1);
    let paths = [
        "/etc/p.yaml",
        "/etc/a b/p.yaml",
        "/etc/it's/p.yaml",
        "/etc/a$b/\"p\".yaml",
        "/etc/a: b/ #p",
        "/etc/\\a/`p`",
    ];
    let mut patched = 0;
    for _ in 0..150 {
        let (before, after) = random.of(&AROUND);
        let separator = random.of(&[" ", "  ", " \\\n    ", "\t"]);
        let count = random.below(6);
        let words: Vec<&str> = (0..count).map(|_| random.of(&ARGUMENTS)).collect();
        let words: String = words.iter().flat_map(|word| [separator, *word]).collect();
        let redirection = random.of(&REDIRECTIONS);
        let script = format!("{before}kube-apiserver{words}{redirection}{after}");
        let Some(text) = written(&script, random.of(&[0, 1, 2, 3, 4, 5, 6])) else {
            continue;
        };
        // A background job needs no separator before what follows.
        if redirection.ends_with("wait") && after.starts_with(" &&") {
            continue;
        }
        let mut settings = Settings::new("");
        random.of(&paths).clone_into(&mut settings.policy_path);
        let Ok(changed) = patch(&settings, &text) else {
            panic!("{:?}\n{text}", patch(&settings, &text));
        };
        patched += 1;
        let run = |text: &str| {
            let given = stub.run(&argv(text)).unwrap();
            let given = given.join("\n").replace("maxage\n", "maxage=");
            let (own, ours): (Vec<_>, Vec<_>) = given
                .lines()
                .map(str::to_owned)
                .partition(|word| !word.starts_with("--audit-"));
            (own, ours)
        };
        let (own, ours) = run(&changed.text);
        assert_eq!(own, run(&text).0, "{}", changed.text);
        let shell = import(
            &ours
                .join("\n")
                .replace(['\'', '"', '\\', '$', '`', '#', ' '], "_"),
            NEWEST,
        );
        let wanted = flags(&settings)
            .join("\n")
            .replace(['\'', '"', '\\', '$', '`', '#', ' '], "_");
        assert_eq!(
            flags(&shell.settings).join("\n"),
            wanted,
            "{}",
            changed.text
        );
    }
    assert!(patched > 80, "{patched}");
}

#[test]
fn flags_that_an_earlier_patch_gave_to_the_shell_are_moved() {
    let shell = "    command:\n    - /bin/sh\n    - -c\n";
    let ours = "    - --audit-policy-file=/old.yaml\n    - --audit-log-path=/old\n";
    for command in [
        format!("{shell}    - exec kube-apiserver --v=2 2>&1\n{ours}"),
        format!("{shell}{ours}    args:\n    - exec kube-apiserver --v=2 2>&1\n"),
        format!("{shell}    - |\n      exec kube-apiserver --v=2 2>&1\n{ours}    - last\n"),
    ] {
        let before = manifest(&command);
        let settings = Settings::new("");
        let after = patch(&settings, &before).unwrap().text;
        let argv = argv(&after);
        assert!(
            argv.iter().all(|word| !word.starts_with("--audit-")),
            "{after}"
        );
        let given = Stub::new("moved").run(&argv).unwrap_or_default();
        assert_eq!(
            given,
            [vec!["--v=2".to_owned()], flags(&settings)].concat(),
            "{after}"
        );
    }
    let used = format!("{shell}    - exec kube-apiserver \"$@\"\n{ours}");
    assert!(patch(&Settings::new(""), &manifest(&used)).is_err());
}
