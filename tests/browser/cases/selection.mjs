// Rows selected together, and what becomes of them: copied and saved as recorded, and as the command says that they are written.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, files, root, shot, test } from "../harness.mjs";
import { native } from "../native.mjs";
import { becomes, choose, eventsPane, grid, openExample, pastePolicy, pick, press, written } from "../page.mjs";

const EXAMPLES = join(root, "web/worker/examples");
const LOG = join(EXAMPLES, "requests.jsonl");
const REQUESTS = readFileSync(LOG, "utf8").trimEnd().split("\n");
const EVENTS = REQUESTS.map((line) => JSON.parse(line));
const CATCH_ALL = join(EXAMPLES, "catch-all-first.yaml");

const listed = (page) => eventsPane(page).getByRole("status").innerText();
/** Waits until the status line states this number of selected events. */
const selected = (page, count) => eventsPane(page).getByText(`${count} selected`, { exact: true }).waitFor();
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const lines = (list) => list.map((line) => `${line}\n`).join("");

/** The places of the rows in sight that are selected. */
const marked = (page) =>
  grid(page).evaluate((grid) =>
    [...grid.querySelectorAll("[role=row][aria-selected=true]")].map((row) => Number(row.getAttribute("aria-rowindex")) - 1));

/** Returns the events that the command writes for a log. */
function asWritten(policy, log) {
  return native(["simulate", "--policy", policy, "--format", "events", "--derive-stages", log]).stdout;
}

/** Chooses an entry of the menu under the events. */
async function act(page, entry) {
  await eventsPane(page).getByRole("button", { name: "Copy and save" }).click();
  await page.getByRole("menuitem", { name: entry }).click();
}

const said = (page, text) => eventsPane(page).getByText(text).waitFor();

async function begin(page) {
  await openExample(page, "Catch-all first");
  await becomes(() => listed(page), "318 events");
  await press(page, "Alt+2", "Home");
}

test("rows are selected together by keys", {}, async (page) => {
  await begin(page);
  assert.equal(await grid(page).getAttribute("aria-multiselectable"), "true");
  await press(page, "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown");
  await selected(page, 4);
  await becomes(() => marked(page), [1, 2, 3, 4]);
  await press(page, "Shift+ArrowUp");
  await becomes(() => marked(page), [1, 2, 3]);
  // Across where it began.
  await press(page, "Escape");
  await becomes(() => marked(page), [3]);
  await press(page, "Shift+ArrowUp", "Shift+ArrowUp");
  await becomes(() => marked(page), [1, 2, 3]);
  await press(page, "ArrowDown");
  await becomes(() => marked(page), [2]);
  await press(page, "Shift+End");
  await selected(page, 317);
  await press(page, "Shift+Home");
  await becomes(() => marked(page), [1, 2]);
  await press(page, "Control+a");
  await selected(page, 318);
  await press(page, "Escape");
  await becomes(async () => (await marked(page)).length, 1);
  assert.equal(await eventsPane(page).getByText("selected", { exact: false }).count(), 0);
  await press(page, "Home", "Shift+PageDown");
  await becomes(async () => (await marked(page)).length > 3, true);
});

test("a click with Shift selects up to there", {}, async (page) => {
  await begin(page);
  await choose(page, 2);
  await grid(page).locator('[aria-rowindex="7"]').click({ modifiers: ["Shift"] });
  await selected(page, 4);
  await becomes(() => marked(page), [3, 4, 5, 6]);
  assert.equal(await page.evaluate(() => getSelection().toString()), "");
  // Another view has other rows in those places.
  await page.getByRole("combobox", { name: "Filter events" }).fill("user:alice");
  await becomes(async () => (await marked(page)).length <= 1, true);
});

