// The documentation site in target/docs, which `cargo xtask docs` writes: it loads nothing from elsewhere, works from disk, and its policies are live.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { allFilesOf, withDocs, write } from "../../../web/build/release.mjs";
import { serve } from "../../../web/build/server.mjs";
import { axe, root, shot, test as add, skip } from "../harness.mjs";

const DOCS = join(root, "target", "docs");
const SAMPLES = ["index.html", "findings/AP020.html", "command.html"];
const isBuilt = existsSync(join(DOCS, "playground", "audit-policy-playground.html"));
/** Longer than the widget needs for its first verdict on a slow machine. */
const VERDICT_MS = 60_000;
const NOT_BUILT = "no documentation in target/docs: build it with `cargo xtask docs`";

/**
 * Adds a case about the site, which is served below a path of its own.
 * @param {string} name
 * @param {(open: (path: string, settings?: object) => Promise<import("playwright-core").Page>, problems: string[]) => Promise<void>} body `open` opens a page of the
 * site, or another address, in a window with settings of Playwright
 */
function test(name, body) {
  if (!isBuilt) return skip(name, NOT_BUILT);
  add(name, {}, async (page) => {
    const server = await serve(DOCS, ["/site/docs/"]);
    const browser = /** @type {import("playwright-core").Browser} */ (page.context().browser());
    /** @type {string[]} */
    const problems = [];
    /** @type {import("playwright-core").BrowserContext[]} */
    const contexts = [];
    const open = async (/** @type {string} */ path, settings = {}) => {
      const context = await browser.newContext({ reducedMotion: "reduce", ...settings });
      contexts.push(context);
      const tab = await context.newPage();
      const address = path.startsWith("file:") ? path : `${server.origin}/site/docs/${path}`;
      tab.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(`${path}: ${message.text()}`));
      tab.on("pageerror", (error) => problems.push(`${path}: ${error}`));
      tab.on("request", (request) => {
        const isOwn = request.url().startsWith(path.startsWith("file:") ? pathToFileURL(DOCS).href : server.origin);
        if (!isOwn && !/^(data|blob):/.test(request.url())) problems.push(`${path} requests ${request.url()}`);
      });
      await tab.goto(address);
      return tab;
    };
    try {
      await body(open, problems);
      assert.deepEqual(problems, []);
    } finally {
      for (const context of contexts) await context.close();
      await server.close();
    }
  });
}

/** Lists the pages of the site. */
const pages = () => readdirSync(DOCS, { recursive: true }).map(String).filter((name) => name.endsWith(".html") && name !== "toc.html" && !name.includes("playground")).sort();

/** Searches on a page that is open, and returns the titles that are found. */
async function search(page, words) {
  await page.keyboard.press("/");
  await page.keyboard.type(words);
  const results = page.locator("#mdbook-searchresults li");
  await results.first().waitFor();
  return results.locator("a").allInnerTexts();
}

/** Runs the first policy of a page, and returns the verdict on it. */
async function run(page) {
  const verdict = page.evaluate((time) => new Promise((resolve, reject) => {
    addEventListener("verdict", (event) => resolve(/** @type {CustomEvent} */ (event).detail), true);
    setTimeout(() => reject(new Error("no verdict")), time);
  }), VERDICT_MS);
  await page.getByRole("button", { name: "Edit and run" }).first().click();
  const result = /** @type {any} */ (await verdict);
  // The rest of the page is loaded after the first results.
  await page.waitForTimeout(1000);
  assert.equal(await page.frameLocator("iframe").getByText("could not be loaded").count(), 0);
  return result;
}

test("documentation: accessible and readable, light and dark, wide and narrow", async (open) => {
  for (const path of SAMPLES) {
    for (const [colorScheme, width] of [["light", 1280], ["dark", 390]]) {
      const page = await open(path, { colorScheme, viewport: { width, height: 900 } });
      await page.locator("h1").last().waitFor();
      const serious = (await axe(page)).filter((line) => !/^region:|^landmark-|^page-has-heading-one:/.test(line));
      assert.deepEqual(serious, [], `${path} ${colorScheme}`);
      await shot(page, `docs-${path.replace(/\W+/g, "-")}-${colorScheme}`);
    }
  }
});

test("documentation: no page is wider than a phone", async (open) => {
  const page = await open("index.html", { viewport: { width: 390, height: 844 } });
  const base = page.url();
  // The pages of findings are alike.
  const some = pages().filter((path, place) => !path.includes("findings") || place % 8 === 0);
  assert.ok(some.length > 20, some.join());
  for (const path of some) {
    await page.goto(new URL(path, base).href);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${path}: ${width}`);
  }
});

test("documentation: search from disk", async (open) => {
  const page = await open(pathToFileURL(join(DOCS, "findings", "AP020.html")).href);
  const found = await search(page, "journald");
  assert.ok(found.some((title) => title.includes("Log formats")), found.join());
});

test("documentation: a policy is a text without scripts, and every one of a page is", async (open) => {
  const page = await open("findings/AP020.html", { javaScriptEnabled: false });
  const texts = await page.locator("audit-policy-playground pre").allInnerTexts();
  const source = readFileSync(join(root, "crates/audit-policy/findings/AP020.md"), "utf8");
  const blocks = [...source.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);
  assert.equal(blocks.length, 2);
  assert.deepEqual(texts.map((text) => text.trim()), blocks.map((text) => text.trim()));
});

test("documentation: a policy is live", async (open) => {
  const page = await open("findings/AP004.html");
  const { accepted, log } = await run(page);
  // AP004: no rules, which the server rejects.
  assert.deepEqual([accepted, log], [false, null]);
});

test("documentation: a policy is live from disk, with its log", async (open) => {
  const page = await open(pathToFileURL(join(DOCS, "examples.html")).href);
  const { accepted, log } = await run(page);
  const lines = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n");
  assert.deepEqual([accepted, log.events], [true, lines.length]);
});

if (!isBuilt) skip("the help of a release leads to the documentation", NOT_BUILT);
else add("the help of a release leads to the documentation", {}, async (page) => {
  const title = "Keyboard shortcuts and filter terms";
  const dialog = page.getByRole("dialog", { name: title });
  await page.getByRole("button", { name: title }).click();
  await dialog.waitFor();
  assert.equal(await dialog.getByRole("link").count(), 0, "dist/ has no documentation");

  const folder = mkdtempSync(join(tmpdir(), "release-"));
  const [site, docs] = [allFilesOf(join(root, "dist")), allFilesOf(DOCS)];
  write(withDocs(site, docs), folder);
  const server = await serve(folder, ["/"]);
  const browser = /** @type {import("playwright-core").Browser} */ (page.context().browser());
  const context = await browser.newContext({ serviceWorkers: "block", reducedMotion: "reduce" });
  try {
    const tab = await context.newPage();
    await tab.goto(`${server.origin}/index.html`);
    await tab.getByRole("button", { name: title }).click();
    const link = tab.getByRole("dialog", { name: title }).getByRole("link", { name: "Documentation" });
    assert.deepEqual(await axe(tab), []);
    await shot(tab, "help-with-documentation");
    const [opened] = await Promise.all([context.waitForEvent("page"), link.click()]);
    await opened.waitForURL(`${server.origin}/docs/index.html`);
    await opened.getByRole("link", { name: "Worked examples" }).first().click();
    // The site has the widget once.
    assert.deepEqual((await run(opened)).accepted, true);
    assert.ok(server.requests.includes("/audit-policy-playground.html"), server.requests.join());
  } finally {
    await context.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
});
