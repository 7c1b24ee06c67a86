// Opening a file that replaces something shows a notice, can be undone, and removes the notices of the previous opening.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { files, root, shot, test } from "../harness.mjs";
import { becomes, choose, editor, eventsPane, openExample, panel, pastePolicy, pick, tab } from "../page.mjs";

const REQUESTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n");
const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [pasted]\n";

const listed = (page) => eventsPane(page).getByRole("status").innerText();
const notices = (page) => page.getByRole("status", { name: "Notices" });
const undo = (page) => notices(page).getByRole("button", { name: "Undo: reopen the previous log" });
/** The lines of the editor that are drawn. */
const text = (page) => editor(page).evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));

test("the log before is opened again as it was read, though its file has grown", {}, async (page) => {
  const path = join(mkdtempSync(join(tmpdir(), "grow-")), "grow.log");
  writeFileSync(path, `${REQUESTS.slice(0, 7).join("\n")}\n`);
  await pick(page, path);
  await becomes(() => listed(page), "7 events");
  await pick(page, files({ "other.jsonl": REQUESTS.slice(0, 3).join("\n") }));
  await becomes(() => listed(page), "3 events");
  writeFileSync(path, `${REQUESTS.slice(7, 12).join("\n")}\n`, { flag: "a" });
  await undo(page).click();
  await becomes(() => listed(page), "7 events");
  assert.equal(await page.getByRole("alert").allInnerTexts().then((all) => all.join("")), "");
  await choose(page, 6);
  await tab(page, "As written").click();
  await becomes(async () => (await panel(page).innerText()).includes("auditID"), true);
});

test("dropping a policy shows a notice, can be undone, and removes older notices", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const before = await text(page);
  await page.locator(".story").waitFor();
  await pick(page, files({ "empty.log": "" }));
  const alert = page.getByRole("alert").filter({ hasText: "no audit events" });
  await alert.waitFor();
  await pick(page, files({ "policy.txt": POLICY }));
  await becomes(() => text(page), POLICY);
  await notices(page).getByText("Opened the policy policy.txt.").waitFor();
  assert.equal(await alert.count(), 0);
  assert.equal(await page.locator(".story").count(), 0);
  await shot(page, "work-policy-opened");
  await notices(page).getByRole("button", { name: "Undo: restore the previous policy" }).click();
  await becomes(() => text(page), before);
  assert.equal(await notices(page).innerText(), "");
  // Another policy over the example's, in the editor.
  await page.locator(".story").waitFor();
  await pastePolicy(page, POLICY);
  await becomes(() => page.locator(".story").count(), 0);
});

test("replacing an opened log and policy with an example, and undoing it, does not raise an alert", {}, async (page) => {
  for (let at = 0; at < 3; at += 1) {
    await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n"), "policy.yaml": POLICY }));
    await becomes(() => listed(page), "7 events");
    await becomes(() => text(page), POLICY);
    await choose(page, 5);
    await openExample(page, "Catch-all first");
    await undo(page).click();
    await becomes(() => listed(page), "7 events");
    await becomes(() => text(page), POLICY);
    await page.waitForTimeout(200);
    assert.equal(await page.getByRole("alert").allInnerTexts().then((all) => all.join("")), "");
  }
});
