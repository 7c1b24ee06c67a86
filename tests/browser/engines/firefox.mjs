// Firefox, driven by puppeteer-core over WebDriver BiDi. A driver is what `../tab.mjs` describes.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages } from "../../../web/build/packages.mjs";
import { onPath } from "./installed.mjs";

const require = createRequire(join(packages(dirname(dirname(fileURLToPath(import.meta.url)))), "x.js"));

/** Returns the path of Firefox, or undefined if it is not installed. `$FIREFOX` overrides it. */
export function find() {
  const mac = "/Applications/Firefox.app/Contents/MacOS/firefox";
  const path = process.env.FIREFOX || onPath("firefox-esr", "firefox") || mac;
  return existsSync(path) ? path : undefined;
}

/** Starts the browser. */
export async function start() {
  const { default: puppeteer } = await import(require.resolve("puppeteer-core"));
  const downloads = mkdtempSync(join(tmpdir(), "downloads-"));
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: find(),
    headless: true,
    extraPrefsFirefox: {
      "ui.prefersReducedMotion": 1,
      "ui.systemUsesDarkTheme": 0,
      // Saved files go to a folder without a question.
      "browser.download.folderList": 2,
      "browser.download.dir": downloads,
      "browser.download.useDownloadDir": true,
      "browser.download.always_ask_before_handling_new_types": false,
      "browser.download.alwaysOpenPanel": false,
      // The browser requests only the page.
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
    },
  });
  return {
    label: await browser.version(),
    open: (options) => open(browser, downloads, options),
    close: async () => {
      await browser.close();
      rmSync(downloads, { recursive: true, force: true });
    },
  };
}

/** Opens an empty page with a profile of its own. */
async function open(browser, downloads, { width, height, preload }) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width, height });
  await page.evaluateOnNewDocument(preload);
  const messages = [];
  page.on("console", (message) => {
    if (["error", "warn", "warning"].includes(message.type())) messages.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => messages.push(`uncaught: ${error.stack ?? error}`));
  const held = async (keys) => {
    for (const key of keys) await page.keyboard.down(key);
    for (const key of keys.toReversed()) await page.keyboard.up(key);
  };
  let target = page;
  return {
    downloads,
    messages,
    navigate: (url) => page.goto(url),
    enter: async () => {
      target = await (await page.waitForSelector("iframe")).contentFrame();
    },
    evaluate: (expression) => target.evaluate(expression),
    press: held,
    type: (text) => page.keyboard.type(text),
    click: (x, y) => page.mouse.click(x, y),
    setFiles: async (selector, paths) => {
      const input = await target.$(selector);
      await input.uploadFile(...paths);
    },
    screenshot: (path) => page.screenshot({ path }),
    close: () => context.close(),
  };
}
