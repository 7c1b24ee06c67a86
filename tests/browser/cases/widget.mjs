// The element <audit-policy-playground> in another page: what it shows, what it reports, and what it is sent.

import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { axe, shot, test } from "../harness.mjs";
import { becomes, press } from "../page.mjs";
import { LOG, POLICY, element, event, host } from "../widget.mjs";

const NAME = "audit-policy-playground";
const one = (body, options) => ({ pages: { "host.html": host(body, options) } });

/** Calls a function with the element at this place and the functions for its events. */
const on = (page, fn, argument = null, at = 0) => page.locator(NAME).nth(at).evaluate(fn, argument);
/** Details of the events of a type, so far. */
const events = (page, type, at = 0) => page.evaluate(([type, at]) => /** @type {any} */ (window).__events.filter((one) => one.type === type && one.at === at).map((one) => one.detail), [type, at]);
const last = async (page, type, at = 0) => (await events(page, type, at)).at(-1);
const run = (page, at = 0) => page.locator(NAME).nth(at).getByRole("button", { name: "Edit and run" });
const frame = (page, at = 0) => page.locator(NAME).nth(at).frameLocator("iframe");
const editor = (page, at = 0) => frame(page, at).getByRole("textbox", { name: "Audit policy" });
const isReady = (page, at = 0) => becomes(async () => (await events(page, "ready", at)).length > 0, true);
/** Starts the playground, and waits for its first results. */
async function start(page, at = 0) {
  await run(page, at).click();
  await becomes(async () => (await events(page, "verdict", at)).length > 0, true);
  await isReady(page, at);
}
const textOf = (page, at = 0) => editor(page, at).evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));
/** The verdict's figures. */
const figures = async (page, at = 0) => {
  const { log } = (await last(page, "verdict", at)) ?? {};
  return log && { events: log.events, written: log.written.events, levels: log.levels };
};
const LEVELS = { None: 2, Metadata: 1, Request: 0, RequestResponse: 0 };

test("widget: the text of the page becomes an editor, and the results are reported", one(element()), async (page, watch) => {
  // Nothing is loaded before it is asked for.
  await page.waitForTimeout(300);
  assert.deepEqual(watch.downloads.filter((path) => path.endsWith(".html")), ["/host.html"]);
  assert.match(await page.locator(NAME).innerText(), /level: None/);
  await page.getByText(/loads 1\.\d MB/).waitFor();
  await shot(page, "widget-asleep");
  await start(page);
  const verdict = await last(page, "verdict");
  // Of alice's two events nothing is written, of the third its metadata.
  assert.deepEqual(await figures(page), { events: 3, written: 1, levels: LEVELS });
  assert.equal(verdict.log.bytes, LOG.length);
  assert.deepEqual([verdict.accepted, verdict.policy, verdict.v], [true, POLICY, 1]);
  assert.equal(await on(page, (element) => element.getAttribute("sandbox") ?? element.shadowRoot.querySelector("iframe").getAttribute("sandbox")), "allow-scripts allow-downloads allow-popups");
  await shot(page, "widget");
});

test("widget: the first verdict is that of the page's own text, not of an example", one(element("", POLICY, "")), async (page) => {
  await start(page);
  const verdicts = await events(page, "verdict");
  assert.deepEqual(verdicts.map(({ policy, log }) => [policy, log]), [[POLICY, null]]);
});