test("copied rows are the log's own lines, or the command's", {}, async (page) => {
  await begin(page);
  await press(page, "ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown");
  await act(page, /^Copy as recorded/);
  await said(page, "Copied 3 lines");
  assert.equal(await clipboard(page), lines(REQUESTS.slice(1, 4)));

  await act(page, /^Copy as written/);
  const kept = EVENTS.slice(1, 4).filter(({ stage }) => stage !== "RequestReceived").length;
  await said(page, `Copied ${kept} line`);
  const all = asWritten(CATCH_ALL, LOG);
  const ids = new Set(EVENTS.slice(1, 4).map(({ auditID }) => auditID));
  const own = all.trimEnd().split("\n").filter((line) => ids.has(JSON.parse(line).auditID)).slice(0, kept);
  assert.equal(await clipboard(page), lines(own));

  await press(page, "Alt+2", "Control+a");
  await act(page, /^Copy as recorded/);
  await said(page, "Copied 318 lines");
  assert.equal(await clipboard(page), lines(REQUESTS));
  await act(page, /^Copy as written/);
  await said(page, "Copied 172 lines");
  assert.equal(await clipboard(page), all);
});

test("rows are copied in the order in which they are shown", {}, async (page) => {
  await begin(page);
  await grid(page).getByRole("columnheader", { name: "Recorded" }).getByRole("button").click();
  await page.getByRole("combobox", { name: "Filter events" }).fill("user:alice");
  const size = (line) => Buffer.byteLength(line);
  const mine = REQUESTS.filter((line) => JSON.parse(line).user.username === "alice");
  await becomes(() => listed(page), `${mine.length} of 318 events`);
  const sorted = mine.map((line, at) => ({ line, at })).sort((one, other) => size(other.line) - size(one.line) || one.at - other.at);
  await press(page, "Alt+2", "Control+a");
  await act(page, /^Copy as recorded/);
  await said(page, `Copied ${mine.length} lines`);
  assert.equal(await clipboard(page), lines(sorted.map(({ line }) => line)));
});

