// A browser of the bench: a fresh page for every measure, so that none inherits warm code or memory of another.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, root } from "../browser/harness.mjs";
import { serve } from "../browser/server.mjs";
import { look } from "./busy.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const watch = readFileSync(join(here, "watch.js"), "utf8");

/** The policy that every answer is of; the native benches judge by the same. */
export const POLICY = join(root, "tests/data/bench/seventeen-rules.yaml");
/** Longer than any measure takes. */
const PATIENCE_MS = 600_000;
/** Until the page and what it has compiled have come to rest. */
const SETTLE_MS = 500;

/**
 * @typedef {object} Site
 * @property {string} product where the product's page is
 * @property {string} yardstick where the yardstick's is
 * @property {() => Promise<void>} close
 */

/** Serves the product's page, and next to it the page that it is compared with. @returns {Promise<Site>} */
export async function site() {
  const product = await serve(join(root, "dist"), ["/"]);
  const yardstick = await serve(here, ["/"]);
  return {
    product: `${product.origin}/`,
    yardstick: `${yardstick.origin}/parse.html`,
    close: () => Promise.all([product.close(), yardstick.close()]).then(() => {}),
  };
}

/**
 * Opens a page in a browser of its own and closes both after the work.
 * @template T
 * @param {string} address
 * @param {{ cores?: number }} settings `cores`: number that the page is made to see
 * @param {(page: import("playwright-core").Page, browser: import("playwright-core").Browser) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withPage(address, { cores }, work) {
  await look();
  const browser = await launch();
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.addInitScript(watch);
    if (cores) await tellCores(page, cores);
    await page.goto(address);
    return await work(page, browser);
  } finally {
    await browser.close();
  }
}

/** Opens the product with the bench's policy in the editor. */
export function withProduct(site, settings, work) {
  return withPage(site.product, settings, async (page, browser) => {
    await page.waitForFunction(() => document.documentElement.dataset.ready === "true");
    await choose(page, POLICY);
    const named = "[aria-labelledby=policy-title] .cm-content";
    await page.locator(named, { hasText: "Seventeen rules" }).waitFor();
    await page.evaluate(() => __bench.until(() => !__bench.page.isPending()));
    await page.waitForTimeout(SETTLE_MS);
    return work(page, browser);
  });
}

/** Gives a file to the page's file input, as the browser's file picker does. */
export function choose(page, path) {
  return page.locator("input[type=file]").setInputFiles(path);
}

/** Makes page and workers see this number of cores. */
async function tellCores(page, cores) {
  const override = (cores) => Object.defineProperty(Object.getPrototypeOf(navigator), "hardwareConcurrency", { get: () => cores });
  await page.addInitScript(override, cores);
  // The first worker is up long before a log is chosen, and so before anybody counts cores.
  page.on("worker", (worker) => worker.evaluate(override, cores).catch(() => {}));
}
