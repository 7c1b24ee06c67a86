// Tests and Requirements under the policy: live results, a failing one with its request and its reason, tests made of events and of changes.

import assert from "node:assert/strict";
import { axe, root, shot, test } from "../harness.mjs";
import { becomes, chips, drop, editor, grid, kept, openExample, panel, pastePolicy } from "../page.mjs";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: Metadata
  resources: [{group: "", resources: [secrets]}]
- level: RequestResponse
`;

const TESTS = `kind: PolicyTests
tests:
- name: secrets never with bodies
  requests: {apiGroup: "", resource: secrets}
  atMost: Metadata
- name: everything is recorded
  requests: {}
  atLeast: Metadata
`;

const tabs = (page) => page.getByRole("tablist", { name: "Checks of the policy" });
const tests = (page) => page.getByRole("region", { name: "Tests", exact: true });
const requirements = (page) => page.getByRole("region", { name: "Requirements", exact: true });
const results = (page) => tests(page).getByRole("list", { name: "Results" }).getByRole("listitem");
const text = (page) => page.getByRole("textbox", { name: "Policy tests" });
const titles = async (page) => (await tabs(page).getByRole("tab").allInnerTexts()).map((title) => title.trim());

async function withPolicy(page, policy = POLICY) {
  await pastePolicy(page, policy);
  // The rules of the new policy, after those of the old one.
  await becomes(() => chips(page).then((all) => all.length), policy.split("\n- level").length - 1);
}

const show = (page, name) => tabs(page).getByRole("tab", { name }).click();

test("tests: an example has its own, and they follow the policy", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await show(page, /^Tests/);
  await becomes(() => titles(page).then(([, title]) => title), "Tests 1 of 3");
  await becomes(() => results(page).count(), 3);
  assert.match(await results(page).first().innerText(), /changes of permissions with bodies/);
  // With the catch-all last, the other rules match.
  const policy = readFileSync(join(root, "web/worker/examples/catch-all-first.yaml"), "utf8");
  const lines = policy.split("\n");
  const first = lines.findIndex((line) => line.startsWith("- level: Metadata"));
  const [catchAll] = lines.splice(first, 1);
  await pastePolicy(page, [...lines.filter((line) => line), catchAll].join("\n"));
  await becomes(() => titles(page).then(([, title]) => title), "Tests 3 of 3");
});

test("tests: a failing one opens its request with the reason", {}, async (page) => {
  await withPolicy(page);
  await drop(page, { "secrets.yaml": TESTS });
  await becomes(() => titles(page).then(([, title]) => title), "Tests 1 of 2");
  await tests(page).getByText("Opened the tests secrets.yaml.").waitFor();
  await results(page).first().getByRole("button", { name: /^Show request/ }).click();
  await panel(page).getByText("secrets never with bodies").waitFor();
  await panel(page).getByText("match: ", { exact: false }).first().waitFor({ state: "attached" });
  assert.match(await panel(page).innerText(), /expected at most Metadata, found RequestResponse/);
  await panel(page).getByRole("button", { name: "Close" }).click();
  await becomes(() => panel(page).getByText("secrets never with bodies").count(), 0);
});

test("tests: they are checked while they are typed, and a mistake has its place", {}, async (page) => {
  await withPolicy(page);
  await show(page, /^Tests/);
  await tests(page).getByRole("button", { name: "Write tests" }).click();
  await text(page).click();
  await page.keyboard.insertText(TESTS.replace("atMost", "atmost"));
  const problem = tests(page).getByRole("list", { name: "Problems of the tests" }).getByRole("listitem");
  await problem.getByText("did you mean atMost?").waitFor();
  assert.match(await problem.innerText(), /line 5/);
  await problem.getByRole("button").click();
  await becomes(() => text(page).evaluate((content) => content.getRootNode().getSelection().toString()), "atmost");
  await page.keyboard.insertText("atMost");
  await becomes(() => titles(page).then(([, title]) => title), "Tests 1 of 2");
  await page.getByRole("button", { name: "Show policy" }).click();
  await editor(page).waitFor();
});

test("tests: a test is made of an event, and can be undone", {}, async (page) => {
  await openExample(page, "Production policy");
  await page.getByRole("button", { name: "Make a test" }).click();
  await tests(page).getByText(/^Added the test admin: create rolebindings in staging\./).waitFor();
  await becomes(() => titles(page).then(([, title]) => title), "Tests 1 of 1");
  await tests(page).getByRole("button", { name: "Undo" }).click();
  await tests(page).getByRole("button", { name: "Start with common goals" }).waitFor();
});

test("tests: a change that no test notices becomes a test", {}, async (page) => {
  await withPolicy(page);
  await drop(page, { "secrets.yaml": TESTS });
  await tests(page).getByRole("button", { name: "Try changes" }).click();
  await tests(page).getByRole("heading", { name: "Changes that no test notices" }).waitFor();
  const changes = tests(page).getByRole("region", { name: "Changes that no test notices" }).getByRole("listitem");
  const before = await changes.count();
  assert.ok(before > 0);
  await changes.first().getByRole("button", { name: /^Add a test/ }).click();
  await becomes(() => titles(page).then(([, title]) => title), "Tests 2 of 3");
  // The list follows, without those that the added test notices.
  await becomes(async () => (await changes.count()) < before, true);
});

test("tests: they are kept with the workspace", {}, async (page, watch) => {
  await withPolicy(page);
  await drop(page, { "secrets.yaml": TESTS });
  await becomes(() => titles(page).then(([, title]) => title), "Tests 1 of 2");
  await kept(page, "secrets never with bodies");
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.ready === "true");
  watch.forgive(/^request after load/);
  watch.loaded();
  await becomes(() => titles(page).then(([, title]) => title), "Tests 1 of 2");
});

test("requirements: claims have their results, and settings decide those about flags", {}, async (page) => {
  await withPolicy(page);
  await show(page, /^Requirements/);
  await requirements(page).getByText(/^\d+ met, \d+ refuted, \d+ not decidable$/).first().waitFor();
  await requirements(page).getByText("CIS-3.2.1").waitFor();
  const open = async () => Number(/(\d+) not decidable/.exec(await requirements(page).getByRole("status").innerText())?.[1]);
  const before = await open();
  await requirements(page).getByRole("checkbox", { name: "With the settings of Export" }).check();
  await becomes(() => open().then((count) => count < before), true);
  await requirements(page).getByRole("button", { name: /^Show request/ }).first().click();
  await panel(page).getByText("match: ", { exact: false }).first().waitFor({ state: "attached" });
  // An event takes the place of the request.
  await panel(page).getByRole("button", { name: "Close" }).waitFor();
  await grid(page).locator("[aria-rowindex='3']").click();
  await panel(page).getByText(/rule \d+ matches/).waitFor();
  assert.equal(await panel(page).getByRole("button", { name: "Close" }).count(), 0);
});

for (const [width, height] of [[1440, 900], [768, 1024], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    test(`tests and requirements: axe finds nothing at ${width} px, ${theme}`, { width, height, theme }, async (page) => {
      await openExample(page, "Catch-all first");
      if (width < 720) await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: "Policy" }).click();
      await show(page, /^Tests/);
      await becomes(() => results(page).count(), 3);
      await tests(page).getByRole("button", { name: "Try changes" }).click();
      await tests(page).getByRole("heading", { name: "Changes that no test notices" }).waitFor();
      await shot(page, `tests-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      await show(page, /^Requirements/);
      await requirements(page).getByText("CIS-3.2.1").waitFor();
      await shot(page, `requirements-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the page scrolls sideways");
    });
  }
}

test("simplify: what changes no verdict goes, after a look at it", {}, async (page) => {
  await withPolicy(page, POLICY.replace("rules:\n", "rules:\n- level: None\n  users: [ci, ci]\n") + "- level: None\n  verbs: [get]\n");
  const findings = page.getByRole("region", { name: "Findings" });
  await findings.getByRole("button", { name: "Simplify" }).click();
  await findings.getByText("Simpler policy: removed 1 rule of 4, and 1 value of others; every request is treated as before.").waitFor();
  assert.match(await findings.locator(".diff").innerText(), /−- level: None\s+−\s+verbs: \[get\]/);
  await findings.getByRole("button", { name: "Apply" }).click();
  await becomes(() => chips(page).then((all) => all.length), 3);
  await findings.getByRole("button", { name: "Simplify" }).click();
  await findings.getByText(/^Nothing can be removed/).waitFor();
  await findings.getByRole("button", { name: "Close" }).click();
});
