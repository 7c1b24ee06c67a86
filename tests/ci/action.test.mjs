// The composite Action: its steps run in bash, in repositories with good, bad and hostile content.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { expand, runAction, runs } from "./action.mjs";
import { shellLines, yamlBlocks } from "./docs.mjs";
import { BAD, GOOD, commandAs, commit, git, newFolder, programs, repository, runLine, write } from "./folders.mjs";
import { root, yaml } from "./yaml.mjs";

const action = yaml("action.yml");
const FIND = "Find or build audit-policy";

/** Runs the Action with the command on the PATH. @param {string} folder @param {Record<string, string>} [inputs] @param {object} [more] */
const run = (folder, inputs = {}, more = {}) => runAction(action, { folder, path: [commandAs("audit-policy")], home: root, inputs, ...more });

test("the Action is a composite one whose scripts have no expression, and whose inputs have a default", () => {
  assert.equal(action.runs.using, "composite");
  for (const step of action.runs.steps) {
    assert.equal(step.shell, "bash", step.name);
    // A value in a script would be code.
    assert.ok(!step.run.includes("${{"), step.name);
  }
  for (const [name, input] of Object.entries(action.inputs)) {
    assert.equal(typeof input.default, "string", name);
    assert.ok(input.description.length > 10, name);
  }
});

test("expressions are names and comparisons; others are errors", () => {
  const context = { inputs: { a: "1 ${{ inputs.b }}", b: "" }, github: { token: "t" }, steps: { x: "failure" } };
  assert.equal(expand("<${{ inputs.a }}${{github.token}}>", context), "<1 ${{ inputs.b }}t>");
  assert.throws(() => expand("${{ inputs.c }}", context), /unknown name/);
  assert.equal(runs(undefined, context), false);
  assert.equal(runs("${{ !cancelled() && inputs.b == '' }}", context), true);
  assert.equal(runs("${{ inputs.b == '' }}", context), false);
  assert.equal(runs("${{ !cancelled() && steps.x.outcome != 'failure' }}", context), false);
  assert.throws(() => runs("${{ contains(inputs.a, 'b') }}", context), /unknown condition/);
});

