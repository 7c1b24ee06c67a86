//! Builds and serves the page.
//!
//! `index.html` lists the parts of the page, for this build and for trunk, which does the same from `Trunk.toml`.

mod first_paint;
mod parts;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::install;
use crate::lock::Lock;
use crate::plan::{self, Item};
use crate::programs;
use crate::project::Project;
use crate::run::{self, Error};
use crate::times::Times;
use first_paint::Compilation;
use parts::{Module, Part, part};

/// Usual durations of a first build on two cores, in seconds, with optimization and without.
const SECONDS: f64 = 170.0;
const DEV_SECONDS: f64 = 60.0;

/// HTML that replaces the link to the page's own module, and HTML at the end of the head; the same texts as in `Trunk.toml`.
const SCRIPT: &str = r#"<script type="module" src="./boot.js"></script>"#;
const PRELOAD: &str = r#"<link rel="preload" href="./playground_bg.wasm" as="fetch" type="application/wasm" crossorigin="anonymous">"#;

/// Builds the page and serves it, and builds it again when a file changes, until interrupted.
///
/// # Errors
/// If something that the build needs is missing, or the first build fails.
pub fn serve(project: &Project, dev: bool, port: u16) -> Result<(), Error> {
    prepare(project, dev, "`cargo xtask serve`")?;
    println!("the page will be at http://127.0.0.1:{port}/ (stop with Ctrl-C)");
    let mut seen = watch::newest(project);
    build(project, dev)?;
    let mut server = Server::start(project, port)?;
    println!("ready: http://127.0.0.1:{port}/");
    loop {
        watch::pause();
        if let Some(status) = server.ended() {
            return Err(Error::new(format!("the server ended with {status}")));
        }
        let newest = watch::newest(project);
        if newest == seen {
            continue;
        }
        seen = newest;
        println!("building again");
        match build(project, dev) {
            Ok(()) => println!("ready: reload the page"),
            Err(error) => eprintln!("error: {error}"),
        }
    }
}

/// The server of `dist/`. It ends with this.
struct Server(Child);

impl Server {
    fn start(project: &Project, port: u16) -> Result<Self, Error> {
        let mut node = project.command("node");
        node.args(["web/build/serve.mjs", &port.to_string()]);
        // It ends when this pipe closes, so that it never outlives this program.
        node.stdin(Stdio::piped());
        let child = node
            .spawn()
            .map_err(|error| Error::new(format!("Node.js could not be started: {error}")))?;
        Ok(Self(child))
    }

    fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.0.try_wait().ok().flatten()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// Returns the command that builds the page into `dist/`: this program itself, for a step whose output goes to a file.
///
/// # Errors
/// If this program has no path.
pub fn build_command(project: &Project) -> Result<Command, Error> {
    let program = std::env::current_exe()
        .map_err(|error| Error::new(format!("this program has no path: {error}")))?;
    let mut command = project.command(&program.to_string_lossy());
    command.arg("build");
    Ok(command)
}

/// Returns the command that makes the script of the element that shows the one file in other pages. It puts both into `dist/`, too.
pub fn widget_command(project: &Project) -> Command {
    let mut command = project.command("node");
    command.arg("web/build/widget.mjs");
    command
}

/// Returns the command that makes one file of `dist/`, in `target/release-files`.
pub fn one_file_command(project: &Project) -> Command {
    let mut command = project.command("node");
    command.arg("web/build/one-file.mjs");
    command
}

/// Says what is to be done until the page is built, and installs what that needs.
///
/// # Errors
/// If something is missing and cannot be installed.
pub fn prepare(project: &Project, dev: bool, task: &str) -> Result<(), Error> {
    prepare_with(project, dev, task, &[])
}

/// Does the same for a task that does more once the page is built.
///
/// # Errors
/// If something is missing and cannot be installed.
pub fn prepare_with(project: &Project, dev: bool, task: &str, more: &[Item]) -> Result<(), Error> {
    let jobs = install::page_tools(project)?;
    let mut items = install::items(&jobs);
    let seconds = if dev { DEV_SECONDS } else { SECONDS };
    let times = Times::of(project);
    items.push(Item::known(
        "build the page",
        &times,
        time_name(dev),
        seconds,
    ));
    items.extend_from_slice(more);
    plan::print(task, &items);
    install::run(project, &jobs)
}

/// Returns the name under which the duration of a build is stored.
fn time_name(dev: bool) -> &'static str {
    if dev {
        "page without optimization"
    } else {
        "page"
    }
}

