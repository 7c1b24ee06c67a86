// From pressing Cancel to the page saying that it has stopped.

import { choose, withProduct } from "./browser.mjs";

/** Shares of the log that are read when Cancel is pressed. */
const SHARES = [0.1, 0.3, 0.5, 0.7, 0.9];

/** @returns {Promise<number[]>} milliseconds */
export function cancels(site, log) {
  return withProduct(site, {}, async (page) => {
    const delays = [];
    for (const share of SHARES) {
      await page.evaluate((share) => void (__bench.watched = __bench.cancelling(share)), share);
      await choose(page, log.path);
      const { delay, events } = await page.evaluate(() => __bench.watched);
      if (!(events > 0 && events < log.events)) throw new Error(`${events} events were read at ${share} of the log`);
      delays.push(delay);
      await page.waitForTimeout(300);
    }
    return delays;
  });
}
