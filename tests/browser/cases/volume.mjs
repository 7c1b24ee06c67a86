// The volume panel: what is written, by whom, when, what that means, and what to change.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, root, shot, test } from "../harness.mjs";
import { native, objects } from "../native.mjs";
import { becomes, drop, editor, eventsPane, openExample, pastePolicy, press, totals, verdict } from "../page.mjs";

const pane = (page) => page.getByRole("region", { name: "Volume" });
const LOG = join(root, "web/worker/examples/control-plane.jsonl");
const EVERYTHING = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n  verbs: [create, update, patch, delete]\n- level: Metadata\n";

async function show(page) {
  await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Volume" }).click();
  await pane(page).getByText("Written for this log").waitFor();
}

/** The rows of the division that is shown: name, events. */
async function division(page) {
  const rows = await pane(page).getByRole("tabpanel").locator("tbody tr").all();
  return Promise.all(rows.map(async (row) => [await row.getByRole("rowheader").getAttribute("title"), await row.getByRole("cell").first().innerText()]));
}

/** Returns the command's estimate for the same log and policy. */
function estimated(policy, log = LOG) {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  try {
    writeFileSync(join(folder, "policy.yaml"), policy);
    const { stdout } = native(["estimate", "--policy", join(folder, "policy.yaml"), "--format", "json", log]);
    return objects(stdout)[0];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the volume is what the command estimates", {}, async (page) => {
  await openExample(page, "Production policy");
  await show(page);
  await pastePolicy(page, EVERYTHING);
  await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
  const estimate = estimated(EVERYTHING);
  await becomes(async () => (await totals(page)).writtenBytes, estimate.written.bytes);
  for (const { dimension, groups } of estimate.by) {
    await pane(page).getByRole("tab", { name: `by ${dimension}`, exact: true }).click();
    const written = groups.filter(({ events }) => events > 0);
    const spoken = (key) => (dimension === "rule" ? (key === "none" ? "no rule" : `rule ${key}`) : key || "(none)");
    const sorted = written.toSorted((one, other) => other.bytes - one.bytes).slice(0, 10);
    const expected = sorted.map(({ key, events }) => [spoken(key), events.toLocaleString("en-US")]);
    await becomes(async () => (await division(page)).slice(0, 10), expected, dimension);
  }
});

test("a figure opens to its arithmetic", {}, async (page) => {
  await openExample(page, "Production policy");
  await show(page);
  await pane(page).getByText("Bytes per day", { exact: true }).click();
  await pane(page).getByText(/÷ .*s × 1 day/).first().waitFor();
  await pane(page).getByText("History kept", { exact: true }).click();
  await pane(page).getByText(/10 rotated files × .* each = \d/).waitFor();
  await pane(page).getByRole("spinbutton", { name: "Price per GB ingested" }).fill("0.5");
  await pane(page).getByRole("spinbutton", { name: "Price per GB ingested" }).blur();
  await pane(page).getByText("Ingestion cost").waitFor();
});

test("suggestions, which take longest, are below everything that they could move, and a button leads to them", {}, async (page) => {
  await openExample(page, "Production policy");
  await pastePolicy(page, EVERYTHING);
  await show(page);
  await pane(page).getByRole("button", { name: /^\d+ suggestions?$/ }).click();
  const title = pane(page).getByRole("heading", { name: "Suggestions", exact: true });
  await becomes(() => title.evaluate((heading) => heading === document.activeElement), true);
  for (const above of [pane(page).getByRole("spinbutton").last(), pane(page).getByRole("tabpanel"), pane(page).getByText("History kept", { exact: true })]) {
    const { y, height } = await above.boundingBox();
    assert.ok(y + height <= (await title.boundingBox()).y);
  }
});

