// One page in one of the engines, by the same few verbs in each.
//
// A driver is an object of `engines/`, with the least that an engine must do:
//
// - `navigate(url)`, `close()`, `screenshot(path)`
// - `evaluate(expression)`: the value of an expression, awaited; JSON goes in and out
// - `press(keys)`: keys held together, the last one last, by their names in `KeyboardEvent.key`; `type(text)`: key by key
// - `click(x, y)`: in the window
// - `setFiles(selector, paths)`: what choosing files in the picker does
// - `enter()`: from here on, everything is done in the first frame of the page, which fills the window
// - `messages`: what the browser reported that must not happen; `downloads`: the folder where saved files arrive

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages } from "../../web/build/packages.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(packages(here), "x.js"));
const library = [
  readFileSync(join(dirname(require.resolve("@testing-library/dom/package.json")), "dist/@testing-library/dom.umd.min.js"), "utf8"),
  readFileSync(join(here, "in-page.js"), "utf8"),
].join("\n;");

/** Longer than any answer of the page takes on a slow machine. */
const SOON_MS = 120_000;
/** Longer than any page needs to show its first answer, on a slow machine. */
const READY_MS = 90_000;

/** Not a failure: sizes that changed while an observer of sizes was at work are reported to it one frame later. */
const LATE_SIZES = /ResizeObserver loop (?:completed with undelivered notifications|limit exceeded)/;

/** The service worker's own request for a newer version of itself, at a time that the browser chooses. */
const UPDATE_CHECK = /\/service-worker\.js$/;

/** A page that is open, and watched for what must not happen. */
export class Tab {
  /** One line for everything that should not have happened. */
  #problems = [];
  #driver;
  #server;
  #address;
  /** Expression that says whether the page is open. */
  #opened;
  #isFramed;
  #openedAt;
  #loadedAt = Infinity;
  #scratch = mkdtempSync(join(tmpdir(), "tab-"));

  constructor(driver, server, address, opened, isFramed = false) {
    this.#driver = driver;
    this.#server = server;
    this.#opened = opened;
    this.#isFramed = isFramed;
    this.#openedAt = server.requests.length;
    this.#address = address;
  }

