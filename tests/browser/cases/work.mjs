// Nothing that the user typed or opened is lost: not by a paste, a file that is not a log, a folder, a reload, or a worker that crashes.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, files, root, shot, test } from "../harness.mjs";
import {
  becomes, choose, drop, drawnRows, editor, eventsPane, grid, kept, keptTexts, openExample, panel, pastePolicy, pick, press, tab, verdict, written,
} from "../page.mjs";

const REQUESTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n");
const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [pasted]\n";

const listed = (page) => eventsPane(page).getByRole("status").innerText();
const notices = (page) => page.getByRole("status", { name: "Notices" });
const undo = (page) => notices(page).getByRole("button", { name: "Undo: reopen the previous log" });
/** The lines of the editor that are drawn. */
const text = (page) => editor(page).evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));

/** Puts a text on the clipboard and pastes it where the focus is. */
async function paste(page, text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("ControlOrMeta+v");
}

for (const [what, pasted] of [
  ["a fragment", "- level: None\n  users: [fragment]\n"],
  ["a log line", REQUESTS[0]],
  ["a whole policy", POLICY],
]) {
  test(`${what} pasted over a selection in the editor goes to the editor alone, and one undo removes it`, {}, async (page) => {
    await openExample(page, "Catch-all first");
    const [before, events] = [await text(page), await listed(page)];
    await editor(page).focus();
    await page.keyboard.press("ControlOrMeta+a");
    await paste(page, pasted);
    await becomes(async () => (await text(page)).trim(), pasted.trim());
    await page.waitForTimeout(300);
    assert.equal((await text(page)).trim(), pasted.trim());
    assert.equal(await listed(page), events);
    await press(page, "ControlOrMeta+z");
    await becomes(() => text(page), before);
    assert.equal(await listed(page), events);
    await becomes(async () => (await verdict(page)).split(",")[0], "accepted");
  });
}

test("a policy pasted outside the editor is one change", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const before = await text(page);
  await choose(page, 3);
  await paste(page, POLICY);
  await becomes(() => text(page), POLICY);
  await editor(page).focus();
  await press(page, "ControlOrMeta+z");
  await becomes(() => text(page), before);
});

test("a file that is not a log leaves the open log unchanged, and the page states the reason", {}, async (page) => {
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await choose(page, 4);
  const rows = await drawnRows(page);
  for (const [name, content] of [
    ["empty.log", ""],
    ["notes.txt", "Monday: call Bob.\n"],
    ["kubeadm.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"],
    ["pod.json", '{"kind":"Pod","apiVersion":"v1"}'],
  ]) {
    await pick(page, files({ [name]: content }));
    await page.getByRole("alert").getByText(`${name} was not opened: no audit events in it.`).waitFor();
    assert.equal(await listed(page), "7 events");
    assert.deepEqual(await drawnRows(page), rows);
    assert.equal(await page.locator("[role=grid] [aria-selected=true]").getAttribute("aria-rowindex"), "6");
  }
  const alert = page.getByRole("alert").filter({ hasText: "no audit events" });
  await alert.getByRole("button", { name: "Dismiss" }).click();
  await becomes(() => page.getByText("no audit events in").count(), 0);
});

test("the log before is one click away, whatever it was, and so is the policy before an example", {}, async (page) => {
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await pastePolicy(page, POLICY);
  // A file, and back.
  await pick(page, files({ "other.jsonl": REQUESTS.slice(0, 3).join("\n") }));
  await becomes(() => listed(page), "3 events");
  await notices(page).getByText("Opened other.jsonl.").waitFor();
  await undo(page).click();
  await becomes(() => listed(page), "7 events");
  // A pasted log, and back.
  await page.getByRole("tablist", { name: "Inspector" }).getByRole("tab").first().focus();
  await paste(page, REQUESTS.slice(0, 5).join("\n"));
  await becomes(() => listed(page), "5 events");
  await undo(page).click();
  await becomes(() => listed(page), "7 events");
  // And forth again.
  await undo(page).click();
  await becomes(() => listed(page), "5 events");
  // An example brings a policy along.
  await openExample(page, "Catch-all first");
  await becomes(async () => (await text(page)).includes("pasted"), false);
  await undo(page).click();
  await becomes(() => listed(page), "5 events");
  await becomes(() => text(page), POLICY);
  await notices(page).getByRole("button", { name: "Dismiss" }).click();
  assert.equal(await notices(page).innerText(), "");
});

