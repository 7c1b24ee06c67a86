// The first script of the one file, which web/build/one-file.mjs makes: puts the styles into the page, and once the whole document is there
// has a worker unpack the other parts, of which it runs the page's script. It is that worker's script too.
//
// The page's Content-Security-Policy names the hash of every script and style, and forbids every connection.

import { toBytes, unitsOf } from "./characters.js";
import { checksum } from "./checksum.js";
import { Damage, decode } from "./lzma.js";

/**
 * @typedef {object} Content What a packed text holds.
 * @property {number} bytes Its length before it became text.
 * @property {number} checksum Of these bytes.
 * @property {[address: string, size: number][]} files In order. The first one of `packed-files` is the page's script.
 */

const AGAIN = "Copy or download it again.";
const INCOMPLETE = `This page cannot start: the end of its file is missing. ${AGAIN}`;
const DAMAGED = `This page cannot start: its file is damaged. ${AGAIN}`;

if (globalThis.document) inPage();
else self.onmessage = ({ data }) => inWorker(data);

/**
 * Unpacks a text.
 * @param {string} text @param {Content} content @param {(part: Uint8Array<ArrayBuffer>, index: number) => void} emit
 */
function unpack(text, { bytes, checksum: sum, files }, emit) {
  const packed = toBytes(text, bytes);
  if (checksum(packed) !== sum) throw new Damage("the checksum is another one");
  decode(packed, files.map(([, size]) => size), emit);
}

/** @param {{ text: string, content: Content }} message */
function inWorker({ text, content }) {
  try {
    unpack(text, content, (part, index) => self.postMessage({ part, index }, { transfer: [part.buffer] }));
  } catch (error) {
    self.postMessage({ failed: error instanceof Damage ? DAMAGED : `This page cannot start: its parts could not be unpacked (${error}).` });
  }
}

function inPage() {
  const script = document.currentScript?.textContent ?? "";
  try {
    putStyle();
    // Now nothing is missing or, if the document is cut off, nothing more comes.
    document.addEventListener("DOMContentLoaded", () => begin(script));
  } catch {
    document.addEventListener("DOMContentLoaded", () => fail(DAMAGED));
  }
}

function putStyle() {
  const { text, content } = taken("packed-style") ?? {};
  if (!text || !content) throw new Damage("the styles are missing");
  const style = document.createElement("style");
  unpack(text, content, (part) => (style.textContent = new TextDecoder().decode(part)));
  document.head.append(style);
}

/**
 * Takes a packed text out of the document.
 * @param {string} id
 * @returns {{ text: string, content: Content } | undefined}
 */
function taken(id) {
  const element = document.getElementById(id);
  if (!element) return undefined;
  element.remove();
  return { text: element.textContent ?? "", content: JSON.parse(element.dataset.content ?? "") };
}

/**
 * Has a worker unpack the parts.
 * @param {string} script of the worker
 */
function begin(script) {
  const packed = taken("packed-files");
  if (packed?.text.length !== unitsOf(packed?.content.bytes ?? 0)) return fail(INCOMPLETE);

  /** @type {((bytes: Uint8Array<ArrayBuffer>) => void)[]} */
  const arrived = [];
  const parts = new Map(packed.content.files.map(([address], index) => [address, new Promise((resolve) => (arrived[index] = resolve))]));
  // See web/js/parts.js.
  Object.assign(globalThis, { embeddedParts: parts });
  parts.get(packed.content.files[0][0])?.then(run);

  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  let left = arrived.length;
  try {
    const worker = new Worker(/** @type {string} */ (policy?.createScriptURL(address) ?? address), { name: "unpack" });
    worker.onmessage = ({ data: { part, index, failed } }) => {
      if (failed) fail(failed);
      else arrived[index](part);
      left -= 1;
      if (failed || left === 0) worker.terminate();
    };
    worker.onerror = ({ message }) => fail(noWorker(message));
    worker.postMessage(packed);
  } catch (error) {
    fail(noWorker(error));
  }
  return undefined;
}

/** @param {unknown} error */
const noWorker = (error) => `This page cannot start: the browser allows it no worker (${error || "without a reason"}). Open the file in another browser.`;

/** Marks texts as safe to run in browsers that ask for it. A script runs only if the page's policy names its hash. */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("unpack", {
  createScript: (/** @type {string} */ text) => text,
  createScriptURL: (/** @type {string} */ address) => address,
});

/** Runs the page's script. @param {Uint8Array<ArrayBuffer>} bytes */
function run(bytes) {
  const text = new TextDecoder().decode(bytes);
  const script = document.createElement("script");
  script.type = "module";
  script.textContent = policy?.createScript(text) ?? text;
  document.head.append(script);
}

/**
 * Says why the page does not start.
 * @param {string} sentence
 */
function fail(sentence) {
  const paragraph = document.createElement("p");
  paragraph.setAttribute("role", "alert");
  paragraph.textContent = sentence;
  const place = document.getElementById("starting");
  if (place) {
    place.className = "starting";
    place.replaceChildren(paragraph);
  } else {
    paragraph.className = "fatal";
    document.body.prepend(paragraph);
  }
}
