//! Scanner for documents with many records in a list: finds the records one by one, in chunks of any size, without reading the document as
//! a whole. After an error it continues at the next record, so that a damaged record or a truncated document affects no other record.

pub(crate) mod closing;
mod extra_bracket;
mod record_lists;
mod rows;

use memchr::memmem;

use crate::extract::event_fields::is_event_field;
use crate::extract::record::holds_event;
use crate::extract::wrapper::Wrapper;
use crate::json::{self, JsonError, JsonErrorKind};
use crate::recovery::{RecoverySearch, SearchOutcome, Signature, StopAt, trimmed_length};
use crate::validator::{JsonValidator, Validation};
use extra_bracket::{MAX_EXTRA_BRACKETS, extra_bracket};
use record_lists::{ALL_RECORD_LISTS, below, ending_at, has_columns};

/// List that a record belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordContext {
    /// Wrapper that the list implies. `None` if it depends on the record.
    pub wrapper: Option<Wrapper>,
    /// The list is that of an audit `EventList`.
    pub is_event_list: bool,
    /// The value is not a record but the list of the columns of the records after it.
    pub is_columns: bool,
}

impl RecordContext {
    /// Context of something other than a record.
    pub(crate) const UNKNOWN: Self = Self {
        wrapper: None,
        is_event_list: false,
        is_columns: false,
    };
    /// Context of the columns of Log Analytics.
    const COLUMNS: Self = Self {
        wrapper: Some(Wrapper::LogAnalytics),
        is_event_list: false,
        is_columns: true,
    };
}

/// Next part of a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ScanStep {
    /// A record: start and end.
    Record(usize, usize, RecordContext),
    /// Unreadable text: start, end and reason.
    Damage(usize, usize, JsonError),
    /// The document ends at this offset.
    Done(usize),
    /// Another document begins at this offset although this one was not closed.
    Unclosed(usize),
    /// More bytes are needed. Bytes before this offset may be discarded.
    NeedsMore(usize),
}

/// Returns `true` if a text may be a document, possibly damaged or truncated.
pub(crate) fn may_be_document(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_start();
    match bytes.strip_prefix(b"[") {
        // `[pod/name] …` is not a document.
        Some(inside) => matches!(inside.trim_ascii_start().first(), Some(b'{' | b'[' | b'"')),
        None => bytes.first() == Some(&b'{'),
    }
}

/// Returns `true` if a value is a document with many records that is long enough to be read record by record.
pub(crate) fn is_large_document(bytes: &[u8], max_whole: usize) -> bool {
    bytes.len() > max_whole
        && may_be_document(bytes)
        && EnvelopeScanner::contains_list(bytes.get(..max_whole).unwrap_or_default())
}

/// Scanner of one document.
#[derive(Debug, Default)]
pub(crate) struct EnvelopeScanner {
    at: usize,
    open: Vec<Container>,
    token: Option<Token>,
    /// Search for the next record after an error.
    search: Option<RecoverySearch>,
    /// Open containers at the last list of records, where the scan continues after damage.
    list: Vec<Container>,
    /// Offset at which a list of records was closed, until that is confirmed.
    closed: Option<usize>,
    /// Start of a key that has no colon yet.
    key_at: Option<usize>,
    /// Signature of the document.
    document_signature: Signature,
    /// Signature of its records.
    record_signature: Signature,
    /// Number of extra brackets before records.
    extra_brackets: u8,
    found_list: bool,
    is_damaged: bool,
    /// The document was closed, possibly by damage.
    is_ended: bool,
    is_list: bool,
    is_audit: bool,
}

/// A list of records, or a container that leads to one.
#[derive(Debug, Clone, Copy)]
struct Container {
    is_object: bool,
    /// Known lists that may be inside the container.
    mask: u32,
    /// Number of names that lead to its values, without the key.
    depth: usize,
    /// Known lists that may be inside the value of the last key.
    below_key: u32,
    /// Wrapper of the records, if the container is a list of records.
    records: Option<Option<Wrapper>>,
    key: RootKey,
    expecting: Expecting,
}

