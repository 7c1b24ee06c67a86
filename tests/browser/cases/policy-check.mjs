// "Was this log written by this policy?": the answer, the contradictions, and the events behind them, as the command has them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, shot, test } from "../harness.mjs";
import { native, objects } from "../native.mjs";
import { becomes, drop, eventsPane, grid, panel, pastePolicy, press, tab, verdict, written } from "../page.mjs";

const OLD = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n";
const NEW = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  users: [probe]\n- level: Request\n  verbs: [create]\n- level: Metadata\n";

const event = (number, fields) => ({
  kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", auditID: `a${number}`, stage: "ResponseComplete", requestURI: "/api/v1/namespaces/shop/pods",
  verb: "list", user: { username: "alice", groups: ["dev"] }, responseStatus: { metadata: {}, code: 200 },
  requestReceivedTimestamp: `2026-01-02T03:04:${String(number).padStart(2, "0")}.000000Z`, stageTimestamp: `2026-01-02T03:04:${String(number).padStart(2, "0")}.500000Z`, ...fields,
});
/** Two nodes: the first writes under the old policy, the second under the new one. */
const lines = (events) => events.map((one) => JSON.stringify(one)).join("\n") + "\n";
const LOGS = {
  "cp1.log": lines([event(2, {}), event(4, { verb: "create" }), event(6, { user: { username: "probe" } }), event(8, { user: { username: "probe" } })]),
  "cp2.log": lines([event(1, {}), event(3, { verb: "create", level: "Request" }), event(5, {})]),
};

/** Returns the command's result for these files. */
function verified(policy, logs) {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  try {
    writeFileSync(join(folder, "policy.yaml"), policy);
    for (const [name, text] of Object.entries(logs)) writeFileSync(join(folder, name), text);
    const files = Object.keys(logs).map((name) => join(folder, name));
    const { stdout } = native(["verify", "--policy", join(folder, "policy.yaml"), "--format", "json", ...files]);
    return objects(stdout.replaceAll(`${folder}/`, ""))[0];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Opens the logs with a policy, and the tab. */
async function open(page, policy, logs, width = 1440) {
  const pane = (name) => page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name }).click();
  await drop(page, logs);
  const total = Object.values(logs).join("").split("\n").filter(Boolean).length;
  if (width < 720) await pane("Policy");
  await pastePolicy(page, policy);
  await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
  await page.getByText(new RegExp(` (of|from) ${total}$`)).first().waitFor({ state: "attached" });
  if (width < 720) await pane("Inspector");
  await tab(page, "Policy check").click();
}

async function check(page) {
  await panel(page).getByRole("button", { name: /^Check (the log|again)/ }).click();
  await panel(page).getByRole("status").getByText(/contradict/).waitFor();
}

const answer = (page) => panel(page).getByRole("status").innerText();
/** The contradictions: title, request, and message. */
const contradictions = (page) => panel(page).getByRole("region", { name: "Contradictions" }).getByRole("listitem");
const plain = (text) => text.replaceAll("`", "");

test("a log of two nodes is compared with the policy as the command does", {}, async (page) => {
  await open(page, NEW, LOGS);
  await panel(page).getByText("Compares the recorded level and stage").waitFor();
  await check(page);
  const result = verified(NEW, LOGS);
  assert.equal(result.contradicting, 3);
  assert.match(await answer(page), /^✗ The log was not written by this policy: 3 of 7 events contradict it\.$/);
  const shown = await contradictions(page).allInnerTexts();
  assert.equal(shown.length, result.contradictions.length);
  for (const [index, { events, first, kind }] of result.contradictions.entries()) {
    const text = shown[index];
    for (const part of [`${events} event`, `${first.file}:${first.line}`, first.request, plain(first.message), `audit ID ${first.auditID}, stage ${first.stage}`]) {
      assert.ok(text.includes(part), `${kind}: ${part}: ${text}`);
    }
  }
  const sources = await panel(page).getByRole("region", { name: "By file" }).getByRole("listitem").allInnerTexts();
  assert.deepEqual(sources, ["✗ cp1.log: 3 of 4 events contradict it", "✓ cp2.log: consistent, 3 events"]);
});