  /** Opens the page, or loads it again as a reload does, and waits for its first answer. */
  async open() {
    await this.#drain();
    this.#loadedAt = Infinity;
    await this.#driver.navigate(this.#address);
    if (this.#isFramed) await this.#driver.enter();
    try {
      await this.#ready(READY_MS / 2);
    } catch (error) {
      // The document itself has text, so without any the browser has not loaded it: a hung process of a busy machine.
      if (await this.#text()) throw error;
      console.log("       the browser showed nothing: opened again");
      await this.#driver.navigate(this.#address);
      await this.#ready();
    }
  }

  /** Loads the page again. */
  async reload() {
    await this.#drain();
    this.#loadedAt = Infinity;
    await this.#driver.evaluate("void setTimeout(() => location.reload(), 0)");
    await this.until(() => this.#driver.evaluate("!window.__inPage").catch(() => false), true, "the page is loaded again");
    await this.#ready();
  }

  /** Returns the beginning of the page's text. */
  async #text() {
    return await this.#driver.evaluate("document.body.innerText.slice(0, 500)").catch(() => "");
  }

  async #ready(limit = READY_MS) {
    const end = Date.now() + limit;
    while (!(await this.#driver.evaluate(this.#opened).catch(() => false))) {
      if (Date.now() > end) {
        throw new Error(`the page did not become ready within ${limit / 1000} s\n${(await this.problems()).join("\n")}\n${await this.#text()}`);
      }
      await sleep(50);
    }
    await this.#install();
    this.#loadedAt = this.#server.requests.length;
  }

  /** Calls `fn` in the page with these arguments, which are passed as JSON, and returns its result. */
  async evaluate(fn, ...args) {
    return this.#evaluate(`(${fn})(...${JSON.stringify(args)})`);
  }

  /** Calls `fn` in the page with the elements of a target and further arguments, and returns its result. */
  async on(target, fn, ...args) {
    return this.#evaluate(`(${fn})(window.__inPage.find(${JSON.stringify(target)}), ...${JSON.stringify(args)})`);
  }

  async #evaluate(expression) {
    const whole = `window.__inPage ? (async () => ({ value: await ${expression} }))() : { missing: true }`;
    const result = await this.#driver.evaluate(whole);
    if (!result?.missing) return result?.value;
    await this.#install();
    return (await this.#driver.evaluate(whole)).value;
  }

  async #install() {
    await this.#driver.evaluate(`(() => { if (!window.__inPage) { ${library} } })()`);
  }

  /** Waits until `read()` gives what is expected, and shows the difference where it never does. */
  async until(read, expected, what = "") {
    const end = Date.now() + SOON_MS;
    for (;;) {
      const found = await read();
      try {
        if (expected instanceof RegExp) assert.match(String(found), expected, what || undefined);
        else assert.deepEqual(found, expected, what || undefined);
        return found;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
      await sleep(40);
    }
  }

  /** Waits until a target has this many elements. */
  async has(target, count = 1) {
    await this.until(() => this.count(target), count, `${count} of ${JSON.stringify(target)}`);
  }

  /** Returns the current number of elements of a target. */
  count(target) {
    return this.on(target, (elements) => elements.length);
  }

  /** The visible texts of a target's elements, with blanks squeezed. */
  texts(target) {
    return this.on(target, (elements) => elements.map((element) => element.innerText.replace(/\s+/g, " ").trim()));
  }

  /** The text of a target's one element, once it is there. */
  async text(target) {
    await this.has(target);
    return (await this.texts(target))[0] ?? "";
  }

  /** An attribute of a target's first element. */
  attribute(target, name) {
    return this.on(target, ([element], name) => element?.getAttribute(name) ?? null, name);
  }

  /** Clicks the middle of a target's one element, once it is there and nothing lies over it. */
  async click(target) {
    const end = Date.now() + SOON_MS;
    for (;;) {
      const { x, y, reason } = await this.#evaluate(`window.__inPage.point(${JSON.stringify(target)})`);
      if (reason === undefined) return this.#driver.click(x, y);
      if (Date.now() > end) throw new Error(`cannot click ${JSON.stringify(target)}: ${reason}`);
      await sleep(40);
    }
  }

  /** Gives a target's one element the focus. */
  async focus(target) {
    await this.has(target);
    await this.on(target, ([element]) => element.focus());
  }

  /** Presses keys one after the other, frames apart: `a`, `Tab`, `Control+a`. */
  async press(...keys) {
    for (const key of keys) {
      await this.#driver.press(key.split("+"));
      await this.drawn();
    }
  }

  /** Types a text key by key: as fast as the engine takes them, or one every `delay` milliseconds, while the page may be at work. */
  async type(text, delay = 0) {
    if (delay === 0) return this.#driver.type(text);
    for (const character of text) {
      const begin = Date.now();
      await this.#driver.type(character);
      const left = delay - (Date.now() - begin);
      if (left > 0) await sleep(left);
    }
  }

  /** Waits until what was done last is on the screen. */
  drawn() {
    return this.evaluate(() => new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(() => frame(null)))));
  }

  /**
   * Puts a text on the clipboard as a person does: selects it in a field, and copies. A page of a test cannot write to the clipboard in
   * every engine, but a key can.
   */
  async copy(text) {
    await this.evaluate((text) => {
      const area = document.createElement("textarea");
      area.id = "scratch";
      (document.querySelector("dialog[open]") ?? document.body).append(area);
      area.value = text;
      area.select();
    }, text);
    await this.press("Control+c");
    await this.evaluate(() => document.getElementById("scratch").remove());
  }

  /** The text on the clipboard, as a paste into a field has it. */
  async clipboard() {
    await this.evaluate(() => {
      const area = document.createElement("textarea");
      area.id = "scratch";
      (document.querySelector("dialog[open]") ?? document.body).append(area);
      area.focus();
    });
    await this.press("Control+v");
    const text = await this.evaluate(() => /** @type {HTMLTextAreaElement} */ (document.getElementById("scratch")).value);
    await this.evaluate(() => document.getElementById("scratch").remove());
    return text;
  }