test("a good policy passes, with a summary, and nothing is reviewed", () => {
  const { outcomes, summary, output } = run(repository({ "p.yaml": GOOD }));
  assert.deepEqual(outcomes, { [FIND]: "success", Check: "success", Review: "skipped", Comment: "skipped" });
  assert.match(summary, /^## Audit policies\n\n {4}.*p\.yaml/);
  // An info: every request is logged twice.
  assert.match(output, /^::notice file=p\.yaml,line=3.*AP030/m);
});

test("a bad policy fails with an annotation at its line", () => {
  const { outcomes, summary, output } = run(repository({ "ok.yaml": GOOD, "clusters/a/p.yaml": BAD }));
  assert.deepEqual([outcomes[FIND], outcomes.Check, outcomes.Review], ["success", "failure", "skipped"]);
  assert.match(output, /^::error file=clusters\/a\/p\.yaml,line=4,/m);
  assert.match(summary, /Unsupported value: "Loud"/);
});

test("inputs choose the severity that fails, the version and the paths", () => {
  const unknownField = GOOD + "  verb: [get]\n";
  const folder = repository({ "a/p.yaml": GOOD, "b/p.yaml": BAD, "c/p.yaml": unknownField });
  for (const [inputs, expected] of /** @type {const} */ ([
    [{ paths: "a" }, "success"],
    [{ paths: "a", "fail-on": "info" }, "failure"],
    [{ paths: "a\n\nb\n" }, "failure"],
    [{ paths: "a/*.yaml" }, "success"],
    [{ paths: "d" }, "failure"],
    // kube-apiserver only warns of an unknown field from 1.26 on; before, it is silent.
    [{ paths: "c", "fail-on": "warning", "kubernetes-version": "1.33" }, "failure"],
    [{ paths: "a", "kubernetes-version": "1.5" }, "failure"],
  ])) {
    assert.equal(run(folder, inputs).outcomes.Check, expected, JSON.stringify(inputs));
  }
});

test("without paths, the files of the configuration are checked", () => {
  const folder = repository({ "audit-policy.toml": 'files = ["a"]\n', "a/p.yaml": GOOD, "b/p.yaml": BAD });
  assert.equal(run(folder, { paths: "" }).outcomes.Check, "success");
});

test("findings are written as SARIF, also if the check fails", () => {
  const folder = repository({ "p.yaml": BAD });
  const { outcomes } = run(folder, { sarif: "report.sarif" });
  assert.equal(outcomes.Check, "failure");
  const { runs: [{ results }] } = JSON.parse(readFileSync(join(folder, "report.sarif"), "utf8"));
  assert.ok(results.some((result) => result.level === "error" && result.locations[0].physicalLocation.artifactLocation.uri === "p.yaml"));
});

/** Texts that a shell, an option parser or the runner could take for more than a value. */
const HOSTILE = ['"; touch pwned; "', "'; touch pwned; '", "$(touch pwned)", "`touch pwned`", "a\n::error::pwned\ntouch pwned", "--fix", "${{ github.token }}", "-", "x && touch pwned", "\\"];

test("a hostile value of any input is a value", () => {
  for (const name of Object.keys(action.inputs)) {
    for (const hostile of HOSTILE) {
      const folder = repository({ "p.yaml": GOOD });
      const gh = programs({ gh: "" });
      const inputs = { base: "HEAD", comment: "true", [name]: hostile };
      const { output, summary, temp } = runAction(action, { folder, path: [gh, commandAs("audit-policy")], home: root, inputs, pull: "7" });
      const call = `${name}: ${hostile}`;
      assert.ok(![folder, temp].some((place) => existsSync(join(place, "pwned"))), call);
      assert.ok(!/^::error::pwned/m.test(output), `${call}\n${output}`);
      assert.ok(!(output + summary).includes("secret-token"), call);
      assert.equal(readFileSync(join(folder, "p.yaml"), "utf8"), GOOD, call);
    }
  }
});

test("a hostile value of an option or a path fails the check", () => {
  const folder = repository({ "p.yaml": GOOD });
  for (const name of ["fail-on", "kubernetes-version", "paths"]) {
    for (const hostile of HOSTILE.filter((text) => text !== "-")) {
      assert.equal(run(folder, { [name]: hostile }).outcomes.Check, "failure", `${name}: ${hostile}`);
    }
  }
});

test("files with odd names are checked, and their names stay in their annotation", () => {
  const names = ["it's $(touch pwned).yaml", 'a "b" `c`.yaml', "::error::x.yaml", "```.yaml", "ü %0A::error::.yaml"];
  const folder = repository(Object.fromEntries(names.map((name) => [name, BAD])));
  const { outcomes, output, summary } = run(folder);
  assert.equal(outcomes.Check, "failure");
  const errors = output.split("\n").filter((line) => line.startsWith("::error "));
  assert.equal(errors.length, names.length, output);
  assert.ok(!/^::error::/m.test(output), output);
  assert.ok(summary.split("\n").slice(1).every((line) => line === "" || line.startsWith("    ")), summary);
  assert.deepEqual(readdirSync(folder).sort(), [".git", ...names].sort());
});

/** A repository with a branch that no longer logs secrets. */
function changed() {
  const folder = repository({ "p.yaml": GOOD });
  git(folder, "switch", "--quiet", "--create", "change");
  commit(folder, { "p.yaml": GOOD.replace("Metadata", "None") });
  return folder;
}

test("a change is reviewed in the summary", () => {
  const { outcomes, summary } = run(changed(), { base: "main" });
  assert.equal(outcomes.Review, "success");
  assert.equal(outcomes.Comment, "skipped");
  assert.match(summary, /<!-- audit-policy review -->/);
  assert.match(summary, /1 policy has changed since `main`: 1 with less in the log than before/);
});

test("a change to a policy that is rejected fails the review, which is written all the same", () => {
  const folder = repository({ "p.yaml": GOOD });
  commit(folder, { "p.yaml": BAD });
  const { outcomes, summary } = run(folder, { base: "HEAD~1" });
  assert.deepEqual([outcomes.Check, outcomes.Review], ["failure", "failure"]);
  assert.match(summary, /1 policy has changed since `HEAD~1`: 1 rejected/);
  assert.equal(run(folder, { base: "no-such-branch" }).outcomes.Review, "failure");
});

/** A `gh` that writes its words and the comment down, and lists comments. */
const GH = `printf '%s\\n' "$GH_TOKEN" "$@" >> "$GH_CALLS"
case "$*" in *--paginate*) printf '%s' "$GH_IDS" ;; esac
exit "\${GH_STATUS:-0}"`;

for (const [what, ids, expected] of /** @type {const} */ ([
  ["the first comment is written", "", ["repos/owner/name/issues/7/comments"]],
  ["a comment that is there is replaced", "41\n42\n", ["--method", "PATCH", "repos/owner/name/issues/comments/41"]],
])) {
  test(what, () => {
    const calls = join(newFolder(), "calls");
    const path = [programs({ gh: GH }), commandAs("audit-policy")];
    const more = { path, pull: "7", env: { GH_CALLS: calls, GH_IDS: ids } };
    const { outcomes, temp } = run(changed(), { base: "main", comment: "true" }, more);
    assert.equal(outcomes.Comment, "success");
    const words = readFileSync(calls, "utf8").split("secret-token\napi\n").slice(1).map((call) => call.trimEnd().split("\n"));
    assert.equal(words.length, 2);
    assert.deepEqual(words[0].slice(0, 2), ["--paginate", "repos/owner/name/issues/7/comments"]);
    const review = join(temp, "audit-policy-review.md");
    assert.deepEqual(words[1], [...expected, "--field", `body=@${review}`]);
    // The filter looks for this line.
    assert.ok(readFileSync(review, "utf8").startsWith("<!-- audit-policy review -->\n"));
  });
}

test("a token that may not write is a warning, and without a pull request there is no comment", () => {
  const path = [programs({ gh: GH }), commandAs("audit-policy")];
  const env = { GH_CALLS: join(newFolder(), "calls"), GH_IDS: "", GH_STATUS: "1" };
  const failed = run(changed(), { base: "main", comment: "true" }, { path, pull: "7", env });
  assert.equal(failed.outcomes.Comment, "success");
  assert.match(failed.output, /^::warning title=audit policy::the comment could not be written/m);
  assert.equal(run(changed(), { base: "main", comment: "true" }, { path, env }).outcomes.Comment, "skipped");
});

test("without the program, it is built from the Action's checkout and put on the PATH", () => {
  const home = newFolder();
  write(home, { "crates/audit-cli/Cargo.toml": "" });
  const calls = join(newFolder(), "calls");
  const cargo = programs({
    cargo: `printf '%s\\n' "$PWD" "$@" > "${calls}"
mkdir -p "$4/bin" && printf '#!/bin/sh\\necho "built: $*"\\n' > "$4/bin/audit-policy" && chmod +x "$4/bin/audit-policy"`,
  });
  const { outcomes, output, temp } = runAction(action, { folder: repository({ "p.yaml": GOOD }), path: [cargo], home });
  assert.deepEqual([outcomes[FIND], outcomes.Check], ["success", "success"]);
  const root = join(temp, "audit-policy");
  assert.deepEqual(readFileSync(calls, "utf8").trimEnd().split("\n"), [home, "install", "--locked", "--root", root, "--path", join(home, "crates", "audit-cli")]);
  assert.match(output, /^built: check --format github/m);
});

test("a build that fails ends the job before the check and the review", () => {
  const { outcomes } = runAction(action, { folder: changed(), path: [programs({ cargo: "exit 101" })], home: newFolder(), inputs: { base: "main" } });
  assert.deepEqual(Object.values(outcomes), ["failure", "skipped", "skipped", "skipped"]);
});

test("the path that the Action builds is the command's", () => {
  assert.match(readFileSync(join(root, "crates/audit-cli/Cargo.toml"), "utf8"), /^name = "audit-policy"$/m);
});

/** A repository whose branch `origin/main` the documentation compares with. */
function documented() {
  const folder = repository({ "clusters/p.yaml": GOOD, "vendor/a/b.yaml": GOOD, "other.yaml": BAD });
  git(folder, "update-ref", "refs/remotes/origin/main", "HEAD");
  commit(folder, { "clusters/p.yaml": `${GOOD}omitStages: [RequestReceived]\n` });
  return folder;
}

test("the workflow in the documentation works", () => {
  const [workflow] = yamlBlocks("docs/github.md");
  assert.equal(workflow.permissions["pull-requests"], "write");
  const step = workflow.jobs["audit-policy"].steps.find(({ uses }) => uses.startsWith("OWNER/"));
  const inputs = Object.fromEntries(Object.entries(step.with).map(([name, text]) => [name, text.replace("${{ github.base_ref }}", "main")]));
  const folder = documented();
  const path = [programs({ gh: GH }), commandAs("audit-policy")];
  const { outcomes, summary } = run(folder, inputs, { path, pull: "7", env: { GH_CALLS: join(newFolder(), "calls"), GH_IDS: "" } });
  assert.deepEqual(Object.values(outcomes), ["success", "success", "success", "success"]);
  assert.match(summary, /1 policy has changed since `origin\/main`/);
  assert.ok(existsSync(join(folder, yamlBlocks("docs/github.md")[1][0].with.sarif_file)));
});

test("the documentation has a row for each input", () => {
  const rows = [...readFileSync(join(root, "docs/github.md"), "utf8").matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(rows, Object.keys(action.inputs));
});

test("the lines of the documentation run", () => {
  const folder = documented();
  commit(folder, { "other.yaml": GOOD });
  const lines = shellLines("docs/github.md");
  assert.equal(lines.length, 2);
  for (const line of lines) runLine(line, folder);
});
