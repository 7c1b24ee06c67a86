// What a log costs in memory: WebAssembly memory by worker, and the process of the tab.

import { withProduct } from "./browser.mjs";
import { open } from "./reading.mjs";
import { resident } from "./tab.mjs";
import { eachWorker } from "./workers.mjs";

const TAB_EVERY_MS = 100;
/** Workers answer between two pieces of work; asking more often would hold them up. */
const HEAPS_EVERY_MS = 250;

/**
 * Opens a log and looks on. WebAssembly memory never shrinks while its worker lives, but a worker can end: hence the sampling.
 * @returns {Promise<{ heap: number, heaps: number[], tab: number, before: number }>} bytes: the most that all workers had at once,
 * the most that each had, the most that the tab had, and what it had before
 */
export function memoryOf(site, log) {
  return withProduct(site, {}, async (page, browser) => {
    const heaps = new Heaps();
    await eachWorker(page, (line) => heaps.add(line));
    const before = await resident(browser);
    let most = before;
    const looks = [
      every(TAB_EVERY_MS, async () => (most = Math.max(most, await resident(browser)))),
      every(HEAPS_EVERY_MS, () => heaps.sample()),
    ];
    try {
      await open(page, log);
    } finally {
      for (const stop of looks) await stop();
    }
    await heaps.sample();
    if (heaps.most === 0) throw new Error("no worker has WebAssembly memory");
    return { heap: heaps.most, heaps: heaps.each(), tab: most, before };
  });
}

/** The WebAssembly memory of every worker. */
class Heaps {
  #workers = [];
  /** The most that they had together. */
  most = 0;

  add(line) {
    this.#workers.push({ line, memories: undefined, now: 0, most: 0 });
  }

  /** The most that each had; of those that had any. */
  each() {
    return this.#workers.map(({ most }) => most).filter((most) => most > 0);
  }

  async sample() {
    await Promise.all(this.#workers.map((worker) => this.#look(worker).catch(() => (worker.now = 0))));
    this.most = Math.max(this.most, this.#workers.reduce((sum, { now }) => sum + now, 0));
  }

  async #look(worker) {
    if (!worker.line.isOpen) {
      worker.now = 0;
      return;
    }
    worker.memories ??= await memories(worker.line);
    const { result } = await worker.line.send("Runtime.callFunctionOn", {
      objectId: worker.memories,
      functionDeclaration: "function () { return this.map((memory) => memory.buffer.byteLength) }",
      returnByValue: true,
    });
    worker.now = result.value.reduce((sum, bytes) => sum + bytes, 0);
    worker.most = Math.max(worker.most, worker.now);
    // A worker that has just started has none yet.
    if (worker.now === 0) worker.memories = undefined;
  }
}

/** A handle on the list of a worker's memories. */
async function memories(line) {
  const { result } = await line.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
  const { objects } = await line.send("Runtime.queryObjects", { prototypeObjectId: result.objectId });
  return objects.objectId;
}

/** Does something again and again; the function it returns stops that and waits for the last time. */
function every(milliseconds, look) {
  let isOn = true;
  const loop = (async () => {
    while (isOn) {
      await look();
      await new Promise((later) => setTimeout(later, milliseconds));
    }
  })();
  return () => {
    isOn = false;
    return loop;
  };
}
