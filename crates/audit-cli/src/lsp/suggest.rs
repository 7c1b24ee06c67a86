//! Suggestions for a place in a policy, and the meaning of the word there, as the page's editor has them.

use audit_policy::KubernetesVersion;
use audit_policy::help::{
    FieldHelp, NameKind, Scope, Shape, every_group, fields, names, resource_meaning,
};

use super::place::{List, Part, Place, is_list};
use super::values::{Value, values};

/// A suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suggestion {
    /// Text in the list.
    pub(super) name: String,
    /// Text that the typed part of the word is compared with.
    pub(super) matched: String,
    /// A short note next to it. May be empty.
    pub(super) detail: String,
    /// A sentence or two; code in backticks. May be empty.
    pub(super) about: String,
    /// Text that replaces the word so far, up to the cursor.
    pub(super) text: String,
    /// Text that is added behind the cursor.
    pub(super) tail: String,
}

/// Returns the suggestions for a place, the best first.
pub(super) fn suggest(place: &Place, version: KubernetesVersion) -> Vec<Suggestion> {
    match place.part {
        Part::Value => written_values(place, version),
        Part::Key => {
            let mut all = new_items(place, version);
            all.extend(keys(place));
            all
        }
        Part::None => Vec::new(),
    }
}

/// Returns what the word at a place means to the server. Empty for words without a special meaning.
pub(super) fn meaning(place: &Place, version: KubernetesVersion) -> String {
    let word = place.word.as_str();
    let named = |kind| {
        let names = names(kind, version);
        let found = names.iter().find(|name| name.name == word);
        found.map(|name| name.about.clone()).unwrap_or_default()
    };
    match (place.part, place.scope, place.field.as_str()) {
        (Part::Key, Some(scope), _) => {
            let found = fields(scope).iter().find(|field| field.name == word);
            found.map(|field| field.about.clone()).unwrap_or_default()
        }
        (Part::Value, Some(Scope::Resources), "group") => {
            let every = every_group();
            match word == every.name {
                true => every.about.clone(),
                false => String::new(),
            }
        }
        (Part::Value, Some(Scope::Resources), "resources") => resource_meaning(word),
        (Part::Value, _, "level") => named(NameKind::Level),
        (Part::Value, _, "omitStages") => named(NameKind::Stage),
        (Part::Value, _, "verbs") => named(NameKind::Verb),
        (Part::Value, _, "users") => named(NameKind::User),
        (Part::Value, _, "userGroups") => named(NameKind::UserGroup),
        _ => String::new(),
    }
}

fn written_values(place: &Place, version: KubernetesVersion) -> Vec<Suggestion> {
    let values = values(place, version).into_iter();
    values
        .filter(|value| !place.items.contains(&value.value))
        .map(|value| written(value, place))
        .collect()
}

fn keys(place: &Place) -> Vec<Suggestion> {
    let Some(scope) = place.scope else {
        return Vec::new();
    };
    let fields = fields(scope).iter();
    fields
        .filter(|field| !place.has(&field.name) || field.name == place.word)
        .filter(|field| !is_excluded(scope, &field.name, place))
        .map(|field| key(scope, field, place))
        .collect()
}

/// Returns whether validation would reject the field next to the existing ones.
fn is_excluded(scope: Scope, name: &str, place: &Place) -> bool {
    scope == Scope::Rule
        && match name {
            "nonResourceURLs" => place.has("resources") || place.has("namespaces"),
            "resources" | "namespaces" => place.has("nonResourceURLs"),
            _ => false,
        }
}

fn key(scope: Scope, field: &FieldHelp, place: &Place) -> Suggestion {
    let detail = match field.shape {
        Shape::Flag => "true or false",
        Shape::Strings => "list",
        Shape::Scalar | Shape::Mappings => "",
    };
    let (text, tail) = begun(scope, field, place);
    Suggestion {
        name: field.name.clone(),
        matched: field.name.clone(),
        detail: detail.to_owned(),
        about: field.about.clone(),
        text,
        tail,
    }
}

