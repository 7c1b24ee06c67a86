//! The page. The worker loads policies and reads logs; the page shows the results.
//!
//! [`state`] contains the state and its changes, without a browser. [`components`] render it, [`effects`] runs its side effects, and
//! [`worker_client`] and [`editor`] connect it to the worker and the editor.

mod app;
mod components;
mod deferred;
mod detect;
mod dom_ids;
mod download;
mod editor;
mod effects;
mod embed;
mod files;
mod folder;
mod heartbeat;
mod history;
mod hooks;
mod identity_rc;
mod json;
mod kept_workspaces;
mod link;
mod offline;
mod platform;
mod rest;
mod scroll;
mod seal;
mod state;
mod store;
mod untrusted;
mod worker_client;
mod workspace_storage;

fn main() {
    std::panic::set_hook(Box::new(|info| show_fatal_error(&info.to_string())));
    match gloo::utils::document().get_element_by_id(dom_ids::APP) {
        Some(root) => start(root),
        None => show_fatal_error("the page has no root element"),
    }
}

/// Renders the page. One that restores a workspace, opens a link or has a host needs all of the interface for it.
fn start(root: web_sys::Element) {
    let is_embedded = embed::is_compact();
    let link = if is_embedded {
        None
    } else {
        link::take_from_address().map(yew::AttrValue::from)
    };
    let is_all_needed = is_embedded || link.is_some() || workspace_storage::is_kept();
    let render = || {
        yew::Renderer::<app::App>::with_root_and_props(root, app::AppProps { link }).render();
    };
    if !is_all_needed {
        return render();
    }
    wasm_bindgen_futures::spawn_local(async {
        match rest::link().await {
            Ok(()) => render(),
            Err(_) => show_fatal_error("a part of it could not be loaded"),
        }
    });
}

/// Shows that the page has crashed, instead of leaving it blank.
fn show_fatal_error(reason: &str) {
    let document = gloo::utils::document();
    let (Some(body), Ok(box_)) = (document.body(), document.create_element("p")) else {
        return;
    };
    box_.set_class_name("fatal");
    let _ = box_.set_attribute("role", "alert");
    box_.set_text_content(Some(
        &["The page has crashed. Reload it to continue: ", reason].concat(),
    ));
    platform::remove(dom_ids::STARTING);
    let _ = body.prepend_with_node_1(&box_);
}
