//! Clients that requests came from: source addresses with a user agent, as one id per pair.
//!
//! A row has two bytes for its client. A client has few user agents, so there are not many more pairs than addresses.

use hashbrown::HashMap;

/// Distinct texts. The first is empty; the last stands for all beyond the maximum number.
#[derive(Debug)]
pub(crate) struct TextInterner {
    texts: Vec<String>,
    numbers: HashMap<String, u16>,
}

/// Maximum number of distinct texts, and of distinct clients.
const MAX: usize = u16::MAX as usize;

/// Number of clients from which on new ones are kept without their user agent, so that there is room for addresses.
const MAX_WITH_AGENT: usize = 49_152;

/// Stands for texts beyond the maximum number.
const OTHERS: &str = "(others)";

impl Default for TextInterner {
    fn default() -> Self {
        Self {
            texts: vec![String::new()],
            numbers: HashMap::from_iter([(String::new(), 0)]),
        }
    }
}

impl TextInterner {
    /// Returns the id of a text, and adds it if it is new.
    pub(crate) fn add(&mut self, text: &str) -> u16 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let is_last = self.texts.len() >= MAX;
        let number = u16::try_from(self.texts.len().min(MAX)).unwrap_or(u16::MAX);
        if self.texts.len() <= MAX {
            let text = if is_last { OTHERS } else { text };
            self.texts.push(text.to_owned());
        }
        if !is_last {
            self.numbers.insert(text.to_owned(), number);
        }
        number
    }

    /// Iterates over the texts, by id.
    pub(crate) fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// Returns a text by its id; empty if there is none.
    pub(crate) fn get(&self, number: u16) -> &str {
        let text = self.texts.get(usize::from(number));
        text.map(String::as_str).unwrap_or_default()
    }
}

/// Distinct clients. The first has neither addresses nor a user agent.
#[derive(Debug)]
pub(crate) struct Clients {
    /// Distinct source addresses.
    pub(crate) sources: TextInterner,
    /// Distinct user agents.
    pub(crate) agents: TextInterner,
    pairs: Vec<(u16, u16)>,
    numbers: HashMap<(u16, u16), u16>,
}

impl Default for Clients {
    fn default() -> Self {
        Self {
            sources: TextInterner::default(),
            agents: TextInterner::default(),
            pairs: vec![(0, 0)],
            numbers: HashMap::from_iter([((0, 0), 0)]),
        }
    }
}

impl Clients {
    /// Returns the id of a client, and adds it if it is new.
    pub(crate) fn add(&mut self, source: u16, agent: u16) -> u16 {
        if let Some(number) = self.numbers.get(&(source, agent)) {
            return *number;
        }
        if self.pairs.len() < MAX_WITH_AGENT {
            return self.add_pair((source, agent));
        }
        let agent = self.agents.add(OTHERS);
        if self.pairs.len() < MAX {
            return self.add_pair((source, agent));
        }
        let source = self.sources.add(OTHERS);
        self.add_pair((source, agent))
    }

    fn add_pair(&mut self, pair: (u16, u16)) -> u16 {
        if let Some(number) = self.numbers.get(&pair) {
            return *number;
        }
        // Invariant: at the maximum there is room for one more, which stands for all others.
        let number = u16::try_from(self.pairs.len()).unwrap_or(u16::MAX);
        if self.pairs.len() <= MAX {
            self.pairs.push(pair);
            self.numbers.insert(pair, number);
        }
        number
    }

    /// Returns the ids of the source addresses and of the user agent of a client.
    #[inline]
    pub(crate) fn get(&self, client: u16) -> (u16, u16) {
        self.pairs
            .get(usize::from(client))
            .copied()
            .unwrap_or_default()
    }

    /// Iterates over all clients, by id.
    pub(crate) fn pairs(&self) -> impl ExactSizeIterator<Item = (u16, u16)> {
        self.pairs.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_known_after_user_agents_are_not() {
        let mut clients = Clients::default();
        for number in 0..100_000_u32 {
            let source = clients.sources.add(&number.to_string());
            let agent = clients.agents.add(&format!("agent {number}"));
            let client = clients.add(source, agent);
            let (source, agent) = clients.get(client);
            let (source, agent) = (clients.sources.get(source), clients.agents.get(agent));
            // The first client is the empty one.
            let expected = match number as usize + 1 {
                known if known < MAX_WITH_AGENT => (number.to_string(), format!("agent {number}")),
                known if known < MAX => (number.to_string(), OTHERS.to_owned()),
                _ => (OTHERS.to_owned(), OTHERS.to_owned()),
            };
            assert_eq!((source, agent), (expected.0.as_str(), expected.1.as_str()));
        }
        assert_eq!(clients.pairs().len(), MAX + 1);
    }
}
