/**
 * Sentences with code in backticks, as page elements. Text goes in as text: nothing in it is markup.
 */

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
 * A paragraph in which what stands in backticks is `<code>`.
 * @param {string} text
 * @param {string} [className]
 */
export function paragraph(text, className = "") {
  const made = element("p", className);
  text.split("`").forEach((part, index, parts) => {
    // Without a partner the last backtick is itself text.
    const unclosed = index === parts.length - 1 && index % 2 === 1;
    if (unclosed) made.append(`\`${part}`);
    else if (index % 2 === 1) made.append(element("code", "", part));
    else if (part) made.append(part);
  });
  return made;
}

/** A sentence as a screen reader or a title takes it. @param {string} text */
export function bare(text) {
  return text.replaceAll("`", "");
}
