// The journeys: what a person does on the page, in each of the engines.
//
// A journey is `journey("what holds", async (tab) => { … })` in a file of journeys/. The tab it gets is open and ready, with a profile of its
// own. It fails on its own assertions, and on an error or warning in the console, an uncaught error, a violation of the
// Content-Security-Policy, or a request after load.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as chromium from "./engines/chromium.mjs";
import * as firefox from "./engines/firefox.mjs";
import * as webkit from "./engines/webkit.mjs";
import { root } from "./harness.mjs";
import { places, widgetPlace } from "./one-file.mjs";
import { serve } from "../../web/build/server.mjs";
import { Tab, sleep } from "./tab.mjs";

/** The engines, by the name that `--engine` takes. */
export const ENGINES = { chromium, firefox, webkit };

/** Time that an idle page is watched for requests. */
const SETTLE_MS = 300;
/** The page is opened here: relative addresses only work if they are. */
const PATH = "/some/path/";
/** Time after which a journey fails. */
const LIMIT_MS = 480_000;

/** Finds the sentence of a copy of the one file that cannot start. */
const BROKEN = `document.querySelector("#starting [role=alert]") !== null`;

/** Tests whether a page's script has defined the element. */
const DEFINED = `customElements.get("audit-policy-playground") !== undefined`;

const here = dirname(fileURLToPath(import.meta.url));
const preload = ["preload.js", "workers.js"].map((name) => readFileSync(join(here, name), "utf8")).join("\n");
const journeys = [];

/**
 * Adds a journey.
 * @param {string} name what holds
 * @param {(tab: Tab) => Promise<void>} body
 * @param {{ before?: string, isOpen?: boolean, expected?: RegExp, skip?: Record<string, string>, place?: import("./one-file.mjs").Place }} settings a script that
 * runs before the page's own; whether it keeps the page from being sealed, so that nobody waits for that; problems that the journey causes on
 * purpose; why it does not run in an engine; where the page in one file is opened instead of the site
 */
export function journey(name, body, settings = {}) {
  journeys.push({ name, body, settings });
}

/** Returns all journeys. */
export function allJourneys() {
  return journeys;
}

/**
 * Starts a server and an engine, in which `run` runs a journey and returns its error, if any.
 * @param {keyof typeof ENGINES} name
 */
export async function startJourneys(name) {
  const server = await serve(join(root, "dist"), [PATH, "/"]);
  const browser = await ENGINES[name].start();
  /** @type {Promise<Awaited<ReturnType<typeof places>>> | undefined} */
  let oneFile;
  /** @type {ReturnType<typeof widgetPlace> | undefined} */
  let widget;
  return {
    label: browser.label,
    run: async (one) => {
      const { place } = one.settings;
      if (!place) return runJourney(browser, server, name, one);
      if (place === "widget") {
        const { server: files, address } = await (widget ??= widgetPlace());
        return runJourney(browser, { ...files, address: address() }, name, one);
      }
      const { server: files, address } = await (oneFile ??= places());
      return runJourney(browser, { ...files, address: address(place) }, name, one);
    },
    close: async () => {
      await browser.close();
      await server.close();
      await (await oneFile)?.close();
      await (await widget)?.close();
    },
  };
}

/** Tests attributes of the document's root, which say that the page shows its first answer and loads nothing more. */
const set = (...names) => `${JSON.stringify(names)}.every((name) => document.documentElement.dataset[name] === "true")`;

/** Runs one journey in a page of its own; returns its error, if any. */
async function runJourney(browser, server, engine, { name, body, settings: { before = "", isOpen = false, expected, place } }) {
  let tab;
  let timer;
  try {
    const driver = await browser.open({ width: 1440, height: 900, origin: server.origin, preload: `${preload}\n${before}`, inject: place ? () => {} : server.inject });
    const opened = place === "widget" ? DEFINED : place?.endsWith(".html") ? BROKEN : set("ready", isOpen ? "ready" : "sealed");
    tab = new Tab(driver, server, server.address ?? server.origin + PATH, opened, place === "frame");
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
    });
    await Promise.race([whole(tab, body, expected), late]);
    return undefined;
  } catch (error) {
    await tab?.screenshot(join(root, "target", "screenshots", "failed", `${engine}-${name.replace(/[^a-z0-9]+/gi, "-")}.png`)).catch(() => {});
    return error;
  } finally {
    clearTimeout(timer);
    await tab?.close().catch(() => {});
  }
}

async function whole(tab, body, expected) {
  await tab.open();
  await body(tab);
  await sleep(SETTLE_MS);
  const problems = await tab.problems();
  assert.deepEqual(problems.filter((problem) => !expected?.test(problem)), []);
}
