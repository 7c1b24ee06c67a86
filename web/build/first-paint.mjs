// Fills in the static page of index.html: the first example's policy and answer, which the engine computes here.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * @typedef {"N" | "M" | "R" | "RR"} Level
 *
 * @typedef {object} Content What web/first-paint prints.
 * @property {string} version
 * @property {boolean} isVerified
 * @property {string} policy
 * @property {string} hint
 * @property {string} findings
 * @property {{ from: number, chip: string, level: Level, count: string }[]} rules In order; `from` counts UTF-16 units.
 * @property {{ value: string | null, of: string | null, label: string, title: string | null }[]} figures
 * @property {{ parts: { level: Level, x: string, width: string }[], label: string }} bar
 * @property {{ level: Level, name: string, amount: string }[]} levels
 * @property {string | null} caution
 */

/**
 * Returns the page with the first example's policy and answer in the places that name them.
 * @param {string} html @param {string} root of the source tree
 */
export async function withFirstPaint(html, root) {
  const printed = execFileSync("cargo", ["run", "--quiet", "--locked", "--package", "playground-first-paint"], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const { highlight } = await import(pathToFileURL(join(root, "web", "js", "generated", "editor.js")).href);
  return filled(html, JSON.parse(printed), highlight);
}

/**
 * Fills in the places of a page: each `{{name}}` once.
 * @param {string} html @param {Content} content @param {(text: string, isYaml: boolean) => string[][]} highlight of web/js/highlight.js
 */
export function filled(html, content, highlight) {
  /** @type {Record<string, string>} */
  const parts = {
    version: escaped(content.version),
    verified: content.isVerified ? "✓ Verified" : "▲ Not verified",
    figures: content.figures.map(figure).join(""),
    "bar label": escaped(content.bar.label),
    bar: content.bar.parts.map(({ level, x, width }) => `<rect class="${levelClass(level)}" x="${x}" width="${width}" height="100%"></rect>`).join(""),
    legend: content.levels.map(legendItem).join(""),
    notes: notes(content),
    findings: escaped(content.findings),
    policy: policy(content, highlight),
  };
  const used = new Set();
  const result = html.replace(/\{\{([^{}]+)\}\}/g, (place, name) => {
    if (!Object.hasOwn(parts, name) || used.has(name)) throw new Error(`index.html has a place ${place} that is unknown, or there twice`);
    used.add(name);
    return parts[name];
  });
  for (const name of Object.keys(parts)) if (!used.has(name)) throw new Error(`index.html has no place {{${name}}}`);
  return result;
}

/** @param {Content["figures"][number]} figure */
function figure({ value, of, label, title }) {
  const tooltip = title === null ? "" : ` title="${escaped(title)}"`;
  const whole = of === null ? "" : `<span class="of">${escaped(of)}</span>`;
  return `<p class="figure of-example"${tooltip}><b>${escaped(value ?? "–")}</b>${whole}<span class="label">${escaped(label)}</span></p>`;
}

/** @param {Content["levels"][number]} level */
function legendItem({ level, name, amount }) {
  const swatch = `<span class="swatch ${levelClass(level)}" aria-hidden="true"></span>`;
  return `<button type="button" class="item" disabled>${swatch}<b>${level}</b><span class="name"> ${escaped(name)}</span> <span class="amount">${escaped(amount)}</span></button>`;
}

/** @param {Content} content */
function notes({ hint, caution }) {
  const warning = caution === null ? "" : `<p class="warn"><span aria-hidden="true">▲ </span>${marked(caution)}</p>`;
  return `<p class="story">${marked(hint)}</p>${warning}`;
}

/**
 * The policy's lines, with the chips of the rules that begin there.
 * @param {Content} content @param {(text: string, isYaml: boolean) => string[][]} highlight
 */
function policy({ policy, rules }, highlight) {
  let start = 0;
  return highlight(policy, true)
    .map((pieces) => {
      let text = "";
      let line = "";
      for (let at = 0; at < pieces.length; at += 2) {
        const [kind, piece] = [pieces[at], pieces[at + 1]];
        text += piece;
        line += kind ? `<span class="${kind}">${escaped(piece)}</span>` : escaped(piece);
      }
      const end = start + text.length;
      const rule = rules.find(({ from }) => from >= start && from <= end);
      const chip = rule ? `<i class="${levelClass(rule.level)}" data-chip="${rule.chip}" data-count="${rule.count}"></i>` : "";
      start = end + 1;
      return `<span>${chip}${line}\n</span>`;
    })
    .join("");
}

/** @param {Level} level */
function levelClass(level) {
  return `level-${level.toLowerCase()}`;
}

/** Text with code in backticks. @param {string} text */
function marked(text) {
  return escaped(text).replace(/`([^`]*)`/g, "<code>$1</code>");
}

/** @param {string} text */
function escaped(text) {
  const NAMES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" });
  return text.replace(/[&<>"]/g, (sign) => NAMES[sign]);
}
