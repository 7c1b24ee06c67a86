//! rsyslog itself, with the exported configuration, while the log is written and rotated under it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use apiserver_config::{Format, Settings};
use audit_export::{Target, render};
use shippers::{
    Folder, Reach, Running, Server, corpus, is_installed, program, promised, read, wait,
};

/// A folder's name that every quoting has to bear.
const HOSTILE: &str = "a \"b\" 'c' [d]* {{ e }} $f \\g \n é";

type Lines = Arc<Mutex<Vec<String>>>;

/// A port that nobody listens on.
fn port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Takes lines from whoever connects.
fn receiver(port: u16) -> Lines {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let lines = Lines::default();
    let into = Arc::clone(&lines);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, into) = (stream.unwrap(), Arc::clone(&into));
            thread::spawn(move || {
                for line in BufReader::new(stream).split(b'\n') {
                    let Ok(line) = line else { return };
                    into.lock().unwrap().push(String::from_utf8(line).unwrap());
                }
            });
        }
    });
    lines
}

/// The export with its receiver and its folder replaced, and nothing else.
fn configuration(settings: &Settings, folder: &Folder, port: u16) -> String {
    let mut text = render(settings, Target::Rsyslog).text;
    let state = folder.join("state");
    fs::create_dir_all(&state).unwrap();
    for (from, to) in [
        (
            "target=\"LOG-RECEIVER\" port=\"6514\"",
            format!("target=\"127.0.0.1\" port=\"{port}\""),
        ),
        (
            "\"/var/lib/rsyslog-kube-audit\"",
            format!("\"{}\"", state.display()),
        ),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, &to);
    }
    text
}

/// Starts it; what it says goes into a file.
fn start(conf: &Path, said: &Path) -> Running {
    let mut command = Command::new(program("rsyslogd"));
    command.arg("-n").arg("-f").arg(conf).args(["-i", "NONE"]);
    let said = File::options().create(true).append(true).open(said);
    Running::start(command.stderr(said.unwrap()))
}

/// Written lines, and received lines.
fn shipped(name: &str, settings: &mut Settings, log: &str) -> (Vec<String>, Vec<String>) {
    let folder = Folder::new(name);
    let log = folder.join(log);
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    settings.log.path = log.to_str().unwrap().to_owned();
    let port = port();
    let conf = folder.join("rsyslog.conf");
    fs::write(&conf, configuration(settings, &folder, port)).unwrap();
    let check = Command::new(program("rsyslogd"))
        .arg("-N1")
        .arg("-f")
        .arg(&conf)
        .output();
    let check = check.expect("rsyslog is installed");
    let said = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success() && !said.contains("error"), "{said}");

    let corpus = corpus();
    let mut server = Server::start(&log).unwrap();
    let mut written = 0;
    let mut write = |server: &mut Server, part: usize| {
        let until = corpus.len() * part / 6;
        for line in &corpus[written..until] {
            server.write(line).unwrap();
        }
        written = until;
        until
    };

    let so_far = write(&mut server, 1);
    let said = folder.join("said");
    let rsyslog = start(&conf, &said);
    // At first nobody is there to take the lines.
    wait("a rejection", || {
        fs::read_to_string(&said).is_ok_and(|text| text.contains("cannot connect"))
    });
    let lines = receiver(port);
    let arrived = |count: usize| {
        wait(&format!("line {count}"), || {
            lines.lock().unwrap().len() >= count
        });
    };
    arrived(so_far);
    // Renamed while lines are unread, twice, and read on under its new name.
    write(&mut server, 2);
    server.rotate().unwrap();
    let so_far = write(&mut server, 3);
    arrived(so_far);
    server.rotate().unwrap();
    let so_far = write(&mut server, 4);
    arrived(so_far);
    rsyslog.end();
    write(&mut server, 5);
    let rsyslog = start(&conf, &said);
    let all = write(&mut server, 6);
    arrived(all);
    rsyslog.end();
    let found = lines.lock().unwrap().clone();
    (corpus, found)
}

#[test]
fn no_line_is_lost_or_sent_twice_and_objects_lose_their_managed_fields() {
    if !is_installed("rsyslogd") {
        return;
    }
    let mut settings = Settings::default();
    let (written, found) = shipped("rsyslog", &mut settings, &format!("{HOSTILE}/audit.log"));
    assert_eq!(found.len(), written.len());
    let (mut same, mut trimmed, mut untouched) = (0, 0, 0);
    for (line, found) in written.iter().zip(&found) {
        if line == found {
            same += 1;
            let is_left =
                promised(line, Reach::Objects).is_some_and(|event| read(line) != Some(event));
            if is_left {
                // An escaped NUL, or deeper than rsyslog reads.
                assert!(
                    line.contains(r"\u0000") || line.contains(r#""name":"deep""#),
                    "{line:.300}"
                );
                untouched += 1;
            }
            continue;
        }
        assert_eq!(read(found), promised(line, Reach::Objects), "{line:.300}");
        trimmed += 1;
    }
    println!(
        "{} lines, {same} byte for byte, {trimmed} rewritten, {untouched} left with managedFields",
        found.len()
    );
    assert_eq!(untouched, 2 * 2);
}

#[test]
fn the_legacy_format_arrives_as_it_is() {
    if !is_installed("rsyslogd") {
        return;
    }
    let mut settings = Settings::default();
    settings.log.format = Format::Legacy;
    let (written, found) = shipped("rsyslog-legacy", &mut settings, "audit.log");
    assert!(written == found);
}
