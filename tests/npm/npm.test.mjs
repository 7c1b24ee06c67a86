// The npm package: installed from its packed file into an empty folder, and compared with the command: `node --test tests/npm/npm.test.mjs`, after
// `cargo xtask npm`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { packages } from "../../web/build/packages.mjs";
import { findChromium } from "../browser/engines/installed.mjs";
import { native, objects } from "../browser/native.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const data = join(root, "tests", "data", "kube-apiserver-1.36");
const { version } = JSON.parse(readFileSync(join(root, "npm", "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "npm-"));
const installed = join(folder, "node_modules", "audit-policy");
after(() => rmSync(folder, { recursive: true, force: true }));

/** @type {typeof import("../../npm/index.js")} */
let audit;

before(async () => {
  writeFileSync(join(folder, "package.json"), '{"name":"empty","private":true,"type":"module"}');
  const tarball = join(root, "target", "npm", `audit-policy-${version}.tgz`);
  const { status, stderr } = spawnSync("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], { cwd: folder, encoding: "utf8", shell: process.platform === "win32" });
  assert.equal(status, 0, `install the tarball: ${stderr}`);
  const entry = join(folder, "entry.mjs");
  writeFileSync(entry, 'export * from "audit-policy";');
  audit = await import(pathToFileURL(entry).href);
});

/** Expects an error of the package with a code. @param {string} code @param {() => unknown} call */
async function fails(code, call) {
  const error = await (async () => call())().then(() => null, (thrown) => thrown);
  assert.ok(error instanceof audit.AuditPolicyError, `${code}: ${error}`);
  assert.equal(error.code, code, error.message);
  return error;
}

const policies = readdirSync(join(data, "policies")).map((name) => join(data, "policies", name));
const policy = join(data, "policies", "omit.yaml");
const text = (/** @type {string} */ file) => readFileSync(file, "utf8");

test("nothing works before init, which fails without an engine and can be called again", async () => {
  await fails("not-initialized", () => audit.check("kind: Policy"));
  await fails("not-initialized", () => audit.load("kind: Policy"));
  await fails("init-failed", () => audit.init(new Uint8Array([1, 2, 3])));
  await fails("not-initialized", () => audit.codes());
  await audit.init();
  await audit.init();
  assert.equal(audit.load(text(policy)).kubernetesVersion, "1.36");
});

describe("results are those of the command", () => {
  before(() => audit.init());

  test("check", () => {
    const odd = ["", "kind: Policy", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Secret\n", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  verb: [get]\n# audit-policy: ignore[AP030] a reason\n- level: None\n- level: Request\n", "\tx", "a: [", "\u202eé: &a [*a]"];
    for (const [index, source] of [...policies.map(text), ...odd].entries()) {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(file, source);
      for (const kubernetesVersion of ["1.20", "1.36"]) {
        const { stdout } = native(["--kubernetes-version", kubernetesVersion, "check", "--format", "json", file]);
        const [{ repair: _, ...expected }] = objects(stdout);
        assert.deepEqual(audit.check(source, { kubernetesVersion, file }), expected, source);
      }
    }
  });

  test("evaluate, with reasons", () => {
    const requests = [
      { user: "alice", groups: ["system:masters"], verb: "get", resource: "secrets", namespace: "dev", name: "db", isResourceRequest: true },
      { user: "bob", verb: "get", path: "/healthz" },
      { user: "\u0000\ud83d\ude00'\"", groups: [], verb: "watch", apiGroup: "apps", resource: "deployments", isResourceRequest: true },
      {},
    ];
    const input = requests.map((request) => JSON.stringify(request)).join("\n");
    for (const file of policies) {
      const loaded = audit.load(text(file));
      for (const explain of [false, true]) {
        const { stdout } = native(["evaluate", ...(explain ? ["--explain"] : []), "--policy", file, "-"], input);
        assert.deepEqual(requests.map((request) => audit.evaluate(loaded, request, { explain })), objects(stdout));
      }
    }
  });

  test("explain", () => {
    const listed = objects(native(["explain", "--list", "--format", "json"]).stdout).filter(({ code }) => code.startsWith("AP"));
    // The last ones are about documents around policies, which the package does not read.
    const ofPolicies = listed.filter(({ code }) => code < "AP050");
    assert.deepEqual(audit.codes(), ofPolicies);
    for (const { code } of ofPolicies) assert.equal(audit.explain(code.toLowerCase()), native(["explain", code]).stdout);
  });

  const logs = [...["logs/omit.jsonl.gz", "base.jsonl.gz"].map((name) => join(data, name)), ...["lines.jsonl", "aks.json", "event-list.json", "cri.log", "kibana.csv", "aks-cut.jsonl", "cloudwatch.json"].map((name) => join(root, "tests", "data", "logs", name))];
  for (const log of logs) {
    test(`simulate ${log.slice(root.length)}`, async () => {
      const options = { file: log };
      const events = objects(native(["simulate", "--format", "json", "--policy", policy, log]).stdout);
      const [totals] = objects(native(["simulate", "--format", "summary", "--policy", policy, log]).stdout);
      assert.ok(events.length > 0);
      const simulation = audit.simulate(text(policy), createReadStream(log, { highWaterMark: 1000 }), { ...options, batchEvents: 7 });
      const found = [];
      for await (const batch of simulation) {
        assert.ok(batch.length <= 7);
        found.push(...batch);
      }
      assert.deepEqual(found, events);
      assert.deepEqual(await simulation.totals(), totals);
      assert.deepEqual(await audit.simulate(text(policy), readFileSync(log), options).totals(), totals);
    });
  }

  test("test", () => {
    const suites = join(root, "crates", "audit-tests", "suites");
    let compared = 0;
    for (const name of readdirSync(suites, { recursive: true }).map(String).filter((name) => /\.ya?ml$/.test(name))) {
      const file = join(suites, name);
      const { stdout } = native(["test", "--format", "json", "--policy", policy, file]);
      const expected = objects(stdout);
      if (expected[0]?.line === 0) continue;
      assert.deepEqual(audit.test(text(file), { policy: text(policy), file }), expected);
      compared += expected.length;
    }
    assert.ok(compared > 10, `${compared} cases`);
  });
});

describe("wrong input is an error with a code", () => {
  before(() => audit.init());
  const accepted = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]";
  /** @type {any} */
  const none = null;

  test("policies", async () => {
    const error = await fails("policy-rejected", () => audit.load("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Secret\n"));
    assert.equal(error.line, 4);
    for (const source of ["", "\u0000", "[".repeat(100_000), "- ".repeat(50_000), "a: &a [*a, *a]", new Uint8Array([0xff, 0xfe, 0]), new Uint8Array(1 << 20).fill(0x80)]) {
      await fails("policy-rejected", () => audit.load(source));
      assert.equal(audit.check(source).accepted, false);
    }
    await fails("too-large", () => audit.check(new Uint8Array((16 << 20) + 1)));
    await fails("too-large", () => audit.load("a".repeat((16 << 20) + 1)));
    for (const value of [none, undefined, 1, {}]) await fails("invalid-argument", () => audit.check(value));
    await fails("unknown-version", () => audit.check(accepted, { kubernetesVersion: "0.1" }));
    await fails("invalid-argument", () => audit.check(accepted, { kubernetesVersion: /** @type {any} */ (1.3) }));
  });

  test("requests", async () => {
    const loaded = audit.load(accepted);
    const circle = {};
    Object.assign(circle, { circle });
    await fails("invalid-argument", () => audit.evaluate(loaded, none));
    await fails("invalid-argument", () => audit.evaluate(loaded, circle));
    for (const request of [[], { verbs: "get" }, { user: 1 }, { groups: "a" }, { groups: [1] }, { isResourceRequest: "true" }]) {
      await fails("not-a-request", () => audit.evaluate(loaded, /** @type {any} */ (request)));
    }
  });

  test("codes and tests", async () => {
    await fails("unknown-code", () => audit.explain("AP999"));
    await fails("invalid-tests", () => audit.test(""));
    assert.equal((await fails("invalid-tests", () => audit.test("tests:\n- nam: x"))).line, 2);
    await fails("invalid-tests", () => audit.test("tests: [{name: a, requests: {}, level: None}]"));
    await fails("invalid-tests", () => audit.test("policy: ../policy.yaml\ntests: [{name: a, requests: {}, level: None}]"));
    await fails("invalid-argument", () => audit.test(new Uint8Array([0xff]), { policy: accepted }));
  });

  test("logs", async () => {
    const totals = (/** @type {any} */ log) => audit.simulate(accepted, log).totals();
    await fails("not-a-log", () => totals("this is not a log\n".repeat(1000)));
    await fails("not-a-log", () => totals(new Uint8Array(100_000).fill(7)));
    await fails("not-a-log", () => totals("  \n"));
    await fails("corrupt-log", () => totals(gzipSync("x".repeat(1000)).subarray(0, 20)));
    await fails("invalid-argument", () => totals(1));
    await fails("invalid-argument", () => totals(["text"]));
    assert.equal((await totals("")).recorded.events, 0);
    await assert.rejects(totals((async function* () { throw new TypeError("the network"); })()), /the network/);
    const simulation = audit.simulate(accepted, createReadStream(join(root, "tests/data/logs/lines.jsonl")), { batchEvents: 1 });
    for await (const _ of simulation) break;
    await fails("stopped", () => simulation.totals());
    await fails("already-read", () => simulation[Symbol.asyncIterator]());
    // And the engine still works.
    assert.equal(audit.evaluate(accepted, {}).level, "Metadata");
  });
});

test("memory stays flat over 200 MB", async () => {
  await audit.init();
  const lines = gunzipSync(readFileSync(join(data, "base.jsonl.gz")));
  const rounds = Math.ceil(200_000_000 / lines.length);
  const source = (async function* () {
    for (let round = 0; round < rounds; round += 1) yield new Uint8Array(lines);
  })();
  let most = 0;
  for await (const _ of audit.simulate(text(policy), source)) most = Math.max(most, process.memoryUsage().rss);
  assert.ok(most < 700 << 20, `${most >> 20} MiB`);
});

test("the documentation's lines run", () => {
  const page = text(join(root, "docs", "javascript.md"));
  const code = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, block]) => block).join("\n");
  writeFileSync(join(folder, "page.mjs"), code);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["page.mjs"], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /1 1 Metadata written \d+\n/);
  assert.match(stdout, /true proved for every request of the class/);
  assert.match(stdout, /policy-rejected /);
});

