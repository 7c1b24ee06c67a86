// Browser tests of dist/ in Chromium: `node tests/browser/run.mjs [WORD]` runs the cases whose name contains WORD.
//
// $CHROMIUM names the browser. The last line is `N passed, N failed`.

import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { root, runAll } from "./harness.mjs";

if (!existsSync(join(root, "dist", "index.html"))) {
  console.error("dist/ is empty: build the page first, with `cargo xtask build`");
  process.exit(1);
}

const folder = join(dirname(fileURLToPath(import.meta.url)), "cases");
for (const file of readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort()) {
  await import(pathToFileURL(join(folder, file)));
}
const { passed, failed } = await runAll(process.argv[2] ?? "");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
