//! Parts of a body that depend on the policy or the server's version: managed fields and creation timestamps.

use super::text::chunk_at;
use super::value::Visitor;
use crate::canonical::CreationTimestamps;

/// A body, and the managed fields in it that a policy may omit.
pub(super) struct Body<'a> {
    bytes: &'a [u8],
    /// Start and depth of managed fields that are open.
    managed: (usize, usize),
    /// Metadata object whose managed fields were seen last.
    managed_in: u32,
    managed_bytes: u32,
    /// The top-level `items` contain something other than objects.
    has_bare_items: bool,
    /// Metadata object whose creation timestamp was seen last.
    timestamp_in: u32,
    /// Metadata object that was counted last.
    last_metadata: u32,
    /// Metadata object whose creation timestamp was last seen to be null.
    null_in: u32,
    pub(super) timestamps: CreationTimestamps,
}

const METADATA: &[u8] = br#""metadata":{"#;

/// A null creation timestamp, without a comma.
const NULL_TIME: u32 = br#""creationTimestamp":null"#.len() as u32;

/// Members that are recorded as received, or that describe objects: of a `ControllerRevision`, a device configuration, a
/// `CustomResourceDefinition`.
const RAW: [&[u8]; 3] = [br#""data":"#, br#""parameters":"#, br#""openAPIV3Schema":"#];

/// Minimum depth of metadata inside one of these.
const SHALLOW: usize = 2;

const MANAGED: &[u8; 16] = br#""managedFields":"#;

/// A depth that no list has.
const NO_DEPTH: usize = usize::MAX;

impl<'a> Body<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            managed: (0, NO_DEPTH),
            managed_in: u32::MAX,
            managed_bytes: 0,
            has_bare_items: false,
            timestamp_in: u32::MAX,
            last_metadata: u32::MAX,
            null_in: u32::MAX,
            timestamps: CreationTimestamps {
                null_bytes: 0,
                metadata: 0,
                with_timestamp: 0,
            },
        }
    }

    /// Bytes of managed fields. 0 if some item is not an object, because the server then fails to copy the body and leaves it unchanged
    /// (`copyWithoutManagedFields`, `UnstructuredContent.EachListItem`).
    pub(super) const fn managed_bytes(&self) -> u32 {
        if self.has_bare_items {
            0
        } else {
            self.managed_bytes
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or_default()
    }

    fn is_object(&self, at: u32) -> bool {
        self.byte(at as usize) == b'{'
    }

    /// Returns `true` if the value at an offset is the member of that name. A quote inside a key has a backslash before it.
    fn is_named(&self, at: u32, name: &[u8]) -> bool {
        let before = self.bytes.get(..at as usize).unwrap_or_default();
        let before = before.strip_suffix(name);
        before.is_some_and(|before| matches!(before.last(), Some(b'{' | b',')))
    }

    /// Returns `true` if the enclosing objects are those whose own metadata loses its managed fields: a body, an item of a list, the object
    /// of a table's row.
    fn is_own_metadata(&self, around: &[u32]) -> bool {
        let Some((metadata, owners)) = around.split_last() else {
            return false;
        };
        let is_list_named = |at: u32, name| self.is_named(at, name) && !self.is_object(at);
        self.is_object(*metadata)
            && self.is_named(*metadata, br#""metadata":"#)
            && match owners {
                [body] => self.is_object(*body),
                [_body, list, item] => {
                    is_list_named(*list, br#""items":"#) && self.is_object(*item)
                }
                [_body, list, _row, object] => {
                    is_list_named(*list, br#""rows":"#)
                        && self.is_named(*object, br#""object":"#)
                        && self.is_object(*object)
                }
                _ => false,
            }
    }

    /// Returns `true` if a body is a `Table` as the server prints it.
    fn is_table(&self, at: u32) -> bool {
        let body = self.bytes.get(at as usize..).unwrap_or_default();
        body.strip_prefix(br#"{"kind":"Table","apiVersion":"meta.k8s.io/v1"#)
            .is_some_and(|rest| rest.starts_with(b"\"") || rest.starts_with(b"beta1\""))
    }

    /// Returns `true` if the enclosing objects are in a part of a body that is recorded as received, or that describes objects.
    fn is_raw(&self, around: &[u32]) -> bool {
        around.iter().any(|at| {
            // Bytes before a member's value. Hardly any other member ends in these.
            let before = (*at as usize).saturating_sub(3);
            matches!(
                self.bytes.get(before..*at as usize),
                Some(b"a\":" | b"s\":")
            ) && RAW.iter().any(|name| self.is_named(*at, name))
        })
    }

    #[inline]
    fn metadata(&mut self, around: &[u32], from: usize) {
        let text = chunk_at(self.bytes, from - 1);
        if text.starts_with(METADATA) && (around.len() < SHALLOW || !self.is_raw(around)) {
            self.timestamps.metadata += 1;
            // Invariant: bodies of 4 GiB are left to the general parser.
            self.last_metadata = (from + METADATA.len() - 2) as u32;
        }
    }

    /// Notes a creation timestamp. Returns `false` for a duplicate, which the general parser has to handle.
    fn created(&mut self, around: &[u32], from: usize, to: usize) -> bool {
        if self.bytes.get(from..to) != Some(b"creationTimestamp") {
            return true;
        }
        let Some(metadata) = around.last().filter(|at| {
            **at == self.last_metadata
                || self.is_object(**at)
                    && self.is_named(**at, br#""metadata":"#)
                    && !self.is_raw(around)
        }) else {
            return true;
        };
        if *metadata == self.timestamp_in {
            return false;
        }
        self.timestamp_in = *metadata;
        self.timestamps.with_timestamp += 1;
        let value = self.bytes.get(to + 2..).unwrap_or_default();
        if let Some([next @ (b',' | b'}'), ..]) = value.strip_prefix(b"null") {
            let has_comma = *next == b',' || self.byte(from - 2) == b',';
            self.timestamps.null_bytes += NULL_TIME + u32::from(has_comma);
            self.null_in = *metadata;
            return *metadata != self.managed_in;
        }
        true
    }

    /// Notes the start of managed fields. Returns `false` for cases that the general parser has to handle: a type other than a list, an
    /// object that may not be a table, duplicates, and a null timestamp in the same object, where it matters which commas go.
    #[cold]
    fn managed_opens(&mut self, around: &[u32], at: usize) -> bool {
        if self.byte(at) != b'[' {
            return false;
        }
        if self.managed.1 == NO_DEPTH && self.is_own_metadata(around) {
            let metadata = around.last().copied().unwrap_or_default();
            if metadata == self.managed_in || metadata == self.null_in {
                return false;
            }
            if let [body, _list, _row, _object, _metadata] = around
                && !self.is_table(*body)
            {
                return false;
            }
            self.managed_in = metadata;
            self.managed = (at - MANAGED.len(), around.len());
        }
        true
    }
}

impl Visitor for Body<'_> {
    const ANY_ESCAPE: bool = true;

    #[inline]
    fn key(&mut self, around: &[u32], from: usize, to: usize) -> bool {
        // Invariant: a quote precedes the key, and a quote and a colon follow it.
        match to - from {
            8 => {
                self.metadata(around, from);
                true
            }
            13 => chunk_at(self.bytes, from - 1) != *MANAGED || self.managed_opens(around, to + 2),
            17 => self.created(around, from, to),
            _ => true,
        }
    }

    #[cold]
    fn bare_item(&mut self, around: &[u32]) {
        if let [_body, list] = around
            && self.is_named(*list, br#""items":"#)
        {
            self.has_bare_items = true;
        }
    }

    #[inline]
    fn list_closes(&mut self, depth: usize, at: usize) {
        let (start, own_depth) = self.managed;
        if depth != own_depth {
            return;
        }
        self.managed.1 = NO_DEPTH;
        let has_comma = self.byte(start - 1) == b',' || self.byte(at + 1) == b',';
        let bytes = at + 1 - start + usize::from(has_comma);
        self.managed_bytes += u32::try_from(bytes).unwrap_or(u32::MAX);
    }
}
