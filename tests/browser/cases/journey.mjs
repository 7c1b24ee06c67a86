// What a person does with the page: look at the examples, ask why, open a log of one's own, change the policy.
//
// Counts are of the examples' own files, by hand or by a look at their fields; none is the page's own word.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { files, root, shot, test } from "../harness.mjs";
import {
  answer, becomes, chip, chips, choose, drawnRows, drop, editor, eventsPane, figure, findings, grid, openExample, panel, pastePolicy, pick, press,
  tab, verdict, written,
} from "../page.mjs";

const REQUESTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n");
const EVENTS = REQUESTS.map((line) => JSON.parse(line));

/** A small log: two events of one request, and one of another. */
const SMALL = [EVENTS[0], EVENTS[1], EVENTS[138]].map((event) => JSON.stringify(event)).join("\n");
const NOTHING = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";

/** Returns the number of matching events in the log of requests. */
const count = (fits) => EVENTS.filter(fits).length;

/** Returns the status line, which states how many events are listed. */
const listed = (page) => eventsPane(page).getByRole("status").innerText();

/** The finding with this code. */
const finding = (page, code) => findings(page).getByRole("listitem").filter({ hasText: code });

test("a first visit shows a policy at work, and nothing to dismiss", {}, async (page) => {
  // Rules 5 to 9 keep 12, 0, 10, 42 and 119 events, of which 92 are not RequestReceived.
  await written(page, 92, 292);
  // The log's file is 280,653 bytes long.
  assert.match(await figure(page, "bytes written"), /^\d+(\.\d)? KB of 281 KB$/);
  const expected = [
    "rule 1 N: None, 32 events", "rule 2 N: None, 14 events", "rule 3 N: None, 61 events", "rule 4 N: None, 2 events",
    "rule 5 M: Metadata, 12 events", "rule 6 M: Metadata, 0 events", "rule 7 RR: RequestResponse, 10 events",
    "rule 8 R: Request, 42 events", "rule 9 M: Metadata, 119 events",
  ];
  // The editor begins at its first line, and draws what is in sight and a little more.
  await becomes(async () => (await chips(page)).slice(0, 4), expected.slice(0, 4));
  await editor(page).evaluate((content) => { content.parentElement.scrollTop = content.scrollHeight; });
  await becomes(async () => (await chips(page)).slice(-4), expected.slice(-4));
  await editor(page).evaluate((content) => { content.parentElement.scrollTop = 0; });
  assert.match(await verdict(page), /^accepted/);
  await editor(page).getByText("# A policy for a production cluster").waitFor();
  assert.equal(await listed(page), "292 events");
  assert.equal(await grid(page).getAttribute("aria-rowcount"), "293");
  assert.equal(await page.getByRole("dialog").count(), 0);
  await panel(page).getByText(/^rule \d matches/).waitFor();
});

// 13 events of the log are requests for pods: lists, a watch, a deletecollection, a delete and a create.
test("misnested verbs are found, and fixed with one click", {}, async (page) => {
  await openExample(page, "Misnested verbs");
  await becomes(() => chips(page), ["rule 1 RR: RequestResponse, 13 events", "rule 2 M: Metadata, 305 events"]);
  await findings(page).getByText('unknown field "rules[0].resources[0].verbs"').waitFor();
  await finding(page, "AP012").getByRole("button", { name: "Fix" }).click();
  // A delete and a create are left, two events each.
  await becomes(() => chips(page), ["rule 1 RR: RequestResponse, 4 events", "rule 2 M: Metadata, 314 events"]);
  await finding(page, "AP012").waitFor({ state: "detached" });
  assert.equal(await findings(page).getByText("unknown field").count(), 0);
  await editor(page).getByText("  verbs: [create, delete]").waitFor();
});

test("rules behind a catch-all stay at zero and are flagged", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await becomes(() => chips(page), [
    "rule 1 M: Metadata, 318 events",
    "rule 2 RR: RequestResponse, 0 events, unreachable",
    "rule 3 N: None, 0 events, unreachable",
  ]);
  // Every event but the RequestReceived ones.
  await written(page, count(({ stage }) => stage !== "RequestReceived"), 318);
  await becomes(() => finding(page, "AP020").count(), 2);
});

