// The frame's side of the element: who may send it messages, which it accepts, and what it answers.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root, test } from "../harness.mjs";
import { becomes } from "../page.mjs";
import { LOG, POLICY, bare } from "../widget.mjs";

const MARK = "audit-policy-playground";
const OTHER = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Request}]\n";

const frame = (page) => page.frameLocator("iframe");
const textOf = (page) => frame(page).getByRole("textbox", { name: "Audit policy" }).evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));
/** Messages that the frame has sent to the window. */
const received = (page) => page.evaluate(() => /** @type {any} */ (window).__messages);
/** Messages that it has sent to the port. */
const answers = (page) => page.evaluate(() => /** @type {any} */ (window).__answers);
const hello = (page) => becomes(async () => (await received(page)).filter((message) => message?.hello).length, 1);

/** Gives the frame a port, as a host's script does. */
const connect = (page) => page.evaluate((mark) => {
  const { port1, port2 } = new MessageChannel();
  const all = /** @type {any} */ (window);
  all.__answers ??= [];
  port1.onmessage = ({ data }) => all.__answers.push(data);
  all.__port = port1;
  document.querySelector("iframe").contentWindow.postMessage({ [mark]: 1 }, "*", [port2]);
}, MARK);
/** Sends a message to the port. */
const send = (page, message) => page.evaluate((message) => /** @type {any} */ (window).__port.postMessage(message), message);
/** Sends a message to the frame's window. */
const sendBare = (page, message) => page.evaluate(([mark, message]) => document.querySelector("iframe").contentWindow.postMessage({ [mark]: 1, ...message }, "*"), [MARK, message]);
const verdict = async (page) => (await answers(page)).filter(({ type }) => type === "verdict").at(-1);

const widget = { pages: { "host.html": bare("#embed-light") } };

/** @type {[what: string, message: unknown, problem: string][]} */
const MALFORMED = [
  ["a text", "set", "malformed"],
  ["nothing", null, "malformed"],
  ["a list", [], "malformed"],
  ["an object without a version", { type: "set", policy: OTHER }, "malformed"],
  ["a later version", { v: 2, type: "set", policy: OTHER }, "version"],
  ["version 0", { v: 0, type: "set", policy: OTHER }, "version"],
  ["an unknown type", { v: 1, type: "reset", policy: OTHER }, "type"],
  ["an unknown member", { v: 1, type: "set", policy: OTHER, html: "<b>" }, "member"],
  ["a member of every object", { v: 1, type: "set", policy: OTHER, toString: "x" }, "member"],
  ["a policy that is a number", { v: 1, type: "set", policy: 5, version: "1.30" }, "member"],
  ["an unknown view", { v: 1, type: "set", policy: OTHER, view: "all" }, "member"],
  ["an unknown theme", { v: 1, type: "set", policy: OTHER, theme: "red" }, "member"],
  ["a text for `readonly`", { v: 1, type: "set", policy: OTHER, readonly: "yes" }, "member"],
  ["a negative index", { v: 1, type: "set", policy: OTHER, select: -1 }, "member"],
  ["a version that is a text of another kind", { v: 1, type: "set", policy: OTHER, version: "latest" }, "member"],
  ["a version that is not supported", { v: 1, type: "set", policy: OTHER, version: "1.9" }, "member"],
  ["a workspace with an unknown member", { v: 1, type: "set", policy: OTHER, workspace: { kind: "AuditPolicyWorkspace", version: 2, x: 1 } }, "member"],
  ["a workspace of a later version", { v: 1, type: "set", policy: OTHER, workspace: { kind: "AuditPolicyWorkspace", version: 99 } }, "member"],
  ["an auditID that the log does not have", { v: 1, type: "set", policy: OTHER, select: "x" }, "select"],
];

test("widget messages: one that is not right is answered by an error, and changes nothing", widget, async (page) => {
  await hello(page);
  await connect(page);
  await send(page, { v: 1, type: "set", policy: POLICY, log: LOG });
  await becomes(async () => (await verdict(page))?.log?.events, 3);
  for (const [what, message, problem] of MALFORMED) {
    const before = (await answers(page)).length;
    const id = typeof message === "object" && message && !Array.isArray(message) ? what : undefined;
    await send(page, id ? { .../** @type {object} */ (message), id } : message);
    await becomes(async () => (await answers(page)).length > before, true, what);
    const answer = (await answers(page)).at(-1);
    assert.deepEqual([answer.v, answer.type, answer.problem, answer.id], [1, "error", problem, id], what);
  }
  await page.evaluate((policy) => /** @type {any} */ (window).__port.postMessage({ v: 1, type: "set", policy: policy + "#".repeat(5_000_000) }), OTHER);
  await becomes(async () => (await answers(page)).at(-1).problem, "size");
  await send(page, { v: 1, type: "get", id: 7 });
  await becomes(async () => (await answers(page)).at(-1).type, "workspace");
  const { id, workspace } = (await answers(page)).at(-1);
  assert.deepEqual([id, workspace.policy, workspace.kubernetesVersion, workspace.sample], [7, POLICY, "1.36", LOG]);
  assert.equal((await answers(page)).filter(({ type }) => type === "verdict").length, 1);
});

