//! Progress of reading the log once more, with a button to cancel.

use playground_figures::numbers;
use yew::prelude::*;

/// Renders the progress: bytes read, and bytes in all, 0 before they are known.
pub fn scan_progress(
    label: &'static str,
    (bytes, total_bytes): (f64, f64),
    oncancel: Callback<MouseEvent>,
) -> Html {
    let is_known = total_bytes > 0.0;
    html! {
        <div class="reading">
            if is_known {
                <progress aria-label={label} max={numbers::whole(total_bytes).to_string()} value={numbers::whole(bytes).to_string()}></progress>
            } else {
                <progress aria-label={label}></progress>
            }
            <span class="facts">
                if is_known {
                    {numbers::bytes(bytes)}{" of "}{numbers::bytes(total_bytes)}
                }
            </span>
            <button type="button" onclick={oncancel}>{"Cancel"}</button>
        </div>
    }
}
