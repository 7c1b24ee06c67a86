// WebKit: WebKitGTK's MiniBrowser, driven by plain WebDriver requests. A driver is what `../tab.mjs` describes.
//
// WebDriver reports no console and runs nothing before the page does: the server puts the preload script into the page instead.

import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onPath } from "./installed.mjs";

/** Maximum time until the driver accepts requests. */
const START_MS = 60_000;
/** Maximum time until driver and browser have ended. */
const END_MS = 3_000;
/** Maximum time that the driver may take for a request. */
const REQUEST_MS = 60_000;
/** The key under which WebDriver passes an element. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** WebDriver's codes of keys that are not characters. */
const KEYS = {
  Backspace: "\uE003", Tab: "\uE004", Enter: "\uE007", Shift: "\uE008", Control: "\uE009", Alt: "\uE00A", Escape: "\uE00C",
  PageUp: "\uE00E", PageDown: "\uE00F", End: "\uE010", Home: "\uE011", ArrowLeft: "\uE012", ArrowUp: "\uE013", ArrowRight: "\uE014",
  ArrowDown: "\uE015", Delete: "\uE017", F1: "\uE031", F8: "\uE038",
};

/** Returns the paths of the driver, the browser and the virtual screen, or undefined if one is missing. */
export function find() {
  const named = (path) => (existsSync(path) ? path : undefined);
  const { WEBKIT_DRIVER, MINIBROWSER } = process.env;
  const driver = WEBKIT_DRIVER ? named(WEBKIT_DRIVER) : onPath("WebKitWebDriver");
  // xvfb-run fails without xauth, which its package only recommends.
  const screen = onPath("xauth") && onPath("xvfb-run");
  const browser = MINIBROWSER ? named(MINIBROWSER) : miniBrowser();
  return driver && screen && browser ? { driver, screen, browser } : undefined;
}

