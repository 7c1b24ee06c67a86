// Links and files for others: what is in them, what is not, and what happens to those who open one.

import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { axe, files, shot, test } from "../harness.mjs";
import { answer, becomes, choose, editor, eventsPane, kept, keptTexts, openExample, panel, pick, press, verdict } from "../page.mjs";

const POLICY = "# for payments\napiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived, ResponseStarted]\nrules:\n- level: None\n  users: [alice]\n- level: RequestResponse\n";

const event = (number, user, query) =>
  JSON.stringify({
    kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", auditID: `a${number}`, stage: "ResponseComplete",
    requestURI: `/api/v1/namespaces/payments/pods/web/exec?${query}`, verb: "create", user: { username: user },
    sourceIPs: ["203.0.113.9"], responseStatus: { code: 101 },
    requestReceivedTimestamp: `2026-01-02T03:04:0${number}.000000Z`, stageTimestamp: `2026-01-02T03:04:0${number}.100000Z`,
  });
const LOG = [event(1, "alice", "command=ls"), event(2, "bob", "command=mysql&command=--password%3Dhunter2"), event(3, "alice", "command=sh")].join("\n");

const listed = (page) => eventsPane(page).getByRole("status").innerText();
const text = (page) => editor(page).evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));
/** The answer's figures, without the hint of an example. */
const figures = async (page) => (await answer(page).innerText()).split("\n").slice(0, 6).join(" ");
const dialog = (page) => page.getByRole("dialog", { name: "Share" });
const share = async (page) => {
  await page.getByRole("banner").getByRole("button", { name: "Share" }).click();
  await dialog(page).getByRole("textbox", { name: "Link" }).waitFor();
};
const linkOf = (page) => dialog(page).getByRole("textbox", { name: "Link" }).inputValue();
/** Waits until the link is another one. */
const newLink = async (page, before) => {
  await becomes(async () => (await dialog(page).getByRole("textbox", { name: "Link" }).count()) === 1 && (await linkOf(page)) !== before, true);
  return linkOf(page);
};

/** Opens a link as somebody else does: in a browser without anything kept. */
async function openElsewhere(page, watch, link) {
  const context = await page.context().browser().newContext({ viewport: { width: 1440, height: 900 } });
  const other = await context.newPage();
  await other.goto(link);
  await other.waitForFunction(() => document.documentElement.dataset.sealed === "true");
  watch.loaded();
  return other;
}

/** A workspace as the fragment of an address. */
const fragment = (workspace) => `#v1=${deflateSync(JSON.stringify({ kind: "AuditPolicyWorkspace", version: 2, ...workspace })).toString("base64url")}`;

const withLog = async (page) => {
  await pick(page, files({ "policy.yaml": POLICY, "mine.jsonl": LOG }));
  await becomes(() => listed(page), "3 events");
};

