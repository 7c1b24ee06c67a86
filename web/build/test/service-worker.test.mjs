import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import vm from "node:vm";
import { manifest, serviceWorker } from "../service-worker.mjs";

const SCOPE = "https://example.org/play/";

/** @param {string} name @param {string} content */
const hashed = (name, content) => name.replace(".", `-${createHash("sha256").update(content).digest("hex").slice(0, 12)}.`);

/**
 * The files of a site: a script with the content, and a page that names it.
 * @param {string} content
 */
function site(content) {
  const script = hashed("page.js", content);
  return new Map([["index.html", `<script src="./${script}"></script></html>`], [script, content]]);
}

/** Caches of one browser, by name. */
class Caches {
  /** @type {Map<string, Map<string, Response>>} */
  all = new Map();
  open = async (/** @type {string} */ name) => {
    const found = this.all.get(name) ?? new Map();
    this.all.set(name, found);
    return {
      put: async (/** @type {string} */ address, /** @type {Response} */ response) => void found.set(address, response),
      match: async (/** @type {string} */ address) => found.get(address)?.clone(),
    };
  };
  match = async (/** @type {string} */ address) => [...this.all.values()].map((one) => one.get(address)).find(Boolean)?.clone();
  delete = async (/** @type {string} */ name) => this.all.delete(name);
  keys = async () => [...this.all.keys()];
}

/**
 * Runs the service worker of a site in a browser, whose server has files that may be others.
 * @param {{ files: Map<string, string>, server?: Map<string, string>, caches?: Caches, tabs?: { id: string, url: string }[] }} browser
 */
async function run({ files, server = files, caches = new Caches(), tabs = [] }) {
  const folder = mkdtempSync(join(tmpdir(), "service-worker-"));
  try {
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
    const source = await serviceWorker(folder, true);
    /** @type {Record<string, (event: any) => void>} */
    const listeners = {};
    const seen = { skipped: 0, requests: /** @type {string[]} */ ([]) };
    const fetch = async (/** @type {string | { url: string }} */ request) => {
      const address = typeof request === "string" ? request : request.url;
      seen.requests.push(address);
      const content = server.get(address.slice(SCOPE.length) || "index.html");
      return new Response(content ?? "", { status: content === undefined ? 404 : 200 });
    };
    const context = {
      addEventListener: (/** @type {string} */ name, /** @type {(event: any) => void} */ then) => (listeners[name] = then),
      skipWaiting: () => (seen.skipped += 1),
      registration: { scope: SCOPE },
      clients: { matchAll: async () => tabs },
      caches, fetch, URL, Response, crypto: webcrypto, Uint8Array, Set, Promise, Error,
    };
    vm.runInNewContext(source, context);
    const install = async () => {
      /** @type {Promise<void> | undefined} */
      let done;
      listeners.install({ waitUntil: (/** @type {Promise<void>} */ promise) => (done = promise) });
      await done;
    };
    const get = async (/** @type {string} */ path, { method = "GET", mode = "no-cors", opened = "" } = {}) => {
      /** @type {Promise<Response> | undefined} */
      let answer;
      /** @type {Promise<void> | undefined} */
      let after;
      const request = { url: new URL(path, SCOPE).href, method, mode };
      listeners.fetch({ request, resultingClientId: opened, respondWith: (/** @type {any} */ one) => (answer = one), waitUntil: (/** @type {any} */ one) => (after = one) });
      const text = await (await answer)?.text();
      await after;
      return text;
    };
    return { install, get, post: (/** @type {unknown} */ data) => listeners.message({ data }), seen, caches };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a copy answers without the network, the page also with a query", async () => {
  const files = site("one");
  const worker = await run({ files });
  await worker.install();
  worker.seen.requests.length = 0;
  assert.equal(await worker.get("", { mode: "navigate" }), files.get("index.html"));
  assert.equal(await worker.get("?from=elsewhere", { mode: "navigate" }), files.get("index.html"));
  assert.equal(await worker.get("index.html", { mode: "navigate" }), files.get("index.html"));
  assert.equal(await worker.get([...files.keys()][1]), "one");
  assert.deepEqual(worker.seen.requests, []);
});

