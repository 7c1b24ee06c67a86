// Draws the icons from icon.svg: `node web/icons/draw.mjs`, with Chromium. Their text is small, so they are part of the source tree.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "../../tests/browser/harness.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const drawing = readFileSync(join(here, "icon.svg"), "utf8");

/** @type {[name: string, size: number, share: number][]} Sizes in pixels by name, each with the share of the width that the drawing has: systems cut a maskable icon. */
const ICONS = [["icon.png", 192, 1], ["icon-maskable.png", 192, 0.7]];

const browser = await launch();
const page = await browser.newPage();
for (const [name, size, share] of ICONS) {
  await page.setViewportSize({ width: size, height: size });
  const image = `data:image/svg+xml;base64,${Buffer.from(drawing).toString("base64")}`;
  await page.setContent(`<body style="margin:0;display:grid;place-items:center;height:100vh;background:#fff"><img src="${image}" width="${size * share}" height="${size * share}">`);
  await page.locator("img").evaluate((element) => /** @type {HTMLImageElement} */ (element).decode());
  writeFileSync(join(here, name), await page.screenshot());
}
await browser.close();