/// Returns the text that begins a field: before and behind the cursor.
fn begun(scope: Scope, field: &FieldHelp, place: &Place) -> (String, String) {
    let name = field.name.as_str();
    let string = if place.is_json { "\"" } else { "" };
    let mark = if place.is_json && place.quote.is_none() {
        "\""
    } else {
        ""
    };
    let end = place.quote.map_or_else(|| mark.to_owned(), String::from);
    let key = format!("{mark}{name}{end}: ");
    let no_tail = |text: String| (text, String::new());
    match (name, field.shape) {
        ("apiVersion", _) => no_tail(format!("{key}{string}audit.k8s.io/v1{string}")),
        ("kind", _) => no_tail(format!("{key}{string}Policy{string}")),
        (_, Shape::Flag) => no_tail(format!("{key}true")),
        (_, Shape::Scalar) => (format!("{key}{string}"), string.to_owned()),
        (_, Shape::Strings) => (format!("{key}["), "]".to_owned()),
        ("metadata", _) if place.is_flow => no_tail(format!("{key}{{}}")),
        ("metadata", _) => no_tail(format!("metadata:\n{}name: ", " ".repeat(place.indent + 2))),
        _ if place.is_flow && scope == Scope::Policy => (format!("{key}["), "]".to_owned()),
        _ if place.is_flow => {
            let text = format!("{key}[{{{string}group{string}: \"\", {string}resources{string}: [");
            (text, "]}]".to_owned())
        }
        _ => {
            let column = " ".repeat(place.indent + place.step);
            let first = if scope == Scope::Policy {
                "level"
            } else {
                "group"
            };
            no_tail(format!("{name}:\n{column}- {first}: "))
        }
    }
}

/// Returns suggestions for the next item of the list that this line may belong to.
fn new_items(place: &Place, version: KubernetesVersion) -> Vec<Suggestion> {
    let dashed = |name: &str, detail: &str| {
        vec![Suggestion {
            name: format!("- {name}"),
            matched: name.to_owned(),
            detail: detail.to_owned(),
            about: String::new(),
            text: format!("- {name}: "),
            tail: String::new(),
        }]
    };
    match &place.list {
        None => Vec::new(),
        Some(List::Mappings(Scope::Rule)) => dashed("level", "a new rule"),
        Some(List::Mappings(_)) => dashed("group", "another entry"),
        Some(List::Texts(field)) => {
            let is_of_entry = matches!(field.as_str(), "resources" | "resourceNames");
            let item = Place {
                scope: Some(if is_of_entry {
                    Scope::Resources
                } else {
                    Scope::Rule
                }),
                part: Part::Value,
                field: field.clone(),
                is_item: true,
                ..place.clone()
            };
            let mut items = written_values(&item, version);
            for item in &mut items {
                item.text.insert_str(0, "- ");
            }
            items
        }
    }
}

/// Returns the suggestion that writes a value as YAML or JSON.
fn written(value: Value, place: &Place) -> Suggestion {
    let text = value.value;
    let mut suggestion = Suggestion {
        name: if text.is_empty() {
            "\"\"".to_owned()
        } else {
            text.clone()
        },
        matched: value.matched.unwrap_or_else(|| text.clone()),
        detail: value.detail,
        about: value.about,
        text: String::new(),
        tail: String::new(),
    };
    if let Some(quote) = place.quote {
        suggestion.text = format!("{text}{quote}");
        return suggestion;
    }
    let is_flag = matches!(text.as_str(), "true" | "false");
    let text = match is_flag || (!place.is_json && is_plain(&text)) {
        true => text,
        false => format!("\"{text}\""),
    };
    if is_list(place.scope, &place.field) && !place.is_item {
        suggestion.text = format!("[{text}");
        suggestion.tail = "]".to_owned();
    } else {
        suggestion.text = text;
    }
    suggestion
}

/// Returns whether a text needs no quotes in YAML.
fn is_plain(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    first.is_some_and(|first| first.is_ascii_alphabetic() || first == '/')
        && characters
            .all(|character| character.is_ascii_alphanumeric() || "_./*-".contains(character))
}

#[cfg(test)]
mod tests {
    use super::super::place::place_at;
    use super::*;

    fn offered(marked: &str) -> Vec<Suggestion> {
        let at = marked.find('|').unwrap();
        let place = place_at(&marked.replacen('|', "", 1), at);
        suggest(&place, KubernetesVersion::NEWEST)
    }

    const RULE: &str = "rules:\n- level: None\n  ";
    const ENTRY: &str = "rules:\n- resources:\n  - ";

    #[test]
    fn what_is_offered_depends_on_the_place() {
        let rows: [(String, &str); 15] = [
            ("kind: |".into(), "Policy"),
            ("apiVersion: |".into(), "audit.k8s.io/v1"),
            (
                "|".into(),
                "apiVersion kind metadata omitStages omitManagedFields rules",
            ),
            (
                "kind: Policy\n|".into(),
                "apiVersion metadata omitStages omitManagedFields rules",
            ),
            (
                "rules:\n- level: |".into(),
                "None Metadata Request RequestResponse",
            ),
            (
                "omitStages: [Panic, |".into(),
                "RequestReceived ResponseStarted ResponseComplete",
            ),
            (
                format!("{RULE}nonResourceURLs: [/version]\n  |"),
                "users userGroups verbs omitStages omitManagedFields",
            ),
            (format!("{ENTRY}|"), "group resources resourceNames"),
            (
                format!("{ENTRY}group: apps\n    resources: [deployments, deployments/status, |"),
                "deployments/scale daemonsets daemonsets/status statefulsets statefulsets/scale statefulsets/status \
                 replicasets replicasets/scale replicasets/status controllerrevisions * */status",
            ),
            (
                format!("{ENTRY}group: example.com\n    resources: [|"),
                "* */status",
            ),
            (format!("{ENTRY}group: \"\"\n    resourceNames: [|"), ""),
            (
                format!("{RULE}nonResourceURLs: [/version]\n  verbs: [|"),
                "get patch delete post put head options",
            ),
            (
                format!("{RULE}namespaces: [a]\n  verbs: [|"),
                "get list watch create update patch delete deletecollection proxy",
            ),
            (format!("{RULE}omitManagedFields: |"), "true false"),
            ("# |".into(), ""),
        ];
        for (marked, expected) in rows {
            let names: Vec<String> = offered(&marked)
                .into_iter()
                .map(|found| found.name)
                .collect();
            assert_eq!(names.join(" "), expected, "{marked:?}");
        }
    }