test("deployments in the core group are found, and fixed with one click", {}, async (page) => {
  await openExample(page, "Deployments in the wrong group");
  await becomes(() => chips(page), ["rule 1 RR: RequestResponse, 0 events", "rule 2 M: Metadata, 318 events"]);
  await finding(page, "AP021").getByRole("button", { name: "Fix" }).click();
  // One create, two events of it; the writes of `deployments/scale` are of another resource.
  await becomes(() => chips(page), ["rule 1 RR: RequestResponse, 2 events", "rule 2 M: Metadata, 316 events"]);
  await finding(page, "AP021").waitFor({ state: "detached" });
});

test("pods do not catch pods/exec", {}, async (page) => {
  await openExample(page, "Pods without exec");
  await becomes(() => chips(page), ["rule 1 R: Request, 13 events", "rule 2 N: None, 305 events"]);
  await page.getByRole("combobox", { name: "Filter events" }).fill("resource:pods/exec");
  await becomes(() => listed(page), "9 of 318 events");
  for (const { cells } of await drawnRows(page)) {
    assert.ok(cells.includes("pods/exec · p1") && cells.includes("2 N") && cells.includes("→ dropped"), cells.join(" | "));
  }
  await finding(page, "AP022").first().waitFor();
});

test("a row marks its rule, and a rule's chip lists its rows", {}, async (page) => {
  await openExample(page, "Misnested verbs");
  await becomes(async () => (await chips(page)).length, 2);
  const marked = () => editor(page).locator(".cm-rule-marked").allInnerTexts();
  await choose(page, 0);
  await becomes(marked, ["- level: Metadata"]);
  // A list of pods.
  await choose(page, 120);
  await becomes(async () => (await marked())[0], "- level: RequestResponse");
  assert.ok(!(await marked()).includes("- level: Metadata"));

  await chip(page, 1).click();
  await becomes(() => listed(page), "13 of 318 events");
  await becomes(async () => new Set((await drawnRows(page)).map(({ cells }) => cells.find((cell) => /^\d [A-Z]+$/.test(cell)))), new Set(["1 RR"]));
  await chip(page, 1).click();
  await becomes(() => listed(page), "318 events");
});

test("the inspector says why, what is written, and whose request it was", {}, async (page) => {
  await openExample(page, "Pods without exec");
  await becomes(async () => (await chips(page)).length, 2);
  // Line 208: `create …/namespaces/dev/pods/p1/exec` by alice.
  await choose(page, 207);
  await panel(page).getByText("rule 2 matches: level None, so nothing is written").waitFor();
  const lines = panel(page).getByRole("listitem");
  assert.match(await lines.nth(0).innerText(), /1 R\s.*no match:\s+resources: pods\/exec is not pods\b/s);
  assert.match(await lines.nth(1).innerText(), /2 N\s.*match:/s);

  await tab(page, "As written").click();
  await panel(page).getByText("Not written: the level is None.").waitFor();
  await becomes(() => panel(page).getByRole("deletion").count().then((n) => n > 20), true);

  await tab(page, "Request").click();
  const cells = async (row) => (await panel(page).getByRole("row").nth(row).getByRole("cell").allInnerTexts()).map((text) => text.trim());
  const heads = await panel(page).getByRole("rowheader").allInnerTexts();
  const rows = Object.fromEntries(await Promise.all(heads.map(async (name, at) => [name, await cells(at + 1)])));
  assert.deepEqual(rows, {
    user: ["alice", "user.username"],
    "user groups": ["dev, system:authenticated", "user.groups"],
    verb: ["create", "verb"],
    "kind of request": ["resource request", "requestURI"],
    namespace: ["dev", "requestURI"],
    "API group": ['""', "requestURI"],
    resource: ["pods", "requestURI"],
    subresource: ["exec", "requestURI"],
    name: ["p1", "requestURI"],
    path: ["/api/v1/namespaces/dev/pods/p1/exec", "requestURI"],
  });
});

