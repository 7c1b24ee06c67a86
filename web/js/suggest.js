/**
 * Suggestions for a position in a policy, and the meaning of the word there. Pure functions of the vocabulary: they need no editor.
 */

import {
  FIELDS, GROUPS, HTTP_VERBS, LEVELS, NAMESPACES, NON_RESOURCE_URLS, RESOURCES, RESOURCE_PATTERNS, STAGES, USERS, USER_GROUPS, VERBS,
} from "./vocabulary.js";

/**
 * @typedef {import("./context.js").Place} Place
 *
 * @typedef {object} Suggestion
 * @property {string} name Text in the list.
 * @property {string} match Text that the typed part of the word is compared with.
 * @property {string} detail A short note next to it.
 * @property {string} about A sentence or two; code in backticks.
 * @property {string} text Text that replaces the word so far.
 * @property {string} tail What is written behind the cursor.
 * @property {boolean} bracket Open a bracket at the cursor.
 * @property {boolean} again A further choice follows: open the list again.
 */

/** @param {Place} place @returns {Suggestion[]} Best first. */
export function suggest(place) {
  if (place.kind === "value") return values(place).filter(({ name }) => !place.items.includes(name)).map((value) => written(value, place));
  if (place.kind !== "key") return [];
  return [...newItems(place), ...keys(place.scope, place)];
}

/**
 * Explains what the word at a position means to the server.
 * @param {Place} place One whose word is complete.
 * @returns {string} Empty for words without a special meaning.
 */
export function meaning(place) {
  const { kind, field, word } = place;
  if (kind === "key") return own(FIELDS[place.scope] ?? {}, word)?.about ?? "";
  if (kind !== "value") return "";
  if (field === "level") return own(LEVELS, word) ?? "";
  if (field === "omitStages") return own(STAGES, word) ?? "";
  if (field === "verbs") return own(VERBS, word) ?? "";
  if (place.scope !== "resources") return "";
  return field === "group" ? groupMeaning(word) : field === "resources" ? patternMeaning(word) : "";
}

/** @param {string} word */
function groupMeaning(word) {
  return word === GROUPS.all.name ? GROUPS.all.about : "";
}

/** @param {string} word */
function patternMeaning(word) {
  const texts = RESOURCE_PATTERNS;
  if (word === "*") return texts.all;
  if (word === "*/*") return texts.nothing;
  if (word.startsWith("*/")) return filled(texts.subresourceOfAll, word.slice(2));
  if (word.endsWith("/*")) return filled(texts.withSubresources, word.slice(0, -2));
  if (word.includes("*")) return texts.wildcardInside;
  if (word.includes("/")) return texts.subresource;
  return word === "" ? "" : filled(texts.resource, word);
}

/** @param {string} text With `{}` where the name goes. @param {string} name */
function filled(text, name) {
  return text.replaceAll("{}", () => name);
}

