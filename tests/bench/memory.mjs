// What a log costs in memory: what the engine holds, and the process of the tab.

import { withProduct } from "./browser.mjs";
import { open } from "./reading.mjs";
import { resident } from "./tab.mjs";

const TAB_EVERY_MS = 100;

/**
 * Opens a log and looks on.
 * @returns {Promise<{ heap: number, tab: number, before: number }>} bytes: what the engine holds in the end, the most that the tab had,
 * and what it had before
 */
export function memoryOf(site, log) {
  return withProduct(site, {}, async (page, browser) => {
    const before = await resident(browser);
    let most = before;
    const stop = every(TAB_EVERY_MS, async () => (most = Math.max(most, await resident(browser))));
    try {
      await open(page, log);
    } finally {
      await stop();
    }
    return { heap: await held(page), tab: most, before };
  });
}

/** Memory of the engine and its readers, as the page reports it. WebAssembly memory never shrinks, so this is the maximum. */
async function held(page) {
  const title = await page.locator('[title^="the engine holds"]').getAttribute("title");
  const [, amount, unit] = /holds ([\d.,]+) (\w+) of memory/.exec(title);
  return Number(amount.replaceAll(",", "")) * { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }[unit];
}

/** Does something again and again; the function it returns stops that and waits for the last time. */
function every(milliseconds, look) {
  let isOn = true;
  const loop = (async () => {
    while (isOn) {
      await look();
      await new Promise((later) => setTimeout(later, milliseconds));
    }
  })();
  return () => {
    isOn = false;
    return loop;
  };
}