test("what is not of this page is left to the network", async () => {
  const worker = await run({ files: site("one") });
  await worker.install();
  for (const path of ["docs/", "docs/page-0123456789ab.js", "audit-policy-playground.html", "/", "https://example.com/"]) {
    assert.equal(await worker.get(path, { mode: "navigate" }), undefined, path);
  }
  assert.equal(await worker.get("", { method: "POST", mode: "navigate" }), undefined);
  assert.equal(await worker.get("index.html"), site("one").get("index.html"));
});

test("where the browser's storage fails, the network answers", async () => {
  const files = site("one");
  const worker = await run({ files });
  await worker.install();
  worker.caches.open = () => Promise.reject(new Error("no storage"));
  assert.equal(await worker.get("", { mode: "navigate" }), files.get("index.html"));
  assert.equal(await worker.get([...files.keys()][1]), "one");
});

test("a copy that the browser has removed is made again", async () => {
  const files = site("one");
  const worker = await run({ files });
  await worker.install();
  for (const name of await worker.caches.keys()) await worker.caches.delete(name);
  await worker.get("", { mode: "navigate" });
  worker.seen.requests.length = 0;
  assert.equal(await worker.get("", { mode: "navigate" }), files.get("index.html"));
  assert.deepEqual(worker.seen.requests, []);
});

test("only the constant has an effect", async () => {
  const worker = await run({ files: site("one") });
  for (const data of ["", "Activate", "activate ", ["activate"], { activate: true }, { type: "activate" }, null, undefined, 1, SCOPE]) worker.post(data);
  assert.deepEqual(worker.seen, { skipped: 0, requests: [] });
  worker.post("activate");
  assert.deepEqual(worker.seen, { skipped: 1, requests: [] });
});

/** The server in the middle of an update, or with a fault. @type {[string, (files: Map<string, string>) => void][]} */
const FAULTS = [
  ["a file is missing", (files) => files.delete([...files.keys()][1])],
  ["a file has another content", (files) => files.set([...files.keys()][1], "<!DOCTYPE html>")],
  ["the page is of another version", (files) => files.set("index.html", "<script src=\"./page-000000000000.js\"></script></html>")],
  ["the page is cut off", (files) => files.set("index.html", String(files.get("index.html")).slice(0, -3))],
  ["the page is missing", (files) => files.delete("index.html")],
];

for (const [name, change] of FAULTS) {
  test(`nothing is kept if ${name}`, async () => {
    const server = site("one");
    change(server);
    const worker = await run({ files: site("one"), server });
    await assert.rejects(worker.install());
    assert.deepEqual(await worker.caches.keys(), []);
  });
}

test("a tab with the older version gets its files until it is closed", async () => {
  const [older, newer] = [site("one"), site("two")];
  const caches = new Caches();
  await (await run({ files: older, caches })).install();
  const tabs = [{ id: "old", url: SCOPE }, { id: "new", url: SCOPE }];
  const worker = await run({ files: newer, caches, tabs });
  await worker.install();
  assert.equal(await worker.get("", { mode: "navigate", opened: "new" }), newer.get("index.html"));
  assert.equal(await worker.get([...older.keys()][1]), "one");
  assert.equal((await caches.keys()).length, 2);
  tabs.shift();
  await worker.get("", { mode: "navigate", opened: "new" });
  assert.equal((await caches.keys()).length, 1);
  assert.equal(await worker.get([...newer.keys()][1]), "two");
});

test("what did not change is not fetched again", async () => {
  const caches = new Caches();
  await (await run({ files: site("one"), caches })).install();
  const files = site("one").set("index.html", `<p>new</p>${site("one").get("index.html")}`);
  const worker = await run({ files, caches });
  await worker.install();
  assert.deepEqual(worker.seen.requests, [`${SCOPE}index.html`]);
});

test("another page of the same origin keeps its copies", async () => {
  const caches = new Caches();
  await caches.open("audit-policy-playground https://example.org/other/ 1");
  const worker = await run({ files: site("one"), caches });
  await worker.install();
  await worker.get("", { mode: "navigate", opened: "new" });
  assert.ok((await caches.keys()).includes("audit-policy-playground https://example.org/other/ 1"));
});

test("the manifest holds its icons, of the sizes that it gives", () => {
  const { icons } = JSON.parse(manifest());
  assert.equal(icons.length, 3);
  for (const { src, sizes, type } of icons) {
    assert.ok(src.startsWith(`data:${type};base64,`));
    if (type !== "image/png") continue;
    // Width and height are in the first chunk of a PNG.
    const bytes = Buffer.from(src.split(",")[1], "base64");
    assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes);
  }
});
