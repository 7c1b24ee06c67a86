//! Inventories of Ansible in the format of ini files. Source: the page "How to build your inventory" of Ansible's documentation.
//!
//! The variables of the control plane become a YAML document with a line per line of the inventory, which is read like a file of variables.

use std::collections::{BTreeMap, BTreeSet};

use audit_text::quote;
use audit_types::Span;

/// Groups whose variables the control plane has, from the most general to the most special one; also in the spelling of older versions of kubespray.
const GROUPS: [&str; 5] = [
    "all",
    "k8s-cluster",
    "k8s_cluster",
    "kube-master",
    "kube_control_plane",
];

/// Groups of hosts of the control plane.
const CONTROL_PLANE: [&str; 2] = ["kube-master", "kube_control_plane"];

/// Maximum number of lines.
const MAX_LINES: usize = 100_000;

/// Variables of an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inventory {
    /// The variables of the control plane as YAML. Each is on the line that it has in the inventory.
    pub(crate) yaml: String,
    /// Places of the values: offsets in the YAML, and spans of the inventory.
    pub(crate) parts: Vec<(usize, Span)>,
}

/// A variable, and how special the group is that sets it.
struct Variable<'t> {
    name: &'t str,
    value: &'t str,
    at: usize,
    line: usize,
    rank: usize,
}

/// Reads an inventory. `None` for another text.
pub(crate) fn read(text: &str) -> Option<Inventory> {
    let first = text.lines().map(str::trim).find(|line| is_content(line))?;
    // A list of YAML has more than one item, or none.
    section(first)?;
    let hosts = hosts_of_control_plane(text);
    let mut group = "";
    let mut is_certain = false;
    let mut variables: Vec<Variable<'_>> = Vec::new();
    let mut at = 0;
    for (line, raw) in text.split_inclusive('\n').take(MAX_LINES).enumerate() {
        let start = at + raw.len() - raw.trim_start().len();
        at += raw.len();
        let content = raw.trim();
        if !is_content(content) {
            continue;
        }
        if let Some(name) = section(content) {
            group = name;
            is_certain |= group.contains(':') || GROUPS.contains(&group);
            continue;
        }
        let place = Place {
            content,
            start,
            line,
        };
        match group.split_once(':') {
            Some((group, "vars")) => variables.extend(place.variable(group)?),
            Some((_, "children")) => {}
            Some(_) => return None,
            None => place.host(&hosts, &mut variables)?,
        }
    }
    is_certain.then(|| yaml(variables))
}

/// A line of an inventory without the white space around it.
struct Place<'t> {
    content: &'t str,
    /// Its offset in the inventory.
    start: usize,
    line: usize,
}

impl<'t> Place<'t> {
    /// Reads the variable of a group. The outer `None` is a line without one, the inner one a group that is not of the control plane.
    fn variable(&self, group: &str) -> Option<Option<Variable<'t>>> {
        let (name, value) = self.content.split_once('=')?;
        let rank = GROUPS.iter().position(|known| *known == group);
        let value = value.trim_start();
        Some(rank.map(|rank| Variable {
            name: name.trim_end(),
            value,
            at: self.start + self.content.len() - value.len(),
            line: self.line,
            rank,
        }))
    }

    /// Reads a host and its variables, if it is one of these. `None` for a line that is not a host.
    fn host(&self, hosts: &BTreeSet<&str>, variables: &mut Vec<Variable<'t>>) -> Option<()> {
        let mut words = words(self.content).into_iter();
        let (_, host) = words.next()?;
        is_host(host).then_some(())?;
        for (offset, word) in words {
            // Ansible rejects the line; without any sign, it is a text.
            let Some((name, value)) = word.split_once('=') else {
                self.content.contains('=').then_some(())?;
                continue;
            };
            if hosts.contains(host) {
                variables.push(Variable {
                    name,
                    value,
                    at: self.start + offset + name.len() + 1,
                    line: self.line,
                    rank: GROUPS.len(),
                });
            }
        }
        Some(())
    }
}

