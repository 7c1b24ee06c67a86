use super::*;

fn printed_files(script: &str) -> Vec<(String, String, bool)> {
    let files = files(script, &[]).into_iter();
    files
        .map(|file| (file.name, file.text, file.is_expanded))
        .collect()
}

#[test]
fn a_file_has_what_a_posix_shell_prints_into_it() {
    for (script, text) in [
        ("printf 'a: 1\\nb: 2\\n' > /f", "a: 1\nb: 2\n"),
        ("printf 'a: 1\nb: \"2\"\n' >/f", "a: 1\nb: \"2\"\n"),
        ("printf \"a: \\\"1\\\"\\n\" > /f", "a: \"1\"\n"),
        ("printf '%s\\n' 'a: 1' 'b: 2' > '/f'", "a: 1\nb: 2\n"),
        (
            "printf '%b' 'a: 1\\nb: 2' | sudo tee /f > /dev/null",
            "a: 1\nb: 2",
        ),
        ("printf -- 'a: 100%%\\n' > /f", "a: 100%\n"),
        ("echo 'a: 1\nb: 2' > /f", "a: 1\nb: 2\n"),
        ("echo -e \"a: 1\\nb: 2\" > /f", "a: 1\nb: 2\n"),
        ("echo -n a: 1 > /f", "a: 1"),
        ("sh -c \"echo a: > /f\"", "a:\n"),
        ("if true; then /usr/bin/printf 'a\\n' > /f; fi", "a\n"),
        ("echo a: > /f\necho '  b: 1' >> /f", "a:\n  b: 1\n"),
        ("echo old > /f && echo new > /f", "new\n"),
        ("printf '%s' $'a: 1\\n' > /f", "a: 1\n"),
        ("echo 'it'\\''s' | tee -a /f", "it's\n"),
    ] {
        let expected = ("/f".to_owned(), text.to_owned(), false);
        assert_eq!(printed_files(script), [expected], "{script}");
    }
    for (script, is_expanded) in [
        ("echo \"a: $B\" > /f", true),
        ("echo 'a: $B' > /f", false),
        ("echo \"a: \\$B\" > /f", false),
        ("B='b'\necho \"$B\" > /f", false),
        // Appended to, it is not the text that it is set to.
        ("B='b'\nB+='c'\necho \"$B\" > /f", true),
    ] {
        let found = printed_files(script);
        assert_eq!(found[0].2, is_expanded, "{script}");
    }
    for other in [
        "echo a",
        "echo a >&2",
        "echo a > $FILE",
        "# echo a > /f",
        "  # then: echo a > /f",
        "echo 'a > /f",
        "printf",
        "sprintf a > /f",
        "echo a 2> /f.log | cat",
    ] {
        assert!(
            printed_files(other).iter().all(|file| file.0 != "/f"),
            "{other}"
        );
    }
}

#[test]
fn commands_of_a_group_write_its_file() {
    for (script, text) in [
        ("{ echo a; echo b; } > /f", "a\nb\n"),
        ("{\n  echo 'a: b'\n  printf 'c\\n'\n} > /f\n", "a: b\nc\n"),
        ("(echo a; echo b) > /f", "a\nb\n"),
        ("( echo a\necho b ) | sudo tee /f", "a\nb\n"),
        ("echo a > /f; { echo b; echo c; } >> /f", "a\nb\nc\n"),
        // A command with a file of its own prints nothing into that of the group.
        ("{ echo a; echo x > /g; echo b; } > /f", "a\nb\n"),
    ] {
        let found = printed_files(script);
        let found = found.iter().find(|file| file.0 == "/f");
        assert_eq!(found.map(|file| file.1.as_str()), Some(text), "{script}");
    }
    // What other commands print is not known, so the text is not either.
    for script in [
        "{ echo a; date; echo b; } > /f",
        "{ echo a | sed s/a/b/; } > /f",
        "{ echo a; } | sort",
        "x=$(echo a; echo b) > /f",
    ] {
        assert_eq!(printed_files(script), [], "{script}");
    }
}

/// The Base64 of `a: 1` with a line end, and that of the same text compressed with `gzip -n`.
const ENCODED: &str = "YTogMQo=";
const COMPRESSED: &str = "H4sIAAAAAAAAA0u0UjDkAgBpGSPjBQAAAA==";

#[test]
fn encoded_texts_and_here_strings_are_files() {
    for script in [
        format!("echo {ENCODED} | base64 -d > /f"),
        format!("echo -n \"{ENCODED}\" | base64 --decode | sudo tee /f >/dev/null"),
        format!("printf %s '{COMPRESSED}' | base64 -d | gunzip > /f"),
        format!("base64 -d <<< {ENCODED} > /f"),
        format!("base64 -d > /f <<<'{ENCODED}'"),
        format!("base64 -d <<< \"{COMPRESSED}\" | zcat | tee /f"),
        format!("openssl base64 -d -A <<< {ENCODED} > /f"),
        format!("P={ENCODED}\nF=/f\necho \"$P\" | base64 -d > \"$F\""),
        format!("export P='{ENCODED}'\nbase64 -d <<< ${{P}} > /f"),
        "cat <<< 'a: 1' > /f".to_owned(),
        "sudo tee /f <<< 'a: 1' > /dev/null".to_owned(),
        "D=/\necho 'a: 1' > ${D}f".to_owned(),
        "P='a: 1'\necho \"$P\" 2> /dev/null > /f".to_owned(),
    ] {
        let expected = ("/f".to_owned(), "a: 1\n".to_owned(), false);
        assert_eq!(printed_files(&script), [expected], "{script}");
    }
    for other in [
        // The text behind these commands is not known.
        format!("echo {ENCODED} | base64 -d | sed s/1/2/ > /f"),
        format!("echo {ENCODED} | base64 > /f"),
        "echo not-base64 | base64 -d > /f".to_owned(),
        "cat <<EOF > /f\na\nEOF".to_owned(),
    ] {
        assert_eq!(printed_files(&other), [], "{other}");
    }
    // A variable that is set twice, or for one command only, is not known.
    for script in ["P=a\nP=b\necho $P > /f", "P=a true\necho $P > /f"] {
        assert_eq!(
            printed_files(script),
            [("/f".to_owned(), "$P\n".to_owned(), true)]
        );
    }
}

#[test]
fn texts_of_objects_and_of_other_programs_have_no_file() {
    for (script, name) in [
        ("kubectl create configmap c --from-literal=k='a: 1'", "k"),
        (
            "kubectl -n n create cm c --from-literal k.yaml=\"a: 1\" -o yaml",
            "k.yaml",
        ),
        ("oc create secret generic c '--from-literal=k=a: 1'", "k"),
        ("kubectl create configmap c --from-literal=k=$'a: 1'", "k"),
        (
            "P='a: 1'\nkubectl create cm c --from-literal=\"k\"=\"$P\"",
            "k",
        ),
        (
            "printf '%s' 'a: 1' | kubectl create cm c --from-file=k=/dev/stdin",
            "",
        ),
        ("kubectl create cm c --from-file=k=<(printf 'a: 1')", ""),
    ] {
        let expected = (name.to_owned(), "a: 1".to_owned(), false);
        assert_eq!(printed_files(script), [expected], "{script}");
    }
}
