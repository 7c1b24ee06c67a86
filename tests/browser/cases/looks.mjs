// The page as a person first sees it: accessible and not wider than the window, in every size and theme, and a picture of each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axe, root, shot, test } from "../harness.mjs";
import { answer, becomes, drop, openExample } from "../page.mjs";

for (const [width, height] of [[1440, 900], [768, 1024], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing at ${width} px, ${theme}`, { width, height, theme }, async (page) => {
      await shot(page, `${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the page scrolls sideways");
    });
  }
}

test("at 390 px most of the screen is for the events", { width: 390, height: 844 }, async (page) => {
  const panes = await page.getByRole("navigation", { name: "Panes" }).boundingBox();
  assert.ok(panes && panes.y + panes.height <= 0.4 * 844, `header, answer and panes end at ${panes && panes.y + panes.height} px`);
  // The rest of an example's text is shown once it is touched.
  const story = answer(page).locator(".story");
  const isCut = () => story.evaluate((text) => text.scrollHeight > text.clientHeight);
  assert.equal(await isCut(), true);
  await story.hover();
  await becomes(isCut, false);
});

test("at 390 px nothing is left empty where an example's text was", { width: 390, height: 844 }, async (page) => {
  await openExample(page, "Catch-all first");
  await shot(page, "notes-390-story");
  const events = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").split("\n").slice(0, 7);
  await drop(page, { "mine.jsonl": events.join("\n") });
  const notes = answer(page).locator(".notes");
  await notes.locator(".story").waitFor({ state: "detached" });
  await page.evaluate(() => scrollTo(0, 0));
  await shot(page, "notes-390");
  // Two lines of text are kept free, and no more.
  const [height, line] = await notes.evaluate((notes) => [notes.clientHeight, Number.parseFloat(getComputedStyle(notes).lineHeight)]);
  const lines = await notes.evaluate((notes) => [...notes.children].reduce((sum, one) => sum + one.getBoundingClientRect().height, 0));
  assert.ok(height <= Math.max(lines, 2 * line) + 1, `${height} px for ${lines} px of text`);
});
