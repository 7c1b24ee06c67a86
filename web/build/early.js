// Before the first paint, and so without the rest of the page: the theme, whether a host shows the page in a frame, and whether this browser
// keeps work. The page then comes up with that work, so the static page does not show the example.
//
// The keys are those of web/src/hooks.rs and web/src/workspace_storage.rs.

const root = document.documentElement;
// A host's script shows the page in a frame: see web/widget/widget.js. Its theme is in the address, so that nothing flashes.
const host = window.parent !== window && /^#embed-(light|dark)$/.exec(location.hash);
if (host) root.dataset.embed = root.dataset.theme = host[1];
else restore();

function restore() {
  try {
    root.dataset.theme = localStorage.getItem("theme") ?? "system";
    const kept = (/** @type {string} */ key) => localStorage.getItem(`audit-policy-playground/${key}`) !== null;
    const ids = [sessionStorage, localStorage].map((storage) => storage.getItem("audit-policy-playground/current"));
    if (kept("workspace") || ids.some((id) => id && kept(`workspace/${id}`))) root.dataset.kept = "true";
  } catch {
    // A page without an origin of its own has no storage, and keeps nothing.
  }
}
