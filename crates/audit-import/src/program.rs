//! Finds the program behind the wrappers of a command: `tini -- env A=b sh -c …` runs `sh`.

use crate::assignment::is_assignment;

/// Program that a command runs in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// kube-apiserver; its own arguments come after this word.
    Server { name: usize },
    /// A shell with a script on its command line.
    Shell { name: usize, script: usize },
    /// A shell that reads its script from a file or from standard input.
    ShellFile { name: usize },
    /// Another program.
    Other { name: usize },
    /// The command has no words, or only options.
    Nothing,
}

/// A program that runs the command in its arguments.
struct Wrapper {
    name: &'static str,
    /// Options whose value is the next word.
    valued: &'static [&'static str],
    /// Number of words between the options and the command.
    operands: usize,
}

const fn wrapper(name: &'static str, valued: &'static [&'static str], operands: usize) -> Wrapper {
    Wrapper {
        name,
        valued,
        operands,
    }
}

/// Wrappers with their options, from their manual pages (GNU coreutils, util-linux, `numactl`, `runit`, `s6`, `tini`, `dumb-init`) and, for `go-runner`, from
/// its source in Kubernetes. `kube-log-runner` is its newer name.
const WRAPPERS: [Wrapper; 36] = [
    wrapper("env", &["-u", "--unset", "-C", "--chdir"], 0),
    wrapper(
        "nsenter",
        &["-t", "--target", "-S", "--setuid", "-G", "--setgid"],
        0,
    ),
    wrapper("tini", &["-p", "-e"], 0),
    wrapper("tini-static", &["-p", "-e"], 0),
    wrapper("docker-init", &["-p", "-e"], 0),
    wrapper("catatonit", &[], 0),
    wrapper("dumb-init", &["-r", "--rewrite"], 0),
    wrapper(
        "setpriv",
        &[
            "--ruid",
            "--euid",
            "--reuid",
            "--rgid",
            "--egid",
            "--regid",
            "--groups",
            "--inh-caps",
            "--ambient-caps",
            "--bounding-set",
            "--securebits",
            "--pdeathsig",
            "--selinux-label",
            "--apparmor-profile",
        ],
        0,
    ),
    wrapper("timeout", &["-s", "--signal", "-k", "--kill-after"], 1),
    wrapper("nice", &["-n", "--adjustment"], 0),
    wrapper("ionice", &["-c", "--class", "-n", "--classdata"], 0),
    wrapper("chrt", &["-T", "-P", "-D"], 1),
    wrapper("taskset", &[], 1),
    wrapper(
        "stdbuf",
        &["-i", "-o", "-e", "--input", "--output", "--error"],
        0,
    ),
    wrapper("setsid", &[], 0),
    wrapper("nohup", &[], 0),
    wrapper("unshare", &[], 0),
    wrapper("chroot", &[], 1),
    wrapper(
        "flock",
        &["-w", "--timeout", "-E", "--conflict-exit-code"],
        1,
    ),
    wrapper("su-exec", &[], 1),
    wrapper("gosu", &[], 1),
    wrapper(
        "sudo",
        &[
            "-u", "--user", "-g", "--group", "-D", "--chdir", "-R", "--chroot",
        ],
        0,
    ),
    wrapper("doas", &["-u", "-C"], 0),
    wrapper(
        "numactl",
        &[
            "-N",
            "--cpunodebind",
            "-m",
            "--membind",
            "-C",
            "--physcpubind",
            "-i",
            "--interleave",
            "-p",
            "--preferred",
            "-P",
            "--preferred-many",
            "-w",
            "--weighted-interleave",
        ],
        0,
    ),
    wrapper("prlimit", &[], 0),
    wrapper(
        "systemd-run",
        &[
            "-p",
            "--property",
            "-u",
            "--unit",
            "-E",
            "--setenv",
            "--uid",
            "--gid",
            "--slice",
            "--nice",
            "--description",
            "--working-directory",
        ],
        0,
    ),
    wrapper(
        "chpst",
        &[
            "-u", "-U", "-b", "-e", "-/", "-C", "-n", "-l", "-L", "-m", "-d", "-o", "-p", "-f",
            "-c", "-t",
        ],
        0,
    ),
    wrapper("setuidgid", &[], 1),
    wrapper("s6-setuidgid", &[], 1),
    wrapper("cgexec", &["-g"], 0),
    wrapper("time", &["-f", "--format", "-o", "--output"], 0),
    wrapper("strace", &["-o", "-e", "-s", "-p"], 0),
    wrapper(
        "systemd-cat",
        &["-t", "--identifier", "-p", "--priority"],
        0,
    ),
    wrapper("busybox", &[], 0),
    wrapper("go-runner", &["-log-file", "--log-file"], 0),
    wrapper("kube-log-runner", &["-log-file", "--log-file"], 0),
];

/// Programs that read a POSIX shell's language.
const SHELLS: [&str; 9] = [
    "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "yash", "rbash",
];

/// Maximum number of wrappers around a command.
const MAX_WRAPPERS: usize = 20;

/// Returns the last component of a path.
pub(crate) fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or_default()
}

