// The page as a visitor meets it, in each of the engines.
//
// Counts are of the examples' own files, by hand or by a look at their fields.

import assert from "node:assert/strict";
import { journey } from "../journeys.mjs";
import {
  PICKER, REQUESTS, alert, answer, banner, chips, editor, effects, eventCount, eventsPane, example, fill, focused, grid, inspector, listed,
  openExample, panel, pastePolicy, policyText, value, verdict, written,
} from "../person.mjs";
import { css, role } from "../target.mjs";

const CATCH_ALL = example("catch-all-first");
const NOTHING = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";
const EVENTS = REQUESTS.map((line) => JSON.parse(line));

/** The cells of the rows that are drawn now. */
const rows = (tab) =>
  tab.on(grid, ([grid]) =>
    [...grid.querySelectorAll("[role=row][aria-rowindex]")].slice(1).map((row) => [...row.querySelectorAll("[role=gridcell]")].map((cell) => cell.textContent.trim())));

journey("a first visit shows a policy at work", async (tab) => {
  // Rules 5 to 9 keep 12, 0, 10, 42 and 119 events, of which 92 are not RequestReceived.
  await tab.until(() => written(tab), "92 of 292");
  // The editor begins at its first line, and draws what is in sight and a little more.
  const rules = [
    "rule 1 N: None, 32 events", "rule 2 N: None, 14 events", "rule 3 N: None, 61 events", "rule 4 N: None, 2 events",
    "rule 5 M: Metadata, 12 events", "rule 6 M: Metadata, 0 events", "rule 7 RR: RequestResponse, 10 events",
    "rule 8 R: Request, 42 events", "rule 9 M: Metadata, 119 events",
  ];
  await tab.until(async () => (await chips(tab)).slice(0, 4), rules.slice(0, 4));
  await tab.on(editor, ([content]) => { content.parentElement.scrollTop = content.scrollHeight; });
  await tab.until(async () => (await chips(tab)).slice(-4), rules.slice(-4));
  await tab.on(editor, ([content]) => { content.parentElement.scrollTop = 0; });
  assert.match(await verdict(tab), /^accepted/);
  assert.match(await policyText(tab), /^# A policy for a production cluster/);
  assert.equal(await eventCount(tab), 292);
  assert.equal(await tab.attribute(grid, "aria-rowcount"), "293");
  assert.equal(await tab.count(role("dialog")), 0);
  await tab.until(() => tab.text(panel), /rule \d matches/);
});

journey("a policy is pasted over a selection, and taken back", async (tab) => {
  const before = await policyText(tab);
  await pastePolicy(tab, CATCH_ALL);
  // Every event but the 158 of RequestReceived, of the production log's 292.
  await tab.until(() => chips(tab).then((all) => all.length), 3);
  await tab.focus(editor);
  await tab.press("Control+z");
  await tab.until(() => policyText(tab), before);
  await tab.until(() => written(tab), "92 of 292");
});

journey("a key in the editor changes the policy, and the answer follows", async (tab) => {
  await pastePolicy(tab, NOTHING);
  await tab.until(() => written(tab), "0 of 292");
  await tab.focus(editor);
  await tab.press("Control+End", "ArrowLeft", ...Array(4).fill("Backspace"));
  await tab.type("Metadata");
  await tab.press("Escape");
  await tab.until(() => written(tab), "292 of 292");
});

journey("a log is opened by drop and by picker", async (tab) => {
  await pastePolicy(tab, NOTHING);
  await tab.drop({ "dropped.jsonl": REQUESTS.slice(0, 5).join("\n") });
  await tab.until(() => listed(tab), /^5 events/);
  await tab.until(() => written(tab), "0 of 5");
  await tab.setFiles(PICKER, { "one.log": REQUESTS.slice(0, 3).join("\n"), "two.log": REQUESTS.slice(3, 7).join("\n") });
  await tab.until(() => listed(tab), /^7 events/);
  await tab.until(() => written(tab), "0 of 7");
  await tab.drop({ "policy.yaml": CATCH_ALL });
  await tab.until(() => policyText(tab), CATCH_ALL);
  await tab.until(() => listed(tab), /^7 events/);
});

journey("a file that is not a log is named in a sentence, and the next log is read", async (tab) => {
  await tab.setFiles(PICKER, { "notes.txt": "Monday: call Bob.\nTuesday: nothing.\n" });
  await tab.until(() => tab.evaluate(() => document.body.innerText), /notes\.txt[^\n]*not an audit log/);
  await tab.setFiles(PICKER, { "good.jsonl": REQUESTS.slice(0, 2).join("\n") });
  await tab.until(() => listed(tab), /^2 events/);
  assert.deepEqual((await tab.texts(alert)).filter(Boolean), []);
});

journey("damaged lines are listed, and the rest is read", async (tab) => {
  await tab.setFiles(PICKER, { "flawed.jsonl": [REQUESTS[0], "not JSON at all", REQUESTS[1], REQUESTS[2]].join("\n") });
  await tab.until(() => listed(tab), /^3 events/);
  await tab.click(eventsPane.role("button", /1 problem$/));
  await tab.until(() => tab.text(panel), /flawed\.jsonl:2/);
});

journey("a packed log is read", async (tab) => {
  const { gzipSync } = await import("node:zlib");
  await tab.setFiles(PICKER, { "audit.log.gz": gzipSync(REQUESTS.join("\n")) });
  await tab.until(() => listed(tab), new RegExp(`^${EVENTS.length} events`));
});

journey("events are filtered, sorted and looked into", async (tab) => {
  await openExample(tab, "Misnested verbs");
  await tab.until(() => listed(tab), /^318 events/);
  const filter = role("combobox", "Filter events");
  await fill(tab, filter, "resource:pods/exec", 20);
  await tab.until(() => listed(tab), /^9 of 318 events/);
  await tab.press("Control+a", "Backspace");
  await tab.until(() => listed(tab), /^318 events/);

  const first = async () => (await rows(tab))[0]?.join(" ");
  const before = await first();
  const time = grid.role("columnheader", /^Time/);
  await tab.click(time.css("button"));
  await tab.until(() => tab.attribute(time, "aria-sort"), /ascending|descending/);
  await tab.click(time.css("button"));
  await tab.until(async () => (await first()) !== before, true, "another event comes first");

  await tab.click(grid.css('[role=row][aria-rowindex="4"]'));
  await tab.until(() => tab.attribute(grid.css('[role=row][aria-rowindex="4"]'), "aria-selected"), "true");
  for (const [name, text] of [["As written", /Metadata|Not written/], ["Request", /requestURI/], ["Why", /rule \d matches/]]) {
    await tab.click(inspector.role("tab", name));
    await tab.until(() => tab.text(panel), text);
  }
});

journey("the volume is shown, and its number fields take what is typed", async (tab) => {
  await tab.click(effects.role("button", "Volume"));
  const volume = role("region", "Volume");
  await tab.until(() => tab.text(volume), /Written for this log/);
  const price = volume.role("spinbutton", "Price per GB ingested");
  await fill(tab, price, "0.5");
  await tab.press("Tab");
  await tab.until(() => tab.text(volume), /Ingestion cost/);
  assert.equal(await value(tab, price), "0.5");
  const { name, text } = await tab.saved(() => tab.click(volume.role("button", "Save CSV")));
  assert.match(name, /\.csv$/);
  assert.match(text, /\r\nwritten,,92,/);
  await tab.click(effects.role("button", "Events"));
  await tab.has(grid);
});

journey("an export is copied and saved", async (tab) => {
  await tab.click(banner.role("button", "Export"));
  const dialog = role("dialog", "Export");
  await tab.has(dialog.role("combobox", "Target"));
  const shown = () =>
    tab.on(dialog.role("region", "Preview of policy.yaml"), ([box]) => [...(box?.querySelectorAll(".line") ?? [])].map((line) => `${line.textContent}\n`).join(""));
  const policy = await policyText(tab);
  await tab.until(shown, policy);
  await tab.click(dialog.role("button", "Copy").at(0));
  await tab.has(dialog.role("button", "Copied"));
  assert.equal(await tab.clipboard(), policy);
  const { name, text } = await tab.saved(() => tab.click(dialog.role("button", "Save policy.yaml")));
  assert.deepEqual([name, text], ["policy.yaml", policy]);
  await tab.press("Escape");
  await tab.has(role("dialog"), 0);
});

journey("rows are saved as recorded", async (tab) => {
  await tab.setFiles(PICKER, { "three.jsonl": REQUESTS.slice(0, 3).join("\n") });
  await tab.until(() => listed(tab), /^3 events/);
  await tab.press("Alt+2", "Control+a");
  await tab.until(() => tab.text(eventsPane.css(".selected")), "3 selected");
  await tab.click(eventsPane.role("button", /^Copy and save/));
  const { text } = await tab.saved(() => tab.click(role("menuitem", /^Save .*as recorded/).at(0)));
  assert.equal(text.trimEnd(), REQUESTS.slice(0, 3).join("\n"));
});

journey("the theme is switched, and stays after a reload", async (tab) => {
  const theme = () => tab.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).colorScheme, getComputedStyle(document.body).backgroundColor]);
  const [, , asSystem] = await theme();
  await tab.click(banner.role("button", /^Theme: system/));
  await tab.click(banner.role("button", /^Theme: light/));
  await tab.until(async () => (await theme())[0], "dark");
  assert.notEqual((await theme())[2], asSystem, "the background is dark");
  await tab.reload();
  assert.equal((await theme())[0], "dark");
});

