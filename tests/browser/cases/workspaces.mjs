// Several workspaces: each is kept on its own, and neither another workspace, nor another tab, nor a text that cannot be read takes its place.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { axe, files, root, shot, test } from "../harness.mjs";
import { FIRST_KEY, becomes, editor, eventsPane, kept, keptTexts, openExample, pastePolicy, pick, press } from "../page.mjs";

const REQUESTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n");
const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [pasted]\n";
const policy = (user) => POLICY.replace("pasted", user);

const banner = (page) => page.getByRole("banner");
const notices = (page) => page.getByRole("status", { name: "Notices" });
const alerts = (page, text) => page.getByRole("alert").filter({ hasText: text });
const dialog = (page) => page.getByRole("dialog", { name: "Workspaces" });
const row = (page, name) => dialog(page).getByRole("listitem").filter({ hasText: name });
const listed = (page) => eventsPane(page).getByRole("status").innerText();
const text = (page) => editor(page).evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));
const ready = (page) => page.waitForFunction(() => document.documentElement.dataset.ready === "true");
/** Name in the header. */
const name = async (page) => (await banner(page).locator(".menu").first().getByRole("button").first().innerText()).trim();

/** Chooses an entry of the workspace menu. */
async function entry(page, title) {
  await banner(page).locator(".menu").first().getByRole("button").first().click();
  await page.getByRole("menuitem", { name: title }).click();
}

/** Names in the dialog, in order. */
async function names(page) {
  await entry(page, /^Open…/);
  await dialog(page).waitFor();
  const all = await dialog(page).getByRole("listitem").locator("b").allInnerTexts();
  await dialog(page).getByRole("button", { name: "Close" }).click();
  await becomes(() => dialog(page).count(), 0);
  return all;
}

async function reload(page, watch) {
  await page.reload();
  await ready(page);
  watch.forgive(/^request after load/);
  watch.loaded();
}

/** Opens the page in another tab of the same browser. */
async function otherTab(page) {
  const other = await page.context().newPage();
  await other.goto(page.url());
  await ready(other);
  return other;
}

/** Names the current workspace. */
async function rename(page, to) {
  await entry(page, /^Rename/);
  const field = dialog(page).getByRole("textbox", { name: "Name of the workspace" });
  await becomes(() => field.evaluate((field) => field.matches(":focus")), true);
  await field.fill(to);
  await press(page, "Enter");
  await dialog(page).getByRole("button", { name: "Close" }).click();
  // The header shortens a long one.
  await becomes(async () => to.startsWith((await name(page)).replace("…", "")), true);
}

test("a new workspace leaves the one before as it is, and each is restored in its tab", {}, async (page, watch) => {
  await pastePolicy(page, policy("first"));
  await rename(page, "production");
  const events = await listed(page);
  await entry(page, /^New(?! from)/);
  await becomes(async () => (await text(page)).includes("first"), false);
  assert.equal(await name(page), "Untitled");
  assert.equal(await listed(page), events);
  await pastePolicy(page, policy("second"));
  await kept(page, "second");
  await kept(page, "first");
  assert.deepEqual(await names(page), ["Untitled", "production"]);
  // Another tab opens what was opened last.
  const other = await otherTab(page);
  await becomes(() => text(other), policy("second"));
  await entry(other, /^Open…/);
  await shot(other, "workspaces-two");
  await row(other, "production").getByRole("button", { name: "Open production" }).click();
  await becomes(() => text(other), policy("first"));
  assert.equal(await dialog(other).count(), 0);
  // Each stays with its own.
  await pastePolicy(other, policy("other"));
  await pastePolicy(page, policy("mine"));
  await kept(page, "other");
  await kept(page, "mine");
  assert.equal(await alerts(page, "Another tab").count(), 0);
  await reload(page, watch);
  await becomes(() => text(page), policy("mine"));
  await other.close();
  watch.loaded();
});

test("a new workspace can be undone, and leaves nothing behind", {}, async (page) => {
  await pastePolicy(page, POLICY);
  await kept(page, "pasted");
  await entry(page, /^New(?! from)/);
  await becomes(async () => Object.keys(await keptTexts(page)).length, 2);
  await notices(page).getByRole("button", { name: "Undo: restore the previous workspace" }).click();
  await becomes(() => text(page), POLICY);
  await becomes(async () => Object.keys(await keptTexts(page)).length, 1);
  await kept(page, "pasted");
});

test("a copy is another workspace", {}, async (page) => {
  await pastePolicy(page, POLICY);
  await rename(page, "team");
  await entry(page, /^Duplicate/);
  await becomes(() => name(page), "team copy");
  await pastePolicy(page, policy("copied"));
  await kept(page, "copied");
  await kept(page, "pasted");
  await entry(page, /^Open…/);
  await row(page, "team").last().getByRole("button", { name: "Duplicate team" }).click();
  await becomes(async () => (await dialog(page).getByRole("listitem").locator("b").allInnerTexts()).length, 3);
  assert.deepEqual(await dialog(page).getByRole("listitem").locator("b").allInnerTexts(), ["team copy", "team", "team copy 2"]);
});