/// Token that has to follow in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expecting {
    /// An item, or the end.
    First,
    /// An item, after a comma.
    Next,
    Colon,
    /// The value of a key.
    Value,
    CommaOrEnd,
}

/// Keys of the document that identify an `EventList`, and the key of the columns of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RootKey {
    ValueKind,
    ApiVersion,
    Columns,
    Other,
}

#[derive(Debug)]
struct Token {
    start: usize,
    check: JsonValidator,
    use_as: TokenUse,
}

#[derive(Debug, Clone, Copy)]
enum TokenUse {
    Key,
    Record(RecordContext),
    Passed(RootKey),
}

impl Token {
    /// Returns `true` if the token may be an item, and `false` for a truncated string that ends with the first quote of the next item.
    /// `None` if there are too few bytes to decide.
    fn is_apart(&self, bytes: &[u8], at_end: bool) -> Option<bool> {
        const MAX_SPACE_BYTES: usize = 256;
        let text = bytes.get(self.start..self.check.at).unwrap_or_default();
        let TokenUse::Record(context) = self.use_as else {
            return Some(true);
        };
        let may_be_row = context.wrapper.is_some_and(Wrapper::has_rows) && text.starts_with(b"[");
        if context.is_columns || may_be_row {
            return Some(true);
        }
        let after = bytes.get(self.check.at..).unwrap_or_default();
        let mut after_space = after.iter().take(MAX_SPACE_BYTES);
        match after_space.find(|byte| !byte.is_ascii_whitespace()) {
            None if after.len() < MAX_SPACE_BYTES && !at_end && text.starts_with(b"\"") => None,
            // The first value of the rest of an event, whose next member follows.
            Some(b',') if !str::from_utf8(text).is_ok_and(holds_event) => {
                key_follows(after, at_end).map(|is_key| !is_key)
            }
            _ if !text.starts_with(b"\"") => Some(true),
            // A key, which no item is.
            Some(b':') => Some(false),
            _ if str::from_utf8(text).is_ok_and(holds_event) => Some(true),
            next => Some(next.is_none_or(|byte| !is_of_name(*byte))),
        }
    }
}

/// Returns `true` if a comma and a key with its colon follow. `None` if there are too few bytes to decide.
fn key_follows(after: &[u8], at_end: bool) -> Option<bool> {
    /// Maximum length of the names of an event's fields, with space.
    const MAX_KEY_BYTES: usize = 256;
    let start = after.get(..MAX_KEY_BYTES).unwrap_or(after);
    let after_comma = start.trim_ascii_start().strip_prefix(b",")?;
    let text = after_comma.trim_ascii_start();
    let inside = match text.strip_prefix(b"\"") {
        Some(inside) => inside,
        None => return (at_end || !text.is_empty()).then_some(false),
    };
    let is_letter = |byte: &&u8| byte.is_ascii_alphanumeric();
    let name = inside.iter().take_while(is_letter).count();
    let rest = inside.get(name..).unwrap_or_default();
    match rest.split_first() {
        Some((b'"', rest)) => match rest.trim_ascii_start().first() {
            Some(byte) => Some(*byte == b':'),
            None if at_end || start.len() == MAX_KEY_BYTES => Some(false),
            None => None,
        },
        None if !at_end && start.len() < MAX_KEY_BYTES => None,
        _ => Some(false),
    }
}

/// Returns `true` for a byte that a key or the content of a string may start with.
const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@' | b'.' | b'/' | b'$' | b'\\')
}

impl EnvelopeScanner {
    /// Creates a scanner that starts at an offset.
    pub(crate) fn at(at: usize) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// Returns `true` if a list of records begins in the first bytes of a document.
    pub(crate) fn contains_list(bytes: &[u8]) -> bool {
        let mut scanner = Self::at(0);
        loop {
            match scanner.next(bytes, false) {
                _ if scanner.found_list => return true,
                ScanStep::Record(..) => {}
                _ => return false,
            }
        }
    }

