// The static page: what is on the screen before the engine runs is what the running page then shows, in the same places.
//
// Each case opens a page of its own whose WebAssembly is held back.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axe, root, shot, test } from "../harness.mjs";
import { answer, becomes, editor, kept, pastePolicy, policyPane, verdict } from "../page.mjs";

const POLICY = readFileSync(join(root, "web/worker/examples/production.yaml"), "utf8");
/** Greatest sum of shifts while the page takes the static page's place; browsers call less than 0.1 good. */
const MOST_SHIFT = 0.02;

/**
 * Opens a page without WebAssembly, and returns it with a function that lets modules through whose address matches.
 * @param {import("playwright-core").Page} page @param {{ width?: number, height?: number }} [size]
 */
async function held(page, size) {
  const other = await page.context().newPage();
  if (size) await other.setViewportSize({ width: size.width, height: size.height });
  /** @type {{ url: string, go: () => void }[]} */
  const waiting = [];
  /** @type {RegExp[]} */
  const allowed = [];
  await other.route(/\.wasm$/, async (route) => {
    const url = route.request().url();
    if (!allowed.some((one) => one.test(url))) await new Promise((go) => waiting.push({ url, go: () => go(undefined) }));
    await route.continue();
  });
  await other.addInitScript(() => {
    window.__shifts = [];
    const note = ({ value, sources }) => window.__shifts.push([value, sources.map(({ node }) => node?.className || node?.nodeName)]);
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => note(/** @type {any} */ (entry)))).observe({ type: "layout-shift", buffered: true });
  });
  await other.goto(page.url(), { waitUntil: "commit" });
  await shell(other).waitFor();
  const release = (/** @type {RegExp} */ which) => {
    allowed.push(which);
    for (const { url, go } of waiting) if (which.test(url)) go();
  };
  return { other, release };
}

/** The static page. */
const shell = (page) => page.locator("#shell");
/** The static page's policy. */
const still = (page) => shell(page).locator("pre");
const words = (text) => text.replace(/\s+/g, " ").trim();

/** Waits until the page has taken the static page's place, and has loaded everything. */
async function ready(page) {
  await page.locator("html[data-ready=true][data-sealed=true]").waitFor({ state: "attached" });
  assert.equal(await shell(page).count(), 0);
  assert.equal(await page.locator("#app").getAttribute("inert"), null);
}

/** Positions of the parts of the page, and of the policy's first line and first chip. */
function places(page) {
  return page.evaluate(() => {
    const top = document.getElementById("shell") ?? document.getElementById("app");
    const cm = top.querySelector(".editor").shadowRoot;
    const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round);
    const elements = [".top", ".top h1 span", ".top .primary", ".answer", ".figure", ".stack", ".legend", ".switches", ".notes", ".policy .bar", ".editor", ".findings", ".events > .bar", ".status", ".inspector"];
    const line = document.createRange();
    line.selectNodeContents(cm?.querySelector(".cm-line") ?? top.querySelector("pre > span"));
    const { x, y, height } = line.getBoundingClientRect();
    const chip = cm?.querySelector(".cm-coverage .cm-cover") ?? top.querySelector("pre i");
    return {
      ...Object.fromEntries(elements.map((one) => [one, place(top.querySelector(one).getBoundingClientRect())])),
      ...Object.fromEntries([...top.querySelectorAll(".figure")].map((one, at) => [`figure ${at}`, place(one.getBoundingClientRect())])),
      line: [x, y, height].map(Math.round),
      chip: Math.round(chip.getBoundingClientRect().y),
    };
  });
}

test("the static page's answer and policy are those of the running page", {}, async (page, watch) => {
  const { other, release } = await held(page);
  assert.equal(words(await answer(other).innerText()), words(await answer(page).innerText()));
  const titles = (page) => answer(page).locator(".figure").evaluateAll((all) => all.map((one) => one.getAttribute("title")));
  assert.deepEqual(await titles(other), await titles(page));
  const parts = (page) => answer(page).getByRole("img").evaluate((bar) => [bar.getAttribute("aria-label"), ...[...bar.children].map((part) => ["class", "x", "width"].map((name) => part.getAttribute(name)))]);
  assert.deepEqual(await parts(other), await parts(page));
  assert.equal(words(await shell(other).locator(".policy .bar span").innerText()), await verdict(page));

  assert.equal(await still(other).evaluate((pre) => pre.textContent), POLICY);
  const shown = await editor(page).evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent));
  assert.equal(shown.join("\n"), POLICY.split("\n").slice(0, shown.length).join("\n"));
  const chips = await policyPane(page).getByRole("group", { name: "Rules" }).locator(".cm-cover").allInnerTexts();
  const stillChips = await still(other).locator("i").evaluateAll((all) => all.map(({ dataset }) => `${dataset.count} ${dataset.chip}`));
  assert.ok(chips.length > 3, "the page shows several rules");
  assert.deepEqual(stillChips.slice(0, chips.length), chips.map(words));

  release(/./);
  await ready(other);
  await other.close();
  watch.loaded();
});