function miniBrowser() {
  if (!existsSync("/usr/lib")) return undefined;
  const libraries = readdirSync("/usr/lib", { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name.includes("-linux-"));
  const folders = [...libraries.map(({ name }) => join("/usr/lib", name)), "/usr/lib", "/usr/libexec", "/usr/lib64"];
  const versions = ["webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0"];
  return folders.flatMap((folder) => versions.map((version) => join(folder, version, "MiniBrowser"))).find((path) => existsSync(path));
}

/** Nothing runs between pages: each has a screen, a driver and a browser of its own, so that one that hangs takes no other with it. */
export async function start() {
  const programs = find();
  return { label: "WebKitGTK", open: (options) => openAgain(programs, options), close: async () => {} };
}

/** Opens an empty page; a browser that does not start is given one more chance. */
async function openAgain(programs, options) {
  try {
    return await open(programs, options);
  } catch (error) {
    console.log(`       the browser is started again: ${error.message}`);
    return open(programs, options);
  }
}

async function open(programs, options) {
  const home = mkdtempSync(join(tmpdir(), "webkit-"));
  const port = await freePort();
  const end = launch(programs, home, port);
  const close = async () => {
    await end();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    return await session(`http://127.0.0.1:${port}`, programs.browser, join(home, "downloads"), close, options);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts screen and driver; returns what ends both, and the browser with them. */
function launch({ driver, screen }, home, port) {
  mkdirSync(join(home, "downloads"));
  writeFileSync(join(home, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${join(home, "downloads")}"\n`);
  const log = openSync(join(home, "driver.log"), "w");
  const child = spawn(screen, ["--auto-servernum", "--server-args=-screen 0 1600x1200x24", driver, `--port=${port}`], {
    // A group of its own, which can be ended as a whole.
    detached: true,
    stdio: ["ignore", log, log],
    env: {
      ...process.env, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: join(home, "cache"), XDG_DATA_HOME: join(home, "data"), TMPDIR: home,
      NO_AT_BRIDGE: "1", GIO_USE_VFS: "local",
      // Without a graphics card, drawing in layers takes twice the time.
      WEBKIT_DISABLE_COMPOSITING_MODE: "1",
    },
  });
  closeSync(log);
  const send = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  const onExit = () => send("SIGTERM");
  process.on("exit", onExit);
  const ended = new Promise((exit) => child.once("exit", exit));
  return async () => {
    process.off("exit", onExit);
    // The screen puts its lock away when it is asked to end.
    send("SIGTERM");
    await Promise.race([ended, new Promise((late) => setTimeout(late, END_MS).unref())]);
    await new Promise((later) => setTimeout(later, 100));
    send("SIGKILL");
  };
}

async function session(base, binary, downloads, close, { width, height, inject, preload }) {
  await answering(base);
  const options = { binary, args: ["--automation"] };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options, timeouts: { script: 50_000 } } };
  const { sessionId } = await request("POST", `${base}/session`, { capabilities });
  const session = `${base}/session/${sessionId}`;
  const post = (path, body = {}) => request("POST", `${session}/${path}`, body);
  inject(preload);
  await post("window/rect", { x: 0, y: 0, width, height });
  const pointer = (actions) => post("actions", { actions: [{ type: "pointer", id: "mouse", parameters: { pointerType: "mouse" }, actions }] });
  const press = (keys) => {
    const values = keys.map((key) => KEYS[key] ?? key);
    const down = values.map((value) => ({ type: "keyDown", value }));
    const up = values.toReversed().map((value) => ({ type: "keyUp", value }));
    return post("actions", { actions: [{ type: "key", id: "keyboard", actions: [...down, ...up] }] });
  };
  return {
    downloads,
    messages: [],
    navigate: (url) => post("url", { url }),
    enter: () => post("frame", { id: 0 }),
    evaluate: async (expression) => {
      const { value, error } = await once((script) => post("execute/async", { script, args: [] }), expression);
      if (error !== undefined) throw new Error(error);
      return value ?? undefined;
    },
    press,
    type: (text) => post("actions", { actions: [{ type: "key", id: "keyboard", actions: [...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]) }] }),
    click: (x, y) =>
      pointer([
        { type: "pointerMove", x: Math.round(x), y: Math.round(y), duration: 0, origin: "viewport" },
        { type: "pointerDown", button: 0 },
        { type: "pointerUp", button: 0 },
      ]),
    setFiles: async (selector, paths) => {
      const { [ELEMENT]: id } = await post("element", { using: "css selector", value: selector });
      await post(`element/${id}/value`, { text: paths.join("\n") });
    },
    screenshot: async (path) => writeFileSync(path, Buffer.from(await request("GET", `${session}/screenshot`), "base64")),
    close,
  };
}

/** Counts what was evaluated. */
let evaluated = 0;

/**
 * Evaluates an expression. Now and then the driver loses the result ("Could not parse script result"): it is asked for again then, and the
 * page returns what the one evaluation gave.
 */
async function once(execute, expression) {
  evaluated += 1;
  const script = `const done = arguments[0];
    const results = (window.__results ??= new Map());
    if (!results.has(${evaluated})) {
      results.set(${evaluated}, (async () => (${expression}))().then((value) => ({ value }), (error) => ({ error: String(error) + "\\n" + (error?.stack ?? "") })));
    }
    results.get(${evaluated}).then(done);`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await execute(script);
    } catch (error) {
      if (attempt === 3 || !/Could not parse script result/.test(error.message)) throw error;
    }
  }
}

/** A request to the driver, and what it returns. A browser that has crashed leaves the driver silent. */
async function request(method, url, body) {
  const signal = AbortSignal.timeout(REQUEST_MS);
  const response = await fetch(url, { signal, method, body: body === undefined ? undefined : JSON.stringify(body), headers: { "content-type": "application/json" } });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname}: ${value?.error}: ${value?.message}`);
  return value;
}

async function answering(base) {
  const end = Date.now() + START_MS;
  for (;;) {
    try {
      await request("GET", `${base}/status`);
      return;
    } catch (error) {
      if (Date.now() > end) throw new Error(`WebKitWebDriver does not answer: ${error.message}`);
    }
    await new Promise((later) => setTimeout(later, 100));
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