test("events that need data missing from the log are left out, with a message", {}, async (page) => {
  // Recorded at Metadata, and derived: one request's end only, whose body a level of Request would record.
  const event = { ...EVENTS.find(({ stage, verb, requestObject }) => stage === "ResponseComplete" && verb === "create" && requestObject), level: "Metadata" };
  delete event.requestObject;
  delete event.responseObject;
  await pick(page, files({ "lacking.jsonl": `${JSON.stringify(event)}\n` }));
  await pastePolicy(page, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n");
  await becomes(() => listed(page), "1 event and 1 derived");
  await press(page, "Alt+2", "Control+a");
  await selected(page, 2);
  await act(page, /^Copy as recorded/);
  await said(page, "1 event left out: derived, not in the log.");
  assert.equal(await clipboard(page), `${JSON.stringify(event)}\n`);
  await act(page, /^Copy as written/);
  await said(page, "1 event left out: the log doesn't contain bodies or fields that the policy would record.");
  const line = JSON.parse(await clipboard(page));
  assert.deepEqual([line.stage, line.auditID, line.level], ["RequestReceived", event.auditID, "Request"]);
});

/** A log of some pieces: the same requests again and again, under other names. */
function large(folder) {
  const path = join(folder, "large.jsonl");
  const rounds = Array.from({ length: 60 }, (_, round) =>
    lines(REQUESTS.map((line) => line.replace(/"auditID":"/, `"auditID":"${round}-`))));
  writeFileSync(path, rounds.join(""));
  return path;
}

test("the whole log is saved as the command writes it, straight to disk or as a download", {}, async (page) => {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  try {
    const log = large(folder);
    const expected = asWritten(CATCH_ALL, log);
    await pick(page, log);
    await pastePolicy(page, readFileSync(CATCH_ALL, "utf8"));
    await written(page, 172 * 60, 318 * 60);

    // The browser's own picker needs a person; what it gives is a handle like this.
    await page.evaluate(() => {
      window.saved = { chunks: [], closed: false };
      const stream = {
        write: async (bytes) => void window.saved.chunks.push(new Uint8Array(bytes)),
        close: async () => void (window.saved.closed = true),
        abort: async () => void (window.saved.aborted = true),
      };
      window.showSaveFilePicker = async ({ suggestedName }) => {
        window.saved.name = suggestedName;
        return { createWritable: async () => stream };
      };
    });
    await act(page, /^Save the whole log as written/);
    await said(page, "Saved 10,320 lines");
    const saved = await page.evaluate(async () => {
      const { chunks, closed, name } = window.saved;
      return { closed, name, pieces: chunks.length, text: await new Blob(chunks).text() };
    });
    assert.equal(saved.text, expected);
    assert.deepEqual([saved.closed, saved.name], [true, "audit-as-written.log"]);
    assert.ok(saved.pieces > 1, "it came in one piece");

    // Who closes the picker wants nothing.
    await page.evaluate(() => {
      window.showSaveFilePicker = async () => {
        throw new DOMException("", "AbortError");
      };
    });
    await act(page, /^Save the whole log as written/);

    await page.evaluate(() => void (window.showSaveFilePicker = undefined));
    const download = page.waitForEvent("download");
    await act(page, /^Save the whole log as written/);
    const file = await download;
    assert.equal(file.suggestedFilename(), "audit-as-written.log");
    assert.equal(readFileSync(await file.path(), "utf8"), expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a text too large for the clipboard is rejected with a message", {}, async (page) => {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  try {
    await pick(page, large(folder));
    await becomes(async () => (await listed(page)).startsWith("19,080 events"), true);
    await page.evaluate(() => navigator.clipboard.writeText("before"));
    await press(page, "Alt+2", "Control+a");
    await act(page, /^Copy as recorded/);
    await page.getByRole("alert").getByText("More than 10 MB is too much for the clipboard. Save to a file instead.").waitFor();
    assert.equal(await clipboard(page), "before");
    await page.evaluate(() => void (window.showSaveFilePicker = undefined));
    const download = page.waitForEvent("download");
    await act(page, /^Save as recorded/);
    assert.equal(readFileSync(await (await download).path(), "utf8"), readFileSync(join(folder, "large.jsonl"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("saving can be cancelled, and what was begun on disk is given up", {}, async (page) => {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  try {
    await pick(page, large(folder));
    await becomes(async () => (await listed(page)).startsWith("19,080 events"), true);
    await page.evaluate(() => {
      window.saved = { pieces: 0 };
      const stream = {
        // A disk that never comes back.
        write: () => new Promise((done) => { window.saved.pieces += 1; window.saved.done = done; }),
        close: async () => void (window.saved.closed = true),
        abort: async () => void (window.saved.aborted = true),
      };
      window.showSaveFilePicker = async () => ({ createWritable: async () => stream });
    });
    await act(page, /^Save the whole log as written/);
    await eventsPane(page).getByRole("progressbar", { name: "Saving" }).waitFor();
    await becomes(() => page.evaluate(() => window.saved.pieces), 1);
    await eventsPane(page).getByRole("button", { name: "Cancel" }).click();
    await said(page, "Cancelled.");
    await page.evaluate(() => window.saved.done());
    await becomes(() => page.evaluate(() => window.saved.aborted), true);
    assert.equal(await page.evaluate(() => window.saved.closed), undefined);
    await eventsPane(page).getByRole("button", { name: "Copy and save" }).waitFor();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const [width, height] of [[1440, 900], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing with rows selected and the menu open at ${width} px, ${theme}`, { width, height, theme }, async (page) => {
      await begin(page);
      await press(page, "Shift+ArrowDown", "Shift+ArrowDown");
      await selected(page, 3);
      await eventsPane(page).getByRole("button", { name: "Copy and save" }).click();
      await page.getByRole("menuitem", { name: /^Copy as recorded/ }).waitFor();
      await shot(page, `selection-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the page scrolls sideways");
    });
  }
}
