//! Builds the documentation site: `playground-book ROOT COMMAND OUT [WIDGET]`, called by `cargo xtask docs`. `playground-book --plain BOOK OUT`
//! only runs mdBook, for a test of the recipe for it.
//!
//! `docs/SUMMARY.md` lists the pages, which stay where they are in the repository. They are copied into a folder of mdBook's layout with links
//! between each other, mdBook writes the site, and its links are checked.

mod check;
mod error;
mod example;
mod include;
mod page;
mod site;
mod summary;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use error::Error;
use example::Examples;
use mdbook_driver::MDBook;
use summary::Page;

/// Folders and programs of a run.
struct Job {
    /// Root of the repository.
    root: PathBuf,
    /// The command `audit-policy`, which recognizes policies and describes its own arguments.
    command: PathBuf,
    /// Folder of the finished site.
    out: PathBuf,
    /// Folder with the widget's script and the page in one file. Without it, examples stay code blocks.
    widget: Option<PathBuf>,
}

/// The files of the widget.
const WIDGET: [&str; 2] = [site::WIDGET_SCRIPT, "audit-policy-playground.html"];

fn main() -> ExitCode {
    let mut words = env::args_os().skip(1).map(PathBuf::from);
    let (Some(root), Some(command), Some(out)) = (words.next(), words.next(), words.next()) else {
        eprintln!(
            "error: call `playground-book ROOT COMMAND OUT [WIDGET]`, as `cargo xtask docs` does"
        );
        return ExitCode::from(2);
    };
    if root == Path::new("--plain") {
        return exit_code(plain(&command, &out));
    }
    let job = Job {
        root,
        command,
        out,
        widget: words.next(),
    };
    exit_code(build(&job))
}

fn exit_code(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds a book as mdBook's command does.
fn plain(book: &Path, out: &Path) -> Result<(), Error> {
    let failed = |error| Error::new(format!("{error:#}"));
    let mut book = MDBook::load(book).map_err(failed)?;
    book.config.build.build_dir = out.to_owned();
    book.build().map_err(failed)
}

fn build(job: &Job) -> Result<(), Error> {
    let begin = Instant::now();
    let stage = job.out.with_extension("source");
    empty(&stage)?;
    let pages = write_sources(job, &stage)?;
    let book = MDBook::load(&stage).map_err(|error| Error::new(format!("{error:#}")))?;
    empty(&job.out)?;
    book.build()
        .map_err(|error| Error::new(format!("{error:#}")))?;
    if let Some(widget) = &job.widget {
        let folder = job.out.join(site::WIDGET_FOLDER);
        make(&folder)?;
        for name in WIDGET {
            copy(&widget.join(name), &folder.join(name))?;
        }
    }
    let widgets = site::finish(&job.out)?;
    let links = check::check(&job.out)?;
    println!(
        "{}: {pages} pages, {widgets} live examples, {links} links checked, {:.1} s",
        job.out.display(),
        begin.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Writes the folder that mdBook reads. Returns the number of pages.
fn write_sources(job: &Job, stage: &Path) -> Result<usize, Error> {
    let docs = job.root.join("docs");
    let source = stage.join("src");
    make(&source)?;
    let summary = summary::read(&job.root, &read(&docs.join("SUMMARY.md"))?)?;
    write(&source.join("SUMMARY.md"), &summary.text)?;
    let mut config = read(&docs.join("book.toml"))?;
    config.push_str(&format!("\n[build]\nbuild-dir = {:?}\n", job.out));
    config.push_str("use-default-preprocessors = false\n");
    write(&stage.join("book.toml"), &config)?;
    copy_folder(&docs.join("theme"), &stage.join("theme"))?;
    copy(
        &job.root.join("web/styles/tokens.css"),
        &stage.join("theme/tokens.css"),
    )?;

    let examples = Examples::new(&job.command, job.widget.is_some());
    for page in &summary.pages {
        let text = include::expand(
            &job.root,
            &job.command,
            page,
            &read(&job.root.join(&page.source))?,
        )?;
        let rewritten = page::rewrite(&job.root, &summary.pages, page, &text)?;
        for image in &rewritten.images {
            copy(
                &job.root.join(image),
                &source.join(page::image_target(image)),
            )?;
        }
        let text = examples.make_live(&rewritten.text)?;
        write(&source.join(&page.target), &text)?;
    }
    Ok(summary.pages.len())
}

fn empty(folder: &Path) -> Result<(), Error> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Error::at(folder, &error))?;
    }
    make(folder)
}

fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| Error::at(folder, &error))
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::at(path, &error))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        make(folder)?;
    }
    fs::write(path, text).map_err(|error| Error::at(path, &error))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    if let Some(folder) = to.parent() {
        make(folder)?;
    }
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| Error::at(from, &error))
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    let at = |error: std::io::Error| Error::at(from, &error);
    for entry in fs::read_dir(from).map_err(at)? {
        let entry = entry.map_err(at)?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(at)?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Returns the page whose source is a file of the repository.
pub(crate) fn page_of<'a>(pages: &'a [Page], source: &str) -> Option<&'a Page> {
    pages.iter().find(|page| page.source == source)
}
