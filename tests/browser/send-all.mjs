// What a page may try in order to send something.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./harness.mjs";

/** The attempts that a worker can make, too. */
export const sending = readFileSync(join(root, "tests/browser/sending.js"), "utf8");

/**
 * In a page: makes the attempts of sending.js, and those that only a page can make, below an address. Those that say nothing of their end
 * count as failed; the server knows better.
 */
export const sendAll = async (base) => {
  const unknown = () => new Promise((_, reject) => setTimeout(() => reject(new Error("unknown")), 250));
  const placed = (tag, properties, parent = document.body) => {
    const element = document.createElement(tag);
    Object.assign(element, properties);
    parent.append(element);
    return new Promise((resolve, reject) => {
      element.addEventListener("load", resolve);
      element.addEventListener("error", () => reject(new Error("error")));
    }).finally(() => element.remove());
  };
  const link = (rel, as = "") => [`link-${rel}`, (url) => placed("link", { rel, href: url, as }, document.head)];
  const loads = {
    image: (url) => placed("img", { src: url }),
    style: (url) => placed("link", { rel: "stylesheet", href: url }, document.head),
    script: (url) => placed("script", { src: window.__marked(url) }, document.head),
    module: (url) => placed("script", { type: "module", src: window.__marked(url) }, document.head),
    audio: (url) => placed("audio", { src: url }),
    track: (url) => placed("video", { poster: url }),
    ...Object.fromEntries([link("prefetch"), link("preload", "fetch"), link("modulepreload"), link("manifest"), link("icon"), link("prerender")]),
  };
  const sends = {
    beacon: (url) => {
      navigator.sendBeacon(url, "x");
      return unknown();
    },
    // A frame that is blocked has loaded, too: an error page.
    frame: (url) => placed("iframe", { src: url }).then(unknown),
    embed: (url) => placed("embed", { src: window.__marked(url) }).then(unknown),
    object: (url) => placed("object", { data: window.__marked(url) }).then(unknown),
    form: (url) => {
      const form = document.createElement("form");
      const frame = document.createElement("iframe");
      frame.name = form.target = "sending";
      form.action = url;
      document.body.append(frame, form);
      form.submit();
      return unknown().finally(() => [form, frame].forEach((one) => one.remove()));
    },
    ping: (url) => {
      const anchor = document.createElement("a");
      anchor.href = "#";
      anchor.ping = url;
      document.body.append(anchor);
      anchor.click();
      anchor.remove();
      return unknown();
    },
    background: (url) => {
      document.body.style.backgroundImage = `url("${url}")`;
      return unknown().finally(() => document.body.style.removeProperty("background-image"));
    },
    "shared-worker": (url) => {
      new SharedWorker(window.__marked(url));
      return unknown();
    },
    "service-worker": (url) => navigator.serviceWorker.register(window.__marked(url)),
    "fetch-later": (url) => {
      /** @type {any} */ (window).fetchLater(url, { activateAfter: 0 });
      return unknown();
    },
  };
  return window.__send(new URL(base, location.href).href, { ...loads, ...sends });
};

/**
 * In a page: has a new worker make the attempts, and returns the names of those that succeeded. The script is `sending`. It gets the page's
 * policy, as the engine's worker does in the page in one file.
 */
export const sendFromWorker = (base, script) => {
  const text = `${script}; globalThis.__send(${JSON.stringify(base)}, { importscripts: (url) => self.importScripts(url) }).then((passed) => postMessage(passed))`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  // The name is one that the policy allows, for workers that start workers.
  const policy = /** @type {any} */ (window).trustedTypes?.createPolicy("worker", { createScriptURL: (url) => url });
  const worker = new Worker(policy?.createScriptURL(address) ?? address);
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
};
