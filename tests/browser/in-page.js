// Runs in the page under test: finds elements by role and name, in the document and in open shadow roots.
//
// Needs `TestingLibraryDom` of @testing-library/dom; `tab.mjs` puts both into the page.

window.__inPage = (() => {
  const { queryAllByRole } = window.TestingLibraryDom;
  const name = (given) => (given && typeof given === "object" ? new RegExp(given.source, given.flags) : given);
  const squeezed = (text) => text.replace(/\s+/g, " ").trim();

  /** A root, and the open shadow roots below it. */
  function roots(root) {
    const found = [root];
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) found.push(...roots(element.shadowRoot));
    if (root.shadowRoot) found.push(...roots(root.shadowRoot));
    return found;
  }

  const steps = {
    role: (root, { role, ...options }) => queryAllByRole(root, role, { ...options, ...(options.name === undefined ? {} : { name: name(options.name) }) }),
    css: (root, selector) => [...root.querySelectorAll(selector)],
  };

  /** The elements that a target leads to; each step searches below what the last one found. */
  function find(target) {
    let found = [document];
    for (const [kind, value] of target) {
      if (kind === "text") {
        const pattern = name(value);
        const fits = (text) => (pattern instanceof RegExp ? pattern.test(text) : text.includes(pattern));
        found = found.filter((element) => fits(squeezed(element.textContent)));
      } else if (kind === "at") {
        found = found.slice(value, value === -1 ? undefined : value + 1);
      } else {
        found = [...new Set(found.flatMap(roots).flatMap((root) => steps[kind](root, value)))];
      }
    }
    return found;
  }

  /** The middle of the one element, scrolled to, once it stands still and nothing lies over it; else the reason to wait. */
  async function point(target) {
    const found = find(target);
    if (found.length !== 1) return { reason: `${found.length} elements` };
    /** @type {any} */
    const element = found[0];
    if (element.disabled) return { reason: "it is disabled" };
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
    const before = element.getBoundingClientRect();
    await new Promise(requestAnimationFrame);
    const { x, y, width, height } = element.getBoundingClientRect();
    if (before.x !== x || before.y !== y) return { reason: "it moves" };
    if (width === 0 || height === 0) return { reason: "it has no size" };
    const [left, top] = [x + width / 2, y + height / 2];
    let hit = document.elementFromPoint(left, top);
    while (hit?.shadowRoot) {
      const inner = hit.shadowRoot.elementFromPoint(left, top);
      if (!inner || inner === hit) break;
      hit = inner;
    }
    const isHit = hit && (element.contains(hit) || hit.contains(element) || element.labels && [...element.labels].some((label) => label.contains(hit)));
    return isHit ? { x: left, y: top } : { reason: `another element lies over it: ${hit?.outerHTML.slice(0, 120)}` };
  }

  /** The element with the focus, also inside a shadow root. */
  function focused() {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  }

  return { find, point, focused };
})();
