//! Compiles the program that computes the static page's content, while the modules are compiled: linking them keeps one core busy only.

use std::process::{Child, Stdio};

use crate::project::Project;

/// A compilation that goes on. Dropping it waits for its end, so that no program outlives this one.
pub struct Compilation(Option<Child>);

impl Compilation {
    /// Starts it. Its failure is not reported here: `finish.mjs` runs the program, and then it is.
    pub fn start(project: &Project) -> Self {
        let mut cargo = project.command("cargo");
        cargo.args(["build", "--quiet", "--locked"]);
        cargo.args(["--package", "playground-first-paint"]);
        cargo.stdout(Stdio::null()).stderr(Stdio::null());
        Self(cargo.spawn().ok())
    }
}

impl Drop for Compilation {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.wait();
        }
    }
}
