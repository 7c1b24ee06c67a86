// Repair: a policy that copying has damaged is repaired after a look at what changes.

import assert from "node:assert/strict";
import { axe, shot, test } from "../harness.mjs";
import { becomes, editor, pastePolicy, verdict } from "../page.mjs";

const repair = (page) => page.getByRole("region", { name: "Repair", exact: true });

/** A policy from a slide: the indentation is lost. */
const FLAT = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
verbs: ["get","list","watch"]
- level: Metadata
resources:
- group: ""
resources: ["secrets"]
`;
const WHOLE = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  verbs: ["get","list","watch"]
- level: Metadata
  resources:
  - group: ""
    resources: ["secrets"]
`;
const TWO_READINGS = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: Metadata
verbs: [get]
omitStages:
- RequestReceived
`;

/** The whole text of the editor, also the lines that are not drawn. */
const text = (page) => editor(page).evaluate((content) => /** @type {any} */ (content).cmTile.view.state.sliceDoc());

test("Repair: lost indentation is restored after a look at the changes, and undone at once", {}, async (page) => {
  await pastePolicy(page, FLAT);
  await becomes(() => verdict(page).then((said) => said.startsWith("rejected")), true);
  await repair(page).getByText("This looks like a damaged paste: 2 repairs possible.").waitFor();
  assert.equal(await text(page), FLAT, "nothing changes by itself");
  await repair(page).getByRole("button", { name: "Show the repair" }).click();
  const lines = await repair(page).getByRole("listitem").allInnerTexts();
  assert.deepEqual(lines.map((line) => line.replace(/:.*/s, "")), ["Line 5", "Lines 7 to 9"]);
  await axe(page);
  await shot(page, "repair");
  await repair(page).getByRole("button", { name: "Repair", exact: true }).click();
  await becomes(() => text(page), WHOLE);
  await becomes(() => verdict(page).then((said) => said.startsWith("accepted")), true);
  await becomes(() => repair(page).count(), 0);
  await editor(page).press("ControlOrMeta+z");
  await becomes(() => text(page), FLAT);
});

test("Repair: a line with two readings is asked about", { width: 390 }, async (page) => {
  await page.getByRole("button", { name: "Policy", exact: true }).click();
  await pastePolicy(page, TWO_READINGS);
  await repair(page).getByRole("button", { name: "Show the repair" }).click();
  const group = repair(page).getByRole("group", { name: /Line 6/ });
  assert.deepEqual((await group.getByRole("radio").count()), 3);
  assert.ok(await group.getByRole("radio", { name: "undecided" }).isChecked());
  const reading = group.getByRole("radio", { name: "a part of rule 1" });
  // The page checks the button when the repair is there, which `check` does not wait for.
  await reading.click();
  await becomes(() => reading.isChecked(), true);
  await becomes(() => repair(page).getByText("more than one reading").count(), 0);
  await repair(page).getByRole("button", { name: "Repair", exact: true }).click();
  await becomes(() => text(page).then((said) => said.includes("  omitStages:\n")), true);
  await becomes(() => repair(page).count(), 0);
});

test("Repair: a good policy is left alone", {}, async (page) => {
  await pastePolicy(page, WHOLE);
  await becomes(() => verdict(page).then((said) => said.startsWith("accepted")), true);
  await page.waitForTimeout(500);
  assert.equal(await repair(page).count(), 0);
});