test("what is forgotten can be kept again, the open workspace and another one", {}, async (page) => {
  await pastePolicy(page, policy("first"));
  await rename(page, "first");
  await entry(page, /^New(?! from)/);
  await pastePolicy(page, policy("second"));
  await rename(page, "second");
  await kept(page, "second");
  await entry(page, /^Open…/);
  await row(page, "first").getByRole("button", { name: "Forget first" }).click();
  await becomes(() => row(page, "first").count(), 0);
  await becomes(async () => Object.values(await keptTexts(page)).some((one) => one.includes("[first]")), false);
  await dialog(page).getByText("Forgot first.").waitFor();
  await shot(page, "workspaces-forgotten");
  assert.deepEqual(await axe(page), []);
  await dialog(page).getByRole("button", { name: "Undo: keep it again" }).click();
  await row(page, "first").waitFor();
  await kept(page, "[first]");
  // The open one.
  await dialog(page).getByRole("button", { name: "Close" }).click();
  await entry(page, /^Forget/);
  await becomes(async () => (await text(page)).includes("second"), false);
  await becomes(async () => Object.keys(await keptTexts(page)).length, 1);
  await notices(page).getByRole("button", { name: "Undo: restore the previous workspace" }).click();
  await becomes(() => text(page), policy("second"));
  await kept(page, "[second]");
});

test("the name in the list is changed, or left as it is with Escape", {}, async (page) => {
  await pastePolicy(page, POLICY);
  await kept(page, "pasted");
  await entry(page, /^New(?! from)/);
  await kept(page, "Untitled");
  await entry(page, /^Open…/);
  const rename = () => dialog(page).getByRole("listitem").last().getByRole("button", { name: /^Rename/ }).click();
  const field = dialog(page).getByRole("textbox", { name: "Name of the workspace" });
  await rename();
  await press(page, "Escape");
  await becomes(() => field.count(), 0);
  assert.equal(await dialog(page).count(), 1);
  await rename();
  await field.fill("pro\u202eduction");
  await press(page, "Enter");
  // The sign that turns the direction of writing is marked.
  await becomes(async () => (await dialog(page).getByRole("listitem").last().innerText()).includes("U+202E"), true);
  await shot(page, "workspaces-renamed");
});

test("the workspace menu saves a workspace and a policy, and opens them again as another workspace", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const [download] = await Promise.all([page.waitForEvent("download"), entry(page, /^Save as file/)]);
  assert.equal(download.suggestedFilename(), "audit-policy.workspace.json");
  const saved = readFileSync(await download.path(), "utf8");
  assert.equal(JSON.parse(saved).policy, POLICY);
  const [other] = await Promise.all([page.waitForEvent("download"), entry(page, /^Save policy/)]);
  assert.equal(other.suggestedFilename(), "policy.yaml");
  assert.equal(readFileSync(await other.path(), "utf8"), POLICY);
  const events = await listed(page);
  await entry(page, /^New(?! from)/);
  await becomes(async () => (await text(page)).includes("pasted"), false);
  await pick(page, files({ "team.workspace.json": saved }));
  await becomes(() => text(page), POLICY);
  await becomes(() => name(page), "team");
  assert.equal(await listed(page), events);
  await becomes(async () => Object.keys(await keptTexts(page)).length, 3);
});

test("what a later version has kept, and what is damaged, stays as it is and can be saved", {}, async (page, watch) => {
  const later = '{"kind":"AuditPolicyWorkspace","version":7,"policies":["a"]}';
  const damaged = '{"kind":"AuditPolicyWorkspace","version":1,"policy":"rules: []","extra":1}';
  const texts = { [`${FIRST_KEY}/later`]: later, [`${FIRST_KEY}/damaged`]: damaged, [`${FIRST_KEY}.damaged`]: "{" };
  for (const [id, reason] of [["later", "version 7"], ["damaged", "unknown field extra"]]) {
    await page.evaluate(([texts, id]) => {
      localStorage.clear();
      sessionStorage.clear();
      for (const [key, text] of Object.entries(texts)) localStorage.setItem(key, text);
      localStorage.setItem("audit-policy-playground/current", id);
    }, /** @type {[Record<string, string>, string]} */ ([texts, id]));
    await reload(page, watch);
    const alert = alerts(page, reason);
    await alert.waitFor();
    await shot(page, `workspaces-${id}`);
    await pastePolicy(page, policy(id));
    await kept(page, id);
    const all = await keptTexts(page);
    for (const [key, text] of Object.entries(texts)) assert.equal(all[key], text);
    assert.equal(Object.keys(all).length, 4);
    await alert.getByRole("button", { name: "Show workspaces" }).click();
    assert.equal(await dialog(page).getByRole("listitem").filter({ hasText: "Unreadable" }).count(), 3);
    const button = dialog(page).getByRole("listitem").filter({ hasText: reason }).getByRole("button", { name: /^Save as file/ });
    const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
    assert.equal(readFileSync(await download.path(), "utf8"), texts[`${FIRST_KEY}/${id}`]);
    // What was typed is what opens next, and there is nothing to report.
    await reload(page, watch);
    await becomes(() => text(page), policy(id));
    assert.equal(await page.getByRole("alert").allInnerTexts().then((all) => all.join("")), "");
  }
});