test("a generated log can be undone", {}, async (page) => {
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await press(page, "Alt+4");
  await page.getByRole("button", { name: "Generate a log…" }).click();
  await page.getByRole("button", { name: "Generate log" }).click();
  await notices(page).getByText("Opened the generated log.").waitFor();
  await undo(page).click();
  await press(page, "Alt+2");
  await becomes(() => listed(page), "7 events");
});

test("a policy is recognized by what it says, not by its name", {}, async (page) => {
  const events = await listed(page);
  for (const name of ["policy.txt", "audit.log", "noname"]) {
    const policy = POLICY.replace("pasted", name);
    await pick(page, files({ [name]: policy }));
    await becomes(() => text(page), policy);
    assert.equal(await listed(page), events);
  }
  const large = POLICY + "# comment\n".repeat(150_000);
  await pick(page, files({ "large.cfg": large }));
  await becomes(async () => (await text(page)).includes("# comment"), true);
  await pick(page, files({ "huge.yaml": POLICY + "# comment\n".repeat(900_000) }));
  await page.getByRole("alert").getByText("larger than the editor's limit").waitFor();
  assert.equal(await listed(page), events);
});

/** Drops a path of this machine, as a file manager does. */
async function dropPath(page, paths, place = { x: 700, y: 400 }) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, ...place, data });
}

/** Creates a folder with rotated logs, one of them in a subfolder, and files that are not logs. */
function folder() {
  const path = join(mkdtempSync(join(tmpdir(), "logs-")), "audit");
  mkdirSync(join(path, "old"), { recursive: true });
  writeFileSync(join(path, "audit.log"), `${REQUESTS.slice(0, 4).join("\n")}\n`);
  writeFileSync(join(path, "old", "audit-2026.log"), `${REQUESTS.slice(4, 9).join("\n")}\n`);
  writeFileSync(join(path, "README"), "Logs of the control plane.\n");
  writeFileSync(join(path, "empty.log"), "");
  return path;
}

test("a dropped folder is read file by file, and files that are not logs are skipped with a reason", {}, async (page) => {
  await dropPath(page, [folder()]);
  await becomes(() => listed(page), "9 events");
  await tab(page, /^Problems/).click();
  await panel(page).getByRole("listitem").first().waitFor();
  const names = await panel(page).getByRole("listitem").allInnerTexts();
  assert.equal(names.length, 4, String(names));
  assert.match(names.find((name) => name.startsWith("audit/README")), /skipped: /);
  assert.match(names.find((name) => name.startsWith("audit/empty.log")), /skipped: .*empty/);
  assert.match(names.find((name) => name.startsWith("audit/old/audit-2026.log")), /5 events/);
  assert.equal(await page.getByText("has stopped").count(), 0);
  await undo(page).click();
  await becomes(async () => (await listed(page)) !== "9 events", true);
});

test("a log dropped on the editor is opened, and the policy is left alone", {}, async (page) => {
  const before = await text(page);
  const path = join(mkdtempSync(join(tmpdir(), "drop-")), "audit.log");
  writeFileSync(path, `${REQUESTS.slice(0, 4).join("\n")}\n`);
  // The text is longer than what is seen of it.
  const { x } = await editor(page).boundingBox();
  await dropPath(page, [path], { x: x + 60, y: 500 });
  await becomes(() => listed(page), "4 events");
  await page.waitForTimeout(300);
  assert.equal(await text(page), before);
});

test("a folder without logs leaves the open one as it is", {}, async (page) => {
  const events = await listed(page);
  const path = mkdtempSync(join(tmpdir(), "none-"));
  await dropPath(page, [path]);
  await page.getByRole("alert").getByText("The folder contains no files.").waitFor();
  for (let at = 0; at < 9; at += 1) writeFileSync(join(path, `${at}.txt`), "nothing\n");
  await dropPath(page, [path]);
  const alert = page.getByRole("alert").filter({ hasText: "9 files were not opened: no audit events in them." });
  await alert.waitFor();
  const reasons = await alert.getByRole("listitem").allInnerTexts();
  assert.equal(reasons.length, 6);
  assert.equal(reasons.at(-1), "and 4 more");
  assert.equal(await listed(page), events);
});

test("a file that cannot be read is a problem of that file, not of the worker", {}, async (page) => {
  const events = await listed(page);
  // What a browser hands over for a folder where it has no other way, and for a file that is gone.
  await page.evaluate(() => {
    const fail = () => Promise.reject(new DOMException("gone", "NotFoundError"));
    Blob.prototype.arrayBuffer = fail;
  });
  await drop(page, { "fine.log": REQUESTS[0] });
  await becomes(() => listed(page), "1 events".replace("events", "event"));
  await undo(page).click();
  await becomes(() => listed(page), events);
  assert.equal(await page.getByText("has stopped").count(), 0);
});

