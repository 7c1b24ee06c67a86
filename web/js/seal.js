/** Closes the page: once nothing more is to be loaded, the page forbids itself every connection. */

/**
 * Policy that the page adds to its own. Both are in force, and none can be taken back. The page's styles are there, its workers start from a
 * Blob and compile nothing, and its icon is in the page.
 */
const SEALED =
  "default-src 'none'; script-src 'wasm-unsafe-eval'; worker-src blob:; connect-src 'none'; img-src data:; base-uri 'none'; form-action 'none'";

/** Time after which a page that is never idle goes on, in milliseconds. */
const MAX_IDLE_MS = 2000;

/** Returns whether this page forbids itself every connection. A page in one file does from the beginning, by its own policy. */
export function isSealed() {
  return document.documentElement.dataset.sealed === "true";
}

/** Forbids this page every connection, until it is loaded again. */
export function seal() {
  if (isSealed()) return;
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = SEALED;
  document.head.append(meta);
  document.documentElement.dataset.sealed = "true";
}

/** Waits until the page has nothing else to do. */
export function idle() {
  return new Promise((resolve) => {
    // Not every browser says when it is idle.
    if (window.requestIdleCallback) window.requestIdleCallback(resolve, { timeout: MAX_IDLE_MS });
    else setTimeout(resolve, 100);
  });
}