test("the events that contradict the policy are listed, and the first one is opened", {}, async (page) => {
  await open(page, NEW, LOGS);
  await check(page);
  // The log of the second node begins earlier: rows are in the order of time.
  await panel(page).getByRole("button", { name: /^List them: 2 events recorded, but not logged/ }).click();
  await becomes(() => eventsPane(page).locator(".listed").innerText(), "2 of 7 events");
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute("role")), "grid");
  assert.equal(await grid(page).getByText("probe").count(), 2);
  await panel(page).getByRole("button", { name: "List all" }).click();
  await becomes(() => eventsPane(page).locator(".listed").innerText(), "3 of 7 events");
  await panel(page).getByRole("button", { name: "cp1.log:2" }).click();
  await panel(page).getByText(/rule 2 matches/).waitFor();
  assert.equal(await tab(page, "Why").getAttribute("aria-selected"), "true");
  await becomes(() => eventsPane(page).locator(".listed").innerText(), "1 of 7 events");
  await becomes(() => grid(page).locator("[aria-selected=true]").count(), 1);
  await eventsPane(page).getByRole("button", { name: /recorded at a lower level/ }).click();
  await becomes(() => eventsPane(page).locator(".listed").innerText(), "7 events");
  // The result is still there.
  await tab(page, "Policy check").click();
  assert.equal(await contradictions(page).count(), 2);
});

test("an edit makes the result old, and a second check brings the new one", {}, async (page) => {
  await open(page, NEW, LOGS);
  await check(page);
  await pastePolicy(page, OLD);
  await panel(page).getByText("The policy has changed since this check.").waitFor();
  await becomes(() => panel(page).getByRole("button", { name: "Check again" }).isEnabled(), true);
  await panel(page).getByRole("button", { name: "Check again" }).click();
  await panel(page).getByText("1 of 7 events contradicts it").waitFor();
  assert.equal(await panel(page).getByText("The policy has changed").count(), 0);
  // The policy that wrote the first log fits all of it.
  await drop(page, { "cp1.log": LOGS["cp1.log"] });
  await becomes(() => panel(page).getByRole("button", { name: "Check the log" }).isEnabled(), true);
  await check(page);
  assert.equal(await answer(page), "✓ Nothing contradicts this policy: it fits all 4 events that could be checked.");
  assert.equal(await contradictions(page).count(), 0);
});

test("nodes that a shipper names are listed separately", {}, async (page) => {
  const wrapped = [["cp-1", event(1, { verb: "create" })], ["cp-2", event(2, { verb: "create", level: "Request" })], ["cp-1", event(3, {})]];
  const logs = { "all.log": lines(wrapped.map(([hostname, one]) => ({ hostname, log: JSON.stringify(one) }))) };
  await open(page, NEW, logs);
  await check(page);
  const sources = await panel(page).getByRole("region", { name: "By file" }).getByRole("listitem").allInnerTexts();
  assert.deepEqual(sources.map((text) => text.slice(0, 22)), ["✗ all.log, node cp-1: ", "✓ all.log, node cp-2: "]);
  assert.deepEqual(verified(NEW, logs).byFile.map(({ node, consistent }) => [node, consistent]), [["cp-1", false], ["cp-2", true]]);
});

test("what cannot be decided is reported", {}, async (page) => {
  const { user, ...anonymous } = event(3, {});
  const logs = { "cp1.log": lines([event(1, {}), event(2, {})]) + JSON.stringify({ ...anonymous, stage: undefined, level: undefined }) + "\n" };
  await open(page, OLD, logs);
  await check(page);
  await panel(page).getByText("1 event can't be checked: the log doesn't contain what the policy depends on.").waitFor();
});

/** A record of AKS: the text of an event, of which a cut one lacks the end. */
const azure = (text) => `${JSON.stringify({ category: "kube-audit", operationName: "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read", properties: { log: text, stream: "stdout" } })}\n`;
const CUT = { "aks.json": [JSON.stringify(event(1, {})).slice(0, 150), JSON.stringify(event(2, {})), JSON.stringify(event(3, {})).slice(0, 150)].map(azure).join("") };

for (const { width, theme } of [1440, 390].flatMap((width) => ["light", "dark"].map((theme) => ({ width, theme })))) {
  test(`events that were cut are counted as by the command at ${width} px, ${theme}`, { width, theme }, async (page) => {
    const pane = (name) => page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name }).click();
    await drop(page, CUT);
    if (width < 720) await pane("Policy");
    await pastePolicy(page, OLD);
    await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
    if (width < 720) await pane("Inspector");
    await tab(page, "Policy check").click();
    await becomes(() => panel(page).getByRole("button", { name: "Check the log" }).isEnabled(), true);
    await check(page);
    const { cut, checked } = verified(OLD, CUT);
    assert.deepEqual([cut, checked], [2, 1]);
    await panel(page).getByRole("status").getByText("2 events were cut and can't be checked.", { exact: true }).waitFor();
    assert.deepEqual(await axe(page), []);
    await shot(page, `policy-check-cut-${width}-${theme}`);
  });
}

