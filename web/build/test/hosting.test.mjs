// Starts nginx and Caddy with the example settings of web/hosting, where they are installed, and checks what they send.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, brotliDecompressSync, gzipSync, gunzipSync } from "node:zlib";

const hosting = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "hosting");

const TEXT = "a text that is long enough to be compressed, ".repeat(100);
/** Any page may put it in a frame. */
const FRAMED = "in any frame";
/** The files of a site: each with its type, caching and policy, as HOSTING.md has them. */
const FILES = [
  { name: "index.html", type: /^text\/html; charset=utf-8$/, cache: "no-cache", policy: "frame-ancestors 'none'" },
  { name: "service-worker.js", type: /^text\/javascript; charset=utf-8$/, cache: "no-cache", policy: "default-src 'none'; connect-src 'self'" },
  { name: "manifest.webmanifest", type: /^application\/manifest\+json$/, cache: "no-cache" },
  { name: "audit-policy-playground.html", type: /^text\/html/, cache: "no-cache", policy: FRAMED },
  { name: "engine-0123456789ab.wasm", type: /^application\/wasm$/, cache: "public, max-age=31536000, immutable" },
  { name: "page-0123456789ab.js", type: /^text\/javascript; charset=utf-8$/, cache: "public, max-age=31536000, immutable" },
  { name: "page-0123456789ab.css", type: /^text\/css; charset=utf-8$/, cache: "public, max-age=31536000, immutable" },
];

/** @param {string} program */
function find(program) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** A port that is free. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/**
 * @param {number} port @param {string} path @param {string} encoding
 * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer }>}
 */
function request(port, path, encoding) {
  return new Promise((resolve, reject) => {
    const sent = get({ host: "127.0.0.1", port, path, headers: { "accept-encoding": encoding } }, (response) => {
      /** @type {Buffer[]} */
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }));
    });
    sent.on("error", reject);
  });
}

/** @param {number} port */
async function started(port) {
  for (let time = 0; time < 100; time += 1) {
    if (await request(port, "/", "identity").then(() => true, () => false)) return;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error("the server did not start");
}

/**
 * Makes a site, and runs a server with it.
 * @param {(folder: string, port: number) => { program: string, args: string[] }} server
 */
async function withServer(server) {
  const folder = mkdtempSync(join(tmpdir(), "hosting-"));
  // nginx reads files as a user of its own.
  chmodSync(folder, 0o755);
  const site = join(folder, "site");
  mkdirSync(site);
  for (const { name } of FILES) {
    writeFileSync(join(site, name), TEXT);
    writeFileSync(join(site, `${name}.br`), brotliCompressSync(TEXT));
    writeFileSync(join(site, `${name}.gz`), gzipSync(TEXT));
  }
  const port = await freePort();
  const { program, args } = server(folder, port);
  const running = spawn(program, args, { cwd: folder, stdio: "ignore", env: { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder } });
  const ended = new Promise((resolve) => running.on("close", resolve));
  try {
    await started(port);
    for (const file of FILES) await check(port, file);
  } finally {
    running.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {number} port @param {{ name: string, type: RegExp, cache: string, policy?: string }} file */
async function check(port, { name, type, cache, policy }) {
  const path = `/${name === "index.html" ? "" : name}`;
  for (const [encoding, unpacked] of /** @type {[string, (body: Buffer) => Buffer][]} */ ([["br", brotliDecompressSync], ["gzip", gunzipSync]])) {
    const { status, headers, body } = await request(port, path, encoding);
    assert.equal(status, 200, name);
    assert.equal(headers["content-encoding"], encoding, name);
    assert.equal(String(unpacked(body)), TEXT, name);
    assert.match(headers["content-type"] ?? "", type, name);
    assert.equal(headers["cache-control"], cache, name);
    assert.equal(headers["x-content-type-options"], "nosniff", name);
    if (policy) assert.equal(headers["content-security-policy"], policy === FRAMED ? undefined : policy, name);
  }
}

/** @param {string} name @param {string} folder @param {number} port */
function settings(name, folder, port) {
  return readFileSync(join(hosting, name), "utf8").replace("/srv/audit-policy-playground", folder).replace("8080", String(port));
}

const nginx = find("nginx");
const module = ["/usr/lib/nginx/modules/ngx_http_brotli_static_module.so", "/usr/lib64/nginx/modules/ngx_http_brotli_static_module.so"].find((path) => existsSync(path));

test("nginx sends what HOSTING.md says", { skip: nginx ? module ? false : "nginx has no module brotli_static" : "nginx is not installed" }, async () => {
  await withServer((folder, port) => {
    const server = settings("nginx.conf", folder, port).replace("listen ", "listen 127.0.0.1:");
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join("\n");
    const file = join(folder, "nginx.conf");
    writeFileSync(file, `daemon off;\nload_module ${module};\nerror_log ${folder}/error.log;\npid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\n${paths}\n${server}\n}\n`);
    return { program: String(nginx), args: ["-c", file, "-p", folder] };
  });
});

const caddy = find("caddy");

test("Caddy sends what HOSTING.md says", { skip: caddy ? false : "Caddy is not installed" }, async () => {
  await withServer((folder, port) => {
    const file = join(folder, "Caddyfile");
    writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n}\n\n${settings("Caddyfile", folder, port).replace(`:${port}`, `http://127.0.0.1:${port}`)}`);
    return { program: String(caddy), args: ["run", "--adapter", "caddyfile", "--config", file] };
  });
});

test("the example headers for Netlify and Cloudflare Pages have the same policies", () => {
  const text = readFileSync(join(hosting, "_headers"), "utf8");
  for (const { name, policy } of FILES.filter(({ policy }) => policy)) {
    const rule = new RegExp(`^/${name}\\n(?:  .*\\n)*?  Content-Security-Policy: (.*)$`, "m").exec(text);
    assert.equal(rule?.[1], policy === FRAMED ? undefined : policy, name);
  }
});
