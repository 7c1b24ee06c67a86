// Runs in every worker before the engine; the build puts wasm-bindgen's script after it.
//
// Receives compiled modules, so that a worker never loads anything: it has no network. Collects the page's messages until the engine
// handles them, and reports why the engine has stopped: a panic's message, a failed allocation, or the error.

import { COMMON, event, tryAll } from "../../js/attempts.js";
import { canRead, readFromMemory, remember } from "./blind.js";

/** Name of a worker that helps another one to read a log. */
const READER = "reader";

/** Delay after which a module that could not be loaded is requested again, in milliseconds. */
const RETRY_MS = 5000;

/**
 * Modules that have arrived or are awaited, by name.
 * @type {Map<string, { promise: Promise<WebAssembly.Module>, resolve: (module: WebAssembly.Module) => void, reject: (error: Error) => void }>}
 */
const modules = new Map();

/** @param {string} name */
const slot = (name) => {
  const found = modules.get(name);
  if (found) return found;
  /** @type {any} */
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  // Whoever awaits the module handles its failure.
  made.promise.catch(() => {});
  modules.set(name, made);
  return made;
};

/** @param {{ name: string, module?: WebAssembly.Module, failed?: string }} message */
const receive = ({ name, module, failed }) => {
  if (module) {
    slot(name).resolve(module);
  } else {
    slot(name).reject(new Error(failed));
    modules.delete(name);
    // What needs it still waits for it. A module that nobody has requested is requested by whoever needs it next.
    if (wanted.delete(name)) retries.set(name, setTimeout(() => self.hasStopped || self.moduleNamed(name, true), RETRY_MS));
  }
};

/** Attempts that only a worker can make. @type {Record<string, import("../../js/attempts.js").Attempt>} */
const WORKER = {
  importScripts: (url) => self.importScripts(url),
  Worker: (url) => event(new Worker(url), "message"),
};

/** Address of this worker's script. In Chromium, that of a page opened from disk is of no use to its workers: they make one of their own. */
let own = location.href;

/** `true` if this worker can read no files, and `undefined` until that is known. Readers are started only by workers that can. */
let isBlind = self.origin === "null" && self.name !== READER ? undefined : false;

/** Messages for the engine that wait for the bytes of the first one's files. @type {any[]} */
const waiting = [];
let isReleasing = false;

/** Asks the page for the bytes that the first message needs, or passes messages on up to one that needs some. */
const release = () => {
  while (waiting.length > 0) {
    if (isBlind && waiting[0].files?.length > 0) return self.postMessage({ read: waiting[0].files });
    pass(waiting.shift());
  }
};

/** @param {any} data */
const pass = (data) => {
  isReleasing = true;
  self.dispatchEvent(new MessageEvent("message", { data }));
  isReleasing = false;
};

/** @param {(ArrayBuffer | undefined)[]} contents of the first message's files; undefined for one that cannot be read */
const receiveContents = (contents) => {
  const message = waiting.shift();
  contents.forEach((content, at) => content && remember(message.files[at], content));
  pass(message);
  release();
};

if (isBlind === undefined) {
  canRead().then((can) => {
    isBlind = !can;
    if (isBlind) readFromMemory();
    release();
  });
}

// Before every other listener: such a message is not for the engine.
self.addEventListener("message", (event) => {
  const { data } = /** @type {MessageEvent} */ (event);
  if (isReleasing) return;
  if (data?.contents) {
    receiveContents(data.contents);
  } else if (data?.script instanceof Blob) {
    own = URL.createObjectURL(data.script);
  } else if (isBlind !== false && data?.files && (waiting.length > 0 || data.files.length > 0)) {
    if (waiting.push(data) === 1 && isBlind) release();
  } else if (data?.module instanceof WebAssembly.Module || data?.failed !== undefined) {
    receive(data);
  } else if (data?.attempt !== undefined) {
    tryAll({ ...COMMON, ...WORKER }, data.attempt).then((attempted) => self.postMessage({ attempted }));
  } else {
    return;
  }
  event.stopImmediatePropagation();
});

self.pending = [];
self.onmessage = ({ data }) => self.pending.push(data);

/** Modules that were requested. @type {Set<string>} */
const wanted = new Set();

/** Timers that request modules again, by name. @type {Map<string, ReturnType<typeof setTimeout>>} */
const retries = new Map();

self.moduleNamed = (name, isWanted) => {
  if (isWanted && !wanted.has(name)) {
    wanted.add(name);
    clearTimeout(retries.get(name));
    self.postMessage({ wanted: name });
  }
  return slot(name).promise;
};

/** @param {any} error */
const stop = (error) => {
  if (self.hasStopped) return;
  self.hasStopped = true;
  let memory = 0;
  try {
    memory = wasm_bindgen.failedAllocation();
  } catch {
    // The engine has not started.
  }
  self.postMessage({ stopped: String(self.panicked ?? error?.message ?? error), memory });
};
self.addEventListener("error", (event) => {
  event.preventDefault();
  stop(event.error ?? event.message);
});
self.onunhandledrejection = (event) => {
  event.preventDefault();
  // Errors of the browser's files and streams stop nothing: the engine handles them where it awaits them.
  if (!(event.reason instanceof DOMException)) stop(event.reason);
};

// A browser with Trusted Types lets a worker start workers only from an address that a policy has made: its own.
const { trustedTypes } = /** @type {any} */ (self);
const policy = trustedTypes?.createPolicy("worker", { createScriptURL: () => own });

self.startReader = () => {
  const worker = new Worker(policy?.createScriptURL("") ?? own, { name: READER });
  worker.addEventListener("message", (event) => {
    const name = event.data?.wanted;
    if (typeof name !== "string") return;
    event.stopImmediatePropagation();
    self.moduleNamed(name, true).then(
      (module) => worker.postMessage({ name, module }),
      (error) => worker.postMessage({ name, failed: error.message }),
    );
  });
  return worker;
};

// Held while the worker is alive, so that the page notices if it ends silently.
if (self.name !== READER) {
  const alive = `audit-policy-playground/${Math.random()}`;
  // A worker without an origin of its own gets no lock. The page then notices only that it answers nothing.
  navigator.locks?.request(alive, () => {
    self.postMessage({ alive });
    return new Promise(() => {});
  }).catch(() => {});
}

// Once the module is here, so is the rest of this script.
self.moduleNamed("engine", true).then((module) => wasm_bindgen({ module_or_path: module })).catch(stop);
