use super::*;

/// Finds the one command that starts kube-apiserver, not in a script of another shell. `parameters` are the arguments of the script, from its `$0` on.
fn server_command(script: &str, parameters: &[&str]) -> Result<ServerCommand, Obstacle> {
    only(find(script, parameters, 0, None)?)
}

fn arguments(script: &str) -> Vec<String> {
    let found = server_command(script, &[]).unwrap_or_else(|error| panic!("{script}: {error:?}"));
    found.arguments.into_iter().map(|word| word.text).collect()
}

#[test]
fn the_servers_own_words_are_found() {
    for script in [
        "kube-apiserver --a=1 --b=2",
        "exec /usr/local/bin/kube-apiserver --a=1 --b=2 > /tmp/pipe 2>&1",
        "mkfifo /p; (tee -a /var/log/kube-apiserver.log < /p & ) ; exec kube-apiserver --a=1 --b=2 >/p 2>&1",
        "FOO=bar kube-apiserver --a=1 --b=2 | tee /l",
        "set -e\nexec kube-apiserver \\\n  --a=1 \\\n  --b=2 \\\n  2>/dev/null\n",
        "if true; then exec kube-apiserver '--a=1' \"--b=2\"; fi",
        "while :; do kube-apiserver --a=1 --b=2 & wait; done",
        "start() { kube-apiserver --a=1 --b=2; }; start",
        "function start { kube-apiserver --a=1 --b=2; }\nstart",
        "exec -a server env X=y kube-apiserver >/l --a=1 --b=2 &> /m && echo done",
        "# kube-apiserver --c\nkube-apiserver --a=1 --b=2 # --c",
        "test -x /usr/local/bin/kube-apiserver && $DIR/kube-apiserver --a=1 --b=2",
        "kube-apiserver --a=1 --b=2 > >(tee /l)",
        "cat <<EOF\nkube-apiserver 'x\nEOF\nkube-apiserver --a=1 --b=2",
        "cat <<-'E' > /p; kube-apiserver --a=1 --b=2\n\tE x\n\tE\n",
        "cat <<A <<\"B\"\nx\nA\ny\nB\nchroot /host kube-apiserver --a=1 --b=2",
    ] {
        assert_eq!(arguments(script), ["--a=1", "--b=2"], "{script}");
    }
    assert_eq!(
        arguments("kube-apiserver \"--a=x y\" --b=\\ z"),
        ["--a=x y", "--b= z"]
    );
}

#[test]
fn what_is_not_certain_has_a_reason() {
    for (script, expected) in [
        ("/start.sh", Obstacle::NoServer),
        ("exec \"$@\"", Obstacle::NoServer),
        (
            "echo a3ViZS1hcGlzZXJ2ZXI= | base64 -d | sh",
            Obstacle::NoServer,
        ),
        (
            "kube-apiserver --audit-log-path=/a || kube-apiserver --audit-log-path /a",
            Obstacle::Several,
        ),
        ("cat <<EOF\nx\nkube-apiserver", Obstacle::HereDocument),
        ("cat <<EOF", Obstacle::HereDocument),
        ("sh <<EOF\nkube-apiserver\nEOF\n", Obstacle::Nested),
        ("su kube -c 'kube-apiserver --a'", Obstacle::Nested),
        ("eval \"kube-apiserver --a\"", Obstacle::Nested),
        ("exec bash -c 'kube-apiserver --a'", Obstacle::Nested),
        ("kube-apiserver 'a", Obstacle::Unclosed),
        ("kube-apiserver $(a", Obstacle::Unclosed),
    ] {
        assert_eq!(
            server_command(script, &[]).unwrap_err(),
            expected,
            "{script}"
        );
    }
}

#[test]
fn the_files_that_are_written_before_the_server_starts_are_known() {
    for (before, expected) in [
        ("cat > /p <<EOF\nx: 1\nEOF\n", vec!["/p"]),
        ("cat <<EOF >>/p\nx: 1\nEOF\n", vec!["/p"]),
        ("printf 'a: %s\\n' b > /p; ", vec!["/p"]),
        (
            "echo a | sudo tee -a /p /q >/dev/null && ",
            vec!["/dev/null", "/p", "/q"],
        ),
        ("cp -f /a /p; ", vec!["/p"]),
        ("curl -sSL http://a -o /p && ", vec!["/p"]),
        ("P=/d/p; cat /a > \"$P\"; ", vec!["$P"]),
        ("cat < /p; test 1 2>&1; ", vec![]),
    ] {
        let script = format!("{before}kube-apiserver --a > /l");
        let found = server_command(&script, &[]).unwrap();
        let files: Vec<&str> = found.files.iter().map(|file| file.text.as_str()).collect();
        assert_eq!(files, expected, "{script}");
    }
}

#[test]
fn the_server_of_an_inner_shell_is_found() {
    for script in [
        "exec bash -c 'kube-apiserver --a=1 --b=2'",
        "A=1\nsu kube -s /bin/sh -c \"exec kube-apiserver --a=1 --b=2\"\n",
        "runuser -u kube -- sh -ec 'sh -c \"kube-apiserver --a=1 --b=2\"'",
        "sh -c 'exec \"$@\"' sh kube-apiserver --a=1 --b=2",
        "bash -c 'sleep 1'; kube-apiserver --a=1 --b=2",
    ] {
        let found = nested_command(script, &[]).unwrap_or_else(|e| panic!("{script}: {e:?}"));
        let words: Vec<&str> = found
            .arguments
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        assert_eq!(words, ["--a=1", "--b=2"], "{script}");
    }
}

