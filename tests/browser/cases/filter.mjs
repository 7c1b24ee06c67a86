// The filter: what it says about a term that it does not know, and its completions, by keyboard and on a phone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axe, root, shot, test } from "../harness.mjs";
import { becomes, eventsPane, openExample, panel, press } from "../page.mjs";

const EVENTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));

const box = (page) => page.getByRole("combobox", { name: "Filter events" });
const listed = (page) => eventsPane(page).getByRole("status").innerText();
const options = (page) => page.getByRole("listbox", { name: "Completions" }).getByRole("option");
const problems = async (page) => (await page.locator("#filter-problems p").allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
const chosen = (page) => page.getByRole("listbox", { name: "Completions" }).getByRole("option", { selected: true });

async function open(page) {
  await openExample(page, "Catch-all first");
  await becomes(() => listed(page), "318 events");
}

test("the inspector shows no event while the filter leaves none", {}, async (page) => {
  await open(page);
  const isEmpty = async () => (await panel(page).innerText()).startsWith("No event selected");
  await becomes(isEmpty, false);
  await box(page).fill("user:nobody-here");
  await becomes(() => listed(page), "0 of 318 events");
  await becomes(isEmpty, true);
  await box(page).fill("");
  await becomes(() => listed(page), "318 events");
  await becomes(isEmpty, false);
});

test("the filter says what is wrong with a term, and where; the rest applies", {}, async (page) => {
  await open(page);
  const alice = EVENTS.filter(({ user }) => user.username === "alice").length;
  await box(page).fill("user:alice code:abc");
  await becomes(() => problems(page), ["▲ filter: abc is not a status, left out: write a status such as 403, 4xx, >=400 or 500..599 at character 17"]);
  await becomes(() => listed(page), `${alice} of 318 events`);
  assert.equal(await box(page).getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#filter-problems").getAttribute("aria-live"), "polite");
  // The place is selected on request.
  await page.getByRole("button", { name: "at character 17" }).click();
  assert.equal(await page.evaluate(() => window.getSelection()?.toString() || (({ value, selectionStart, selectionEnd }) =>
    value.slice(selectionStart, selectionEnd))(/** @type {HTMLInputElement} */ (document.activeElement))), "abc");
  // An unknown field is text, and is reported at once where more follows.
  await box(page).fill("usr:alice pods");
  await becomes(() => problems(page), ["▲ filter: unknown field usr, searched for as text: did you mean user:alice? at character 1"]);
  await becomes(() => listed(page), "0 of 318 events");
  // Names with colons are words.
  await box(page).fill("system:masters");
  await becomes(async () => /^\d+ of 318 events$/.test(await listed(page)), true);
  await page.waitForTimeout(900);
  assert.deepEqual(await problems(page), []);
  assert.equal(await box(page).getAttribute("aria-invalid"), null);
});

test("terms compare, exclude and combine", {}, async (page) => {
  await open(page);
  const code = ({ responseStatus }) => responseStatus?.code ?? 0;
  /** @type {[string, (event: any) => boolean][]} */
  const table = [
    ["code:>=400", (event) => code(event) >= 400],
    ["code:4xx", (event) => code(event) >= 400 && code(event) < 500],
    ["-verb:get,list", ({ verb }) => !["get", "list"].includes(verb)],
    ["verb:create,delete -user:alice", ({ verb, user }) => ["create", "delete"].includes(verb) && user.username !== "alice"],
    ["useragent:kubectl", ({ userAgent }) => (userAgent ?? "").includes("kubectl")],
    [`auditID:${EVENTS[200].auditID}`, ({ auditID }) => auditID === EVENTS[200].auditID],
  ];
  for (const [text, selects] of table) {
    const count = EVENTS.filter(selects).length;
    await box(page).fill(text);
    await becomes(() => listed(page), `${count} of 318 events`, text);
  }
});

test("fields and values are completed by keyboard", {}, async (page) => {
  await open(page);
  await box(page).pressSequentially("-us");
  await becomes(() => options(page).allInnerTexts().then((all) => all.map((text) => text.split(/\s/)[0])), ["user:", "userGroup:", "useragent:"]);
  assert.equal(await box(page).getAttribute("aria-expanded"), "true");
  await press(page, "ArrowDown");
  await chosen(page).waitFor();
  assert.equal(await box(page).getAttribute("aria-activedescendant"), await chosen(page).getAttribute("id"));
  await press(page, "Tab");
  assert.equal(await box(page).inputValue(), "-user:");
  await box(page).pressSequentially("ali");
  await becomes(() => options(page).allInnerTexts(), ["alice"]);
  await press(page, "ArrowDown", "Enter");
  assert.equal(await box(page).inputValue(), "-user:alice");
  await options(page).first().waitFor({ state: "detached" });
  const others = EVENTS.filter(({ user }) => user.username !== "alice").length;
  await becomes(() => listed(page), `${others} of 318 events`);
  // A value within the text, and one more behind a comma.
  await box(page).fill("verb:create,de pods");
  await page.evaluate(() => /** @type {HTMLInputElement} */ (document.activeElement).setSelectionRange(14, 14));
  await press(page, "Alt+ArrowDown");
  await options(page).filter({ hasText: /^delete$/ }).click();
  assert.equal(await box(page).inputValue(), "verb:create,delete pods");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "filter");
  // Escape closes the list, then clears the filter; the list closes with the focus.
  await box(page).fill("le");
  await options(page).first().waitFor();
  await press(page, "Escape");
  assert.equal(await box(page).inputValue(), "le");
  await press(page, "Escape");
  await becomes(() => box(page).inputValue(), "");
  await box(page).fill("le");
  await options(page).first().waitFor();
  await press(page, "Shift+Tab");
  await options(page).first().waitFor({ state: "detached" });
});

for (const [width, height] of [[1440, 900], [768, 1024], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing with completions and problems at ${width} px, ${theme}`, { width, height, theme }, async (page) => {
      await eventsPane(page).getByRole("button", { name: "Facets", exact: true }).waitFor();
      await box(page).fill("usr:alice code:abc us");
      await options(page).first().waitFor();
      await press(page, "ArrowDown");
      await chosen(page).waitFor();
      await becomes(async () => (await problems(page)).length, 2);
      await shot(page, `filter-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      const list = await page.getByRole("listbox", { name: "Completions" }).boundingBox();
      assert.ok(list && list.x >= 0 && list.x + list.width <= width, "the list is off the page");
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the page scrolls sideways");
    });
  }
}
