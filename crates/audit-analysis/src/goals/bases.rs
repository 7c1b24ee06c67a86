//! The shapes that a class of requests consists of.

use crate::attribute::Attribute;
use crate::class::{Class, Condition, Values};
use crate::cube::Kind;
use crate::goals::shape::Shape;

/// Groups of which every user who is authenticated has one, `system:anonymous` and the server itself included.
const GROUPS_OF_USERS: [&str; 3] = [
    "system:authenticated",
    "system:unauthenticated",
    "system:masters",
];

/// Maximum number of shapes for one class and kind: a class can name many lists of groups.
const MAX_HULLS: usize = 16;

/// Shapes for the requests of a class.
#[derive(Debug, Default)]
pub(super) struct Bases {
    /// Shapes that have all requests of the class, and those that the class leaves out.
    pub(super) regions: Vec<Shape>,
    /// One condition each.
    pub(super) literals: Vec<Shape>,
}

impl Bases {
    /// Adds the shapes of a class.
    pub(super) fn add(&mut self, class: &Class, kinds: &[Kind]) {
        let of_kinds: Vec<Parts> = kinds.iter().map(|kind| Parts::new(class, *kind)).collect();
        // One rule without resources and URLs is for both kinds.
        let joined: Option<Vec<Shape>> = match of_kinds.as_slice() {
            [one, _] => one.hulls.iter().map(Shape::for_both_kinds).collect(),
            _ => None,
        };
        for parts in &of_kinds {
            let hulls = joined.as_ref().unwrap_or(&parts.hulls);
            for hole in &parts.holes {
                self.regions
                    .extend(hulls.iter().flat_map(|hull| hull.and(hole)));
            }
            self.literals.extend(parts.holes.iter().cloned());
            self.literals.extend(parts.literals.iter().cloned());
            if joined.is_none() {
                self.regions.extend(parts.hulls.iter().cloned());
            }
        }
        self.regions.extend(joined.into_iter().flatten());
        let names_no_user = |condition: &Condition| condition.values.listed().contains(&None);
        if class.conditions.iter().any(names_no_user) {
            let groups = GROUPS_OF_USERS.map(str::to_owned).to_vec();
            self.literals
                .push(Shape::default().with(Attribute::UserGroup, groups));
        }
    }
}

/// Shapes for the requests of a class of one kind.
struct Parts {
    /// Each has all requests of the class. More than one if it names several lists of groups.
    hulls: Vec<Shape>,
    /// One for each condition that leaves values out: the requests with these values.
    holes: Vec<Shape>,
    /// One for each condition that lists values.
    literals: Vec<Shape>,
}

impl Parts {
    fn new(class: &Class, kind: Kind) -> Self {
        let mut parts = Self {
            hulls: vec![Shape::of_kind(kind)],
            holes: Vec::new(),
            literals: Vec::new(),
        };
        for condition in &class.conditions {
            parts.add(condition, kind);
        }
        parts
    }

    fn add(&mut self, condition: &Condition, kind: Kind) {
        let attribute = condition.attribute;
        // Requests of a kind meet the other conditions, or the class does not have one of them.
        if !has(kind, attribute) {
            return;
        }
        let listed = condition.values.listed().iter().flatten();
        // No resource has an empty name.
        let is_value = |value: &&String| attribute != Attribute::Resource || !value.is_empty();
        let values: Vec<String> = listed.filter(is_value).cloned().collect();
        if values.is_empty() {
            return;
        }
        let literal = Shape::of_kind(kind).with(attribute, values);
        let literal = literal.for_both_kinds().unwrap_or(literal);
        let has_no_user = condition.values.listed().contains(&None);
        match condition.values {
            Values::NotIn(_) => self.holes.push(literal),
            // A rule cannot name requests without a user.
            Values::In(_) if has_no_user => self.literals.push(literal),
            Values::In(_) => {
                let hulls = self.hulls.iter().flat_map(|hull| hull.and(&literal));
                self.hulls = hulls.take(MAX_HULLS).collect();
                self.literals.push(literal);
            }
        }
    }
}

/// Returns true if requests of a kind have an attribute.
const fn has(kind: Kind, attribute: Attribute) -> bool {
    match attribute {
        Attribute::User | Attribute::UserGroup | Attribute::Verb => true,
        Attribute::Path => matches!(kind, Kind::Url),
        _ => matches!(kind, Kind::Resource),
    }
}
