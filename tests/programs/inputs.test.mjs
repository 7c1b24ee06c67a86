// Queries over other schemas than JSON lines (`audit-policy compile --input`), against `simulate`: `node --test tests/programs/inputs.test.mjs`.
//
// $ALL_POLICIES makes Spark run all policies of the corpora, and not two of each version.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { native } from "../browser/native.mjs";
import { database } from "./databases.mjs";
import { oddLines } from "./requests.mjs";
import { MAX_UNKNOWN_SHARE, ODD_RULES, data, expected, linesOf, policyOf } from "./shared.mjs";

const DATABASES = { duckdb: database("duckdb"), clickhouse: database("clickhouse"), spark: database("spark", { needs: "java" }) };
/** The dialects that no program here runs. Their queries are parsed. */
const GRAMMARS = { trino: database("grammar", { dialect: "trino" }), bigquery: database("grammar", { dialect: "bigquery" }) };
after(() => [...Object.values(DATABASES), ...Object.values(GRAMMARS)].forEach((one) => one.end()));

/** @typedef {Record<string, any>} Event */

const text = (value) => (typeof value === "string" ? value : null);

/** Returns the user as a structure; `null` if its fields have other types. @param {any} user */
function typedUser(user) {
  if (user === null || typeof user !== "object" || Array.isArray(user)) return null;
  const { username = null, groups = null } = user;
  const isTyped = (username === null || typeof username === "string") && (groups === null || (Array.isArray(groups) && groups.every((group) => group === null || typeof group === "string")));
  return isTyped ? { username, groups } : null;
}

/**
 * The schemas: a row for an event, and the event that the row still describes.
 * @type {Record<string, { id: string, row: (event: Event, id: string) => any, event: (row: any) => Event }>}
 */
const SCHEMAS = {
  eks: {
    id: "line",
    row: (event, id) => `2026-11-20T10:00:00.123Z ${JSON.stringify({ ...event, auditID: id })}`,
    event: (line) => JSON.parse(line.slice(line.indexOf(" "))),
  },
  aks: {
    id: "AuditId",
    row: ({ verb, requestURI, stage, user }, id) => ({ AuditId: id, Verb: text(verb), RequestUri: text(requestURI), Stage: text(stage), User: user === undefined ? null : JSON.stringify(user) }),
    // Azure has the empty text where an event has no value.
    event: ({ Verb, RequestUri, Stage, User }) => ({ verb: Verb || undefined, requestURI: RequestUri || undefined, stage: Stage ?? undefined, user: JSON.parse(User) ?? undefined }),
  },
  columns: {
    id: "auditID",
    row: ({ verb, requestURI, stage, user }, id) => ({ auditID: id, verb: text(verb), requestURI: text(requestURI), stage: text(stage), user: typedUser(user) }),
    event: ({ verb, requestURI, stage, user }) => ({ verb: verb ?? undefined, requestURI: requestURI ?? undefined, stage: stage ?? undefined, user: user ?? undefined }),
  },
};

/** Prints the query for a schema. @param {string} target @param {string} input @param {string} policy */
function compiled(target, input, policy) {
  const { status, stdout, stderr } = native(["compile", "--policy", policy, "--to", target, "--input", input]);
  assert.equal(status, 0, stderr);
  return stdout;
}

/**
 * Runs a query, and returns its results in the order of the rows.
 * @param {string} target @param {string} input @param {string} query @param {any[]} rows @param {string} [types] Types of the columns.
 */
async function results(target, input, query, rows, types = input) {
  const id = SCHEMAS[input]?.id ?? "line";
  const found = await DATABASES[target].run(query, rows, types);
  assert.equal(found.length, rows.length);
  const byId = new Map(found.map((row) => [row[id], row]));
  return rows.map((row) => {
    const key = row !== null && typeof row === "object" ? row[id] : row;
    const { rule, level, outcome } = byId.get(key) ?? assert.fail(JSON.stringify(row));
    return { rule, level, outcome };
  });
}

/**
 * Returns `true` if a row does not tell what the event has: Azure has the empty text instead of no value, and ClickHouse's tuples do not tell a
 * user without a name and groups from no user. Such events are unknown to the query.
 * @param {string} target @param {string} input @param {any} row
 */
