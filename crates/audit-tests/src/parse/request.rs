//! A single request.

use audit_policy::{KubernetesVersion, known_resources, usual_groups};
use audit_types::Span;
use audit_types::excerpt::{excerpt, quote};
use kube_yaml::de::{Error, Spanned};

use super::raw::RawRequest;
use super::text::{OneOrMore, Text};
use audit_types::Request;

/// Returns the request that is written.
pub(super) fn request(raw: Spanned<RawRequest>) -> Result<Request, Error> {
    let Spanned { value: raw, span } = raw;
    let groups = groups(&raw)?;
    let Some(Text(verb)) = &raw.verb else {
        let help = "add `verb`, such as `verb: get`";
        return Err(Error::new("the request has no verb", help, span));
    };
    let text = |field: &Option<Spanned<Text>>| -> String {
        let field = field.as_ref().map(|field| field.value.0.clone());
        field.unwrap_or_default()
    };
    let (resource, subresource) = resource(&raw)?;
    let is_resource_request = is_resource_request(&raw, !resource.is_empty(), span)?;
    let mut request = if is_resource_request {
        let group = api_group(&raw, &resource)?;
        Request::for_resource(verb, group, resource)
            .with_subresource(subresource)
            .with_namespace(text(&raw.namespace))
            .with_name(text(&raw.name))
    } else {
        Request::for_path(verb, text(&raw.path))
    };
    request.path = text(&raw.path);
    request.user = raw.user.flatten().map(|Text(name)| name);
    request.groups = groups.unwrap_or_else(|| {
        let user = request.user.as_deref();
        user.map_or_else(Vec::new, usual_groups)
    });
    Ok(request)
}

/// Returns the groups that are written. `None` if none are.
fn groups(raw: &RawRequest) -> Result<Option<Vec<String>>, Error> {
    let groups = raw.groups.as_ref();
    let groups = groups.map(|groups| groups.iter().map(|Text(name)| name.clone()).collect());
    let Some(user_group) = &raw.user_group else {
        return Ok(groups);
    };
    if groups.is_some() {
        let message = "both `groups` and `userGroup`";
        return Err(Error::new(
            message,
            "leave one of them out",
            user_group.span,
        ));
    }
    let OneOrMore(values) = &user_group.value;
    let names = values.iter().map(|value| match &value.value {
        Some(Text(name)) => Ok(name.clone()),
        None => {
            let help = "write `groups: []` for no groups";
            Err(Error::new("a group is a text", help, user_group.span))
        }
    });
    names.collect::<Result<_, _>>().map(Some)
}

/// Returns the resource and the subresource. `pods/exec` has both.
fn resource(raw: &RawRequest) -> Result<(String, String), Error> {
    let given = raw
        .subresource
        .as_ref()
        .filter(|given| !given.value.0.is_empty());
    let Some(Spanned { value, span }) = &raw.resource else {
        return match given {
            None => Ok((String::new(), String::new())),
            Some(given) => {
                let help = "add `resource`";
                Err(Error::new(
                    "a subresource without its resource",
                    help,
                    given.span,
                ))
            }
        };
    };
    let Text(name) = value;
    let (resource, subresource) = match name.split_once('/') {
        None => (name.as_str(), None),
        Some((resource, subresource)) => (resource, Some(subresource)),
    };
    let is_wrong = |name: &str| name.is_empty() || name.contains(['/', '*']);
    let wrong = subresource.is_some_and(|name| is_wrong(name) || is_wrong(resource));
    let is_exact = raw.is_resource_request == Some(true);
    if wrong || (resource.contains('*') && !is_exact) {
        let message = format!("{} is not one resource", quote(name));
        let help = "write `pods` or `pods/exec`, or use `requests` for several";
        return Err(Error::new(message, help, *span));
    }
    match (subresource, given) {
        (Some(_), Some(given)) => {
            let message = "the subresource is given twice";
            Err(Error::new(message, "leave one of them out", given.span))
        }
        (Some(subresource), None) => Ok((resource.to_owned(), subresource.to_owned())),
        (None, given) => {
            let given = given.map(|given| given.value.0.clone());
            Ok((resource.to_owned(), given.unwrap_or_default()))
        }
    }
}

/// Returns whether the request is for a resource.
fn is_resource_request(raw: &RawRequest, has_resource: bool, span: Span) -> Result<bool, Error> {
    let path = raw.path.as_ref().filter(|path| !path.value.0.is_empty());
    match (raw.is_resource_request, has_resource, path) {
        (Some(true), _, _) => return Ok(true),
        (None, true, None) => {}
        (_, true, _) => {
            let help =
                "a request is for a resource, or for the path of a URL: leave one of them out";
            let place = path.map_or(span, |path| path.span);
            return Err(Error::new("both a `resource` and a `path`", help, place));
        }
        (_, false, None) => {
            let help = "add `resource`, or `path` for a URL that is not of a resource";
            return Err(Error::new("the request has no target", help, span));
        }
        (_, false, Some(path)) => check_url(raw, path)?,
    }
    Ok(has_resource)
}

/// Checks a request for the path of a URL.
fn check_url(raw: &RawRequest, path: &Spanned<Text>) -> Result<(), Error> {
    let Text(text) = &path.value;
    let is_odd = !text.starts_with('/') || text.contains(['*', '?']);
    // Clients can send anything, but people who write a wildcard mean one.
    if is_odd && raw.is_resource_request.is_none() {
        let message = format!("{} is not a path", quote(text));
        let help = "a path starts with `/`; use `requests` for several";
        return Err(Error::new(message, help, path.span));
    }
    let of_resources = [
        ("namespace", &raw.namespace),
        ("apiGroup", &raw.api_group),
        ("name", &raw.name),
    ];
    for (name, value) in of_resources {
        if let Some(value) = value.as_ref().filter(|value| !value.value.0.is_empty()) {
            let message = format!("no request has both a `path` and a `{name}`");
            let help = "a request is for a resource, or for the path of a URL";
            return Err(Error::new(message, help, value.span));
        }
    }
    Ok(())
}

/// Returns the API group. Without one, the resource has to be one of the core group, which is closed: a mistake would go unnoticed.
fn api_group(raw: &RawRequest, resource: &str) -> Result<String, Error> {
    if let Some(group) = &raw.api_group {
        return Ok(group.value.0.clone());
    }
    // All versions, since a resource of the core group has never moved.
    let newest = KubernetesVersion::NEWEST_SELECTABLE;
    let known = || known_resources(newest).filter(|known| known.name == resource);
    if known().any(|known| known.group.is_empty()) {
        return Ok(String::new());
    }
    let span = raw
        .resource
        .as_ref()
        .map_or(Span::default(), |name| name.span);
    let message = format!("{} is not a resource of the core group", quote(resource));
    let help = match known().next() {
        Some(known) => format!("add `apiGroup: {}`", excerpt(known.group)),
        None => "add `apiGroup`".to_owned(),
    };
    Err(Error::new(message, help, span))
}