const ready = (page) => page.waitForFunction(() => document.documentElement.dataset.ready === "true");

/** Loads the page again, as a person does after a crash, too. What is requested then is what the page is made of. */
async function reload(page, watch) {
  await page.reload();
  await ready(page);
  watch.forgive(/^request after load/);
  watch.loaded();
}

test("text and settings are restored immediately after a reload, without a notice", {}, async (page, watch) => {
  await openExample(page, "Catch-all first");
  await pastePolicy(page, POLICY);
  await page.getByRole("combobox", { name: "Kubernetes version" }).selectOption("1.27");
  await page.getByRole("combobox", { name: "Filter events" }).fill("verb:create");
  await becomes(async () => (await listed(page)).includes(" of "), true);
  const before = await listed(page);
  await reload(page, watch);
  await becomes(() => text(page), POLICY);
  assert.equal(await page.getByRole("combobox", { name: "Kubernetes version" }).inputValue(), "1.27");
  await becomes(() => listed(page), before);
  assert.equal(await page.getByRole("combobox", { name: "Filter events" }).inputValue(), "verb:create");
  assert.equal(await notices(page).innerText(), "");
  assert.equal(await page.getByRole("alert").allInnerTexts().then((all) => all.join("")), "");
});

test("what was typed just before a reload is there after it", {}, async (page, watch) => {
  for (const [at, pause] of [0, 50, 100, 150, 200].entries()) {
    await editor(page).focus();
    await page.keyboard.press("ControlOrMeta+a");
    const typed = `# ${"abcdefghijklmnopqrstuvwxyz0123456789".repeat(2)} ${at}`;
    await page.keyboard.type(typed, { delay: 5 });
    await page.waitForTimeout(pause);
    await reload(page, watch);
    await becomes(() => text(page), typed);
  }
  // A text so long that the page hears of it only when typing pauses.
  const long = "# comment\n".repeat(16_000);
  await pastePolicy(page, POLICY + long);
  await becomes(async () => (await text(page)).includes("# comment"), true);
  for (const [at, pause] of [0, 50, 100].entries()) {
    await editor(page).focus();
    await page.keyboard.press("ControlOrMeta+Home");
    await page.keyboard.type(`# typed ${at} `, { delay: 5 });
    await page.waitForTimeout(pause);
    await reload(page, watch);
    await becomes(async () => (await text(page)).startsWith(`# typed ${at} `), true);
  }
});

test("a first visit shows the worked example and keeps nothing", {}, async (page, watch) => {
  const [policy, events] = [await text(page), await listed(page)];
  await page.waitForTimeout(600);
  assert.deepEqual(await keptTexts(page), {});
  await reload(page, watch);
  assert.equal(await text(page), policy);
  assert.equal(await listed(page), events);
});

test("a log of the person's own is asked for again after a reload", {}, async (page, watch) => {
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await pastePolicy(page, POLICY);
  await kept(page, "pasted");
  await reload(page, watch);
  await eventsPane(page).getByText("Open mine.jsonl again").waitFor();
  await shot(page, "work-missing-log");
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
});

/** @type {[string, (page: import("playwright-core").Page) => Promise<unknown>][]} */
const BROKEN_STORAGE = [
  ["full", (page) => page.evaluate(() => { Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }; })],
  ["forbidden", (page) => page.evaluate(() => Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } }))],
];
for (const [what, breaks] of BROKEN_STORAGE) {
  test(`storage that is ${what} is reported once, and leaving asks first`, {}, async (page) => {
    await breaks(page);
    await pastePolicy(page, POLICY);
    const alert = page.getByRole("alert").filter({ hasText: "will be lost when you close this tab" });
    await alert.waitFor();
    assert.equal(await alert.getByRole("button", { name: "Save as file" }).count(), 1);
    await alert.getByRole("button", { name: "Dismiss" }).click();
    await pastePolicy(page, POLICY.replace("pasted", "again"));
    await page.waitForTimeout(700);
    assert.equal(await alert.count(), 0);
    await becomes(async () => (await verdict(page)).split(",")[0], "accepted");
    const asked = await page.evaluate(() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true })));
    assert.ok(asked);
  });
}

test("leaving does not ask where everything is kept", {}, async (page) => {
  await pastePolicy(page, POLICY);
  await kept(page, "pasted");
  assert.ok(await page.evaluate(() => window.dispatchEvent(new Event("beforeunload", { cancelable: true }))));
});

