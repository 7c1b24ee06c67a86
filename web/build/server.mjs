// A static server for dist/, below a path of its own, as a plain web host would serve it: no fallback, no rewriting.

import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** Path of the script of `inject`. Requests for it are not recorded. */
const INJECTED = "injected-by-the-test.js";

/**
 * Serves a folder below every one of the prefixes.
 * @param {string} folder
 * @param {string[]} prefixes each begins and ends with a slash
 * @param {number} port 0 for a free one
 * @returns {Promise<{ origin: string, requests: string[], inject: (script: string) => void, cut: (isCut: boolean) => void, close: () => Promise<void> }>}
 * `requests` grows with every request; `inject` makes the page run a script before its own; `cut` drops all requests, as without a network
 */
export async function serve(folder, prefixes, port = 0) {
  /** @type {string[]} */
  const requests = [];
  /** @type {string | undefined} */
  let injected;
  let isCut = false;
  const server = createServer((request, response) => {
    if (isCut) {
      request.socket.destroy();
      return;
    }
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (injected !== undefined && pathname.endsWith(`/${INJECTED}`)) {
      response.writeHead(200, { "content-type": TYPES[".js"], "cache-control": "no-store" }).end(injected);
      return;
    }
    requests.push(pathname);
    const file = find(folder, prefixes, pathname);
    if (!file) {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found");
      return;
    }
    if (injected !== undefined && file.endsWith(".html")) {
      const page = readFileSync(file, "utf8").replace(/<head>/i, `$&<script src="./${INJECTED}"></script>`);
      response.writeHead(200, { "content-type": TYPES[".html"], "cache-control": "no-store" }).end(page);
      return;
    }
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-length": statSync(file).size,
      "cache-control": "no-store",
    });
    createReadStream(file).pipe(response);
  });
  await new Promise((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => listening(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://localhost:${address.port}`,
    requests,
    inject: (script) => {
      injected = script;
    },
    cut: (isNowCut) => {
      isCut = isNowCut;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed(undefined));
        server.closeAllConnections();
      }),
  };
}

/**
 * Returns the path of the file that a request names.
 * @param {string} folder @param {string[]} prefixes @param {string} pathname
 */
function find(folder, prefixes, pathname) {
  const prefix = prefixes.find((prefix) => pathname.startsWith(prefix));
  if (!prefix) return undefined;
  let name;
  try {
    name = decodeURIComponent(pathname.slice(prefix.length)) || "index.html";
  } catch {
    return undefined;
  }
  const file = normalize(join(folder, name));
  if (!file.startsWith(folder + sep)) return undefined;
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}
