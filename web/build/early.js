// Before the first paint, and so without the rest of the page: the theme, and whether this browser keeps work. The page then comes up with
// that work, so the static page does not show the example.
//
// The keys are those of web/src/hooks.rs and web/src/workspace_storage.rs.

try {
  const root = document.documentElement;
  root.dataset.theme = localStorage.getItem("theme") ?? "system";
  const kept = (/** @type {string} */ key) => localStorage.getItem(`audit-policy-playground/${key}`) !== null;
  const ids = [sessionStorage, localStorage].map((storage) => storage.getItem("audit-policy-playground/current"));
  if (kept("workspace") || ids.some((id) => id && kept(`workspace/${id}`))) root.dataset.kept = "true";
} catch {
  // A page without an origin of its own has no storage, and keeps nothing.
}
