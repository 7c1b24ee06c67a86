//! Tasks of the project: `cargo xtask` lists them.
//!
//! Required programs are installed with exact versions in the user's cache folder. Tasks write nothing into the source tree except
//! `target/`, `dist/` and the generated editor module.

#![forbid(unsafe_code)]

mod bench;
mod docs;
mod fuzz;
mod install;
mod lock;
mod npm;
mod page;
mod plan;
mod programs;
mod project;
mod prose;
mod release;
mod run;
mod test;
mod times;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::install::system;
use crate::project::Project;
use crate::run::Error;

/// Builds, tests and measures the project.
///
/// Tools are installed in $AUDIT_PLAYGROUND_CACHE, or else in `audit-policy-playground` in the user's cache folder. $CHROMIUM, $FIREFOX,
/// $WEBKIT_DRIVER and $MINIBROWSER select the programs that the browser tests use.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
    /// Install system packages with apt-get without asking
    #[arg(long, global = true)]
    yes: bool,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build the page, serve it, and build it again on every change
    Serve {
        /// Build fast and without optimization
        #[arg(long)]
        dev: bool,
        /// Port to serve on
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Build the page into dist/
    Build {
        /// Build fast and without optimization
        #[arg(long)]
        dev: bool,
    },
    /// Build the page, and pack what a release has into target/release-files/
    ///
    /// The page in one file, which works from disk; a zip with it, the files of the site and its documentation; and their checksums. Fails if the
    /// one file is larger than web/budgets.json allows.
    Dist,
    /// Build everything that is handed out into target/release-files/
    ///
    /// What `dist` packs, the command for this machine with completions and manual, the Python and the npm package, the schemas, a list of
    /// contents, the changes, and the checksums of all.
    Release {
        /// A list of checksums that the files must have, such as the `SHA256SUMS` of a release
        #[arg(long)]
        sums: Option<PathBuf>,
    },
    /// Build the npm package into target/npm/
    ///
    /// Fails if it is larger than web/budgets.json allows.
    Npm,
    /// Build the documentation site into target/docs/, and check its links
    ///
    /// Policies in it are live, so the page is built before.
    Docs {
        /// Leave policies as text, without building the page
        #[arg(long)]
        text: bool,
    },
    /// Build the page with trunk too, if it is installed, and compare the files
    Trunk {
        /// Build fast and without optimization
        #[arg(long)]
        dev: bool,
    },
    /// Write the page's compiled modules into a folder: a step of trunk's build
    #[command(hide = true)]
    Modules {
        /// Folder that trunk assembles the page in
        folder: PathBuf,
        /// They were compiled without optimization
        #[arg(long)]
        dev: bool,
    },
    /// Run all checks and tests: prose, licences, format, clippy, documentation, tests, log shippers, the page in Chromium
    Test {
        /// Run the browser tests in Firefox and WebKit too, if they can be installed
        #[arg(long)]
        all: bool,
    },
    /// Check spelling, and phrases that the project does not use
    Prose,
    /// Build the page, print the size of its parts, and fail if one is larger than web/budgets.json allows
    Sizes,
    /// Run the fuzz targets
    Fuzz {
        /// Name of one target; all targets if not set
        target: Option<String>,
        /// Duration of the run, all targets together
        #[arg(long, default_value_t = fuzz::MINUTES, value_parser = clap::value_parser!(u64).range(1..=10_000))]
        minutes: u64,
    },
    /// Measure the engine and the page, and write the results into PERFORMANCE.md
    Bench(BenchOptions),
    /// Install the tools of the other tasks
    Setup {
        /// Install Firefox and WebKit too, as `test --all` does
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Args)]
struct BenchOptions {
    /// Measure only the engine, without a browser
    #[arg(long, conflicts_with = "browser")]
    native: bool,
    /// Measure only the page in Chromium
    #[arg(long)]
    browser: bool,
    /// Size of the large logs that the page reads, in GiB
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    gib: u64,
}

fn main() -> ExitCode {
    match run_task(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_task(arguments: &Arguments) -> Result<ExitCode, Error> {
    let project = Project::find()?;
    let yes = arguments.yes;
    match &arguments.task {
        Task::Serve { dev, port } => page::serve(&project, *dev, *port)?,
        Task::Build { dev } => {
            page::prepare(&project, *dev, "`cargo xtask build`")?;
            page::build(&project, *dev)?;
        }
        Task::Dist => {
            docs::build_with_page(&project, "`cargo xtask dist`")?;
            run::run(project.command("node").arg("web/build/release.mjs"))?;
        }
        Task::Release { sums } => release::build(&project, sums.as_deref())?,
        Task::Npm => npm::build(&project)?,
        Task::Docs { text: true } => docs::build_text(&project, "`cargo xtask docs --text`")?,
        Task::Docs { text: false } => docs::build_with_page(&project, "`cargo xtask docs`")?,
        Task::Trunk { dev } => {
            page::prepare(&project, *dev, "`cargo xtask trunk`")?;
            if !page::compare_with_trunk(&project, *dev)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::Modules { folder, dev } => page::write_modules(&project, folder, *dev)?,
        Task::Test { all } => {
            // The last line always has the counts, for programs that read it.
            return Ok(test::test(&project, *all, yes).unwrap_or_else(|error| {
                eprintln!("error: {error}");
                println!("0 passed, 1 failed, 0 skipped");
                ExitCode::FAILURE
            }));
        }
        Task::Prose => return prose::check(&project),
        Task::Sizes => {
            page::prepare(&project, false, "`cargo xtask sizes`")?;
            page::build(&project, false)?;
            run::run(project.command("node").arg("web/build/sizes.mjs"))?;
            run::run(&mut page::one_file_command(&project))?;
            run::run(&mut page::widget_command(&project))?;
        }
        Task::Fuzz { target, minutes } => return fuzz::fuzz(&project, target.as_deref(), *minutes),
        Task::Bench(options) => {
            let selection = bench::Selection {
                native: !options.browser,
                browser: !options.native,
                gib: options.gib,
            };
            return bench::bench(&project, &selection, yes);
        }
        Task::Setup { all } => set_up(&project, *all, yes)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Installs everything that the other tasks install.
fn set_up(project: &Project, all: bool, yes: bool) -> Result<(), Error> {
    let mut jobs = install::page_tools(project)?;
    jobs.extend(install::check_tools(project));
    let needs = system::missing(all);
    let mut items = system::items(&needs);
    items.extend(install::items(&jobs));
    plan::print("`cargo xtask setup`", &items);
    system::install(project, &needs, yes);
    install::run(project, &jobs)?;
    println!("ready");
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