  /** Chooses files in a file field, as its picker does: `{ "a.log": "text" }`. */
  async setFiles(selector, contents) {
    const paths = Object.entries(contents).map(([name, content]) => {
      const path = join(this.#scratch, name);
      writeFileSync(path, content);
      return path;
    });
    await this.#driver.setFiles(selector, paths);
  }

  /**
   * Drags files over the page and lets them go: `{ "a.log": "text" }`; a value that is an object is a folder of such.
   *
   * No engine lets a script make the entry of a folder: the transfer's `items` are stand-ins that behave like real ones, and the `File`
   * of a folder fails when it is read, as a real one does.
   */
  async drop(contents) {
    await this.evaluate((contents) => {
      const isFolder = (content) => typeof content === "object";
      const fileOf = (name, content) => new File([content], name);
      const entryOf = (name, content) => {
        if (!isFolder(content)) return { name, isFile: true, isDirectory: false, fullPath: `/${name}`, file: (done) => setTimeout(() => done(fileOf(name, content))) };
        let left = Object.entries(content).map(([name, content]) => entryOf(name, content));
        // Every call gives some of them; an empty list says that there are no more.
        const readEntries = (done) => setTimeout(() => done(left.splice(0, 2)));
        return { name, isFile: false, isDirectory: true, fullPath: `/${name}`, createReader: () => ({ readEntries }) };
      };
      const unreadable = (name) => {
        const file = new File([], name);
        const fail = () => Promise.reject(new DOMException("A requested file or directory could not be found.", "NotFoundError"));
        return Object.assign(file, { text: fail, arrayBuffer: fail });
      };
      const data = new DataTransfer();
      const entries = Object.entries(contents);
      for (const [name, content] of entries) data.items.add(isFolder(content) ? unreadable(name) : fileOf(name, content));
      const items = entries.map(([name, content]) => ({
        kind: "file",
        type: "",
        getAsFile: () => (isFolder(content) ? unreadable(name) : fileOf(name, content)),
        webkitGetAsEntry: () => entryOf(name, content),
      }));
      if (entries.some(([, content]) => isFolder(content))) Object.defineProperty(data, "items", { value: items });
      for (const type of ["dragenter", "dragover", "drop"]) {
        const event = new DragEvent(type, { bubbles: true, cancelable: true, composed: true, dataTransfer: data });
        // Some engines pass on a copy of the transfer, or none.
        Object.defineProperty(event, "dataTransfer", { value: data });
        document.body.dispatchEvent(event);
      }
    }, contents);
  }

  /** Does something that saves a file, and returns the file's name and text. */
  async saved(act) {
    const folder = this.#driver.downloads;
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    await act();
    const names = () => readdirSync(folder).filter((name) => !/\.(?:part|crdownload|wkdownload)$/.test(name));
    await this.until(() => names().length, 1, "a file is saved");
    const [name] = names();
    const path = join(folder, name);
    // A file is complete once it has stopped growing and there is no partial file next to it.
    await this.until(async () => {
      const before = readFileSync(path).length;
      await sleep(100);
      return before > 0 && existsSync(path) && readFileSync(path).length === before && readdirSync(folder).length === 1;
    }, true, `${name} is saved whole`);
    return { name, text: readFileSync(path, "utf8") };
  }

  /** Saves a picture of the window. */
  async screenshot(path) {
    mkdirSync(dirname(path), { recursive: true });
    await this.#driver.screenshot(path);
  }

  /** Removes the recorded problems that match, for journeys that cause them on purpose. */
  async forgive(pattern) {
    await this.#drain();
    this.#problems = this.#problems.filter((problem) => !pattern.test(problem));
  }

  /** The server's address, which has no path. */
  get origin() {
    return this.#server.origin;
  }

  /** The paths that the server was asked for since the tab was opened. */
  get requests() {
    return this.#server.requests.slice(this.#openedAt);
  }

  /** Everything that happened and must not: errors, warnings, violations of the Content-Security-Policy, requests after load. */
  async problems() {
    await this.#drain();
    return [...this.#problems, ...this.#late()];
  }

  /** Moves what was noted in the page and by the driver to here: a page that is left takes its list with it. */
  async #drain() {
    const inPage = await this.#driver.evaluate("(window.__problems ?? []).splice(0)").catch(() => []);
    const noted = [...this.#driver.messages.splice(0), ...(inPage ?? [])];
    this.#problems.push(...noted.filter((problem) => !LATE_SIZES.test(problem)));
    this.#problems.push(...this.#late());
    if (this.#loadedAt !== Infinity) this.#loadedAt = this.#server.requests.length;
  }

  /** The requests after load, one line each. */
  #late() {
    const late = this.#server.requests.slice(this.#loadedAt).filter((path) => !UPDATE_CHECK.test(path));
    return late.map((path) => `request seen by the server after load: ${path}`);
  }

  /** Takes the network away, or gives it back. */
  cutNetwork(isCut) {
    this.#server.cut(isCut);
  }

  async close() {
    rmSync(this.#scratch, { recursive: true, force: true });
    await this.#driver.close();
  }
}

/** Waits. */
export function sleep(milliseconds) {
  return new Promise((later) => setTimeout(later, milliseconds));
}
