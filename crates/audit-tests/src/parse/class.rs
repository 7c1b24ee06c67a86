//! Classes of requests.

use audit_analysis::{Attribute, Class, Condition, Values};
use audit_types::excerpt::quote;
use kube_yaml::de::{Error, Spanned};

use super::raw::{RawClass, RawClasses};
use super::text::{Text, Value, ValueSet};

/// Maximum number of classes that a case may be a union of.
const MAX_CLASSES: usize = 1_000;

/// Returns the classes that are written: more than one if resources have different subresources.
pub(super) fn classes(raw: RawClasses) -> Result<Vec<Class>, Error> {
    let mut classes = Vec::new();
    for class in raw.0 {
        let place = class.first_span();
        classes.extend(union(class)?);
        if classes.len() > MAX_CLASSES {
            let message = format!("more than {MAX_CLASSES} classes");
            let help = "split the case";
            return Err(Error::new(message, help, place.unwrap_or_default()));
        }
    }
    Ok(classes)
}

impl RawClass {
    fn first_span(&self) -> Option<audit_types::Span> {
        let fields = [&self.resource, &self.verb, &self.user, &self.path];
        fields.into_iter().flatten().map(|field| field.span).next()
    }
}

fn union(raw: RawClass) -> Result<Vec<Class>, Error> {
    check_kinds(&raw)?;
    let is_below = raw.subresource.is_some();
    let fields = [
        (Attribute::User, raw.user),
        (Attribute::UserGroup, raw.user_group),
        (Attribute::Verb, raw.verb),
        (Attribute::ApiGroup, raw.api_group),
        (Attribute::Subresource, raw.subresource),
        (Attribute::Namespace, raw.namespace),
        (Attribute::Name, raw.name),
        (Attribute::Path, raw.path),
    ];
    let mut class = Class::default();
    for (attribute, field) in fields {
        if let Some(field) = field {
            let set = ValueSet::placed(field);
            class.conditions.extend(conditions(attribute, set)?);
        }
    }
    let Some(resource) = raw.resource else {
        return Ok(vec![class]);
    };
    let of_resources = resources(ValueSet::placed(resource), is_below)?;
    let both = |mut resources: Class| {
        resources
            .conditions
            .extend(class.conditions.iter().cloned());
        resources
    };
    Ok(of_resources.into_iter().map(both).collect())
}

/// Returns the conditions of an attribute.
fn conditions(attribute: Attribute, set: ValueSet) -> Result<Vec<Condition>, Error> {
    let among = set.among.map(|values| list(attribute, values));
    let not = list(attribute, set.not)?;
    let among = among.transpose()?.map(Values::In);
    let not = (!not.is_empty()).then_some(Values::NotIn(not));
    let condition = |values| Condition { attribute, values };
    Ok(among.into_iter().chain(not).map(condition).collect())
}

fn list(attribute: Attribute, values: Vec<Value>) -> Result<Vec<Option<String>>, Error> {
    let value = |Spanned { value, span }: Value| match value {
        None if attribute == Attribute::User => Ok(None),
        None => Err(Error::new(
            format!("`null` is not a value of `{}`", attribute.name()),
            "leave it out for every value, or write `\"\"`",
            span,
        )),
        Some(Text(text)) => {
            let prefix = text.trim_end_matches('*');
            let is_path = text.starts_with('/') || text == "*";
            if attribute == Attribute::Path && (!is_path || prefix.contains('*')) {
                let message = format!("{} is not a path", quote(&text));
                let help = "a path starts with `/`, and may end with `*`";
                return Err(Error::new(message, help, span));
            }
            if attribute != Attribute::Path && text == "*" {
                let message = format!("`*` is not a wildcard in `{}`", attribute.name());
                let help = "leave it out for every value";
                return Err(Error::new(message, help, span));
            }
            Ok(Some(text))
        }
    };
    values.into_iter().map(value).collect()
}

/// A resource as it is written: `pods`, `pods/exec`, `*/scale` or `*`.
struct Named {
    /// `None` if every resource.
    resource: Option<String>,
    /// `None` if the resource with all of its subresources.
    subresource: Option<String>,
}

