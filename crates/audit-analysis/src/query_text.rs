//! Queries that are written: values with their quotes, and the query of one request.

use std::borrow::Cow;

use audit_types::{MissingAttributes, Request};

use crate::attribute::Attribute;

/// Returns a value as a query has it: in double quotes if it contains commas, spaces or quotes.
///
/// ```
/// use audit_analysis::quoted_value;
///
/// assert_eq!(quoted_value("system:nodes"), "system:nodes");
/// assert_eq!(quoted_value("CN=a, b"), r#""CN=a, b""#);
/// assert_eq!(quoted_value(r#"a\"b"#), r#""a\\\"b""#);
/// ```
pub fn quoted_value(value: &str) -> Cow<'_, str> {
    let is_special = |c: char| c.is_whitespace() || matches!(c, ',' | '"');
    if !value.contains(is_special) {
        return Cow::Borrowed(value);
    }
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    Cow::Owned(["\"", &escaped, "\""].concat())
}

/// Writes the query of a request: [`query`](crate::query()) reads it as a class that contains the request. Attributes that are missing, or that a
/// query cannot name, are left out, so that the class has more requests: no condition is a guess.
///
/// ```
/// use audit_analysis::{query, query_of};
/// use audit_policy::{MissingAttributes, Request};
///
/// let request = Request::for_resource("get", "", "secrets").with_namespace("payments").with_user("CN=a, b");
/// let text = query_of(&request, MissingAttributes::NONE);
/// assert_eq!(text, r#"user="CN=a, b" verb=get apiGroup= resource=secrets subresource= namespace=payments name="#);
/// assert!(query(&text).unwrap()[0].contains(&request));
/// ```
pub fn query_of(request: &Request, missing: MissingAttributes) -> String {
    let mut text = QueryText::default();
    if !missing.user {
        text.user(request.user_name());
    }
    if !(missing.user || missing.groups) {
        let groups = request.groups.iter().filter(|group| !group.is_empty());
        groups.for_each(|group| text.add(Attribute::UserGroup, group));
    }
    if !missing.verb {
        text.add(Attribute::Verb, &request.verb);
    }
    if missing.url {
        return text.terms;
    }
    if !request.is_resource_request {
        text.path(&request.path);
        return text.terms;
    }
    text.add(Attribute::ApiGroup, &request.api_group);
    // A resource with `/` or `*`, which no server has, means something else in a query.
    if !(request.resource.is_empty() || request.resource.contains(['/', '*'])) {
        text.add(Attribute::Resource, &request.resource);
    }
    text.add(Attribute::Subresource, &request.subresource);
    text.add(Attribute::Namespace, &request.namespace);
    if !missing.name {
        text.add(Attribute::Name, &request.name);
    }
    text.terms
}

/// A query that is being written.
#[derive(Default)]
struct QueryText {
    terms: String,
}

impl QueryText {
    fn add(&mut self, attribute: Attribute, value: &str) {
        if !self.terms.is_empty() {
            self.terms.push(' ');
        }
        self.terms.push_str(attribute.name());
        self.terms.push('=');
        self.terms.push_str(&quoted_value(value));
    }

    /// Adds the user. Without a value it is none, so a user with an empty name cannot be written.
    fn user(&mut self, name: Option<&str>) {
        match name {
            None => self.add(Attribute::User, ""),
            Some("") => {}
            Some(name) => self.add(Attribute::User, name),
        }
    }

    /// Adds the path of a URL. One with `*` inside cannot be written; it is that of any request for a URL.
    fn path(&mut self, path: &str) {
        if path.starts_with('/') && !path.trim_end_matches('*').contains('*') {
            self.add(Attribute::Path, path);
        } else {
            self.add(Attribute::Resource, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query;

    /// Values with every character that queries, rules or terminals treat in a special way.
    const VALUES: [&str; 14] = [
        "",
        "alice",
        "CN=a, b",
        "a\"b",
        "\"",
        "a\\b c",
        "a\\",
        "\\\"",
        "*",
        "a*b",
        "a/b",
        "!x=y:z",
        "\u{a0}\u{3000}\t\n",
        "'`{}",
    ];

    /// Checks that the query of a request is read as one class, which contains it, and returns the class in words.
    fn read_again(request: &Request) -> String {
        let text = query_of(request, MissingAttributes::NONE);
        let classes = query(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let [class] = &classes[..] else {
            panic!("{text}: {classes:?}");
        };
        assert!(class.contains(request), "{text}");
        class.words()
    }

    #[test]
    fn each_value_of_each_attribute_is_read_again() {
        for value in VALUES {
            for other in VALUES {
                let request = Request::for_resource(value, other, value)
                    .with_subresource(other)
                    .with_namespace(value)
                    .with_name(other)
                    .with_user(value)
                    .with_groups([other, value]);
                read_again(&request);
                let path = format!("/{value}{other}");
                read_again(&Request::for_path(value, path).with_user(other));
                read_again(&Request::for_path(other, value));
            }
        }
    }

    #[test]
    fn the_class_has_no_other_values_than_the_request() {
        let request = Request::for_resource("delete", "", "secrets")
            .with_namespace("payments")
            .with_name("d,b")
            .with_user("alice")
            .with_groups(["dev", "system:authenticated"]);
        assert_eq!(
            read_again(&request),
            "`delete` of `secrets` named `d,b` in `payments` by `alice`, in the group `dev` and in the group `system:authenticated`"
        );
        assert_eq!(
            read_again(&Request::for_path("get", "/healthz")),
            "`get` of `/healthz` without authentication"
        );
    }

    #[test]
    fn what_is_missing_is_anything() {
        let request = Request::for_resource("get", "", "pods").with_user("alice");
        let of = |change: fn(&mut MissingAttributes)| {
            let mut missing = MissingAttributes::NONE;
            change(&mut missing);
            query_of(&request, missing)
        };
        assert_eq!(of(|missing| missing.url = true), "user=alice verb=get");
        assert_eq!(
            of(|missing| (missing.user, missing.name) = (true, true)),
            "verb=get apiGroup= resource=pods subresource= namespace="
        );
    }
}
