// The page in one file, where there is no server: opened from disk, and in a frame with a sandbox. A copy that was cut or changed reports that.

import assert from "node:assert/strict";
import { journey } from "../journeys.mjs";
import { PICKER, answer, banner, eventsPane, grid, inspector, large, panel, pastePolicy, policyText, verdict, written } from "../person.mjs";
import { sendAll, sendFromWorker, sending } from "../send-all.mjs";
import { css, role } from "../target.mjs";

const NOTHING = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";
const EVERYTHING = NOTHING.replace("None", "Metadata");

/** Does what a visitor does first: looks at the answer, asks why, and changes the policy. */
async function visit(tab) {
  // The first example's: of 292 events, 92 are written.
  await tab.until(() => written(tab), "92 of 292");
  assert.match(await verdict(tab), /^accepted/);
  assert.equal(await tab.count(banner.role("button", "Sealed")), 1);
  const fourth = grid.css('[role=row][aria-rowindex="4"]');
  await tab.click(fourth);
  await tab.until(() => tab.attribute(fourth, "aria-selected"), "true");
  await tab.click(inspector.role("tab", "Why"));
  await tab.until(() => tab.text(panel), /rule \d matches/);
  await pastePolicy(tab, NOTHING);
  await tab.until(() => written(tab), "0 of 292");
}

/** Clicks into the page, so that keys go there and not to the page around a frame. */
async function enter(tab) {
  await tab.click(eventsPane.css(".status"));
}

/** In a window: collects the names of workers when they start. */
const OBSERVED = `{
  window.__sent = [];
  new BroadcastChannel("started").onmessage = ({ data }) => window.__sent.push(data);
  window.Blob = class extends Blob {
    constructor(parts, options) {
      super(options?.type === "text/javascript" ? ['new BroadcastChannel("started").postMessage(self.name);', ...parts] : parts, options);
    }
  };
}`;

/** Opens a log that the engine reads with helpers. */
async function readLarge(tab) {
  await enter(tab);
  await pastePolicy(tab, EVERYTHING);
  const lines = large();
  await tab.setFiles(PICKER, { "large.jsonl": lines.join("\n") });
  const count = lines.length.toLocaleString("en-US");
  await tab.until(() => written(tab), `${count} of ${count}`);
  // WebKit has no readers here, and runs nothing before the page's scripts.
  const started = await tab.evaluate(() => /** @type {any} */ (window).__sent);
  if (started) assert.ok(started.filter((name) => name === "reader").length > 1, started.join());
  await tab.focus(grid);
  await tab.press("End");
  await tab.until(() => tab.text(inspector), new RegExp(`large\\.jsonl:${lines.length}`));
}

/** Saves the policy from the export, and the log as it would have been written. */
async function save(tab) {
  await enter(tab);
  await pastePolicy(tab, EVERYTHING);
  await tab.until(() => written(tab), /^([\d,]+) of \1$/);
  await tab.click(banner.role("button", "Export"));
  const dialog = role("dialog", "Export");
  const { name, text } = await tab.saved(() => tab.click(dialog.role("button", "Save policy.yaml")));
  assert.deepEqual([name, text], ["policy.yaml", await policyText(tab)]);
  await tab.press("Escape");
  await tab.has(role("dialog"), 0);
  await tab.click(eventsPane.role("button", /^Copy and save/));
  const log = await tab.saved(() => tab.click(role("menuitem", /^Save the whole log as written/)));
  const levels = log.text.trimEnd().split("\n").map((line) => JSON.parse(line).level);
  assert.deepEqual(levels, Array(292).fill("Metadata"));
}

/** Has the page, and a worker of it, try to send something to a server that waits for it, and then has the page check itself. */
async function send(tab) {
  const before = tab.requests.length;
  await tab.evaluate(`() => { ${sending} }`);
  assert.deepEqual(await tab.evaluate(sendAll, `${tab.origin}/sent-by-page-`), []);
  assert.deepEqual(await tab.evaluate(sendFromWorker, `${tab.origin}/sent-by-worker-`, sending), []);
  assert.deepEqual(tab.requests.slice(before), []);
  await tab.click(banner.role("button", "Sealed"));
  const dialog = role("dialog", "Nothing leaves this page");
  await tab.click(dialog.role("button", "Check"));
  await tab.until(() => tab.text(dialog.role("status")), "None of 20 attempts left this page.");
  await tab.press("Escape");
  await tab.has(css("dialog"), 0);
}

/** Reports of browsers about what they block. */
const BLOCKED = /^(?!request seen)/;

const PLACES = /** @type {const} */ ({ disk: "opened from disk", frame: "in a frame with a sandbox" });
for (const [place, where] of /** @type {[keyof typeof PLACES, string][]} */ (Object.entries(PLACES))) {
  journey(`the page in one file answers, ${where}`, async (tab) => {
    await visit(tab);
    // Of a frame, the page around it and the file.
    assert.deepEqual(tab.requests, place === "disk" ? [] : ["/host.html", "/audit-policy-playground.html"]);
  }, { place });

  journey(`the page in one file saves, ${where}`, save, { place });

  journey(`the page in one file reads a log of many megabytes, ${where}`, readLarge, { place, before: OBSERVED });

  journey(`the page in one file can send nothing, ${where}`, send, { place, expected: BLOCKED });
}

journey("a copy of the one file that was cut reports that", async (tab) => {
  await tab.until(() => tab.text(css("#starting")), "This page cannot start: the end of its file is missing. Copy or download it again.");
  // The static page is still there.
  assert.match(await tab.text(answer), /92 of 292/);
}, { place: "cut.html" });

journey("a copy of the one file that was changed reports that", async (tab) => {
  await tab.until(() => tab.text(css("#starting")), "This page cannot start: its file is damaged. Copy or download it again.");
}, { place: "changed.html" });
