//! Settings as JSON: any settings survive JSON, and every document in YAML or for a shell reads back as the flags.

#![no_main]

use apiserver_config::{Flag, Settings, check, flag_of};
use audit_export::{Target, render};
use audit_policy::load;
use libfuzzer_sys::fuzz_target;
use serde_norway::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(settings) = serde_json::from_slice::<Settings>(bytes) else {
        return;
    };
    let text = serde_json::to_string(&settings).expect("plain data");
    assert_eq!(serde_json::from_str(&text).ok(), Some(settings.clone()));

    let findings = check(&settings);
    let is_rejected = load(settings.policy.as_bytes(), settings.version)
        .error
        .is_some();
    assert_eq!(
        findings.iter().any(|finding| finding.code == "AE002"),
        is_rejected
    );
    for finding in &findings {
        let quotes_the_server = ["AE001", "AE002"].contains(&finding.code.as_ref());
        assert!(flag_of(finding).starts_with("audit-") && !finding.message.is_empty());
        assert!(quotes_the_server || !finding.message.contains(char::is_control));
    }

    let policy_is_yaml = serde_norway::from_str::<Value>(&settings.policy).is_ok();
    let flags = settings.flags();
    let arguments: Vec<String> = flags.iter().map(Flag::argument).collect();
    for target in Target::ALL {
        let document = render(&settings, target);
        let text = document.text.as_str();
        assert!(text.is_empty() || text.ends_with('\n'));
        assert!(!document.file_name.contains(['/', '\0']) && !document.file_name.is_empty());
        assert!(!document.note.contains(char::is_control));
        match target {
            Target::Policy => assert_eq!(
                text.trim_end_matches('\n'),
                settings.policy.trim_end_matches('\n')
            ),
            Target::Shell => {
                assert!(text.starts_with("kube-apiserver") && text.lines().count() == 1)
            }
            // Shell scripts, and the document with the policy as written.
            Target::Minikube | Target::Eks | Target::Aks | Target::Talos => {}
            // Languages without a parser here.
            Target::Fluentd | Target::Rsyslog | Target::Logrotate => {}
            Target::Flags => assert!(text.lines().map(shell_word).eq(arguments.iter().cloned())),
            Target::Args => assert_eq!(texts(&yaml(text)), arguments),
            Target::StaticPod => {
                let pod = yaml(text);
                let command = &pod["spec"]["containers"][0]["command"];
                assert_eq!(texts(command)[1..], arguments);
                check_mounts(&settings, &pod["spec"]["volumes"], |volume| {
                    &volume["hostPath"]["path"]
                });
            }
            Target::KubeadmV1beta4 => {
                let server = &yaml(text)["apiServer"];
                let pairs = flags
                    .iter()
                    .map(|flag| (flag.name.as_str(), flag.value.as_str()));
                let extra = items(&server["extraArgs"]);
                let extra = extra
                    .iter()
                    .map(|pair| (text_of(&pair["name"]), text_of(&pair["value"])));
                assert!(extra.eq(pairs));
                check_mounts(
                    &settings,
                    &server["extraVolumes"],
                    |volume| &volume["mountPath"],
                );
            }
            // Each of these is YAML, regardless of the paths. A policy with a key twice, which the server accepts, may be a part of it.
            _ if policy_is_yaml => _ = yaml(text),
            _ => {}
        }
    }
});

fn check_mounts(settings: &Settings, volumes: &Value, path: fn(&Value) -> &Value) {
    let mounts = settings.mounts();
    let volumes = items(volumes);
    let paths = volumes.iter().map(|volume| text_of(path(volume)));
    assert!(paths.eq(mounts.iter().map(|mount| mount.path.as_str())));
}

fn yaml(text: &str) -> Value {
    serde_norway::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

fn items(list: &Value) -> &[Value] {
    list.as_sequence().map_or(&[], Vec::as_slice)
}

fn texts(list: &Value) -> Vec<&str> {
    items(list).iter().map(text_of).collect()
}

fn text_of(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value:?} is not a text"))
}

/// Parses a line of shell that is one word: bare, in single quotes, or in bash's `$'…'`.
fn shell_word(line: &str) -> String {
    let mut word = String::new();
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            '\'' => word.extend(rest.by_ref().take_while(|c| *c != '\'')),
            '\\' => word.extend(rest.next()),
            '$' => {
                assert_eq!(rest.next(), Some('\''), "{line}");
                while let Some(c) = rest.next().filter(|c| *c != '\'') {
                    word.push(if c == '\\' { bash_escape(&mut rest) } else { c });
                }
            }
            bare => {
                assert!(
                    bare.is_ascii_alphanumeric() || "/_.=,:@%+-".contains(bare),
                    "{line}"
                );
                word.push(bare);
            }
        }
    }
    word
}

fn bash_escape(rest: &mut std::str::Chars<'_>) -> char {
    match rest.next() {
        Some('n') => '\n',
        Some('u') => {
            let digits: String = rest.by_ref().take(4).collect();
            let code = u32::from_str_radix(&digits, 16).expect("four digits");
            char::from_u32(code).expect("a character")
        }
        other => other.expect("an escape"),
    }
}
