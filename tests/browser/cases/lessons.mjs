// Lessons: every step of every lesson with its wrong answers and its right one, as a learner gives them.
//
// The answers are those of the lessons' files; `audit-policy lesson check` says which part of the page they belong to.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { axe, root, shot, test } from "../harness.mjs";
import { native, objects } from "../native.mjs";
import { becomes, editor, eventsPane, grid, pastePolicy, policyPane, verdict } from "../page.mjs";

const FOLDER = join(root, "crates/audit-lessons/lessons");
const pane = (page) => page.getByRole("region", { name: "Lessons", exact: true });
const button = (page, name) => pane(page).getByRole("button", { name });
const current = (page) => pane(page).locator("[aria-current=step]");
const outcome = (page) => current(page).locator(".outcome");

const lessons = readdirSync(FOLDER).filter((name) => name.endsWith(".md")).map((file) => {
  const text = readFileSync(join(FOLDER, file), "utf8");
  return { file: join(FOLDER, file), text, title: /^title: (.*)$/m.exec(text)[1] };
});

async function openList(page) {
  await page.getByRole("banner").getByRole("button", { name: "Learn" }).click();
  await pane(page).waitFor();
}

async function openLesson(page, title) {
  await openList(page);
  await pane(page).locator(".lesson-entry").filter({ hasText: title }).first().click();
  await pane(page).getByRole("heading", { name: title }).waitFor();
  await current(page).waitFor();
}

/** Waits until a lesson's log is in the table, if it has one. */
const loaded = (page) => becomes(() => eventsPane(page).locator(".status").innerText().then((text) => /reading/i.test(text)), false);

/** Selects the event with this index among those that the log contains: derived ones do not count. */
async function selectEvent(page, index) {
  await loaded(page);
  const place = async () => grid(page).evaluate((grid, index) => {
    const rows = [...grid.querySelectorAll("[role=row][aria-rowindex]")].slice(1);
    const recorded = rows.filter((row) => ![...row.querySelectorAll("[role=gridcell]")].some((cell) => cell.textContent.trim() === "derived"));
    return Number(recorded[index]?.getAttribute("aria-rowindex") ?? 0);
  }, index);
  await becomes(() => place().then((row) => row > 0), true);
  await grid(page).locator(`[aria-rowindex="${await place()}"]`).click();
}

/** Gives an answer where it belongs. */
async function give(page, answer) {
  if (answer.policy !== undefined) return pastePolicy(page, answer.policy);
  if (answer.event !== undefined) return selectEvent(page, answer.event);
  const field = current(page).getByRole("textbox");
  await field.fill((answer.flags ?? answer.manifest ?? answer.text).replace(/\n$/, answer.text === undefined ? "\n" : ""));
  if (answer.text !== undefined) await button(page, "Check").click();
}

const said = (page) => outcome(page).innerText().then((text) => text.replace(/\s+/g, " "));

for (const { file, title } of lessons) {
  test(`Lessons: ${title}, with wrong answers and right ones`, { height: 1600 }, async (page) => {
    await openLesson(page, title);
    const steps = objects(native(["lesson", "check", "--format", "json", file]).stdout);
    assert.ok(steps.length > 1);
    for (const [at, { step, answer, wrong }] of steps.entries()) {
      await current(page).getByText(step, { exact: true }).waitFor();
      for (const one of wrong) {
        await give(page, one.answer);
        await becomes(async () => (await said(page)).includes(one.reason) || (await said(page)), true, `${step}: ${one.reason}`);
        assert.match(await said(page), /^Not yet: /);
      }
      await give(page, answer);
      await becomes(async () => /^✓ /.test(await said(page)) || (await said(page)), true, `${step}: the model answer`);
      if (at + 1 < steps.length) await button(page, "Next step").click();
    }
    await pane(page).getByText("✓ Lesson complete.").waitFor();
    await button(page, "All lessons").click();
    await pane(page).locator(".lesson-entry").filter({ hasText: title }).getByText("✓ complete").waitFor();
  });
}

test("Lessons: hints come one by one, and a step starts over", {}, async (page) => {
  await openLesson(page, "Four levels");
  await button(page, "Hint").click();
  await current(page).getByText("Look for the fields", { exact: false }).waitFor();
  assert.equal(await button(page, "Hint").count(), 0, "there is one");
  await pane(page).getByRole("button", { name: /Four rules/ }).click();
  await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
  await pastePolicy(page, "rules: []\n");
  await becomes(() => said(page).then((text) => text.startsWith("Not yet")), true);
  await button(page, "Start over").click();
  await becomes(() => editor(page).innerText().then((text) => text.includes("- level: Metadata")), true);
});