test("a link holds the policy, and whoever opens it sees the same", {}, async (page, watch) => {
  await openExample(page, "Catch-all first");
  await share(page);
  await shot(page, "share");
  await axe(page);
  const link = await linkOf(page);
  assert.match(link, /^http:\/\/[^#?]*#v1=[\w-]+$/);
  const [policy, seen] = [await text(page), await figures(page)];
  const other = await openElsewhere(page, watch, link);
  await becomes(() => text(other), policy);
  await becomes(() => figures(other), seen);
  // The link is applied once, and a reload shows what has become of it since.
  assert.equal(new URL(other.url()).hash, "");
  await editor(other).focus();
  await press(other, "ControlOrMeta+End");
  await other.keyboard.type("# mine");
  await becomes(async () => (await text(other)).endsWith("# mine"), true);
  await other.waitForTimeout(600);
  await other.reload();
  await other.waitForFunction(() => document.documentElement.dataset.sealed === "true");
  watch.loaded();
  await becomes(async () => (await text(other)).endsWith("# mine"), true);
});

test("events leave with pseudonyms, what looks like a secret is named, and every figure stays", {}, async (page, watch) => {
  await withLog(page);
  await choose(page, 1);
  await share(page);
  const before = await linkOf(page);
  await dialog(page).getByRole("combobox", { name: "Events" }).selectOption("all");
  const link = await newLink(page, before);
  await dialog(page).getByText("seems to contain a password or token on a command line (--password=…)").waitFor();
  await dialog(page).getByText("Checked for each of 3 events").waitFor();
  await dialog(page).getByText("See what leaves").click();
  await shot(page, "share-redacted");
  await axe(page);
  const events = await dialog(page).getByRole("region", { name: "Events" }).innerText();
  const policy = await dialog(page).getByRole("region", { name: "Policy" }).innerText();
  for (const name of ["alice", "bob", "payments", "hunter2", "203.0.113.9"]) {
    assert.ok(!events.includes(name) && !policy.includes(name), name);
  }
  const other = await openElsewhere(page, watch, link);
  await becomes(() => listed(other), "3 events");
  await becomes(() => verdict(other), await verdict(page));
  assert.equal(await figures(other), await figures(page));
  assert.ok(!(await other.locator("body").innerText()).includes("alice"));
  // The selected event is selected there, too.
  const conclusion = (page) => panel(page).locator(".conclusion").innerText();
  await becomes(() => conclusion(other), await conclusion(page));
});

test("without a redaction the events leave as they are, which the dialog reports", {}, async (page, watch) => {
  await withLog(page);
  await choose(page, 0);
  await share(page);
  let link = await linkOf(page);
  await dialog(page).getByRole("checkbox", { name: "Replace names" }).uncheck();
  link = await newLink(page, link);
  await dialog(page).getByRole("combobox", { name: "Events" }).selectOption("the selected one");
  link = await newLink(page, link);
  await dialog(page).getByText("Nothing is replaced: the names").waitFor();
  const other = await openElsewhere(page, watch, link);
  await becomes(() => listed(other), "1 event");
  await becomes(async () => (await eventsPane(other).innerText()).includes("alice"), true);
});

test("a link in another form: Markdown, a frame, a file", {}, async (page) => {
  await withLog(page);
  await share(page);
  const link = await linkOf(page);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await dialog(page).getByRole("button", { name: "Copy link" }).click();
  await becomes(clipboard, link);
  await dialog(page).getByRole("button", { name: "Copy embed code" }).click();
  await becomes(async () => (await clipboard()).startsWith(`<script defer src="${link.replace(/#.*/, "")}audit-policy-playground.js"></script>\n<audit-policy-playground version="1.36" view="`), true);
  assert.ok((await clipboard()).includes(`<pre><code class="language-yaml"># for payments\n`));
  await dialog(page).getByRole("button", { name: "Copy as Markdown" }).click();
  await becomes(async () => (await clipboard()).endsWith(`](<${link}>)\n`), true);
  const saved = page.waitForEvent("download");
  await dialog(page).getByRole("button", { name: "Save as file" }).click();
  assert.match((await saved).suggestedFilename(), /\.workspace\.json$/);
});

test("the embed code shows the same policy and events in another page, whatever is in them", {}, async (page, watch) => {
  // Of the other page.
  watch.allow(/audit-policy-playground\.(?:js|html)$|docs\.html$/);
  const hard = `# </code></pre></script></audit-policy-playground> & &lt; <!-- <script>\n${POLICY}`;
  await pick(page, files({ "policy.yaml": hard, "mine.jsonl": `${LOG}\n${event(4, "</script><b>", "command=a")}` }));
  await becomes(() => listed(page), "4 events");
  await share(page);
  let link = await linkOf(page);
  await dialog(page).getByRole("checkbox", { name: "Replace names" }).uncheck();
  link = await newLink(page, link);
  await dialog(page).getByRole("combobox", { name: "Events" }).selectOption("all");
  await newLink(page, link);
  await dialog(page).getByRole("button", { name: "Copy embed code" }).click();
  await dialog(page).getByText("Copied").waitFor();
  const code = await page.evaluate(() => navigator.clipboard.readText());
  const other = await page.context().newPage();
  await other.route("**/docs.html", (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: `<!DOCTYPE html><title>Docs</title>${code}<p>after</p>` }));
  await other.goto(new URL("docs.html", page.url()).href);
  await other.locator("audit-policy-playground pre").waitFor();
  const shown = other.locator("audit-policy-playground");
  assert.deepEqual(await other.evaluate(() => [...document.body.children].map(({ localName }) => localName)), ["audit-policy-playground", "p"]);
  await shown.getByRole("button").first().waitFor();
  const verdict = await shown.evaluate((element) => new Promise((resolve) => {
    element.addEventListener("verdict", (/** @type {any} */ { detail }) => resolve(detail));
    element.shadowRoot.querySelector("button").click();
  }));
  assert.deepEqual([verdict.policy, verdict.log.events, verdict.version], [hard, 4, "1.36"]);
});

test("a link that is pasted into the address of an open page is opened there, and can be taken back", {}, async (page) => {
  await withLog(page);
  const link = fragment({ policy: "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n", sample: `${event(7, "carol", "command=a")}\n` });
  await page.evaluate((hash) => (location.hash = hash), link);
  await becomes(async () => (await text(page)).includes("level: None}"), true);
  await becomes(() => listed(page), "1 event");
  assert.equal(new URL(page.url()).hash, "");
  // Both are kept in this browser, and the one before is a click away.
  await becomes(async () => Object.values(await keptTexts(page)).filter((one) => /alice|level: None}/.test(one)).length, 2);
  await page.getByRole("button", { name: "Undo: restore the previous workspace" }).click();
  await becomes(async () => (await text(page)).includes("users: [alice]"), true);
});

