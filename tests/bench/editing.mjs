// From a key in the policy to the new answer of a log that is open.

import { readFileSync } from "node:fs";
import { editor } from "../browser/page.mjs";
import { POLICY, withProduct } from "./browser.mjs";
import { open } from "./reading.mjs";

const EDITS = 20;
/** A person's pause, and long enough for anything that follows an edit to come to rest. */
const PAUSE_MS = 400;
/** A verb of a rule that decides much of the log: with a letter more, the rule no longer takes its requests. */
const PLACE = { line: "- {level: Request, verbs: [get", after: "get" };

/**
 * Types a letter and deletes it, in turn.
 * @returns {Promise<{ shown: number, worker: number, settled: number }[]>} by edit, milliseconds: until the answer was on the screen, until
 * the worker had answered, until rows and inspector followed
 */
export function edits(site, log) {
  return withProduct(site, {}, async (page) => {
    await open(page, log);
    await goTo(page);
    const series = [];
    for (let edit = 0; edit < EDITS; edit += 1) {
      await page.waitForTimeout(PAUSE_MS);
      await page.evaluate(() => void (__bench.watched = __bench.editing()));
      await page.keyboard.press(edit % 2 === 0 ? "x" : "Backspace");
      series.push(await page.evaluate(() => __bench.watched));
    }
    return series;
  });
}

/** Puts the cursor behind the verb. */
async function goTo(page) {
  const lines = readFileSync(POLICY, "utf8").split("\n");
  const line = lines.findIndex((line) => line.startsWith(PLACE.line));
  if (line < 0) throw new Error("the policy has no such rule");
  const column = lines[line].indexOf(PLACE.after) + PLACE.after.length;
  await editor(page).focus();
  await page.keyboard.press("ControlOrMeta+Home");
  for (let step = 0; step < line; step += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Home");
  for (let step = 0; step < column; step += 1) await page.keyboard.press("ArrowRight");
}
