// Compare: the requests that another policy treats differently, the losses first.

import assert from "node:assert/strict";
import { axe, files, shot, test } from "../harness.mjs";
import { becomes, editor, openExample, pastePolicy, press, verdict } from "../page.mjs";

const pane = (page) => page.getByRole("region", { name: "Compare", exact: true });
const rows = (page) => pane(page).locator(".rows > li");
const status = (page) => pane(page).getByRole("status", { name: "Result of the comparison" });

/** Waits until the policies are equal, for the eye and for a screen reader. */
async function equal(page) {
  const text = "The policies are equal, over every request that can come";
  await page.getByRole("region", { name: "Differences" }).getByText(text).waitFor();
  await becomes(() => status(page).innerText(), text);
}

const policy = (rules) => `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}- level: Metadata\n`;
const BEFORE = policy("- level: Request\n  verbs: [create]\n");
const AFTER = policy("- level: None\n  users: [ci]\n- level: Request\n  verbs: [create, update]\n");

async function show(page) {
  await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Compare" }).click();
  await pane(page).waitFor();
}

async function withPolicy(page, text) {
  await pastePolicy(page, text);
  await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
}

/** The headings of the cards, and the words of their rows without spaces at line ends. */
async function differences(page) {
  const cards = await pane(page).locator(".card:has(> h3)").all();
  return Promise.all(cards.map(async (card) => {
    const requests = await card.locator(".requests").allInnerTexts();
    return [await card.getByRole("heading").innerText(), ...requests.map((text) => text.replace(/\s+/g, " ").trim())];
  }));
}

test("Compare: what an edit loses comes first, with an example and both rules", {}, async (page) => {
  await withPolicy(page, BEFORE);
  await show(page);
  await pane(page).getByRole("heading", { name: "No baseline to compare with" }).waitFor();
  await pane(page).getByRole("button", { name: "Pin the current policy" }).click();
  await equal(page);
  await withPolicy(page, AFTER);
  await becomes(() => differences(page), [
    ["No longer recorded", "any request by ci"],
    ["Gained", "update by anyone but ci"],
  ]);
  const first = rows(page).first();
  assert.match((await first.locator(".levels").innerText()).replace(/\s+/g, " "), /^M Metadata R Request → to N None$/);
  await first.getByRole("button", { name: "Example of any request by ci" }).click();
  await first.getByText(/before: rule [12] \(line [46]\)/).waitFor();
  assert.match((await first.locator(".turn").innerText()).replace(/\s+/g, " "), /now: 1 N None by rule 1 \(line 4\) ?, which matches the user ci/);
  await first.getByText("not evaluated: rule 1 already matched").first().waitFor();
  await first.getByRole("button", { name: "rule 1 (line 4)" }).click();
  await becomes(() => editor(page).evaluate((element) => element.getRootNode().activeElement === element), true);
});

test("Compare: with a log, differences have events and bytes per day", {}, async (page) => {
  await openExample(page, "Production policy");
  await show(page);
  await pane(page).getByRole("button", { name: "Pin the current policy" }).click();
  await equal(page);
  await withPolicy(page, policy("- level: None\n  users: [admin]\n"));
  const listed = page.getByRole("region", { name: "Differences" });
  await listed.getByText(/on this log: [−+][\d.]+ [KMG]?B per day, \d+ events? no longer recorded/).waitFor();
  await rows(page).first().getByText(/^[\d,]+ events?/).waitFor();
});