/** @template T @param {Record<string, T>} table @param {string} name @returns {T | undefined} */
function own(table, name) {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** @param {Place["scope"]} scope @param {Place} place @returns {Suggestion[]} */
function keys(scope, place) {
  return Object.entries(FIELDS[scope] ?? {})
    .filter(([name]) => !place.fields.has(name) || name === place.word)
    .filter(([name]) => !excluded(scope, name, place.fields))
    .map(([name, field]) => ({ name, match: name, detail: DETAILS[field.shape], about: field.about, ...shaped(scope, name, field.shape, place) }));
}

const DETAILS = { scalar: "", flag: "true or false", strings: "list", mappings: "" };

/** Returns whether validation would reject the field next to the existing ones. @param {string} scope @param {string} name @param {Map<string, string>} fields */
function excluded(scope, name, fields) {
  if (scope !== "rule") return false;
  if (name === "nonResourceURLs") return fields.has("resources") || fields.has("namespaces");
  return (name === "resources" || name === "namespaces") && fields.has("nonResourceURLs");
}

/** Returns the text that begins a field. @param {string} scope @param {string} name @param {string} shape @param {Place} place */
function shaped(scope, name, shape, place) {
  const { flow, json, quote } = place;
  const mark = json && !quote ? '"' : "";
  const key = `${mark}${name}${mark || quote}: `;
  const string = json ? '"' : "";
  if (name === "apiVersion") return plain(`${key}${string}audit.k8s.io/v1${string}`);
  if (name === "kind") return plain(`${key}${string}Policy${string}`);
  if (shape === "flag") return plain(`${key}true`);
  if (shape === "scalar") return { text: `${key}${string}`, tail: string, bracket: false, again: true };
  if (shape === "strings") return { text: key, tail: "", bracket: true, again: true };
  if (name === "metadata") return flow ? plain(`${key}{}`) : { ...plain(`metadata:\n${" ".repeat(place.indent + 2)}name: `) };
  if (flow) return name === "rules" ? { text: key, tail: "", bracket: true, again: true } : entryInFlow(key, json);
  const column = place.indent + place.step;
  return { text: `${name}:\n${" ".repeat(column)}- ${name === "rules" ? "level" : "group"}: `, tail: "", bracket: false, again: true };
}

/** @param {string} key @param {boolean} json */
function entryInFlow(key, json) {
  const mark = json ? '"' : "";
  return { text: `${key}[{${mark}group${mark}: "", ${mark}resources${mark}: [`, tail: "]}]", bracket: false, again: true };
}

/** @param {string} text */
function plain(text) {
  return { text, tail: "", bracket: false, again: false };
}

/** Returns suggestions for the next item of the list that this line may belong to. @param {Place} place @returns {Suggestion[]} */
function newItems(place) {
  const { list } = place;
  if (!list) return [];
  if (list.scope === "rule") return [dashed("level", "a new rule", "- level: ")];
  if (list.scope === "resources") return [dashed("group", "another entry", "- group: ")];
  const scope = list.field === "resources" || list.field === "resourceNames" ? "resources" : "rule";
  /** @type {Place} */
  const item = { ...place, kind: "value", field: list.field, item: true, scope };
  return values(item).map((value) => written(value, item)).map((it) => ({ ...it, text: `- ${it.text}` }));
}

/** @param {string} name @param {string} detail @param {string} text @returns {Suggestion} */
function dashed(name, detail, text) {
  return { name: `- ${name}`, match: name, detail, about: "", text, tail: "", bracket: false, again: true };
}

/**
 * @typedef {{name: string, detail: string, about: string, value?: string, match?: string}} Value `value` and `match` where they are not the name.
 * @param {Place} place
 * @returns {Value[]}
 */
function values(place) {
  const { field, scope, fields } = place;
  if (scope === "resources") {
    if (field === "group") return groups();
    return field === "resources" ? resources(fields) : [];
  }
  switch (field) {
    case "apiVersion": return [{ name: "audit.k8s.io/v1", detail: "", about: "" }];
    case "kind": return [{ name: "Policy", detail: "", about: "" }];
    case "level": return explained(LEVELS);
    case "omitStages": return explained(STAGES);
    case "omitManagedFields": return [{ name: "true", detail: "", about: "" }, { name: "false", detail: "", about: "" }];
    case "verbs": return verbs(fields);
    case "users": return described(USERS);
    case "userGroups": return described(USER_GROUPS);
    case "namespaces": return described(NAMESPACES);
    case "nonResourceURLs": return described(NON_RESOURCE_URLS);
    default: return [];
  }
}

/** @param {Record<string, string>} table @returns {Value[]} */
function explained(table) {
  return Object.entries(table).map(([name, about]) => ({ name, detail: "", about }));
}

/** @param {Record<string, string>} table @returns {Value[]} */
function described(table) {
  return Object.entries(table).map(([value, detail]) => ({ name: value || '""', match: value || detail, detail, about: "", value }));
}

/** Returns the verbs that requests of this rule can have. @param {Map<string, string>} fields */
function verbs(fields) {
  const paths = fields.has("nonResourceURLs");
  const resource = fields.has("resources") || fields.has("namespaces");
  return explained(VERBS).filter(({ name }) => {
    if (HTTP_VERBS.includes(name)) return !resource;
    return !paths || name === "get" || name === "patch" || name === "delete";
  });
}

/** @returns {Value[]} */
function groups() {
  const known = [...RESOURCES.keys()].map((value) => (value ? { name: value, detail: "", about: "", value } : CORE));
  return [...known, GROUPS.all];
}

// Found by the name that people type, since `group: core` would match nothing.
const CORE = { name: '""', match: "core", detail: GROUPS.core.detail, about: GROUPS.core.about, value: GROUPS.core.name };

/** Returns the resources of the entry's group, or of all groups if it is not named yet. @param {Map<string, string>} fields @returns {Value[]} */
function resources(fields) {
  const group = fields.get("group");
  const all = { name: "*", detail: "everything", about: patternMeaning("*") };
  const named = group === undefined || group === "*" ? [...RESOURCES] : [[group, RESOURCES.get(group) ?? []]];
  const found = new Map();
  for (const [owner, names] of /** @type {[string, string[]][]} */ (named)) {
    for (const name of names) {
      if (!found.has(name)) found.set(name, { name, detail: group === undefined ? owner || "core" : "", about: patternMeaning(name) });
    }
  }
  return [...found.values(), all, { name: "*/status", detail: "", about: patternMeaning("*/status") }];
}

/** Returns the suggestion that writes a value as YAML or JSON. @param {Value} value @param {Place} place @returns {Suggestion} */
function written({ name, detail, about, value = name, match = name }, place) {
  const suggestion = { name, match, detail, about, text: value, tail: "", bracket: false, again: false };
  if (place.quote) return { ...suggestion, text: `${value}${place.quote}` };
  const bare = value === "true" || value === "false" || (!place.json && /^[A-Za-z/][\w./*-]*$/.test(value));
  const text = bare ? value : `"${value}"`;
  const strings = FIELDS[place.scope]?.[place.field]?.shape === "strings";
  if (strings && !place.item) return { ...suggestion, text: `[${text}`, tail: "]" };
  return { ...suggestion, text };
}
