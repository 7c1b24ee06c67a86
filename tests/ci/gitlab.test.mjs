// The jobs for GitLab: their scripts run in sh, in repositories with good, bad and hostile content.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { shellLines, yamlBlocks } from "./docs.mjs";
import { BAD, ENV, GOOD, commandAs, commit, git, repository, runLine } from "./folders.mjs";
import { yaml } from "./yaml.mjs";

const file = yaml("ci/gitlab.yml");

/**
 * Runs the script of a job with variables, as the runner does: in one shell that ends at the first failure.
 * @param {string} job @param {string} folder @param {Record<string, string>} [variables]
 */
function run(job, folder, variables = {}) {
  const { script, variables: own } = file[job];
  const env = { ...ENV, ...file[".audit-policy"].variables, ...own, ...variables, PATH: [commandAs("audit-policy"), process.env.PATH].join(delimiter) };
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", script.join("\n")], { cwd: folder, env, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

/** The report of a check. @param {string} folder */
const report = (folder) => readFileSync(join(folder, "audit-policy.junit.xml"), "utf8");

test("a good policy passes, a bad one fails, and both have a report", () => {
  for (const [policy, status] of /** @type {const} */ ([[GOOD, 0], [BAD, 1]])) {
    const folder = repository({ "p.yaml": policy });
    const ran = run("audit-policy", folder);
    assert.equal(ran.status, status, ran.output);
    assert.equal(report(folder).includes("<failure"), status === 1);
    assert.equal(file["audit-policy"].artifacts.reports.junit, "audit-policy.junit.xml");
  }
});

test("variables choose the severity and the paths", () => {
  const folder = repository({ "audit-policy.toml": 'files = ["a"]\n', "a/p.yaml": GOOD, "b/p.yaml": BAD });
  for (const [paths, severity, status] of /** @type {const} */ ([["a", "error", 0], ["a", "info", 1], ["a\n\nb\n", "error", 1], ["a/*.yaml", "error", 0], ["", "error", 0], ["c", "error", 2], ["a", "all", 2]])) {
    const ran = run("audit-policy", folder, { AUDIT_POLICY_PATHS: paths, AUDIT_POLICY_FAIL_ON: severity });
    assert.equal(ran.status, status, `${paths} ${severity}\n${ran.output}`);
  }
});

test("a hostile value is a value", () => {
  for (const hostile of ['"; touch pwned; "', "'; touch pwned; '", "$(touch pwned)", "`touch pwned`", "a\nPATHS\ntouch pwned", "--fix", "\\"]) {
    const folder = repository({ "p.yaml": GOOD });
    for (const variable of ["AUDIT_POLICY_PATHS", "AUDIT_POLICY_FAIL_ON", "CI_MERGE_REQUEST_DIFF_BASE_SHA"]) {
      const job = variable.startsWith("CI") ? "audit-policy-review" : "audit-policy";
      assert.equal(run(job, folder, { CI_MERGE_REQUEST_DIFF_BASE_SHA: "HEAD", [variable]: hostile }).status, 2, `${variable}: ${hostile}`);
    }
    assert.ok(!existsSync(join(folder, "pwned")), hostile);
    assert.equal(readFileSync(join(folder, "p.yaml"), "utf8"), GOOD);
  }
});

test("a merge request is reviewed, and the review is the artifact", () => {
  const folder = repository({ "p.yaml": GOOD });
  const base = git(folder, "rev-parse", "HEAD").trim();
  for (const [policy, status, text] of /** @type {const} */ ([[GOOD.replace("Metadata", "None"), 0, /1 with less in the log than before/], [BAD, 1, /1 rejected/]])) {
    commit(folder, { "p.yaml": policy });
    const { status: found, output } = run("audit-policy-review", folder, { CI_MERGE_REQUEST_DIFF_BASE_SHA: base });
    assert.equal(found, status, output);
    assert.match(output, text);
    const [name] = file["audit-policy-review"].artifacts.paths;
    assert.equal(readFileSync(join(folder, name), "utf8"), output);
  }
});

test("the documentation sets variables that there are, and its lines run", () => {
  const [{ include: [included], ".audit-policy": { variables } }] = yamlBlocks("docs/gitlab.md");
  assert.equal(included.file, "ci/gitlab.yml");
  assert.deepEqual(Object.keys(variables).sort(), Object.keys(file[".audit-policy"].variables).sort());
  const twice = `${GOOD}omitStages: [RequestReceived]\n`;
  const folder = repository({ "clusters/p.yaml": twice, "vendor/a/b.yaml": twice, "other.yaml": BAD });
  assert.equal(run("audit-policy", folder, variables).status, 0);
  const lines = shellLines("docs/gitlab.md");
  assert.equal(lines.length, 1);
  for (const line of lines) runLine(line, folder);
});