    /// Returns `true` if a list of records was found.
    pub(crate) const fn found(&self) -> bool {
        self.found_list
    }

    /// Returns `true` if damage was found.
    pub(crate) const fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// Returns `true` if the document has identified itself as an audit `EventList`.
    pub(crate) const fn is_event_list(&self) -> bool {
        self.is_list && self.is_audit
    }

    /// Adjusts offsets after `bytes` bytes were removed from the front.
    pub(crate) fn discard(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
        if let Some(token) = &mut self.token {
            token.start = token.start.saturating_sub(bytes);
            token.check.discard(bytes);
        }
        if let Some(search) = &mut self.search {
            search.discard(bytes);
        }
        for offset in [&mut self.closed, &mut self.key_at].into_iter().flatten() {
            *offset = offset.saturating_sub(bytes);
        }
    }

    /// Advances to the next record.
    pub(crate) fn next(&mut self, bytes: &[u8], at_end: bool) -> ScanStep {
        loop {
            if self.search.is_some() {
                return self.recover(bytes, at_end);
            }
            if self.is_ended {
                if let Some(step) = self.end(bytes, at_end) {
                    return step;
                }
                continue;
            }
            if let Some(token) = self.token.take() {
                if let Some(step) = self.token_step(bytes, token, at_end) {
                    return step;
                }
                continue;
            }
            match bytes.get(self.at) {
                None => return ScanStep::NeedsMore(self.first_needed()),
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(byte) => {
                    if let Some(step) = self.take(bytes, *byte, at_end) {
                        return step;
                    }
                }
            }
        }
    }

    /// Advances in a token.
    fn token_step(&mut self, bytes: &[u8], mut token: Token, at_end: bool) -> Option<ScanStep> {
        let checked = if at_end {
            token.check.run_to_end(bytes)
        } else {
            token.check.run(bytes)
        };
        let (start, at) = (token.start, token.check.at);
        let fault = match checked {
            Validation::Complete => match token.is_apart(bytes, at_end) {
                Some(true) => return self.completed(bytes, token, at_end),
                Some(false) => JsonErrorKind::Expected("`,` or `]`"),
                None => return Some(self.wait_after(token)),
            },
            Validation::Incomplete => {
                let from = match token.use_as {
                    TokenUse::Passed(RootKey::Columns | RootKey::Other) => at,
                    _ => start.min(self.first_needed()),
                };
                self.token = Some(token);
                return Some(ScanStep::NeedsMore(from));
            }
            Validation::Invalid(fault) => fault,
        };
        self.search = Some(RecoverySearch::in_value(start, at, fault, StopAt::List));
        None
    }

    /// Waits for more of what follows a complete token.
    fn wait_after(&mut self, mut token: Token) -> ScanStep {
        token.check = JsonValidator::at(token.start);
        self.token = Some(token);
        ScanStep::NeedsMore(self.first_needed())
    }

    /// Handles a complete token.
    fn completed(&mut self, bytes: &[u8], token: Token, at_end: bool) -> Option<ScanStep> {
        let is_extra = match token.use_as {
            TokenUse::Record(context) if self.extra_brackets < MAX_EXTRA_BRACKETS => {
                let item = (token.start, token.check.at);
                extra_bracket(
                    bytes,
                    item,
                    (context.wrapper, &self.record_signature),
                    at_end,
                )
            }
            _ => Some(false),
        };
        match is_extra {
            None => Some(self.wait_after(token)),
            Some(true) => {
                self.extra_brackets += 1;
                self.is_damaged = true;
                self.at = token.start + 1;
                let error = JsonError {
                    offset: 0,
                    kind: JsonErrorKind::Expected("a record instead of a second `[`"),
                };
                Some(ScanStep::Damage(token.start, self.at, error))
            }
            Some(false) => {
                self.at = token.check.at;
                self.use_token(bytes, &token)
            }
        }
    }

