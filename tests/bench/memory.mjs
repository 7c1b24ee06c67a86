// What a log costs in memory: WebAssembly memory by worker, and the process of the tab.

import { withProduct } from "./browser.mjs";
import { open } from "./reading.mjs";
import { resident } from "./tab.mjs";
import { eachWorker } from "./workers.mjs";

const TAB_EVERY_MS = 100;

/**
 * Opens a log and looks on.
 *
 * WebAssembly memory never shrinks while its worker lives, so at the end it is the most that there was. Workers are not asked earlier: to
 * interrupt one within WebAssembly now and then crashes the tab. For the same reason nothing is known of a worker that has ended.
 * @returns {Promise<{ heap: number, heaps: number[], ended: number, tab: number, before: number }>} bytes: of all workers, of each that has any;
 * how many workers had ended; bytes of the tab at the most, and before
 */
export function memoryOf(site, log) {
  return withProduct(site, {}, async (page, browser) => {
    const workers = [];
    await eachWorker(page, (line) => workers.push(line));
    const before = await resident(browser);
    let tab = before;
    const stop = every(TAB_EVERY_MS, async () => (tab = Math.max(tab, await resident(browser))));
    try {
      await open(page, log);
    } finally {
      await stop();
    }
    const alive = workers.filter(({ isOpen }) => isOpen);
    const heaps = (await Promise.all(alive.map(heap))).filter((bytes) => bytes > 0);
    if (heaps.length === 0) throw new Error("no worker has WebAssembly memory");
    return { heap: heaps.reduce((sum, bytes) => sum + bytes), heaps, ended: workers.length - alive.length, tab, before };
  });
}

/** Bytes of a worker's WebAssembly memory, all of them together. */
async function heap(line) {
  const { result } = await line.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
  const { objects } = await line.send("Runtime.queryObjects", { prototypeObjectId: result.objectId });
  const sum = await line.send("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    functionDeclaration: "function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) }",
    returnByValue: true,
  });
  return sum.result.value;
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
