// The element in another page, from the first click to a frame that sleeps and wakes.

import assert from "node:assert/strict";
import { journey } from "../journeys.mjs";
import { css } from "../target.mjs";
import { LOG, POLICY } from "../widget.mjs";

/** Calls a function with the element at this place. */
const on = (tab, at, fn, argument = null) => tab.evaluate(`async (at, argument) => (${fn})(document.querySelectorAll("audit-policy-playground")[at], argument)`, at, argument);
/** Details of the events of the element at this place. */
const events = (tab, at, type) => tab.evaluate((at, type) => /** @type {any} */ (window).__events.filter((one) => one.at === at && one.type === type).map((one) => one.detail), at, type);
const last = async (tab, at, type) => (await events(tab, at, type)).at(-1);
const figures = async (tab, at) => {
  const { log } = (await last(tab, at, "verdict")) ?? {};
  return log && [log.events, log.written.events, log.levels.None, log.levels.Metadata];
};
const start = async (tab, at, times = 1) => {
  await on(tab, at, (element) => element.shadowRoot.querySelector("button").click());
  await tab.until(async () => (await events(tab, at, "ready")).length, times);
};
const frames = (tab) => tab.evaluate(() => [...document.querySelectorAll("audit-policy-playground")].filter((element) => element.shadowRoot.querySelector("iframe")).length);

journey("widget: the element starts, reports, is changed, sleeps and wakes", async (tab) => {
  assert.deepEqual(tab.requests.filter((path) => path.endsWith(".html")), ["/host.html"]);
  assert.match(await tab.text(css("pre").at(0)), /level: None/);
  await start(tab, 0);
  // Of three events, two are of alice.
  await tab.until(() => figures(tab, 0), [3, 1, 2, 1]);
  await on(tab, 0, (element, policy) => element.set({ policy, select: "id-2", version: "1.33" }), POLICY.replace("alice", "bob"));
  await tab.until(() => figures(tab, 0), [3, 2, 1, 2]);
  await tab.until(async () => (await last(tab, 0, "verdict")).selected, { index: 1, auditID: "id-2", rule: 1, level: "None" });
  const { policy, kubernetesVersion, sample } = await on(tab, 0, (element) => element.getWorkspace());
  assert.deepEqual([policy, kubernetesVersion, sample], [POLICY.replace("alice", "bob"), "1.33", LOG]);
  await on(tab, 0, (element) => element.set({ view: "all" }));
  await tab.until(async () => (await last(tab, 0, "error"))?.problem, "member");
  // A third frame puts the first to sleep.
  await start(tab, 1);
  await start(tab, 2);
  await tab.until(() => frames(tab), 2);
  await tab.until(() => tab.text(css("pre").at(0)), /users: \[bob\]/);
  await start(tab, 0, 2);
  await tab.until(async () => (await events(tab, 0, "verdict")).at(-1).selected?.rule, 1);
  assert.deepEqual(await figures(tab, 0), [3, 2, 1, 2]);
  await tab.until(() => frames(tab), 2);
  assert.equal((await events(tab, 0, "error")).length, 1);
}, { place: "widget", expected: /^request seen by the server after load: \/audit-policy-playground\.html$/ });