fn named(value: Value, is_below: bool) -> Result<Named, Error> {
    let Spanned { value, span } = value;
    let Some(Text(text)) = value else {
        let help = "leave it out for every resource";
        return Err(Error::new("`null` is not a resource", help, span));
    };
    let (resource, subresource) = match text.split_once('/') {
        Some((resource, subresource)) => (resource, Some(subresource)),
        None => (text.as_str(), None),
    };
    let is_wrong = |name: &str| name.is_empty() || name.contains('/');
    let wrong = subresource.is_some_and(|name| is_wrong(name) || resource.is_empty());
    if wrong || (resource.contains('*') && resource != "*") {
        let message = format!("{} is not a resource", quote(&text));
        let help = "write `pods`, `pods/exec`, `pods/*` or `*/scale`";
        return Err(Error::new(message, help, span));
    }
    if is_below && subresource.is_some() {
        let message = "the subresource is given twice";
        let help = "leave out `subresource`, or the part after the slash";
        return Err(Error::new(message, help, span));
    }
    Ok(Named {
        resource: (resource != "*").then(|| resource.to_owned()),
        // As in a rule, `pods/*` is pods with all of its subresources.
        subresource: subresource.filter(|name| *name != "*").map(str::to_owned),
    })
}

/// Resources that share a subresource.
type BySubresource = Vec<(Option<String>, Vec<Option<String>>)>;

fn grouped(values: Vec<Value>, is_below: bool) -> Result<BySubresource, Error> {
    let mut groups: BySubresource = Vec::new();
    for value in values {
        let Named {
            resource,
            subresource,
        } = named(value, is_below)?;
        match groups.iter_mut().find(|(own, _)| *own == subresource) {
            Some((_, resources)) => resources.push(resource),
            None => groups.push((subresource, vec![resource])),
        }
    }
    Ok(groups)
}

/// Adds the condition that a resource is one of these. `None` is every resource.
fn with_resources(class: Class, resources: Vec<Option<String>>) -> Class {
    let values = if resources.iter().any(Option::is_none) {
        Values::other_than([""])
    } else {
        Values::In(resources)
    };
    class.with(Attribute::Resource, values)
}

fn with_subresource(class: Class, subresource: Option<String>) -> Class {
    match subresource {
        None => class,
        Some(name) => class.with(Attribute::Subresource, Values::among([name])),
    }
}

/// Returns the classes of resources, whose union is what is written.
fn resources(set: ValueSet, is_below: bool) -> Result<Vec<Class>, Error> {
    let mut classes = match set.among {
        None => vec![Class::default()],
        Some(values) => grouped(values, is_below)?
            .into_iter()
            .map(|(subresource, resources)| {
                with_subresource(with_resources(Class::default(), resources), subresource)
            })
            .collect(),
    };
    for (subresource, resources) in grouped(set.not, is_below)? {
        let is_all = resources.iter().any(Option::is_none);
        let outside = |class: Class| {
            // Every resource but these; of these, every subresource but this one. A request for a URL is not for any of them.
            let rest = match is_all {
                true => subresource.is_none().then(|| Values::among([""])),
                false => Some(Values::NotIn(resources.clone())),
            };
            let of_these = match is_all {
                true => class.clone(),
                false => with_resources(class.clone(), resources.clone()),
            };
            let others = subresource
                .as_deref()
                .map(|name| Values::other_than([name]));
            let rest = rest.map(|values| class.with(Attribute::Resource, values));
            let others = others.map(|values| of_these.with(Attribute::Subresource, values));
            rest.into_iter().chain(others)
        };
        classes = classes.into_iter().flat_map(outside).collect();
        // A product of lists that no one writes.
        classes.truncate(MAX_CLASSES + 1);
    }
    Ok(classes)
}

/// Checks that a class is not for resources and for a URL at once.
fn check_kinds(raw: &RawClass) -> Result<(), Error> {
    let needs = |set: &ValueSet| {
        let named = |value: &Value| {
            value
                .value
                .as_ref()
                .is_some_and(|Text(text)| !text.is_empty())
        };
        set.among
            .as_ref()
            .is_some_and(|values| values.iter().all(named))
    };
    let Some(path) = raw.path.as_ref().filter(|path| needs(&path.value)) else {
        return Ok(());
    };
    let of_resources = [
        ("resource", &raw.resource),
        ("subresource", &raw.subresource),
        ("apiGroup", &raw.api_group),
        ("namespace", &raw.namespace),
        ("name", &raw.name),
    ];
    for (name, field) in of_resources {
        if field.as_ref().is_some_and(|field| needs(&field.value)) {
            let message = format!("no request has both a `path` and a `{name}`");
            let help = "a request is for a resource, or for the path of a URL";
            return Err(Error::new(message, help, path.span));
        }
    }
    Ok(())
}
