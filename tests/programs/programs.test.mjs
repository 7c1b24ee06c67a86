// Programs that `audit-policy compile` prints, in the tools that they are for, against `simulate`: `node --test tests/programs/programs.test.mjs`.
//
// $ODD_REQUESTS is the number of odd requests, $ODD_SEED selects other ones.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { onPath } from "../browser/engines/installed.mjs";
import { root } from "../browser/harness.mjs";
import { native, objects } from "../browser/native.mjs";
import { database } from "./databases.mjs";
import { oddLines } from "./requests.mjs";
import { HOSTILE, MAX_UNKNOWN_SHARE, ODD_RULES, data, distinct, expected, folder, linesOf, policyOf } from "./shared.mjs";

/** @typedef {{ rule: number | null, level: string | null, outcome: string }} Result */

/**
 * The tools that run here: what runs a program on lines, or why it cannot.
 * @type {Record<string, { skip: string | false, run: (program: string, lines: string[]) => Promise<Result[]> | Result[] }>}
 */
const TOOLS = { duckdb: rowsOf(database("duckdb")), clickhouse: rowsOf(database("clickhouse")), spark: rowsOf(database("spark", { needs: "java" })), "fluent-bit": luajit(), vector: vector(), jq: jq() };

/** The dialects that no program here runs. Their queries are parsed. */
const GRAMMARS = { trino: database("grammar", { dialect: "trino" }), bigquery: database("grammar", { dialect: "bigquery" }) };

after(() => Object.values(GRAMMARS).forEach((grammar) => grammar.end()));

/** Checks that there is a row for each line, in any order, and returns the rows in the order of the lines. @param {import("./databases.mjs").Database} database */
function rowsOf(database) {
  after(() => database.end());
  /** @param {string} query @param {string[]} lines */
  const run = async (query, lines) => {
    const rows = await database.run(query, lines);
    assert.equal(rows.length, lines.length);
    const byLine = new Map(rows.map((row) => [row.line, row]));
    return lines.map((line) => {
      const row = byLine.get(line);
      assert.ok(row, line);
      return row;
    });
  };
  return { skip: database.skip, run };
}

