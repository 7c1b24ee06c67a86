// The page against the native command: on recorded logs and small files of every kind, and on policies and logs that others wrote, which are not part
// of the repository.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { root, skip, test } from "../harness.mjs";
import { native, objects } from "../native.mjs";
import { becomes, chips, columns, drawnRows, eventsPane, findings, grid, pastePolicy, pick, readTable, scrollTo, totals, verdict, written } from "../page.mjs";

const corpus = join(dirname(root), "shared", "corpus");
const data = join(root, "tests", "data");

/** Every file below a folder, by path. */
function below(folder) {
  const names = readdirSync(folder).sort();
  return names.flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? below(path) : [path];
  });
}

const old = join(data, "kube-apiserver-1.20");
const recent = join(data, "kube-apiserver-1.36");
const policies = (folder) => readdirSync(join(folder, "policies"));
// Tall, so that the table is read in few steps.
test("every row of a log of kube-apiserver 1.20 is judged as by the command", { height: 3000, long: true }, (page) =>
  everyRow(page, old, policies(old)));
// Policies of the same name are the same.
test("every row of a log of kube-apiserver 1.36 is judged as by the command", { height: 3000, long: true }, (page) =>
  everyRow(page, recent, policies(recent).filter((name) => !policies(old).includes(name))));
test("every recorded policy is accepted or rejected as by the command", { long: true }, (page) =>
  everyPolicy(page, data, [...below(join(old, "policies")), ...below(join(recent, "policies"))]));
test("a log of every kind opens with the command's events", { long: true }, (page) =>
  everyLog(page, data, below(join(data, "logs"))));

const onCorpus = (name, body) =>
  existsSync(corpus) ? test(name, { long: true }, body) : skip(name, "../shared/corpus does not exist");
onCorpus("every policy of the corpus is accepted or rejected as by the command", (page) =>
  everyPolicy(page, corpus, [...below(join(corpus, "policies")), ...below(join(corpus, "seeds"))]));
onCorpus("every log of the corpus opens with the command's events, or is rejected with a reason", (page) =>
  everyLog(page, corpus, [...below(join(corpus, "logs")), ...below(join(corpus, "seeds")).filter((path) => /\.(json|jsonl|txt)$/.test(path))]));

const LETTERS = { None: "N", Metadata: "M", Request: "R", RequestResponse: "RR" };

/** Returns the text of the columns `Rule` and `Written` for a line of `simulate --format json`. */
function expected({ rule, level, outcome }) {
  const label = level === null ? "?" : `${rule === null ? "–" : rule + 1} ${LETTERS[level]}`;
  if (outcome.startsWith("dropped")) return `${label} dropped`;
  return outcome === "unknowable" ? `${label} not known` : `${label} kept`;
}

