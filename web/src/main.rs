//! The page. It holds no policy and reads no log: everything of that kind is asked of the worker.
//!
//! [`state`] is what it knows and how that changes, without a browser; [`components`] show it; [`link`] and [`editor`] are its two
//! neighbours.

mod app;
mod components;
mod editor;
mod files;
mod folder;
mod hooks;
mod intake;
mod json;
mod keeper;
mod link;
mod numbers;
mod platform;
mod prose;
mod pulse;
mod scroll;
mod shared;
mod sink;
mod state;
mod untrusted;

/// The element of the page that everything is drawn into.
const ROOT: &str = "app";

fn main() {
    std::panic::set_hook(Box::new(|info| apologise(&info.to_string())));
    match gloo::utils::document().get_element_by_id(ROOT) {
        Some(root) => {
            yew::Renderer::<app::App>::with_root(root).render();
        }
        None => apologise("the page has no place to draw into"),
    }
}

/// Says that the page has failed, instead of leaving it dead or blank.
fn apologise(reason: &str) {
    let document = gloo::utils::document();
    let (Some(body), Ok(box_)) = (document.body(), document.create_element("p")) else {
        return;
    };
    box_.set_class_name("fatal");
    let _ = box_.set_attribute("role", "alert");
    box_.set_text_content(Some(
        &["The page has failed and has to be loaded again: ", reason].concat(),
    ));
    let _ = body.prepend_with_node_1(&box_);
}