test("the only workspace of an earlier version of the page is moved to its own key, and kept where that is impossible", {}, async (page, watch) => {
  const first = JSON.stringify({ kind: "AuditPolicyWorkspace", version: 1, name: "old", policy: POLICY });
  await page.evaluate(([key, text]) => localStorage.setItem(key, text), [FIRST_KEY, first]);
  await reload(page, watch);
  await becomes(() => text(page), POLICY);
  assert.equal(await name(page), "old");
  await becomes(async () => Object.keys(await keptTexts(page)).every((key) => key.startsWith(`${FIRST_KEY}/`)), true);
  await kept(page, "pasted");
  assert.equal(Object.keys(await keptTexts(page)).length, 1);
  // A storage without room for two.
  await page.evaluate(([key, text]) => {
    localStorage.clear();
    sessionStorage.clear();
    localStorage.setItem(key, text);
  }, [FIRST_KEY, first]);
  await page.addInitScript((first) => {
    const set = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      if (key !== first && this === localStorage) throw new DOMException("full", "QuotaExceededError");
      set.call(this, key, value);
    };
  }, FIRST_KEY);
  await reload(page, watch);
  await becomes(() => text(page), POLICY);
  await pastePolicy(page, policy("changed"));
  await kept(page, "changed");
  assert.deepEqual(Object.keys(await keptTexts(page)), [FIRST_KEY]);
  assert.equal(await alerts(page, "storage").count(), 0);
});

test("two tabs do not write over each other, and both versions can be kept", {}, async (page, watch) => {
  await pastePolicy(page, POLICY);
  await kept(page, "pasted");
  const other = await otherTab(page);
  await becomes(() => text(other), POLICY);
  // Looking at something else is not another version.
  await press(other, "Alt+4");
  await press(other, "Alt+2");
  await pastePolicy(other, policy("other"));
  await kept(other, "other");
  const alert = alerts(page, "Another tab has changed this workspace");
  await alert.waitFor();
  await shot(page, "workspaces-two-tabs");
  await pastePolicy(page, policy("mine"));
  await page.waitForTimeout(700);
  const values = async () => Object.values(await keptTexts(page));
  assert.equal((await values()).filter((one) => one.includes("mine")).length, 0);
  await alert.getByRole("button", { name: "Keep this version" }).click();
  await kept(page, "mine");
  await becomes(() => alert.count(), 0);
  // Now the other tab gets the alert, and uses this tab's version.
  const there = alerts(other, "Another tab has changed this workspace");
  await there.getByRole("button", { name: "Use the other tab's version" }).click();
  await becomes(() => text(other), policy("mine"));
  // Next time, both are kept.
  await pastePolicy(other, policy("theirs"));
  await alert.waitFor();
  await pastePolicy(page, policy("ours"));
  await alert.getByRole("button", { name: "Keep both" }).click();
  await becomes(() => alert.count(), 0);
  await kept(page, "theirs");
  await kept(page, "ours");
  assert.equal((await values()).length, 2);
  // Without a name of its own, the workspace has that of its example.
  assert.equal(await name(page), "Production policy copy");
  await pastePolicy(page, policy("ours again"));
  await kept(page, "ours again");
  assert.equal(await there.count(), 0);
  await other.close();
  watch.loaded();
});

test("a workspace that another tab forgets is not written again without a choice", {}, async (page, watch) => {
  await pastePolicy(page, POLICY);
  await kept(page, "pasted");
  const other = await otherTab(page);
  await becomes(() => text(other), POLICY);
  await entry(other, /^Forget/);
  const alert = alerts(page, "This browser doesn't have this workspace any more");
  await alert.waitFor();
  await pastePolicy(page, policy("mine"));
  await page.waitForTimeout(700);
  assert.deepEqual(await keptTexts(page), {});
  await alert.getByRole("button", { name: "Keep it" }).click();
  await kept(page, "mine");
  await other.close();
  watch.loaded();
});