/// Builds the page into `dist/`. The folder is replaced only when all of it is built.
///
/// # Errors
/// If a program fails or a file cannot be written.
pub fn build(project: &Project, dev: bool) -> Result<(), Error> {
    let wait = "another run builds the page in this folder: waiting until it is done";
    let _lock = Lock::hold(&project.result_file("page.lock"), wait)?;
    let begin = Instant::now();
    build_alone(project, dev)?;
    Times::of(project).record(time_name(dev), begin.elapsed());
    Ok(())
}

fn build_alone(project: &Project, dev: bool) -> Result<(), Error> {
    run::run(project.command("node").arg("web/build/editor.mjs"))?;
    // As deep in the tree as trunk's, since the styles and scripts of a build without optimization contain paths. Cargo has the folders of
    // profiles, such as `page`, next to it.
    let stage = project.root.join("target/page-files");
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(|error| Error::at(&stage, &error))?;
    }
    fs::create_dir_all(&stage).map_err(|error| Error::at(&stage, &error))?;

    let first_paint = Compilation::start(project);
    let source = project.root.join("index.html");
    let html = fs::read_to_string(&source).map_err(|error| Error::at(&source, &error))?;
    let mut page = String::with_capacity(html.len());
    for line in html.split_inclusive('\n') {
        match part(line)? {
            None => page.push_str(line),
            Some(part) => {
                let link = add(project, &part, &stage, dev)?;
                page.push_str(&replaced(line, &link));
            }
        }
    }
    let page = page.replacen("</head>", &format!("{PRELOAD}</head>"), 1);
    let file = stage.join("index.html");
    fs::write(&file, page).map_err(|error| Error::at(&file, &error))?;

    drop(first_paint);
    let mut finish = project.command("node");
    finish.arg("web/build/finish.mjs");
    // The names that trunk gives to its hooks.
    finish.env("TRUNK_STAGING_DIR", &stage);
    finish.env("TRUNK_PROFILE", if dev { "debug" } else { "release" });
    run::run(&mut finish)?;
    replace(&stage, &project.root.join("dist"))
}

/// Returns a line with another text instead of its link.
fn replaced(line: &str, link: &str) -> String {
    let start = line.len() - line.trim_start().len();
    let end = line.trim_end().len();
    let (before, after) = (line.get(..start), line.get(end..));
    format!(
        "{}{link}{}",
        before.unwrap_or_default(),
        after.unwrap_or_default()
    )
}

