// A line to every worker of a page by the browser's debugging protocol, also to workers that workers start.
//
// Playwright opens no such line itself. A worker's messages travel inside those of whoever started it, to any depth.

/** Speaks with one worker. */
class Line {
  #post;
  #pending = new Map();
  #listeners = new Map();
  #count = 0;
  /** False once the worker is gone. */
  isOpen = true;

  /** @param {(message: string) => Promise<unknown>} post */
  constructor(post) {
    this.#post = post;
  }

  /** @param {string} method @param {object} [params] @returns {Promise<any>} */
  send(method, params = {}) {
    const id = (this.#count += 1);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#post(JSON.stringify({ id, method, params })).catch(reject);
    });
  }

  /** @param {string} event @param {(params: any) => void} take */
  on(event, take) {
    this.#listeners.set(event, take);
  }

  /** A message of the worker. @param {string} text */
  hear(text) {
    const { id, method, params, result, error } = JSON.parse(text);
    if (id === undefined) return this.#listeners.get(method)?.(params);
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }

  close() {
    this.isOpen = false;
    for (const { reject } of this.#pending.values()) reject(new Error("the worker is gone"));
    this.#pending.clear();
  }
}

/**
 * Meets every worker that the page has or will have.
 * @param {import("playwright-core").Page} page
 * @param {(line: Line) => void} meet
 */
export async function eachWorker(page, meet) {
  await attach(await page.context().newCDPSession(page), meet);
}

async function attach(parent, meet) {
  const lines = new Map();
  parent.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
    if (targetInfo.type !== "worker") return;
    const line = new Line((message) => parent.send("Target.sendMessageToTarget", { sessionId, message }));
    lines.set(sessionId, line);
    attach(line, meet).catch(() => line.close());
    meet(line);
  });
  parent.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => lines.get(sessionId)?.hear(message));
  parent.on("Target.detachedFromTarget", ({ sessionId }) => lines.get(sessionId)?.close());
  await parent.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
}
