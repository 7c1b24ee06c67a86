// Browser tests of dist/: `node tests/browser/run.mjs [--engine chromium|firefox|webkit] [--jobs N] [WORD…]`.
//
// In Chromium, which is the default, cases/ and journeys/; in the other engines journeys/. Only those run whose name contains one of the WORDs.
// In Chromium N of them run at the same time, each in a process of its own: the page waits more than it computes. The lines are in the order
// of the files. $CHROMIUM, $FIREFOX, $WEBKIT_DRIVER and $MINIBROWSER name the programs. Where one or two have failed, each is run once more, with
// nothing next to it, and the lines report that: a browser on a busy machine now and then starves. The last line is `N passed, N failed`, with
// `, N skipped` where something was.

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./harness.mjs";
import { ENGINES } from "./journeys.mjs";
import { listed } from "./list.mjs";
import { runShared } from "./processes.mjs";
import { Runner } from "./runner.mjs";

/** More browsers than this wait for each other. */
const MOST_JOBS = 4;

/** If more than this fail, the page is broken rather than the machine busy: none is run again. */
const MOST_REPEATED = 2;

const { engine, words, jobs } = options();
if (!existsSync(join(root, "dist", "index.html"))) {
  console.error("dist/ is empty: build the page first, with `cargo xtask build`");
  process.exit(1);
}

/** Parses the command line. */
function options() {
  try {
    const { values, positionals } = parseArgs({
      options: { engine: { type: "string", default: "chromium" }, jobs: { type: "string", default: String(Math.min(availableParallelism(), MOST_JOBS)) } },
      allowPositionals: true,
    });
    if (!Object.hasOwn(ENGINES, values.engine)) throw new Error(`unknown engine \`${values.engine}\`: use one of ${Object.keys(ENGINES).join(", ")}`);
    const jobs = Number(values.jobs);
    if (!(Number.isInteger(jobs) && jobs > 0)) throw new Error(`\`--jobs ${values.jobs}\` is not a number of processes`);
    // Two virtual screens that start at once may choose the same number.
    return { engine: values.engine, words: positionals, jobs: values.engine === "chromium" ? jobs : 1 };
  } catch (error) {
    console.error(`error: ${error.message}`);
    return process.exit(2);
  }
}

// Browsers that were started end with this.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

const count = { passed: 0, failed: 0, skipped: 0 };
/** @type {import("./list.mjs").Item[]} */
const failed = [];

/**
 * Prints the lines of something that has run.
 * @param {import("./list.mjs").Item} item @param {import("./runner.mjs").Result} result
 */
function report(item, { label, error, seconds, output }) {
  console.log(`${error ? "FAILED" : "ok    "} ${label} (${seconds.toFixed(1)} s)`);
  for (const line of output) console.log(line);
  if (error) console.log(`       ${error.replaceAll("\n", "\n       ")}`);
  if (error) failed.push(item);
  else count.passed += 1;
}

/** Runs what has failed once more, one after the other, and counts it. */
async function repeatFailed() {
  const repeated = failed.length <= MOST_REPEATED ? failed.splice(0) : [];
  for (const item of repeated) {
    console.log(`again: ${item.label}`);
    const runner = new Runner(engine);
    report(item, await runner.run(item));
    await runner.close();
  }
  count.failed = failed.length;
}

/** Counts something that does not run, for a reason of its own or for the one that is printed above. */
function pass(label, reason = "") {
  console.log(reason ? `skipped: ${label}: ${reason}` : `skip   ${label}`);
  count.skipped += 1;
}

const chosen = (await listed(engine)).filter(({ one }) => words.length === 0 || words.some((word) => one.name.includes(word)));
if (ENGINES[engine].find()) {
  const run = chosen.filter(({ one }) => !one.reason);
  for (const { label, one } of chosen.filter(({ one }) => one.reason)) pass(label, one.reason);
  const workers = Math.min(jobs, run.length);
  if (workers > 1) {
    await runShared(engine, run, workers, report);
  } else {
    const runner = new Runner(engine);
    for (const item of run) report(item, await runner.run(item));
    await runner.close();
  }
  await repeatFailed();
} else {
  console.log(`skipped: ${engine} is not installed, so its ${chosen.length} tests did not run`);
  for (const { label } of chosen) pass(label);
}
console.log(`${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ""}`);
process.exitCode = count.failed === 0 ? 0 : 1;