test("Compare: a policy of a file, also one that the version rejects", {}, async (page) => {
  await withPolicy(page, BEFORE);
  await show(page);
  const open = async (button, text) => {
    const chooser = page.waitForEvent("filechooser");
    await pane(page).getByRole("button", { name: button }).click();
    await (await chooser).setFiles(files({ "in-use.yaml": text }));
  };
  await open("Open a policy…", AFTER);
  await pane(page).getByText(/^before: the baseline in-use\.yaml, on Kubernetes 1\.36$/).waitFor();
  await becomes(() => differences(page), [
    ["Bodies lost", "update by anyone but ci"],
    ["Gained", "create by ci", "any verb but create by ci"],
  ]);
  await open("Choose another…", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Loud\n");
  await pane(page).getByText(/rejects the other policy/).first().waitFor();
  await open("Choose another…", BEFORE);
  await equal(page);
});

test("Compare: the same policy on another Kubernetes version", {}, async (page) => {
  await withPolicy(page, policy("- level: None\n  omitManagedFields: true\n  verbs: [get]\n").replace("rules:", "omitManagedFields: true\nrules:"));
  await show(page);
  await pane(page).getByRole("combobox", { name: "Compare with" }).selectOption("this policy on Kubernetes 1.22");
  await pane(page).getByText(/^before: the policy in the editor, on Kubernetes 1\.22$/).waitFor();
  await pane(page).getByText(/^now: the policy in the editor, on Kubernetes 1\.36$/).waitFor();
  // The page's own version is not offered.
  const versions = await pane(page).getByRole("combobox", { name: "Compare with" }).locator("option").allInnerTexts();
  assert.ok(versions.includes("this policy on Kubernetes 1.35") && !versions.includes("this policy on Kubernetes 1.36"), String(versions));
  await becomes(() => differences(page), [
    ["Managed fields lost", "any verb but get now without managedFields since Kubernetes 1.23"],
    ["Not recorded, before and after", "get since Kubernetes 1.23"],
  ]);
});

test("Compare: it is reached by keyboard, and its baseline is that of the volume", {}, async (page) => {
  await press(page, "Alt+4");
  await page.getByRole("button", { name: "Pin as baseline" }).click();
  await press(page, "Alt+5");
  await pane(page).getByText(/^before: the baseline, on Kubernetes /).waitFor();
  await pane(page).getByText(/^now: the policy in the editor, on .*, with the same text$/).waitFor();
  await page.goBack();
  await page.getByRole("region", { name: "Volume" }).waitFor();
});

/** Returns a policy of many rules that overlap in many ways: deciding about it takes seconds. */
function intricate() {
  let seed = 7;
  const below = (limit) => (seed = (seed * 16807) % 2147483647) % limit;
  const some = (names) => JSON.stringify([below(2), 2 + below(2), 4 + below(2)].map((index) => names[index % names.length]));
  const numbered = (name, count) => Array.from({ length: count }, (_, index) => `${name}${index}`);
  const fields = [
    ["users", numbered("user", 12)],
    ["userGroups", numbered("group", 12)],
    ["verbs", ["get", "list", "watch", "create", "update", "patch", "delete"]],
    ["namespaces", numbered("ns", 8)],
  ];
  const shuffled = (names) => names.map((name) => [below(1000), name]).sort(([one], [other]) => one - other).map(([, name]) => name);
  const rule = () => {
    const level = ["None", "Metadata", "Request", "RequestResponse"][below(4)];
    const conditions = fields.filter(() => below(10) < 6).map(([field, names]) => `  ${field}: ${some(shuffled(names))}\n`);
    return `- level: ${level}\n  resources: [{group: "", resources: ${some(shuffled(["pods", "secrets", "configmaps", "services", "nodes", "events", "endpoints"]))}}]\n${conditions.join("")}`;
  };
  return policy(Array.from({ length: 100 }, rule).join(""));
}

test("Compare: a long comparison can be cancelled, and another one is not", {}, async (page) => {
  await withPolicy(page, BEFORE);
  await show(page);
  await pane(page).getByRole("button", { name: "Pin the current policy" }).click();
  await equal(page);
  await pastePolicy(page, intricate());
  await pane(page).getByText("Comparing over every request…").waitFor();
  await shot(page, "compare-long");
  await pane(page).getByRole("button", { name: "Cancel" }).click();
  await pane(page).getByRole("heading", { name: "Cancelled" }).waitFor();
  await pane(page).getByRole("button", { name: "Ask again" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "compare-cancelled");
  // Another question is not cancelled. It waits for the engine.
  await withPolicy(page, BEFORE);
  await pane(page).locator(".waiting").waitFor({ state: "detached" });
  await equal(page);
});

for (const [width, height] of [[1440, 900], [768, 1024], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    test(`Compare: axe finds nothing at ${width} px, ${theme}`, { width, height, theme }, async (page) => {
      await openExample(page, "Production policy");
      const part = (name) => page.getByRole("navigation", { name: width < 720 ? "Panes" : "Effects of the policy" }).getByRole("button", { name }).click();
      await part("Compare");
      await pane(page).getByRole("heading", { name: "No baseline to compare with" }).waitFor();
      await shot(page, `compare-empty-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      await pane(page).getByRole("button", { name: "Pin the current policy" }).click();
      await equal(page);
      await shot(page, `compare-equal-${width}-${theme}`);
      if (width < 720) await part("Policy");
      await withPolicy(page, AFTER);
      if (width < 720) await part("Compare");
      await rows(page).nth(1).waitFor();
      await rows(page).first().getByRole("button", { name: /^Example of/ }).click();
      await rows(page).first().getByText("match: ").first().waitFor({ state: "attached" });
      await shot(page, `compare-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the page scrolls sideways");
    });
  }
}
