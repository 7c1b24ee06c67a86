// Pages that have the element <audit-policy-playground>, in a folder of their own with the two files of a release.

import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NAME, RELEASE, WIDGET } from "../../web/build/one-file.mjs";
import { serve } from "../../web/build/server.mjs";

/** A policy with two rules: nothing of alice, and the metadata of everybody else. */
export const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  users: [alice]\n- level: Metadata\n";

/** Returns an event as a line of a log. */
export const event = (number, user) =>
  JSON.stringify({
    kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", auditID: `id-${number}`, stage: "ResponseComplete",
    requestURI: "/api/v1/namespaces/shop/pods", verb: "list", user: { username: user },
    objectRef: { resource: "pods", namespace: "shop", apiVersion: "v1" }, responseStatus: { code: 200 },
    requestReceivedTimestamp: `2026-01-02T03:04:0${number}.000000Z`, stageTimestamp: `2026-01-02T03:04:0${number}.100000Z`,
  });

/** A log of three events, two of them of alice. */
export const LOG = `${[event(1, "alice"), event(2, "bob"), event(3, "alice")].join("\n")}\n`;

/** Returns an element with a policy and a log. */
export const element = (attributes = "", policy = POLICY, log = LOG) =>
  `<audit-policy-playground ${attributes}><pre><code class="language-yaml">${policy}</code></pre><script type="application/json-lines">${log}</script></audit-policy-playground>`;

/** Returns a page around it. Events of the elements are collected in `window.__events`. */
export const host = (body, { head = "", scheme = "light dark" } = {}) =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">${head}<title>Host</title><link rel="icon" href="data:,"><link rel="stylesheet" href="host-${scheme.replace(" ", "-")}.css"><script src="collect.js"></script><script defer src="${WIDGET}"></script></head><body><main><h1>Audit policies</h1>${body}</main></body></html>`;

/** A page with a plain frame, which sends and collects messages itself. */
export const bare = (fragment) =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Host</title><link rel="icon" href="data:,"><script src="collect.js"></script></head><body><iframe title="Playground" width="1000" height="600" sandbox="allow-scripts allow-downloads allow-popups" src="${NAME}${fragment}"></iframe></body></html>`;

const FILES = {
  "collect.js": `window.__events = []; window.__messages = [];
    for (const type of ["ready", "verdict", "select", "error"]) document.addEventListener(type, ({ target, detail }) => target.localName === "audit-policy-playground" && window.__events.push({ type, at: [...document.querySelectorAll(target.localName)].indexOf(target), detail }), true);
    window.addEventListener("message", ({ data }) => window.__messages.push(data));`,
  "host-light-dark.css": ":root { color-scheme: light dark; font-family: sans-serif } main { max-width: 60rem; margin: auto } pre { overflow: auto }",
  "host-light.css": ":root { color-scheme: light } main { max-width: 60rem; margin: auto }",
  "host-dark.css": ":root { color-scheme: dark } main { max-width: 60rem; margin: auto }",
};

/**
 * Serves pages next to the two files.
 * @param {Record<string, string>} pages HTML by name
 */
export async function hosts(pages) {
  for (const name of [NAME, WIDGET]) if (!existsSync(join(RELEASE, name))) throw new Error(`${name} is missing: make it first, with \`node web/build/one-file.mjs && node web/build/widget.mjs\``);
  const folder = mkdtempSync(join(tmpdir(), "widget-"));
  for (const name of [NAME, WIDGET]) copyFileSync(join(RELEASE, name), join(folder, name));
  for (const [name, text] of Object.entries({ ...FILES, ...pages })) writeFileSync(join(folder, name), text);
  const server = await serve(folder, ["/"]);
  return {
    server,
    address: (name) => `${server.origin}/${name}`,
    close: async () => {
      rmSync(folder, { recursive: true, force: true });
      await server.close();
    },
  };
}
