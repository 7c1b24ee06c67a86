//! Conditions on a request.

use audit_types::Request;

use crate::field::Field;
use crate::pattern::Pattern;

impl Pattern {
    /// Returns `true` if a resource matches as in a rule: `pods` is the resource itself, `pods/*` are its subresources, `*/scale` is `scale` of
    /// any resource. `target` is `pods` or `pods/exec`, or the path of a request that is not for a resource, whose `resource` is `None`.
    pub fn matches_resource(&self, resource: Option<(&str, &str)>, target: &str) -> bool {
        if self.as_literal().is_some() {
            return self.matches(target);
        }
        match (self.text().split_once('/'), resource) {
            (Some((own, "*")), Some((resource, subresource))) => {
                Self::literal(own).matches(resource) && !subresource.is_empty()
            }
            (Some(("*", own)), resource) if !own.contains('*') => {
                let (_, subresource) = resource.unwrap_or_default();
                Self::literal(own).matches(subresource)
            }
            _ => self.matches(target),
        }
    }
}

/// Returns `true` if a request matches a text. `field` is the field of the text, `None` for a word; `name` is the name of the object, which a
/// request that creates one does not state.
///
/// ```
/// use audit_filter::{Field, Pattern, request_matches};
/// use audit_types::Request;
///
/// let request = Request::for_resource("create", "", "pods").with_name("web").with_user("alice");
/// let matches = |field, text| request_matches(field, &Pattern::literal(text), &request, "web-0");
/// assert!(matches(Some(Field::Name), "web-0") && !matches(Some(Field::Name), "web"));
/// assert!(matches(None, "ali") && !matches(Some(Field::User), "ali"));
/// ```
pub fn request_matches(
    field: Option<Field>,
    pattern: &Pattern,
    request: &Request,
    name: &str,
) -> bool {
    let user = request.user.as_deref().unwrap_or_default();
    match field {
        Some(Field::User) => pattern.matches(user),
        Some(Field::UserGroup) if pattern.is_empty() => request.groups.is_empty(),
        Some(Field::UserGroup) => request.groups.iter().any(|group| pattern.matches(group)),
        Some(Field::Verb) => pattern.matches(&request.verb),
        Some(Field::Namespace) => pattern.matches(&request.namespace),
        Some(Field::ApiGroup) => pattern.matches(&request.api_group),
        Some(Field::Name) => pattern.matches(name),
        Some(Field::Subresource) => pattern.matches(&request.subresource),
        Some(Field::Path) => pattern.matches(&request.path),
        Some(Field::Resource) => {
            let parts = (request.resource.as_str(), request.subresource.as_str());
            let resource = request.is_resource_request.then_some(parts);
            pattern.matches_resource(resource, &request.target())
        }
        _ => {
            let texts = [user, &request.verb, &request.namespace, &request.api_group];
            let target = request.target();
            // What is behind a proxied object is in the path alone.
            let is_proxied = request.verb == "proxy" || request.subresource == "proxy";
            let path = if is_proxied {
                request.path.as_str()
            } else {
                ""
            };
            let more = [name, target.as_str(), path];
            let groups = request.groups.iter().map(String::as_str);
            let mut all = texts.into_iter().chain(more).chain(groups);
            all.any(|text| pattern.matches_part(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;
    use crate::value::Test;

    fn matches(filter: &str, request: &Request) -> bool {
        let term = parse(filter).filter.terms.remove(0);
        let Test::Text(pattern) = &term.values[0].test else {
            panic!("{filter}");
        };
        request_matches(term.field, pattern, request, &request.name)
    }

    #[test]
    fn a_resource_matches_as_in_a_rule() {
        let exec = Request::for_resource("create", "", "pods").with_subresource("exec");
        let pods = Request::for_resource("list", "", "pods");
        let path = Request::for_path("get", "/healthz");
        for (filter, expected) in [
            ("resource:pods", [false, true, false]),
            ("resource:pods/exec", [true, false, false]),
            ("resource:pods/*", [true, false, false]),
            ("resource:*/exec", [true, false, false]),
            ("resource:*/scale", [false, false, false]),
            ("resource:po*", [true, true, false]),
            ("resource:/healthz", [false, false, true]),
            ("resource:/health*", [false, false, true]),
        ] {
            let found = [&exec, &pods, &path].map(|request| matches(filter, request));
            assert_eq!(found, expected, "{filter}");
        }
    }

    #[test]
    fn a_word_is_a_part_of_any_text() {
        let request = Request::for_resource("list", "apps", "deployments")
            .with_namespace("shop")
            .with_user("alice")
            .with_groups(["system:authenticated"]);
        for (word, expected) in [
            ("ALI", true),
            ("hop", true),
            ("deploy", true),
            ("authenticated", true),
            ("bob", false),
        ] {
            assert_eq!(matches(word, &request), expected, "{word}");
        }
    }
}
