// Frames while the table is scrolled, by keyboard and by its scroll bar.

import { withProduct } from "./browser.mjs";
import { quantile } from "./numbers.mjs";
import { open } from "./reading.mjs";

/** A frame that takes longer is seen as a stutter. */
export const STUTTER_MS = 20;
const FRAMES = 600;
const WHEEL_PIXELS = 120;
const HELD_MS = 10_000;
/** Repetitions of a held key on most systems. */
const REPEAT_MS = 33;
const JUMPS = 10;

/**
 * @returns {Promise<{ name: string, frames: number, p99: number, longest: number, smooth: number, waiting: number }[]>} per way of
 * scrolling: lengths in milliseconds, the share of frames that do not stutter, the share that had a row still to come
 */
export function scrolls(site, log) {
  return withProduct(site, {}, async (page) => {
    await open(page, log);
    await page.locator("[role=grid]").focus();
    const drag = (pixels) => page.evaluate(([frames, pixels]) => __bench.dragging(frames, pixels), [FRAMES, pixels]);
    return [
      summary("scroll bar dragged from end to end", await drag()),
      summary("wheel", await drag(WHEEL_PIXELS)),
      summary("PageDown held", await held(page, "PageDown")),
      summary("ArrowDown held", await held(page, "ArrowDown")),
      summary("End and Home in turn", await watched(page, () => jumps(page))),
    ];
  });
}

function held(page, key) {
  return watched(page, async () => {
    for (let end = Date.now() + HELD_MS; Date.now() < end; ) {
      await page.keyboard.down(key);
      await page.waitForTimeout(REPEAT_MS);
    }
    await page.keyboard.up(key);
  });
}

async function jumps(page) {
  for (let jump = 0; jump < JUMPS; jump += 1) {
    await page.keyboard.press(jump % 2 === 0 ? "End" : "Home");
    await page.waitForTimeout(HELD_MS / JUMPS / 2);
  }
}

async function watched(page, work) {
  await page.evaluate(() => void (__bench.end = __bench.frames()));
  await work();
  return page.evaluate(() => __bench.end());
}

function summary(name, { lengths, waiting }) {
  return {
    name,
    frames: lengths.length,
    p99: quantile(lengths, 0.99),
    longest: Math.max(...lengths),
    smooth: lengths.filter((length) => length < STUTTER_MS).length / lengths.length,
    waiting: waiting / lengths.length,
  };
}
