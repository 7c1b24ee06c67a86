// Facets and groups: what the view's events share, counted from the log's own JSON in the case.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axe, root, shot, test } from "../harness.mjs";
import { becomes, chips, eventsPane, openExample, pastePolicy, press } from "../page.mjs";

const REQUESTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n");
const EVENTS = REQUESTS.map((line) => ({ ...JSON.parse(line), bytes: line.length + 1 }));

/** Maximum number of values listed per field. */
const SHOWN = 12;

/** By the panel's headings, what an event has. */
const FIELDS = {
  Verb: ({ verb }) => [verb || "(none)"],
  User: ({ user }) => [user.username || "(none)"],
  Group: ({ user }) => (user.groups?.length ? user.groups : ["(none)"]),
  Namespace: ({ requestURI }) => [/^\/apis?\/(?:[^/]+\/){1,2}?namespaces\/([^/?]+)/.exec(requestURI)?.[1] ?? "(none)"],
  Stage: ({ stage }) => [stage],
  Status: ({ responseStatus }) => [String(responseStatus?.code ?? "(none)")],
  "Source IP": ({ sourceIPs }) => sourceIPs ?? ["(none)"],
};

/** Returns the expected list of values of a field: `["get 12", …]`, the most frequent first. */
function counted(of, events) {
  const counts = new Map();
  for (const event of events) for (const value of new Set(of(event))) counts.set(value, (counts.get(value) ?? 0) + 1);
  const key = (value) => (value === "(none)" ? "" : value);
  const sorted = [...counts].sort(([one, first], [other, second]) => second - first || (key(one) < key(other) ? -1 : 1));
  return sorted.slice(0, SHOWN).map(([value, count]) => `${value} ${count}`);
}

const listed = (page) => eventsPane(page).getByRole("status").innerText();
const box = (page) => page.getByRole("combobox", { name: "Filter events" });
const panel = (page) => eventsPane(page).getByRole("region", { name: "Facets" });
const field = (page, name) => panel(page).getByRole("region", { name, exact: true });
const value = (page, name, text) => field(page, name).getByRole("checkbox", { name: text, exact: true });

