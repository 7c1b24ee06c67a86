/**
 * The frame's side of an embedded page: messages with the page around it, which `web/widget/EMBEDDING.md` describes.
 *
 * The page around it is not trusted. `read` accepts a message as a whole or not at all.
 */

/** Version of the messages. */
export const VERSION = 1;
/** Member that marks a window's message as one of these. */
export const MARK = "audit-policy-playground";
/** Longest content of a message, in characters. */
export const MAX_LENGTH = 5_000_000;
/** Longest workspace, in characters of its JSON, in which a log of a message takes more room. It is the limit of workspaces. */
const MAX_WORKSPACE = 32_000_000;

const VIEWS = ["lesson", "policy", "events", "why", "volume", "export"];
const THEMES = ["light", "dark", "auto"];

/**
 * @typedef {object} Parts What a host sets. A member that is missing stays as it is.
 * @property {string} [workspace] As JSON.
 * @property {string} [policy]
 * @property {string} [version]
 * @property {string} [lesson] A name, or a text.
 * @property {string} [log]
 * @property {string} [view]
 * @property {number} [select] The index of an event in the log.
 * @property {string} [theme]
 * @property {boolean} [readonly]
 * @property {boolean} [done] Whether the host has copied a text.
 *
 * @typedef {{ problem: string, sentence: string }} Problem
 */

const isText = (/** @type {unknown} */ value) => typeof value === "string";
const isOneOf = (/** @type {string[]} */ values) => (/** @type {unknown} */ value) => values.includes(/** @type {string} */ (value));

/** Every part with what it has to be. @type {Record<string, [string, (value: unknown) => boolean]>} */
const PARTS = {
  workspace: ["an object", (value) => typeof value === "object" && value !== null && !Array.isArray(value)],
  policy: ["a string", isText],
  version: ["a string such as \"1.36\"", (value) => isText(value) && /^1\.\d{1,3}$/.test(/** @type {string} */ (value))],
  lesson: ["a string", isText],
  log: ["a string", isText],
  view: [`one of ${VIEWS.join(", ")}`, isOneOf(VIEWS)],
  select: ["the index of an event from 0, or an auditID", (value) => (isText(value) && value !== "") || (Number.isInteger(value) && /** @type {number} */ (value) >= 0)],
  theme: [`one of ${THEMES.join(", ")}`, isOneOf(THEMES)],
  readonly: ["true or false", (value) => typeof value === "boolean"],
};

/** @param {string} problem @param {string} sentence @returns {Problem} */
const problemOf = (problem, sentence) => ({ problem, sentence });

/**
 * Checks a message.
 * @param {any} message
 * @returns {Problem | { type: string, parts: Record<string, any> }}
 */
export function read(message) {
  if (typeof message !== "object" || message === null || typeof message.v !== "number") return problemOf("malformed", "a message is an object with the members `v` and `type`");
  if (message.v !== VERSION) return problemOf("version", `this page knows messages of version ${VERSION} only`);
  const { v, type, id, ...parts } = message;
  if (type === "get") return { type, parts: {} };
  if (type === "copied") return { type, parts: { done: parts.done === true } };
  if (type !== "set") return problemOf("type", "unknown type of message; known are `set`, `get` and `copied`");
  for (const [name, value] of Object.entries(parts)) {
    if (value === undefined) continue;
    const [expected, fits] = Object.hasOwn(PARTS, name) ? PARTS[name] : [];
    if (!fits) return problemOf("member", `unknown member in \`set\`; known are ${Object.keys(PARTS).join(", ")}`);
    if (!fits(value)) return problemOf("member", `\`${name}\` is not ${expected}`);
  }
  return withWorkspace(parts);
}

/** @param {Record<string, any>} parts */
function withWorkspace(parts) {
  let length = 0;
  try {
    if (parts.workspace) parts.workspace = JSON.stringify(parts.workspace);
  } catch {
    return problemOf("member", "`workspace` is not JSON");
  }
  const { workspace = "", ...others } = parts;
  for (const value of Object.values(others)) length += isText(value) ? value.length : 0;
  if (workspace.length > MAX_WORKSPACE) return problemOf("size", `the workspace has more than ${MAX_WORKSPACE / 1_000_000} MB`);
  if (length > MAX_LENGTH) return problemOf("size", `the message has more than ${MAX_LENGTH / 1_000_000} MB`);
  return { type: "set", parts };
}

/**
 * Returns the auditID of every event of a log as JSON lines.
 * @param {string} log
 * @returns {string[]}
 */
export function auditIds(log) {
  return log.split("\n").flatMap((line) => {
    try {
      const { auditID } = JSON.parse(line);
      return auditID === undefined ? [] : [String(auditID)];
    } catch {
      return [];
    }
  });
}

/** The port of the host's script. @type {MessagePort | undefined} */
let port;
/** Receivers of the answers, by the numbers of the messages. @type {Map<number, { id: unknown, answer: (message: object) => void }>} */
const asked = new Map();
let lastNumber = 0;
/** @type {string[]} */
let ids = [];
/** @type {((done: boolean) => void) | undefined} */
let copying;
/** Called with every message that is right. @type {(type: string, number: number, parts: Parts) => void} */
let receive = () => {};

/**
 * Reports to the page around this one that it can be sent messages, and passes them on.
 * @param {(type: string, number: number, parts: Parts) => void} receiver
 */
