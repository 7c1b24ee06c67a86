//! The arguments of `lsp`.

use clap::Args;

/// `lsp`
#[derive(Debug, Args)]
pub(crate) struct Lsp {
    /// Use standard input and output, as always. Some editors add it.
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}