test("without a policy that is accepted there is nothing to compare", {}, async (page) => {
  await open(page, OLD, LOGS);
  await pastePolicy(page, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Nothing\n");
  await becomes(() => panel(page).getByRole("button", { name: "Check the log" }).isDisabled(), true);
  await panel(page).getByText("fix the policy if it is rejected").waitFor();
  await pastePolicy(page, OLD);
  await becomes(() => panel(page).getByRole("button", { name: "Check the log" }).isEnabled(), true);
});

test("the check is done by keyboard alone", {}, async (page) => {
  await open(page, NEW, LOGS);
  await tab(page, "Policy check").focus();
  await press(page, "Home", "End");
  assert.equal(await tab(page, "Policy check").getAttribute("aria-selected"), "true");
  await press(page, "Tab", "Tab", "Enter");
  await panel(page).getByRole("status").getByText(/contradict/).waitFor();
  const list = panel(page).getByRole("button", { name: /^List them: 1 event recorded at a lower level/ });
  await list.focus();
  await press(page, "Enter");
  await becomes(() => eventsPane(page).locator(".listed").innerText(), "1 of 7 events");
});

test("a long check shows progress and can be cancelled, while the policy is edited", {}, async (page) => {
  const many = Array.from({ length: 40_000 }, (_, index) => JSON.stringify(event(index % 60, { auditID: `long-${index}`, annotations: { pad: "x".repeat(400) } })));
  await drop(page, { "long.log": many.join("\n") });
  await pastePolicy(page, OLD);
  await written(page, 40_000, 40_000);
  await tab(page, "Policy check").click();
  await panel(page).getByRole("button", { name: "Check the log" }).click();
  await panel(page).getByRole("progressbar", { name: "Checking" }).waitFor();
  // At once: the button is there only as long as the check takes.
  await panel(page).getByRole("button", { name: "Cancel" }).dispatchEvent("click");
  await panel(page).getByText("The check was cancelled.").waitFor();
  await panel(page).getByRole("button", { name: "Check the log" }).click();
  await pastePolicy(page, NEW);
  // The check goes on with the policy that it began with.
  await panel(page).getByText("it fits all 40,000 events").waitFor();
  await panel(page).getByText("The policy has changed since this check.").waitFor();
});

for (const { width, theme } of [1440, 768, 390].flatMap((width) => ["light", "dark"].map((theme) => ({ width, theme })))) {
  test(`the policy check is accessible at ${width} px, ${theme}`, { width, theme }, async (page) => {
    await open(page, NEW, LOGS, width);
    await shot(page, `policy-check-empty-${width}-${theme}`);
    assert.deepEqual(await axe(page), []);
    await check(page);
    assert.deepEqual(await axe(page), []);
    await shot(page, `policy-check-${width}-${theme}`);
    await panel(page).getByRole("button", { name: "List all" }).click();
    await becomes(() => eventsPane(page).locator(".listed").innerText(), "3 of 7 events");
    assert.deepEqual(await axe(page), []);
    await shot(page, `policy-check-list-${width}-${theme}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing scrolls sideways");
  });
}

test("likely secrets of the whole log are listed, and the first event is opened", {}, async (page) => {
  const exec = { verb: "create", requestURI: "/api/v1/namespaces/shop/pods/db/exec?command=mysql&command=--password%3Dhunter2" };
  await open(page, OLD, { "cp1.log": lines([event(1, {}), event(2, exec), event(3, exec)]) });
  assert.match(await panel(page).innerText(), /It also looks for likely secrets/);
  await check(page);
  const found = panel(page).getByRole("region", { name: "Likely secrets" }).getByRole("listitem");
  assert.deepEqual((await found.allInnerTexts()).map((text) => text.replace(/\s+/g, " ")), [
    "2 events seem to contain a password or token on a command line First: cp1.log:2: --password=… in requestURI",
  ]);
  assert.doesNotMatch(await panel(page).innerText(), /hunter2/);
  assert.deepEqual(await axe(page), []);
  await found.getByRole("button", { name: "cp1.log:2" }).click();
  await panel(page).getByText("The event seems to contain a password or token on a command line").waitFor();
});
