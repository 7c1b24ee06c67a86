// Findings about the log, and the timeline of an object: what is odd, and who did what, each with the events behind it.

import assert from "node:assert/strict";
import { axe, shot, test } from "../harness.mjs";
import { becomes, drop, eventsPane, grid, panel, pastePolicy, tab, verdict } from "../page.mjs";

const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived, ResponseStarted]\nrules:\n- level: Metadata\n";
const POD = "/api/v1/namespaces/shop/pods/web-0";

const event = (second, verb, requestURI, username, fields = {}) => ({
  kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", auditID: `id-${second}`, stage: "ResponseComplete", requestURI, verb,
  user: { username, groups: ["dev"] }, responseStatus: { metadata: {}, code: 200 },
  requestReceivedTimestamp: `2026-01-02T03:04:${String(second).padStart(2, "0")}.000000Z`, stageTimestamp: `2026-01-02T03:04:${String(second).padStart(2, "0")}.500000Z`, ...fields,
});
const exec = `${POD}/exec?command=mysql&command=--password%3Dhunter2`;
const LOG = [
  event(1, "create", "/api/v1/namespaces/shop/pods", "ann", { objectRef: { resource: "pods", namespace: "shop", name: "web-0" }, responseStatus: { metadata: {}, code: 201 } }),
  event(2, "get", POD, "ann"),
  event(3, "create", exec, "ann", { responseStatus: { metadata: {}, code: 101 } }),
  event(4, "create", exec, "bob", { responseStatus: { metadata: {}, code: 101 } }),
  event(5, "list", "/api/v1/namespaces/shop/secrets", "system:anonymous"),
  event(6, "get", "/api/v1/nodes", "system:admln"),
  event(7, "delete", POD, "bob", { responseStatus: { metadata: {}, code: 403 } }),
  event(8, "delete", POD, "ann"),
];

/** Opens the log with a policy. */
async function open(page, width = 1440) {
  const pane = (name) => page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name }).click();
  await drop(page, { "a.log": LOG.map((one) => `${JSON.stringify(one)}\n`).join("") });
  if (width < 720) await pane("Policy");
  await pastePolicy(page, POLICY);
  await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
  await page.getByText(/ (of|from) 8$/).first().waitFor({ state: "attached" });
  if (width < 720) await pane("Inspector");
}

const found = (page) => panel(page).getByRole("list", { name: "Log findings" }).getByRole("listitem");
const listed = (page) => eventsPane(page).locator(".listed").innerText();

test("what is odd about a log is counted, listed and explained", {}, async (page) => {
  await open(page);
  await eventsPane(page).getByRole("button", { name: "3 findings" }).click();
  assert.equal(await tab(page, "Log findings 3").getAttribute("aria-selected"), "true");
  assert.deepEqual(await Promise.all((await found(page).locator(".place").all()).map((place) => place.innerText())).then((all) => all.flatMap((text) => text.match(/^AL\d+/) ?? [])), ["AL004", "AL005", "AL007"]);
  await panel(page).getByText("3 findings in 8 events.").waitFor();
  await found(page).nth(1).getByRole("button", { name: /^List 2 events/ }).click();
  await becomes(() => listed(page), "2 of 8 events");
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute("role")), "grid");
  await eventsPane(page).getByRole("button", { name: /with a secret in the URL/ }).click();
  await becomes(() => listed(page), "8 events");
  await found(page).nth(2).getByRole("button", { name: /^List the events/ }).click();
  await becomes(() => listed(page), "1 of 8 events");
  await found(page).nth(0).getByRole("button", { name: "a.log:5" }).click();
  await panel(page).getByText(/rule 1 matches/).waitFor();
  await becomes(() => listed(page), "8 events");
  await tab(page, "Log findings").click();
  await found(page).nth(1).getByRole("button", { name: "About AL005" }).click();
  await page.getByRole("dialog").getByRole("heading", { name: /^AL005: a secret on a command line/ }).waitFor();
});

test("the timeline of an object is a picture and a table, and a row opens its event", {}, async (page) => {
  await open(page);
  await grid(page).getByText("get").first().click();
  await tab(page, "Request").click();
  await panel(page).getByRole("button", { name: "Timeline of pods web-0 in shop" }).click();
  const table = panel(page).getByRole("table");
  await table.waitFor();
  const cells = await Promise.all((await table.locator("tbody tr").all()).map((row) => row.locator("th, td").allInnerTexts()));
  assert.deepEqual(cells.map(([time, verb, user, status, level]) => [time.slice(11, 19), verb, user, status, level]), [
    ["03:04:01", "create pods", "ann", "201", "Metadata"],
    ["03:04:02", "get pods", "ann", "200", "Metadata"],
    ["03:04:03", "create pods/exec", "ann", "101", "Metadata"],
    ["03:04:04", "create pods/exec", "bob", "101", "Metadata"],
    ["03:04:07", "delete pods", "bob", "403", "Metadata"],
    ["03:04:08", "delete pods", "ann", "200", "Metadata"],
  ]);
  const picture = panel(page).getByRole("figure", { name: /^Requests over time/ });
  assert.deepEqual(await picture.getByRole("img").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label").split(",")[0])), ["Writes: 5", "Reads: 1", "Failed: 1"]);
  await shot(page, "timeline-1440");
  await table.getByRole("button").nth(4).click();
  await page.locator(".event-title").getByText(/a\.log:7/).waitFor();
  await panel(page).getByText(/rule 1 matches/).waitFor();
  await tab(page, "Timeline").click();
  await table.waitFor();
});

for (const { width, theme } of [{ width: 390, theme: "light" }, { width: 390, theme: "dark" }, { width: 1440, theme: "dark" }]) {
  test(`log findings and a timeline are accessible at ${width} px, ${theme}`, { width, theme }, async (page) => {
    await open(page, width);
    await tab(page, "Log findings").click();
    await panel(page).getByText("3 findings in 8 events.").waitFor();
    assert.deepEqual(await axe(page), []);
    await shot(page, `log-findings-${width}-${theme}`);
    await found(page).nth(1).getByRole("button", { name: "a.log:3" }).click();
    await tab(page, "Timeline").click();
    await panel(page).getByRole("button", { name: "Timeline of pods web-0 in shop" }).click();
    await panel(page).getByRole("table").waitFor();
    assert.deepEqual(await axe(page), []);
    await shot(page, `timeline-${width}-${theme}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing scrolls sideways");
  });
}
