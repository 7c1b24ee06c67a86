//! A JSON writer for the editor's module. A serializer would add kilobytes to the page, which are loaded before anything is shown.

/// Writes JSON from left to right, with commas where they belong.
#[derive(Debug, Default)]
pub struct JsonWriter(String);

impl JsonWriter {
    /// Returns the JSON.
    pub fn finish(self) -> String {
        self.0
    }

    /// Writes a list.
    pub fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.separate();
        self.0.push('[');
        for one in items {
            item(self, one);
        }
        self.0.push(']');
    }

    /// Writes an object. [`JsonWriter::key`] begins its members.
    pub fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.separate();
        self.0.push('{');
        members(self);
        self.0.push('}');
    }

    /// Writes the name of the next member.
    pub fn key(&mut self, name: &str) -> &mut Self {
        self.text(name);
        self.0.push(':');
        self
    }

    /// Writes a string.
    pub fn text(&mut self, text: &str) {
        self.separate();
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => {
                    self.0.push('\\');
                    self.0.push(character);
                }
                '\n' => self.0.push_str("\\n"),
                '\0'..='\u{1f}' => {
                    self.0.push_str("\\u00");
                    let code = u32::from(character);
                    self.0.extend(char::from_digit(code / 16, 16));
                    self.0.extend(char::from_digit(code % 16, 16));
                }
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }

    /// Writes a number.
    pub fn number(&mut self, number: usize) {
        self.word(&number.to_string());
    }

    /// Writes `true` or `false`.
    pub fn flag(&mut self, flag: bool) {
        self.word(if flag { "true" } else { "false" });
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.word("null");
    }

    fn word(&mut self, word: &str) {
        self.separate();
        self.0.push_str(word);
    }

    fn separate(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with(['[', '{', ':']) {
            self.0.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back_as_they_were() {
        for text in [
            "",
            "plain",
            "\"quoted\" \\ slash",
            "line\nend\ttab\u{1}",
            "ü — 😀 \u{2028}",
        ] {
            let mut json = JsonWriter::default();
            json.text(text);
            assert_eq!(
                serde_json::from_str::<String>(&json.finish()).unwrap(),
                text
            );
        }
    }

    #[test]
    fn commas_stand_between_and_nowhere_else() {
        let mut json = JsonWriter::default();
        json.list(&[1_usize, 2], |json, n| {
            json.object(|json| {
                json.key("n").number(*n);
                json.key("none").null();
                json.key("list")
                    .list(&[true, false], |json, flag| json.flag(*flag));
                json.key("empty").object(|_| ());
            });
        });
        assert_eq!(
            json.finish(),
            r#"[{"n":1,"none":null,"list":[true,false],"empty":{}},{"n":2,"none":null,"list":[true,false],"empty":{}}]"#
        );
    }

    #[test]
    fn a_text_that_ends_like_json_is_still_one() {
        let mut json = JsonWriter::default();
        json.list(&["[", ":", "{"], |json, text| json.text(text));
        assert_eq!(json.finish(), r#"["[",":","{"]"#);
    }
}
