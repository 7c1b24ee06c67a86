//! Requests in words.

use audit_analysis::{Attribute, Class, Values};
use audit_types::Request;

/// Describes a request: "`get` of `secrets` named `db` in `payments` by `alice`, in the groups `system:authenticated`".
pub(crate) fn request_words(request: &Request) -> String {
    let one = |value: &str| Values::among([value]);
    let mut class = Class::default().with(Attribute::Verb, one(&request.verb));
    if request.is_resource_request {
        class = class
            .with(Attribute::ApiGroup, one(&request.api_group))
            .with(Attribute::Resource, one(&request.resource))
            .with(Attribute::Subresource, one(&request.subresource));
        if !request.name.is_empty() {
            class = class.with(Attribute::Name, one(&request.name));
        }
        if !request.namespace.is_empty() {
            class = class.with(Attribute::Namespace, one(&request.namespace));
        }
    } else {
        class = class.with(Attribute::Path, one(&request.path));
    }
    let user = Values::In(vec![request.user_name().map(str::to_owned)]);
    class = class.with(Attribute::User, user);
    if !request.groups.is_empty() {
        let groups = request.groups.iter().cloned();
        class = class.with(Attribute::UserGroup, Values::among(groups));
    }
    class.words()
}
