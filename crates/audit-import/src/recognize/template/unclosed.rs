//! Template code without an end, which no program renders.

use super::{MAX_CODE, TemplateLanguage, next_mark};

/// Marks of code that has to end: `{#` and `%{` are also texts.
const MARKS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("<%", "%>")];

/// Returns the offset and the mark of the first template code without an end. Comments of YAML are template code as well.
pub(in crate::recognize) fn unclosed(
    text: &str,
    language: TemplateLanguage,
) -> Option<(usize, &'static str)> {
    let marks = match language {
        TemplateLanguage::Helm | TemplateLanguage::Go => MARKS.get(..1)?,
        TemplateLanguage::Jinja => MARKS.get(..2)?,
        TemplateLanguage::Erb => MARKS.get(2..)?,
        _ => return None,
    };
    let mut at = 0;
    while let Some((start, open, close)) = next_mark(text, at, marks) {
        let inside = text.get(start + open.len()..)?;
        let near = inside.get(..inside.floor_char_boundary(MAX_CODE))?;
        let Some(end) = near.find(close) else {
            // Code that is longer than the limit may have an end.
            return (near.len() == inside.len()).then_some((start, open));
        };
        if near.get(..end)?.contains(open) {
            return Some((start, open));
        }
        at = start + open.len() + end + close.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_code_without_an_end_is_found() {
        use TemplateLanguage::{Erb, Go, Helm, Jinja};
        for (text, language, expected) in [
            ("a: {{ .b }}\nc: {{ .d\n", Helm, Some((15, "{{"))),
            ("{{ if .a\nb: {{ .c }}\n{{ end }}", Helm, Some((0, "{{"))),
            ("{{/* no end\na: b\n", Go, Some((0, "{{"))),
            ("{% if a %}b: {{ c }\n{% endif %}", Jinja, Some((13, "{{"))),
            ("{% if a %}\n{% endif\n", Jinja, Some((11, "{%"))),
            ("a: <%= b\n", Erb, Some((3, "<%"))),
            ("a: {{ .b }}\n{{- /* two\nlines */}}\n", Helm, None),
            ("a: {% b\n", Helm, None),
            ("a: b\n", Jinja, None),
            ("a: ${b\n", TemplateLanguage::Terraform, None),
        ] {
            assert_eq!(unclosed(text, language), expected, "{text}");
        }
        let long = format!("{{{{ {} }}}}", "a".repeat(MAX_CODE));
        assert_eq!(unclosed(&long, Helm), None);
    }
}
