// Nothing that a person has typed or opened is lost: not by a paste, a file that is no log, a folder, a reload, or a worker that dies.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, files, root, shot, test } from "../harness.mjs";
import {
  becomes, choose, drop, drawnRows, editor, eventsPane, openExample, panel, pastePolicy, pick, press, tab, verdict, written,
} from "../page.mjs";

const REQUESTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n");
const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [pasted]\n";

const listed = (page) => eventsPane(page).getByRole("status").innerText();
const notices = (page) => page.getByRole("status", { name: "Notices" });
const undo = (page) => notices(page).getByRole("button", { name: "Undo: reopen the previous log" });
/** The lines of the editor that are drawn. */
const text = (page) => editor(page).evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));

/** Puts a text on the clipboard and pastes it where the focus is. */
async function paste(page, text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("ControlOrMeta+v");
}

for (const [what, pasted] of [
  ["a fragment", "- level: None\n  users: [fragment]\n"],
  ["a log line", REQUESTS[0]],
  ["a whole policy", POLICY],
]) {
  test(`${what} pasted over a selection in the editor goes to the editor alone, and one undo removes it`, {}, async (page) => {
    await openExample(page, "Catch-all first");
    const [before, events] = [await text(page), await listed(page)];
    await editor(page).focus();
    await page.keyboard.press("ControlOrMeta+a");
    await paste(page, pasted);
    await becomes(async () => (await text(page)).trim(), pasted.trim());
    await page.waitForTimeout(300);
    assert.equal((await text(page)).trim(), pasted.trim());
    assert.equal(await listed(page), events);
    await press(page, "ControlOrMeta+z");
    await becomes(() => text(page), before);
    assert.equal(await listed(page), events);
    await becomes(async () => (await verdict(page)).split(",")[0], "accepted");
  });
}

test("a policy pasted outside the editor is one change", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const before = await text(page);
  await choose(page, 3);
  await paste(page, POLICY);
  await becomes(() => text(page), POLICY);
  await editor(page).focus();
  await press(page, "ControlOrMeta+z");
  await becomes(() => text(page), before);
});

test("a file that is no log leaves the open one as it is, and says why", {}, async (page) => {
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await choose(page, 4);
  const rows = await drawnRows(page);
  for (const [name, content] of [
    ["empty.log", ""],
    ["notes.txt", "Monday: call Bob.\n"],
    ["kubeadm.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"],
    ["pod.json", '{"kind":"Pod","apiVersion":"v1"}'],
  ]) {
    await pick(page, files({ [name]: content }));
    await page.getByRole("alert").getByText(`No audit events in ${name}.`).waitFor();
    assert.equal(await listed(page), "7 events");
    assert.deepEqual(await drawnRows(page), rows);
    assert.equal(await page.locator("[role=grid] [aria-selected=true]").getAttribute("aria-rowindex"), "6");
  }
  const alert = page.getByRole("alert").filter({ hasText: "No audit events" });
  await alert.getByRole("button", { name: "Dismiss" }).click();
  await becomes(() => page.getByText("No audit events in").count(), 0);
});

test("the log before is one click away, whatever it was, and so is the policy before an example", {}, async (page) => {
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await pastePolicy(page, POLICY);
  // A file, and back.
  await pick(page, files({ "other.jsonl": REQUESTS.slice(0, 3).join("\n") }));
  await becomes(() => listed(page), "3 events");
  await notices(page).getByText("Opened other.jsonl.").waitFor();
  await undo(page).click();
  await becomes(() => listed(page), "7 events");
  // A pasted log, and back.
  await page.getByRole("tablist", { name: "Inspector" }).getByRole("tab").first().focus();
  await paste(page, REQUESTS.slice(0, 5).join("\n"));
  await becomes(() => listed(page), "5 events");
  await undo(page).click();
  await becomes(() => listed(page), "7 events");
  // And forth again.
  await undo(page).click();
  await becomes(() => listed(page), "5 events");
  // An example brings a policy along.
  await openExample(page, "Catch-all first");
  await becomes(async () => (await text(page)).includes("pasted"), false);
  await undo(page).click();
  await becomes(() => listed(page), "5 events");
  await becomes(() => text(page), POLICY);
  await notices(page).getByRole("button", { name: "Dismiss" }).click();
  assert.equal(await notices(page).innerText(), "");
});

