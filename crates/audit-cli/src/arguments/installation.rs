//! The arguments of `completions` and `man`.

use clap::Args;
use clap_complete::Shell;

use crate::file_name::FileName;

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// `man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write a page for the program and one for each command into this folder, which must exist
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub(crate) dir: Option<FileName>,
    /// Command to print the page of, such as check; the page of the program if not set
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}