test("a proposed rule is put into the policy with one click and taken out with another", {}, async (page) => {
  await openExample(page, "Production policy");
  await pastePolicy(page, EVERYTHING);
  await show(page);
  await pane(page).getByRole("button", { name: "Pin as baseline" }).click();
  const before = await totals(page);
  const offers = pane(page).getByRole("button", { name: /^Add to policy, before rule/ });
  await offers.first().waitFor();
  const shown = await pane(page).getByRole("region", { name: /^Change to the policy: (?!omit)/ }).first().innerText();
  assert.match(shown, /^--- policy\.yaml\n\+\+\+ policy\.yaml\n@@ .* @@\n/);
  const added = shown.split("\n").filter((line) => line.startsWith("+") && !line.startsWith("+++")).map((line) => line.slice(1).trim());
  await offers.first().click();
  await becomes(async () => { const text = await editor(page).innerText(); return added.every((line) => text.includes(line)); }, true);
  await becomes(async () => (await totals(page)).written < before.written, true);
  assert.match(await editor(page).innerText(), /level: None/);
  await pane(page).getByRole("heading", { name: "Compared with the baseline" }).waitFor();
  const lost = pane(page).getByRole("table").filter({ hasText: "→ None" });
  await lost.waitFor();
  await pane(page).getByRole("button", { name: "Undo the last change" }).click();
  await becomes(() => totals(page), before);
  assert.doesNotMatch(await editor(page).innerText(), /level: None/);
});