test("the inspector says where the event shows more than the policy saw", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await becomes(async () => (await chips(page)).length, 3);
  await tab(page, "Request").click();
  const attribute = (name) => panel(page).getByRole("row").filter({ has: page.getByRole("rowheader", { name, exact: true }) });
  // Line 2 creates the namespace `shop`, whose name stands in the body alone.
  await choose(page, 1);
  await attribute("name").getByText("shop").waitFor();
  assert.match(await attribute("name").innerText(), /""\s.*objectRef\.name is shop: the server completes it from the body, after the policy is evaluated/s);
  // Line 139: admin acts as alice, and is judged as admin.
  await choose(page, 138);
  const note = "admin impersonates alice: rules see only the original user admin and its groups, never alice";
  await attribute("user").getByText(note).waitFor();
  assert.match(await attribute("user").innerText(), /\badmin\b/);
  await tab(page, "Why").click();
  await panel(page).getByText(note).waitFor();
  await tab(page, "Request").click();
  // Line 129: a 401 has no user.
  await choose(page, 128);
  await attribute("user").getByText("none: authentication failed").waitFor();
});

test("as written is the server's line, and can be copied", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await becomes(async () => (await chips(page)).length, 3);
  await choose(page, 1);
  await tab(page, "As written").click();
  const { requestObject, responseObject, ...event } = { ...EVENTS[1], level: "Metadata" };
  const line = JSON.stringify(event);
  const size = (bytes) => `${bytes.toLocaleString("en-US")} bytes`;
  await panel(page).getByText(`${size(line.length + 1)} written, ${size(REQUESTS[1].length + 1)} recorded`).waitFor();
  await panel(page).getByRole("button", { name: "Copy line" }).click();
  await panel(page).getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), line);
  assert.deepEqual(
    (await panel(page).getByRole("insertion").allInnerTexts()).map((text) => text.replace(/^\+\s*/, "")),
    ['"level": "Metadata",'],
  );
});

test("a log is opened by paste, by the picker, and by drag and drop", {}, async (page) => {
  await page.evaluate((text) => navigator.clipboard.writeText(text), SMALL);
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("ControlOrMeta+v");
  await becomes(() => listed(page), "3 events");

  await pick(page, files({ "picked.jsonl": REQUESTS.slice(0, 10).join("\n") }));
  await eventsPane(page).getByText("picked.jsonl, ").waitFor();
  await becomes(() => listed(page), "10 events");

  await drop(page, { "dropped.json": `[${REQUESTS.slice(0, 4).join(",")}]` });
  await eventsPane(page).getByText("dropped.json, ").waitFor();
  await becomes(() => listed(page), "4 events");

  // A box for those who cannot paste elsewhere.
  await page.getByRole("banner").getByRole("button", { name: "Paste log" }).click();
  const dialog = page.getByRole("dialog", { name: "Paste a log" });
  await dialog.getByRole("textbox").fill(EVENTS.slice(0, 7).map((event) => JSON.stringify(event, null, 2)).join("\n"));
  await dialog.getByRole("button", { name: "Open" }).click();
  await dialog.waitFor({ state: "detached" });
  await becomes(() => listed(page), "7 events");
});

test("a packed log is read as it lies, and its rows are read again", {}, async (page) => {
  await pick(page, files({ "audit.log.gz": gzipSync(SMALL) }));
  await becomes(() => listed(page), "3 events");
  await choose(page, 2);
  await tab(page, "As written").click();
  await panel(page).getByText(EVENTS[138].auditID).first().waitFor();
});

test("several files are one log, and a policy among them goes to the editor", {}, async (page) => {
  await drop(page, { "b.jsonl": REQUESTS.slice(0, 6).join("\n"), "policy.yaml": NOTHING, "a.jsonl": SMALL });
  await becomes(() => listed(page), "9 events");
  await eventsPane(page).getByText("2 files").waitFor();
  await becomes(() => chips(page), ["rule 1 N: None, 9 events"]);
  await written(page, 0, 9);
  await tab(page, /^Problems/).click();
  const names = await panel(page).getByRole("listitem").allInnerTexts();
  assert.deepEqual(names.map((text) => text.split(" ")[0]), ["b.jsonl", "a.jsonl"]);
});

test("typing in the policy changes the figures", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await written(page, 172, 318);
  await editor(page).click();
  // The fourth line is `omitStages`.
  await press(page, "ControlOrMeta+Home", "ArrowDown", "ArrowDown", "ArrowDown", "Shift+End", "Delete");
  await written(page, 318, 318);
  await press(page, "ControlOrMeta+z");
  await written(page, 172, 318);
  await pastePolicy(page, NOTHING);
  await written(page, 0, 318);
});

