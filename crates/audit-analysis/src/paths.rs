//! Atoms of paths: each listed URL without a star is one, and for each listed prefix all paths of which it is the longest.

use crate::atoms::Atoms;

/// The atoms of the paths of URLs that are not of a resource.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    /// Texts in ascending order, and what each stands for.
    atoms: Vec<(String, UrlKind)>,
}

/// Paths that the text of an atom stands for. A prefix sorts before the path of the same text, so that whatever starts with it follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum UrlKind {
    /// All paths that start with it, except those of other atoms.
    Prefix,
    /// The path itself.
    Exact,
}

impl Paths {
    /// Creates the atoms for URLs as they stand in rules.
    pub(crate) fn new<'v>(urls: impl IntoIterator<Item = &'v str>) -> Self {
        let mut atoms: Vec<(String, UrlKind)> = urls.into_iter().map(split).map(owned).collect();
        // What no listed prefix starts.
        atoms.push((String::new(), UrlKind::Prefix));
        atoms.sort_unstable();
        atoms.dedup();
        Self { atoms }
    }

    /// Returns the number of atoms.
    pub(crate) fn len(&self) -> usize {
        self.atoms.len()
    }

    /// Returns true if a URL of a rule has an atom.
    pub(crate) fn lists(&self, url: &str) -> bool {
        let (text, kind) = split(url);
        let place = self
            .atoms
            .binary_search_by(|(own, own_kind)| (own.as_str(), *own_kind).cmp(&(text, kind)));
        place.is_ok()
    }

    /// Returns the paths that fit a URL of a rule.
    pub(crate) fn fitting<'v>(&self, urls: impl IntoIterator<Item = &'v str>) -> Atoms {
        let ranges = urls.into_iter().flat_map(|url| self.range(url));
        Atoms::of(self.len(), ranges)
    }

    fn range(&self, url: &str) -> std::ops::Range<usize> {
        let (text, kind) = split(url);
        let first = self
            .atoms
            .partition_point(|(own, own_kind)| (own.as_str(), *own_kind) < (text, kind));
        match kind {
            UrlKind::Exact => {
                let is_listed = self
                    .atoms
                    .get(first)
                    .is_some_and(|atom| atom == &(text.to_owned(), kind));
                first..first + usize::from(is_listed)
            }
            UrlKind::Prefix => {
                let below = self.atoms.get(first..).unwrap_or_default();
                first..first + below.partition_point(|(own, _)| own.starts_with(text))
            }
        }
    }

    /// Returns the text of an atom and what it stands for.
    pub(crate) fn atom(&self, id: usize) -> (&str, UrlKind) {
        self.atoms
            .get(id)
            .map_or(("", UrlKind::Prefix), |(text, kind)| (text, *kind))
    }

    /// Returns the atom of the longest listed prefix of an atom. `None` for the empty prefix.
    pub(crate) fn parents(&self) -> Vec<Option<usize>> {
        let mut open: Vec<usize> = Vec::new();
        let mut parents = Vec::with_capacity(self.len());
        for (id, (text, kind)) in self.atoms.iter().enumerate() {
            while open
                .last()
                .is_some_and(|last| !text.starts_with(self.atom(*last).0))
            {
                open.pop();
            }
            parents.push(open.last().copied());
            if *kind == UrlKind::Prefix {
                open.push(id);
            }
        }
        parents
    }

    /// Returns a path of an atom that meets a condition. `None` if no path does that is tried: the text itself and short continuations, which
    /// suffices for conditions on the first four parts of a path.
    pub(crate) fn example(&self, id: usize, fits: impl Fn(&str) -> bool) -> Option<String> {
        let (text, kind) = self.atom(id);
        if kind == UrlKind::Exact {
            return Some(text.to_owned()).filter(|path| fits(path));
        }
        // No URL has a path without a slash in front, but a rule can tell it from others.
        let starts = if text.is_empty() {
            &["/", ""][..]
        } else {
            &[text]
        };
        let rests = ["", "example", "/", "/example", "-", "_", "~", "0", "x", "é"];
        starts
            .iter()
            .flat_map(|start| rests.map(|rest| format!("{start}{rest}")))
            .find(|path| !path.is_empty() && self.id_of(path) == id && fits(path))
    }

    /// Returns the atom of a path.
    fn id_of(&self, path: &str) -> usize {
        let exact = (path.to_owned(), UrlKind::Exact);
        if let Ok(id) = self.atoms.binary_search(&exact) {
            return id;
        }
        // Every prefix of the path sorts before it.
        let end = path.len();
        (0..=end)
            .rev()
            .filter_map(|length| path.get(..length))
            .find_map(|prefix| {
                let atom = (prefix.to_owned(), UrlKind::Prefix);
                self.atoms.binary_search(&atom).ok()
            })
            .unwrap_or_default()
    }
}

fn split(url: &str) -> (&str, UrlKind) {
    let prefix = url.trim_end_matches('*');
    if prefix.len() < url.len() {
        (prefix, UrlKind::Prefix)
    } else {
        (url, UrlKind::Exact)
    }
}

fn owned((text, kind): (&str, UrlKind)) -> (String, UrlKind) {
    (text.to_owned(), kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atoms_of_prefixes_and_paths() {
        let paths = Paths::new(["/healthz*", "/healthz", "/api*", "/api/v1", "/version"]);
        // "", /api*, /api/v1, /healthz*, /healthz, /version
        assert_eq!(paths.len(), 6);
        let texts = |url: &str| -> Vec<_> {
            let set = paths.fitting([url]);
            set.iter().map(|id| paths.atom(id)).collect()
        };
        assert_eq!(texts("*").len(), 6);
        assert_eq!(
            texts("/healthz*"),
            [("/healthz", UrlKind::Prefix), ("/healthz", UrlKind::Exact)]
        );
        assert_eq!(texts("/healthz"), [("/healthz", UrlKind::Exact)]);
        assert_eq!(
            texts("/api*"),
            [("/api", UrlKind::Prefix), ("/api/v1", UrlKind::Exact)]
        );
        assert!(texts("/metrics").is_empty());
        assert_eq!(
            paths.parents(),
            [None, Some(0), Some(1), Some(0), Some(3), Some(0)]
        );
    }

    #[test]
    fn an_example_belongs_to_its_atom() {
        let paths = Paths::new(["/healthz*", "/healthz", "/healthzexample*"]);
        let id = paths.range("/healthz*").start;
        let example = paths.example(id, |_| true);
        assert_eq!(example.as_deref(), Some("/healthz/"));
        assert_eq!(paths.example(0, |path| path == "/metrics"), None);
    }
}
