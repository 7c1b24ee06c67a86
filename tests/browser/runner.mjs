// Runs cases and journeys in this process, in browsers that are started for the first of them.

import { startCases } from "./harness.mjs";
import { startJourneys } from "./journeys.mjs";

/** Report of something that has run; `output` is what it printed. */
/** @typedef {{ label: string, error?: string, seconds: number, output: string[] }} Result */

export class Runner {
  #engine;
  #started = new Map();

  /** @param {string} engine */
  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * Runs one. What it prints is kept for its report.
   * @param {import("./list.mjs").Item} item
   * @returns {Promise<Result>}
   */
  async run({ kind, label, one }) {
    const output = [];
    const print = console.log;
    console.log = (...words) => output.push(words.map(String).join(" "));
    const start = performance.now();
    let error;
    try {
      error = await (await this.#start(kind, output)).run(one);
    } catch (failure) {
      error = failure;
    } finally {
      console.log = print;
    }
    // A browser that has crashed takes no other case with it.
    if (error !== undefined) await this.close();
    const text = error === undefined ? undefined : String(error.stack ?? error);
    return { label, error: text, seconds: (performance.now() - start) / 1000, output };
  }

  /** Ends the browsers. */
  async close() {
    for (const started of this.#started.values()) await started.close().catch(() => {});
    this.#started.clear();
  }

  async #start(kind, output) {
    if (!this.#started.has(kind)) {
      const started = await (kind === "case" ? startCases() : startJourneys(/** @type {"chromium" | "firefox" | "webkit"} */ (this.#engine)));
      output.push(`       in ${started.label}`);
      this.#started.set(kind, started);
    }
    return this.#started.get(kind);
  }
}
