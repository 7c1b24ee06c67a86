// Databases that run a query over events, each a program in Python that answers requests.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pipPackages } from "../../web/build/pip.mjs";
import { onPath } from "../browser/engines/installed.mjs";

const folder = fileURLToPath(new URL("databases", import.meta.url));

/** @typedef {{ line?: string, AuditId?: string, auditID?: string, stage?: string, rule: number | null, level: string | null, outcome: string }} Row */
/**
 * A database. Its rows are lines, or objects with the columns of the schema `input`.
 * @typedef {{ skip: string | false, run: (query: string, rows: (string | null | object)[], input?: string) => Promise<Row[]>, end: () => void }} Database
 */

/**
 * Prepares a database: its packages are installed, or the reason to skip it is kept. It starts at the first query.
 * @param {string} name Name of its program and its packages.
 * @param {{ needs?: string, dialect?: string }} [options] A program that it needs besides Python, and the dialect it parses.
 * @returns {Database}
 */
export function database(name, { needs, dialect } = {}) {
  const python = onPath("python3", "python");
  const missing = !python ? "Python" : needs && !onPath(needs) ? needs : undefined;
  let packages = "";
  let skip = /** @type {string | false} */ (missing ? `${name}: ${missing} is not installed` : false);
  try {
    if (python && !missing) packages = pipPackages(python, join(folder, `${name}.txt`));
  } catch (error) {
    skip = `${name} is not installed: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
  /** @type {ReturnType<typeof start> | undefined} */
  let started;
  const start = () => {
    const env = { ...process.env, DIALECT: dialect, PYTHONPATH: [packages, process.env.PYTHONPATH].filter(Boolean).join(delimiter) };
    const child = spawn(String(python), [join(folder, `${name}_rows.py`)], { env, stdio: ["pipe", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (text) => (errors = `${errors}${text}`.slice(-4000)));
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, answers, errors: () => errors };
  };
  return {
    skip,
    async run(query, rows, input = "lines") {
      started ??= start();
      const { child, answers, errors } = started;
      if (!child.stdin.write(`${JSON.stringify({ query, input, rows })}\n`)) await once(child.stdin, "drain");
      const { value, done } = await answers.next();
      if (done) throw new Error(`${name} ended: ${errors()}`);
      const { rows: results, error } = JSON.parse(value);
      if (error) throw new Error(`${name}: ${error.slice(0, 4000)}`);
      return results;
    },
    end: () => started?.child.kill(),
  };
}
