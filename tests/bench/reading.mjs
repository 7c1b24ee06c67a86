// From a file to the complete answer: the page, and JSON.parse in a worker, on the same bytes.

import { basename } from "node:path";
import { choose, withPage, withProduct } from "./browser.mjs";
import { timed } from "./tab.mjs";

/**
 * @typedef {{ path: string, bytes: number, events: number }} Log
 */

/**
 * The page: from the choice of the file until the answer of the whole of it is on the screen.
 * @param {import("./browser.mjs").Site} site
 * @param {Log} log
 * @param {{ cores?: number }} settings
 */
export function readByPage(site, log, settings = {}) {
  return withProduct(site, settings, (page, browser) => timed(browser, () => open(page, log)));
}

/** Opens a log in a page of the product, and says when what was shown, in seconds. */
export async function open(page, log) {
  await page.evaluate((name) => void (__bench.watched = __bench.reading(name)), basename(log.path));
  await choose(page, log.path);
  const { trouble, events, figures, firstRows, told, shown } = await page.evaluate(() => __bench.watched);
  if (trouble) throw new Error(`the page says: ${trouble}`);
  if (events !== log.events) throw new Error(`the page counts ${events} events of ${log.events}`);
  return { seconds: shown / 1000, firstRows: firstRows / 1000, told: told / 1000, figures };
}

/** JSON.parse: from the choice of the file until every line is parsed and counted. */
export function readByParse(site, log) {
  const parse = async (page) => {
    await choose(page, log.path);
    const found = JSON.parse(await page.locator("output:not(:empty)").innerText());
    if (found.events !== log.events) throw new Error(`JSON.parse counts ${found.events} events of ${log.events}`);
    return { seconds: found.seconds };
  };
  return withPage(site.yardstick, {}, (page, browser) => timed(browser, () => parse(page)));
}
