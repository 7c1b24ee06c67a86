// Links, in each engine.

import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { journey } from "../journeys.mjs";
import { REQUESTS, alert, banner, eventCount, pastePolicy, policyText } from "../person.mjs";
import { role } from "../target.mjs";
import { sleep } from "../tab.mjs";

const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [first]\n";

/** A workspace as the fragment of an address. */
const fragment = (workspace) => `#v1=${deflateSync(JSON.stringify({ kind: "AuditPolicyWorkspace", version: 2, ...workspace })).toString("base64url")}`;
const go = (tab, hash) => tab.evaluate((hash) => { location.hash = hash; }, hash);
const dialog = role("dialog", "Share");
const linkOf = (tab) => tab.on(dialog.role("textbox", "Link"), ([field]) => field?.value ?? "");

journey("a link is made, and opened with its events", async (tab) => {
  await pastePolicy(tab, POLICY);
  await tab.click(banner.role("button", "Share"));
  await tab.until(async () => (await linkOf(tab)).includes("#v1="), true);
  const link = await linkOf(tab);
  await tab.click(dialog.role("button", "Close"));
  await tab.has(dialog, 0);
  // The browser goes back over the dialog, and would forget a fragment that is set meanwhile.
  await sleep(500);
  // Names are replaced in it by others of the same length.
  await go(tab, new URL(link).hash);
  await tab.until(async () => /users: \[[a-z]{5}\]/.test(await policyText(tab)) && !(await policyText(tab)).includes("first"), true);
  await go(tab, fragment({ policy: POLICY.replace("first", "linked"), sample: `${REQUESTS.slice(0, 3).join("\n")}\n` }));
  await tab.until(() => policyText(tab), POLICY.replace("first", "linked"));
  await tab.until(() => eventCount(tab), 3);
  assert.equal(await tab.evaluate(() => location.hash), "");
});

journey("a link that was cut is reported, and nothing is lost", async (tab) => {
  await pastePolicy(tab, POLICY);
  const events = await eventCount(tab);
  await go(tab, fragment({ policy: "rules: []" }).slice(0, -9));
  await tab.has(alert.text("incomplete or damaged"));
  assert.equal(await policyText(tab), POLICY);
  assert.equal(await eventCount(tab), events);
});
