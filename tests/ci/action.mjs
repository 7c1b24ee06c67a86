// Runs the steps of a composite Action as GitHub's runner documents it: the shell, the files for paths and the summary, and the few expressions that
// the Action uses. Anything else is an error.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ENV, newFolder } from "./folders.mjs";

/** @typedef {{ inputs: Record<string, string>, github: Record<string, string>, steps: Record<string, string> }} Context */

/** The value of a name such as `inputs.paths`. @param {string} name @param {Context} context */
function value(name, { inputs, github, steps }) {
  const [first, ...rest] = name.split(".");
  if (first === "inputs" && rest.length === 1 && rest[0] in inputs) return inputs[rest[0]];
  if (first === "github" && rest.join(".") in github) return github[rest.join(".")];
  if (first === "steps" && rest.length === 2 && rest[1] === "outcome" && rest[0] in steps) return steps[rest[0]];
  throw new Error(`unknown name \`${name}\``);
}

/** A text with expressions, each a single name. @param {string} text @param {Context} context */
export function expand(text, context) {
  return String(text).replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, name) => value(name, context));
}

/** Returns whether a step runs. @param {string | undefined} condition @param {Context} context */
export function runs(condition, context) {
  const hasFailed = Object.values(context.steps).includes("failure");
  if (condition === undefined) return !hasFailed;
  const inner = condition.match(/^\$\{\{\s*(.*?)\s*\}\}$/)?.[1] ?? condition;
  let isForced = false;
  const isMet = inner.split("&&").every((part) => {
    const word = part.trim();
    if (word === "!cancelled()") return (isForced = true);
    const [, name, operator, expected] = word.match(/^([\w.-]+) (==|!=) '([^']*)'$/) ?? [];
    if (!name) throw new Error(`unknown condition \`${word}\``);
    return (value(name, context) === expected) === (operator === "==");
  });
  return isMet && (isForced || !hasFailed);
}

/**
 * Runs every step in a folder.
 * @param {any} action the parsed action.yml
 * @param {{ folder: string, path: string[], home: string, inputs?: Record<string, string>, pull?: string, env?: NodeJS.ProcessEnv }} call
 *   `path` is in front of the PATH; `home` is the folder of the Action; `pull` is the number of a pull request
 */
export function runAction(action, { folder, path, home, inputs = {}, pull = "", env = {} }) {
  const temp = newFolder();
  const files = Object.fromEntries(["path", "summary"].map((name) => [name, join(temp, name)]));
  for (const file of Object.values(files)) writeFileSync(file, "");
  for (const name of Object.keys(inputs)) if (!(name in action.inputs)) throw new Error(`unknown input \`${name}\``);
  const github = { token: "secret-token", "event.pull_request.number": pull };
  const defaults = Object.entries(action.inputs).map(([name, input]) => [name, expand(input.default, { inputs: {}, github, steps: {} })]);
  /** @type {Context} */
  const context = { inputs: { ...Object.fromEntries(defaults), ...inputs }, github, steps: {} };
  let output = "";
  action.runs.steps.forEach((step, index) => {
    const id = step.id ?? `step-${index}`;
    if (!runs(step.if, context)) {
      context.steps[id] = "skipped";
      return;
    }
    const script = join(temp, `${id}.sh`);
    writeFileSync(script, expand(step.run, context));
    const own = Object.entries(step.env ?? {}).map(([name, text]) => [name, expand(text, context)]);
    const added = readFileSync(files.path, "utf8").split("\n").filter(Boolean).reverse();
    const { status, stdout, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...ENV,
        ...env,
        PATH: [...added, ...path, process.env.PATH].join(delimiter),
        GITHUB_ACTION_PATH: home,
        GITHUB_PATH: files.path,
        GITHUB_REPOSITORY: "owner/name",
        GITHUB_STEP_SUMMARY: files.summary,
        RUNNER_TEMP: temp,
        ...Object.fromEntries(own),
      },
    });
    output += stdout + stderr;
    context.steps[id] = status === 0 ? "success" : "failure";
  });
  const outcomes = action.runs.steps.map((step, index) => [step.name, context.steps[step.id ?? `step-${index}`]]);
  return { output, summary: readFileSync(files.summary, "utf8"), outcomes: Object.fromEntries(outcomes), temp };
}
