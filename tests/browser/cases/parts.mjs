// Page and engine start with the first of their two parts: what the first answer needs. The second parts follow, and again if they fail.
//
// Each case opens a page of its own, which is never idle until the case allows it, so that nothing loads a part before something needs it.

import assert from "node:assert/strict";
import { test } from "../harness.mjs";
import { answer, becomes, eventsPane, findings, grid, panel, totals } from "../page.mjs";

/** Address of a second part. */
const SECOND = /-rest-/;
/** The engine's second part. */
const ENGINE = /engine-rest-/;
/** Time after which a worker requests a part again. */
const RETRY_MS = 5000;

/**
 * Opens another page, in which `handle` decides what a request for a second part gets.
 * @param {import("playwright-core").Page} page
 * @param {(route: import("playwright-core").Route) => Promise<void>} handle
 */
async function open(page, handle) {
  const other = await page.context().newPage();
  await other.route(SECOND, handle);
  await other.addInitScript(() => {
    /** @type {Function[]} */
    const held = [];
    const idle = window.requestIdleCallback;
    window.requestIdleCallback = (run) => held.push(run);
    window.__idle = () => {
      window.requestIdleCallback = idle;
      held.splice(0).forEach((run) => run());
    };
    // Whether there was an answer when something was fetched. The static page has one from the start.
    window.__fetched = [];
    const { fetch } = window;
    window.fetch = (...given) => {
      window.__fetched.push([String(given[0]), /\d/.test(document.querySelector("#app .figure")?.textContent ?? "")]);
      return fetch(...given);
    };
  });
  await other.goto(page.url());
  await grid(other).getByRole("gridcell").nth(1).waitFor();
  return other;
}

/** Lets the page be idle, and waits until it has loaded everything. */
async function finish(page) {
  await page.evaluate(() => window.__idle());
  await page.locator("html[data-ready=true][data-sealed=true]").waitFor({ state: "attached" });
}

/** Holds requests until it is released. */
function gate() {
  /** @type {(value?: unknown) => void} */
  let release = () => {};
  const opened = new Promise((resolve) => (release = resolve));
  /** @param {import("playwright-core").Route} route */
  const handle = async (route) => {
    await opened;
    await route.continue();
  };
  return { handle, release };
}

test("until the first answer is on the screen, only the first parts are requested", {}, async (page, watch) => {
  const { handle, release } = gate();
  const other = await open(page, handle);
  assert.deepEqual(await totals(other), await totals(page));
  await becomes(() => other.evaluate(() => window.__fetched.filter(([url]) => url.includes("-rest-")).length), 2);
  const fetched = await other.evaluate(() => window.__fetched.map(([url, isAnswered]) => [url.includes("-rest-"), isAnswered]));
  for (const [isSecond, isAnswered] of fetched) assert.equal(isSecond, isAnswered);
  assert.ok(fetched.some(([isSecond]) => !isSecond));
  release();
  await finish(other);
  await other.close();
  watch.loaded();
});

test("what needs the second parts works once they are there", {}, async (page, watch) => {
  const { handle, release } = gate();
  const other = await open(page, handle);
  await other.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Volume" }).click();
  await other.getByRole("region", { name: "Inspector" }).waitFor();
  assert.equal(await other.getByRole("region", { name: "Volume" }).count(), 0);
  assert.equal(await panel(other).count(), 0);
  release();
  await other.getByRole("region", { name: "Volume" }).getByText("Written for this log").waitFor();
  await other.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Events" }).click();
  await panel(other).getByText(/rule \d+ matches|no rule matches/).first().waitFor();
  await findings(other).waitFor();
  await other.getByRole("combobox", { name: "Filter events" }).fill("verb:no-such-verb");
  await eventsPane(other).getByRole("status").filter({ hasText: /^0 of / }).waitFor();
  await finish(other);
  assert.equal(await other.getByRole("alert").innerText(), "");
  await other.close();
  watch.loaded();
});

test("a part of the engine that could not be loaded is requested again, and the waiting message is answered", {}, async (page, watch) => {
  /** @type {number[]} */
  const times = [];
  const other = await open(page, async (route) => {
    const isFirst = ENGINE.test(route.request().url()) && times.push(Date.now()) === 1;
    await (isFirst ? route.fulfill({ status: 503, body: "" }) : route.continue());
  });
  // The details of the example's event wait. The rest works on.
  const notice = other.getByRole("alert").getByText("A part of the page could not be loaded");
  await notice.waitFor();
  assert.equal(await panel(other).getByText(/rule \d+ matches|no rule matches/).count(), 0);
  assert.deepEqual(await totals(other), await totals(page));
  await answer(other).waitFor();
  await panel(other).getByText(/rule \d+ matches|no rule matches/).first().waitFor();
  assert.equal(times.length, 2);
  assert.ok(times[1] - times[0] >= RETRY_MS, `requested again after ${times[1] - times[0]} ms`);
  assert.equal(await notice.count(), 1);
  await finish(other);
  await becomes(() => notice.count(), 0);
  await other.close();
  watch.loaded();
});
