/**
 * Fragments of untrusted text that can be shown safely, by the same rules as the page's `untrusted.rs`.
 * It does not depend on the editor.
 */

/**
 * @typedef {{kind: "plain", text: string} | {kind: "hidden", text: string} | {kind: "lookalike", text: string, why: string}} Fragment
 */

/** Characters that are invisible, or that change the order of those around them; line breaks and tabs are neither. */
export const HIDDEN =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\u00a0\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\ufe00-\ufe0f\uffa0\ufffc\u{e0000}-\u{10ffff}]/gu;

const WORD = /[\p{L}\p{N}\p{M}\u200b-\u200f\u2060\ufeff\u00ad]+/gu;
const ASCII = /^[\n\t -~]*$/;

/** Forms of letters that are not used for ordinary text come first: some of them count as Latin. @type {[string, RegExp][]} */
const SCRIPTS = [
  ["full-width", /[\uff10-\uff5e]/u],
  ["mathematical", /[\u2100-\u214f\u2160-\u2188\u{1d400}-\u{1d7ff}]/u],
  ["phonetic", /[\u0250-\u02af\u1d00-\u1dbf]/u],
  ["East Asian", /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u],
  ["Latin", /\p{Script=Latin}/u],
  ["Greek", /\p{Script=Greek}/u],
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Armenian", /\p{Script=Armenian}/u],
  ["Hebrew", /\p{Script=Hebrew}/u],
  ["Arabic", /\p{Script=Arabic}/u],
  ["Georgian", /\p{Script=Georgian}/u],
  ["Cherokee", /\p{Script=Cherokee}/u],
  ["Coptic", /\p{Script=Coptic}/u],
  ["Lisu", /\p{Script=Lisu}/u],
  ["Ethiopic", /\p{Script=Ethiopic}/u],
  ["Thai", /\p{Script=Thai}/u],
  ["Indic", /[\u0900-\u0dff]/u],
];

/** Letters of a script that look like Latin ones. @type {Record<string, RegExp>} */
const CONFUSABLE = {
  Cyrillic: /[авсԁеёһіїјӏкорԛѕтуѵԝхүґАВСЕЁНІЇЈКМОРЅТУХԚԜҮ]/u,
  Greek: /[αγηικνορτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ]/u,
  Armenian: /[հոսցօյզքՏԼՕՍ]/u,
  Cherokee: /[ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᏀᏂᏃᏎᏒᏔᏚᏞᏟᏢᏦᏭᏮᏳᏴ]/u,
  Coptic: /[ⲀⲂⲈⲌⲎⲒⲔⲘⲚⲞⲢⲦⲨⲬⲟⲣⲥ]/u,
  Lisu: /./u,
  "full-width": /./u,
  mathematical: /./u,
  phonetic: /./u,
};

/** @param {string} letter */
const scriptOf = (letter) => SCRIPTS.find(([, letters]) => letters.test(letter))?.[0];

/** @param {string} word @returns {{scripts: string[], isDisguised: boolean}} */
function look(word) {
  /** @type {string[]} */
  const scripts = [];
  let isDisguised = true;
  for (const letter of word) {
    const script = scriptOf(letter);
    if (!script) continue;
    if (!scripts.includes(script)) scripts.push(script);
    isDisguised &&= CONFUSABLE[script]?.test(letter) ?? false;
  }
  return { scripts, isDisguised };
}

/**
 * The words of a text that can be mistaken for others, with their places.
 * @param {string} text
 * @returns {{from: number, to: number, why: string}[]}
 */
export function lookalikes(text) {
  if (ASCII.test(text)) return [];
  const words = [...text.matchAll(WORD)]
    .filter(([word]) => !ASCII.test(word))
    .map((match) => ({ from: match.index, to: match.index + match[0].length, ...look(match[0]) }));
  // A text with an unmistakable word of a script is written in it.
  const native = new Set(words.filter(({ scripts, isDisguised }) => scripts.length === 1 && !isDisguised).flatMap(({ scripts }) => scripts));
  return words.flatMap(({ from, to, scripts, isDisguised }) => {
    const counted = scripts.includes("East Asian") ? scripts.filter((script) => script !== "East Asian" && script !== "Latin") : scripts;
    const [first, second] = counted.toSorted((one, other) => Number(other === "Latin") - Number(one === "Latin"));
    if (first && second) return [{ from, to, why: `mixes ${first} and ${second}` }];
    return first && isDisguised && !native.has(first) ? [{ from, to, why: `${first} letters that look like Latin` }] : [];
  });
}

/** @param {string} text @returns {Fragment[]} In order. */
export function fragments(text) {
  if (ASCII.test(text)) return text === "" ? [] : [{ kind: "plain", text }];
  /** @type {Fragment[]} */
  const found = [];
  let done = 0;
  /** @param {number} to */
  const plain = (to) => {
    if (to > done) found.push({ kind: "plain", text: text.slice(done, to) });
    done = to;
  };
  const hidden = [...text.matchAll(HIDDEN)].map((match) => ({ from: match.index, to: match.index + match[0].length, why: "" }));
  for (const { from, to, why } of [...hidden, ...lookalikes(text)].sort((one, other) => one.from - other.from || one.to - other.to)) {
    if (from < done) continue;
    plain(from);
    const part = text.slice(from, to);
    // A word that also hides something: its characters are shown apart, in front of the mark's reason.
    found.push(why ? { kind: "lookalike", text: escaped(part), why } : { kind: "hidden", text: part });
    done = to;
  }
  plain(text.length);
  return found;
}

/** `U+202E` @param {string} character */
export function codePoint(character) {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Invisible characters as `[U+202E]`, for places that hold text only. @param {string} text */
export function escaped(text) {
  return text.replace(HIDDEN, (character) => `[${codePoint(character)}]`);
}
