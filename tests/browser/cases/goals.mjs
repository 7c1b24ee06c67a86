// New from goals: packs and claims become a policy, which is put into the editor after a look at it.

import assert from "node:assert/strict";
import { axe, shot, test } from "../harness.mjs";
import { becomes, editor, openExample, verdict } from "../page.mjs";

const dialog = (page) => page.getByRole("dialog", { name: "New from goals" });
const result = (page) => dialog(page).getByRole("region", { name: "Result" });
const said = (page) => result(page).getByRole("status");
const claim = (page, number) => dialog(page).getByRole("textbox", { name: `Claim ${number}`, exact: true });
const checks = (page) => page.getByRole("tablist", { name: "Checks of the policy" });

/** The whole text of the editor, also the lines that are not drawn. */
const text = (page) => editor(page).evaluate((content) => /** @type {any} */ (content).cmTile.view.state.sliceDoc());

async function open(page) {
  await page.getByRole("banner").getByRole("button", { name: "Workspace" }).click();
  await page.getByRole("menuitem", { name: /^New from goals/ }).click();
  await said(page).getByText("Choose a standard, or state a claim.").waitFor();
}

test("New from goals: a pack becomes a policy that meets it, and is undone at once", {}, async (page) => {
  await openExample(page, "Production policy");
  const before = await text(page);
  await checks(page).getByRole("tab", { name: /^Requirements/ }).click();
  await page.getByRole("button", { name: "New from goals…" }).click();
  await dialog(page).getByRole("checkbox", { name: /^CIS Kubernetes Benchmark/ }).check();
  await said(page).getByText(/^\d+ rules meet \d+ claims, each proved for every request\.$/).waitFor();
  const count = /meet (\d+)/.exec(await said(page).innerText())[1];
  const volume = result(page).getByRole("region", { name: "Volume of the open log" });
  assert.match(await volume.innerText(), /Written\s+[\d,]+ events?/);
  await result(page).getByText("Claims met").click();
  assert.equal(await result(page).getByText(/^✓ CIS-/).count(), Number(count));
  assert.deepEqual(await axe(page), []);
  await shot(page, "goals");
  assert.equal(await text(page), before, "nothing changes by itself");

  await dialog(page).getByRole("button", { name: "Put into the editor" }).click();
  await becomes(() => dialog(page).count(), 0);
  await becomes(() => text(page).then((now) => now.startsWith(`# Meets ${count} claims, each proved`)), true);
  await becomes(() => verdict(page).then((now) => now.startsWith("accepted")), true);
  // Of the claims of CIS, none is refuted.
  const cis = page.getByRole("group").filter({ hasText: "CIS Kubernetes Benchmark, auditing" }).first();
  await becomes(() => cis.innerText().then((now) => now.includes(`${count} met`) && !now.includes("refuted")), true);
  await page.getByText("The policy in the editor was replaced.").waitFor();
  await editor(page).press("ControlOrMeta+z");
  await becomes(() => text(page), before);
});

test("New from goals: a claim of one's own, and the level of the rest", {}, async (page) => {
  await open(page);
  await claim(page, 1).fill("apiGroup= resource=secrets subresource= level=Request");
  await said(page).getByText("1 rule meets 1 claim, which is proved for every request.").waitFor();
  await dialog(page).getByRole("combobox", { name: "All other requests" }).selectOption("Metadata");
  await said(page).getByText("2 rules meet 1 claim, which is proved for every request.").waitFor();
  await dialog(page).getByRole("button", { name: "Put into the editor" }).click();
  await becomes(() => text(page).then((now) => now.slice(now.indexOf("rules:"))), `rules:
  # apiGroup= resource=secrets subresource= level=Request
  - level: Request
    resources:
    - group: ""
      resources: ["secrets"]
  # All other requests.
  - level: Metadata
`);
});

test("New from goals: a contradiction has a request that shows it", { theme: "dark" }, async (page) => {
  await open(page);
  await claim(page, 1).fill("verb=get level=None");
  await said(page).getByText("1 rule meets 1 claim").waitFor();
  await dialog(page).getByRole("button", { name: "Add a claim" }).click();
  await becomes(() => claim(page, 2).evaluate((field) => field === document.activeElement), true);
  await page.keyboard.insertText("path=/version level=Metadata");
  await said(page).getByText("No policy meets these claims: 1 contradiction.").waitFor();
  const found = result(page).getByRole("list", { name: "Contradictions" }).getByRole("listitem");
  assert.match(await found.innerText(), /of get of \/version by alice, the first expects the level None, the second the level Metadata\./);
  assert.equal(await result(page).getByRole("button", { name: "Put into the editor" }).count(), 0);
  await shot(page, "goals-contradiction-dark");
  await dialog(page).getByRole("button", { name: "Remove claim 2" }).click();
  await said(page).getByText("1 rule meets 1 claim").waitFor();
});

test("New from goals: a malformed claim has its place, by keyboard at 390 px", { width: 390, height: 844 }, async (page) => {
  await page.getByRole("button", { name: "Policy", exact: true }).click();
  const before = await text(page);
  await page.getByRole("banner").getByRole("button", { name: "Workspace" }).focus();
  for (const key of ["Enter", "ArrowDown", "Enter"]) {
    await page.keyboard.press(key);
    await page.waitForTimeout(100);
  }
  await said(page).getByText("Choose a standard, or state a claim.").waitFor();
  // Past the button that closes it, the goals and the five packs.
  await becomes(async () => {
    await page.keyboard.press("Tab");
    return claim(page, 1).evaluate((input) => input === document.activeElement);
  }, true);
  await page.keyboard.insertText("resource=secrets atLeast=Metdata");
  await said(page).getByText("Fix the marked claims to see a policy.").waitFor();
  assert.equal(await claim(page, 1).getAttribute("aria-invalid"), "true");
  await dialog(page).getByText("Column 18: Metdata is not a level: did you mean Metadata?").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "goals-malformed-390");
  for (let back = 0; back < 4; back++) await page.keyboard.press("Backspace");
  await page.keyboard.insertText("adata");
  await said(page).getByText("1 rule meets 1 claim").waitFor();
  assert.equal(await claim(page, 1).getAttribute("aria-invalid"), null);
  await shot(page, "goals-390");
  await page.keyboard.press("Escape");
  await becomes(() => dialog(page).count(), 0);
  assert.equal(await text(page), before);
});