/// Returns whether a word names kube-apiserver's program.
pub(crate) fn is_server_name(word: &str) -> bool {
    base_name(word) == "kube-apiserver" && !word.contains(char::is_whitespace)
}

/// Finds the program of a command.
pub(crate) fn program(words: &[&str]) -> Program {
    let mut at = 0;
    for _ in 0..MAX_WRAPPERS {
        let Some(word) = words.get(at) else {
            return Program::Nothing;
        };
        if word.starts_with('-') {
            return of_entry_point(words);
        }
        if is_server_name(word) {
            return Program::Server { name: at };
        }
        let name = base_name(word);
        let next = words.get(at + 1).copied().unwrap_or_default();
        if name == "hyperkube" && matches!(next, "kube-apiserver" | "apiserver") {
            return Program::Server { name: at + 1 };
        }
        if SHELLS.contains(&name) {
            return shell(words, at);
        }
        let next = match name {
            "su" | "runuser" => match user_command(words, at) {
                UserCommand::Program(next) => Some(next),
                UserCommand::Shell(program) => return program,
            },
            "capsh" => return bounded_shell(words, at),
            "ip" => namespace_command(words, at),
            _ => WRAPPERS
                .iter()
                .find(|wrapper| wrapper.name == name)
                .and_then(|wrapper| behind(wrapper, words, at + 1)),
        };
        match next {
            Some(behind) => at = behind,
            None => return Program::Other { name: at },
        }
    }
    Program::Other { name: 0 }
}

/// Finds the program of arguments without a command, which the image's entry point gets: with `-c` and a script it is a shell.
fn of_entry_point(words: &[&str]) -> Program {
    let is_option =
        |word: &&str| !word.starts_with("--") && word.starts_with('-') && word.ends_with('c');
    let is_script = |word: &&str| word.contains(char::is_whitespace);
    if words.first().is_some_and(is_option) && words.get(1).is_some_and(is_script) {
        Program::Shell { name: 0, script: 1 }
    } else {
        Program::Nothing
    }
}

/// Returns the index of the command that a wrapper runs. `None` if an option hides it.
fn behind(wrapper: &Wrapper, words: &[&str], mut at: usize) -> Option<usize> {
    while let Some(word) = words.get(at) {
        let is_split =
            wrapper.name == "env" && (word.starts_with("-S") || word.starts_with("--split-string"));
        if is_split {
            return None;
        }
        if *word == "--" {
            at += 1;
            break;
        }
        let is_assignment = matches!(wrapper.name, "env" | "sudo") && is_assignment(word);
        if !word.starts_with('-') && !is_assignment {
            break;
        }
        at += 1 + usize::from(wrapper.valued.contains(word));
    }
    let mut at = at + wrapper.operands;
    while wrapper.name == "env" && words.get(at).is_some_and(|word| is_assignment(word)) {
        at += 1;
    }
    Some(at)
}

/// The command that a program runs as another user.
enum UserCommand {
    /// A program, from the word with this index on.
    Program(usize),
    /// A shell, which gets the rest.
    Shell(Program),
}

