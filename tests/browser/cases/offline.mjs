// The copy of the page that the browser keeps: the second visit without a network, and newer versions.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "../../../web/build/server.mjs";
import { serviceWorker } from "../../../web/build/service-worker.mjs";
import { root, test } from "../harness.mjs";
import { answer, becomes, editor, kept, openExample, pastePolicy } from "../page.mjs";

const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [offline]\n";
const NOTICE = "A new version of this page is ready. Loading it keeps your policies and settings; a log must be opened again.";

/** Waits until a page is sealed, and so kept. */
const sealed = (page) => page.waitForFunction(() => ["ready", "sealed"].every((name) => document.documentElement.dataset[name] === "true"));
const titles = (pages) => Promise.all(pages.map((page) => page.title()));
const notice = (page) => page.getByText(NOTICE);

/**
 * Serves a copy of dist/ that a case may change, and opens it in a tab.
 * @param {import("playwright-core").Page} page
 * @param {(site: { open: () => Promise<import("playwright-core").Page>, update: (change: (html: string) => string) => Promise<void>, folder: string, address: string, requests: string[], cut: (isCut: boolean) => void }) => Promise<void>} body
 */
async function withSite(page, body) {
  const folder = mkdtempSync(join(tmpdir(), "site-"));
  cpSync(join(root, "dist"), folder, { recursive: true });
  const server = await serve(folder, ["/site/"]);
  const address = `${server.origin}/site/`;
  const open = async () => {
    const tab = await page.context().newPage();
    await tab.goto(address);
    await sealed(tab);
    return tab;
  };
  const update = async (change) => {
    const file = join(folder, "index.html");
    writeFileSync(file, change(readFileSync(file, "utf8")));
    writeFileSync(join(folder, "service-worker.js"), await serviceWorker(folder, true));
  };
  try {
    await body({ open, address, update, folder, requests: server.requests, cut: server.cut });
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const newTitle = (html) => html.replace(/<title>[^<]*/, "<title>Version 2");

test("the second visit works without a network, with all of its parts", { isKept: true }, async (page) => {
  await withSite(page, async ({ open, cut }) => {
    const tab = await open();
    cut(true);
    await tab.reload();
    await sealed(tab);
    assert.match(await answer(tab).innerText(), /events written/);
    await openExample(tab, "Wrong");
    await tab.getByRole("button", { name: "Export" }).click();
    await tab.getByRole("dialog", { name: "Export" }).getByText("--audit-policy-file").first().waitFor();
  });
});

test("a sealed page's server sees the service worker's check only", { isKept: true }, async (page) => {
  await withSite(page, async ({ open, requests }) => {
    const tab = await open();
    const before = requests.length;
    await tab.getByRole("button", { name: "Sealed" }).click();
    await tab.getByText("a service worker keeps a copy of it in this browser").waitFor();
    await tab.reload();
    await sealed(tab);
    await tab.waitForTimeout(2500);
    assert.deepEqual([...new Set(requests.slice(before))].filter((path) => path !== "/site/service-worker.js"), []);
  });
});

test("a newer version is announced, and loaded when the reader asks for it", { isKept: true }, async (page) => {
  await withSite(page, async ({ open, update }) => {
    const [first, other] = [await open(), await open()];
    const title = await first.title();
    await pastePolicy(first, POLICY);
    await kept(first, "users: [offline]");
    await other.evaluate(() => Object.assign(window, { wasHere: true }));
    await update(newTitle);
    await first.reload();
    await notice(first).waitFor();
    await sealed(first);
    assert.deepEqual(await titles([first, other]), [title, title]);
    await first.getByRole("button", { name: "Load it" }).click();
    await becomes(() => first.title(), "Version 2");
    await sealed(first);
    assert.match(await editor(first).innerText(), /users: \[offline\]/);
    // Nothing loads another tab again, and it goes on.
    assert.equal(await other.evaluate(() => "wasHere" in window), true);
    await openExample(other, "Wrong");
    assert.equal(await notice(first).count(), 0);
  });
});

test("a version that the server has only half of is not used, and the older one goes on", { isKept: true }, async (page) => {
  await withSite(page, async ({ open, update, folder }) => {
    const tab = await open();
    const title = await tab.title();
    const script = readdirSync(folder).find((name) => name.startsWith("page-") && name.endsWith(".js")) ?? "";
    await update((html) => newTitle(html).replace(script, "page-0123456789ab.js"));
    const text = readFileSync(join(folder, "service-worker.js"), "utf8");
    writeFileSync(join(folder, "service-worker.js"), text.replace(script, "page-0123456789ab.js"));
    for (let time = 0; time < 2; time += 1) {
      await tab.reload();
      await sealed(tab);
      await tab.waitForTimeout(1500);
      assert.equal(await tab.title(), title);
      assert.equal(await notice(tab).count(), 0);
    }
  });
});

test("where a service worker is not allowed, the page is sealed all the same", { isKept: true }, async (page) => {
  await withSite(page, async ({ open }) => {
    await page.context().addInitScript(() => {
      ServiceWorkerContainer.prototype.register = () => Promise.reject(new Error("not allowed"));
    });
    const tab = await open();
    assert.match(await answer(tab).innerText(), /events written/);
  });
});

test("the page can be installed", { isKept: true }, async (page) => {
  await withSite(page, async ({ open, address }) => {
    await open();
    // A page that is never idle stays open for its manifest.
    await page.context().addInitScript(() => {
      window.requestIdleCallback = () => 0;
    });
    const tab = await page.context().newPage();
    await tab.goto(address);
    const session = await tab.context().newCDPSession(tab);
    const { errors, data } = await session.send("Page.getAppManifest");
    assert.deepEqual(errors, []);
    assert.match(data ?? "", /"short_name":"Audit Policy"/);
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"), []);
  });
});