test("widget: `set` changes what is shown, and `getWorkspace` returns it with the reader's edits", one(element("version=\"1.30\"")), async (page) => {
  // Before the frame is there, too.
  await on(page, (element) => element.set({ policy: "rules: []" }));
  assert.equal(await on(page, (element) => element.policy), "rules: []");
  assert.deepEqual(await on(page, (element) => element.getWorkspace()), { kind: "AuditPolicyWorkspace", version: 2, policy: "rules: []", kubernetesVersion: "1.30" });
  await on(page, (element, policy) => void (element.policy = policy), POLICY);
  await start(page);
  assert.equal((await last(page, "verdict")).version, "1.30");
  await on(page, (element) => element.set({ version: "1.36", policy: "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Request}]\n" }));
  await becomes(async () => (await last(page, "verdict")).version, "1.36");
  // Every event also has the stage RequestReceived now, which the log does not contain.
  await becomes(async () => (await figures(page)).levels.None, 0);
  assert.equal(await textOf(page), "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Request}]\n");
  await editor(page).focus();
  await press(page, "ControlOrMeta+End");
  await page.keyboard.type("# mine");
  const workspace = await on(page, (element) => element.getWorkspace());
  assert.deepEqual([workspace.kind, workspace.kubernetesVersion, workspace.policy.endsWith("# mine"), workspace.sample], ["AuditPolicyWorkspace", "1.36", true, LOG]);
  await becomes(async () => (await on(page, (element) => element.policy)).endsWith("# mine"), true);
  await on(page, (element) => element.set({ policy: "rules: [" }));
  await becomes(async () => (await last(page, "verdict")).accepted, false);
  assert.equal(await figures(page).then(({ events }) => events), 3);
  await shot(page, "widget-rejected");
});

test("widget: a log that is set replaces the one before", one(element()), async (page) => {
  await start(page);
  await on(page, (element, log) => element.set({ log }), `${event(1, "bob")}\n${event(2, "carol")}\n`);
  await becomes(() => figures(page), { events: 2, written: 2, levels: { ...LEVELS, None: 0, Metadata: 2 } });
});

test("widget: an event is selected by its index or its auditID, and the reader's choice is reported", one(element('select="id-2" view="why"')), async (page) => {
  await start(page);
  const selected = async () => (await last(page, "verdict")).selected;
  await becomes(selected, { index: 1, auditID: "id-2", rule: 2, level: "Metadata" });
  await frame(page).getByRole("tabpanel").getByText("rule 2 matches").waitFor();
  await shot(page, "widget-why");
  await on(page, (element) => element.setAttribute("select", "0"));
  await becomes(selected, { index: 0, auditID: "id-1", rule: 1, level: "None" });
  await frame(page).getByRole("button", { name: "Events", exact: true }).click();
  await shot(page, "widget-events");
  await frame(page).locator('[role=grid] [aria-rowindex="4"]').click();
  await becomes(async () => { const { index, auditID } = await last(page, "select"); return [index, auditID]; }, [2, "id-3"]);
  await becomes(selected, { index: 2, auditID: "id-3", rule: 1, level: "None" });
  await on(page, (element) => element.set({ select: "id-9" }));
  await becomes(async () => (await last(page, "error"))?.problem, "select");
  assert.deepEqual((await selected()).index, 2);
});

test("widget: a log is taken from the element that `log` names, and `view` decides what is shown", one(`<pre id="events">${LOG}</pre>${element('log="events" view="events"', POLICY, "")}`), async (page) => {
  await start(page);
  assert.deepEqual(await figures(page), { events: 3, written: 1, levels: LEVELS });
  await frame(page).getByRole("grid", { name: "Events" }).waitFor();
  for (const view of ["policy", "why", "volume", "export"]) {
    await on(page, (element, view) => element.setAttribute("view", view), view);
    await becomes(() => frame(page).getByRole("navigation", { name: "Views" }).locator("[aria-pressed=true]").innerText(), view[0].toUpperCase() + view.slice(1));
    await shot(page, `widget-view-${view}`);
  }
  await frame(page).getByRole("dialog", { name: "Export" }).waitFor();
});

test("widget: with `readonly` the text can be read, and not edited", one(element("readonly")), async (page) => {
  await start(page);
  assert.equal(await editor(page).getAttribute("aria-readonly"), "true");
  await editor(page).focus();
  await page.keyboard.type("x");
  await page.keyboard.press("Delete");
  assert.equal(await textOf(page), POLICY);
  assert.equal(await frame(page).getByRole("button", { name: "Fix" }).count(), 0);
  await on(page, (element) => element.removeAttribute("readonly"));
  await becomes(() => editor(page).getAttribute("aria-readonly"), null);
  await editor(page).focus();
  await page.keyboard.type("#");
  await becomes(() => textOf(page), `#${POLICY}`);
});

