/**
 * Renders sentences with code in backticks. Text is never parsed as HTML.
 */

import { codePoint, fragments, escaped } from "./untrusted.js";

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * Renders a text with invisible and misleading characters marked.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function marked(text) {
  return fragments(text).map((fragment) => {
    if (fragment.kind === "plain") return fragment.text;
    if (fragment.kind === "hidden") return hiddenChip(fragment.text);
    const mark = element("mark", "lookalike", fragment.text);
    mark.title = fragment.why;
    return mark;
  });
}

/** Renders a chip for an invisible character. @param {string} character */
export function hiddenChip(character) {
  const chip = element("span", "hidden-char", codePoint(character));
  chip.setAttribute("role", "img");
  chip.setAttribute("aria-label", `${chip.textContent}, invisible character`);
  chip.title = chip.getAttribute("aria-label") ?? "";
  return chip;
}

/** Shortens a very long name in the middle. @param {string} text */
function shortened(text) {
  const letters = [...text];
  return letters.length <= 160 ? text : `${letters.slice(0, 110).join("")}…${letters.slice(-30).join("")}`;
}

/**
 * Renders a paragraph with text in backticks as `<code>`.
 * @param {string} text
 * @param {string} [className]
 */
export function paragraph(text, className = "") {
  const made = element("p", className);
  text.split("`").forEach((part, index, parts) => {
    // Without a partner the last backtick is itself text.
    const unclosed = index === parts.length - 1 && index % 2 === 1;
    if (unclosed) made.append(...marked(`\`${part}`));
    else if (index % 2 === 1) made.append(element("code", "", ...marked(shortened(part))));
    else if (part) made.append(...marked(part));
  });
  return made;
}

/** Returns a sentence as plain text, for screen readers and titles. @param {string} text */
export function plainText(text) {
  return escaped(text.replaceAll("`", ""));
}