for (const theme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    test(`menu and notices fit, ${theme}, ${width} wide`, { theme, width }, async (page) => {
      await pick(page, files({ "notes.txt": "nothing\n", "empty.log": "" }));
      await page.getByRole("alert").filter({ hasText: "no audit events" }).waitFor();
      await pick(page, files({ "audit-of-the-control-plane-2026-11-29T12-00-00.000.log": REQUESTS[0] }));
      await becomes(() => listed(page), "1 event");
      await pick(page, files({ "notes.txt": "nothing\n", "empty.log": "" }));
      await page.getByRole("alert").filter({ hasText: "no audit events" }).waitFor();
      await page.getByRole("banner").locator(".menu").first().getByRole("button").click();
      await shot(page, `work-${theme}-${width}`);
      await press(page, "Escape");
      assert.deepEqual(await axe(page), []);
      const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(wide <= inner);
    });
  }
}

/** Has the next load of the page keep its workers in reach, and put a script before theirs. */
async function withWorkers(page, watch, script = "") {
  await page.addInitScript({ path: join(root, "tests/browser/workers.js") });
  await page.addInitScript((script) => {
    window.Blob = class extends window.Blob {
      constructor(parts, options) {
        super(options?.type === "text/javascript" ? [script, ...parts] : parts, options);
      }
    };
  }, script);
  await reload(page, watch);
}

const stopped = (page, text) => page.getByRole("alert").filter({ hasText: text });

test("a worker that ends silently is noticed, and the next worker reopens the log", {}, async (page, watch) => {
  await withWorkers(page, watch);
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await pastePolicy(page, POLICY);
  await becomes(async () => (await verdict(page)).split(",")[0], "accepted");
  await page.evaluate(() => window.__workers[0].terminate());
  await becomes(() => page.evaluate(() => window.__workers.length), 2);
  await becomes(() => listed(page), "7 events");
  await becomes(() => stopped(page, "has ended without an error message").count(), 0);
  assert.equal(await text(page), POLICY);
  // It answers: another policy has other figures, and the rows are there to be looked at.
  await pastePolicy(page, POLICY.replace("  users: [pasted]\n", ""));
  await written(page, 7, 7);
  await choose(page, 6);
  await panel(page).getByText("rule 1 matches").waitFor();
});

test("a worker that fails is named, the figures are marked, and the next log needs no reload", {}, async (page, watch) => {
  await withWorkers(page, watch);
  await openExample(page, "Catch-all first");
  const [policy, figures] = [await text(page), await page.getByRole("region", { name: "Answer" }).getByRole("paragraph").first().innerText()];
  // Twice, so that it does not open the log again.
  for (let at = 0; at < 2; at += 1) {
    await page.evaluate(() => window.__workers.at(-1).dispatchEvent(new MessageEvent("message", { data: { stopped: "unreachable", memory: 0 } })));
  }
  await stopped(page, "has stopped (unreachable)").waitFor();
  await page.getByText("Partial: the engine stopped.").waitFor();
  assert.equal(await page.getByRole("region", { name: "Answer" }).getByRole("paragraph").first().innerText(), figures);
  assert.equal(await text(page), policy);
  await shot(page, "work-stopped");
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await becomes(() => page.getByText("Partial:").count(), 0);
  assert.equal(await stopped(page, "has stopped").count(), 0);
});

/** Has the page compile the engine with less memory than it may need, as a browser that gives no more. */
function limitMemory() {
  const leb = (bytes, at) => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte & 128);
    return [value, at];
  };
  const encoded = (value) => {
    const all = [];
    do {
      const byte = value % 128;
      value = Math.floor(value / 128);
      all.push(value ? byte | 128 : byte);
    } while (value);
    return all;
  };
  /** The module with another maximum in its section of memories. */
  const limited = (bytes) => {
    for (let at = 8; at < bytes.length; ) {
      const [size, start] = leb(bytes, at + 1);
      if (bytes[at] === 5) {
        const [least] = leb(bytes, leb(bytes, start)[1] + 1);
        const body = [1, 1, ...encoded(least), ...encoded(640)];
        return new Uint8Array([...bytes.slice(0, at), 5, ...encoded(body.length), ...body, ...bytes.slice(start + size)]);
      }
      at = start + size;
    }
    // The second parts use the memory of the first.
    return bytes;
  };
  WebAssembly.compileStreaming = async (response) => WebAssembly.compile(limited(new Uint8Array(await (await response).arrayBuffer())));
}

