//! Requests in a few words, as reasons have them.

use audit_types::excerpt::{excerpt, quote};
use audit_types::{Request, RuleIndex};

/// Describes a request: "`patch configmaps web` in `shop` by `admin`".
pub(crate) fn request_words(request: &Request, name: &str) -> String {
    let verb = if request.verb.is_empty() {
        "request"
    } else {
        &request.verb
    };
    let mut call = vec![verb.to_owned()];
    if request.is_resource_request {
        let resource = match request.api_group.is_empty() {
            true => request.full_resource(),
            false => format!("{}.{}", request.full_resource(), request.api_group),
        };
        call.push(resource);
        call.push(name.to_owned());
    } else {
        call.push(request.path.clone());
    }
    call.retain(|part| !part.is_empty());
    let mut words = format!("`{}`", excerpt(&call.join(" ")));
    if !request.namespace.is_empty() {
        words.push_str(&format!(" in {}", quote(&request.namespace)));
    }
    match request.user_name() {
        Some(user) => words.push_str(&format!(" by {}", quote(user))),
        None => words.push_str(" without a user"),
    }
    words
}

/// Names the rule that decides: "rule 3", or "no rule".
pub(crate) fn rule_words(rule: Option<RuleIndex>) -> String {
    rule.map_or_else(|| "no rule".to_owned(), |rule| rule.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_described() {
        let pods = Request::for_resource("create", "", "pods").with_user("eve");
        let exec = pods.clone().with_subresource("exec").with_namespace("shop");
        for (request, name, words) in [
            (pods, "", "`create pods` by `eve`"),
            (exec, "web-0", "`create pods/exec web-0` in `shop` by `eve`"),
            (
                Request::for_resource("list", "apps", "deployments"),
                "",
                "`list deployments.apps` without a user",
            ),
            (
                Request::for_path("get", "/healthz").with_user("x"),
                "",
                "`get /healthz` by `x`",
            ),
        ] {
            assert_eq!(request_words(&request, name), words);
        }
    }
}
