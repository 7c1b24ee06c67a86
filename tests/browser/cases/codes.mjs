// The explanation of a finding: the page of its code, in a dialog.

import assert from "node:assert/strict";
import { axe, shot, test } from "../harness.mjs";
import { findings, openExample } from "../page.mjs";

for (const { width, theme } of [{ width: 1440, theme: "light" }, { width: 390, theme: "dark" }]) {
  test(`a finding is explained in a dialog at ${width} px, ${theme}`, { width, theme }, async (page) => {
    await openExample(page, "Misnested verbs");
    if (width === 390) await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: "Policy" }).click();
    const about = findings(page).getByRole("button", { name: "About AP012" });
    await about.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "AP012: a field at the wrong level" });
    await dialog.waitFor();
    // One wrong and one right policy, as `audit-policy explain AP012` prints them.
    assert.equal(await dialog.locator("pre").count(), 2);
    assert.match(await dialog.locator("pre").first().innerText(), /^apiVersion: audit\.k8s\.io\/v1\n/);
    assert.deepEqual(await axe(page), []);
    await shot(page, `code-${width}-${theme}`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.equal(await about.evaluate((button) => button === document.activeElement), true);
  });
}