export function connect(receiver) {
  if (window.parent === window) return;
  receive = receiver;
  window.addEventListener("message", ({ source, data, ports }) => {
    if (source !== window.parent || typeof data !== "object" || data?.[MARK] !== VERSION) return;
    if (ports.length === 1) {
      // A second port is that of somebody else. A page that is not compact may show what this browser keeps.
      if (port || document.documentElement.dataset.embed === undefined) return;
      port = ports[0];
      port.onmessage = ({ data }) => handle(data, (message) => port?.postMessage(message));
      new MutationObserver(sendHeight).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      new ResizeObserver(sendHeight).observe(document.body);
      return;
    }
    handle(data, (message) => window.parent.postMessage({ [MARK]: VERSION, ...message }, "*"), true);
  });
  window.parent.postMessage({ [MARK]: VERSION, hello: VERSION }, "*");
}

/**
 * Handles a message of the host.
 * @param {any} data @param {(message: object) => void} answer @param {boolean} [isBare] whether any page may have sent it
 */
function handle(data, answer, isBare = false) {
  let message = data;
  if (isBare) {
    const { [MARK]: _, ...rest } = data;
    message = rest;
  }
  const found = read(message);
  const id = typeof message === "object" ? message?.id : undefined;
  const fail = (/** @type {Problem} */ { problem, sentence }) => answer({ v: VERSION, type: "error", id, problem, message: sentence });
  if ("problem" in found) return fail(found);
  const { type, parts } = found;
  if (type === "copied") return void copying?.(parts.done);
  // The policy may be the reader's.
  if (isBare && type !== "set") return fail(problemOf("type", "a frame without the script accepts `set` only"));
  const known = parts.log === undefined ? ids : auditIds(parts.log);
  if (typeof parts.select === "string") {
    const index = known.indexOf(parts.select);
    if (index < 0) return fail(problemOf("select", "the log has no event with this auditID"));
    parts.select = index;
  }
  if (known.length > 0 && (parts.select ?? 0) >= known.length) return fail(problemOf("select", `the log has ${known.length} events`));
  ids = known;
  lastNumber += 1;
  asked.set(lastNumber, { id, answer });
  receive(type, lastNumber, parts);
}

/**
 * Answers a message.
 * @param {number} number @param {string} type @param {string} json members of the answer
 */
export function answer(number, type, json) {
  const one = asked.get(number);
  asked.delete(number);
  // What was set is answered by the next results.
  if (type) one?.answer({ v: VERSION, type, id: one.id, ...JSON.parse(json) });
}

/**
 * Sends a message to the host's script. A page without one gets nothing.
 * @param {string} type @param {string} json its members
 */
export function post(type, json) {
  const members = JSON.parse(json);
  const event = type === "select" ? members : members.selected;
  if (event) event.auditID = ids[event.index];
  port?.postMessage({ v: VERSION, type, ...members });
}

/** Returns whether a host's script is connected. */
export function isConnected() {
  return port !== undefined;
}

/**
 * Has the host's script copy a text, which this page may not do itself. Call it while a click is handled.
 * @param {string} text
 * @returns {Promise<boolean>} whether it did
 */
export function copyByHost(text) {
  if (!port) return Promise.resolve(false);
  copying?.(false);
  return new Promise((resolve) => {
    const LATE_MS = 5000;
    const late = setTimeout(() => resolve(false), LATE_MS);
    copying = (done) => {
      clearTimeout(late);
      resolve(done);
    };
    port?.postMessage({ v: VERSION, type: "copy", text });
  });
}

/** The last height that was sent. */
let sentHeight = 0;
let isMeasuring = false;

/** Sends the height of the content if it has changed, once it is drawn. */
function sendHeight() {
  if (isMeasuring) return;
  isMeasuring = true;
  requestAnimationFrame(() => {
    isMeasuring = false;
    const height = Math.ceil(contentHeight());
    if (Math.abs(height - sentHeight) < 2) return;
    sentHeight = height;
    port?.postMessage({ v: VERSION, type: "resize", height });
  });
}

/** Returns the height at which nothing has to be scrolled. */
function contentHeight() {
  const DIALOG = 640;
  if (document.querySelector("dialog[open]")) return DIALOG;
  const app = document.getElementById("app");
  const main = app?.querySelector("main");
  const pane = [...(main?.children ?? [])].find((pane) => getComputedStyle(pane).visibility === "visible");
  const above = main ? main.getBoundingClientRect().top : 0;
  return above + [...(pane?.children ?? [])].reduce((sum, child) => sum + naturalHeight(/** @type {HTMLElement} */ (child)), 0);
}

/** Room for a horizontal scroll bar, in pixels. */
const BAR = 12;

/**
 * Returns the height of an element's content, which the element itself may not have room for.
 * @param {HTMLElement} element
 */
function naturalHeight(element) {
  // These draw what is in sight only, and have the height of the rest.
  const list = element.shadowRoot?.querySelector(".cm-content") ?? element.querySelector("[role=grid]");
  const { paddingTop, paddingBottom, overflowY } = getComputedStyle(list ?? element);
  const padding = parseFloat(paddingTop) + parseFloat(paddingBottom);
  if (list) {
    const least = parseFloat(getComputedStyle(element).minHeight) || 0;
    const rows = /** @type {HTMLElement[]} */ ([...list.children]).reduce((sum, row) => sum + row.offsetHeight, 0);
    return Math.max(rows + padding + BAR, least);
  }
  const [first, last] = [element.firstElementChild, element.lastElementChild];
  if (!first || !last) return element.offsetHeight;
  const content = last.getBoundingClientRect().bottom - first.getBoundingClientRect().top + padding;
  return ["auto", "scroll"].includes(overflowY) ? content : Math.max(element.offsetHeight, Math.min(content, element.scrollHeight));
}
