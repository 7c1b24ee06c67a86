//! The context of a word from the collections that are open before it.

use audit_policy::help::Scope;

use super::context::{List, Part, Place, is_list, list_of, scope_of};
use super::frame::Progress;
use super::reader::{Expected, Reader};

impl Reader {
    /// Reads the line of the position, which is cut there, into the place. Returns the start of the mapping that the place is in, if it begins before.
    pub(super) fn place(mut self, line: &str, place: &mut Place) -> Option<usize> {
        let word = self.line(line, true)?;
        let start = word.start + usize::from(word.quote.is_some());
        place.quote = word.quote;
        place.from = self.offset + start;
        line.get(start..)
            .unwrap_or_default()
            .clone_into(&mut place.word);
        match word.expected {
            Expected::LineStart => self.at_line_start(word.start, place),
            Expected::Item => self.at_item(word.start, place),
            Expected::Value => self.in_value(place),
            Expected::Flow => self.in_flow(place),
            Expected::Nothing => None,
        }
    }

    /// Returns the fields that lead to the innermost collection, without those of the `less` innermost mappings.
    fn path(&self, less: usize) -> Vec<String> {
        let maps = self.stack.iter().filter(|frame| frame.is_map);
        let mut path: Vec<String> = maps.map(|frame| frame.key().to_owned()).collect();
        path.truncate(path.len().saturating_sub(less));
        path
    }

    fn in_flow(&self, place: &mut Place) -> Option<usize> {
        let top = self.top()?;
        place.is_flow = true;
        match (top.is_map, top.progress) {
            (false, Progress::Start) => self.at_item(top.indent, place),
            (true, Progress::Start) => {
                self.at_key(scope_of(&self.path(1)), top.indent, true, place)
            }
            (true, Progress::Colon) => self.in_value(place),
            _ => None,
        }
    }

    /// `has_map`: the innermost collection is the mapping of the key.
    fn at_key(
        &self,
        scope: Option<Scope>,
        indent: usize,
        has_map: bool,
        place: &mut Place,
    ) -> Option<usize> {
        place.scope = scope;
        place.part = if scope.is_some() {
            Part::Key
        } else {
            Part::None
        };
        place.indent = indent;
        has_map.then(|| self.fields_of_map(place)).flatten()
    }

    fn in_value(&self, place: &mut Place) -> Option<usize> {
        let map = self.top().filter(|top| top.is_map)?;
        place.scope = scope_of(&self.path(1));
        map.key().clone_into(&mut place.field);
        let is_value = place.scope.is_some() && scope_of(&self.path(0)).is_none();
        place.part = if is_value { Part::Value } else { Part::None };
        place.indent = map.indent;
        self.fields_of_map(place)
    }

    /// Reads an item of the innermost list.
    fn at_item(&self, column: usize, place: &mut Place) -> Option<usize> {
        let path = self.path(0);
        let (field, outer) = path.split_last()?;
        if let Some(scope) = scope_of(&path) {
            return self.at_key(Some(scope), column, false, place);
        }
        let scope = scope_of(outer);
        if !is_list(scope, field) {
            return None;
        }
        place.scope = scope;
        place.part = Part::Value;
        place.field.clone_from(field);
        place.is_item = true;
        place.indent = column;
        place.items = self.top().map(|top| top.items.clone()).unwrap_or_default();
        self.fields_of_map(place)
    }

    /// Reads an empty line, or the beginning of its first word.
    fn at_line_start(&mut self, column: usize, place: &mut Place) -> Option<usize> {
        while self.top().is_some_and(|top| top.indent > column) {
            self.pop();
        }
        place.indent = column;
        let top = self
            .top()
            .map(|top| (top.is_map, top.indent, top.has_no_value()));
        match top {
            Some((false, indent, _)) => {
                if indent == column {
                    place.list = list_of(&self.path(0));
                }
                let below = self.stack.iter().rev().nth(1);
                let is_key = below.is_some_and(|below| below.is_map && below.indent == column);
                if place.list.is_none() || !is_key {
                    return only_item(place);
                }
                self.pop();
            }
            Some((true, indent, true)) => {
                place.list = list_of(&self.path(0));
                if indent < column {
                    return only_item(place);
                }
            }
            _ => {}
        }
        match self.top() {
            Some(top) if top.indent != column => None,
            Some(_) => self.at_key(scope_of(&self.path(1)), column, true, place),
            None => self.at_key(Some(Scope::Policy), column, false, place),
        }
    }

    /// Sets the fields of the innermost mapping. Returns its start.
    fn fields_of_map(&self, place: &mut Place) -> Option<usize> {
        let map = self.stack.iter().rev().find(|frame| frame.is_map)?;
        place.fields.clone_from(&map.fields);
        Some(map.start)
    }
}

/// A place where only a new item can be.
fn only_item(place: &mut Place) -> Option<usize> {
    place.part = match &place.list {
        Some(List::Mappings(_) | List::Texts(_)) => Part::Key,
        None => Part::None,
    };
    None
}
