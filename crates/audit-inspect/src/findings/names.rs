//! Names of a log that look like others.

use audit_filter::{Field, term};
use audit_log::{Event, json, read_user};
use audit_text::escape;
use audit_types::Diagnostic;
use audit_types::excerpt::quote;
use hashbrown::{HashMap, HashSet};

use crate::client::service_account;
use crate::codes::LogCode;
use crate::confusable::{
    GROUPS, NAMESPACES, USERS, ascii_lookalike, first_odd, has_hidden, mixes_alphabets, prefix,
    well_known,
};
use crate::log_finding::{FoundEvents, LogFinding};

/// Maximum number of distinct names that are remembered.
const MAX_NAMES: usize = 50_000;

/// Maximum number of distinct texts of users that are skipped without parsing them again.
const MAX_TEXTS: usize = 50_000;

/// Maximum number of bytes of a name that is examined.
const MAX_NAME_BYTES: usize = 512;

/// Maximum number of findings; further names are counted in the last one.
const MAX_FINDINGS: usize = 20;

/// Kind of thing that a name belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Role {
    User,
    Group,
    Namespace,
}

impl Role {
    const fn title(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Namespace => "namespace",
        }
    }
}

/// A name that may look like another.
#[derive(Debug, Clone)]
struct Suspect<P> {
    role: Role,
    name: String,
    /// Name that it looks like. `None` if that depends on the other names of the log.
    like: Option<String>,
    /// Field of the filter that selects its events. `None` if it was found where no field is about.
    field: Option<Field>,
    place: P,
}

/// Names of a log.
#[derive(Debug, Clone)]
pub(crate) struct Names<P> {
    /// Texts of `user` that were read.
    texts: HashSet<String>,
    known: HashMap<Role, HashSet<String>>,
    number: usize,
    suspects: Vec<Suspect<P>>,
}

impl<P> Default for Names<P> {
    fn default() -> Self {
        Self {
            texts: HashSet::new(),
            known: HashMap::new(),
            number: 0,
            suspects: Vec::new(),
        }
    }
}

impl<P> Names<P> {
    pub(crate) fn push(&mut self, event: &Event<'_>, place: impl Fn() -> P) {
        if let Some(user) = event.user {
            self.user(user, true, &place);
        }
        if let Some(user) = event.impersonated_user {
            self.user(user, false, &place);
        }
        let namespace = event
            .object_ref
            .and_then(|object| json::member(object, "namespace"))
            .and_then(json::string_with_placeholders);
        if let Some(namespace) = namespace {
            self.name(Role::Namespace, &namespace, Some(Field::Namespace), &place);
        }
    }

    /// Adds the names of a user. The filter selects by those of the client, not of the user that it acts as.
    fn user(&mut self, raw: &str, is_client: bool, place: &impl Fn() -> P) {
        if self.texts.contains(raw) {
            return;
        }
        if self.texts.len() < MAX_TEXTS && raw.len() <= 4 * MAX_NAME_BYTES {
            self.texts.insert(raw.to_owned());
        }
        let (name, groups) = read_user(raw);
        if let Some(name) = name {
            if let Some((namespace, _)) = service_account(&name) {
                self.name(Role::Namespace, namespace, None, place);
            }
            self.name(Role::User, &name, is_client.then_some(Field::User), place);
        }
        for group in groups {
            let field = is_client.then_some(Field::UserGroup);
            self.name(Role::Group, &group, field, place);
        }
    }

    fn name(&mut self, role: Role, name: &str, field: Option<Field>, place: &impl Fn() -> P) {
        let known = self.known.entry(role).or_default();
        if name.is_empty()
            || name.len() > MAX_NAME_BYTES
            || known.contains(name)
            || self.number >= MAX_NAMES
        {
            return;
        }
        known.insert(name.to_owned());
        self.number += 1;
        let like = match role {
            Role::User => well_known(name, &USERS)
                .or_else(|| prefix(name))
                .map(str::to_owned),
            Role::Group => well_known(name, &GROUPS).map(str::to_owned),
            Role::Namespace => well_known(name, &NAMESPACES).map(str::to_owned),
        };
        // A name from another alphabet may look like one that comes later.
        if like.is_some() || first_odd(name).is_some() {
            self.suspects.push(Suspect {
                role,
                name: name.to_owned(),
                like,
                field,
                place: place(),
            });
        }
    }

    /// Returns `true` if the log has more names than are remembered.
    pub(crate) const fn is_full(&self) -> bool {
        self.number >= MAX_NAMES
    }

    pub(crate) fn finish(self) -> Vec<LogFinding<P>> {
        let mut all = Vec::new();
        let mut further = 0_u64;
        for suspect in self.suspects {
            let known = self.known.get(&suspect.role);
            let Some(message) = describe(&suspect, known) else {
                continue;
            };
            if all.len() >= MAX_FINDINGS {
                further += 1;
                continue;
            }
            all.push(LogFinding {
                diagnostic: Diagnostic::of(LogCode::LookalikeName, message).with_help(
                    "find out who created it: certificates, OIDC and webhooks can give any name; compare its requests with those of the other name",
                ),
                count: 1,
                events: suspect.field.map_or(FoundEvents::Unlisted, |field| {
                    FoundEvents::Filter(term(field, &suspect.name))
                }),
                first: vec![suspect.place],
            });
        }
        if let Some(last) = all.last_mut().filter(|_| further > 0) {
            last.count += further;
            last.diagnostic
                .message
                .push_str(&format!("; {further} further names look like others"));
        }
        all
    }
}

/// Returns the message about a name. `None` if nothing is odd about it.
fn describe<P>(suspect: &Suspect<P>, known: Option<&HashSet<String>>) -> Option<String> {
    let Suspect {
        role, name, like, ..
    } = suspect;
    let odd = first_odd(name).map_or_else(String::new, |character| {
        format!(", with the character U+{:04X}", u32::from(character))
    });
    let shown = format!("{} {}{odd}", role.title(), quote(&escape(name)));
    if let Some(like) = like {
        return Some(format!("{shown} looks like {}", quote(like)));
    }
    let plain = ascii_lookalike(name);
    if known.is_some_and(|known| known.contains(&plain)) {
        return Some(format!("{shown} looks like {}", quote(&plain)));
    }
    if has_hidden(name) {
        return Some(format!("{shown} contains invisible characters"));
    }
    mixes_alphabets(name).then(|| format!("{shown} mixes letters of two alphabets"))
}
