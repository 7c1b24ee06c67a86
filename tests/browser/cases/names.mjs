// Names that look like others, and very long ones, wherever the page shows them.

import assert from "node:assert/strict";
import { axe, shot, test } from "../harness.mjs";
import { becomes, choose, drop, editor, eventsPane, findings, grid, panel, pastePolicy, tab } from "../page.mjs";

/** "admin" with a Cyrillic а, a name with a reversal of direction and a zero-width space, and one of 2,000 characters. */
const MIXED = "\u0430dmin";
const HIDDEN = "ali\u202ece\u200b";
const LONG = `long-${"n".repeat(1990)}-tail`;

const event = (id, username, more = {}) => JSON.stringify({
  kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", auditID: id, stage: "ResponseComplete",
  requestURI: `/api/v1/namespaces/${more.namespace ?? "default"}/pods/${encodeURIComponent(more.name ?? "web")}`, verb: "get",
  user: { username, groups: more.groups ?? ["system:authenticated"] }, sourceIPs: ["10.0.0.1"],
  objectRef: { resource: "pods", namespace: more.namespace ?? "default", name: more.name ?? "web", apiVersion: "v1" },
  responseStatus: { code: 200 }, requestReceivedTimestamp: `2026-01-01T0${id}:00:00.000000Z`, stageTimestamp: `2026-01-01T0${id}:00:00.000000Z`,
});
const LOG = [
  event("1", MIXED, { groups: [MIXED] }), event("2", HIDDEN, { name: `pod${MIXED}` }), event("3", LONG, { groups: [LONG] }), event("4", "alice"),
].join("\n");
// The log has no RequestReceived events; without this they would be derived.
const HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n";
const POLICY = `${HEAD}- level: None\n  users: ["${MIXED}", "${HIDDEN}"]\n  verbs: ["${MIXED}"]\n- level: Metadata\n`;

async function open(page) {
  await drop(page, { [`${MIXED}.log`]: LOG });
  await becomes(() => eventsPane(page).getByRole("status").innerText(), "4 events");
}

/** Returns the marks in a part of the page: words with the reason, and characters by their code points. */
const marks = (part) => part.evaluateAll((parts) => parts.flatMap((part) => [
  ...[...part.querySelectorAll(".lookalike")].map((mark) => `${mark.firstChild.textContent}: ${mark.title}`),
  ...[...part.querySelectorAll(".hidden-char")].map((mark) => mark.textContent),
]));
const WHY = `${MIXED}: mixes Latin and Cyrillic`;

/** Checks that no text in a part is too long for a line, except titles, and that no text contains an invisible character. */
async function isTame(part) {
  const texts = await part.evaluateAll((parts) => parts.flatMap((part) => {
    const texts = [];
    const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) texts.push(walk.currentNode.textContent);
    const attributes = [...part.querySelectorAll("*")].flatMap((one) => ["title", "aria-label"].map((name) => one.getAttribute(name) ?? ""));
    return [...texts.map((text) => [text, true]), ...attributes.map((text) => [text, false])];
  }));
  for (const [text, isShort] of texts) {
    assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]/);
    if (isShort) assert.ok(text.length < 400, `${text.slice(0, 60)}… has ${text.length} characters`);
  }
}