/** Returns the values that the panel lists for a field, once they belong to the view that is shown. */
async function said(page, name) {
  await panel(page).locator("[aria-busy=false]").waitFor();
  return (await field(page, name).getByRole("list").getByRole("checkbox").allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
}

/** Waits for counts of the view that is listed. */
const fresh = (page) => panel(page).locator("[aria-busy=false]").waitFor();

async function open(page, title) {
  await openExample(page, title);
  await becomes(() => listed(page), "318 events");
  await eventsPane(page).getByRole("button", { name: "Facets", exact: true }).click();
  await panel(page).waitFor();
}

test("facets count what the view's events share", {}, async (page) => {
  await open(page, "Catch-all first");
  for (const [name, of] of Object.entries(FIELDS)) await becomes(() => said(page, name), counted(of, EVENTS), name);
  await becomes(() => said(page, "Level"), ["Metadata 318"]);
  await becomes(() => said(page, "Rule"), ["rule 1 318"]);
  const written = EVENTS.filter(({ stage }) => stage !== "RequestReceived").length;
  await becomes(() => said(page, "Outcome"), [`written ${written}`, `dropped: stage omitted ${318 - written}`]);
  const users = new Set(EVENTS.map(({ user }) => user.username)).size;
  assert.ok(users <= SHOWN);
  const groups = new Set(EVENTS.flatMap(FIELDS.Group)).size;
  assert.equal(await field(page, "Group").getByRole("button", { name: /more$/ }).count(), groups > SHOWN ? 1 : 0);
  const creates = EVENTS.filter(({ verb }) => verb === "create");
  const bytes = creates.reduce((sum, event) => sum + event.bytes, 0);
  assert.match(
    await value(page, "Verb", `create ${creates.length}`).getAttribute("title"),
    new RegExp(`^verb:create: ${creates.length} events, ${(bytes / 1000).toFixed(1).replace(".", "\\.")} KB recorded$`),
  );
});

test("a facet narrows the view, and lets go of it", {}, async (page) => {
  await open(page, "Catch-all first");
  const alice = EVENTS.filter(({ user }) => user.username === "alice");
  await value(page, "User", `alice ${alice.length}`).click();
  await becomes(() => listed(page), `${alice.length} of 318 events`);
  assert.equal(await box(page).inputValue(), "user:alice");
  // The counts of a field ignore its own selection.
  for (const [name, of] of Object.entries(FIELDS)) await becomes(() => said(page, name), counted(of, name === "User" ? EVENTS : alice), name);
  const checked = value(page, "User", `alice ${alice.length}`);
  assert.equal(await checked.getAttribute("aria-checked"), "true");

  const created = alice.filter(({ verb }) => verb === "create");
  await value(page, "Verb", `create ${created.length}`).click();
  await becomes(() => listed(page), `${created.length} of 318 events`);
  assert.equal(await box(page).inputValue(), "user:alice verb:create");
  await value(page, "User", `alice ${created.length}`).click();
  const all = EVENTS.filter(({ verb }) => verb === "create");
  await becomes(() => listed(page), `${all.length} of 318 events`);
  assert.equal(await box(page).inputValue(), "verb:create");

  // A value in a typed filter is checked in the panel too.
  await box(page).fill("code:403");
  const forbidden = EVENTS.filter(({ responseStatus }) => responseStatus?.code === 403);
  await becomes(() => listed(page), `${forbidden.length} of 318 events`);
  await becomes(() => said(page, "Status"), counted(FIELDS.Status, EVENTS));
  assert.equal(await value(page, "Status", `403 ${forbidden.length}`).getAttribute("aria-checked"), "true");
});

test("a facet selects several values, by pointer and keyboard, and is cleared", {}, async (page) => {
  await open(page, "Catch-all first");
  const count = (...verbs) => EVENTS.filter(({ verb }) => verbs.includes(verb)).length;
  await value(page, "Verb", `create ${count("create")}`).click();
  await becomes(() => listed(page), `${count("create")} of 318 events`);
  await fresh(page);
  await value(page, "Verb", `delete ${count("delete")}`).focus();
  await press(page, "Space");
  await becomes(() => listed(page), `${count("create", "delete")} of 318 events`);
  assert.equal(await box(page).inputValue(), "verb:create,delete");
  await becomes(() => said(page, "Verb"), counted(FIELDS.Verb, EVENTS));
  const checked = field(page, "Verb").getByRole("checkbox", { checked: true });
  assert.equal(await checked.count(), 2);
  // Any of a field, all of the fields.
  const both = EVENTS.filter(({ verb, user }) => ["create", "delete"].includes(verb) && user.username === "alice");
  await value(page, "User", `alice ${both.length}`).click();
  await becomes(() => listed(page), `${both.length} of 318 events`);
  assert.equal(await box(page).inputValue(), "verb:create,delete user:alice");
  // What is typed is checked, and what is unchecked leaves the text.
  await box(page).fill("verb:list,get -user:bob");
  await becomes(() => checked.count(), 2);
  await fresh(page);
  await checked.first().click();
  await becomes(async () => (await box(page).inputValue()).replace(/list|get/, "x"), "verb:x -user:bob");
  await field(page, "Verb").getByRole("button", { name: "Clear Verb" }).click();
  await becomes(() => box(page).inputValue(), "-user:bob");
  assert.equal(await field(page, "Verb").getByRole("button", { name: "Clear Verb" }).count(), 0);
  // A choice by button becomes a value among others.
  await box(page).fill("");
  await eventsPane(page).getByRole("button", { name: "written", exact: true }).click();
  await fresh(page);
  const dropped = EVENTS.filter(({ stage }) => stage === "RequestReceived").length;
  await value(page, "Outcome", `dropped: stage omitted ${dropped}`).click();
  await becomes(() => box(page).inputValue(), "outcome:written,dropped-stage");
  await becomes(() => listed(page), "318 of 318 events");
});

test("every facet selects the events that it counts", {}, async (page) => {
  await open(page, "Pods without exec");
  await fresh(page);
  for (const name of [...Object.keys(FIELDS), "Rule", "Level", "Outcome", "Resource"]) {
    for (const text of (await said(page, name)).slice(0, 4)) {
      const count = Number(/\d+$/.exec(text)[0]);
      await value(page, name, text).click();
      await becomes(() => listed(page), `${count} of 318 events`, `${name}: ${text}`);
      await box(page).fill("");
      await becomes(() => listed(page), "318 events");
      await fresh(page);
    }
  }
});

test("a change of the policy changes the facets", {}, async (page) => {
  await open(page, "Catch-all first");
  await becomes(() => said(page, "Rule"), ["rule 1 318"]);
  const rules = ["{level: None, verbs: [get]}", "{level: Request, verbs: [create]}"].map((rule) => `- ${rule}\n`).join("");
  await pastePolicy(page, `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}`);
  const count = (wanted) => EVENTS.filter(({ verb }) => verb === wanted).length;
  const [gets, creates] = [count("get"), count("create")];
  const others = 318 - gets - creates;
  const sorted = (counts) => Object.entries(counts).sort(([, one], [, other]) => other - one).map(([name, count]) => `${name} ${count}`);
  await becomes(() => said(page, "Rule"), sorted({ "rule 1": gets, "rule 2": creates, "no rule": others }));
  await becomes(() => said(page, "Level"), sorted({ None: gets + others, Request: creates }));
  await becomes(async () => (await chips(page)).length, 2);
  await value(page, "Rule", `rule 2 ${creates}`).click();
  await becomes(() => listed(page), `${creates} of 318 events`);
  assert.equal(await box(page).inputValue(), "rule:2");
});

test("facets close, and are not counted while they are closed", {}, async (page) => {
  await open(page, "Catch-all first");
  const button = eventsPane(page).getByRole("button", { name: "Facets", exact: true });
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  await panel(page).getByRole("button", { name: "Close facets" }).click();
  await panel(page).waitFor({ state: "detached" });
  assert.equal(await button.getAttribute("aria-expanded"), "false");
  await box(page).fill("user:alice");
  const alice = EVENTS.filter(({ user }) => user.username === "alice");
  await becomes(() => listed(page), `${alice.length} of 318 events`);
  await button.focus();
  await press(page, "Enter");
  await becomes(() => said(page, "User"), counted(FIELDS.User, EVENTS));
});

for (const [title, column] of [["source IP", "Source IP"], ["group", "Group"], ["outcome", null]]) {
  test(`groups by ${title} sum the events, and open`, {}, async (page) => {
    await openExample(page, "Catch-all first");
    await becomes(() => listed(page), "318 events");
    await eventsPane(page).getByRole("combobox", { name: "Group by" }).selectOption(`by ${title}`);
    const groups = eventsPane(page).getByRole("region", { name: "Groups" });
    await groups.waitFor();
    const of = column ? FIELDS[column] : ({ stage }) => [stage === "RequestReceived" ? "dropped-stage" : "written"];
    const keys = new Set(EVENTS.flatMap(of));
    await becomes(() => listed(page), `${keys.size} group${keys.size === 1 ? "" : "s"}`);
    const key = [...keys][0];
    const shown = EVENTS.filter((event) => of(event).includes(key));
    const row = groups.getByRole("row").filter({ has: page.getByRole("button", { name: key, exact: true }) });
    const cells = await row.getByRole("cell").allInnerTexts();
    const bytes = shown.reduce((sum, event) => sum + event.bytes, 0);
    const rounded = bytes >= 99_950 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1000).toFixed(1)} KB`;
    assert.deepEqual(
      cells.slice(0, 3),
      [String(shown.length), String(shown.filter(({ stage }) => stage !== "RequestReceived").length), rounded],
    );
    await groups.getByRole("button", { name: key, exact: true }).click();
    await becomes(() => listed(page), `${shown.length} of 318 events`);
  });
}

for (const [width, height] of [[1440, 900], [768, 1024], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing with the facets open at ${width} px, ${theme}`, { width, height, theme }, async (page) => {
      await eventsPane(page).getByRole("button", { name: "Facets", exact: true }).click();
      await becomes(async () => (await said(page, "Verb")).length > 2, true);
      await value(page, "Verb", (await said(page, "Verb"))[0]).click();
      await becomes(() => field(page, "Verb").getByRole("checkbox", { checked: true }).count(), 1);
      await shot(page, `facets-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the page scrolls sideways");
    });
  }
}
