// How a journey names an element: `role("banner").role("button", "Export")`.

/** A way to elements: each step searches below what the last one found. It is sent to the page as JSON. */
export class Target {
  #steps;

  constructor(steps = []) {
    this.#steps = steps;
  }

  /** Elements with this role and, if given, exactly this accessible name or one that fits; further options are those of `queryAllByRole`. */
  role(role, name, options = {}) {
    return this.#with("role", { role, ...(name === undefined ? {} : { name: plain(name) }), ...options });
  }

  /** Elements that a selector finds; for what has no role. */
  css(selector) {
    return this.#with("css", selector);
  }

  /** Of these, the ones whose text contains or fits this. */
  text(text) {
    return this.#with("text", plain(text));
  }

  /** Of these, the one at this place; -1 is the last. */
  at(index) {
    return this.#with("at", index);
  }

  #with(kind, value) {
    return new Target([...this.#steps, [kind, value]]);
  }

  toJSON() {
    return this.#steps;
  }
}

function plain(text) {
  return text instanceof RegExp ? { source: text.source, flags: text.flags } : text;
}

export const role = (...words) => new Target().role(...words);
export const css = (selector) => new Target().css(selector);