test("a generated log can be undone", {}, async (page) => {
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await press(page, "Alt+4");
  await page.getByRole("button", { name: "Model a cluster…" }).click();
  await page.getByRole("button", { name: "Make the log" }).click();
  await notices(page).getByText("Opened the generated log.").waitFor();
  await undo(page).click();
  await press(page, "Alt+2");
  await becomes(() => listed(page), "7 events");
});

test("a policy is recognised by what it says, not by its name", {}, async (page) => {
  const events = await listed(page);
  for (const name of ["policy.txt", "audit.log", "noname"]) {
    const policy = POLICY.replace("pasted", name);
    await pick(page, files({ [name]: policy }));
    await becomes(() => text(page), policy);
    assert.equal(await listed(page), events);
  }
  const large = POLICY + "# comment\n".repeat(150_000);
  await pick(page, files({ "large.cfg": large }));
  await becomes(async () => (await text(page)).includes("# comment"), true);
  await pick(page, files({ "huge.yaml": POLICY + "# comment\n".repeat(900_000) }));
  await page.getByRole("alert").getByText("too large for the editor").waitFor();
  assert.equal(await listed(page), events);
});

/** Drops a path of this machine, as a file manager does. */
async function dropPath(page, paths) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, x: 700, y: 400, data });
}

/** A folder with rotated logs, one of them deeper, and what is no log. */
function folder() {
  const path = join(mkdtempSync(join(tmpdir(), "logs-")), "audit");
  mkdirSync(join(path, "old"), { recursive: true });
  writeFileSync(join(path, "audit.log"), `${REQUESTS.slice(0, 4).join("\n")}\n`);
  writeFileSync(join(path, "old", "audit-2026.log"), `${REQUESTS.slice(4, 9).join("\n")}\n`);
  writeFileSync(join(path, "README"), "Logs of the control plane.\n");
  writeFileSync(join(path, "empty.log"), "");
  return path;
}

test("a dropped folder is read file by file, and what is no log is left out with its reason", {}, async (page) => {
  await dropPath(page, [folder()]);
  await becomes(() => listed(page), "9 events");
  await tab(page, /^Problems/).click();
  const names = await panel(page).getByRole("listitem").allInnerTexts();
  assert.equal(names.length, 4, String(names));
  assert.match(names.find((name) => name.startsWith("audit/README")), /not used: /);
  assert.match(names.find((name) => name.startsWith("audit/empty.log")), /not used: .*empty/);
  assert.match(names.find((name) => name.startsWith("audit/old/audit-2026.log")), /5 events/);
  assert.equal(await page.getByText("has stopped").count(), 0);
  await undo(page).click();
  await becomes(async () => (await listed(page)) !== "9 events", true);
});

test("a folder without logs leaves the open one as it is", {}, async (page) => {
  const events = await listed(page);
  const path = mkdtempSync(join(tmpdir(), "none-"));
  await dropPath(page, [path]);
  await page.getByRole("alert").getByText("The folder contains no files.").waitFor();
  for (let at = 0; at < 9; at += 1) writeFileSync(join(path, `${at}.txt`), "nothing\n");
  await dropPath(page, [path]);
  const alert = page.getByRole("alert").filter({ hasText: "No audit events in 9 files." });
  await alert.waitFor();
  const reasons = await alert.getByRole("listitem").allInnerTexts();
  assert.equal(reasons.length, 6);
  assert.equal(reasons.at(-1), "and 4 more");
  assert.equal(await listed(page), events);
});

test("a file that cannot be read is a problem of that file, not of the worker", {}, async (page) => {
  const events = await listed(page);
  // What a browser hands over for a folder where it has no other way, and for a file that is gone.
  await page.evaluate(() => {
    const fail = () => Promise.reject(new DOMException("gone", "NotFoundError"));
    Blob.prototype.arrayBuffer = fail;
  });
  await drop(page, { "fine.log": REQUESTS[0] });
  await becomes(() => listed(page), "1 events".replace("events", "event"));
  await undo(page).click();
  await becomes(() => listed(page), events);
  assert.equal(await page.getByText("has stopped").count(), 0);
});
