// The page loads quietly, from wherever it lies, and then asks for nothing.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, test } from "../harness.mjs";

// The harness itself fails a case on console errors, policy violations and late requests.
for (const path of ["/", "/some/path/"]) {
  test(`the page starts below ${path}`, { path }, async (page) => {
    assert.equal(await page.evaluate(() => document.documentElement.dataset.ready), "true");
  });
}

test("the page stays quiet when left alone", {}, (page) => page.waitForTimeout(2500));

/** Files that are fetched only where the browser keeps a copy of the page or installs it, and those for other pages. */
const KEPT = /^(?:service-worker\.js|manifest\.webmanifest|audit-policy-playground\.(?:html|js))$/;

// So the sizes of dist/ are what a first visit costs.
test("a first visit downloads every file of dist/ once", { path: "/" }, async (page, watch) => {
  const files = readdirSync(join(root, "dist")).filter((name) => !KEPT.test(name));
  const asked = watch.downloads.map((path) => (path === "/" ? "index.html" : path.slice(1)));
  assert.deepEqual(asked.sort(), files.sort());
});

test("the built page has no inline script or style, and only refers to files in its own folder", {}, async () => {
  const html = readFileSync(join(root, "dist", "index.html"), "utf8");
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/);
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/);
  for (const [, address] of html.matchAll(/\s(?:href|src)="([^"]+)"/g)) assert.match(address, /^(?:\.\/[\w.-]+$|data:)/);
});

test("the Content-Security-Policy blocks what the page never does", {}, async (page, watch) => {
  const blocked = await page.evaluate(async () => {
    const tries = {
      "fetch elsewhere": () => fetch("https://example.com/"),
      "a socket elsewhere": () =>
        new Promise((open, reject) => {
          const socket = new WebSocket("wss://example.com/");
          socket.onopen = open;
          socket.onerror = reject;
        }),
      "evaluate text": async () => new Function("return 1")(),
    };
    const names = [];
    for (const [name, run] of Object.entries(tries)) {
      await run().catch(() => names.push(name));
    }
    return names;
  });
  assert.deepEqual(blocked, ["fetch elsewhere", "a socket elsewhere", "evaluate text"]);
  await page.waitForTimeout(100);
  assert.ok(watch.problems.some((problem) => problem.startsWith("policy violation: connect-src")));
  watch.forgive(/policy violation|Content Security Policy|example\.com|requires 'TrustedScript'/);
});