test("names that look like others are marked, and long ones shortened, wherever they are", {}, async (page) => {
  await open(page);
  const part = (locator) => locator;
  const check = async (locator, wanted, what) => {
    await becomes(async () => {
      const found = await marks(part(locator));
      return wanted.filter((mark) => !found.includes(mark));
    }, [], what);
    await isTame(locator);
  };
  await check(grid(page), [WHY, "U+202E", "U+200B"], "table");
  await check(eventsPane(page).locator(".status"), [WHY], "status line");
  await grid(page).locator(`bdi[title="${LONG}"]`).first().waitFor();

  await eventsPane(page).getByRole("button", { name: "Facets", exact: true }).click();
  const facets = eventsPane(page).getByRole("region", { name: "Facets" });
  await facets.locator("[aria-busy=false]").waitFor();
  await check(facets, [WHY, "U+202E"], "facets");
  await shot(page, "names-facets");
  await facets.getByRole("checkbox", { name: /^ali U/ }).click();
  await check(eventsPane(page).locator(".odd-filter"), ["U+202E", "U+200B"], "filter");
  await page.getByRole("combobox", { name: "Filter events" }).fill("");
  await facets.getByRole("button", { name: "Close facets" }).click();

  for (const column of ["user", "group"]) {
    await eventsPane(page).getByRole("combobox", { name: "Group by" }).selectOption(`by ${column}`);
    const groups = eventsPane(page).getByRole("region", { name: "Groups" });
    await groups.waitFor();
    await check(groups, [WHY], `groups by ${column}`);
  }
  await eventsPane(page).getByRole("combobox", { name: "Group by" }).selectOption("");

  await pastePolicy(page, POLICY);
  await becomes(() => findings(page).getByRole("listitem").count().then((count) => count > 0), true);
  await check(findings(page), [WHY], "findings");
  /** @type {[number, string, string[]][]} */
  const panels = [[0, "Why", []], [0, "Request", [WHY]], [1, "Request", ["U+202E"]], [1, "As written", ["U+202E"]], [0, "As written", [WHY]]];
  for (const [place, name, wanted] of panels) {
    await choose(page, place);
    await tab(page, name).click();
    await becomes(async () => { const found = await marks(panel(page)); return wanted.filter((mark) => !found.includes(mark)); }, [], `${name} of ${place}`);
  }
  await check(page.locator(".event-title"), [WHY], "event title");
  // The whole of a long name is one click away.
  await choose(page, 2);
  await tab(page, "Request").click();
  const long = panel(page).locator("details.long-name").first();
  await long.locator("summary").click();
  await becomes(async () => (await long.locator("> bdi").innerText()).length, LONG.length);
  await shot(page, "names-inspector");
  assert.deepEqual(await axe(page), []);

  await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Volume" }).click();
  const volume = page.getByRole("region", { name: "Volume" });
  await volume.getByRole("tab", { name: "by user" }).click();
  await check(volume.getByRole("tabpanel"), [], "volume");
  await pastePolicy(page, `${HEAD}- level: Metadata\n`);
  await becomes(async () => (await marks(volume.getByRole("tabpanel"))).filter((mark) => [WHY, "U+202E"].includes(mark)).length, 2, "volume by user");
  await check(volume.getByRole("tabpanel"), [WHY, "U+202E", "U+200B"], "volume by user");
  assert.deepEqual(await axe(page), []);
});

test("the sign for an invisible character has room of its own, as written too", {}, async (page) => {
  await open(page);
  await grid(page).getByRole("row").filter({ hasText: "U+202E" }).first().click();
  await tab(page, "As written").click();
  const sign = panel(page).locator(".hidden-char").first();
  await sign.waitFor();
  await shot(page, "as-written-hidden");
  const [inner, outer] = await sign.evaluate((sign) => {
    const range = document.createRange();
    range.selectNodeContents(sign);
    return [range.getBoundingClientRect().width, sign.getBoundingClientRect().width];
  });
  assert.ok(outer >= inner, `${inner} px of text in ${outer} px`);
});

test("what is invisible or mixed in the policy is marked in the editor and its help", {}, async (page) => {
  await pastePolicy(page, POLICY);
  await becomes(() => marks(editor(page)), [WHY, WHY, "U+202E", "U+200B"]);
  await shot(page, "names-editor");
  await editor(page).focus();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("F8");
  const help = page.locator(".cm-help-finding").first();
  await help.waitFor();
  await isTame(page.locator(".cm-help"));
  assert.deepEqual(await axe(page), []);
});