/// Splits the line of a host as Python's `shlex.split` does with comments, and returns each word as it is spelled, with its offset. A quote that is not
/// closed ends at the end of the line.
fn words(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut is_escaped = false;
    let mut end = line.len();
    for (at, c) in line.char_indices() {
        if std::mem::take(&mut is_escaped) {
            continue;
        }
        if quote.is_none() && c == '#' {
            end = at;
            break;
        }
        if quote.is_none() && c.is_whitespace() {
            found.extend(
                start
                    .take()
                    .and_then(|start| Some((start, line.get(start..at)?))),
            );
            continue;
        }
        start.get_or_insert(at);
        match quote {
            Some('\'') if c != '\'' => {}
            _ if c == '\\' => is_escaped = true,
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
    }
    found.extend(start.and_then(|start| Some((start, line.get(start..end)?))));
    found
}

/// Returns the group of a section, such as `all:vars`.
fn section(line: &str) -> Option<&str> {
    let name = line.strip_prefix('[')?.split_once(']')?.0;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    (!name.is_empty() && name.chars().all(is_of_name)).then_some(name)
}

fn is_content(line: &str) -> bool {
    !line.is_empty() && !line.starts_with(['#', ';'])
}

/// Returns whether a word is a host or a pattern of hosts: `node[1:3].example.org`.
fn is_host(word: &str) -> bool {
    word.chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-.:[]".contains(c))
}

/// Returns whether a name can be that of a variable. Others are not valid in the expressions that read it.
fn is_variable(name: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(is_of_name)
}

/// Returns the hosts of the groups of the control plane.
fn hosts_of_control_plane(text: &str) -> BTreeSet<&str> {
    let mut group = "";
    let mut hosts = BTreeSet::new();
    for line in text.lines().take(MAX_LINES).map(str::trim) {
        if let Some(name) = section(line) {
            group = name;
        } else if CONTROL_PLANE.contains(&group) && is_content(line) {
            hosts.extend(line.split_whitespace().next());
        }
    }
    hosts
}

/// Writes the variables that count: of each, the one of the most special group, and of equal ones the last.
fn yaml(variables: Vec<Variable<'_>>) -> Inventory {
    let mut chosen: BTreeMap<&str, Variable<'_>> = BTreeMap::new();
    for variable in variables {
        let is_hidden = chosen
            .get(variable.name)
            .is_some_and(|known| known.rank > variable.rank);
        if !is_hidden && is_variable(variable.name) {
            chosen.insert(variable.name, variable);
        }
    }
    let mut chosen: Vec<Variable<'_>> = chosen.into_values().collect();
    chosen.sort_unstable_by_key(|variable| (variable.line, variable.at));
    let mut out = String::from("{");
    let mut parts = Vec::new();
    let mut line = 0;
    for Variable {
        name,
        value,
        at,
        line: own,
        ..
    } in chosen
    {
        while line < own {
            out.push('\n');
            line += 1;
        }
        out.push_str(name);
        out.push_str(": ");
        let (text, start) = literal(value);
        let quoted = text.map_or_else(|| yaml_literal(plain(value)), quote::single);
        let length = text.unwrap_or_else(|| plain(value)).len();
        let skipped = usize::from(text.is_some());
        let is_spelled = !quoted.contains("''") || length == 0;
        parts.extend(is_spelled.then(|| {
            (
                out.len() + skipped,
                Span::new(at + start, at + start + length),
            )
        }));
        out.push_str(&quoted);
        out.push_str(", ");
    }
    out.push_str("}\n");
    Inventory { yaml: out, parts }
}

/// Returns a value without a comment behind it.
fn plain(value: &str) -> &str {
    value.split(" #").next().unwrap_or_default().trim_end()
}

/// Returns a literal of Python as YAML spells it.
fn yaml_literal(literal: &str) -> String {
    match literal {
        "None" => "null".to_owned(),
        other => other.to_lowercase(),
    }
}

/// Returns the text of a value, and where it starts. Values are literals of Python where they can be: numbers, booleans and `None` have no text.
fn literal(value: &str) -> (Option<&str>, usize) {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let inner = value.get(1..).unwrap_or_default();
        if let Some((text, _)) = inner.split_once(quote) {
            return (Some(text), 1);
        }
    }
    let bare = plain(value);
    let is_number = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
    let is_literal = is_number || matches!(bare, "True" | "False" | "None");
    ((!is_literal).then(|| value.trim_end()), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_control_plane_keep_their_lines() {
        for (text, expected) in [
            (
                "[all:vars]\na=true\nb = 9\n",
                Some("{\na: 'true', \nb: 9, }\n"),
            ),
            (
                "# c\n[all:vars]\na=\"x y\" # z\n; d\nb=True\n",
                Some("{\n\na: 'x y', \n\nb: true, }\n"),
            ),
            // A more special group decides, whatever the order is.
            (
                "[kube_control_plane:vars]\na=1\n[all:vars]\na=2\n[etcd:vars]\na=3\n",
                Some("{\na: 1, }\n"),
            ),
            (
                "[all]\nn1 ip=1.2.3.4 a=1\n[kube_control_plane]\nn1\n",
                Some("{\nip: '1.2.3.4', a: 1, }\n"),
            ),
            (
                "[all]\nn1 a=1\n[kube_node]\nn1\n[k8s_cluster:children]\nkube_node\n",
                Some("{}\n"),
            ),
            // A value in quotes has spaces and signs, and a comment no variables.
            (
                "[kube_control_plane]\nn1 a=\"x y=z\" b='1 2' c=3 # d=4\n",
                Some("{\na: 'x y=z', b: '1 2', c: 3, }\n"),
            ),
            // Names that YAML would read as something else are not those of variables.
            (
                "[all:vars]\n[a=1\na]=2\na:b=3\na.b=4\na_b2=5\n",
                Some("{\n\n\n\n\na_b2: 5, }\n"),
            ),
            (
                "[all:vars]\na=None\nb=none\n",
                Some("{\na: null, \nb: 'none', }\n"),
            ),
            ("[web]\nhost a=1\n", None),
            ("[Service]\nExecStart=/a b\n", None),
            ("[all]\nno host, it's a text\n", None),
            ("[a, b]\n", None),
            ("a=1\n", None),
            ("", None),
        ] {
            let found = read(text);
            assert_eq!(
                found.as_ref().map(|found| found.yaml.as_str()),
                expected,
                "{text}"
            );
        }
    }

    /// The words are those that `shlex.split` of Python 3 returns, as they are spelled.
    #[test]
    fn words_of_a_host_are_those_of_a_shell() {
        for (line, expected) in [
            ("n1\ta=1  b=2", vec!["n1", "a=1", "b=2"]),
            (r"n1 a=x\ y", vec!["n1", r"a=x\ y"]),
            (r#"n1 a="x \" y" b=1"#, vec!["n1", r#"a="x \" y""#, "b=1"]),
            (r"n1 a='x \' b=1", vec!["n1", r"a='x \'", "b=1"]),
            ("n1 'a=x y' b=1", vec!["n1", "'a=x y'", "b=1"]),
            ("n1 a=x#y b=1", vec!["n1", "a=x"]),
            ("n1 a='#' b=1", vec!["n1", "a='#'", "b=1"]),
            ("# n1", vec![]),
        ] {
            let found = words(line);
            let spelled: Vec<&str> = found.iter().map(|(_, word)| *word).collect();
            assert_eq!(spelled, expected, "{line}");
            assert!(found.iter().all(|(at, word)| line[*at..].starts_with(word)));
        }
    }
}