/// Reads the options of `su` and `runuser`: a script after `-c`, or a program after `-u USER`. Without these they start a shell.
fn user_command(words: &[&str], name: usize) -> UserCommand {
    let mut at = name + 1;
    let mut has_user = false;
    while let Some(word) = words.get(at) {
        let is_short = !word.starts_with("--") && word.len() > 1;
        match *word {
            "--command" | "--session-command" => {
                return UserCommand::Shell(script_at(words, name, at + 1));
            }
            "--" if has_user => return UserCommand::Program(at + 1),
            "-u" | "--user" => {
                has_user = true;
                at += 1;
            }
            "-s" | "--shell" | "-g" | "--group" | "-G" | "--supp-group" | "-w" => at += 1,
            option if option.starts_with("--user=") => has_user = true,
            option if option.starts_with('-') && is_short && option.ends_with('c') => {
                return UserCommand::Shell(script_at(words, name, at + 1));
            }
            option if option.starts_with('-') => {}
            _ if has_user => return UserCommand::Program(at),
            _ => {}
        }
        at += 1;
    }
    UserCommand::Shell(Program::ShellFile { name })
}

/// Returns a shell with the script in a word.
const fn script_at(words: &[&str], name: usize, script: usize) -> Program {
    if script < words.len() {
        Program::Shell { name, script }
    } else {
        Program::ShellFile { name }
    }
}

/// Reads the options of `capsh`: what follows `--` are the arguments of `bash`.
fn bounded_shell(words: &[&str], name: usize) -> Program {
    let rest = words.get(name..).unwrap_or_default();
    match rest.iter().position(|word| matches!(*word, "--" | "==")) {
        Some(at) => match shell(words, name + at) {
            Program::Shell { script, .. } => Program::Shell { name, script },
            _ => Program::ShellFile { name },
        },
        None => Program::Other { name },
    }
}

/// Returns the index of the command that `ip netns exec NAME` or `ip vrf exec NAME` runs.
fn namespace_command(words: &[&str], name: usize) -> Option<usize> {
    let rest = words.get(name + 1..)?;
    let at = rest.iter().position(|word| !word.starts_with('-'))?;
    let is_exec = matches!(
        rest.get(at..at + 2)?,
        ["netns" | "vrf", "e" | "ex" | "exe" | "exec"]
    );
    is_exec.then_some(name + 1 + at + 3)
}

/// Returns whether the server has another root directory or other mounts than its container, by the words before its name: the container's mounts are not
/// the server's.
pub(crate) fn leaves_container(wrappers: &[&str]) -> bool {
    let has_option = |short: char, long: &str| {
        wrappers.iter().any(|word| {
            let letters = word.strip_prefix('-').unwrap_or_default();
            let is_short = letters.starts_with(|c: char| c.is_ascii_lowercase());
            (is_short
                && letters
                    .split('=')
                    .next()
                    .is_some_and(|names| names.contains(short)))
                || word.split('=').next() == Some(long)
        })
    };
    wrappers.iter().any(|word| match base_name(word) {
        "chroot" => true,
        "nsenter" => {
            has_option('m', "--mount") || has_option('a', "--all") || has_option('r', "--root")
        }
        _ => false,
    })
}