test("the version decides what is accepted", {}, async (page) => {
  const policy = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  resources:\n  - group: "*"\n';
  await pastePolicy(page, policy);
  await becomes(() => verdict(page).then((text) => text.split(",")[0]), "accepted");
  const version = page.getByRole("combobox", { name: "Kubernetes version" });
  await version.selectOption("1.35");
  await becomes(() => verdict(page).then((text) => text.split(",")[0]), "rejected");
  await findings(page).getByText("kube-apiserver will not start:").waitFor();
  await version.selectOption("1.36");
  await becomes(() => verdict(page).then((text) => text.split(",")[0]), "accepted");
  // Before 1.26, unknown fields are silently dropped.
  await openExample(page, "Misnested verbs");
  await findings(page).getByText("kube-apiserver starts and logs a warning:").waitFor();
  await version.selectOption("1.25");
  await findings(page).getByText("kube-apiserver 1.25 silently ignores this field").waitFor();
  assert.equal(await findings(page).getByText("logs a warning:").count(), 0);
});

test("what the button for what is verified says is of the chosen version", {}, async (page) => {
  const version = page.getByRole("combobox", { name: "Kubernetes version" });
  const button = page.getByRole("banner").getByRole("button", { name: /verified$/i });
  const says = async () => (await button.innerText()).trim();
  /** @type {[string, boolean][]} */
  const options = await version.locator("option").evaluateAll((all) => all.map((one) => { const { value, text } = /** @type {HTMLOptionElement} */ (one); return [value, /not verified/.test(text)]; }));
  assert.equal(options.filter(([, isNot]) => isNot).length, 1);
  for (const [value, isNot] of options) {
    await version.selectOption(value);
    await becomes(says, isNot ? "▲ Not verified" : "✓ Verified");
  }
  await version.selectOption(options.find(([, isNot]) => isNot)[0]);
  await shot(page, "not-verified");
  await button.click();
  await page.getByRole("dialog", { name: "What is verified" }).waitFor();
});

test("the dialog about verification shows the figures", {}, async (page) => {
  await page.getByRole("banner").getByRole("button", { name: "Verified" }).click();
  const dialog = page.getByRole("dialog", { name: "What is verified" });
  const rows = dialog.getByRole("table").getByRole("row");
  assert.deepEqual((await rows.getByRole("cell").allInnerTexts()).filter((text) => /\d .*(policies|requests|events)$/.test(text)), [
    "all 400 policies", "all 12,480 requests", "all 645 events", "18,853 of 18,904 events", "14,750 of 14,800 events",
  ]);
  await press(page, "Escape");
  await dialog.waitFor({ state: "detached" });
});

test("the theme follows the system until chosen", { theme: "dark" }, async (page) => {
  const brightness = () => page.evaluate(() => {
    const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
    return red + green + blue > 384 ? "light" : "dark";
  });
  assert.equal(await brightness(), "dark");
  const button = page.getByRole("button", { name: /^Theme: / });
  await button.click();
  await becomes(brightness, "light");
  assert.match(await button.innerText(), /light/);
  await button.click();
  await becomes(brightness, "dark");
  await button.click();
  await page.emulateMedia({ colorScheme: "light" });
  await becomes(brightness, "light");
});

test("columns order the table", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await becomes(() => listed(page), "318 events");
  const first = async () => (await drawnRows(page))[0].cells.join(" | ");
  const head = grid(page).getByRole("columnheader", { name: "Recorded" });
  await head.getByRole("button").click();
  // The largest line of the log, 2,023 bytes, lists the nodes.
  await becomes(async () => /\| list \| nodes \|.*\| 2\.0 KB \|/.test(await first()), true);
  assert.equal(await head.getAttribute("aria-sort"), "descending");
  await head.getByRole("button").click();
  const smallest = Math.min(...REQUESTS.map((line) => Buffer.byteLength(line) + 1));
  await becomes(async () => (await first()).includes(`| ${smallest} B |`), true);
  assert.equal(await head.getAttribute("aria-sort"), "ascending");
  await head.getByRole("button").click();
  await becomes(async () => /\| create \| namespaces \|/.test(await first()), true);
  assert.equal(await head.getAttribute("aria-sort"), "none");
});