/** Fluent Bit runs scripts with LuaJIT, and gives them records as tables without null values. */
function luajit() {
  const program = onPath("luajit");
  /** Returns a value as Lua. @param {unknown} value @returns {string} */
  const lua = (value) => {
    if (value === null) return "nil";
    if (typeof value === "string") return `"${[...Buffer.from(value)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;
    if (typeof value !== "object") return String(value);
    const items = Array.isArray(value) ? value.map(lua) : Object.entries(value).map(([key, item]) => `[${lua(key)}] = ${lua(item)}`);
    return `{${items.join(", ")}}`;
  };
  /** Returns a record with the fields that a script reads; an empty one for what is not an object, as nothing reaches the script. @param {string} line */
  const record = (line) => {
    let event = /** @type {any} */ (null);
    try {
      event = JSON.parse(line);
    } catch {
      // Not an event.
    }
    const { verb, user, requestURI, stage } = event ?? {};
    // To Lua, an empty list is an empty object; the server writes none as the user.
    const isList = Array.isArray(user) && user.length === 0;
    return lua({ verb: verb ?? null, user: isList ? "" : (user ?? null), requestURI: requestURI ?? null, stage: stage ?? null });
  };
  /** @param {string} text @param {string[]} lines */
  const run = (text, lines) => {
    const [script, events] = ["program.lua", "events.lua"].map((name) => join(folder, name));
    writeFileSync(script, text);
    writeFileSync(events, lines.map((line) => `show(${record(line)})\n`).join(""));
    const show = 'function show(record) local rule, level, outcome = audit_verdict(record); print(string.format(\'{"rule":%s,"level":%s,"outcome":"%s"}\', rule or "null", level and \'"\' .. level .. \'"\' or "null", outcome)) end';
    const main = `dofile(arg[1]); ${show}; for line in io.lines(arg[2]) do assert(loadstring(line))() end`;
    const file = join(folder, "main.lua");
    writeFileSync(file, main);
    return objects(output(String(program), [file, script, events], ""));
  };
  return { skip: program ? /** @type {const} */ (false) : "LuaJIT is not installed", run };
}

/** Vector runs programs with the crate `vrl`, as does a program of the package `shippers`, which is built at the first use. */
function vector() {
  const missing = ["cargo", "make"].find((tool) => !onPath(tool));
  const skip = process.platform === "win32" ? "the log shippers run on Unix only" : missing ? `${missing} is not installed` : /** @type {const} */ (false);
  /** @type {string | undefined} */
  let program;
  const built = () => {
    // The folder that `cargo xtask test` builds the package in.
    const target = join(resolve(root, process.env.CARGO_TARGET_DIR || "target"), "shippers");
    const words = ["build", "--locked", "--quiet", "--manifest-path", join(root, "tests/shippers/Cargo.toml"), "--bin", "vector"];
    output("cargo", words, "", { ...process.env, CARGO_TARGET_DIR: target });
    return join(target, "debug", "vector");
  };
  /** @param {string} text @param {string[]} lines */
  const run = (text, lines) => {
    program ??= built();
    const file = join(folder, "program.vrl");
    writeFileSync(file, text);
    return objects(output(program, [file], lines.map((line) => `${line}\n`).join("")));
  };
  return { skip, run };
}

function jq() {
  const program = onPath("jq");
  /** @param {string} text @param {string[]} lines */
  const run = (text, lines) => {
    const file = join(folder, "program.jq");
    writeFileSync(file, text);
    return objects(output(String(program), ["-cR", "-f", file], lines.map((line) => `${line}\n`).join("")));
  };
  return { skip: program ? /** @type {const} */ (false) : "jq is not installed", run };
}

/**
 * Returns what a program prints.
 * @param {string} program @param {string[]} words @param {string} input @param {NodeJS.ProcessEnv} [env]
 */
function output(program, words, input, env = process.env) {
  const { error, status, stdout, stderr } = spawnSync(program, words, { input, env, encoding: "utf8", maxBuffer: 1 << 30 });
  if (error) throw error;
  assert.equal(status, 0, stderr);
  return stdout;
}

/**
 * Runs the program for a policy and compares each result with the engine's. Returns the share of those that only the engine knows.
 * @param {string} target @param {string} policy @param {string[]} lines
 */
async function unknownShare(target, policy, lines) {
  const { status, stdout, stderr } = native(["compile", "--policy", policy, "--to", target]);
  assert.equal(status, 0, stderr);
  const results = await TOOLS[target].run(stdout, lines);
  const wanted = expected(policy, lines);
  assert.equal(results.length, wanted.length);
  let unknown = 0;
  results.forEach(({ rule, level, outcome }, at) => {
    if (outcome === "unknowable" && rule === null) unknown += Number(wanted[at].outcome !== "unknowable");
    else assert.deepEqual({ rule, level, outcome }, wanted[at], `${policy}: ${lines[at]}`);
  });
  return unknown / lines.length;
}

for (const [target, { skip, run }] of Object.entries(TOOLS)) {
  for (const version of ["1.20", "1.36"]) {
    const server = join(data, `kube-apiserver-${version}`);
    const policies = readdirSync(join(server, "policies")).map((name) => join(server, "policies", name));
    test(`${target} computes what the engine computes on logs of ${version}`, { skip }, async () => {
      const logs = readdirSync(join(server, "logs")).map((name) => join(server, "logs", name));
      const lines = [...linesOf(join(server, "base.jsonl.gz")), ...distinct(logs.flatMap(linesOf))];
      assert.ok(lines.length > 4000);
      for (const policy of [...policies, join(data, "bench", "seventeen-rules.yaml")]) {
        const share = await unknownShare(target, policy, lines);
        assert.ok(share < MAX_UNKNOWN_SHARE, `${policy}: ${share}`);
      }
    });
  }

  test(`${target} computes what the engine computes on odd requests`, { skip }, async () => {
    const lines = oddLines(Number(process.env.ODD_REQUESTS ?? 3000), Number(process.env.ODD_SEED ?? 7));
    const share = await unknownShare(target, policyOf(ODD_RULES), lines);
    // About a fifth of the paths have escapes that are not UTF-8, and some queries are not decoded.
    assert.ok(share < 0.4, `${share}`);
  });

  test(`${target} takes every text of a policy as it is`, { skip }, async () => {
    const event = (user, group, path) => JSON.stringify({ stage: "ResponseComplete", verb: user, requestURI: path, user: { username: user, groups: [group] } });
    const rules = HOSTILE.flatMap((text, at) => [
      { level: "Request", users: [`u${text}`] },
      { level: "Request", userGroups: [`g${text}`], verbs: [`u${at}`] },
      { level: "Request", nonResourceURLs: [`/p${text.replaceAll("*", "")}*`] },
    ]);
    const lines = HOSTILE.flatMap((text, at) => [
      event(`u${text}`, "none", "/x"),
      event(`u${at}`, `g${text}`, "/x"),
      event("nobody", "none", `/p${encodeURIComponent(text.replaceAll("*", ""))}x`),
    ]);
    assert.equal(await unknownShare(target, policyOf(rules, []), lines), 0);
  });

  test(`${target} runs a program of 1,000 rules`, { skip }, async () => {
    const many = (prefix) => Array.from({ length: 1000 }, (_, at) => `${prefix}${at}`);
    const rules = many("user-").map((user) => ({ level: "Metadata", users: [user], verbs: ["get", "list"], resources: [{ group: "", resources: ["pods", "pods/log"], resourceNames: ["a", "b"] }] }));
    rules.push({ level: "Request", users: many("x"), nonResourceURLs: many("/a").map((url) => `${url}*`) });
    const event = (user, requestURI) => JSON.stringify({ stage: "ResponseComplete", verb: "get", requestURI, user: { username: user } });
    const lines = ["user-0", "user-499", "user-999", "user-1000", "x999"].flatMap((user) => [event(user, "/api/v1/namespaces/d/pods/b"), event(user, "/a999b")]);
    assert.equal(await unknownShare(target, policyOf(rules), lines), 0);
  });

  test(`${target} knows nothing about a line that is not an event`, { skip }, async () => {
    const { stdout } = native(["compile", "--policy", policyOf([{ level: "Metadata" }]), "--to", target]);
    const lines = ["", "{", "null", "[]", "5", '"x"', "{}", '{"verb":"get"}', "é"];
    for (const result of await run(stdout, lines)) {
      assert.deepEqual([result.rule, result.level, result.outcome], [null, null, "unknowable"]);
    }
  });
}

/** A character by its number, in each dialect. */
const NUMBERED = String.raw`chr\(\d+\)|char\([\d, ]+\)|decode\(X'[\dA-F]+', 'UTF-8'\)|CODE_POINTS_TO_STRING\(\[\d+\]\)|decode_percent\("[^"]*"\)`;
const LITERAL = new RegExp(String.raw`concat\((?:(?:'[^']*'|${NUMBERED})(?:, )?)*\)|${NUMBERED}|'[^']*'|"[^"]*"`, "g");

for (const target of [...Object.keys(TOOLS), ...Object.keys(GRAMMARS)]) {
  test(`${target} has no text of a policy outside of literals`, () => {
    const compiled = (text) => native(["compile", "--policy", policyOf([{ level: "Request", users: [text, "b"], verbs: [text] }]), "--to", target]).stdout;
    const shape = (program) => program.replaceAll(LITERAL, "L");
    const plain = shape(compiled("a"));
    for (const text of HOSTILE) {
      const program = compiled(text);
      assert.equal(shape(program), plain, JSON.stringify(text));
      assert.match(program, /^[\n -~]*$/);
    }
  });
}

for (const [target, { skip, run }] of Object.entries(GRAMMARS)) {
  test(`${target} prints what its grammar allows`, { skip }, async () => {
    for (const policy of [policyOf(ODD_RULES), join(data, "bench", "seventeen-rules.yaml")]) {
      const { status, stdout, stderr } = native(["compile", "--policy", policy, "--to", target]);
      assert.equal(status, 0, stderr);
      await run(stdout, []);
      await assert.rejects(run(stdout.replace("WITH", "WITH ,"), []));
    }
  });
}