test("a stage that findings report is suggested with its bytes, and no request loses a level", {}, async (page) => {
  await openExample(page, "Production policy");
  await pastePolicy(page, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n");
  await show(page);
  const before = await totals(page);
  const offer = pane(page).getByRole("listitem").filter({ hasText: "omit the stage RequestReceived: saves" });
  await offer.getByText(/saves [\d.]+ KB and \d+ events/).waitFor();
  await offer.getByText("no write, secret, RBAC, exec, impersonated or denied request loses a level").waitFor();
  assert.equal(await pane(page).getByText("would save bytes without losing").count(), 0);
  const events = Number(/and (\d+) events/.exec(await offer.innerText())[1]);
  await offer.getByRole("button", { name: "Add to policy, for all rules" }).click();
  await becomes(async () => (await editor(page).innerText()).includes("omitStages: [RequestReceived]"), true);
  await becomes(async () => (await totals(page)).written, before.written - events);
});

test("what no longer is seen can be listed", {}, async (page) => {
  await openExample(page, "Production policy");
  await pastePolicy(page, EVERYTHING);
  await show(page);
  await pane(page).getByRole("button", { name: "Pin as baseline" }).click();
  await pastePolicy(page, EVERYTHING.replace("- level: Request", "- level: None\n  resources:\n  - group: coordination.k8s.io\n- level: Request"));
  const link = pane(page).getByRole("button", { name: /leases$/ }).first();
  await link.click();
  await eventsPane(page).getByRole("combobox", { name: "Filter events" }).waitFor();
  assert.match(await eventsPane(page).getByRole("combobox", { name: "Filter events" }).inputValue(), /resource:leases/);
});

const event = (fields) => JSON.stringify({
  kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", auditID: "a", stage: "ResponseComplete", requestURI: "/api/v1/pods", verb: "list",
  user: { username: "u" }, responseStatus: { metadata: {}, code: 200 }, ...fields,
});
const at = (time) => ({ requestReceivedTimestamp: time, stageTimestamp: time });

test("odd logs give sentences, and never NaN or infinity", {}, async (page) => {
  const logs = {
    "one event": [event(at("2026-01-01T00:00:00.000000Z"))],
    "no times": [event({ auditID: "1" }), event({ auditID: "2" })],
    "equal times": ["1", "2", "3"].map((auditID) => event({ auditID, ...at("2026-01-01T00:00:00.000000Z") })),
    "decades apart": [event({ auditID: "1", ...at("1970-01-01T00:00:00.000000Z") }), event({ auditID: "2", ...at("2026-01-01T00:00:00.000000Z") })],
    "backwards": ["09", "05", "01"].map((hour) => event({ auditID: hour, ...at(`2026-01-01T${hour}:00:00.000000Z`) })),
  };
  await show(page);
  for (const [name, lines] of Object.entries(logs)) {
    await drop(page, { [`${name.replaceAll(" ", "-")}.log`]: lines.join("\n") });
    for (const policy of [EVERYTHING, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n"]) {
      await pastePolicy(page, policy);
      await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
      await becomes(() => pane(page).locator(".pending").count(), 0);
      await pane(page).getByText("Written for this log").waitFor();
      const text = await pane(page).innerText();
      assert.doesNotMatch(text, /NaN|infinit|undefined|∞/i, `${name}: ${policy}`);
    }
  }
  await drop(page, { "none.log": logs["no times"].join("\n") });
  await pane(page).getByText("the events bear no time, so there is no rate").waitFor();
});

test("the estimate is saved as comma-separated values", {}, async (page) => {
  await openExample(page, "Production policy");
  await show(page);
  const download = page.waitForEvent("download");
  await pane(page).getByRole("button", { name: "Save CSV" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  const { writtenBytes, written } = await totals(page);
  assert.ok(text.includes(`\r\nwritten,,${written},0,${writtenBytes},${writtenBytes},${writtenBytes}\r\n`), text.slice(0, 300));
});

for (const [width, height] of [[1440, 900], [768, 1024], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing in the volume at ${width} px, ${theme}`, { width, height, theme }, async (page) => {
      const where = page.getByRole("navigation", { name: width < 720 ? "Panes" : "Effects of the policy" });
      await where.getByRole("button", { name: "Volume" }).click();
      await pane(page).getByText("Written for this log").waitFor();
      await shot(page, `volume-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the page scrolls sideways");
      const name = await pane(page).getByRole("tabpanel").getByRole("rowheader").first().boundingBox();
      assert.ok(name.width >= 100, `a name has ${name.width} px`);
      assert.ok(await pane(page).locator(".legend .swatch").first().isVisible(), "the picture's colors are named");
      // Numbers before or over the names would look like values.
      const [before, font] = await pane(page).locator(".legend .item").first().evaluate((item) => [getComputedStyle(item, "::before").content, getComputedStyle(item).fontFamily]);
      assert.deepEqual([before, font], ["none", await page.evaluate(() => getComputedStyle(document.body).fontFamily)]);
    });
  }
}

test("a cluster is modelled, and its log read like any other", {}, async (page) => {
  await show(page);
  await pane(page).getByRole("button", { name: "Generate a log" }).click();
  const dialog = page.getByRole("dialog", { name: "Generate a log" });
  await dialog.getByRole("spinbutton", { name: "Worker nodes" }).fill("5");
  await dialog.getByRole("spinbutton", { name: "Pods", exact: true }).fill("50");
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Generate log" }).click();
  await page.getByText(/^A synthetic log of 8 nodes and 50 pods/).waitFor();
  await dialog.waitFor({ state: "detached" });
  await becomes(() => pane(page).locator(".pending").count(), 0);
  await pane(page).getByText(/rates, each with its source/).click();
  await pane(page).getByRole("row").filter({ hasText: "node lease" }).getByText("48.00").waitFor();
  // Its events are there to be looked at.
  await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Events" }).click();
  await eventsPane(page).getByText("generated log, JSON lines").waitFor();
  await page.getByRole("grid", { name: "Events" }).getByRole("row").nth(3).click();
  await page.locator(".inspector [role=tabpanel]", { hasText: /rule \d+ matches|no rule matches/ }).waitFor();
});

test("a number that no cluster can have is reported at its field, and the dialog stays open", {}, async (page) => {
  await show(page);
  await pane(page).getByRole("button", { name: "Generate a log" }).click();
  const dialog = page.getByRole("dialog", { name: "Generate a log" });
  for (const [name, text, said] of [
    ["Control-plane nodes", "0.5", "Enter a whole number from 1 to 15."],
    ["Control-plane nodes", "16", "Enter a whole number from 1 to 15."],
    ["Control-plane nodes", "", "Enter a whole number from 1 to 15."],
    ["Pods", "99999999", "Enter a whole number from 0 to 600,000."],
    ["People", "2.5", "Enter a whole number from 0 to 10,000."],
    ["Pods replaced per hour", "10000001", "Enter a number from 0 to 10,000,000."],
  ]) {
    const field = dialog.getByRole("spinbutton", { name, exact: true });
    const before = await field.inputValue();
    // By Enter and by the button, before the field is left and after.
    for (const keys of [["Enter"], ["Tab"]]) {
      await field.fill(text);
      await press(page, ...keys);
      await dialog.getByRole("alert").getByText(said).waitFor();
      assert.equal(await field.inputValue(), text, name);
      await dialog.getByRole("button", { name: "Generate log" }).click();
      assert.equal(await field.inputValue(), text, name);
      assert.ok(await dialog.isVisible());
      await field.fill(before);
      await dialog.getByRole("alert").waitFor({ state: "detached" });
    }
  }
  await shot(page, "model-wrong");
  await dialog.getByRole("button", { name: "Generate log" }).click();
  await dialog.waitFor({ state: "detached" });
});
