// Nothing leaves the page: from a worker never, and from the page not once it is sealed. The server's log is what counts.

import assert from "node:assert/strict";
import { journey } from "../journeys.mjs";
import { PICKER, banner, large } from "../person.mjs";
import { sendAll, sending } from "../send-all.mjs";
import { css, role } from "../target.mjs";

/** In every worker, before its own script: makes the attempts at once and whenever a test asks for it, and reports them. */
const WORKER = `${sending};
{
  const channel = new BroadcastChannel("sending");
  const origin = new URL(location.href.replace(/^blob:/, "")).origin;
  const run = async (when) => {
    const base = origin + "/some/path/sent-by-" + self.name + "-" + when + "-";
    const importscripts = (url) => self.importScripts(globalThis.__marked(url));
    channel.postMessage({ who: self.name, when, passed: await globalThis.__send(base, { importscripts }) });
  };
  // The reports of other workers come here, too.
  channel.onmessage = ({ data }) => data === "again" && run("later");
  // The workers' own script makes its policy first.
  queueMicrotask(() => run("first"));
}
`;

/** Before the page's own scripts: puts the attempts before the script of workers, and keeps the page from being idle, and so from being sealed. */
const OPEN = `${sending};
{
  window.__sent = [];
  if (window === window.parent) {
    window.requestIdleCallback = () => 0;
    new BroadcastChannel("sending").onmessage = ({ data }) => data.who && window.__sent.push(data);
    window.Blob = class extends Blob {
      constructor(parts, options) {
        super(options?.type === "text/javascript" ? [${JSON.stringify(WORKER)}, ...parts] : parts, options);
      }
    };
  }
}
`;

/** Reports of browsers about attempts that they block. */
const BLOCKED = /^(?!request seen)/;

/** The attempts that have arrived. */
const arrived = (tab) => tab.requests.filter((path) => path.includes("sent-by-"));

journey("no worker can send anything at any time", async (tab) => {
  const reports = () => tab.evaluate(() => window.__sent.map(({ who, when, passed }) => `${who} ${when}: ${passed.join(" ")}`).sort());
  await tab.until(reports, ["engine first: "]);
  // The page itself is still open, so it is not the page's policy that has blocked them.
  assert.equal(await tab.evaluate(() => document.documentElement.dataset.sealed ?? "open"), "open");
  const fromPage = await tab.evaluate(sendAll, "sent-by-page-");
  assert.ok(["fetch", "xhr", "wasm"].every((name) => name === "wasm" || fromPage.includes(name)), fromPage.join());
  for (const name of ["fetch", "xhr", "xhr-sync", "websocket", "eventsource", "beacon", "style", "script"]) {
    assert.ok(arrived(tab).some((path) => path.endsWith(`sent-by-page-${name}`)), `the page sends ${name}`);
  }
  // A large log has helpers: workers of the worker.
  await tab.setFiles(PICKER, { "large.jsonl": large().join("\n") });
  await tab.until(async () => (await reports()).join("\n"), /^reader first: /m);
  await tab.evaluate(() => new BroadcastChannel("sending").postMessage("again"));
  await tab.until(async () => (await reports()).join("\n"), /^engine later: [^]*^reader later: /m);
  assert.deepEqual((await reports()).filter((report) => !report.endsWith(": ")), []);
  assert.deepEqual(arrived(tab).filter((path) => !path.includes("sent-by-page-")), []);
}, {
  before: OPEN,
  isOpen: true,
  expected: /^(?!request seen .*sent-by-(?:engine|reader))/,
});

journey("a sealed page can send nothing", async (tab) => {
  assert.deepEqual(await tab.evaluate(sendAll, "sent-by-page-"), []);
  assert.deepEqual(arrived(tab), []);
}, { before: sending, expected: BLOCKED });

journey("the page says that it is sealed, and shows what the browser blocks", async (tab) => {
  await tab.click(banner.role("button", "Sealed"));
  const dialog = role("dialog", "Nothing leaves this page");
  await tab.click(dialog.role("button", "Check"));
  await tab.until(() => tab.text(dialog.role("status")), "None of 20 attempts left this page.");
  const rows = await tab.texts(dialog.css("tbody tr"));
  const names = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "font", "import()", "sendBeacon", "image", "style", "script", "frame", "form", "importScripts", "Worker"];
  assert.deepEqual(rows.map((row) => row.split(" ")[0]), names);
  for (const row of rows) assert.match(row, /Blocked by|Failed: /);
  // Every browser reports what it blocks in the page.
  const inPage = await tab.texts(dialog.css("tbody td:nth-child(2)"));
  for (const [at, name] of names.slice(0, 12).entries()) assert.match(inPage[at], /^Blocked by [a-z-]+/, name);
  await tab.press("Escape");
  await tab.has(css("dialog"), 0);
}, { expected: BLOCKED });
