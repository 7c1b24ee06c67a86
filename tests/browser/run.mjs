// Browser tests of dist/: `node tests/browser/run.mjs [--engine chromium|firefox|webkit] [WORD]`.
//
// In Chromium, which is the default, cases/ and journeys/; in the other engines journeys/. Only those run whose name contains WORD.
// $CHROMIUM, $FIREFOX, $WEBKIT_DRIVER and $MINIBROWSER name the programs. The last line is `N passed, N failed`, with `, N skipped`
// where the engine is not installed.

import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath, pathToFileURL } from "node:url";
import { root, runAll } from "./harness.mjs";
import { ENGINES, runJourneys } from "./journeys.mjs";

const { engine, word } = options();
if (!existsSync(join(root, "dist", "index.html"))) {
  console.error("dist/ is empty: build the page first, with `cargo xtask build`");
  process.exit(1);
}

/** Parses the command line. */
function options() {
  try {
    const { values, positionals } = parseArgs({ options: { engine: { type: "string", default: "chromium" } }, allowPositionals: true });
    if (!Object.hasOwn(ENGINES, values.engine)) throw new Error(`unknown engine \`${values.engine}\`: use one of ${Object.keys(ENGINES).join(", ")}`);
    return { engine: values.engine, word: positionals[0] ?? "" };
  } catch (error) {
    console.error(`error: ${error.message}`);
    return process.exit(2);
  }
}

// Browsers that were started end with this.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

/** Imports every file of a folder, which adds what it tests. */
async function load(name) {
  const folder = join(dirname(fileURLToPath(import.meta.url)), name);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort()) {
    await import(pathToFileURL(join(folder, file)).href);
  }
}

const counts = [];
if (engine === "chromium") {
  await load("cases");
  counts.push(await runAll(word));
}
await load("journeys");
counts.push(await runJourneys(/** @type {"chromium" | "firefox" | "webkit"} */ (engine), word));
const sum = (what) => counts.reduce((sum, count) => sum + (count[what] ?? 0), 0);
const skipped = sum("skipped");
console.log(`${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = sum("failed") === 0 ? 0 : 1;