    #[test]
    fn what_is_written_fits_the_place() {
        let rows: [(String, &str, &str); 22] = [
            ("|".into(), "apiVersion", "apiVersion: audit.k8s.io/v1|"),
            ("|".into(), "rules", "rules:\n  - level: |"),
            (
                "|\nrules:\n- level: None\n".into(),
                "omitStages",
                "omitStages: [|]",
            ),
            ("rules:\n- |".into(), "verbs", "verbs: [|]"),
            (format!("{RULE}|"), "resources", "resources:\n  - group: |"),
            (
                "rules:\n  - level: None\n    |".into(),
                "resources",
                "resources:\n      - group: |",
            ),
            (
                format!("{RULE}|"),
                "omitManagedFields",
                "omitManagedFields: true|",
            ),
            ("rules:\n- level: None\n|".into(), "- level", "- level: |"),
            (
                "rules:\n- {|".into(),
                "resources",
                "resources: [{group: \"\", resources: [|]}]",
            ),
            (
                format!("{RULE}userGroups: [|"),
                "system:masters",
                "\"system:masters\"|",
            ),
            (
                format!("{RULE}userGroups: [\"|"),
                "system:masters",
                "system:masters\"|",
            ),
            (format!("{RULE}verbs: |"), "get", "[get|]"),
            (format!("{RULE}verbs:\n    |"), "get", "- get|"),
            (
                format!("{RULE}nonResourceURLs: [|"),
                "/healthz*",
                "/healthz*|",
            ),
            (format!("{RULE}nonResourceURLs: [|"), "*", "\"*\"|"),
            (format!("{RULE}namespaces: [|"), "\"\"", "\"\"|"),
            (format!("{ENTRY}group: |"), "\"\"", "\"\"|"),
            (format!("{ENTRY}group: |"), "apps", "apps|"),
            (
                format!("{ENTRY}group: \"\"\n    resources: [|"),
                "*/status",
                "\"*/status\"|",
            ),
            ("{|".into(), "kind", "\"kind\": \"Policy\"|"),
            ("{\"|".into(), "rules", "rules\": [|]"),
            ("{\"rules\": [{\"|".into(), "level", "level\": \"|\""),
        ];
        for (marked, name, expected) in rows {
            let offered = offered(&marked);
            let found = offered.iter().find(|found| found.name == name);
            let Suggestion { text, tail, .. } = found.unwrap();
            assert_eq!(format!("{text}|{tail}"), expected, "{marked:?}");
        }
    }

    #[test]
    fn core_is_found_by_its_name_and_resources_of_all_groups_are_offered_once() {
        assert_eq!(offered(&format!("{ENTRY}group: |"))[0].matched, "core");
        let all = offered(&format!("{ENTRY}resources: [|"));
        let count = |name: &str| all.iter().filter(|found| found.name == name).count();
        assert_eq!(
            [
                count("events"),
                count("pods/exec"),
                count("deployments/scale")
            ],
            [1, 1, 1]
        );
    }

    #[test]
    fn words_have_a_meaning_where_the_server_gives_them_one() {
        for (marked, part) in [
            ("rules:\n- level: Metadata|", "no bodies"),
            ("rules:\n- userGroups|", "groups must be one of these"),
            (
                "rules:\n- level: None\n  verbs: [deletecollection|",
                "collection",
            ),
            ("omitStages: [Panic|", "panicked"),
            (
                "rules:\n- resources:\n  - group: \"\"\n    resources: [pods|",
                "without its subresources",
            ),
            ("rules:\n- resources:\n  - group: \"*|", "Every API group"),
            ("rules:\n- level: constructor|", ""),
            ("constructor|", ""),
        ] {
            let at = marked.find('|').unwrap();
            let place = place_at(&marked.replacen('|', "", 1), at);
            let found = meaning(&place, KubernetesVersion::NEWEST);
            assert!(
                found.contains(part) && found.is_empty() == part.is_empty(),
                "{marked:?}: {found}"
            );
        }
    }
}