const chromiumPath = findChromium();
test("in Chromium under a strict policy, in a page and in a worker", { skip: chromiumPath ? false : "Chromium is not installed" }, async () => {
  const log = gzipSync(gunzipSync(readFileSync(join(data, "logs", "omit.jsonl.gz"))));
  const run = `import { init, check, evaluate, simulate, test } from "/package/index.js";
export async function run() {
  await init();
  const policy = await (await fetch("/policy.yaml")).text();
  const totals = await simulate(policy, (await fetch("/log.gz")).body, { file: "log" }).totals();
  const tests = test("tests: [{name: a, requests: {}, atMost: RequestResponse}]", { policy });
  return { totals, findings: check(policy).findings, verdict: evaluate(policy, {}), passed: tests[0].passed };
}`;
  const files = new Map([
    ["/", '<!doctype html><script type="module" src="/page.js"></script>'],
    ["/run.js", run],
    ["/page.js", 'import { run } from "/run.js"; const post = (where, value) => fetch("/" + where, { method: "POST", body: JSON.stringify(value) });\nrun().then((value) => post("page", value), (error) => post("page", String(error)));\nconst worker = new Worker("/worker.js", { type: "module" });\nworker.onmessage = ({ data }) => post("worker", data);\nworker.onerror = ({ message }) => post("worker", message);'],
    ["/worker.js", 'import { run } from "/run.js"; run().then(postMessage, (error) => postMessage(String(error)));'],
    ["/policy.yaml", text(policy)],
  ]);
  const types = { ".js": "text/javascript", ".wasm": "application/wasm", "": "text/html" };
  /** @type {Record<string, any>} */
  const results = {};
  const { promise, resolve } = (() => { let resolve = () => {}; const promise = new Promise((done) => { resolve = () => done(undefined); }); return { promise, resolve }; })();
  const server = createServer(async (request, response) => {
    const path = String(request.url);
    if (request.method === "POST") {
      const parts = [];
      for await (const part of request) parts.push(part);
      results[path.slice(1)] = JSON.parse(Buffer.concat(parts).toString());
      response.end();
      if (results.page && results.worker) resolve();
      return;
    }
    const content = path === "/log.gz" ? log : (files.get(path) ?? (path.startsWith("/package/") ? readFileSync(join(installed, path.slice(9))) : null));
    const type = types[/** @type {keyof typeof types} */ (extname(path))] ?? "application/octet-stream";
    response.writeHead(content === null ? 404 : 200, { "content-type": type, "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" });
    response.end(content ?? "");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const require = createRequire(join(packages(join(root, "tests", "browser")), "x.js"));
  const browser = await require("playwright-core").chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const messages = [];
    page.on("console", (/** @type {any} */ message) => { if (!/favicon/.test(message.location().url)) messages.push(message.text()); });
    await page.goto(`http://127.0.0.1:${port}/`);
    await Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error(messages.join("\n"))), 60_000).unref())]);
    const file = join(folder, "log.gz");
    writeFileSync(file, log);
    const [totals] = objects(native(["simulate", "--format", "summary", "--policy", policy, file]).stdout);
    totals.files[0].file = "log";
    for (const where of ["page", "worker"]) {
      assert.deepEqual(results[where].totals, totals, where);
      assert.deepEqual(results[where].findings, audit.check(text(policy)).findings);
      assert.deepEqual(results[where].verdict, audit.evaluate(text(policy), {}));
      assert.equal(results[where].passed, true);
    }
    assert.deepEqual(messages, []);
  } finally {
    await browser.close();
    server.close();
  }
});
