//! The rules that a single value of a request admits, as bit sets of 64 rules each.
//!
//! A caller with many requests asks for each distinct value once and intersects the sets; [`Matcher::evaluate`] is the same for one
//! request. Block `b` has one bit for each of the rules `64 * b` to `64 * b + 63`.

use super::Matcher;
use super::lists::ResourceTarget;

impl Matcher {
    /// Number of blocks: the number of rules over 64, rounded up.
    pub const fn block_count(&self) -> usize {
        self.blocks
    }

    /// Returns the rules of a block that admit a user with groups. The name is that of [`Request::user_name`](crate::Request::user_name).
    pub fn rules_for_subject<'g>(
        &self,
        user_name: Option<&str>,
        groups: impl Iterator<Item = &'g str>,
        block: usize,
    ) -> u64 {
        let by_user = user_name.map_or(0, |name| self.users.listed.word(name, block));
        let by_group = groups.fold(0, |found, group| {
            found | self.groups.listed.word(group, block)
        });
        (self.users.unconstrained.word(block) | by_user)
            & (self.groups.unconstrained.word(block) | by_group)
    }

    /// Returns the rules of a block that admit a verb.
    pub fn rules_for_verb(&self, verb: &str, block: usize) -> u64 {
        self.verbs.unconstrained.word(block) | self.verbs.listed.word(verb, block)
    }

    /// Returns the rules of a block that admit a namespace.
    pub fn rules_for_namespace(&self, namespace: &str, block: usize) -> u64 {
        self.namespaces.unconstrained.word(block) | self.namespaces.listed.word(namespace, block)
    }

    /// Returns the rules of a block that admit a resource, whatever the object's namespace and name are.
    pub fn rules_for_resource(&self, resource: ResourceTarget<'_>, block: usize) -> u64 {
        let listed = self.resources.unnamed_word(resource, block);
        self.urls.unconstrained.word(block) & (self.resources.unconstrained.word(block) | listed)
    }

    /// Returns the rules of a block that admit the URL path of a non-resource request.
    pub fn rules_for_path(&self, path: &str, block: usize) -> u64 {
        let listed = self.urls.word(path, block);
        self.resources.unconstrained.word(block)
            & self.namespaces.unconstrained.word(block)
            & (self.urls.unconstrained.word(block) | listed)
    }

    /// Returns the rules of a block that admit a resource because they list the object's name.
    pub fn rules_for_object(&self, resource: ResourceTarget<'_>, name: &str, block: usize) -> u64 {
        self.urls.unconstrained.word(block) & self.resources.named_word(resource, name, block)
    }

    /// Returns `true` if some rule lists names of objects.
    pub const fn lists_object_names(&self) -> bool {
        self.resources.any_named()
    }

    /// Returns `true` if some rule lists this name of an object.
    pub fn lists_object_name(&self, name: &str) -> bool {
        self.resources.lists_name(name)
    }
}