test("a workspace that could not be kept is one undo away, and leaving asks first", {}, async (page) => {
  await page.evaluate(() => { Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }; });
  await pastePolicy(page, POLICY);
  await alerts(page, "storage is full").waitFor();
  await entry(page, /^New(?! from)/);
  await notices(page).getByText("could not be saved").waitFor();
  assert.ok(await page.evaluate(() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }))));
  await notices(page).getByRole("button", { name: "Undo: restore the previous workspace" }).click();
  await becomes(() => text(page), POLICY);
});

test("the baseline is kept with the workspace", {}, async (page, watch) => {
  await pastePolicy(page, POLICY.replace("  users: [pasted]\n", ""));
  await press(page, "Alt+4");
  const volume = page.getByRole("region", { name: "Volume", exact: true });
  await volume.getByRole("button", { name: "Pin as baseline" }).click();
  await kept(page, '"baseline"');
  await pastePolicy(page, POLICY.replace("level: Metadata\n  users: [pasted]", "level: None"));
  await volume.getByRole("heading", { name: "Compared with the baseline" }).waitFor();
  await kept(page, "level: None");
  await reload(page, watch);
  await press(page, "Alt+4");
  await volume.getByRole("heading", { name: "Compared with the baseline" }).waitFor();
  assert.equal(await volume.getByRole("button", { name: "Pin as baseline" }).getAttribute("aria-pressed"), "true");
});

test("back and forward go between panes, dialogs, examples and workspaces", {}, async (page) => {
  const volume = page.getByRole("region", { name: "Volume", exact: true });
  const address = `${page.url()}#part`;
  await page.evaluate((address) => history.replaceState(history.state, "", address), address);
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await pastePolicy(page, POLICY);
  await page.getByRole("combobox", { name: "Filter events" }).fill("verb:get");
  await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Volume" }).click();
  await volume.waitFor();
  await page.goBack();
  await becomes(() => volume.count(), 0);
  assert.equal(await page.getByRole("combobox", { name: "Filter events" }).inputValue(), "verb:get");
  await page.goForward();
  await volume.waitFor();
  await page.goBack();
  await becomes(() => volume.count(), 0);
  // A dialog.
  const shown = page.getByRole("dialog");
  await banner(page).getByRole("button", { name: "Export" }).click();
  await shown.waitFor();
  await page.goBack();
  await becomes(() => shown.count(), 0);
  await page.goForward();
  await shown.waitFor();
  await press(page, "Escape");
  await becomes(() => shown.count(), 0);
  // An example, from the place where the dialog was closed.
  await openExample(page, "Catch-all first");
  await becomes(async () => (await text(page)).includes("pasted"), false);
  await page.goBack();
  await becomes(() => text(page), POLICY);
  await page.getByRole("combobox", { name: "Filter events" }).waitFor();
  await becomes(() => page.getByRole("combobox", { name: "Filter events" }).inputValue(), "verb:get");
  await kept(page, "pasted");
  await page.goForward();
  await becomes(async () => (await text(page)).includes("pasted"), false);
  // A workspace.
  const before = await text(page);
  await entry(page, /^New(?! from)/);
  await becomes(() => name(page), "Untitled");
  await page.goBack();
  await becomes(() => text(page), before);
  await becomes(() => name(page), "Workspace");
  assert.equal(page.url(), address);
});

test("an example is undone with policy, log and filter", {}, async (page) => {
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await pastePolicy(page, POLICY);
  const filter = page.getByRole("combobox", { name: "Filter events" });
  await filter.fill("stage:ResponseComplete");
  const events = await listed(page);
  await openExample(page, "Catch-all first");
  await becomes(async () => (await text(page)).includes("pasted"), false);
  await notices(page).getByRole("button", { name: "Undo: reopen the previous log" }).click();
  await becomes(() => text(page), POLICY);
  await becomes(() => filter.inputValue(), "stage:ResponseComplete");
  await becomes(() => listed(page), events);
});

for (const theme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    test(`the list of workspaces fits, ${theme}, ${width} wide`, { theme, width }, async (page) => {
      await press(page, "Alt+1");
      await pastePolicy(page, POLICY);
      await rename(page, "a name that is as long as people make them when they paste a title, of a cluster or of a ticket");
      await entry(page, /^New(?! from)/);
      await entry(page, /^Open…/);
      await dialog(page).getByRole("listitem").nth(1).waitFor();
      await shot(page, `workspaces-${theme}-${width}`);
      assert.deepEqual(await axe(page), []);
      const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(wide <= inner);
      await dialog(page).getByRole("listitem").nth(1).getByRole("button", { name: /^Open/ }).click();
      await becomes(() => text(page), POLICY);
      const [after, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(after <= screen);
      await shot(page, `workspaces-name-${theme}-${width}`);
    });
  }
}
