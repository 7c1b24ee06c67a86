//! Note on what a policy sees of a request with impersonation.

use audit_log::{Event, json, read_user};

/// Returns the sentence on an event with an impersonated user, without a full stop: rules match the user who sent the request. `None` for other
/// events.
///
/// The audit filter runs before the impersonation filter (`DefaultBuildHandlerChain` in k8s.io/apiserver).
///
/// ```
/// use audit_log::Event;
/// use audit_sim::impersonation_note;
///
/// let event = Event::new(r#"{"user":{"username":"alice"},"impersonatedUser":{"username":"bob"}}"#);
/// let note = impersonation_note(&event).unwrap();
/// assert_eq!(note, "`alice` impersonates `bob`: rules see the original user only, not the impersonated one");
/// assert_eq!(impersonation_note(&Event::new(r#"{"user":{"username":"alice"}}"#)), None);
/// ```
pub fn impersonation_note(event: &Event<'_>) -> Option<String> {
    let impersonated = json::member(event.impersonated_user?, "username").and_then(json::string)?;
    let user = event.user.and_then(|user| read_user(user).0);
    Some(format!(
        "`{}` impersonates `{impersonated}`: rules see the original user only, not the impersonated one",
        user.as_deref().unwrap_or_default()
    ))
}
