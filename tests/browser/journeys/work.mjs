// Nothing that a person has typed, chosen or opened is lost: a list of things that people do by mistake or by chance, one after the other,
// and a look for lost work after each.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { journey } from "../journeys.mjs";
import {
  PICKER, REQUESTS, alert, banner, editor, effects, eventCount, fill, lookForLostWork, openExample, pastePolicy, policyText, settings, value,
} from "../person.mjs";
import { css, role } from "../target.mjs";
import { sleep } from "../tab.mjs";

/** Between two keys of someone who types fast. */
const KEY_MS = 30;

const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [mine]\n- level: Metadata\n";
const FRAGMENT = "- level: None\n  users: [fragment]\n";
/** Seconds apart, so that there is something to say of a day. */
const LOG = { "mine.jsonl": [0, 50, 100, 150, 200, 250, 300].map((at) => REQUESTS[at]).join("\n") };
const NEWS = { "notes.txt": "Monday: call Bob.\nTuesday: nothing.\n" };

const paste = async (tab, text) => {
  await tab.copy(text);
  await tab.focus(editor);
  await tab.press("Control+a", "Control+v");
};
const open = (tab, files) => tab.setFiles(PICKER, files);
const undoOpening = (tab) => tab.click(role("button", "Undo: reopen the previous log"));

/**
 * The steps in order: what is done, and what changes of the work by it.
 * @type {{ name: string, act: (tab: import("../tab.mjs").Tab, work: { policy: string, events: number, settings: object }) => Promise<void> }[]}
 */
const STEPS = [
  ...[["a fragment", FRAGMENT], ["a line of a log", REQUESTS[0]], ["a whole policy", POLICY.replace("mine", "pasted")]].flatMap(([what, text]) => [
    {
      name: `${what} is pasted over the selected policy`,
      act: async (tab, work) => {
        await paste(tab, text);
        work.policy = text;
      },
    },
    {
      name: `that ${what} is taken back`,
      act: async (tab, work) => {
        await tab.press("Control+z");
        work.policy = POLICY;
      },
    },
  ]),
  ...Object.entries({
    "an empty file": { "empty.log": "" },
    "a text": NEWS,
    "a kubeadm file": { "kubeadm.yaml": "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n" },
    "a pod": { "pod.json": '{"kind":"Pod","apiVersion":"v1"}' },
    "a log without audit events": { "other.log": '{"level":"info","msg":"started"}\n{"level":"info","msg":"stopped"}\n' },
    "a damaged gzip file": { "audit.log.gz": gzipSync(REQUESTS[0]).subarray(0, 12) },
    "several files, none of them a log": { "empty.log": "", ...NEWS },
  }).map(([what, files]) => ({ name: `${what} is opened`, act: (tab) => open(tab, files) })),
  {
    name: "a text is dropped",
    act: (tab) => tab.drop(NEWS),
  },
  {
    name: "a policy named like a text is opened",
    act: async (tab, work) => {
      work.policy = POLICY.replace("mine", "named");
      await open(tab, { "policy.txt": work.policy });
    },
  },
  {
    name: "that policy is taken back",
    act: async (tab, work) => {
      await tab.focus(editor);
      await tab.press("Control+z");
      work.policy = POLICY;
    },
  },
  {
    name: "another log is opened, and the one before reopened",
    act: async (tab) => {
      await open(tab, { "other.jsonl": REQUESTS.slice(0, 3).join("\n") });
      await tab.until(() => eventCount(tab), 3);
      await undoOpening(tab);
    },
  },
  {
    name: "an example is opened, and the work before reopened",
    act: async (tab) => {
      await openExample(tab, "Catch-all first");
      await tab.until(() => eventCount(tab), 318);
      await undoOpening(tab);
    },
  },
  {
    name: "a folder without logs is dropped",
    act: (tab) => tab.drop({ folder: { "README.txt": "Logs of the control plane.\n", deeper: { "empty.log": "" } } }),
  },
  {
    name: "a folder of rotated logs is dropped",
    act: async (tab, work) => {
      const folder = {
        "audit.log": REQUESTS.slice(0, 4).join("\n"), "audit-2026-01-01.log": REQUESTS.slice(4, 6).join("\n"), "README.txt": "Logs.\n",
        old: { "audit-2025-01-01.log": REQUESTS.slice(6, 9).join("\n") },
      };
      await tab.drop({ folder });
      work.events = 9;
    },
  },
  {
    name: "the log before the folder is reopened",
    act: async (tab, work) => {
      await undoOpening(tab);
      work.events = 7;
    },
  },
  {
    name: "two prices are typed, one after the other",
    act: async (tab) => {
      await tab.click(effects.role("button", "Volume"));
      const field = (name) => role("region", "Volume").role("spinbutton", name);
      const [first, second] = [field("Price per GB ingested"), field("Price per GB stored per month")];
      await fill(tab, first, "0.5", KEY_MS);
      await tab.press("Tab");
      await tab.type("0.03", KEY_MS);
      await tab.press("Tab");
      await sleep(500);
      assert.deepEqual([await value(tab, first), await value(tab, second)], ["0.5", "0.03"]);
      await tab.click(effects.role("button", "Events"));
    },
  },
  {
    name: "every number field of the export is typed into",
    act: (tab) => typeEverywhere(tab, banner.role("button", "Export"), role("dialog", "Export")),
  },
  {
    name: "every number field of a model cluster is typed into",
    act: async (tab) => {
      await tab.click(effects.role("button", "Volume"));
      await typeEverywhere(tab, role("button", "Generate a log…"), role("dialog", "Generate a log"));
      await tab.click(effects.role("button", "Events"));
    },
  },
  {
    name: "a message of the worker that the page does not understand arrives",
    act: async (tab) => {
      await tab.evaluate(() => {
        for (const worker of window.__workers) worker.dispatchEvent(new MessageEvent("message", { data: new Uint8Array([255, 255, 255]) }));
      });
      await dismissAll(tab);
    },
  },
  {
    name: "the page is reloaded, and the log opened again",
    act: async (tab) => {
      // What has changed is kept as soon as nothing changes any more.
      await sleep(600);
      await tab.reload();
      await tab.until(() => policyText(tab), POLICY, "the policy is kept");
      await open(tab, LOG);
    },
  },
  ...Object.entries({
    fails: (worker) => worker.dispatchEvent(new ErrorEvent("error", { message: "unreachable executed" })),
    "is ended": (worker) => worker.terminate(),
  }).map(([what, stop]) => ({
    name: `the worker ${what}`,
    act: async (tab) => {
      const count = () => tab.evaluate(() => window.__workers.length);
      const before = await count();
      await tab.evaluate(`() => (${stop})(window.__workers.at(-1))`);
      await tab.until(async () => (await count()) > before, true, "another worker is started");
    },
  })),
  {
    name: "the log is opened again",
    act: (tab) => open(tab, LOG),
  },
];