async function everyRow(page, folder, names) {
  const temporary = mkdtempSync(join(tmpdir(), "playground-"));
  try {
    const log = join(temporary, "base.jsonl");
    writeFileSync(log, gunzipSync(readFileSync(join(folder, "base.jsonl.gz"))));
    await pick(page, log);
    // The table may not be there yet.
    await becomes(async () => (await columns(page)).includes("Written"), true);
    const found = (heads, cells) => {
      const [rule, kept] = ["Rule", "Written"].map((name) => cells[heads.indexOf(name)]);
      // A row that is still to come has one cell, and one of the log before it may have others.
      if (kept === undefined) return "still to come";
      const word = kept.replace("→ ", "");
      return `${rule} ${["dropped", "not known"].includes(word) ? word : "kept"}`;
    };
    for (const name of names) {
      const policy = join(folder, "policies", name);
      const judged = objects(native(["simulate", "--policy", policy, "--format", "json", "--derive-stages", log]).stdout);
      const rows = judged.map(expected);
      await pastePolicy(page, readFileSync(policy, "utf8"));
      await written(page, judged.filter(({ outcome }) => outcome === "written").length, judged.filter(({ derived }) => !derived).length);
      // The figures come before the rows; from then on none may be wrong.
      await scrollTo(page, 0);
      const first = async () => {
        const heads = await columns(page);
        return (await drawnRows(page)).slice(0, 20).map(({ cells }) => found(heads, cells));
      };
      await becomes(first, rows.slice(0, 20), name);
      const heads = await columns(page);
      assert.deepEqual((await readTable(page)).map((cells) => found(heads, cells)), rows, name);
      console.log(`       ${name}: ${rows.length} of ${rows.length} rows agree`);
    }
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** Returns the page's verdict, server messages and number of rules for the policy in the editor. */
async function said(page) {
  const pre = findings(page).locator("pre");
  return { verdict: (await verdict(page)).replace(/ · .*/, ""), server: await pre.allTextContents(), rules: (await chips(page)).length };
}

async function everyPolicy(page, folder, files) {
  const paths = files.filter((path) => path.endsWith(".yaml"));
  const checked = objects(native(["check", "--format", "json", ...paths]).stdout);
  // A file may contain several policies; the page shows the first.
  const first = new Map(checked.toReversed().map((result) => [result.file, result]));
  assert.equal(first.size, paths.length);
  let last = "";
  let accepted = 0;
  for (const path of paths) {
    const { file, accepted: isAccepted, error, warning, findings, document, policyPath } = first.get(path);
    const count = findings.length;
    const counted = count === 0 ? "" : count === 1 ? ", 1 finding" : `, ${count} findings`;
    const outcome = isAccepted ? "accepted" : document && policyPath === null ? "no policy" : findings.some(({ code }) => code === "AP051") ? "template" : "rejected";
    const line = `${outcome}${counted}`;
    const server = [error, warning].filter((text) => text !== null);
    // Where two policies in a row are judged in the same words, one between them tells the answers apart.
    const key = JSON.stringify([line, server]);
    if (key === last) {
      await pastePolicy(page, "between");
      await becomes(async () => (await verdict(page)).startsWith("rejected") && !(await said(page)).server.includes(error), true);
    }
    last = key;
    await pastePolicy(page, readFileSync(file, "utf8"));
    await becomes(async () => {
      const { verdict, server } = await said(page);
      return { verdict, server };
    }, { verdict: line, server }, relative(folder, file));
    if (isAccepted) accepted += 1;
  }
  await noTrouble(page);
  console.log(`       ${accepted} accepted and ${paths.length - accepted} not, of ${paths.length}, as by the command`);
}

async function everyLog(page, folder, paths) {
  // This policy records every event, so no log is rejected because of the policy.
  const policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
  await pastePolicy(page, policy);
  await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
  const count = { events: 0, rejected: 0 };
  for (const path of paths) {
    // By its name a YAML file may be a policy; here it is a log.
    const name = relative(folder, path).replaceAll("/", "-").replace(/\.yaml$/, ".yaml.log");
    const { stdout, stderr } = native(["simulate", "--policy", "-", "--format", "summary", "--derive-stages", path], policy);
    const [{ recorded, written, derived, unreadable }] = objects(stdout);
    const rejection = /does not contain audit events: (.*)/.exec(stderr)?.[1];
    await pick(page, [{ name, mimeType: "text/plain", buffer: readFileSync(path) }]);
    const pane = eventsPane(page);
    if (recorded.events === 0) {
      // The open log stays open, and a notice states the reason.
      count.rejected += 1;
      assert.ok(rejection, `${name} contains no events, and the command does not report why`);
      const alert = page.getByRole("alert").filter({ hasText: `${name} was not opened: no audit events in it.` });
      await alert.getByText(rejection.replaceAll("`", "")).waitFor();
      await alert.getByRole("button", { name: "Dismiss" }).click();
      await noTrouble(page);
      continue;
    }
    await pane.getByText(`${name}, `).or(pane.getByText(`${name}: `)).first().waitFor();
    const more = derived.events === 0 ? "" : ` and ${derived.events.toLocaleString("en-US")} derived`;
    const listed = `${recorded.events.toLocaleString("en-US")} event${recorded.events === 1 ? "" : "s"}${more}`;
    await becomes(() => pane.getByRole("status").innerText(), listed, name);
    const problems = unreadable > 0 ? unreadable : rejection === undefined ? 0 : 1;
    const told = pane.getByRole("button", { name: /problems?$/ });
    if (problems === 0) assert.equal(await told.count(), 0, name);
    else assert.equal(await told.innerText(), `▲ ${problems.toLocaleString("en-US")} problem${problems === 1 ? "" : "s"}`, name);
    count.events += 1;
    await becomes(() => totals(page), {
      recorded: recorded.events, written: written.events, derived: derived.events, recordedBytes: recorded.bytes, writtenBytes: written.bytes,
    }, name);
    assert.equal(await grid(page).getAttribute("aria-rowcount"), String(recorded.events + derived.events + 1), name);
    await noTrouble(page);
  }
  console.log(`       ${paths.length} logs: ${count.events} with events, ${count.rejected} rejected with a reason`);
}

/** The page's own alerts are empty. */
async function noTrouble(page) {
  assert.equal((await page.getByRole("alert").allInnerTexts()).join(""), "");
}