    /// Returns the offset of the first byte that is still needed.
    fn first_needed(&self) -> usize {
        let offsets = [self.closed, self.key_at];
        offsets.into_iter().flatten().fold(self.at, usize::min)
    }

    /// Searches for the record after damage.
    fn recover(&mut self, bytes: &[u8], at_end: bool) -> ScanStep {
        self.is_damaged = true;
        let from = self.search.as_ref().map_or(self.at, |search| search.from);
        if self.record_signature.is_empty() {
            self.learn_signature(bytes.get(from..).unwrap_or_default());
        }
        let Some(search) = &mut self.search else {
            return ScanStep::NeedsMore(self.at);
        };
        self.at = match search.search(bytes, &self.record_signature, at_end) {
            SearchOutcome::NeedsMore => return ScanStep::NeedsMore(from),
            SearchOutcome::At(to) => to,
            SearchOutcome::NotFound => bytes.len(),
        };
        let error = search.error.clone();
        self.search = None;
        (self.closed, self.key_at) = (None, None);
        self.open.clone_from(&self.list);
        if let Some(container) = self.open.last_mut() {
            container.expecting = Expecting::Next;
        }
        ScanStep::Damage(from, from + trimmed_length(bytes, from, self.at), error)
    }

    /// Handles a byte between tokens that is not whitespace.
    fn take(&mut self, bytes: &[u8], byte: u8, at_end: bool) -> Option<ScanStep> {
        let Some(container) = self.open.last_mut() else {
            self.document_signature
                .learn(bytes.get(self.at..).unwrap_or_default());
            if !self.enter(byte) {
                self.search = Some(RecoverySearch::stray(self.at, StopAt::List));
            }
            return None;
        };
        let end = if container.is_object { b'}' } else { b']' };
        match (container.expecting, byte) {
            (Expecting::First | Expecting::CommaOrEnd, _) if byte == end => self.leave(),
            // An extra comma is harmless.
            (Expecting::Next, b']') if !container.is_object => self.leave(),
            (Expecting::First | Expecting::Next, b',') if !container.is_object => self.at += 1,
            (Expecting::CommaOrEnd, b',') => {
                container.expecting = Expecting::Next;
                self.at += 1;
            }
            (Expecting::First | Expecting::Next, b'"') if container.is_object => {
                self.begin(TokenUse::Key)
            }
            (Expecting::Colon, b':') => {
                (self.closed, self.key_at) = (None, None);
                container.expecting = Expecting::Value;
                self.at += 1;
            }
            (Expecting::Colon, _) => {
                let from = self.key_at.take().unwrap_or(self.at);
                let fault = JsonErrorKind::Expected("`:`");
                self.search = Some(RecoverySearch::in_value(from, self.at, fault, StopAt::List));
            }
            (Expecting::Value, _) => self.value(byte),
            (Expecting::First | Expecting::Next, _) if !container.is_object => self.value(byte),
            // So is a missing one.
            (Expecting::CommaOrEnd, b'{' | b'[') if !container.is_object => {
                return self.item_without_comma(bytes, byte, at_end);
            }
            // An extra bracket has closed the list.
            (Expecting::Next, b'{' | b'[') if container.is_object && !self.list.is_empty() => {
                return self.reopen(byte);
            }
            _ => self.search = Some(RecoverySearch::stray(self.at, StopAt::List)),
        }
        None
    }

    fn value(&mut self, byte: u8) {
        if self.enter(byte) {
            return;
        }
        if let Some(Container {
            records: Some(Some(wrapper)),
            ..
        }) = self.open.last()
            && wrapper.has_rows()
            && byte != b'['
            && byte != b'{'
        {
            // The rest of a row whose start is missing.
            self.search = Some(RecoverySearch::stray(self.at, StopAt::List));
            return;
        }
        let is_root = self.open.len() == 1;
        // After damage, an object may follow that is not an item.
        let is_event_list = self.is_event_list() && is_root_list(&self.open) && !self.is_damaged;
        let use_as = match self.open.last() {
            Some(Container {
                records: Some(wrapper),
                ..
            }) => TokenUse::Record(RecordContext {
                wrapper: *wrapper,
                is_event_list,
                is_columns: false,
            }),
            Some(Container {
                key: RootKey::Columns,
                ..
            }) if byte == b'[' => TokenUse::Record(RecordContext::COLUMNS),
            Some(container) if is_root => TokenUse::Passed(container.key),
            _ => TokenUse::Passed(RootKey::Other),
        };
        self.begin(use_as);
    }

