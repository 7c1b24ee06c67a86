import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ROWS, excesses, partOf, sums } from "../sizes.mjs";

const size = (/** @type {number} */ bytes) => ({ raw: 10 * bytes, gzip: 2 * bytes, brotli: bytes });

test("every file belongs to one part, by its name without the hash", () => {
  for (const [name, part] of [
    ["interface-0123456789ab.wasm", "interface"],
    ["page-0123456789ab.js", "script"],
    ["engine-0123456789ab.wasm", "engine"],
    ["engine-rest-0123456789ab.wasm", "rest of the engine"],
    ["interface-rest-0123456789ab.wasm", "rest of the interface"],
    ["service-worker.js", "for use offline"],
    ["manifest.webmanifest", "for use offline"],
    ["worker-0123456789ab.js", "everything else"],
    ["page-0123456789ab.css", "everything else"],
    ["index.html", "everything else"],
    ["restored.html", "everything else"],
  ]) {
    assert.equal(partOf(name), part, name);
  }
});

test("what is fetched later counts in all, and not until the first answer", () => {
  const found = sums([
    ["interface-0123456789ab.wasm", size(100)],
    ["engine-0123456789ab.wasm", size(200)],
    ["engine-rest-0123456789ab.wasm", size(40)],
    ["interface-rest-0123456789ab.wasm", size(2)],
    ["service-worker.js", size(1)],
    ["index.html", size(3)],
    ["page-0123456789ab.css", size(4)],
  ]);
  assert.deepEqual(found, {
    interface: size(100),
    script: size(0),
    engine: size(200),
    "rest of the interface": size(2),
    "rest of the engine": size(40),
    "for use offline": size(1),
    "everything else": size(7),
    "until the first answer": size(307),
    "in all": size(350),
  });
});

test("a size above its budget is reported, and so is a budget that is missing", () => {
  const sizes = Object.fromEntries(ROWS.map((row) => [row, size(1000)]));
  const budgets = Object.fromEntries(ROWS.map((row) => [row, { gzip: 2000, brotli: 1000 }]));
  assert.deepEqual(excesses(sizes, budgets), []);
  budgets.engine = { gzip: 2000, brotli: 999 };
  assert.deepEqual(excesses(sizes, budgets), ["engine: 1,000 bytes in brotli, 1 more than the budget of 999"]);
  assert.deepEqual(excesses(sizes, { ...budgets, engine: /** @type {any} */ ({ brotli: 1000 }) }), ["web/budgets.json has no budget for engine in gzip"]);
});

test("the budgets name the rows of the table, the one file, the widget and the npm package", () => {
  const budgets = JSON.parse(readFileSync(new URL("../../budgets.json", import.meta.url), "utf8"));
  assert.deepEqual(Object.keys(budgets), [...ROWS, "one file", "widget", "npm package"]);
  const nothing = Object.fromEntries(ROWS.map((row) => [row, size(0)]));
  assert.deepEqual(excesses(nothing, budgets), []);
});
