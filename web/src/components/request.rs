//! Request tab: the attributes that the policy sees, and where each was read from.

use playground_protocol::{AttributeView, Inspection};
use yew::prelude::*;

use super::common::markup;
use super::name::{name, whole_name};
use super::screen_reader::screen_reader_only;
use crate::state::analysis::AnalysisAction;
use crate::state::{Action, Pane};

/// Names of the attributes in a query, and here.
const ATTRIBUTES: [(&str, &str); 8] = [
    ("user", "user"),
    ("userGroup", "user groups"),
    ("verb", "verb"),
    ("apiGroup", "API group"),
    ("resource", "resource"),
    ("subresource", "subresource"),
    ("namespace", "namespace"),
    ("name", "name"),
];

/// Renders the attributes, one per line; with a callback, also a button that asks about the request.
pub fn request(inspection: &Inspection, on: Option<&Callback<Action>>) -> Html {
    let ask = on.map(|on| {
        let (on, query) = (on.clone(), query_of(&inspection.request));
        let onclick = Callback::from(move |_: MouseEvent| {
            on.emit(Action::Analysis(AnalysisAction::SetQuery(query.clone())));
            on.emit(Action::FocusPane(Pane::Ask));
        });
        html! { <p class="ask-about"><button type="button" {onclick} title="Every verdict that this request can get; edit the query to see others">{"Ask about this request"}</button></p> }
    });
    html! {
        <>
        { ask.unwrap_or_default() }
        <table class="request">
            <thead>
                <tr>
                    <th scope="col">{"Attribute"}</th>
                    <th scope="col">{"Value"}</th>
                    <th scope="col">{"Read from"}</th>
                </tr>
            </thead>
            <tbody>{ for inspection.request.iter().map(attribute) }</tbody>
        </table>
        </>
    }
}

/// Returns the query of exactly these attributes, as far as the log has them.
fn query_of(attributes: &[AttributeView]) -> String {
    let value = |name: &str| {
        let found = attributes.iter().find(|attribute| attribute.name == name);
        found.map(|attribute| attribute.value.as_str())
    };
    let is_for_url = value("kind of request") == Some("non-resource request");
    let url = is_for_url.then_some(("path", "path"));
    let mut terms = Vec::new();
    for (attribute, shown) in ATTRIBUTES.into_iter().chain(url) {
        match value(shown) {
            None | Some("not recorded") => {}
            // Without authentication there is neither user nor group, which a query cannot name.
            Some(none) if none == "none" || none.starts_with("none:") => {}
            Some("\"\"") => terms.push([attribute, "="].concat()),
            Some(groups) if attribute == "userGroup" => {
                let each = groups.split(", ");
                terms.extend(each.map(|group| [attribute, "=", &quoted(group)].concat()));
            }
            Some(value) => terms.push([attribute, "=", &quoted(value)].concat()),
        }
    }
    terms.join(" ")
}

/// Returns a value as a query has it.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| !(c.is_whitespace() || matches!(c, ',' | '"'));
    if value.chars().all(is_plain) {
        return value.to_owned();
    }
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    ["\"", &escaped, "\""].concat()
}

fn attribute(attribute: &AttributeView) -> Html {
    html! {
        <tr>
            <th scope="row">{ name(&attribute.name) }</th>
            <td>
                <code>{ whole_name(&attribute.value) }</code>
                if let Some(note) = &attribute.note {
                    <p class="note"><span aria-hidden="true">{"▲ "}</span>{ screen_reader_only("note: ") }{ markup(note) }</p>
                }
            </td>
            <td class="source">{ name(&attribute.source) }</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(attributes: &[(&str, &str)]) -> String {
        let view = |(name, value): &(&str, &str)| AttributeView {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
            source: String::new(),
            note: None,
        };
        query_of(&attributes.iter().map(view).collect::<Vec<_>>())
    }

    #[test]
    fn a_request_is_asked_about_with_all_its_attributes() {
        let of_resource = [
            ("user", "CN=a, b"),
            ("user groups", "dev, system:authenticated"),
            ("verb", "delete"),
            ("kind of request", "resource request"),
            ("namespace", "payments"),
            ("API group", "\"\""),
            ("resource", "secrets"),
            ("subresource", "\"\""),
            ("name", "not recorded"),
            ("path", "/api/v1/namespaces/payments/secrets/db"),
        ];
        assert_eq!(
            query(&of_resource),
            "user=\"CN=a, b\" userGroup=dev userGroup=system:authenticated verb=delete apiGroup= resource=secrets subresource= namespace=payments"
        );
        let of_url = [
            ("user", "none: authentication failed"),
            ("user groups", "none"),
            ("verb", "get"),
            ("kind of request", "non-resource request"),
            ("path", "/healthz"),
        ];
        assert_eq!(query(&of_url), "verb=get path=/healthz");
    }
}
