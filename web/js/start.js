/**
 * Loads the engine's modules and starts its workers.
 *
 * A module is loaded and compiled once, here, and posted to every worker as `{ name, module }`: to those that run, and to those that start
 * later. A worker that needs one that has not arrived posts `{ wanted: name }`. `<meta name="module-NAME">` has the address.
 *
 * A worker is created by the constructor of a hidden frame whose own Content-Security-Policy forbids connections. Workers inherit it, and
 * so do the workers that they start: they have no network from their first instruction on, while this page may still load modules.
 */

import { address as serviceWorker, keep } from "./offline.js";
import { source } from "./parts.js";
import { idle, isSealed, seal } from "./seal.js";

/** Policy of the frame. A worker's script is a Blob. */
const CLOSED = "default-src 'none'; script-src blob: 'wasm-unsafe-eval'; worker-src blob:; connect-src 'none'";
const FRAME = `<meta http-equiv="Content-Security-Policy" content="${CLOSED}">`;

/** The module that every worker starts with. */
const ENGINE = "engine";

/** The second part of this page's own module, which no worker gets. */
const INTERFACE = "interface";

/** Types of this browser that mark a text as safe to run; not every browser has them. */
const { trustedTypes } = /** @type {any} */ (globalThis);

/** The workers' script once it is loaded, and its address. @type {Blob | undefined} */
let scriptBlob;
/** @type {string | undefined} */
let address;

/** The only texts that may become a document or a script: the frame, the service worker, and the workers' script. */
const policy = trustedTypes?.createPolicy("playground", {
  createHTML: () => FRAME,
  createScriptURL: (/** @type {string} */ text) => {
    if (text && text === serviceWorker()) return text;
    if (!address) throw new TypeError("the workers' script is not loaded");
    return address;
  },
});

/** Modules that are loaded or on their way, by name. @type {Map<string, Promise<WebAssembly.Module>>} */
const modules = new Map();

/** Workers that get the modules. @type {Set<Worker>} */
const workers = new Set();

/** @type {Promise<void> | undefined} */
let script;

/** @type {Promise<HTMLIFrameElement | undefined> | undefined} */
let frame;

/** Begins to load what the first worker needs. */
export function prepare() {
  // Whoever needs them handles their failure.
  loadScript().catch(() => {});
  load(ENGINE).catch(() => {});
  closedFrame();
}

/**
 * Returns a module, which is fetched and compiled the first time, and posted to all workers. After a failure it is loaded again the next
 * time.
 * @param {string} name
 * @returns {Promise<WebAssembly.Module>}
 */
export function load(name) {
  const known = modules.get(name);
  if (known) return known;
  const module = compiled(name);
  modules.set(name, module);
  module.catch(() => modules.delete(name));
  for (const worker of workers) supply(worker, name, module);
  return module;
}

/**
 * Posts a module to a worker when it has arrived, or why it has not.
 * @param {Worker} worker @param {string} name @param {Promise<WebAssembly.Module>} module
 */
function supply(worker, name, module) {
  if (name === INTERFACE) return;
  module.then(
    (module) => worker.postMessage({ name, module }),
    (error) => worker.postMessage({ name, failed: String(error?.message ?? error) }),
  );
}

/**
 * Starts a worker. It has no network, and gets every module.
 * @returns {Promise<Worker>} Rejects if its script cannot be loaded, or if this browser does not allow workers.
 */
export async function startWorker() {
  const [closed] = await Promise.all([closedFrame(), loadScript()]);
  if (!closed && !isSealed()) {
    // The worker will inherit the policy of this page, so the page forbids connections first.
    await Promise.all(names().map(load));
    seal();
  }
  const Constructor = /** @type {any} */ (closed?.contentWindow ?? window).Worker;
  /** @type {Worker} */
  const worker = new Constructor(policy?.createScriptURL("") ?? address, { name: ENGINE });
  workers.add(worker);
  worker.addEventListener("message", ({ data }) => {
    if (typeof data?.wanted === "string") load(data.wanted).catch(() => {});
    if (data?.read) readFor(worker, data.read);
  });
  if (location.protocol === "file:") worker.postMessage({ script: scriptBlob });
  for (const [name, module] of modules) supply(worker, name, module);
  return worker;
}

/**
 * Posts the bytes of files to a worker that cannot read them itself: see web/worker/js/blind.js.
 * @param {Worker} worker @param {File[]} files
 */
async function readFor(worker, files) {
  const contents = await Promise.all(files.map((file) => file.arrayBuffer().catch(() => undefined)));
  worker.postMessage({ contents }, contents.filter((content) => content !== undefined));
}

/**
 * Ends a worker.
 * @param {Worker} worker
 */
export function endWorker(worker) {
  workers.delete(worker);
  worker.terminate();
}

/**
 * Loads the modules that are left once the page has nothing else to do, has the browser keep a copy of the page, and then forbids the page
 * every connection.
 * @returns {Promise<void>} Rejects if a module cannot be loaded: the page can still load it then.
 */
export async function finish() {
  await idle();
  await Promise.all(names().map(load));
  await keep((text) => policy?.createScriptURL(text) ?? text);
  await idle();
  seal();
}

/** The modules that the page names. */
function names() {
  const found = document.head.querySelectorAll("meta[name^=module-]");
  return [...found].map((meta) => (meta.getAttribute("name") ?? "").slice("module-".length));
}

/**
 * The address that a `meta` element has.
 * @param {string} name
 */
function named(name) {
  const content = document.head.querySelector(`meta[name="${name}"]`)?.getAttribute("content");
  if (!content) throw new Error(`the page does not name its ${name}`);
  return content;
}

/**
 * Loads and compiles a module.
 * @param {string} name
 */
async function compiled(name) {
  return source.module(named(`module-${name}`));
}

/** Loads the workers' script. A worker starts from a Blob, so that it also starts if the page has no origin of its own. */
function loadScript() {
  script ??= (async () => {
    const text = await source.text(named("worker-script"));
    scriptBlob = new Blob([text], { type: "text/javascript" });
    address = URL.createObjectURL(scriptBlob);
  })();
  script.catch(() => (script = undefined));
  return script;
}

/**
 * The frame that workers are created in. Without one if the page is sealed, whose policy they inherit then, and if the page may not reach
 * into it: a frame in a sandbox, and in a page opened from disk, has another origin.
 */
function closedFrame() {
  frame ??= (async () => {
    if (isSealed()) return undefined;
    const made = document.createElement("iframe");
    made.hidden = true;
    made.srcdoc = policy?.createHTML("") ?? FRAME;
    const loaded = new Promise((resolve) => made.addEventListener("load", resolve, { once: true }));
    document.body.append(made);
    await loaded;
    // Reading the constructor of another origin's window throws.
    try {
      if (made.contentDocument?.head.querySelector("meta") && /** @type {any} */ (made.contentWindow).Worker) return made;
    } catch {
      // Handled as below.
    }
    made.remove();
    return undefined;
  })();
  return frame;
}