const themeOf = (page) => frame(page).locator(":root").getAttribute("data-theme");

test("widget: the theme is that of the page around it, and follows it", one(element()), async (page) => {
  await start(page);
  assert.equal(await themeOf(page), "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await becomes(() => themeOf(page), "dark");
  // A switch of the page itself.
  await page.evaluate(() => document.documentElement.setAttribute("style", "color-scheme: light"));
  await becomes(() => themeOf(page), "light");
  await on(page, (element) => element.setAttribute("theme", "dark"));
  await becomes(() => themeOf(page), "dark");
  await shot(page, "widget-dark-in-light");
  await on(page, (element) => element.setAttribute("theme", "auto"));
  await becomes(() => themeOf(page), "light");
});

test("widget: near the window with lazy=\"viewport\", at once with lazy=\"off\"", one(`<div id="far"></div>${element('lazy="viewport"')}${element('lazy="off"')}`, { head: '<style>#far { height: 4000px }</style>' }), async (page) => {
  await isReady(page, 1);
  assert.equal(await page.locator(NAME).nth(0).locator("iframe").count(), 0);
  await page.evaluate(() => window.scrollTo(0, 3500));
  await isReady(page, 0);
});

test("widget: its height is the content's, within bounds, or a fixed one", one(`${element()}`), async (page) => {
  await start(page);
  const height = () => on(page, (element) => element.shadowRoot.querySelector("iframe").offsetHeight);
  const lines = (count) => POLICY + "# a line\n".repeat(count);
  await on(page, (element, policy) => element.set({ policy }), lines(10));
  await becomes(async () => (await height()) > 300 && (await height()) < 720, true);
  const some = await height();
  await on(page, (element, policy) => element.set({ policy }), lines(14));
  await becomes(async () => (await height()) > some, true);
  // Nothing is hidden below the edge.
  const scrolls = () => editor(page).evaluate((content) => { const { scrollHeight, clientHeight } = content.closest(".cm-scroller"); return scrollHeight - clientHeight; });
  await becomes(async () => (await scrolls()) <= 0, true);
  await shot(page, "widget-height");
  // Nor are rows of a table.
  await on(page, (element, log) => element.set({ view: "events", log }), Array.from({ length: 12 }, (_, index) => event(index % 10, "bob")).join("\n"));
  const rows = frame(page).getByRole("grid", { name: "Events" });
  await becomes(() => rows.evaluate((grid) => [grid.getAttribute("aria-rowcount"), grid.scrollHeight - grid.clientHeight <= 0]), ["13", true]);
  await shot(page, "widget-height-events");
  await on(page, (element, policy) => element.set({ policy, view: "policy" }), lines(400));
  await becomes(height, 720);
  await on(page, (element) => element.setAttribute("height", "300px"));
  await becomes(height, 300);
});

test("widget: two frames are awake, and one that sleeps keeps the reader's edits", one(element() + element() + element()), async (page) => {
  const frames = () => page.locator(`${NAME} iframe`).count();
  await start(page, 0);
  await editor(page, 0).focus();
  await press(page, "ControlOrMeta+End");
  await page.keyboard.type("# first");
  await frame(page, 0).getByRole("button", { name: "Events", exact: true }).click();
  await frame(page, 0).getByRole("searchbox", { name: "Filter events" }).or(frame(page, 0).getByRole("combobox", { name: "Filter events" })).first().fill("user:bob");
  await start(page, 1);
  assert.equal(await frames(), 2);
  await start(page, 2);
  await becomes(frames, 2);
  await becomes(() => run(page, 0).count(), 1);
  await page.getByText("Paused to save memory. Your text is kept.").waitFor();
  assert.match(await page.locator(NAME).nth(0).innerText(), /# first/);
  await shot(page, "widget-paused");
  assert.equal(await on(page, (element) => element.policy, null, 0), `${POLICY}# first`);
  assert.equal((await on(page, (element) => element.getWorkspace(), null, 0)).policy, `${POLICY}# first`);
  // Back: the text, the view and the filter.
  await run(page, 0).click();
  await becomes(async () => (await events(page, "ready", 0)).length, 2);
  await frame(page, 0).getByRole("grid", { name: "Events" }).waitFor();
  await becomes(() => frame(page, 0).getByRole("region", { name: "Events", exact: true }).getByRole("status").innerText(), "1 of 3 events");
  assert.deepEqual((await last(page, "verdict", 0)).policy, `${POLICY}# first`);
  await becomes(frames, 2);
  assert.equal(await page.locator(NAME).nth(1).locator("iframe").count(), 0);
});

test("widget: what the frame rejects at its start is shown, and the text stays", one(element("view=\"rules\"")), async (page, watch) => {
  // The frame is removed while it loads.
  watch.allow(/request failed: /);
  await run(page).click();
  await page.getByText(/^The playground did not start: .*`view` is not one of lesson, policy, events/).waitFor();
  assert.equal((await last(page, "error")).problem, "start");
  assert.match(await page.locator(NAME).innerText(), /level: None/);
  await on(page, (element) => element.setAttribute("view", "events"));
  await start(page);
  await frame(page).getByRole("grid", { name: "Events" }).waitFor();
});

test("widget: what the frame rejects later is forgotten, and what cannot be sent is not taken", one(element()), async (page, watch) => {
  watch.allow(/request failed: .*audit-policy-playground\.html/);
  await start(page);
  await on(page, (element) => element.set({ colour: 1 }));
  await becomes(async () => (await events(page, "error")).length, 1);
  assert.equal(await on(page, (element) => { try { element.set({ policy: () => 1 }); return ""; } catch (error) { return error.name; } }), "DataCloneError");
  await page.evaluate((name) => document.body.append(document.querySelector(name)), NAME);
  await start(page);
  await becomes(async () => (await events(page, "ready")).length, 2);
  assert.equal(await textOf(page), POLICY);
});

test("widget: what is set while an element is put to sleep is not lost", one(element() + element() + element()), async (page) => {
  await start(page, 0);
  await start(page, 1);
  await page.evaluate((name) => {
    const [first, , third] = document.querySelectorAll(name);
    third.shadowRoot.querySelector("button").click();
    /** @type {any} */ (first).set({ policy: "rules: []\n" });
  }, NAME);
  await becomes(async () => (await events(page, "ready", 2)).length, 1);
  assert.equal(await on(page, (element) => element.policy, null, 0), "rules: []\n");
});

test("widget: an element with a log of megabytes sleeps and wakes", one(element("", POLICY, LOG.repeat(3_600)) + element() + element()), async (page) => {
  assert.ok(LOG.length * 3_600 > 4_000_000 && LOG.length * 3_600 < 5_000_000, String(LOG.length * 3_600));
  for (const at of [0, 1, 2]) await start(page, at);
  await becomes(() => run(page, 0).count(), 1);
  await run(page, 0).click();
  await becomes(async () => (await events(page, "ready", 0)).length, 2);
  await becomes(async () => (await figures(page, 0))?.events, 3 * 3_600);
});

test("widget: a frame that is removed while it loads, or later, leaves one clear state", one(element()), async (page, watch) => {
  watch.allow(/request failed: .*audit-policy-playground\.html/);
  await run(page).click();
  await page.evaluate((name) => { const element = document.querySelector(name); const { parentNode } = element; element.remove(); setTimeout(() => parentNode.append(element), 50); }, NAME);
  await run(page).waitFor();
  assert.equal(await page.locator("iframe").count(), 0);
  await start(page);
  await on(page, (element) => element.set({ policy: "rules: []\n" }));
  await becomes(async () => (await last(page, "verdict")).policy, "rules: []\n");
  // Moved within the page, as frameworks do: the text is kept.
  await page.evaluate((name) => document.body.append(document.querySelector(name)), NAME);
  await becomes(() => page.locator(`${NAME} pre`).innerText(), "rules: []\n");
  const answered = await on(page, async (element) => { const asked = element.getWorkspace(); element.remove(); return (await asked).policy; });
  assert.equal(answered, "rules: []\n");
});

test("widget: without JavaScript, the text stays", one(element()), async (page) => {
  const context = await page.context().browser().newContext({ javaScriptEnabled: false });
  const other = await context.newPage();
  await other.goto(page.url());
  assert.equal(await other.locator("pre").innerText(), POLICY);
  await context.close();
});

const STRICT = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; img-src data:">`;

test("widget: works on a page with a strict Content-Security-Policy", one(element("height=\"400px\""), { head: STRICT }), async (page) => {
  await start(page);
  assert.deepEqual(await figures(page), { events: 3, written: 1, levels: LEVELS });
  assert.equal(await on(page, (element) => getComputedStyle(element.shadowRoot.querySelector("iframe")).height), "400px");
});

test("widget: a page whose policy forbids the frame shows why", { ...one(element(), { head: STRICT.replace("frame-src 'self'; ", "") }), long: true }, async (page, watch) => {
  watch.allow(/frame-src|Framing|ERR_BLOCKED_BY_CSP|request failed/);
  await run(page).click();
  await becomes(async () => (await last(page, "error"))?.problem, "start");
  await page.getByText(/^The playground did not start/).waitFor();
  assert.match(await page.locator(NAME).innerText(), /level: None/);
  await shot(page, "widget-error");
});

test("widget: the script may be anywhere, with the one file next to it or below `base`", one(element("base=\"./\"")), async (page) => {
  await start(page);
  assert.match(await on(page, (element) => element.shadowRoot.querySelector("iframe").src), /^http:\/\/localhost:\d+\/audit-policy-playground\.html#embed-light$/);
});

test("widget: Tab goes in, through the editor, and out on the other side", one(`<a href="#before">before</a>${element()}<a href="#after">after</a>`), async (page) => {
  await page.getByText("before").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await becomes(async () => (await events(page, "verdict")).length > 0, true);
  // The focus was on the button, and is in the frame now.
  await becomes(() => page.evaluate((name) => document.activeElement?.localName === name, NAME), true);
  const places = [];
  const isOut = () => page.evaluate(() => document.activeElement?.textContent === "after");
  for (let count = 0; count < 40 && !(await isOut()); count += 1) {
    await press(page, "Tab");
    places.push(await frame(page).locator(":root").evaluate(() => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active?.getAttribute("aria-label") ?? active?.textContent ?? "";
    }));
  }
  assert.ok(await isOut(), places.join(" | "));
  assert.ok(places.includes("Audit policy") && places.includes("Kubernetes version"), places.join(" | "));
  await press(page, "Shift+Tab");
  await becomes(() => page.evaluate((name) => document.activeElement?.localName === name, NAME), true);
  await shot(page, "widget-focus");
});

for (const theme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1440, 390]) {
    test(`widget: axe finds nothing, ${theme}, ${width} px`, { ...one(element() + element("", "rules: [", "")), theme, width }, async (page) => {
      assert.deepEqual(await axe(page), []);
      await shot(page, `widget-asleep-${theme}-${width}`);
      await start(page, 0);
      await start(page, 1);
      for (const at of [0, 1]) {
        const child = await (await page.locator(`${NAME} iframe`).nth(at).elementHandle()).contentFrame();
        assert.deepEqual(await axe(child), []);
        const overflow = await child.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overflow <= 0, `${overflow} px`);
      }
      assert.deepEqual(await axe(page), []);
      await shot(page, `widget-${theme}-${width}`);
      for (const view of ["events", "why", "volume"]) {
        await on(page, (element, view) => element.setAttribute("view", view), view);
        await page.waitForTimeout(100);
        const child = await (await page.locator(`${NAME} iframe`).nth(0).elementHandle()).contentFrame();
        const overflow = await child.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overflow <= 0, `${view}: ${overflow} px`);
        await shot(page, `widget-${view}-${theme}-${width}`);
      }
    });
  }
}

