// Runs cases and journeys in several processes at the same time, each with browsers and a server of its own.
//
// As a program, one of those processes: it runs what its parent sends the place of, and ends with it.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { listed } from "./list.mjs";
import { Runner } from "./runner.mjs";

const FILE = fileURLToPath(import.meta.url);

/**
 * Runs all items: first those that take long, then the others in their order, and at the end one by one those that are to be alone. Reports each
 * once those before it in the list are reported.
 * @param {string} engine @param {import("./list.mjs").Item[]} items @param {number} jobs
 * @param {(item: import("./list.mjs").Item, result: import("./runner.mjs").Result) => void} report
 */
export async function runShared(engine, items, jobs, report) {
  const results = new Map();
  let next = 0;
  const done = (item, result) => {
    results.set(item, result);
    for (; results.has(items[next]); next++) report(items[next], results.get(items[next]));
  };
  const alone = items.filter(({ one }) => one.settings?.alone);
  const shared = items.filter(({ one }) => !one.settings?.alone);
  const queue = [...shared.filter(isLong), ...shared.filter((item) => !isLong(item))];
  const workers = Array.from({ length: jobs }, () => new Worker(engine));
  const empty = async (worker, queue) => {
    for (let item = queue.shift(); item; item = queue.shift()) done(item, await worker.run(item));
  };
  await Promise.all(workers.map((worker) => empty(worker, queue)));
  await empty(workers[0], alone);
  await Promise.all(workers.map((worker) => worker.close()));
}

const isLong = ({ kind, one }) => kind === "journey" || one.settings?.long === true;

/** A process that runs one item after another; another one takes its place if it ends too early. */
class Worker {
  #engine;
  #child;

  constructor(engine) {
    this.#engine = engine;
  }

  /** Runs an item, and returns its result. */
  run({ place, label }) {
    const child = (this.#child ??= fork(FILE, [this.#engine]));
    const start = performance.now();
    return new Promise((resolve) => {
      const settle = (result) => {
        child.off("message", settle).off("exit", ended);
        resolve(result);
      };
      const ended = (code) => {
        this.#child = undefined;
        settle({ label, error: `its process ended with ${code}`, seconds: (performance.now() - start) / 1000, output: [] });
      };
      child.on("message", settle).on("exit", ended);
      child.send(place);
    });
  }

  /** Ends the process. */
  async close() {
    const child = this.#child;
    if (!child) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.disconnect();
    await ended;
  }
}

function main(engine) {
  const items = listed(engine);
  const runner = new Runner(engine);
  process.on("message", async (place) => process.send(await runner.run((await items)[/** @type {number} */ (place)])));
  process.on("disconnect", async () => {
    await runner.close();
    process.exit(0);
  });
}

if (process.argv[1] === FILE) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
  main(process.argv[2]);
}
