// The export dialog against `audit-policy export` for the same settings: the same documents, to copy and to save.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, test } from "../harness.mjs";
import { native, objects } from "../native.mjs";
import { becomes, openExample, pastePolicy, verdict } from "../page.mjs";

const POLICY = readFileSync(join(root, "web/worker/examples/catch-all-first.yaml"), "utf8");

/** What the dialog begins with. */
const DEFAULTS = {
  "--policy-path": "/etc/kubernetes/audit/policy.yaml", "--log-path": "/var/log/kubernetes/audit/audit.log",
  "--max-age": "30", "--max-backup": "10", "--max-size": "100",
};
const FIELDS = {
  "--policy-path": ["textbox", "Policy file"], "--log-path": ["textbox", "Log file"], "--max-age": ["spinbutton", "Keep rotated files for"],
  "--max-backup": ["spinbutton", "Keep at most"], "--max-size": ["spinbutton", "Rotate at"],
};

/** The dialog's field for an option of the command. */
function field(dialog, option) {
  const [role, name] = FIELDS[option];
  return dialog.getByRole(role, { name });
}

/** What the command prints for these settings. */
function exported(options, { policy = POLICY, version = "1.36", compress = true } = {}) {
  const words = Object.entries({ ...DEFAULTS, ...options }).map(([name, value]) => `${name}=${value}`);
  if (compress) words.push("--compress");
  const { stdout } = native(["--kubernetes-version", version, "export", "--policy", "-", "--format", "json", ...words], policy);
  return objects(stdout)[0];
}

async function open(page) {
  await page.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.waitFor();
  return dialog;
}

/** What the export is for. */
const target = (dialog) => dialog.getByRole("combobox", { name: "For" });

/** Fills the dialog's fields. */
async function settle(dialog, options) {
  for (const [name, value] of Object.entries(options)) {
    await field(dialog, name).fill(value);
    await field(dialog, name).blur();
  }
}

/** Compares every document and remark. */
async function agree(dialog, { documents, findings }) {
  await becomes(() => target(dialog).getByRole("option").allInnerTexts(), documents.map(({ title }) => title));
  const remarks = findings.map(({ message, help }) => (help === "" ? message : `${message}: ${help}`).replaceAll("`", ""));
  await becomes(async () => (await dialog.getByRole("status").getByRole("paragraph").allInnerTexts()).map((text) => text.replace(/^▲ /, "")), remarks);
  for (const { title, fileName, note, text, files, steps, verify, undo } of documents) {
    await target(dialog).selectOption({ label: title });
    await becomes(() => dialog.getByRole("region", { name: title, exact: true }).textContent(), text, title);
    await dialog.getByRole("button", { name: `Save ${fileName}` }).first().waitFor();
    const plain = (text) => text.replaceAll("`", "").replace(/\s+/g, " ");
    await becomes(async () => {
      const shown = plain(await dialog.innerText());
      return [note, ...steps, ...verify, ...undo].filter((sentence) => !shown.includes(plain(sentence).slice(0, 40)));
    }, [], title);
    for (const { path, text } of files) await becomes(() => dialog.getByRole("region", { name: path, exact: true }).textContent(), text, path);
  }
}

test("the export is the command's, for the settings it begins with", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await agree(await open(page), exported({}));
});

test("the export is the command's, for other settings", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const dialog = await open(page);
  for (const options of [
    { "--policy-path": "/srv/a b/policy.yaml", "--log-path": "/srv/logs/audit.log" },
    { "--max-age": "7", "--max-backup": "3", "--max-size": "50" },
    { "--max-age": "0", "--max-backup": "0", "--max-size": "0" },
    { "--log-path": "-" },
    { "--policy-path": "relative/policy.yaml" },
    { "--log-path": "/audit.log" },
    { "--policy-path": "/etc/it's \"quoted\"/$HOME: #1.yaml" },
  ]) {
    await settle(dialog, { ...DEFAULTS, ...options });
    await agree(dialog, exported(options));
  }
  await settle(dialog, DEFAULTS);
  await dialog.getByRole("checkbox", { name: "Compress rotated files" }).uncheck();
  await agree(dialog, exported({}, { compress: false }));
});

test("the export follows the policy and the version", {}, async (page) => {
  await page.getByRole("combobox", { name: "Kubernetes version" }).selectOption("1.30");
  const policy = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n# "ü" is kept\nrules:\n- level: Request\n';
  await pastePolicy(page, policy);
  await becomes(async () => (await verdict(page)).split(",")[0], "accepted");
  await agree(await open(page), exported({}, { policy, version: "1.30" }));
});

test("a policy that the server refuses is exported with a warning", {}, async (page) => {
  const policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Loud\n";
  await pastePolicy(page, policy);
  await becomes(async () => (await verdict(page)).split(",")[0], "rejected");
  const report = exported({}, { policy });
  assert.equal(report.findings.length, 1);
  await agree(await open(page), report);
});

test("every document can be copied and saved", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const dialog = await open(page);
  for (const { title, fileName, text } of exported({}).documents) {
    await target(dialog).selectOption({ label: title });
    await becomes(() => dialog.getByRole("region", { name: title, exact: true }).textContent(), text, title);
    await dialog.getByRole("button", { name: "Copy" }).first().click();
    await becomes(() => page.evaluate(() => navigator.clipboard.readText()), text, title);
    const download = page.waitForEvent("download");
    await dialog.getByRole("button", { name: `Save ${fileName}` }).first().click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), fileName);
    assert.equal(readFileSync(await saved.path(), "utf8"), text, title);
  }
});

test("a number that is none goes back to the last one", {}, async (page) => {
  const dialog = await open(page);
  const age = field(dialog, "--max-age");
  for (const text of ["-1", "99999999999", ""]) {
    await age.fill(text);
    await age.blur();
    await becomes(() => age.inputValue(), "30", text);
  }
});