function isAmbiguous(target, input, row) {
  if (input === "aks") return !row.Verb || !row.RequestUri;
  return target === "clickhouse" && input === "columns" && !row.user?.username && !row.user?.groups?.length;
}

/**
 * Compares the results of a query with the engine's. Returns the number of events that only the engine knows.
 * @param {string} target @param {string} input @param {string} policy @param {Event[]} events
 */
async function unknown(target, input, policy, events) {
  const { row, event } = SCHEMAS[input];
  const rows = events.map((one, at) => row(one, `id-${at}`));
  const left = rows.map((one) => ({ kind: "Event", apiVersion: "audit.k8s.io/v1", ...event(one) }));
  const wanted = expected(policy, left.map((one) => JSON.stringify(one)));
  let count = 0;
  const found = await results(target, input, compiled(target, input, policy), rows);
  found.forEach((result, at) => {
    const isUnknown = result.outcome === "unknowable" && result.rule === null;
    if (isAmbiguous(target, input, rows[at])) assert.ok(isUnknown, JSON.stringify(rows[at]));
    else if (isUnknown) count += Number(wanted[at].outcome !== "unknowable");
    else assert.deepEqual(result, wanted[at], `${policy}: ${JSON.stringify(rows[at])}`);
  });
  return count;
}

const EVENT = { verb: "get", requestURI: "/api/v1/pods", stage: "ResponseComplete", user: { username: "alice", groups: ["dev"] } };
const LINE = SCHEMAS.eks.row(EVENT, "x");

/** Rows of which nothing is known, by schema: changes of the row of an event, or whole lines. */
const UNREADABLE = {
  lines: [null, "", LINE, "{", `${JSON.stringify(EVENT)} x`, `${JSON.stringify(EVENT)}}`, JSON.stringify(EVENT).repeat(2), JSON.stringify({ ...EVENT, user: undefined })],
  eks: [null, "", JSON.stringify(EVENT), LINE.replace(" ", "  "), LINE.replace(" ", "\t"), LINE.replace("Z ", "Z"), LINE.replace("T", " "), LINE.replace("Z", "+00:00"), `x${LINE}`, ` ${LINE}`, `${LINE.slice(0, 25)}${LINE}`, LINE.slice(0, 25), `${LINE.slice(0, 25)}[]`, `${LINE.slice(0, 25)}null`, LINE.slice(0, -1), `${LINE}}`, `${LINE.slice(0, -20)}[Truncated...]`, `${LINE.slice(0, -1)},"verb":"list"}`],
  aks: [
    ...["Verb", "RequestUri", "User"].flatMap((name) => [null, ""].map((value) => ({ [name]: value }))),
    ...["{", "alice", '"alice"', "null", "[]", "5", "{username=alice, groups=[dev]}", '{"username":"alice"', '{"username":"alice"} x', '{"username":"alice","username":"bob"}', '{"username":"alice","groups":["dev",5]}', '{"username":"alice","groups":[null]}'].map((User) => ({ User })),
  ],
  columns: [...["verb", "requestURI", "user"].map((name) => ({ [name]: null })), { user: { username: "alice", groups: ["dev", null] } }, { user: { username: "alice", groups: [null] } }],
};