/// Reads a shell's options: the first word that is none is the script if there was a `-c`.
fn shell(words: &[&str], name: usize) -> Program {
    let mut at = name + 1;
    let mut has_script = false;
    while let Some(word) = words.get(at) {
        at += 1;
        if *word == "--" || *word == "-" {
            break;
        }
        if word.starts_with("--") {
            at += usize::from(matches!(*word, "--rcfile" | "--init-file"));
            continue;
        }
        let Some(letters) = word.strip_prefix(['-', '+']) else {
            at -= 1;
            break;
        };
        has_script |= word.starts_with('-') && letters.contains('c');
        // `-o pipefail` and `-O option` have a value.
        at += letters.chars().filter(|c| matches!(c, 'o' | 'O')).count();
    }
    if has_script && at < words.len() {
        Program::Shell { name, script: at }
    } else {
        Program::ShellFile { name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_behind_wrappers_is_found() {
        for (command, expected) in [
            ("kube-apiserver --v=2", Program::Server { name: 0 }),
            ("/usr/local/bin/kube-apiserver", Program::Server { name: 0 }),
            ("/hyperkube apiserver --v=2", Program::Server { name: 1 }),
            (
                "/go-runner --log-file=/a.log --also-stdout=false /usr/local/bin/kube-apiserver --v=2",
                Program::Server { name: 3 },
            ),
            (
                "go-runner -log-file /a.log kube-apiserver",
                Program::Server { name: 3 },
            ),
            ("tini -g -- kube-apiserver", Program::Server { name: 3 }),
            (
                "dumb-init --rewrite 15:2 -- kube-apiserver",
                Program::Server { name: 4 },
            ),
            (
                "timeout -k 5 3600 kube-apiserver",
                Program::Server { name: 4 },
            ),
            (
                "setpriv --reuid 1000 --clear-groups kube-apiserver",
                Program::Server { name: 4 },
            ),
            (
                "nsenter -t 1 -m -n -- kube-apiserver",
                Program::Server { name: 6 },
            ),
            (
                "nsenter --target=1 --mount kube-apiserver",
                Program::Server { name: 3 },
            ),
            (
                "env -i A=b -u C kube-apiserver",
                Program::Server { name: 5 },
            ),
            ("/bin/sh -c script", Program::Shell { name: 0, script: 2 }),
            ("bash -ec script", Program::Shell { name: 0, script: 2 }),
            (
                "bash -euo pipefail -c script",
                Program::Shell { name: 0, script: 4 },
            ),
            (
                "bash --norc -c -x -- script",
                Program::Shell { name: 0, script: 5 },
            ),
            (
                "/usr/bin/env bash -c script",
                Program::Shell { name: 1, script: 3 },
            ),
            (
                "tini -- nice -n 5 /bin/sh -xc script",
                Program::Shell { name: 5, script: 7 },
            ),
            (
                "busybox sh -c script",
                Program::Shell { name: 1, script: 3 },
            ),
            // An option in the way of the script is none of the shell's, but does not hide it.
            (
                "sh -c --audit-log-path=- script",
                Program::Shell { name: 0, script: 3 },
            ),
            (
                "numactl -N 0 --membind=0 kube-apiserver",
                Program::Server { name: 4 },
            ),
            (
                "prlimit --nofile=65536 kube-apiserver",
                Program::Server { name: 2 },
            ),
            (
                "systemd-run --scope -p CPUWeight=5 kube-apiserver",
                Program::Server { name: 4 },
            ),
            ("chpst -u kube kube-apiserver", Program::Server { name: 3 }),
            (
                "s6-setuidgid kube kube-apiserver",
                Program::Server { name: 2 },
            ),
            (
                "ip netns exec blue kube-apiserver",
                Program::Server { name: 4 },
            ),
            (
                "sudo -u kube GOGC=50 kube-apiserver",
                Program::Server { name: 4 },
            ),
            (
                "runuser -u kube -- kube-apiserver",
                Program::Server { name: 4 },
            ),
            (
                "runuser --user=kube kube-apiserver",
                Program::Server { name: 2 },
            ),
            (
                "su -s /bin/sh -c script kube",
                Program::Shell { name: 0, script: 4 },
            ),
            (
                "su - kube --command script",
                Program::Shell { name: 0, script: 4 },
            ),
            (
                "runuser -l kube -c script",
                Program::Shell { name: 0, script: 4 },
            ),
            (
                "capsh --drop=all -- -c script",
                Program::Shell { name: 0, script: 4 },
            ),
            ("su kube", Program::ShellFile { name: 0 }),
            ("ip link set up", Program::Other { name: 0 }),
            ("sh /start.sh", Program::ShellFile { name: 0 }),
            ("sh -c", Program::ShellFile { name: 0 }),
            ("env -S kube-apiserver", Program::Other { name: 0 }),
            ("/bin/start.sh kube-apiserver", Program::Other { name: 0 }),
            ("--v=2", Program::Nothing),
            ("", Program::Nothing),
        ] {
            let words: Vec<&str> = command.split_whitespace().collect();
            assert_eq!(program(&words), expected, "{command}");
        }
    }

    #[test]
    fn a_server_with_another_root_does_not_see_the_mounts_of_its_container() {
        for (wrappers, expected) in [
            ("chroot /host", true),
            ("exec /usr/sbin/chroot --userspec=1:1 /host", true),
            ("nsenter -t 1 -m --", true),
            ("nsenter -t1 -imn --", true),
            ("nsenter --target 1 --mount=/proc/1/ns/mnt", true),
            ("nsenter -a -t 1", true),
            ("nsenter --net=/run/netns/a", false),
            ("nice -m", false),
            ("", false),
        ] {
            let words: Vec<&str> = wrappers.split_whitespace().collect();
            assert_eq!(leaves_container(&words), expected, "{wrappers}");
        }
    }
}
