// What engines do in different ways: the clipboard, files of many megabytes, workers of workers, the editor's list of completions.

import assert from "node:assert/strict";
import { journey } from "../journeys.mjs";
import { PICKER, REQUESTS, editor, eventsPane, grid, large, listed, pastePolicy, policyText, verdict, written } from "../person.mjs";
import { role } from "../target.mjs";

const EVERYTHING = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

journey("a log of many megabytes is read by several workers", async (tab) => {
  await pastePolicy(tab, EVERYTHING);
  const lines = large();
  await tab.setFiles(PICKER, { "large.jsonl": lines.join("\n") });
  const count = lines.length.toLocaleString("en-US");
  await tab.until(() => written(tab), `${count} of ${count}`);
  await tab.focus(grid);
  await tab.press("End");
  await tab.until(() => tab.text(role("region", "Inspector")), new RegExp(`large\\.jsonl:${lines.length}`));
});

journey("the whole log is saved as the policy would have written it", async (tab) => {
  await pastePolicy(tab, EVERYTHING);
  await tab.until(() => written(tab), "292 of 292");
  await tab.click(eventsPane.role("button", /^Copy and save/));
  const { text } = await tab.saved(() => tab.click(role("menuitem", /^Save the whole log as written/)));
  const events = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(events.length, 292);
  assert.deepEqual(new Set(events.map(({ level }) => level)), new Set(["Metadata"]));
});

journey("rows are copied as recorded", async (tab) => {
  await tab.setFiles(PICKER, { "three.jsonl": REQUESTS.slice(0, 3).join("\n") });
  await tab.until(() => listed(tab), /^3 events/);
  await tab.press("Alt+2", "Control+a");
  await tab.until(() => tab.text(eventsPane.css(".selected")), "3 selected");
  await tab.click(eventsPane.role("button", /^Copy and save/));
  await tab.click(role("menuitem", /^Copy as recorded/));
  await tab.until(async () => (await tab.text(eventsPane)).includes("Copied"), true, "the page says that it has copied");
  assert.equal((await tab.clipboard()).trimEnd(), REQUESTS.slice(0, 3).join("\n"));
});

journey("what is pasted outside of fields is opened", async (tab) => {
  await tab.copy(REQUESTS.slice(0, 4).join("\n"));
  await tab.focus(grid);
  await tab.press("Control+v");
  await tab.until(() => listed(tab), /^4 events/);
  await tab.copy(EVERYTHING);
  await tab.focus(grid);
  await tab.press("Control+v");
  await tab.until(() => policyText(tab), EVERYTHING);
  await tab.until(() => listed(tab), /^4 events/);
});

journey("the editor completes what is typed", async (tab) => {
  await pastePolicy(tab, "rules:\n- level: ");
  await tab.until(() => verdict(tab), /^rejected/);
  await tab.focus(editor);
  await tab.press("Control+End");
  await tab.type("m");
  await tab.has(role("option", "Metadata"));
  // A list that has just opened ignores keys for a moment, because they may be meant for the text.
  await new Promise((later) => setTimeout(later, 150));
  await tab.press("Enter");
  await tab.until(() => policyText(tab), "rules:\n- level: Metadata");
  await tab.focus(editor);
  await tab.press("Control+z");
  await tab.until(async () => (await policyText(tab)) !== "rules:\n- level: Metadata", true, "the completion is taken back");
});