    /// Enters a container that is a list of records or leads to one.
    fn enter(&mut self, byte: u8) -> bool {
        if byte != b'{' && byte != b'[' {
            return false;
        }
        let (mask, depth) = match self.open.last() {
            None => (ALL_RECORD_LISTS, 0),
            Some(container) if container.records.is_some() => return false,
            Some(container) if container.is_object => (container.below_key, container.depth + 1),
            Some(container) => (container.mask, container.depth),
        };
        let is_object = byte == b'{';
        let mut container = Container {
            is_object,
            mask,
            depth,
            below_key: 0,
            records: None,
            key: RootKey::Other,
            expecting: Expecting::First,
        };
        if !is_object {
            let is_root = self.open.is_empty();
            let ends_here = ending_at(mask, depth);
            if is_root || ends_here.is_some() {
                container.records = Some(ends_here.flatten());
                self.found_list = true;
            }
            container.mask = below(mask, depth, "*");
            container.depth = depth + 1;
        }
        if container.mask == 0 && container.records.is_none() {
            return false;
        }
        self.open.push(container);
        if container.records.is_some() {
            self.list.clone_from(&self.open);
        }
        self.at += 1;
        true
    }

    fn begin(&mut self, use_as: TokenUse) {
        self.token = Some(Token {
            start: self.at,
            check: JsonValidator::at(self.at),
            use_as,
        });
    }

    fn use_token(&mut self, bytes: &[u8], token: &Token) -> Option<ScanStep> {
        let (from, to) = (token.start, self.at);
        let token_bytes = bytes.get(from..to).unwrap_or_default();
        let text = std::str::from_utf8(token_bytes).unwrap_or_default();
        self.open.last_mut()?.expecting = Expecting::CommaOrEnd;
        match token.use_as {
            TokenUse::Record(context) => {
                let head = token_bytes.get(..64.min(token_bytes.len()));
                if head.is_some_and(|head| memmem::find(head, b"\"EventList\"").is_some()) {
                    self.at = from;
                    return Some(self.unclosed(from));
                }
                self.learn_record(token_bytes, text, context);
                return Some(ScanStep::Record(from, to, context));
            }
            TokenUse::Key => self.use_key(from, &json::string(text).unwrap_or_default()),
            TokenUse::Passed(RootKey::ValueKind) => self.is_list = text == "\"EventList\"",
            TokenUse::Passed(RootKey::ApiVersion) => {
                self.is_audit = text.starts_with("\"audit.k8s.io/");
            }
            TokenUse::Passed(RootKey::Columns | RootKey::Other) => {}
        }
        None
    }

    /// Handles the key of a member that starts at an offset.
    fn use_key(&mut self, from: usize, key: &str) {
        let is_root = self.open.len() == 1;
        if is_root && self.found_list && self.is_event_list() && is_event_field(key) {
            return self.close_early(from);
        }
        self.key_at = Some(from);
        let Some(container) = self.open.last_mut() else {
            return;
        };
        container.expecting = Expecting::Colon;
        container.below_key = below(container.mask, container.depth, key);
        container.key = match key {
            "kind" => RootKey::ValueKind,
            "apiVersion" => RootKey::ApiVersion,
            "columns" if has_columns(container.mask, container.depth) => RootKey::Columns,
            _ => RootKey::Other,
        };
    }
}

/// Returns `true` if the list of records is a member of the document itself.
fn is_root_list(open: &[Container]) -> bool {
    open.len() == 2
}

#[cfg(test)]
mod tests;