journey("Tab leads through the page and out of the editor", async (tab) => {
  await openExample(tab, "Misnested verbs");
  const names = [];
  for (let steps = 0; steps < 60; steps += 1) {
    const { role, name } = await focused(tab);
    if (role === "body" || (names.length > 3 && /^Examples/.test(name))) break;
    names.push(name);
    await tab.press("Tab");
  }
  const expected = [
    /^Examples/, /^Open log/, /^Paste log/, /^Kubernetes version/, /^Keyboard shortcuts and filter terms/, /Theme: /, /^Export/, /^Audit policy/, /^Findings/,
    /^Filter events/, /^Group by/, /^Events/, /^Why/,
  ];
  let at = 0;
  for (const name of names) if (expected[at]?.test(name)) at += 1;
  assert.equal(at, expected.length, `${expected[at]} does not come in its place among\n${names.join("\n")}`);
});

journey("the table is walked by keys", async (tab) => {
  await openExample(tab, "Catch-all first");
  await tab.press("Alt+2");
  assert.equal((await focused(tab)).name, "Events");
  const place = () =>
    tab.on(grid, ([grid]) => Number(document.getElementById(grid.getAttribute("aria-activedescendant"))?.getAttribute("aria-rowindex")) - 1);
  await tab.press("Home");
  await tab.until(place, 1);
  await tab.press("ArrowDown", "ArrowDown");
  await tab.until(place, 3);
  await tab.press("End");
  await tab.until(place, 318);
  await tab.until(() => tab.text(inspector), /requests\.jsonl:318/);
  await tab.has(css("[role=grid] [aria-selected=true]"));
});

journey("a policy that the server rejects is reported, and the previous answer stays", async (tab) => {
  await openExample(tab, "Catch-all first");
  await tab.until(() => written(tab), "172 of 318");
  await pastePolicy(tab, CATCH_ALL.replace("level: Metadata", "level: xMetadata"));
  await tab.until(() => verdict(tab), /^rejected, 3 findings/);
  assert.equal(await written(tab), "172 of 318");
  assert.match(await tab.text(answer), /rejected/);
});
