//! Layout of records.

/// Indents an event as `jq` does. The text must have no brackets in strings.
pub fn pretty(event: &str) -> String {
    let mut text = String::new();
    let (mut depth, mut in_string, mut escaped) = (1_usize, false, false);
    let indent = |text: &mut String, depth: usize| {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    };
    text.push_str("  ");
    for character in event.chars() {
        if in_string {
            text.push(character);
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        match character {
            '{' | '[' => {
                depth += 1;
                text.push(character);
                indent(&mut text, depth);
            }
            '}' | ']' => {
                depth -= 1;
                indent(&mut text, depth);
                text.push(character);
            }
            ',' => {
                text.push(character);
                indent(&mut text, depth);
            }
            ':' => text.push_str(": "),
            character => {
                in_string = character == '"';
                text.push(character);
            }
        }
    }
    text
}
