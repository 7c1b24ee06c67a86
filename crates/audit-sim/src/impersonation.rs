//! The explanation of events with an impersonated user.
//!
//! kube-apiserver evaluates the policy right after authentication, and impersonation comes after that. So rules see the user who sent the
//! request, and never the one that it was sent as.

use audit_log::{Event, read_user};
use audit_types::excerpt::quote;

/// Explains in one sentence which user the rules see, with both names in backticks; `None` if the event has no impersonated user.
///
/// ```
/// use audit_log::Event;
/// use audit_sim::impersonation_note;
///
/// let event = Event::new(r#"{"user":{"username":"bob"},"impersonatedUser":{"username":"alice"}}"#);
/// assert_eq!(
///     impersonation_note(&event).as_deref(),
///     Some("`bob` impersonates `alice`: rules see only the original user `bob` and its groups, never `alice`"),
/// );
/// ```
pub fn impersonation_note(event: &Event<'_>) -> Option<String> {
    let (impersonated, groups) = read_user(event.impersonated_user?);
    let impersonated = impersonated.filter(|name| !name.is_empty());
    if impersonated.is_none() && groups.is_empty() {
        return None;
    }
    let original = event.user.and_then(|raw| read_user(raw).0);
    let original = original.filter(|name| !name.is_empty());
    let other = named(impersonated.as_deref(), "another user");
    Some(match original {
        Some(name) => format!(
            "{} impersonates {other}: rules see only the original user {} and its groups, never {}",
            quote(&name),
            quote(&name),
            named(impersonated.as_deref(), "the other one"),
        ),
        None => format!(
            "this request impersonates {other}: rules see only the original user, which the log does not contain"
        ),
    })
}

fn named(name: Option<&str>, without: &str) -> String {
    name.map_or_else(|| without.to_owned(), quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_users_are_named() {
        for (event, note) in [
            (r#"{"user":{"username":"bob"}}"#, None),
            (r#"{"user":{"username":"bob"},"impersonatedUser":{}}"#, None),
            (
                r#"{"user":{"username":"system:admin","groups":["system:masters"]},"impersonatedUser":{"username":"system:serviceaccount:dev:ci","groups":["system:authenticated"]}}"#,
                Some(
                    "`system:admin` impersonates `system:serviceaccount:dev:ci`: rules see only the original user `system:admin` and its groups, never `system:serviceaccount:dev:ci`",
                ),
            ),
            (
                r#"{"impersonatedUser":{"username":"alice"}}"#,
                Some(
                    "this request impersonates `alice`: rules see only the original user, which the log does not contain",
                ),
            ),
            (
                r#"{"user":{"username":"bob"},"impersonatedUser":{"groups":["ops"]}}"#,
                Some(
                    "`bob` impersonates another user: rules see only the original user `bob` and its groups, never the other one",
                ),
            ),
        ] {
            assert_eq!(impersonation_note(&Event::new(event)).as_deref(), note);
        }
    }

    #[test]
    fn a_long_name_is_shortened() {
        let name = "é".repeat(5_000);
        let event = format!(
            r#"{{"user":{{"username":"{name}"}},"impersonatedUser":{{"username":"{name}"}}}}"#
        );
        let note = impersonation_note(&Event::new(&event)).unwrap();
        assert!(note.chars().count() < 600, "{note}");
    }
}