/// Puts a part into the folder, and returns the HTML that refers to it.
fn add(project: &Project, part: &Part, stage: &Path, dev: bool) -> Result<String, Error> {
    match part {
        Part::Style(path) => {
            let from = project.root.join(path);
            let name = path.rsplit('/').next().unwrap_or(path);
            fs::copy(&from, stage.join(name)).map_err(|error| Error::at(&from, &error))?;
            Ok(format!(r#"<link rel="stylesheet" href="./{name}"/>"#))
        }
        Part::Module(module) => {
            add_module(project, module, stage, dev)?;
            Ok(if module.is_worker { "" } else { SCRIPT }.to_owned())
        }
    }
}

/// Compiles a module and writes it with its script. Each is compiled by itself, so that one does not get the other's features.
fn add_module(project: &Project, module: &Module, stage: &Path, dev: bool) -> Result<(), Error> {
    let profile = if dev { "dev" } else { module.profile.as_str() };
    let mut cargo = project.command("cargo");
    cargo.args(["build", "--locked", "--target", install::WASM]);
    cargo.args(["--manifest-path", &module.manifest, "--profile", profile]);
    println!("compiling {}", module.manifest);
    run::run(&mut cargo)?;
    write_module(project, module, stage, dev)
}

/// Writes the modules that trunk has compiled, split in two, over those that it has written into a folder.
///
/// # Errors
/// If a module was not compiled.
pub fn write_modules(project: &Project, stage: &Path, dev: bool) -> Result<(), Error> {
    let source = project.root.join("index.html");
    let html = fs::read_to_string(&source).map_err(|error| Error::at(&source, &error))?;
    for line in html.lines() {
        if let Some(Part::Module(module)) = part(line)? {
            write_module(project, &module, stage, dev)?;
        }
    }
    Ok(())
}

/// Writes a compiled module, split in two, with its script.
fn write_module(project: &Project, module: &Module, stage: &Path, dev: bool) -> Result<(), Error> {
    let profile = if dev { "dev" } else { module.profile.as_str() };
    let name = package_name(&project.root.join(&module.manifest))?;
    // Cargo names a library's file with underscores.
    let file = if module.is_worker {
        name.replace('-', "_")
    } else {
        name.clone()
    };
    let folder = if dev { "debug" } else { profile };
    let wasm = project
        .target_folder(install::WASM)
        .join(folder)
        .join(format!("{file}.wasm"));
    let mut bindgen = Command::new(programs::BINDGEN.path(&project.cache));
    bindgen.arg(if module.is_worker {
        "no-modules"
    } else {
        "web"
    });
    bindgen.arg(wasm).arg(stage).arg(name).arg("--split");
    if !dev {
        bindgen.arg("--pack");
    }
    run::run(&mut bindgen)
}

/// Returns the name of a package.
fn package_name(manifest: &Path) -> Result<String, Error> {
    let text = fs::read_to_string(manifest).map_err(|error| Error::at(manifest, &error))?;
    let name = text.lines().find_map(|line| line.strip_prefix("name = "));
    name.map(|name| name.trim_matches('"').to_owned())
        .ok_or_else(|| Error::new(format!("`{}` names no package", manifest.display())))
}

/// Replaces a folder by another.
fn replace(from: &Path, to: &Path) -> Result<(), Error> {
    if to.exists() {
        fs::remove_dir_all(to).map_err(|error| Error::at(to, &error))?;
    }
    fs::rename(from, to).map_err(|error| Error::at(to, &error))
}

/// Builds the page both ways, with trunk too, and compares the files. Returns whether they are the same.
///
/// # Errors
/// If trunk or wasm-bindgen's command is not on the PATH, or a build fails.
pub fn compare_with_trunk(project: &Project, dev: bool) -> Result<bool, Error> {
    for (program, package) in [("trunk", "trunk"), ("wasm-bindgen", "wasm-bindgen-cli")] {
        if run::output(project.command(program).arg("--version")).is_none() {
            return Err(Error::new(format!(
                "`{program}` is not on the PATH: `cargo install --locked {package}@{}`",
                programs::trunk_version(program)
            )));
        }
    }
    build(project, dev)?;
    let own = files(&project.root.join("dist"))?;
    let mut trunk = project.command("trunk");
    trunk.args(["build", "--offline"]);
    if !dev {
        trunk.arg("--release");
    }
    // Trunk parses this variable as a boolean and rejects the usual `1`.
    if std::env::var_os("NO_COLOR").is_some() {
        trunk.env("NO_COLOR", "true");
    }
    run::run(&mut trunk)?;
    let theirs = files(&project.root.join("dist"))?;
    let names: BTreeSet<&String> = own.keys().chain(theirs.keys()).collect();
    let mut is_same = true;
    for name in names {
        let state = match (own.get(name), theirs.get(name)) {
            (Some(own), Some(theirs)) if own == theirs => "same",
            (Some(_), Some(_)) => "different",
            (Some(_), None) => "not made by trunk",
            _ => "made by trunk only",
        };
        is_same &= state == "same";
        println!("{name:<40}{state}");
    }
    Ok(is_same)
}

/// Returns the files of a folder without subfolders, by name.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let at = |error: std::io::Error| Error::at(folder, &error);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(at)? {
        let entry = entry.map_err(at)?;
        let content = fs::read(entry.path()).map_err(at)?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), content);
    }
    Ok(files)
}
