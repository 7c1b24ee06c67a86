//! The page. It holds no policy and reads no log: everything of that kind is asked of the worker.
//!
//! [`state`] is what it knows and how that changes, without a browser; [`components`] show it; [`link`] and [`editor`] are its two
//! neighbours.

mod app;
mod components;
mod detect;
mod download;
mod editor;
mod files;
mod folder;
mod heartbeat;
mod hooks;
mod identity_rc;
mod json;
mod markup;
mod numbers;
mod platform;
mod scroll;
mod state;
mod untrusted;
mod worker_client;
mod workspace_storage;

/// The element of the page that everything is drawn into.
const ROOT: &str = "app";

fn main() {
    std::panic::set_hook(Box::new(|info| show_fatal_error(&info.to_string())));
    match gloo::utils::document().get_element_by_id(ROOT) {
        Some(root) => {
            yew::Renderer::<app::App>::with_root(root).render();
        }
        None => show_fatal_error("the page has no place to draw into"),
    }
}

/// Says that the page has failed, instead of leaving it dead or blank.
fn show_fatal_error(reason: &str) {
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
