// Chromium, driven by Playwright. A driver is what `../tab.mjs` describes.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../harness.mjs";

export { findChromium as find } from "./installed.mjs";

/** Starts the browser. */
export async function start() {
  const browser = await launch();
  return {
    label: `Chromium ${browser.version()}`,
    open: (options) => open(browser, options),
    close: () => browser.close(),
  };
}

/** Opens an empty page with a profile of its own. */
async function open(browser, { width, height, origin, preload }) {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce", colorScheme: "light" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  await context.addInitScript(preload);
  // Without the dialog that no test can answer, files are saved as downloads, as in the other engines.
  await context.addInitScript("delete window.showSaveFilePicker");
  const page = await context.newPage();
  const downloads = mkdtempSync(join(tmpdir(), "downloads-"));
  const messages = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) messages.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => messages.push(`uncaught: ${error.stack ?? error}`));
  page.on("download", (download) => void download.saveAs(join(downloads, download.suggestedFilename())));
  /** @type {import("playwright-core").Page | import("playwright-core").Frame} */
  let target = page;
  return {
    downloads,
    messages,
    navigate: (url) => page.goto(url),
    enter: async () => {
      target = await (await page.waitForSelector("iframe")).contentFrame();
    },
    evaluate: (expression) => target.evaluate(expression),
    press: (keys) => page.keyboard.press(keys.join("+")),
    type: (text) => page.keyboard.type(text),
    click: (x, y) => page.mouse.click(x, y),
    setFiles: (selector, paths) => target.setInputFiles(selector, paths),
    screenshot: (path) => page.screenshot({ path }),
    close: async () => {
      await context.close();
      rmSync(downloads, { recursive: true, force: true });
    },
  };
}