test("the events of a link are there after a reload, and the link is not opened again", {}, async (page, watch) => {
  const link = fragment({ policy: POLICY, sample: `${event(7, "carol", "command=a")}\n` });
  const other = await openElsewhere(page, watch, `${page.url()}${link}`);
  await becomes(() => listed(other), "1 event");
  await editor(other).focus();
  await press(other, "ControlOrMeta+End");
  await other.keyboard.type("# mine");
  await kept(other, "# mine");
  await other.reload();
  await other.waitForFunction(() => document.documentElement.dataset.sealed === "true");
  watch.loaded();
  await becomes(() => listed(other), "1 event");
  await becomes(async () => (await text(other)).endsWith("# mine"), true);
});

/** @type {[what: string, hash: (whole: string) => string, message: string][]} */
const UNUSABLE = [
  ["was cut", (whole) => whole.slice(0, -20), "incomplete or damaged"],
  ["is empty", () => "#v1=", "incomplete or damaged"],
  ["comes from a later version", () => "#v9=abc", "a later version"],
  ["has a workspace of a later version", () => fragment({ version: 99, policy: "x" }), "a later version"],
  ["has a wrong type", () => fragment({ policy: 5 }), "invalid type"],
  ["is not a workspace", () => `#v1=${deflateSync("[]").toString("base64url")}`, "not a workspace"],
];
for (const [what, hash, message] of UNUSABLE) {
  test(`a link that ${what} shows one message, and nothing is lost`, {}, async (page) => {
    await withLog(page);
    const before = await text(page);
    await page.evaluate((hash) => (location.hash = hash), hash(fragment({ policy: "rules: []" })));
    const alert = page.getByRole("alert").filter({ hasText: message });
    await alert.waitFor();
    assert.equal(await page.getByRole("alert").filter({ hasText: /\S/ }).count(), 1);
    assert.equal(await text(page), before);
    assert.equal(await listed(page), "3 events");
  });
}

test("a page that is opened with a damaged link opens as usual, with a message", {}, async (page, watch) => {
  const other = await openElsewhere(page, watch, `${page.url()}#v1=AAAA`);
  await other.getByRole("alert").filter({ hasText: "incomplete or damaged" }).waitFor();
  assert.match(await listed(other), /events/);
});

test("a link of 900 KB is opened", {}, async (page) => {
  let comment = "";
  for (let at = 0, state = 1; comment.length < 1_150_000; at += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    comment += state.toString(36);
    if (at % 12 === 11) comment += "\n# ";
  }
  const policy = `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n# ${comment}\n`;
  const link = fragment({ policy });
  assert.ok(link.length > 900_000, `${link.length}`);
  await page.evaluate((hash) => (location.hash = hash), link);
  await becomes(async () => (await text(page)).includes("rules: [{level: Metadata}]"), true);
});

for (const { theme, width } of [{ theme: "light", width: 768 }, { theme: "dark", width: 390 }, { theme: "dark", width: 1440 }]) {
  test(`the share dialog fits: ${theme}, ${width} px`, { theme, width, height: 900 }, async (page) => {
    await share(page);
    await dialog(page).getByText("See what leaves").click();
    await shot(page, `share-${theme}-${width}`);
    await axe(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `${overflow} px`);
  });
}
