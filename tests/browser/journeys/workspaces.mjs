// Workspaces and the browser's history, in each engine.

import assert from "node:assert/strict";
import { journey } from "../journeys.mjs";
import { banner, pastePolicy, policyText } from "../person.mjs";
import { role } from "../target.mjs";
import { sleep } from "../tab.mjs";

const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [first]\n";
const OTHER = POLICY.replace("first", "second");

async function entry(tab, name) {
  await tab.click(banner.css(".menu button").at(0));
  await tab.click(role("menuitem", name));
}

journey("several workspaces are kept, and back and forward go between them", async (tab) => {
  await pastePolicy(tab, POLICY);
  await entry(tab, /^New(?! from)/);
  await tab.until(async () => (await policyText(tab)).includes("first"), false);
  await pastePolicy(tab, OTHER);
  await tab.evaluate(() => history.back());
  await tab.until(() => policyText(tab), POLICY);
  await tab.evaluate(() => history.forward());
  await tab.until(() => policyText(tab), OTHER);
  // What has changed is kept as soon as nothing changes any more.
  await sleep(600);
  await tab.reload();
  await tab.until(() => policyText(tab), OTHER);
  await entry(tab, /^Open…/);
  const rows = role("dialog", "Workspaces").role("listitem");
  await tab.has(rows, 2);
  await tab.click(rows.at(1).role("button", /^Open/));
  await tab.until(() => policyText(tab), POLICY);
  await tab.has(role("dialog"), 0);
  // A dialog is closed by going back.
  await tab.click(banner.role("button", "Export"));
  await tab.has(role("dialog", "Export"));
  await tab.evaluate(() => history.back());
  await tab.has(role("dialog"), 0);
  assert.equal(await policyText(tab), POLICY);
});
