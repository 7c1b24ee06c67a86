//! Every chore of the project: `cargo xtask` lists them.
//!
//! Installs what it needs, pinned, in the user's cache folder; never touches the source tree beyond `target/`, `dist/` and the
//! generated editor module.

#![forbid(unsafe_code)]

mod bench;
mod fuzz;
mod place;
mod run;
mod steps;
mod tools;

use std::process::{Command, ExitCode};

use place::Place;
use run::Failure;

const USAGE: &str = "\
cargo xtask serve [--dev] [--port N]   build the page, serve it, build again on every change
cargo xtask build [--dev]              build the page into dist/
cargo xtask test [--all]               format, clippy, all tests, real log shippers, the page in Chromium;
                                       with --all also in Firefox and WebKit, where they can be installed
cargo xtask sizes                      build the page and say what a first visit downloads
cargo xtask fuzz [TARGET] [--minutes N]
                                       feed every parser broken input, for an hour in all or as long as asked
cargo xtask bench [--native | --browser] [--gib N]
                                       measure engine and page, and write the figures into PERFORMANCE.md
cargo xtask setup                      only install what the others need

--dev builds fast and runs slow. Tools go to $AUDIT_PLAYGROUND_CACHE, else to audit-policy-playground
in the user's cache folder. $CHROMIUM, $FIREFOX, $WEBKIT_DRIVER and $MINIBROWSER name the programs to
test with.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match chore(&words) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// What follows a chore's name.
struct Options<'w> {
    dev: bool,
    all: bool,
    port: &'w str,
    minutes: u64,
    target: Option<&'w str>,
    wish: bench::Wish,
}

impl<'w> Options<'w> {
    fn of(name: &str, mut words: impl Iterator<Item = &'w str>) -> Result<Self, Failure> {
        let mut options = Self {
            dev: false,
            all: false,
            port: "8080",
            minutes: fuzz::MINUTES,
            target: None,
            wish: bench::Wish::default(),
        };
        while let Some(word) = words.next() {
            match (name, word) {
                ("serve" | "build", "--dev") => options.dev = true,
                ("test", "--all") => options.all = true,
                ("serve", "--port") => {
                    options.port = words
                        .next()
                        .filter(|text| text.parse::<u16>().is_ok())
                        .ok_or_else(|| Failure::new("`--port` wants a number up to 65535"))?;
                }
                ("fuzz", "--minutes") => {
                    options.minutes = number(words.next(), 1..=10_000).ok_or_else(|| {
                        Failure::new("`--minutes` wants a number from 1 to 10000")
                    })?;
                }
                ("fuzz", name) if options.target.is_none() && !name.starts_with('-') => {
                    options.target = Some(name);
                }
                ("bench", "--native") => options.wish.browser = false,
                ("bench", "--browser") => options.wish.native = false,
                ("bench", "--gib") => {
                    options.wish.gib = number(words.next(), 1..=64)
                        .ok_or_else(|| Failure::new("`--gib` wants a number from 1 to 64"))?;
                }
                _ => {
                    return Err(Failure::new(format!(
                        "`{word}` is not understood here\n\n{USAGE}"
                    )));
                }
            }
        }
        Ok(options)
    }
}

fn number(word: Option<&str>, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
    let number = word?.parse().ok()?;
    range.contains(&number).then_some(number)
}

fn chore(words: &[String]) -> Result<ExitCode, Failure> {
    let mut words = words.iter().map(String::as_str);
    let name = words.next().unwrap_or("help");
    let Options {
        dev,
        all,
        port,
        minutes,
        target,
        wish,
    } = Options::of(name, words)?;

    let place = Place::find()?;
    match name {
        "serve" => serve(&place, dev, port),
        "build" => {
            tools::ready(&place)?;
            run::shown(&mut build(&place, dev))
        }
        "test" => {
            // Readers of the last line get one, whatever happens.
            return Ok(steps::test(&place, all).unwrap_or_else(|failure| {
                eprintln!("error: {failure}");
                println!("0 passed, 1 failed, 0 skipped");
                ExitCode::FAILURE
            }));
        }
        "sizes" => {
            tools::ready(&place)?;
            run::shown(&mut build(&place, false))?;
            run::shown(place.command("node").arg("web/build/sizes.mjs"))
        }
        "fuzz" => return fuzz::fuzz(&place, target, minutes),
        "bench" => return bench::bench(&place, &wish),
        "setup" => {
            tools::ready(&place)?;
            tools::chromium().map(|path| println!("ready; browser tests use {}", path.display()))
        }
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(Failure::new(format!("`{other}` is no chore\n\n{USAGE}"))),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the page and serves it until interrupted.
fn serve(place: &Place, dev: bool, port: &str) -> Result<(), Failure> {
    tools::ready(place)?;
    println!("building; the page will be at http://127.0.0.1:{port}/ (stop with Ctrl-C)");
    let mut trunk = place.command("trunk");
    trunk.args([
        "serve",
        "--offline",
        "--port",
        port,
        "--address",
        "127.0.0.1",
    ]);
    if !dev {
        trunk.arg("--release");
    }
    run::shown(&mut trunk)
}

/// The command that builds the page into `dist/`.
fn build(place: &Place, dev: bool) -> Command {
    let mut trunk = trunk(place);
    trunk.args(["build", "--offline"]);
    if !dev {
        trunk.arg("--release");
    }
    trunk
}

fn trunk(place: &Place) -> Command {
    let mut trunk = place.command("trunk");
    // Its own stack says nothing about the page.
    trunk.env("RUST_BACKTRACE", "0");
    trunk
}
