//! Durations of earlier runs in this checkout, from which a task tells how long it will take.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::project::Project;

/// Durations by name, kept in `target/xtask/times`: a name, a tab and seconds in each line.
#[derive(Debug, Default)]
pub struct Times {
    path: PathBuf,
    seconds: BTreeMap<String, f64>,
}

impl Times {
    /// Reads what earlier runs took. Empty if there was none.
    pub fn of(project: &Project) -> Self {
        let path = project.result_file("times");
        let text = fs::read_to_string(&path).unwrap_or_default();
        Self {
            path,
            seconds: parse(&text),
        }
    }

    /// Returns the duration of the last run, or else the usual one, in seconds.
    pub fn usual(&self, name: &str, usual: f64) -> f64 {
        self.seconds.get(name).copied().unwrap_or(usual)
    }

    /// Stores how long something took. Without the file, the next run only knows less.
    pub fn record(&mut self, name: &str, took: Duration) {
        self.seconds.insert(name.to_owned(), took.as_secs_f64());
        let lines = self.seconds.iter();
        let text: String = lines
            .map(|(name, seconds)| format!("{name}\t{seconds:.1}\n"))
            .collect();
        if let Some(folder) = self.path.parent() {
            let _ = fs::create_dir_all(folder);
        }
        let _ = fs::write(&self.path, text);
    }
}

fn parse(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    lines
        .filter_map(|(name, seconds)| Some((name.to_owned(), seconds.parse().ok()?)))
        .filter(|(_, seconds): &(String, f64)| seconds.is_finite() && *seconds >= 0.0)
        .collect()
}

/// Formats a duration that is only known roughly: `5 s`, `50 s`, `2 min`, `20 min`.
pub fn about(seconds: f64) -> String {
    match seconds.round() {
        rounded if rounded < 10.0 => format!("{} s", rounded.max(1.0)),
        _ if seconds < 55.0 => format!("{} s", (seconds / 5.0).round() * 5.0),
        _ => format!("{} min", (seconds / 60.0).round().max(1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_a_time_are_left_out() {
        let text = "page\t170.5\nno time\nclippy\tlong\ndocs\t-1\ntests\tNaN\nclippy wasm\t2\n";
        let expected = [("page", 170.5), ("clippy wasm", 2.0)];
        let expected = expected.map(|(name, seconds)| (name.to_owned(), seconds));
        assert_eq!(parse(text), BTreeMap::from(expected));
    }

    #[test]
    fn rough_durations_have_few_digits() {
        for (seconds, expected) in [
            (0.0, "1 s"),
            (4.4, "4 s"),
            (12.0, "10 s"),
            (53.0, "55 s"),
            (58.0, "1 min"),
            (100.0, "2 min"),
            (1199.0, "20 min"),
        ] {
            assert_eq!(about(seconds), expected, "{seconds}");
        }
    }
}
