/**
 * The element `<audit-policy-playground>`: makes an editor of a policy in a page. EMBEDDING.md describes it.
 *
 * The editor is the page in one file, in a frame with a sandbox. At most `MAX_AWAKE` frames exist: the one that was not used for the longest
 * time is put to sleep, and its text is shown instead. Nothing here needs a style that the host's Content-Security-Policy has to allow.
 */

import STYLES from "./styles.css";

/**
 * @typedef {import("./audit-policy-playground.js").HostParts} Parts
 * @typedef {import("./audit-policy-playground.js").Workspace} Workspace
 */

const NAME = "audit-policy-playground";
const VERSION = 1;
const MAX_AWAKE = 2;
/** Time from the end of the download to the first message, in milliseconds. */
const START_MS = 20_000;
const MIN_HEIGHT = 240;
const MAX_HEIGHT = 720;

/** The address of this script, which is next to the one file. A module does not know its own. */
const here = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.src ?? document.baseURI;
const styles = new CSSStyleSheet();
styles.replaceSync(STYLES);
const darkness = matchMedia("(prefers-color-scheme: dark)");

/** The elements with a frame, the one that was used last at the end. @type {Playground[]} */
let awake = [];

/**
 * Creates an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name @param {Record<string, unknown>} properties
 */
const create = (name, properties = {}) => Object.assign(document.createElement(name), properties);

class Playground extends HTMLElement {
  static observedAttributes = ["version", "lesson", "view", "select", "readonly", "theme", "height", "log"];

  #box = create("div");
  #button = create("button", { textContent: "Edit and run", onclick: () => this.#wake() });
  #status = create("span", { role: "status" });
  /** @type {HTMLIFrameElement | undefined} */
  #frame;
  /** @type {MessagePort | undefined} */
  #port;
  /** Content of the frame, now or once there is one. @type {Parts} */
  #parts = {};
  /** The content before the last change, which the frame may reject. @type {Parts} */
  #before = {};
  /** Whoever waits for a workspace, in the order in which the frame answers. @type {((message: any) => void)[]} */
  #asked = [];
  #late = 0;
  #height = 0;
  #observer = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#wake(), { rootMargin: "200px" });

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    const bar = create("p");
    bar.append(this.#button, this.#status);
    this.#box.append(create("slot"), create("slot", { name: "log" }), bar);
    root.append(this.#box);
    this.#show("", `loads ${SIZE}`);
  }

  connectedCallback() {
    const lazy = this.getAttribute("lazy");
    if (lazy === "viewport") this.#observer.observe(this);
    if (lazy !== "off") return;
    // The text may not be there yet.
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => this.#wake());
    else this.#wake();
  }

  disconnectedCallback() {
    this.#observer.disconnect();
    this.#drop();
  }

  /** @param {string} name @param {string | null} _ @param {string | null} value */
  attributeChangedCallback(name, _, value) {
    if (name === "height") this.#resize();
    else if (name === "log") (this.#port || this.#parts.workspace) && this.set({ log: this.#log() });
    else if (name === "theme") this.set({ theme: this.#theme() });
    else if (name === "readonly") this.set({ readonly: value !== null });
    else if (value !== null) this.set({ [name]: name === "select" && /^\d+$/.test(value) ? +value : value });
  }

  get policy() {
    return this.#parts.policy ?? this.#parts.workspace?.policy ?? this.#shown;
  }

  set policy(policy) {
    this.set({ policy });
  }

  /** @param {Parts} parts */
  set(parts) {
    // What cannot be sent throws here.
    parts = structuredClone(parts);
    const { theme, readonly } = (this.#before = this.#parts);
    this.#parts = { ...(parts.workspace ? { theme, readonly } : this.#parts), ...parts };
    this.#send("set", parts);
  }

  /** @returns {Promise<Workspace>} */
  async getWorkspace() {
    const { workspace } = await this.#ask();
    return workspace ?? { kind: "AuditPolicyWorkspace", version: 2, kubernetesVersion: this.#parts.version, ...this.#parts.workspace, policy: this.policy };
  }

  /** The element with the policy. */
  get #text() {
    const block = this.querySelector("pre:not([slot])");
    return block?.querySelector("code") ?? block;
  }

  /** The policy in the page. */
  get #shown() {
    const text = /** @type {Element | undefined} */ (this.#text?.cloneNode(true));
    // Some highlighters end a line with an element.
    for (const end of text?.querySelectorAll("br") ?? []) end.replaceWith("\n");
    return text?.textContent ?? "";
  }

  #log() {
    const id = this.getAttribute("log");
    const element = id ? document.getElementById(id) : this.querySelector("script[type='application/json-lines'], [slot=log]");
    return element?.textContent ?? "";
  }

  #theme() {
    const named = this.getAttribute("theme");
    if (named === "light" || named === "dark") return named;
    const scheme = getComputedStyle(this).colorScheme;
    const [light, dark] = ["light", "dark"].map((name) => scheme.includes(name));
    return (light === dark ? darkness.matches : dark) ? "dark" : "light";
  }

  /**
   * Shows a state of the element.
   * @param {string} state empty, `loading` or `ready` @param {string} sentence
   */
  #show(state, sentence) {
    this.#box.className = state;
    this.#status.textContent = sentence;
  }

  #wake() {
    if (this.#frame || !this.isConnected) return;
    const base = new URL((this.getAttribute("base") || new URL(".", here).href).replace(/\/?$/, "/"), document.baseURI);
    const theme = this.#theme();
    this.#parts.theme = theme;
    const frame = create("iframe", {
      title: this.title || "Kubernetes audit policy",
      sandbox: "allow-scripts allow-downloads allow-popups",
      src: `${new URL(`${NAME}.html`, base)}#embed-${theme}`,
    });
    frame.onload = () => {
      if (!this.#port) this.#late = +setTimeout(() => this.#blocked(), START_MS);
    };
    this.#frame = frame;
    this.#box.append(frame);
    this.#resize();
    this.#show("loading", "Loading…");
    this.#touch();
  }

  /** Marks the element as the one that was used last, and puts others to sleep. */
  #touch() {
    // One that has the focus is in use.
    const used = [...awake.filter((one) => one !== this && one === document.activeElement), this];
    awake = [...awake.filter((one) => !used.includes(one)), ...used];
    for (const one of awake.slice(0, -MAX_AWAKE)) one.#sleep();
  }

  async #sleep() {
    const port = this.#port;
    if (port) {
      const before = this.#before;
      const { workspace } = await this.#ask();
      // Meanwhile it may have been removed, changed, or used again.
      if (this.#port !== port || this.#before !== before || !workspace || awake.indexOf(this) >= awake.length - MAX_AWAKE) return;
      const { theme, readonly } = this.#parts;
      this.#parts = { theme, readonly, workspace };
    }
    this.#drop("Paused to save memory. Your text is kept.");
  }

  /** Removes the frame, and shows the text again. */
  #drop(sentence = `loads ${SIZE}`) {
    awake = awake.filter((one) => one !== this);
    clearTimeout(this.#late);
    this.#port?.close();
    this.#frame?.remove();
    this.#port = this.#frame = undefined;
    for (const answer of this.#asked.splice(0)) answer({});
    const text = this.#text;
    if (text && this.policy !== this.#shown) text.textContent = this.policy;
    this.#show("", sentence);
  }

  /** The address of the frame, without its fragment. */
  get #address() {
    return this.#frame?.src.split("#")[0];
  }

  #blocked() {
    this.#fail(`check that ${this.#address} exists and the Content-Security-Policy allows it.`);
  }

  /** @param {string} reason */
  #fail(reason) {
    const message = `The playground did not start: ${reason}`;
    this.#drop(message);
    this.#emit("error", { v: VERSION, type: "error", problem: "start", message });
  }

  #resize(height = this.#height) {
    this.#height = height;
    const wanted = this.getAttribute("height");
    if (this.#frame) this.#frame.style.height = wanted && wanted !== "auto" ? wanted : `${Math.min(Math.max(height, MIN_HEIGHT), MAX_HEIGHT)}px`;
  }

  /** @param {string} type @param {object} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {string} type @param {object} members */
  #send(type, members) {
    this.#port?.postMessage({ v: VERSION, type, ...members });
  }