test("Lessons: a worksheet has the lesson alone, with room for answers", {}, async (page) => {
  await openLesson(page, "Subresources");
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  await page.getByRole("heading", { name: "Subresources", level: 2 }).waitFor();
  assert.equal(await page.getByText("Name:", { exact: true }).isVisible(), true);
  assert.equal(await policyPane(page).isVisible(), false, "its findings would give answers away");
  await shot(page, "lesson-worksheet");
});

test("Lessons: an event that the log does not contain is not an answer", {}, async (page) => {
  await openLesson(page, "Four levels");
  await loaded(page);
  await grid(page).getByRole("row").filter({ hasText: "derived" }).first().click();
  await becomes(() => said(page).then((text) => text.startsWith("Not yet: this event is derived")), true);
});

test("Lessons: a wrong answer opens the request that shows it", {}, async (page) => {
  await openLesson(page, "Four levels");
  await pane(page).getByRole("button", { name: /Four rules/ }).click();
  await pastePolicy(page, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n");
  await becomes(() => said(page).then((text) => text.startsWith("Not yet")), true);
  await current(page).getByText("Show request").click();
  await shot(page, "lesson-wrong");
});

test("Lessons: progress and place outlive a reload, and the user's own work is kept", {}, async (page, watch) => {
  await pastePolicy(page, "# mine\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n");
  await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
  await openLesson(page, "Four levels");
  await selectEvent(page, 2);
  await button(page, "Next step").click();
  await current(page).getByText("What somebody read").waitFor();
  await page.waitForTimeout(1500);
  await page.reload();
  await current(page).getByText("What somebody read").waitFor();
  await pane(page).getByText("1, solved").waitFor({ state: "attached" });
  await becomes(() => grid(page).getAttribute("aria-rowcount"), "7", "its log is open again: a header, three events, and the first stage of each");
  watch.forgive(/^request after load/);
  watch.loaded();
  const kept = await page.evaluate(() => Object.values(localStorage).filter((text) => text.includes("# mine")).length);
  assert.equal(kept, 1, "the user's own workspace is stored as it was");
});

test("Lessons: a lesson of one's own is tried, shared, saved, and has its errors with their lines", {}, async (page, watch) => {
  await openList(page);
  await button(page, "Write a lesson…").click();
  const text = pane(page).getByRole("textbox", { name: "Text of the lesson" });
  await becomes(() => text.inputValue().then((value) => value.startsWith("---\nid: my-lesson\n")), true);
  const own = (await text.inputValue()).replace(/^title: .*$/m, "title: Our own");
  await text.fill(own.replaceAll("```yaml check", "```yaml checks"));
  await button(page, "Try it").click();
  await pane(page).getByText("unknown block", { exact: false }).first().waitFor();
  await text.fill(own);
  await button(page, "Try it").click();
  await pane(page).getByRole("heading", { name: "Our own" }).waitFor();

  await page.getByRole("banner").getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share" });
  assert.ok(await dialog.getByRole("checkbox", { name: "The lesson, from its first step" }).isChecked());
  await shot(page, "lesson-share");
  const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
  await page.keyboard.press("Escape");
  const other = await page.context().newPage();
  await other.goto(link);
  await pane(other).getByRole("heading", { name: "Our own" }).waitFor();
  await other.close();
  watch.loaded();

  await button(page, "All lessons").click();
  await button(page, "Continue the lesson that you write").click();
  const saved = page.waitForEvent("download");
  await button(page, "Save as file").click();
  const file = await (await saved).path();
  assert.equal(readFileSync(file, "utf8"), own);
});

for (const { width, theme } of [{ width: 1440, theme: "light" }, { width: 768, theme: "dark" }, { width: 390, theme: "light" }]) {
  test(`Lessons: readable and accessible at ${width} px, ${theme}`, { width, theme }, async (page) => {
    await openList(page);
    await axe(page);
    await shot(page, `lessons-${width}-${theme}`);
    await pane(page).locator(".lesson-entry").filter({ hasText: "A long list of flags" }).click();
    await current(page).waitFor();
    await axe(page);
    await shot(page, `lesson-${width}-${theme}`);
    // Nothing is wider than the screen.
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    if (width > 500) assert.ok(await policyPane(page).isVisible());
  });
}
