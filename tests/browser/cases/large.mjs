// Logs that several readers share: the same totals as of one reader, and as of the command.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { root, test } from "../harness.mjs";
import { native, objects } from "../native.mjs";
import { becomes, drawnRows, eventsPane, pastePolicy, pick, scrollTo, totals, verdict } from "../page.mjs";

const POLICY = readFileSync(join(root, "tests/data/bench/seventeen-rules.yaml"), "utf8");
/** So long that the engine takes readers to help it. */
const BYTES = 40 << 20;

/** Repeats the recording: each round has its own audit IDs, and some rounds are followed by text that is not a valid line. */
function log() {
  const recorded = gunzipSync(readFileSync(join(root, "tests/data/kube-apiserver-1.36/base.jsonl.gz"))).toString().trimEnd().split("\n");
  const odd = [
    "no JSON at all",
    JSON.stringify(JSON.parse(recorded[7]), null, 2),
    recorded[9].replace('"kind":"Event"', `"kind":"Event","unknown":"${"x".repeat(6 << 20)}"`),
    "",
    recorded[11].slice(0, 300),
  ];
  const lines = [];
  let bytes = 0;
  for (let round = 0; bytes < BYTES; round += 1) {
    for (const line of recorded) {
      const own = line.replace('"auditID":"', `"auditID":"r${round}-`);
      lines.push(own);
      bytes += own.length + 1;
    }
    const extra = odd[round % 3 === 1 ? (round / 3) | 0 : -1];
    if (extra !== undefined) {
      lines.push(extra);
      bytes += extra.length;
    }
  }
  return lines.join("\n");
}

test("a large log comes to the same totals with one reader, with several, and in the command", { long: true }, async (page) => {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  try {
    const named = (cores) => `large-${cores}.jsonl`;
    const path = join(folder, named(1));
    writeFileSync(path, log());
    // A name of its own, so that what is shown of it cannot be what was shown of the first.
    copyFileSync(path, join(folder, named(3)));
    const policy = join(folder, "policy.yaml");
    writeFileSync(policy, POLICY);
    const { stdout } = native(["simulate", "--policy", policy, "--format", "summary", "--derive-stages", path]);
    const [summary] = objects(stdout);
    assert.ok(summary.unreadable > 0);

    await pastePolicy(page, POLICY);
    await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
    const shown = [];
    for (const cores of [1, 3]) {
      await page.workers()[0].evaluate((cores) => {
        Object.defineProperty(Object.getPrototypeOf(navigator), "hardwareConcurrency", { configurable: true, get: () => cores });
      }, cores);
      await pick(page, join(folder, named(cores)));
      await eventsPane(page).getByText(`${named(cores)}, JSON`).waitFor({ timeout: 120_000 });
      await becomes(() => totals(page), {
        recorded: summary.recorded.events, written: summary.written.events, derived: summary.derived.events,
        recordedBytes: summary.recorded.bytes, writtenBytes: summary.written.bytes,
      }, `with ${cores} cores`);
      assert.equal(page.workers().length, cores === 1 ? 1 : 1 + cores);
      const problems = eventsPane(page).getByRole("button", { name: /problems?$/ });
      assert.equal(await problems.innerText(), `▲ ${summary.unreadable} problem${summary.unreadable === 1 ? "" : "s"}`);
      await scrollTo(page, summary.recorded.events - 50);
      await becomes(async () => (await drawnRows(page)).every(({ cells }) => cells.length > 1), true);
      shown.push(await drawnRows(page));
    }
    assert.deepEqual(shown[0], shown[1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
