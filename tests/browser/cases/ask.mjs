// Ask: every verdict that requests of a query can get, each with an example and its reason.

import assert from "node:assert/strict";
import { axe, shot, test } from "../harness.mjs";
import { becomes, editor, eventsPane, kept, openExample, pastePolicy, press, tab, verdict } from "../page.mjs";

const pane = (page) => page.getByRole("region", { name: "Ask", exact: true });
const field = (page) => page.getByRole("combobox", { name: "Query" });
const choices = (page) => page.getByRole("listbox", { name: "Completions" }).getByRole("option");
const rows = (page) => pane(page).locator(".rows > li");

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: [ci]
- level: Metadata
  resources: [{group: "", resources: [secrets]}]
  omitStages: [RequestReceived]
- level: Request
`;

async function show(page) {
  await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Ask" }).click();
  await field(page).waitFor();
}

async function withPolicy(page, policy = POLICY) {
  await pastePolicy(page, policy);
  await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
}

/** Returns whether an element has the focus. */
const hasFocus = (locator) => locator.evaluate((element) => element.getRootNode().activeElement === element);

/** Writes a query, and asks it: Enter closes the completions, which cover the first rows. */
async function query(page, text) {
  await field(page).fill(text);
  await field(page).press("Enter");
}

/** The rows' first lines, without spaces at line ends. */
async function answers(page) {
  const texts = await rows(page).locator(".head").allInnerTexts();
  return texts.map((text) => text.replace(/\s+/g, " ").trim());
}

test("Ask: a query has every possible verdict, with the rule's line", {}, async (page) => {
  await withPolicy(page);
  await show(page);
  await query(page, "verb=get resource=secrets subresource= apiGroup=");
  await becomes(() => answers(page), [
    "1 N None by rule 1 (line 4) get of secrets by ci Example",
    "2 M Metadata by rule 2 (line 6) get of secrets by anyone but ci without RequestReceived Example",
  ]);
  await pane(page).getByText("Not always recorded: some requests at Metadata, some not at all.", { exact: true }).first().waitFor();
  await pane(page).getByRole("button", { name: "rule 2 (line 6)" }).click();
  await becomes(() => hasFocus(editor(page)), true);
});

test("Ask: an example opens with the result of each rule, and one request at once", {}, async (page) => {
  await withPolicy(page);
  await show(page);
  await query(page, "verb=get resource=secrets");
  await rows(page).first().getByRole("button", { name: /^Example of/ }).click();
  const example = rows(page).first().locator(".example");
  await example.getByText("match: ").first().waitFor({ state: "attached" });
  assert.match(await example.innerText(), /by ci/);
  await rows(page).first().getByRole("button", { name: /^Example of/ }).click();
  await example.waitFor({ state: "detached" });
  // One verdict: its reason is shown without a click.
  await query(page, "user=alice verb=delete resource=secrets namespace=payments name=db subresource= apiGroup=");
  await rows(page).nth(1).waitFor({ state: "detached" });
  await example.getByText("is not").first().waitFor();
  assert.match(await example.innerText(), /delete of secrets named db in namespace payments, by alice/);
});

test("Ask: an example stays open while the policy is edited, with the reasons of the new policy", {}, async (page) => {
  await withPolicy(page);
  await show(page);
  await query(page, "verb=get resource=secrets subresource= apiGroup=");
  await rows(page).nth(1).getByRole("button", { name: /^Example of/ }).click();
  const example = rows(page).nth(1).locator(".example");
  await example.getByText("match: ").first().waitFor({ state: "attached" });
  await withPolicy(page, POLICY.replace("level: None", "level: RequestResponse"));
  await becomes(() => answers(page).then((all) => all[0].includes("RequestResponse by rule 1")), true);
  await example.getByText("match: ").first().waitFor({ state: "attached" });
  // The requests of the new query do not include that of the example.
  await query(page, "verb=list resource=secrets subresource= apiGroup=");
  await becomes(() => answers(page).then((all) => all[0].includes("list of secrets")), true);
  await becomes(() => pane(page).locator(".example").count(), 0);
});

test("Ask: attributes and values complete the query", {}, async (page) => {
  await withPolicy(page);
  await show(page);
  await field(page).pressSequentially("ve");
  await becomes(() => choices(page).allInnerTexts().then((all) => all.map((text) => text.split("\n")[0])), ["verb"]);
  await press(page, "ArrowDown", "Enter");
  await field(page).pressSequentially("wat");
  await becomes(() => choices(page).allInnerTexts(), ["watch"]);
  await press(page, "ArrowDown", "Tab");
  assert.equal(await field(page).inputValue(), "verb=watch");
  // A user that only the policy has.
  await field(page).pressSequentially(" user=c");
  await choices(page).filter({ hasText: /^ci$/ }).waitFor();
  await press(page, "Escape");
  await becomes(() => choices(page).count(), 0);
  assert.equal(await field(page).inputValue(), "verb=watch user=c");
});

test("Ask: the completions close on a choice and on a click elsewhere", {}, async (page) => {
  await withPolicy(page);
  await show(page);
  await field(page).pressSequentially("ve");
  await choices(page).filter({ hasText: /^verb/ }).click();
  assert.equal(await field(page).inputValue(), "verb=");
  // The values follow the name; a chosen one ends the list.
  await choices(page).filter({ hasText: /^delete$/ }).click();
  assert.equal(await field(page).inputValue(), "verb=delete");
  await becomes(() => choices(page).count(), 0);
  await becomes(() => hasFocus(field(page)), true);
  const elsewhere = { text: () => field(page).click({ position: { x: 12, y: 12 } }), answer: () => page.getByRole("region", { name: "Possible verdicts" }).click({ position: { x: 8, y: 300 } }) };
  for (const [where, click] of Object.entries(elsewhere)) {
    await field(page).fill("");
    await field(page).pressSequentially("na");
    await choices(page).first().waitFor();
    await click();
    await becomes(() => choices(page).count(), 0);
    assert.equal(await field(page).inputValue(), "na", where);
  }
  // Another pane ends the list as well.
  await field(page).fill("");
  await field(page).pressSequentially("na");
  await choices(page).first().waitFor();
  await press(page, "Alt+1");
  await show(page);
  await becomes(() => choices(page).count(), 0);
});

test("Ask: the query is there again after a reload", {}, async (page, watch) => {
  await withPolicy(page);
  await show(page);
  await query(page, "user=ci verb=get");
  await pane(page).getByRole("checkbox", { name: "Leave out requests that cannot come" }).uncheck();
  await kept(page, '"impossible":true');
  await kept(page, '"query":"user=ci verb=get"');
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.ready === "true");
  watch.forgive(/^request after load/);
  watch.loaded();
  await show(page);
  assert.equal(await field(page).inputValue(), "user=ci verb=get");
  assert.equal(await pane(page).getByRole("checkbox", { name: "Leave out requests that cannot come" }).isChecked(), false);
  await rows(page).first().waitFor();
});

test("Ask: a misspelt attribute has its place", {}, async (page) => {
  await show(page);
  await query(page, "verb=get resorce=pods");
  await pane(page).getByText("unknown attribute resorce: did you mean resource?").waitFor();
  assert.equal(await field(page).getAttribute("aria-invalid"), "true");
  await pane(page).getByRole("button", { name: "at character 10" }).click();
  assert.deepEqual(await field(page).evaluate((input) => [input.selectionStart, input.selectionEnd]), [9, 16]);
  assert.deepEqual(await axe(page), []);
});

test("Ask: the answer follows the policy and the check box", {}, async (page) => {
  await withPolicy(page, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  userGroups: [\"system:unauthenticated\"]\n- level: Metadata\n");
  await show(page);
  await query(page, "user=alice");
  await becomes(() => answers(page).then((all) => all.length), 1);
  // Only anonymous requests have the group, so one of alice with it cannot come.
  await pane(page).getByRole("checkbox", { name: "Leave out requests that cannot come" }).uncheck();
  await becomes(() => answers(page).then((all) => all.length), 2);
  await rows(page).first().getByRole("button", { name: /^Example of/ }).click();
  await rows(page).first().getByText("No URL, method and identity produce such a request.").waitFor();
  await withPolicy(page, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n");
  await becomes(() => answers(page).then((all) => all.map((text) => text.slice(0, 33))), ["1 M Metadata by rule 1 (line 4) a"]);
});

test("Ask: an example says what its Kubernetes version does not serve", {}, async (page) => {
  await withPolicy(page);
  await show(page);
  await query(page, "user=alice verb=get apiGroup=policy resource=podsecuritypolicies subresource= namespace= name=x");
  const note = "It is not served by Kubernetes 1.36: podsecuritypolicies in the group policy.";
  await rows(page).first().locator(".example").getByText(note).waitFor();
});

test("Ask: a recorded request is asked about from the inspector", {}, async (page) => {
  await openExample(page, "Production policy");
  await tab(page, "Request").click();
  await page.getByRole("button", { name: "Ask about this request" }).click();
  await becomes(() => hasFocus(field(page)), true);
  assert.match(await field(page).inputValue(), /^user=\S+ userGroup=\S+ .*verb=\S+ /);
  // One request has one verdict, whose reason is shown.
  await becomes(() => rows(page).count(), 1);
  await rows(page).locator(".example").getByText("match: ").first().waitFor({ state: "attached" });
  await page.goBack();
  await eventsPane(page).waitFor();
});

test("Ask: the query is reached by keyboard, and Escape empties it", {}, async (page) => {
  await press(page, "Alt+6");
  await becomes(() => hasFocus(field(page)), true);
  await page.keyboard.type("user=x ");
  await press(page, "Escape");
  await becomes(() => field(page).inputValue(), "");
  await pane(page).getByRole("button", { name: "What if alice deletes a secret?" }).click();
  assert.equal(await field(page).inputValue(), "user=alice verb=delete resource=secrets");
  await rows(page).first().waitFor();
  await press(page, "Alt+1");
  await becomes(() => hasFocus(editor(page)), true);
});

for (const [width, height] of [[1440, 900], [768, 1024], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    test(`Ask: axe finds nothing at ${width} px, ${theme}`, { width, height, theme }, async (page) => {
      await openExample(page, "Production policy");
      const where = width < 720 ? page.getByRole("navigation", { name: "Panes" }) : page.getByRole("navigation", { name: "Effects of the policy" });
      await where.getByRole("button", { name: "Ask" }).click();
      await pane(page).getByRole("heading", { name: "Ask about every possible request" }).waitFor();
      await shot(page, `ask-empty-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      await query(page, "verb=get,list,delete resource=secrets,pods");
      await rows(page).nth(1).waitFor();
      await rows(page).nth(1).getByRole("button", { name: /^Example of/ }).click();
      await rows(page).nth(1).getByText("match: ").first().waitFor({ state: "attached" });
      await shot(page, `ask-${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the page scrolls sideways");
    });
  }
}
