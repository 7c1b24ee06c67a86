// The second visit works without a network, in each engine.

import assert from "node:assert/strict";
import { journey } from "../journeys.mjs";
import { answer, openExample, pastePolicy, policyText } from "../person.mjs";

const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [offline]\n";

journey("the second visit works without a network, and asks for a newer version only", async (tab) => {
  await pastePolicy(tab, POLICY);
  const before = tab.requests.length;
  tab.cutNetwork(true);
  try {
    await tab.reload();
    assert.match(await tab.text(answer), /\d/);
    assert.equal(await policyText(tab), POLICY);
    await openExample(tab, "Misnested verbs");
    await tab.until(async () => (await policyText(tab)) !== POLICY, true);
  } finally {
    tab.cutNetwork(false);
  }
  await tab.reload();
  assert.deepEqual([...new Set(tab.requests.slice(before).filter((path) => !path.endsWith("/service-worker.js")))], []);
}, { expected: /fail|load|network|NetworkError|connection/i });