test("filter terms choose events", {}, async (page) => {
  await openExample(page, "Pods without exec");
  await becomes(() => listed(page), "318 events");
  const box = page.getByRole("combobox", { name: "Filter events" });
  /** @type {[string, (event: any) => boolean][]} */
  const rows = [
    ["user:alice", ({ user }) => user.username === "alice"],
    ["verb:create", ({ verb }) => verb === "create"],
    ["code:403", ({ responseStatus }) => responseStatus?.code === 403],
    ["stage:started", ({ stage }) => stage === "ResponseStarted"],
    ["user:alice verb:create code:403", ({ user, verb, responseStatus }) => user.username === "alice" && verb === "create" && responseStatus?.code === 403],
    ["verb:create code:403 verb:get", ({ verb, responseStatus }) => (verb === "create" || verb === "get") && responseStatus?.code === 403],
    ["ns:shop", ({ requestURI }) => /\/namespaces\/shop(\/|$)/.test(requestURI)],
    ["rule:1", ({ requestURI }) => /\/pods(\/p2)?(\?|$)/.test(requestURI)],
    ["level:N", ({ requestURI }) => !/\/pods(\/p2)?(\?|$)/.test(requestURI)],
    ["healthz", ({ requestURI }) => /healthz/.test(requestURI)],
  ];
  for (const [text, fits] of rows) {
    await box.fill(text);
    await becomes(() => listed(page), `${count(fits)} of 318 events`, text);
  }
  await box.fill("user:nobody");
  await grid(page).getByText("No events match this filter").waitFor();
  await grid(page).getByRole("button", { name: "Show all events" }).click();
  await becomes(() => listed(page), "318 events");
  assert.equal(await box.inputValue(), "");
});

test("outcomes, levels and rules choose events", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await becomes(() => listed(page), "318 events");
  const pane = eventsPane(page);
  await pane.getByRole("button", { name: "dropped", exact: true }).click();
  await becomes(() => listed(page), "146 of 318 events");
  await pane.getByRole("button", { name: "written", exact: true }).click();
  await becomes(() => listed(page), "172 of 318 events");
  await pane.getByRole("button", { name: "written", exact: true }).click();
  await becomes(() => listed(page), "318 events");
  await answer(page).getByRole("button", { name: /^M Metadata 318$/ }).click();
  await becomes(() => listed(page), "318 of 318 events");
  await answer(page).getByRole("group", { name: "Break down by" }).getByRole("button", { name: "rule" }).click();
  await answer(page).getByRole("button", { name: /^2 RR 0/ }).click();
  await becomes(() => listed(page), "0 of 318 events");
});

test("groups sum the events, and open", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await becomes(() => listed(page), "318 events");
  await eventsPane(page).getByRole("combobox", { name: "Group by" }).selectOption("by user");
  const groups = eventsPane(page).getByRole("region", { name: "Groups" });
  await groups.waitFor();
  const users = new Set(EVENTS.map(({ user }) => user.username ?? ""));
  await becomes(() => listed(page), `${users.size} groups`);
  for (const name of ["alice", "system:kube-scheduler"]) {
    const of = EVENTS.filter(({ user }) => user.username === name);
    const row = groups.getByRole("row").filter({ has: page.getByRole("button", { name, exact: true }) });
    const cells = await row.getByRole("cell").allInnerTexts();
    assert.deepEqual(cells.slice(0, 2), [String(of.length), String(of.filter(({ stage }) => stage !== "RequestReceived").length)], name);
  }
  await groups.getByRole("button", { name: "alice", exact: true }).click();
  await becomes(() => listed(page), `${count(({ user }) => user.username === "alice")} of 318 events`);
  assert.equal(await page.getByRole("combobox", { name: "Filter events" }).inputValue(), "user:alice");
});

test("a rejected policy does not show the rules of the previous policy, unless it still contains them", {}, async (page) => {
  await openExample(page, "Misnested verbs");
  await becomes(async () => (await chips(page)).length, 2);
  // An edit that makes a level unknown leaves the rules where they are.
  await editor(page).focus();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("- level: Loud\n");
  await becomes(async () => (await verdict(page)).startsWith("rejected"), true);
  assert.equal((await chips(page)).length, 2);
  // An entirely different text shows no rules.
  await pastePolicy(page, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Loud\n- level: Metadata\n- level: None\n- level: None\n");
  await becomes(async () => (await verdict(page)).startsWith("rejected"), true);
  await becomes(async () => (await chips(page)).length, 0);
});
