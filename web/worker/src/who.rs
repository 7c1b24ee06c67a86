//! Who sent a request: the client, what it could have forged, annotations, and filters that follow it.

use audit_inspect::{Client, ObjectKey, annotation_sentences, follow};
use audit_log::Event;
use audit_types::excerpt::quote;
use playground_protocol::{AnnotationView, FollowView, WhoView};

/// Returns who sent the request of an event.
pub(crate) fn who(event: &Event<'_>) -> WhoView {
    let client = Client::from_event(event);
    let annotations = annotation_sentences(event).into_iter();
    let follow = follow(event).into_iter();
    WhoView {
        client: client.sentence(),
        peer: client.peer_sentence(),
        claims: client.claims.iter().map(|claim| claim.sentence()).collect(),
        annotations: annotations
            .map(|annotation| AnnotationView {
                text: annotation
                    .sentence
                    .unwrap_or_else(|| quote(&annotation.value)),
                key: annotation.key,
            })
            .collect(),
        object: ObjectKey::from_event(event).map(|object| describe(&object)),
        follow: follow
            .map(|follow| FollowView {
                label: follow.label,
                filter: follow.filter,
            })
            .collect(),
    }
}

/// Returns the resource, the name and the namespace of an object, with backticks.
pub(crate) fn describe(object: &ObjectKey) -> String {
    let name = [object.resource.as_str(), " ", &quote(&object.name)].concat();
    match object.namespace.as_str() {
        "" => name,
        namespace => [name.as_str(), " in ", &quote(namespace)].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_says_who_and_what_can_be_followed() {
        let event = Event::new(
            r#"{"auditID":"mine","verb":"get","requestURI":"/api/v1/namespaces/shop/pods/web-0","user":{"username":"ann"},"sourceIPs":["192.0.2.1","10.0.0.9"],"annotations":{"authorization.k8s.io/decision":"allow","example.com/a":"b"}}"#,
        );
        let view = who(&event);
        assert!(view.client.contains("`ann`"), "{}", view.client);
        assert!(view.peer.is_some_and(|peer| peer.contains("`10.0.0.9`")));
        assert_eq!(view.claims.len(), 2);
        assert_eq!(view.object.as_deref(), Some("pods `web-0` in `shop`"));
        let texts: Vec<&str> = view
            .annotations
            .iter()
            .map(|annotation| annotation.text.as_str())
            .collect();
        assert_eq!(texts, ["Authorization allowed the request.", "`b`"]);
        let filters: Vec<&str> = view
            .follow
            .iter()
            .map(|follow| follow.filter.as_str())
            .collect();
        assert_eq!(
            filters,
            [
                "resource:pods,pods/* apiGroup:\"\" namespace:shop name:web-0",
                "user:ann",
                "ip:10.0.0.9",
                "ip:192.0.2.1"
            ]
        );
    }
}
