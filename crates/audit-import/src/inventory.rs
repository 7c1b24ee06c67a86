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
        let mut words = self.content.split_whitespace();
        let host = words.next()?;
        let mut end = host.len();
        is_host(host).then_some(())?;
        for word in words {
            let rest = self.content.get(end..);
            let offset = end + rest.and_then(|rest| rest.find(word))?;
            end = offset + word.len();
            // A quoted value may have spaces, and its further words no sign.
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
        if !is_hidden && is_host(variable.name) {
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
        let quoted = text.map_or_else(|| plain(value).to_lowercase(), quote::single);
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

/// Returns the text of a value, and where it starts. Values are literals of Python where they can be: numbers and booleans have no text.
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
    (
        (!is_literal).then_some(if is_number { bare } else { value.trim_end() }),
        0,
    )
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
}
