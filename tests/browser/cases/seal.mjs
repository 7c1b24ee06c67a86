// What a policy in a page does not cover, as SECURITY.md lists it, and pages that may not reach into their frames.
//
// If a browser covers one of these one day, its case fails, and SECURITY.md can promise more.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { axe, root, shot, test } from "../harness.mjs";
import { becomes } from "../page.mjs";

test("the page has no code for what its policy does not cover", {}, async () => {
  const dist = join(root, "dist");
  const scripts = readdirSync(dist).filter((name) => name.endsWith(".js")).map((name) => readFileSync(join(dist, name), "utf8"));
  assert.ok(scripts.length >= 2);
  const ways = [/RTCPeerConnection/, /\b(?:window|self|globalThis)\.open\b/, /\blocation\.(?:assign|replace)\b/, /\blocation(?:\.href)?\s*=(?!=)/, /http-equiv|httpEquiv\s*=\s*"refresh"/, /dns-prefetch|preconnect/];
  for (const way of ways) for (const script of scripts) assert.ok(!way.test(script.replace(/<meta http-equiv=\\?"Content-Security-Policy\\?"/g, "")), String(way));
});

test("a policy does not cover navigation", {}, async (page, watch) => {
  await page.evaluate(() => {
    location.href = "sent-by-navigation";
  });
  await becomes(async () => watch.downloads.filter((path) => path.includes("sent-by-")), ["/some/path/sent-by-navigation"]);
  // The browser also asks for the icon of what it shows now.
  await becomes(async () => watch.downloads.includes("/favicon.ico"), true);
  watch.loaded();
  watch.allow(/sent-by-navigation|404|favicon/);
});

test("a policy does not cover WebRTC", {}, async (page) => {
  const server = createSocket("udp4");
  const received = new Promise((resolve) => server.once("message", resolve));
  await new Promise((bound) => server.bind(0, "127.0.0.1", () => bound(undefined)));
  try {
    await page.evaluate(async (port) => {
      const connection = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] });
      connection.createDataChannel("sent");
      await connection.setLocalDescription(await connection.createOffer());
    }, server.address().port);
    await Promise.race([received, new Promise((_, reject) => setTimeout(() => reject(new Error("no packet has arrived")), 10_000))]);
  } finally {
    server.close();
  }
});

test("in a sandboxed frame, the page is sealed before a worker starts", {}, async (page, watch) => {
  const other = await page.context().newPage();
  // Module scripts need a server that shares with every origin.
  await other.route("**/*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "access-control-allow-origin": "*" } });
  });
  await other.addInitScript(() => {
    window.Worker = class extends Worker {
      /** @param {[string, WorkerOptions?]} given */
      constructor(...given) {
        document.documentElement.dataset.before = document.documentElement.dataset.sealed ?? "open";
        super(...given);
      }
    };
  });
  await other.goto(page.url().replace("/some/path/", "/none"));
  await other.evaluate((address) => {
    const frame = document.createElement("iframe");
    frame.sandbox.add("allow-scripts");
    frame.src = address;
    document.body.replaceChildren(frame);
  }, page.url());
  const html = other.frameLocator("iframe").locator("html[data-ready=true][data-sealed=true]");
  await html.waitFor({ timeout: 30_000 });
  assert.equal(await html.getAttribute("data-before"), "true");
  await other.close();
  watch.loaded();
});

test("the dialog about the seal is accessible, with and without results", {}, async (page, watch) => {
  await page.getByRole("banner").getByRole("button", { name: "Sealed" }).click();
  const dialog = page.getByRole("dialog", { name: "Nothing leaves this page" });
  await dialog.waitFor();
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Check" }).click();
  await dialog.getByText("None of 20 attempts left this page.").waitFor({ timeout: 20_000 });
  assert.deepEqual(await axe(page), []);
  await shot(page, "seal");
  watch.forgive(/policy violation|violates|Trusted|request failed|request after load: .*attempt=/);
});