test("widget: Open in full carries policy, version, view and events", one(element('version="1.31" view="why" select="1"')), async (page) => {
  await start(page);
  await becomes(async () => (await last(page, "verdict")).selected?.index, 1);
  const link = frame(page).getByRole("link", { name: "Open in full" });
  const href = await link.getAttribute("href");
  const workspace = JSON.parse(inflateSync(Buffer.from(href.split("#v1=")[1], "base64url")).toString());
  assert.deepEqual([workspace.policy, workspace.kubernetesVersion, workspace.view.pane, workspace.view.selected, workspace.sample], [POLICY, "1.31", "inspector", 1, LOG]);
  const opened = page.context().waitForEvent("page");
  await link.click();
  const other = await opened;
  await other.waitForFunction(() => document.documentElement.dataset.ready === "true");
  await other.getByRole("tabpanel").getByText("rule 2 matches").waitFor();
  assert.equal(await other.locator("[data-embed]").count(), 0);
  await becomes(() => other.getByRole("combobox", { name: "Kubernetes version" }).inputValue(), "1.31");
  assert.match(await other.locator("body").innerText(), /1 of 3/);
});

test("widget: Open in full carries only the selected event of a long log", one(element('select="1"')), async (page) => {
  await start(page);
  const long = `${Array.from({ length: 300 }, (_, index) => event(index % 10, index === 250 ? "bob" : "alice")).join("\n")}\n`;
  await on(page, (element, log) => element.set({ log, select: 250 }), long);
  await becomes(async () => (await last(page, "verdict")).selected?.index, 250);
  const sample = async () => {
    const href = await frame(page).getByRole("link", { name: "Open in full" }).getAttribute("href");
    const { sample, view } = JSON.parse(inflateSync(Buffer.from(href.split("#v1=")[1], "base64url")).toString());
    return [sample, view.selected];
  };
  await becomes(sample, [event(0, "bob"), 0]);
});