test("widget messages: only the first port counts, and only the page around the frame is heard", widget, async (page) => {
  await hello(page);
  await connect(page);
  await send(page, { v: 1, type: "set", policy: POLICY });
  await becomes(async () => (await verdict(page))?.policy, POLICY);
  const verdicts = async () => (await answers(page)).filter(({ type }) => type === "verdict").map(({ policy }) => policy);
  await connect(page);
  await send(page, { v: 1, type: "set", policy: OTHER });
  // A frame of the page is not the page.
  await page.evaluate(([mark, policy]) => {
    const other = document.body.appendChild(document.createElement("iframe"));
    const script = other.contentDocument.createElement("script");
    script.textContent = `parent.document.querySelector("iframe").contentWindow.postMessage({ "${mark}": 1, v: 1, type: "set", policy: ${JSON.stringify(policy)} }, "*")`;
    other.contentDocument.body.append(script);
  }, [MARK, OTHER]);
  await page.waitForTimeout(500);
  assert.deepEqual(await verdicts(), [POLICY]);
  assert.equal(await page.locator("iframe").first().contentFrame().getByRole("textbox", { name: "Audit policy" }).innerText().then((text) => text.includes("alice")), true);
});

test("widget messages: a link in the address of the element's frame is not opened", { pages: { "host.html": bare("#embed-light") } }, async (page) => {
  await hello(page);
  await connect(page);
  await send(page, { v: 1, type: "set", policy: POLICY });
  await becomes(async () => (await verdict(page))?.policy, POLICY);
  await page.evaluate(() => { const frame = document.querySelector("iframe"); frame.src = frame.src.replace(/#.*/, "#v1=eJyrrgUAAXUA-Q"); });
  await page.waitForTimeout(500);
  assert.equal(await textOf(page), POLICY);
});

test("widget messages: a bare frame accepts `set`, and returns neither a policy nor a log", { pages: { "host.html": bare("") } }, async (page) => {
  await hello(page);
  await frame(page).locator(":root[data-ready=true]").waitFor();
  await sendBare(page, { v: 1, type: "set", policy: POLICY, log: LOG, view: "events" });
  await becomes(() => textOf(page), POLICY);
  await becomes(() => frame(page).getByRole("region", { name: "Events", exact: true }).getByRole("status").innerText(), "3 events");
  await sendBare(page, { v: 1, type: "get", id: 3 });
  await becomes(async () => (await received(page)).at(-1).problem, "type");
  await sendBare(page, { v: 1, type: "set", policy: 5, id: 4 });
  await becomes(async () => { const { problem, id } = (await received(page)).at(-1); return [problem, id]; }, ["member", 4]);
  await page.waitForTimeout(300);
  const text = JSON.stringify(await received(page));
  assert.ok(!text.includes("alice") && !text.includes("id-1"), text);
  // A port does not help: the frame may show what this browser keeps.
  await connect(page);
  await send(page, { v: 1, type: "get", id: 5 });
  await send(page, { v: 1, type: "set", policy: OTHER });
  await page.waitForTimeout(300);
  assert.deepEqual([await answers(page), await textOf(page)], [[], POLICY]);
  // Messages that are not meant for the page are not answered.
  const count = (await received(page)).length;
  await page.evaluate(() => document.querySelector("iframe").contentWindow.postMessage({ type: "webpackOk" }, "*"));
  await page.waitForTimeout(200);
  assert.equal((await received(page)).length, count);
});

const OLD = join(root, "tests", "browser", "embeds");
for (const name of readdirSync(OLD).filter((name) => /^v\d.*\.html$/.test(name))) {
  test(`widget messages: the kept page ${name} works with this build`, { pages: { "host.html": readFileSync(join(OLD, name), "utf8") } }, async (page) => {
    // Each of them shows what it expects, and what it got.
    await becomes(() => page.locator("html").getAttribute("data-result"), "ok", await page.locator("body").innerText());
  });
}
