//! The explanation of a finding's code, in a dialog. It is part of the page, so it is there offline.

use playground_protocol::CodePage;
use yew::prelude::*;

use super::common::markup;
use super::modal::Modal;
use crate::state::Action;

/// A part of a text in Markdown, as far as the pages of codes use it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block<'a> {
    /// Sentences, on one line.
    Paragraph(String),
    /// Items of a list.
    List(Vec<String>),
    /// Lines of a code block.
    Code(Vec<&'a str>),
}

/// Splits a text in Markdown into blocks.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut lines = text.lines();
    let mut continues = false;
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let code = lines.by_ref().take_while(|line| !line.starts_with("```"));
            blocks.push(Block::Code(code.collect()));
            continues = false;
        } else if line.trim().is_empty() {
            continues = false;
        } else if let Some(item) = line.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(Block::List(items)) if continues => items.push(item.to_owned()),
                _ => blocks.push(Block::List(vec![item.to_owned()])),
            }
            continues = true;
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(text)) if continues => append(text, line),
                Some(Block::List(items)) if continues => {
                    if let Some(item) = items.last_mut() {
                        append(item, line);
                    }
                }
                _ => blocks.push(Block::Paragraph(line.to_owned())),
            }
            continues = true;
        }
    }
    blocks
}

fn append(text: &mut String, line: &str) {
    text.push(' ');
    text.push_str(line.trim());
}

/// Renders the explanation of a code.
pub fn code_page_dialog(page: &CodePage, on: &Callback<Action>) -> Html {
    let block = |block: Block<'_>| match block {
        Block::Paragraph(text) => html! { <p>{ markup(&text) }</p> },
        Block::List(items) => {
            html! { <ul class="plain">{ for items.iter().map(|item| html! { <li>{ markup(item) }</li> }) }</ul> }
        }
        Block::Code(lines) => html! { <pre tabindex="0">{ lines.join("\n") }</pre> },
    };
    html! {
        <Modal title={[&page.code, ": ", &page.title].concat()} onclose={on.reform(|()| Action::ShowDialog(None))}>
            <div class="content code-page">
                { for blocks(&page.text).into_iter().map(block) }
            </div>
        </Modal>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_split_into_blocks() {
        let text =
            "One\nsentence.\n\n- first\n  item\n- second\n\n```yaml\na: 1\n\nb: 2\n```\nAfter.";
        let paragraph = |text: &str| Block::Paragraph(text.to_owned());
        assert_eq!(
            blocks(text),
            [
                paragraph("One sentence."),
                Block::List(vec!["first item".to_owned(), "second".to_owned()]),
                Block::Code(vec!["a: 1", "", "b: 2"]),
                paragraph("After."),
            ]
        );
        assert_eq!(blocks(""), []);
        assert_eq!(blocks("```\nopen"), [Block::Code(vec!["open"])]);
    }
}
