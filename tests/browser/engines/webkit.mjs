// WebKit: WebKitGTK's MiniBrowser, driven by plain WebDriver requests. A driver is what `../tab.mjs` describes.
//
// WebDriver reports no console and runs nothing before the page does: the server puts the preload script into the page instead.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** How long the driver may take to accept requests. */
const START_MS = 20_000;
/** The key under which WebDriver passes an element. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** WebDriver's code of a key that is no character. */
const KEYS = {
  Backspace: "\uE003", Tab: "\uE004", Enter: "\uE007", Shift: "\uE008", Control: "\uE009", Alt: "\uE00A", Escape: "\uE00C",
  PageUp: "\uE00E", PageDown: "\uE00F", End: "\uE010", Home: "\uE011", ArrowLeft: "\uE012", ArrowUp: "\uE013", ArrowRight: "\uE014",
  ArrowDown: "\uE015", Delete: "\uE017", F1: "\uE031", F8: "\uE038",
};

/** Where driver, browser and virtual screen are, or undefined where one is missing. */
export function find() {
  const driver = process.env.WEBKIT_DRIVER || onPath("WebKitWebDriver");
  const screen = onPath("xvfb-run") && onPath("xauth") && onPath("xvfb-run");
  const browser = process.env.MINIBROWSER || miniBrowser();
  return driver && screen && browser ? { driver, screen, browser } : undefined;
}

function onPath(program) {
  return (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, program)).find((path) => existsSync(path));
}

function miniBrowser() {
  const libraries = readdirSync("/usr/lib", { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name.includes("-linux-"));
  const folders = [...libraries.map(({ name }) => join("/usr/lib", name)), "/usr/lib", "/usr/libexec", "/usr/lib64"];
  const versions = ["webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0"];
  return folders.flatMap((folder) => versions.map((version) => join(folder, version, "MiniBrowser"))).find((path) => existsSync(path));
}

/** Starts the driver; each page is a session with a browser of its own. */
export async function start() {
  const { driver, screen, browser } = find();
  const home = mkdtempSync(join(tmpdir(), "webkit-"));
  const downloads = join(home, "downloads");
  mkdirSync(downloads);
  writeFileSync(join(home, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
  const port = await freePort();
  const words = ["--auto-servernum", "--server-args=-screen 0 1600x1200x24", driver, `--port=${port}`];
  const child = spawn(screen, words, {
    // A group of its own, so that screen, driver and browser end together.
    detached: true,
    stdio: ["ignore", "ignore", "ignore"],
    env: { ...process.env, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: join(home, "cache"), XDG_DATA_HOME: join(home, "data"), NO_AT_BRIDGE: "1", GIO_USE_VFS: "local", LIBGL_ALWAYS_SOFTWARE: "1" },
  });
  const base = `http://127.0.0.1:${port}`;
  const close = async () => {
    try {
      process.kill(-child.pid, "SIGTERM");
    } catch {
      // It has ended by itself.
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await answering(base);
  } catch (error) {
    await close();
    throw error;
  }
  return { label: "WebKitGTK", open: (options) => open(base, browser, downloads, options), close };
}

/** Opens an empty page. */
async function open(base, binary, downloads, { width, height, inject, preload }) {
  const options = { binary, args: ["--automation"] };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options, timeouts: { script: 60_000 } } };
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
    evaluate: async (expression) => {
      const script = `const done = arguments[0]; (async () => (${expression}))().then((value) => done({ value }), (error) => done({ error: String(error?.stack ? error + "\\n" + error.stack : error) }));`;
      const { value, error } = await post("execute/async", { script, args: [] });
      if (error !== undefined) throw new Error(error);
      return value ?? undefined;
    },
    press,
    type: (character) => press([character]),
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
    close: () => request("DELETE", session),
  };
}

/** A request to the driver, and what it returns. */
async function request(method, url, body) {
  const response = await fetch(url, { method, body: body === undefined ? undefined : JSON.stringify(body), headers: { "content-type": "application/json" } });
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
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