test("memory that runs out is named, what was read stays, and the next log is read", {}, async (page, watch) => {
  await page.addInitScript(limitMemory);
  await withWorkers(page, watch);
  await pastePolicy(page, POLICY.replace("  users: [pasted]\n", ""));
  // A few events, then one that is larger than what there is.
  const huge = REQUESTS[1].replace('"auditID":"', `"auditID":"${"x".repeat(45_000_000)}`);
  await drop(page, { "big.log": [...REQUESTS.slice(0, 7), huge].join("\n") });
  await stopped(page, "This tab ran out of memory").waitFor({ timeout: 120_000 });
  await shot(page, "work-memory");
  await page.getByText("Partial:").first().waitFor();
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await becomes(() => listed(page), "7 events");
  await written(page, 7, 7);
  assert.equal(await page.getByText("Partial:").count(), 0);
});

test("a worker that is busy is not taken for dead, and can be stopped", {}, async (page, watch) => {
  // The worker is busy for a long time with every message that contains this mark.
  await withWorkers(page, watch, `self.addEventListener("message", ({ data }) => {
    const isFound = new TextDecoder("latin1").decode(data?.bytes ?? new Uint8Array()).includes("think-long");
    const end = Date.now() + (isFound ? 120_000 : 0);
    while (Date.now() < end);
  });`);
  await openExample(page, "Catch-all first");
  await pastePolicy(page, `${POLICY}# think-long\n`);
  const busy = notices(page).getByText("The engine hasn't responded for");
  await busy.waitFor({ timeout: 100_000 });
  assert.equal(await stopped(page, "has ended").count(), 0);
  await shot(page, "work-busy");
  await notices(page).getByRole("button", { name: "Stop engine" }).click();
  await stopped(page, "The engine was stopped").waitFor();
  assert.ok((await text(page)).includes("think-long"));
  await pick(page, files({ "mine.jsonl": REQUESTS.slice(0, 7).join("\n") }));
  await pastePolicy(page, POLICY.replace("  users: [pasted]\n", ""));
  await written(page, 7, 7);
});

test("a log that has grown or was rotated is saved as it was read, with a message", {}, async (page) => {
  const path = join(mkdtempSync(join(tmpdir(), "live-")), "audit.log");
  for (const change of [
    () => writeFileSync(path, `${REQUESTS.slice(7, 12).join("\n")}\n`, { flag: "a" }),
    () => rmSync(path),
    () => writeFileSync(path, "other\n"),
  ]) {
    writeFileSync(path, `${REQUESTS.slice(0, 7).join("\n")}\n`);
    await pick(page, path);
    await becomes(() => listed(page), "7 events");
    await pastePolicy(page, POLICY.replace("  users: [pasted]\n", ""));
    await written(page, 7, 7);
    change();
    // What is looked at is what was read.
    await choose(page, 6);
    await tab(page, "As written").click();
    await becomes(async () => (await panel(page).innerText()).includes("auditID"), true);
    await grid(page).focus();
    await press(page, "ControlOrMeta+a");
    await eventsPane(page).getByRole("button", { name: "Copy and save" }).click();
    await page.getByRole("menuitem", { name: /^Copy as recorded/ }).click();
    await eventsPane(page).getByText("audit.log has changed since the log was opened: these are the events read at that time.").waitFor();
    assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trimEnd(), REQUESTS.slice(0, 7).join("\n"));
  }
  assert.equal(await page.getByRole("alert").allInnerTexts().then((all) => all.join("")), "");
  await shot(page, "work-grown");
});

test("a rejected policy is restored after a reload, and the page becomes ready", {}, async (page, watch) => {
  await pastePolicy(page, "rules: [");
  await kept(page, "rules: [");
  await reload(page, watch);
  await becomes(() => text(page), "rules: [");
  await page.waitForTimeout(300);
  assert.equal((await verdict(page)).includes("accepted"), false);
});

test("where its script cannot run, the page says what it is and what to do", {}, async (page, watch) => {
  const other = await page.context().newPage();
  await other.goto(`file://${join(root, "dist", "index.html")}`);
  await other.getByText("Loading the policy engine…").waitFor();
  await other.getByText("Serve the folder").waitFor();
  await shot(other, "work-file");
  // A frame without an origin of its own, of a server that does not share with others.
  await other.goto(page.url().replace("/some/path/", "/none"));
  await other.evaluate((address) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.width = "900";
    frame.height = "600";
    frame.src = address;
    document.body.replaceChildren(frame);
  }, page.url());
  const frame = other.frameLocator("iframe");
  await frame.getByText("Loading the policy engine…").waitFor();
  await frame.getByText("Open the page in a tab of its own").waitFor();
  await shot(other, "work-frame");
  await other.close();
  watch.loaded();
});
