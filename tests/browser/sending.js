// Attempts to send something, independent of the page's own: in a page, or in a worker before its first own instruction.
//
// `__send(base, more)` makes each of them, one after the other, below the address `base`, and returns the names of those that succeeded.
// The server's log has the last word: what fails may still have been sent.

// With Trusted Types only the page's policy marks addresses. It marks these too, so that a Content-Security-Policy has to block them.
{
  const { trustedTypes } = /** @type {any} */ (globalThis);
  globalThis.__marked = (url) => url;
  if (trustedTypes) {
    const create = trustedTypes.createPolicy.bind(trustedTypes);
    const createPolicy = (name, rules) => {
      const policy = create(name, { ...rules, createScriptURL: (url) => url || rules.createScriptURL(url) });
      globalThis.__marked = (url) => policy.createScriptURL(url);
      return policy;
    };
    Object.defineProperty(trustedTypes, "createPolicy", { value: createPolicy });
  }
}

globalThis.__send = async (base, more = {}) => {
  const happens = (target, good) =>
    new Promise((resolve, reject) => {
      target.addEventListener(good, resolve);
      target.addEventListener("error", (event) => {
        event.preventDefault();
        reject(new Error("error"));
      });
    });
  const attempts = {
    fetch: (url) => fetch(url),
    "fetch-keepalive": (url) => fetch(url, { method: "POST", body: "x", keepalive: true }),
    xhr: (url) => {
      const request = new XMLHttpRequest();
      request.open("POST", url);
      request.send("x");
      return happens(request, "load");
    },
    "xhr-sync": (url) => {
      const request = new XMLHttpRequest();
      request.open("GET", url, false);
      request.send();
    },
    websocket: (url) => happens(new WebSocket(url.replace("http", "ws")), "open"),
    eventsource: (url) => happens(new EventSource(url), "open"),
    font: (url) => new FontFace("sent", `url("${url}")`).load(),
    import: (url) => import(url),
    wasm: (url) => WebAssembly.compileStreaming(fetch(url)),
    cache: async (url) => (await caches.open("sent")).add(url),
    worker: (url) => happens(new Worker(globalThis.__marked(url)), "message"),
    "worker-module": (url) => happens(new Worker(globalThis.__marked(url), { type: "module" }), "message"),
    "worker-of-blob": (url) => {
      const blob = new Blob([`fetch("${url}").then(() => postMessage(1), () => {})`]);
      return happens(new Worker(globalThis.__marked(URL.createObjectURL(blob))), "message");
    },
    ...more,
  };
  const passed = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 1500));
    await Promise.race([(async () => attempt(`${base}${name}`))(), late]).then(() => passed.push(name), () => {});
  }
  return passed;
};