test("widget: what is copied in the frame is copied by the page around it", one(element('view="export"')), async (page) => {
  await start(page);
  await frame(page).getByRole("dialog", { name: "Export" }).getByRole("button", { name: "Copy", exact: true }).first().click();
  await becomes(() => page.evaluate(() => navigator.clipboard.readText()), POLICY);
  await frame(page).getByText("Copied").first().waitFor();
});

test("widget: the reader's work is stored nowhere, and the history stays as it is", one(element()), async (page) => {
  const before = await page.evaluate(() => history.length);
  await start(page);
  await editor(page).focus();
  await page.keyboard.type("# mine\n");
  for (const view of ["Events", "Why", "Policy"]) await frame(page).getByRole("button", { name: view, exact: true }).click();
  await page.waitForTimeout(700);
  assert.equal(await page.evaluate(() => history.length), before);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  assert.equal(await frame(page).getByRole("status", { name: "Notices" }).innerText(), "");
  assert.equal(await frame(page).getByRole("alert").first().innerText(), "");
});

test("widget: ten on a page use at most 150 MB", { ...one(Array.from({ length: 10 }, () => element()).join("")), alone: true, long: true }, async (page) => {
  const before = await memory(page);
  for (let at = 0; at < 10; at += 1) await start(page, at);
  await becomes(() => page.locator(`${NAME} iframe`).count(), 2);
  await page.waitForTimeout(1000);
  const after = await memory(page);
  const growth = (after - before) / 1e6;
  console.log(`       ten widgets: ${growth.toFixed(0)} MB more than the page without one (${(before / 1e6).toFixed(0)} MB), in all processes of the browser`);
  assert.ok(growth <= 150, `${growth} MB`);
});

/** Returns the private memory of the processes that show pages, in bytes. */
async function memory(page) {
  const browser = page.context().browser();
  const session = await browser.newBrowserCDPSession();
  for (const context of browser.contexts()) for (const one of context.pages()) await (await context.newCDPSession(one)).send("HeapProfiler.collectGarbage").catch(() => {});
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const { readFileSync } = await import("node:fs");
  let sum = 0;
  for (const { id, type } of processInfo) {
    if (type !== "renderer") continue;
    const rollup = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    for (const [, kilobytes] of rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)) sum += Number(kilobytes) * 1024;
  }
  return sum;
}
