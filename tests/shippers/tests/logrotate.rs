//! logrotate itself, on a file that a server holds open.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use apiserver_config::Settings;
use audit_export::{Target, render};
use flate2::read::GzDecoder;
use shippers::{Folder, Server, corpus, is_installed, program};

fn unrotated(log: &Path) -> Settings {
    let mut settings = Settings::default();
    settings.log.max_size_mb = 0;
    settings.log.path = log.to_str().unwrap().to_owned();
    settings
}

/// Rotates by the configuration, whatever the file's size; returns its output.
fn rotate(folder: &Folder, conf: &str) -> String {
    let path = folder.join("logrotate.conf");
    fs::write(&path, conf).unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let mut command = Command::new(program("logrotate"));
    command
        .args(["-v", "-f", "-s"])
        .arg(folder.join("state"))
        .arg(&path);
    let output = command.output().expect("logrotate is installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && !said.contains("error:"),
        "{said}"
    );
    said
}

fn text(path: &Path) -> String {
    let mut text = String::new();
    let mut file = File::open(path).unwrap();
    let read = if path.extension().is_some_and(|end| end == "gz") {
        GzDecoder::new(file).read_to_string(&mut text)
    } else {
        file.read_to_string(&mut text)
    };
    read.unwrap();
    text
}

#[test]
fn the_server_writes_on_and_no_line_is_lost() {
    if !is_installed("logrotate") {
        return;
    }
    let folder = Folder::new("logrotate");
    let log = folder.join("audit.log");
    let mut settings = unrotated(&log);
    settings.log.compress = true;
    let conf = render(&settings, Target::Logrotate).text;
    let corpus = corpus();
    let mut server = Server::start(&log).unwrap();
    for part in corpus.chunks(corpus.len().div_ceil(3)) {
        for line in part {
            server.write(line).unwrap();
        }
        assert!(!text(&log).starts_with('\0'));
        rotate(&folder, &conf);
        assert_eq!(text(&log), "");
    }
    let names = [
        "audit.log.3.gz",
        "audit.log.2.gz",
        "audit.log.1",
        "audit.log",
    ];
    let kept: String = names.map(|name| text(&folder.join(name))).concat();
    let kept: Vec<&str> = kept.lines().collect();
    println!("{} lines in {} files", kept.len(), names.len());
    assert!(kept == corpus);
    let mode = fs::metadata(folder.join("audit.log.1"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode, fs::metadata(&log).unwrap().permissions().mode());
}

/// Why the export says `copytruncate`, and says when it is not safe.
#[test]
fn other_ways_leave_the_server_behind() {
    if !is_installed("logrotate") {
        return;
    }
    let folder = Folder::new("logrotate-others");
    let log = folder.join("audit.log");
    let copies = render(&unrotated(&log), Target::Logrotate).text;
    let renames = copies.replace("copytruncate", "create");

    let mut server = Server::start(&log).unwrap();
    server.write("before").unwrap();
    rotate(&folder, &renames);
    server.write("after").unwrap();
    assert_eq!(text(&log), "");
    assert_eq!(text(&folder.join("audit.log.1")), "before\nafter\n");

    // A file that is not open for appending, as a new one after the server's own rotation.
    let mut file = File::create(&log).unwrap();
    file.write_all(b"before\n").unwrap();
    rotate(&folder, &copies);
    file.write_all(b"after\n").unwrap();
    assert_eq!(text(&log), "\0\0\0\0\0\0\0after\n");
}

#[test]
fn odd_paths_are_found() {
    if !is_installed("logrotate") {
        return;
    }
    for name in [
        "a b",
        "a\"b'c",
        "{{ x }}",
        "a\nb",
        "[a]*$b\\%#c",
        "журнал é",
        "a{b",
        "!x",
    ] {
        let folder = Folder::new("logrotate-odd");
        let log = folder.join(&format!("{name}.log"));
        let mut server = Server::start(&log).unwrap();
        server.write("line").unwrap();
        rotate(&folder, &render(&unrotated(&log), Target::Logrotate).text);
        assert_eq!(text(&folder.join(&format!("{name}.log.1"))), "line\n");
    }
}

#[test]
fn where_the_server_rotates_nothing_happens() {
    if !is_installed("logrotate") {
        return;
    }
    let folder = Folder::new("logrotate-none");
    let log = folder.join("audit.log");
    let mut settings = unrotated(&log);
    settings.log.max_size_mb = 100;
    let mut server = Server::start(&log).unwrap();
    server.write("line").unwrap();
    let said = rotate(&folder, &render(&settings, Target::Logrotate).text);
    assert!(said.contains("Handling 0 logs"), "{said}");
    assert_eq!(text(&log), "line\n");
}