for (const [target, { skip, run }] of Object.entries(DATABASES)) {
  for (const [input, rows] of Object.entries(UNREADABLE)) {
    test(`${target} knows nothing about a row of ${input} that lacks something`, { skip }, async () => {
      const bad = rows.map((row, at) => (row === null || typeof row === "string" ? row : { ...SCHEMAS[input].row(EVENT, `id-${at}`), ...row }));
      const query = compiled(target, input, policyOf([{ level: "None", users: ["nobody"] }, { level: "Metadata" }], []));
      const found = await results(target, input, query, bad);
      found.forEach((result, at) => assert.deepEqual(result, { rule: null, level: null, outcome: "unknowable" }, JSON.stringify(bad[at])));
    });
  }

  test(`${target} reads a user that is a structure instead of JSON, or does not know it`, { skip }, async () => {
    const query = compiled(target, "aks", policyOf([{ level: "None", userGroups: ["dev"] }, { level: "Metadata" }], []));
    const users = [EVENT.user, { username: "bob", groups: null }, { username: null, groups: null }, null, { username: "eve", groups: ["dev", null] }, { username: '"username":"alice"', groups: ["dev"] }];
    const rows = users.map((User, at) => ({ ...SCHEMAS.aks.row(EVENT, `id-${at}`), User }));
    const found = (await results(target, "aks", query, rows, "aks, structure")).map(({ rule }) => rule);
    assert.deepEqual(found, target === "duckdb" ? [0, 1, 1, null, null, 0] : users.map(() => null));
  });

  test(`${target} needs the stage only for rules that omit stages`, { skip }, async () => {
    for (const input of ["aks", "columns"]) {
      const row = { ...SCHEMAS[input].row(EVENT, "id"), [input === "aks" ? "Stage" : "stage"]: null };
      const outcome = async (omitStages) => (await results(target, input, compiled(target, input, policyOf([{ level: "Metadata" }], omitStages)), [row]))[0];
      assert.deepEqual(await outcome([]), { rule: 0, level: "Metadata", outcome: "written" });
      assert.deepEqual(await outcome(["RequestReceived"]), { rule: 0, level: "Metadata", outcome: "unknowable" });
    }
  });

  test(`${target} does not read another schema than the query is for`, { skip }, async () => {
    const policy = policyOf([{ level: "Metadata" }]);
    const rows = { lines: [JSON.stringify(EVENT)], ...Object.fromEntries(Object.entries(SCHEMAS).map(([input, { row }]) => [input, [row(EVENT, "id")]])) };
    for (const [input, given] of [["aks", "lines"], ["columns", "lines"], ["columns", "aks"], ["lines", "aks"], ["lines", "columns"], ["eks", "columns"]]) {
      await assert.rejects(run(compiled(target, input, policy), rows[given], given), `${input} from ${given}`);
    }
  });

  for (const input of Object.keys(SCHEMAS)) {
    for (const version of ["1.20", "1.36"]) {
      test(`${target} computes from ${input} what the engine computes on logs of ${version}`, { skip }, async (context) => {
        const server = join(data, `kube-apiserver-${version}`);
        const events = linesOf(join(server, "base.jsonl.gz")).map((line) => JSON.parse(line));
        assert.ok(events.length > 4000);
        let [count, compared] = [0, 0];
        const names = readdirSync(join(server, "policies"));
        // The rules are the same as for lines, which Spark runs with all policies; only what reads the rows differs.
        const isAll = target !== "spark" || process.env.ALL_POLICIES;
        for (const name of isAll ? names : names.slice(0, 2)) {
          count += await unknown(target, input, join(server, "policies", name), events);
          compared += events.length;
        }
        context.diagnostic(`${compared} events compared, ${count} unknown`);
        assert.ok(count / compared < MAX_UNKNOWN_SHARE, `${count}`);
      });
    }

    test(`${target} computes from ${input} what the engine computes on odd requests`, { skip }, async () => {
      const events = oddLines(Number(process.env.ODD_REQUESTS ?? 3000), Number(process.env.ODD_SEED ?? 7)).map((line) => JSON.parse(line));
      const count = await unknown(target, input, policyOf(ODD_RULES), events);
      // About a fifth of the paths have escapes that are not UTF-8, and some queries are not decoded.
      assert.ok(count / events.length < 0.4, `${count}`);
    });
  }
}

for (const [target, { skip, run }] of Object.entries(GRAMMARS)) {
  test(`${target} prints for each schema what its grammar allows`, { skip }, async () => {
    for (const input of Object.keys(SCHEMAS)) {
      for (const policy of [policyOf(ODD_RULES), join(data, "bench", "seventeen-rules.yaml")]) {
        const query = compiled(target, input, policy);
        await run(query, []);
        await assert.rejects(run(query.replace("WITH", "WITH ,"), []));
      }
    }
  });
}

test("clickhouse does not take the default of a column for a value", { skip: DATABASES.clickhouse.skip }, async () => {
  const query = compiled("clickhouse", "columns", policyOf([{ level: "Metadata" }], []));
  const rows = [{}, { verb: null }, { requestURI: null }, { verb: "" }].map((change, at) => ({ ...SCHEMAS.columns.row(EVENT, `id-${at}`), ...change }));
  const rules = async (types) => (await results("clickhouse", "columns", query, rows, types)).map(({ rule }) => rule);
  assert.deepEqual(await rules("columns"), [0, null, null, 0]);
  assert.deepEqual(await rules("columns, defaults"), [0, null, null, null]);
});
