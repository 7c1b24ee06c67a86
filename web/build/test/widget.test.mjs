import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { widget } from "../widget.mjs";

const web = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

test("the script has at most 6 KB, names the size of the page, and needs nothing that a strict policy forbids", async () => {
  const script = await widget(1_480_000);
  const budget = JSON.parse(readFileSync(join(web, "budgets.json"), "utf8")).widget.raw;
  assert.equal(budget, 6000);
  assert.ok(script.length <= budget, `${script.length} bytes`);
  assert.match(script, /loads 1\.5 MB/);
  // ASCII: a page that declares another encoding reads it, too.
  assert.match(script, /^[\x20-\x7e\n]*$/);
  assert.doesNotMatch(script, /eval\(|innerHTML|Function\(|\bimport\b|"style"/);
  assert.deepEqual(await widget(1_480_000), script);
});