#[test]
fn an_expansion_is_marked() {
    let script = "kube-apiserver $A \"$@\" --b=$C --d=${E} '$F' $(G) --h=\"$I\"";
    let found = server_command(script, &[]).unwrap();
    let one_flag: Vec<bool> = found.arguments.iter().map(Word::is_one_flag).collect();
    // Without arguments, `$@` is nothing.
    assert_eq!(one_flag, [false, true, true, true, false, true]);
}

/// Only audit flags count: of servers with the same ones, the first is read.
#[test]
fn servers_with_the_same_audit_flags_are_read_as_one() {
    for (script, count) in [
        (
            "if a; then kube-apiserver --v=2; else kube-apiserver --v=3; fi",
            2,
        ),
        (
            "case $A in b) exec kube-apiserver --v=2 ;; *) exec kube-apiserver ;; esac",
            2,
        ),
        (
            "a && exec kube-apiserver --audit-log-path /a --v=1 || exec kube-apiserver --audit-log-path /a",
            2,
        ),
        ("kube-apiserver --a", 1),
    ] {
        assert_eq!(
            server_commands(script, &[]).map(|found| found.len()),
            Ok(count),
            "{script}"
        );
        let first = server_command(script, &[]).map(|found| found.name.range.start);
        assert_eq!(first.ok(), script.find("kube-apiserver"), "{script}");
    }
    for script in [
        "a && kube-apiserver --audit-log-path /a || kube-apiserver --audit-log-path /b",
        "a && kube-apiserver $A || kube-apiserver --v=2",
    ] {
        assert_eq!(
            server_command(script, &[]),
            Err(Obstacle::Several),
            "{script}"
        );
    }
}

#[test]
fn arrays_are_replaced_by_their_words() {
    for (script, expected) in [
        (
            "A=(--a=1 --b=2)\nkube-apiserver \"${A[@]}\" --c",
            "--a=1|--b=2|--c",
        ),
        (
            "A=(\n  --a=1 # first\n  \"--b=x y\"\n)\nexec kube-apiserver \"${A[@]}\"",
            "--a=1|--b=x y",
        ),
        (
            "declare -a A=(--a=1); A+=(--b=2); kube-apiserver \"${A[@]}\"",
            "--a=1|--b=2",
        ),
        ("A=(--a=1); A=(--b=2); kube-apiserver ${A[@]}", "--b=2"),
        (
            "ARGS=(--v=2 --x=/l/a.log); exec kube-apiserver \"${ARGS[@]}\"",
            "--v=2|--x=/l/a.log",
        ),
        (
            "A=(--a=1); B=(\"${A[@]}\" --b=2); kube-apiserver ${B[*]}",
            "--a=1|--b=2",
        ),
        ("A=(kube-apiserver --a=1); exec \"${A[@]}\"", "--a=1"),
        ("A=(); kube-apiserver ${A[@]+\"${A[@]}\"} --b=2", "--b=2"),
        (
            "A=(--a=\"x y\"); kube-apiserver ${A[@]+\"${A[@]}\"}",
            "--a=x y",
        ),
        (
            "A=(\"$@\" --b=2); kube-apiserver \"${A[@]}\"",
            "--of-script|--b=2",
        ),
        // The shell joins, splits or cuts these, or the array is not known.
        ("A=(--a=1); kube-apiserver \"${A[*]}\"", "${A[*]}"),
        ("A=(--a='x y'); kube-apiserver ${A[@]}", "${A[@]}"),
        ("A=(--a=1); kube-apiserver \"${A[@]:1}\"", "${A[@]:1}"),
        ("A=(--a=1); kube-apiserver \"${A[0]}\"", "${A[0]}"),
        ("A=(--a=1); kube-apiserver \"${B[@]}\"", "${B[@]}"),
        ("kube-apiserver \"${A[@]}\"; A=(--a=1)", "${A[@]}"),
    ] {
        let found = nested_command(script, &["sh", "--of-script"])
            .unwrap_or_else(|error| panic!("{script}: {error:?}"));
        let words: Vec<&str> = found
            .arguments
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        assert_eq!(words.join("|"), expected, "{script}");
    }
    for script in ["A=(--a=1\nkube-apiserver \"${A[@]}\"", "A=(--a=1"] {
        assert_eq!(
            nested_command(script, &[]).unwrap_err(),
            Obstacle::Unclosed,
            "{script}"
        );
    }
    // A place in the script, for the line of a finding.
    let script = "A=(--a=1)\nkube-apiserver \"${A[@]}\"";
    let found = nested_command(script, &[]).expect("it starts the server");
    assert_eq!(
        found.arguments.first().map(|word| word.range.clone()),
        Some(3..8)
    );
    // The patcher does not change arrays.
    assert_eq!(arguments(script), ["${A[@]}"]);
}

#[test]
fn arrays_that_double_are_limited() {
    let mut script = "A=(--flag)\n".to_owned();
    for _ in 0..60 {
        script.push_str("A+=(\"${A[@]}\")\n");
    }
    script.push_str("kube-apiserver \"${A[@]}\"");
    let found = nested_command(&script, &[]).expect("it starts the server");
    // What exceeds the limit stays as it is.
    assert_eq!(
        found.arguments.first().map(|word| word.text.as_str()),
        Some("${A[@]}")
    );
}
