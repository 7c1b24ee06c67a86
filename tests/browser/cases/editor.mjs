// The policy editor, as a person has it: typing with help, by keyboard, in both themes.

import assert from "node:assert/strict";
import { axe, shot, test } from "../harness.mjs";

const TWO_RULES = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: ["system:kube-proxy"]
- level: Metadata
  resources:
  - group: ""
    verbs: [get]
`;

/** The editor, with this text in it and the cursor at its end. */
async function editor(page, text) {
  const box = page.getByRole("textbox", { name: "Audit policy" });
  await box.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
  return box;
}

/** Returns the lines of the text. */
async function written(box) {
  return box.evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent));
}

test("the editor offers the levels and writes the one chosen", {}, async (page) => {
  const box = await editor(page, "rules:\n- level: ");
  await page.keyboard.type("m");
  await page.getByRole("option", { name: "Metadata" }).waitFor();
  // A list that has just opened ignores keys for a moment, because they may be meant for the text.
  await page.waitForTimeout(150);
  await page.keyboard.press("Enter");
  assert.deepEqual(await written(box), ["rules:", "- level: Metadata"]);
});

test("a list field is begun as a list, and what fits it is offered", {}, async (page) => {
  const box = await editor(page, "rules:\n- level: None\n  ");
  await page.keyboard.type("omit");
  await page.getByRole("option", { name: /omitStages/ }).waitFor();
  await page.waitForTimeout(150);
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: "RequestReceived" }).waitFor();
  await page.waitForTimeout(150);
  await page.keyboard.press("Enter");
  assert.equal((await written(box)).at(-1), "  omitStages: [RequestReceived]");
});

test("Tab leads out of the editor, and back", {}, async (page) => {
  const box = await editor(page, "rules: []");
  await page.keyboard.press("Tab");
  assert.equal(await box.evaluate((content) => content.getRootNode().activeElement), null);
  await page.keyboard.press("Shift+Tab");
  assert.ok(await box.evaluate((content) => content.getRootNode().activeElement === content));
  assert.deepEqual(await written(box), ["rules: []"]);
});

test("F1 says what the word at the cursor means", {}, async (page) => {
  await editor(page, "rules:\n- level: Metadata");
  await page.keyboard.press("F1");
  // Screen readers get the same text from a hidden element.
  const help = page.getByRole("paragraph").filter({ hasText: "no bodies" });
  await help.waitFor();
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
});

test("pointing at a field says what it does", {}, async (page) => {
  await editor(page, TWO_RULES);
  await page.getByRole("button", { name: /^rule 2 M: Metadata/ }).waitFor();
  await page.getByRole("textbox", { name: "Audit policy" }).getByText("users", { exact: true }).hover();
  await page.getByText("is not a wildcard").waitFor();
});

for (const theme of ["light", "dark"]) {
  test(`search and completion are accessible, ${theme}`, { theme }, async (page) => {
    await editor(page, TWO_RULES);
    await page.keyboard.press("ControlOrMeta+f");
    await page.keyboard.type("level");
    await shot(page, `editor-search-${theme}`);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press("Escape");
    await editor(page, "rules:\n- level: ");
    await page.keyboard.press("Control+Space");
    await page.getByRole("option", { name: "Metadata" }).waitFor();
    await shot(page, `editor-completion-${theme}`);
    assert.deepEqual(await axe(page), []);
  });
}

test("every rule has a chip with its number, level and events", {}, async (page) => {
  await editor(page, TWO_RULES);
  await page.getByRole("button", { name: /^rule 1 N: None, [\d,]+ events?$/ }).waitFor();
  await page.getByRole("button", { name: /^rule 2 M: Metadata, [\d,]+ events?/ }).waitFor();
});

test("F8 goes to a finding and says it", {}, async (page) => {
  await editor(page, TWO_RULES);
  await page.getByRole("button", { name: /^rule 2 M: Metadata/ }).waitFor();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("F8");
  const help = page.locator(".cm-help-finding").first();
  await help.waitFor();
  assert.match((await help.textContent()) ?? "", /AP\d{3}/);
});

test("undo takes back what was typed", {}, async (page) => {
  const box = await editor(page, "kind: Policy");
  await page.keyboard.press("Enter");
  await page.keyboard.type("# note");
  assert.deepEqual(await written(box), ["kind: Policy", "# note"]);
  await page.keyboard.press("ControlOrMeta+z");
  assert.deepEqual((await written(box))[0], "kind: Policy");
  assert.ok(!(await written(box)).includes("# note"));
});
