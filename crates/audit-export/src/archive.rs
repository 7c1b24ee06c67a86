//! Packs a document into a zip archive: each file at its path relative to the root, and the guide as `README.md`.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::document::{Document, File};

/// Name of the guide in the archive.
const GUIDE: &str = "README.md";

impl Document {
    /// Returns the instructions as Markdown: installation, verification, removal.
    pub fn guide(&self) -> String {
        let mut guide = format!("# Audit policy: {}\n\n{}\n", self.title, self.note);
        for (title, sentences) in [
            ("Install", &self.steps),
            ("Verify", &self.verify),
            ("Undo", &self.undo),
        ] {
            if sentences.is_empty() {
                continue;
            }
            // Writing to a string cannot fail.
            let _ = write!(guide, "\n## {title}\n\n");
            for (place, sentence) in sentences.iter().enumerate() {
                let _ = writeln!(guide, "{}. {sentence}", place + 1);
            }
        }
        guide
    }

    /// Returns a zip archive of the main text, every further file at its path without the root (`etc/kubernetes/…`), and the guide. The same
    /// document always gives the same bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if a file is larger than the 4 GB that the archive format allows.
    pub fn archive(&self) -> Result<Vec<u8>, zip::result::ZipError> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let mut taken = HashSet::new();
        for File { path, text, mode } in self.all_files() {
            let name = free(inside(&path), &mut taken);
            let mode = u32::from_str_radix(mode, 8).unwrap_or(0o600);
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Stored)
                .unix_permissions(mode);
            archive.start_file(name, options)?;
            archive.write_all(text.as_bytes())?;
        }
        Ok(archive.finish()?.into_inner())
    }

    /// Returns the main text, the further files and the guide.
    fn all_files(&self) -> Vec<File> {
        let file = |path: &str, text: String| File {
            path: path.to_owned(),
            text,
            mode: "0644",
        };
        let mut files = vec![file(&self.file_name, self.text.clone())];
        files.extend(self.files.iter().cloned());
        files.push(file(GUIDE, self.guide()));
        files
    }
}

/// Returns a path that stays inside the archive on every system: relative, without `..`, separators of other systems and control characters.
fn inside(path: &str) -> String {
    let safe = |c: char| {
        if c.is_control() || "\\:*?\"<>|".contains(c) {
            '_'
        } else {
            c
        }
    };
    let parts: Vec<String> = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .map(|part| match part {
            "~" => "home".to_owned(),
            part => part.chars().map(safe).collect(),
        })
        .collect();
    if parts.is_empty() {
        "file".to_owned()
    } else {
        parts.join("/")
    }
}

/// Returns the name, with a number in front if it is taken, ignoring case.
fn free(name: String, taken: &mut HashSet<String>) -> String {
    let mut free = name.clone();
    let mut number = 2;
    while !taken.insert(free.to_lowercase()) {
        free = format!("{number}-{name}");
        number += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use zip::ZipArchive;

    use super::*;
    use crate::render::render;
    use crate::target::Target;
    use apiserver_config::Settings;

    #[test]
    fn paths_stay_within_the_archive() {
        for (path, name) in [
            (
                "/etc/kubernetes/audit/policy.yaml",
                "etc/kubernetes/audit/policy.yaml",
            ),
            ("./audit-policy.yaml", "audit-policy.yaml"),
            ("~/.minikube/files/a.yaml", "home/.minikube/files/a.yaml"),
            ("../../etc/passwd", "etc/passwd"),
            ("C:\\x\n", "C__x_"),
            ("/", "file"),
        ] {
            assert_eq!(inside(path), name);
        }
    }

    #[test]
    fn the_archive_contains_every_file_with_its_text_and_mode() {
        let mut settings = Settings::new("rules: []\n");
        settings.webhook.config_path = "/etc/kubernetes/audit-webhook.yaml".to_owned();
        for target in Target::ALL {
            let document = render(&settings, target);
            let bytes = document.archive().unwrap();
            assert_eq!(bytes, document.archive().unwrap(), "{}", target.name());
            let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
            assert_eq!(archive.len(), document.files.len() + 2, "{}", target.name());
            let read = |archive: &mut ZipArchive<_>, name: &str| {
                let mut text = String::new();
                let mut file = archive.by_name(name).unwrap();
                file.read_to_string(&mut text).unwrap();
                (text, file.unix_mode().unwrap_or_default() & 0o777)
            };
            assert_eq!(read(&mut archive, &document.file_name).0, document.text);
            for file in &document.files {
                let mode = u32::from_str_radix(file.mode, 8).unwrap();
                let (text, given) = read(&mut archive, &inside(&file.path));
                assert_eq!(
                    (text.as_str(), given),
                    (file.text.as_str(), mode),
                    "{}",
                    file.path
                );
            }
            assert!(read(&mut archive, GUIDE).0.starts_with("# Audit policy: "));
        }
    }

    #[test]
    fn files_with_the_same_name_are_both_kept() {
        let mut document = Document::new(Target::Flags, "a.txt", "one");
        document.files.push(File {
            path: "/A.txt".to_owned(),
            text: "two".to_owned(),
            mode: "0600",
        });
        let archive = ZipArchive::new(Cursor::new(document.archive().unwrap())).unwrap();
        let mut names: Vec<_> = archive.file_names().collect();
        names.sort_unstable();
        assert_eq!(names, ["2-A.txt", "README.md", "a.txt"]);
    }
}