  /** Has the frame answer with its workspace; without a frame, there is none. @returns {Promise<{ workspace?: Workspace }>} */
  #ask() {
    return new Promise((resolve) => {
      if (!this.#port) return resolve({});
      this.#asked.push(resolve);
      this.#send("get", {});
    });
  }

  /** Gives the frame its port, once. */
  #connect() {
    if (this.#port) return;
    clearTimeout(this.#late);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.#receive(data);
    this.#frame?.contentWindow?.postMessage({ [NAME]: VERSION }, "*", [port2]);
    const { workspace, log = this.#log(), policy = this.policy, ...rest } = this.#parts;
    this.#send("set", workspace ? this.#parts : { policy, log, ...rest });
  }

  /** @param {any} message */
  async #receive(message) {
    const { type, policy, version, index, height, text } = message;
    if (type === "workspace") this.#asked.shift()?.(message);
    else if (type === "resize") this.#resize(height);
    else if (type === "copy") {
      const active = navigator.userActivation?.isActive ?? true;
      const copied = active && navigator.clipboard?.writeText(text).then(() => true, () => false);
      this.#send("copied", { done: (await copied) ?? false });
    } else {
      if (type === "verdict") {
        Object.assign(this.#parts, { policy, version });
        if (document.activeElement === this) this.#touch();
      }
      if (type === "select") this.#parts.select = index;
      if (type === "error") {
        this.#parts = this.#before;
        if (this.#box.className === "loading") return this.#fail(message.message);
      }
      if (type === "ready") {
        const had = this.shadowRoot?.activeElement === this.#button;
        this.#show("ready", "");
        if (had) this.#frame?.focus();
      }
      this.#emit(type, message);
    }
  }

  static {
    addEventListener("message", ({ data, source }) => {
      if (data?.hello !== VERSION) return;
      for (const one of awake) if (one.#frame?.contentWindow === source) one.#connect();
    });
    // A browser may show its own page in a frame that is not allowed, and call that loaded.
    addEventListener("securitypolicyviolation", ({ blockedURI }) => {
      for (const one of awake) if (one.#address === blockedURI) one.#blocked();
    });
    const retheme = () => {
      for (const one of awake) {
        const theme = one.#theme();
        if (theme !== one.#parts.theme) one.set({ theme });
      }
    };
    darkness.addEventListener("change", retheme);
    const observer = new MutationObserver(retheme);
    for (const element of [document.documentElement, document.body]) if (element) observer.observe(element, { attributes: true });
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, Playground);
