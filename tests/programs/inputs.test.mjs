// Queries over other schemas than JSON lines (`audit-policy compile --input`), against `simulate`: `node --test tests/programs/inputs.test.mjs`.

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
 * @type {Record<string, { id: string, row: (event: Event, id: string) => any, event: (row: any) => Event | null }>}
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

/** Runs a query, and returns its results in the order of the rows. @param {string} target @param {string} input @param {string} query @param {any[]} rows */
async function results(target, input, query, rows) {
  const { id } = SCHEMAS[input];
  const found = await DATABASES[target].run(query, rows, input);
  assert.equal(found.length, rows.length);
  const byId = new Map(found.map((row) => [row[id], row]));
  return rows.map((row) => {
    const { rule, level, outcome } = byId.get(typeof row === "string" ? row : row[id]) ?? assert.fail(JSON.stringify(row));
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

for (const [target, { skip, run }] of Object.entries(DATABASES)) {
  for (const input of Object.keys(SCHEMAS)) {
    for (const version of ["1.20", "1.36"]) {
      test(`${target} computes from ${input} what the engine computes on logs of ${version}`, { skip }, async (context) => {
        const server = join(data, `kube-apiserver-${version}`);
        const events = linesOf(join(server, "base.jsonl.gz")).map((line) => JSON.parse(line));
        assert.ok(events.length > 4000);
        let [count, compared] = [0, 0];
        for (const name of readdirSync(join(server, "policies"))) {
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
