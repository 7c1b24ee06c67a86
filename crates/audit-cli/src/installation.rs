//! `completions` and `man`: what is installed next to the program, from the definitions of its arguments.

use std::io::Write;

use clap::CommandFactory;
use clap_mangen::Man as Page;

use crate::arguments::{Arguments, Completions, Man};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::output::Output;
use crate::program::PROGRAM;
use crate::save::save;

/// Prints the script of a shell.
pub(crate) fn completions(arguments: &Completions) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut shown(), PROGRAM, &mut script);
    print(&script)
}

/// Prints a manual page, or writes all.
pub(crate) fn man(arguments: &Man) -> Result {
    let mut program = shown();
    program.build();
    if let Some(folder) = &arguments.dir {
        return write_all(&program, folder);
    }
    let Some(name) = &arguments.command else {
        return print(&page(program)?);
    };
    let names = || {
        let commands = program.get_subcommands().map(clap::Command::get_name);
        let names: Vec<String> = commands.map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let Some(command) = program.find_subcommand(name) else {
        return Err(Error::Usage(format!(
            "`{name}` is not a command; the commands are {}",
            names()
        )));
    };
    print(&page(command.clone())?)
}

/// Returns the program without the commands that its help does not list.
fn shown() -> clap::Command {
    let program = Arguments::command().disable_help_subcommand(true);
    let commands: Vec<clap::Command> = program
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .cloned()
        .collect();
    let mut bare = clap::Command::new(PROGRAM)
        .bin_name(PROGRAM)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .version(env!("CARGO_PKG_VERSION"))
        .args(program.get_arguments().cloned())
        .subcommands(commands);
    if let Some(about) = program.get_about() {
        bare = bare.about(about.clone());
    }
    if let Some(about) = program.get_long_about() {
        bare = bare.long_about(about.clone());
    }
    bare
}

/// Returns a page for `man`.
fn page(command: clap::Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    Page::new(command).render(&mut text)?;
    Ok(text)
}

/// Writes the pages of the program and of its commands into a folder.
fn write_all(program: &clap::Command, folder: &FileName) -> Result {
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(format!("{name}.1"));
        save(&FileName::from(path.into_os_string()), text)
    };
    write(PROGRAM, &page(program.clone())?)?;
    for command in program.get_subcommands() {
        let name = format!("{PROGRAM}-{}", command.get_name());
        write(&name, &page(command.clone())?)?;
    }
    Ok(())
}

fn print(text: &[u8]) -> Result {
    let mut out = Output::own();
    out.write_all(text)?;
    Ok(out.flush()?)
}
