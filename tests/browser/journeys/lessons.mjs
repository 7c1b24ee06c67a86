// A lesson that has a step of every kind: a policy, a manifest, a question and an event. On the site, and from the one file.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../harness.mjs";
import { journey } from "../journeys.mjs";
import { native, objects } from "../native.mjs";
import { banner, grid, pastePolicy } from "../person.mjs";
import { role } from "../target.mjs";

const FILE = join(root, "crates/audit-lessons/lessons/exam-full.md");
const TITLE = /^title: (.*)$/m.exec(readFileSync(FILE, "utf8"))?.[1] ?? "";

const pane = role("region", "Lessons");
const current = pane.css("[aria-current=step]");
const outcome = current.css(".outcome");

/** Returns whether the selected event is one that the log contains, or null if none is selected. */
function isRecorded(tab) {
  return tab.on(grid, ([grid]) => {
    const row = grid.querySelector("[role=row][aria-selected=true]");
    return row && ![...row.querySelectorAll("[role=gridcell]")].some((cell) => cell.textContent.trim() === "derived");
  });
}

/** Selects the event with this index among those that the log contains: derived ones do not count. */
async function selectEvent(tab, index) {
  const selected = grid.css("[role=row][aria-selected=true]");
  await tab.focus(grid);
  // An answer that comes late adds rows, with which the selected event moves down.
  await tab.until(async () => {
    await tab.press("Home");
    return tab.attribute(selected, "aria-rowindex");
  }, "2");
  for (let left = index, row = 2; ; row += 1) {
    await tab.until(() => tab.attribute(selected, "aria-rowindex"), String(row));
    if (await isRecorded(tab)) {
      if (left === 0) return;
      left -= 1;
    }
    await tab.press("ArrowDown");
  }
}

/** Gives an answer where it belongs. */
async function give(tab, { policy, event, manifest, text }) {
  if (policy !== undefined) return pastePolicy(tab, policy);
  if (event !== undefined) return selectEvent(tab, event);
  await tab.copy((manifest ?? text).trimEnd());
  await tab.focus(current.role("textbox"));
  await tab.press("Control+a", "Control+v");
  if (text !== undefined) await tab.click(pane.role("button", "Check"));
}

/** Opens the lesson, gives each step a wrong answer and the right one, and finds it marked as complete. */
async function learn(tab) {
  await tab.click(banner.role("button", "Learn"));
  await tab.click(pane.css("button.lesson-entry").text(TITLE));
  const steps = objects(native(["lesson", "check", "--format", "json", FILE]).stdout);
  for (const [at, { step, answer, wrong }] of steps.entries()) {
    await tab.until(() => tab.text(current), new RegExp(step), `the step ${step} is open`);
    for (const one of wrong) {
      await give(tab, one.answer);
      await tab.until(() => tab.text(outcome), /^Not yet: /, `${step}: a wrong answer`);
    }
    await give(tab, answer);
    await tab.until(() => tab.text(outcome), /^✓ /, `${step}: the right answer`);
    if (at + 1 < steps.length) await tab.click(pane.role("button", "Next step"));
  }
  await tab.until(() => tab.text(pane), /✓ Lesson complete\./);
  await tab.click(pane.role("button", "All lessons"));
  await tab.until(() => tab.text(pane.css(".lesson-entry").text(TITLE)), /✓ complete/);
}

journey("a lesson is learnt, with wrong answers and right ones", learn);

journey("a lesson is learnt in the page in one file, opened from disk", learn, { place: "disk" });
