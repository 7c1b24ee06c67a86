// What a case needs: a page in a fresh browser context that is watched for everything that must not happen.
//
// A case is `test("what holds", { width, height, theme, path }, async (page) => { … })` in a file of cases/; all settings are
// optional; with `isKept` the browser may keep a copy of the page. The page it gets is open and ready. Cases run in any order and at the
// same time, so they share nothing; one that measures time or memory is `alone`, and one that takes long is `long`, so that it begins
// early. It fails on its own assertions, and on a console error or warning, an uncaught error, a violation of the Content-Security-Policy,
// or a request after load.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages } from "../../web/build/packages.mjs";
import { serve } from "../../web/build/server.mjs";
import { findChromium } from "./engines/installed.mjs";
import { hosts } from "./widget.mjs";

const here = dirname(fileURLToPath(import.meta.url));
/** The root of the source tree. */
export const root = dirname(dirname(here));
const require = createRequire(join(packages(here), "x.js"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Longer than any page needs to show its first answer, on a slow machine. */
const READY_MS = 90_000;
/** Longer than a click or a wait of a case takes on a slow machine. */
const ACTION_MS = 60_000;
/** Time that an idle page is watched for requests. */
const SETTLE_MS = 300;
/** The service worker's own request for a newer version of itself, at a time that the browser chooses. */
const UPDATE_CHECK = /\/service-worker\.js$/;
/** Playwright's message where a case has no service workers. */
const BLOCKED = /^Service Worker registration blocked by Playwright/;
/** The page is opened here unless a case says otherwise: relative addresses only work if they are. */
const PATH = "/some/path/";

const cases = [];

/**
 * Adds a case.
 * @param {string} name what holds
 * @param {{ width?: number, height?: number, theme?: string, path?: string, pages?: Record<string, string>, alone?: boolean, long?: boolean, isKept?: boolean }} settings with
 * `pages`, these are served next to the one file, and the first of them is opened instead of the site
 * @param {(page: import("playwright-core").Page, watch: Watch) => Promise<void>} body
 */
export function test(name, settings, body) {
  cases.push({ name, settings, body });
}

/**
 * Adds a case that cannot run, with the reason.
 * @param {string} name
 * @param {string} reason
 */
export function skip(name, reason) {
  cases.push({ name, reason });
}

/** Returns all cases. */
export function allCases() {
  return cases;
}

/** Starts a server and a browser, in which `run` runs a case and returns its error, if any. */
export async function startCases() {
  const server = await serve(join(root, "dist"), [PATH, "/"]);
  const browser = await launch();
  return {
    label: `Chromium ${browser.version()}`,
    run: (one) => runCase(browser, server, one),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** Starts the browser, headless and quiet. */
export function launch() {
  const executablePath = findChromium();
  const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"];
  const only = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1";
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-sync", ...quiet, only] });
}

async function runCase(browser, site, { name, settings, body }) {
  const { width = 1440, height = 900, theme = "light", path = PATH, isKept = false, pages } = settings;
  const place = pages && (await hosts(pages));
  const server = place?.server ?? site;
  // A copy of the page takes time, and only cases about it depend on it.
  const serviceWorkers = isKept ? "allow" : "block";
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: /** @type {"light" | "dark"} */ (theme), reducedMotion: "reduce", serviceWorkers });
  // Reading back what the page copies needs the permission; the page itself asks for none.
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.origin });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(ACTION_MS);
    const watch = new Watch(page, server);
    await watch.begin();
    if (place) {
      await page.goto(place.address(Object.keys(pages)[0]));
    } else {
      await page.goto(server.origin + path);
      await ready(page, watch);
      watch.loaded();
    }
    await body(page, watch);
    await page.waitForTimeout(SETTLE_MS);
    watch.check();
    return undefined;
  } catch (error) {
    await shot(context.pages()[0], `failed/${name.replace(/[^a-z0-9]+/gi, "-")}`).catch(() => {});
    return error;
  } finally {
    await context.close();
    await place?.close();
  }
}

/** Notes what must not happen. */
export class Watch {
  /** One line for everything that should not have happened. */
  problems = [];
  #page;
  #server;
  #openedAt;
  #loadedAt = Infinity;
  #isLoaded = false;
  /** @type {RegExp[]} */
  #allowed = [];

  constructor(page, server) {
    this.#page = page;
    this.#server = server;
    this.#openedAt = server.requests.length;
  }

  /** The paths that the server was asked for since the page was opened. */
  get downloads() {
    return this.#server.requests.slice(this.#openedAt);
  }

  /** Listens; before the page is opened. */
  async begin() {
    const page = this.#page;
    const note = (message) => {
      if (["error", "warning"].includes(message.type()) && !BLOCKED.test(message.text())) this.problems.push(`console ${message.type()}: ${message.text()}`);
    };
    // Playwright passes a worker's messages on as the page's.
    page.on("console", note);
    page.on("pageerror", (error) => this.problems.push(`uncaught: ${error.stack ?? error}`));
    page.on("requestfailed", (request) => this.problems.push(`request failed: ${request.url()}`));
    page.on("request", (request) => {
      const url = request.url();
      if (this.#isLoaded && !/^(blob|data):/.test(url)) this.problems.push(`request after load: ${url}`);
    });
    await page.exposeFunction("__violation", (text) => this.problems.push(`policy violation: ${text}`));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.__violation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber}`);
      });
    });
  }

  /** From here on nothing may be requested. */
  loaded() {
    this.#isLoaded = true;
    this.#loadedAt = this.#server.requests.length;
  }

  /** Removes the recorded problems that match, for cases that cause them on purpose. */
  forgive(pattern) {
    this.problems = this.problems.filter((problem) => !pattern.test(problem));
  }

  /** Leaves out the problems that match, also those that are noted later, for cases that cause them on purpose. */
  allow(pattern) {
    this.#allowed.push(pattern);
  }

  /** Fails if anything was noted. */
  check() {
    const late = this.#server.requests.slice(this.#loadedAt).filter((path) => !UPDATE_CHECK.test(path)).map((path) => `request seen by the server after load: ${path}`);
    const problems = [...this.problems, ...late].filter((problem) => !this.#allowed.some((pattern) => pattern.test(problem)));
    assert.deepEqual(problems, []);
  }
}

/** Waits for the page to say that its first answer is on the screen, and that it loads nothing more. */
async function ready(page, watch) {
  try {
    const isReady = () => ["ready", "sealed"].every((name) => document.documentElement.dataset[name] === "true");
    await page.waitForFunction(isReady, undefined, { timeout: READY_MS });
  } catch {
    const text = await page.evaluate(() => document.body.innerText.slice(0, 500)).catch(() => "");
    throw new Error(`the page did not become ready within ${READY_MS / 1000} s\n${watch.problems.join("\n")}\n${text}`);
  }
}

/**
 * Returns the violations that axe finds, one line each. The list is empty for an accessible page.
 * @param {import("playwright-core").Page | import("playwright-core").Frame} page
 * @param {string[]} [rules] only these; by default all that axe has
 * @returns {Promise<string[]>}
 */
export async function axe(page, rules) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  return page.evaluate(async (rules) => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"], ...(rules ? { runOnly: rules } : {}) });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary.replace(/\s+/g, " ")}`),
    );
  }, rules);
}

/** Saves a picture of the window as target/screenshots/NAME.png. */
export async function shot(page, name) {
  const path = join(root, "target", "screenshots", `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path });
}

/** The `File`s that a drop or the file picker would give, as Playwright wants them: `{ "a.log": "text" }`. */
export function files(contents) {
  return Object.entries(contents).map(([name, text]) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) }));
}
