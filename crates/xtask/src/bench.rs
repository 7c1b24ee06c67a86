//! `cargo xtask bench`: measures the engine natively and the page in Chromium, and writes the results into `PERFORMANCE.md`.

mod browser;
mod figures;
mod load;
mod logs;
mod native;
mod report;

use std::process::ExitCode;

use crate::project::Project;
use crate::run::Error;
use figures::Figures;

/// The parts to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// True to measure the engine natively.
    pub native: bool,
    /// True to measure the page in Chromium.
    pub browser: bool,
    /// Size of the large logs that the page reads, in GiB.
    pub gib: u64,
}

/// Measures the selected parts. Writes everything that could be measured, even if something else failed. With
/// `yes`, system packages are installed without a question.
///
/// # Errors
/// If the performance page cannot be written.
pub fn bench(project: &Project, selection: &Selection, yes: bool) -> Result<ExitCode, Error> {
    let mut is_complete = true;
    let mut write = |part, measured: Result<Figures, Error>| -> Result<(), Error> {
        match measured {
            Ok(figures) => {
                is_complete &= figures.is_complete;
                report::write(project, part, &figures.text)
            }
            // The other part can still be measured.
            Err(error) => {
                is_complete = false;
                eprintln!("error: {error}");
                Ok(())
            }
        }
    };
    if selection.native {
        write(report::Part::Native, native::measure(project))?;
    }
    if selection.browser {
        let measured = browser::measure(project, selection.gib, yes);
        write(report::Part::Browser, measured)?;
    }
    println!("the results are in {}", report::FILE);
    Ok(if is_complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
