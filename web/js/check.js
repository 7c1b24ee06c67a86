/** Tries every way to send something, from the page and from a worker, and returns what the browser did. */

import { COMMON, event, tryAll } from "./attempts.js";

/** The address if the page has no server: such a name never has one. A policy may not apply to the files of a disk. */
const NOWHERE = "https://playground.invalid/";

/** Longer than all attempts of a worker that answers, in milliseconds. */
const WORKER_MS = 30_000;

/** Longer than a browser takes to submit a form to this machine, in milliseconds. */
const FORM_MS = 300;

/**
 * Puts an element into the page until it has loaded or failed.
 * @param {HTMLElement} element @param {Node} parent
 */
function shown(element, parent) {
  element.hidden = true;
  parent.appendChild(element);
  return event(element, "load").finally(() => element.remove());
}

/** Attempts that only a page can make. @type {Record<string, import("./attempts.js").Attempt>} */
const PAGE = {
  sendBeacon: (url) => {
    if (!navigator.sendBeacon(url)) throw new Error("not sent");
  },
  image: (url) => shown(Object.assign(new Image(), { src: url }), document.body),
  style: (url) => shown(Object.assign(document.createElement("link"), { rel: "stylesheet", href: url }), document.head),
  script: (url) => shown(Object.assign(document.createElement("script"), { src: url }), document.head),
  frame: (url) => shown(Object.assign(document.createElement("iframe"), { src: url }), document.body),
  form: async (url) => {
    const frame = Object.assign(document.createElement("iframe"), { name: "attempt", hidden: true });
    const form = Object.assign(document.createElement("form"), { action: url, target: "attempt", hidden: true });
    document.body.append(frame, form);
    form.submit();
    await new Promise((later) => setTimeout(later, FORM_MS));
    // The frame stays empty if nothing was submitted. Reading the address of another origin throws.
    const isEmpty = frame.contentWindow?.location.href === "about:blank";
    form.remove();
    frame.remove();
    if (isEmpty) throw new Error("not sent");
  },
};

/**
 * Makes all attempts. The worker may be busy, or there may be none.
 * @param {Worker | undefined} worker
 * @returns {Promise<string[][]>} For each attempt, where it was made, its name, its outcome, and the reason.
 */
export async function check(worker) {
  const { href } = new URL("?attempt=", /^https?:/.test(document.baseURI) ? document.baseURI : NOWHERE);
  const [engine, page] = await Promise.all([worker ? inWorker(worker, href) : [], tryAll({ ...COMMON, ...PAGE }, href)]);
  /** @param {string} where */
  const row = (where) => (/** @type {import("./attempts.js").Result} */ { name, outcome, reason }) => [where, name, outcome, reason];
  return [...page.map(row("page")), ...engine.map(row("engine"))];
}

/**
 * Has a worker make its attempts. The list is empty if it does not answer.
 * @param {Worker} worker @param {string} base
 * @returns {Promise<import("./attempts.js").Result[]>}
 */
function inWorker(worker, base) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => done([]), WORKER_MS);
    /** @param {MessageEvent} event */
    const receive = ({ data }) => {
      if (data?.attempted) done(data.attempted);
    };
    /** @param {import("./attempts.js").Result[]} results */
    const done = (results) => {
      clearTimeout(timer);
      worker.removeEventListener("message", receive);
      resolve(results);
    };
    worker.addEventListener("message", receive);
    worker.postMessage({ attempt: base });
  });
}
