// Runs before the page's own scripts: collects the page's workers in `__workers`, so that a test can play one that fails.
//
// The page creates them by the constructor of a frame.

if (window === window.parent) {
  window.__workers = [];
  /** @param {any} view */
  const keepWorkers = (view) => {
    view.Worker = class extends view.Worker {
      constructor(...given) {
        super(...given);
        window.__workers.push(/** @type {any} */ (this));
      }
    };
  };
  keepWorkers(window);
  const known = new WeakSet();
  const { get } = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "contentWindow");
  Object.defineProperty(HTMLIFrameElement.prototype, "contentWindow", {
    get() {
      const view = get.call(this);
      // A frame has another constructor once its document is loaded.
      if (this.contentDocument && view.Worker && !known.has(view.Worker)) {
        keepWorkers(view);
        known.add(view.Worker);
      }
      return view;
    },
  });
}