test("headline and policy are on the screen where WebAssembly does not arrive", {}, async (page, watch) => {
  const other = await page.context().newPage();
  await other.route(/\.wasm$/, (route) => route.abort());
  await other.goto(page.url());
  const headline = answer(other).getByText("events written");
  for (const shown of [headline, still(other)]) {
    const isOnScreen = (element) => {
      const { x, y } = element.getBoundingClientRect();
      const found = document.elementFromPoint(x + 8, y + 12);
      return element.contains(found);
    };
    assert.ok(await shown.evaluate(isOnScreen));
  }
  await other.getByRole("alert").getByText("The page could not start").waitFor();
  assert.ok(await headline.isVisible() && await still(other).isVisible());
  assert.equal(await other.getByText("Loading the policy engine…").count(), 0);
  await shot(other, "shell-blocked");
  await other.close();
  watch.loaded();
});

for (const [width, height] of [[1440, 900], [1280, 720], [768, 900], [390, 844]]) {
  test(`the page takes the static page's place without moving anything at ${width} px`, {}, async (page, watch) => {
    const { other, release } = await held(page, { width, height });
    await other.waitForTimeout(700);
    const before = await places(other);
    await shot(other, `shell-${width}`);
    release(/interface/);
    // The interface is there, and waits for the engine unseen.
    await other.locator("#app header").waitFor({ state: "attached" });
    await other.waitForTimeout(300);
    assert.deepEqual(await places(other), before);
    assert.equal(await other.getByRole("alert").count(), 1);
    release(/engine/);
    await ready(other);
    assert.deepEqual(await places(other), before);
    const shifts = await other.evaluate(() => window.__shifts);
    const sum = shifts.reduce((sum, [value]) => sum + value, 0);
    assert.ok(sum < MOST_SHIFT, `shifts of ${sum}: ${JSON.stringify(shifts)}`);
    await other.close();
    watch.loaded();
  });
}

for (const theme of ["light", "dark"]) {
  test(`the static page is accessible, ${theme}`, { theme }, async (page, watch) => {
    const { other, release } = await held(page);
    await other.getByText("Serve the folder").waitFor();
    assert.deepEqual(await axe(other), []);
    release(/./);
    await ready(other);
    await other.close();
    watch.loaded();
  });
}

test("the example is not shown where this browser keeps work", {}, async (page, watch) => {
  await pastePolicy(page, "rules: [] # mine");
  await kept(page, "mine");
  await page.evaluate(() => localStorage.setItem("theme", "dark"));
  const { other, release } = await held(page);
  assert.equal(await other.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.equal(await still(other).isVisible(), false);
  assert.doesNotMatch(await other.locator("body").innerText(), /events written|omitStages|of 292/);
  await other.getByText("Loading the policy engine…").waitFor();
  await shot(other, "shell-kept");
  release(/./);
  await becomes(() => editor(other).innerText(), "rules: [] # mine");
  await other.locator("html[data-sealed=true]").waitFor({ state: "attached" });
  assert.equal(await shell(other).count(), 0);
  await other.close();
  watch.loaded();
});

test("without JavaScript, headline and policy are on the screen, with the reason why nothing else happens", {}, async (page, watch) => {
  const context = await page.context().browser().newContext({ javaScriptEnabled: false });
  const other = await context.newPage();
  await other.goto(page.url());
  await other.locator("noscript p", { hasText: "JavaScript is switched off here" }).waitFor();
  assert.equal(await other.getByText("Loading the policy engine…").isVisible(), false);
  assert.ok(await answer(other).getByText("events written").isVisible() && await still(other).isVisible());
  await shot(other, "shell-no-script");
  await context.close();
  watch.loaded();
});