/** Types into every number field of a dialog, key by key, and looks whether each has what was typed. */
async function typeEverywhere(tab, button, dialog) {
  await tab.click(button);
  // Numbers of flags are texts, as any flag's value is.
  const fields = dialog.css("input[type=number], input[id^=export-audit-log-max]");
  await tab.until(async () => (await tab.count(fields)) > 0, true, "there are number fields");
  const count = await tab.count(fields);
  const typed = [];
  for (let at = 0; at < count; at += 1) {
    await tab.on(fields.at(at), ([field]) => {
      field.closest("details")?.setAttribute("open", "");
      field.focus();
      field.select();
    });
    typed.push(String(12 + at));
    await tab.type(typed[at], KEY_MS);
  }
  await tab.press("Tab");
  await sleep(500);
  assert.deepEqual(await tab.on(fields, (fields) => fields.map((field) => field.value)), typed);
  await tab.press("Escape");
  await tab.has(role("dialog"), 0);
}

/** Dismisses every banner; each can be. */
async function dismissAll(tab) {
  const buttons = role("button", "Dismiss");
  while ((await tab.count(buttons)) > 0) await tab.click(buttons.at(0));
  await tab.until(async () => (await tab.texts(alert)).filter(Boolean), []);
}

journey("nothing is lost, whatever is opened, pasted, typed or goes wrong", async (tab) => {
  await open(tab, LOG);
  await tab.until(() => eventCount(tab), 7);
  await pastePolicy(tab, POLICY);
  await tab.on(role("combobox", "Kubernetes version"), ([select]) => {
    select.value = "1.30";
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await tab.click(banner.role("button", /^Theme: system/));
  await tab.click(banner.role("button", /^Theme: light/));
  await tab.until(() => settings(tab), { version: "1.30", theme: "dark" });
  const work = { policy: POLICY, events: 7, settings: { version: "1.30", theme: "dark" } };
  await lookForLostWork(tab, work, "the beginning");
  for (const { name, act } of STEPS) {
    await act(tab, work).catch((error) => {
      error.message = `${name}: ${error.message}`;
      throw error;
    });
    await lookForLostWork(tab, work, name);
  }
});
