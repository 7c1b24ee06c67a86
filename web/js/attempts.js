/**
 * Attempts to send something, in a page or in a worker, to show that the browser blocks each.
 *
 * Every attempt has an address of its own, below the page's: if one is not blocked, the page's own server sees its name and nothing else. A
 * page without a server uses a name that no server has.
 */

/** Longer than a browser takes to block an attempt, in milliseconds. */
const MAX_MS = 3000;

/** Time until the browser has reported what it has blocked, in milliseconds. */
const REPORT_MS = 60;

/**
 * Result of an attempt.
 * @typedef {object} Result
 * @property {string} name What was tried.
 * @property {"blocked" | "failed" | "sent"} outcome Whether the browser blocked it by a policy, or it failed without a report of that, or
 * something was sent.
 * @property {string} reason The directive that blocked it, or the error.
 */

/** @typedef {(url: string) => unknown} Attempt Resolves if something was sent; throws or rejects if not. */

/**
 * Returns a promise that an event resolves and another rejects.
 * @param {any} target @param {string} good @param {string} bad
 */
export function event(target, good, bad = "error") {
  return new Promise((resolve, reject) => {
    target.addEventListener(good, resolve);
    target.addEventListener(bad, reject);
  });
}

/** Attempts that both a page and a worker can make. @type {Record<string, Attempt>} */
export const COMMON = {
  fetch: (url) => fetch(url),
  XMLHttpRequest: (url) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    const done = event(request, "load");
    request.send();
    return done;
  },
  WebSocket: async (url) => {
    const socket = new WebSocket(url.replace(/^http/, "ws"));
    await event(socket, "open").finally(() => socket.close());
  },
  EventSource: async (url) => {
    const source = new EventSource(url);
    await event(source, "open").finally(() => source.close());
  },
  font: (url) => new FontFace("attempt", `url("${url}")`).load(),
  "import()": (url) => import(url),
};

/**
 * Makes attempts one after the other.
 * @param {Record<string, Attempt>} attempts
 * @param {string} base Address below which each has its own.
 * @returns {Promise<Result[]>}
 */
export async function tryAll(attempts, base) {
  /** @type {string[]} */
  let directives = [];
  /** @param {any} event */
  const note = (event) => directives.push(event.effectiveDirective || event.violatedDirective);
  const target = /** @type {any} */ (globalThis).document ?? globalThis;
  target.addEventListener("securitypolicyviolation", note);
  const results = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    directives = [];
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), MAX_MS));
    const error = await Promise.race([(async () => attempt(`${base}${encodeURIComponent(name)}`))(), late]).then(
      () => undefined,
      (error) => text(error),
    );
    await new Promise((later) => setTimeout(later, REPORT_MS));
    results.push(result(name, directives, error));
  }
  target.removeEventListener("securitypolicyviolation", note);
  return results;
}

/**
 * @param {string} name @param {string[]} directives @param {string | undefined} error
 * @returns {Result}
 */
function result(name, directives, error) {
  if (directives.length > 0) return { name, outcome: "blocked", reason: [...new Set(directives)].join(", ") };
  if (error !== undefined) return { name, outcome: "failed", reason: error };
  return { name, outcome: "sent", reason: "" };
}

/** @param {any} error Also an event, which says nothing. */
function text(error) {
  return error instanceof Event ? "error" : String(error);
}
