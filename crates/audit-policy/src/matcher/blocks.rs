//! The rules that match a single value of a request, as bit sets of 64 rules each.
//!
//! A caller with many requests looks up each distinct value once and intersects the sets; [`Matcher::evaluate`] does the same for one
//! request. Block `b` has one bit for each of the rules `64 * b` to `64 * b + 63`.

use super::Matcher;
use super::conditions::ResourceTarget;

impl Matcher {
    /// Number of blocks: the number of rules over 64, rounded up.
    pub const fn block_count(&self) -> usize {
        self.blocks
    }

    /// Returns the rules of a block that match a user with groups. The name is that of [`Request::user_name`](crate::Request::user_name).
    pub fn rules_for_subject<'g>(
        &self,
        user_name: Option<&str>,
        groups: impl Iterator<Item = &'g str>,
        block: usize,
    ) -> u64 {
        let by_user = user_name.map_or(0, |name| self.users.listed.block(name, block));
        let by_group = groups.fold(0, |found, group| {
            found | self.groups.listed.block(group, block)
        });
        (self.users.unconstrained.block(block) | by_user)
            & (self.groups.unconstrained.block(block) | by_group)
    }

    /// Returns the rules of a block that match a verb.
    pub fn rules_for_verb(&self, verb: &str, block: usize) -> u64 {
        self.verbs.unconstrained.block(block) | self.verbs.listed.block(verb, block)
    }

    /// Returns the rules of a block that match a namespace.
    pub fn rules_for_namespace(&self, namespace: &str, block: usize) -> u64 {
        self.namespaces.unconstrained.block(block) | self.namespaces.listed.block(namespace, block)
    }

    /// Returns the rules of a block that match a resource for any namespace and any object name.
    pub fn rules_for_resource(&self, resource: ResourceTarget<'_>, block: usize) -> u64 {
        let listed = self.resources.unnamed_block(resource, block);
        self.urls.unconstrained.block(block) & (self.resources.unconstrained.block(block) | listed)
    }

    /// Returns the rules of a block that match the URL path of a non-resource request.
    pub fn rules_for_path(&self, path: &str, block: usize) -> u64 {
        let listed = self.urls.block(path, block);
        self.resources.unconstrained.block(block)
            & self.namespaces.unconstrained.block(block)
            & (self.urls.unconstrained.block(block) | listed)
    }

    /// Returns the rules of a block that match a resource only because they list the object's name.
    pub fn rules_for_object(&self, resource: ResourceTarget<'_>, name: &str, block: usize) -> u64 {
        self.urls.unconstrained.block(block) & self.resources.named_block(resource, name, block)
    }

    /// Returns `true` if a rule lists object names.
    pub const fn lists_object_names(&self) -> bool {
        self.resources.has_names()
    }

    /// Returns `true` if a rule lists the object name.
    pub fn lists_object_name(&self, name: &str) -> bool {
        self.resources.lists_name(name)
    }
}
