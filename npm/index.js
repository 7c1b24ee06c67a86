// The engine for browsers, workers and Node.js; `index.d.ts` documents every function. Nothing here uses a document.

import start, * as engine from "./engine.js";
import { AuditPolicyError, guarded } from "./error.js";

export { AuditPolicyError };

/** Bytes that the engine is given at a time. */
const CHUNK_BYTES = 1 << 20;

/** Events in a batch, unless the caller decides. */
const BATCH_EVENTS = 1000;

const state = {
  /** @type {Promise<void> | null} */
  ready: null,
  /** @type {AuditPolicyError | null} */
  failure: new AuditPolicyError("not-initialized", "the engine is not loaded", { help: "await `init()` first" }),
};

export function init(source) {
  state.ready ??= begin(source).catch((error) => {
    state.ready = null;
    throw new AuditPolicyError("init-failed", `the engine cannot be loaded: ${error instanceof Error ? error.message : error}`, { cause: error });
  });
  return state.ready;
}

async function begin(source) {
  await start(source === undefined ? undefined : { module_or_path: source });
  state.failure = null;
}

/** @param {unknown} value @param {string} what */
function bytesOf(value, what) {
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw invalid(`${what} must be a string or bytes`);
}

/** @param {unknown} value @param {string} what */
function textOf(value, what) {
  if (typeof value === "string") return value;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(value, what));
  } catch (error) {
    if (error instanceof AuditPolicyError) throw error;
    throw invalid(`${what}: not valid UTF-8`);
  }
}

/** @param {string} message */
function invalid(message) {
  return new AuditPolicyError("invalid-argument", message);
}

/** @param {unknown} options @returns {Record<string, any>} */
function optionsOf(options) {
  if (options === undefined) return {};
  if (options === null || typeof options !== "object") throw invalid("options must be an object");
  const { kubernetesVersion, file } = /** @type {Record<string, unknown>} */ (options);
  for (const [name, value] of Object.entries({ kubernetesVersion, file })) {
    if (value !== undefined && typeof value !== "string") throw invalid(`the option \`${name}\` must be a string`);
  }
  return /** @type {Record<string, any>} */ (options);
}

/** The engine's object behind a policy, and the bytes that it was loaded from. */
const inner = new WeakMap();

export class Policy {
  /** @param {symbol} key @param {engine.LoadedPolicy} loaded @param {Uint8Array} bytes */
  constructor(key, loaded, bytes) {
    if (key !== made) throw invalid("policies are created by `load`");
    inner.set(this, { loaded, bytes });
    this.rules = loaded.rules;
    this.kubernetesVersion = loaded.kubernetesVersion;
    Object.freeze(this);
  }
}
const made = Symbol("load");

export function load(policy, options) {
  const { kubernetesVersion } = optionsOf(options);
  const bytes = bytesOf(policy, "the policy");
  return guarded(state, () => new Policy(made, engine.load(bytes, kubernetesVersion), bytes.slice()));
}

/** @param {unknown} policy @param {unknown} options */
function loadedOf(policy, options) {
  if (policy instanceof Policy) {
    const { kubernetesVersion } = optionsOf(options);
    if (kubernetesVersion !== undefined && kubernetesVersion !== policy.kubernetesVersion) {
      throw invalid(`the policy was loaded for Kubernetes ${policy.kubernetesVersion}, not ${kubernetesVersion}`);
    }
    return inner.get(policy);
  }
  return inner.get(load(policy, options));
}

export function check(policy, options) {
  const { kubernetesVersion, file = "policy" } = optionsOf(options);
  const bytes = policy instanceof Policy ? inner.get(policy).bytes : bytesOf(policy, "the policy");
  const version = kubernetesVersion ?? (policy instanceof Policy ? policy.kubernetesVersion : undefined);
  return JSON.parse(guarded(state, () => engine.check(bytes, version, file)));
}

export function evaluate(policy, request, options) {
  const { explain = false } = optionsOf(options);
  if (request === null || typeof request !== "object") throw invalid("the request must be an object");
  const { loaded } = loadedOf(policy, options);
  let text;
  try {
    text = JSON.stringify(request);
  } catch (error) {
    throw invalid(`the request: ${error instanceof Error ? error.message : error}`);
  }
  return JSON.parse(guarded(state, () => loaded.evaluate(text, Boolean(explain))));
}

export function explain(code) {
  if (typeof code !== "string") throw invalid("the code must be a string");
  return guarded(state, () => engine.explain(code));
}

export function codes() {
  return JSON.parse(guarded(state, () => engine.codes()));
}

export function test(tests, options) {
  const { policy, kubernetesVersion, file = "tests" } = optionsOf(options);
  const text = textOf(tests, "the tests");
  const version = kubernetesVersion ?? (policy instanceof Policy ? policy.kubernetesVersion : undefined);
  const bytes = policy === undefined ? undefined : policy instanceof Policy ? inner.get(policy).bytes : bytesOf(policy, "the policy");
  return JSON.parse(guarded(state, () => engine.runTests(text, bytes, version, file)));
}

export function simulate(policy, log, options) {
  const { file = "log", batchEvents = BATCH_EVENTS } = optionsOf(options);
  if (!Number.isSafeInteger(batchEvents) || batchEvents < 1) throw invalid("the option `batchEvents` must be a positive integer");
  const { loaded } = loadedOf(policy, options);
  return new Simulation(made, loaded, chunksOf(log), { file, batchEvents });
}

export class Simulation {
  #events;
  #isIterated = false;
  /** @type {Promise<any> | null} */
  #totals = null;
  #resolve;
  #reject;

  constructor(key, loaded, chunks, { file, batchEvents }) {
    if (key !== made) throw invalid("simulations are created by `simulate`");
    this.#events = (hasResults) => this.#run(loaded, chunks, file, batchEvents, hasResults);
    this.#totals = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The iterator throws the same error.
    this.#totals.catch(() => {});
  }

  [Symbol.asyncIterator]() {
    return this.#begin(true);
  }

  /** The totals; reads what is left of the log if nothing iterates over the events. */
  async totals() {
    if (!this.#isIterated) for await (const _ of this.#begin(false));
    return this.#totals;
  }

  #begin(hasResults) {
    if (this.#isIterated) throw new AuditPolicyError("already-read", "the log can only be read once", { help: "call `simulate` again" });
    this.#isIterated = true;
    return this.#events(hasResults);
  }

  async *#run(loaded, chunks, file, batchEvents, hasResults) {
    let simulation = guarded(state, () => new engine.Simulation(loaded, file, hasResults));
    try {
      for await (const chunk of chunks) {
        for (let start = 0; start < chunk.length; start += CHUNK_BYTES) {
          const events = JSON.parse(guarded(state, () => simulation.push(chunk.subarray(start, start + CHUNK_BYTES))));
          yield* batches(events, batchEvents);
        }
      }
      const last = simulation;
      simulation = null;
      const [events, totals] = JSON.parse(guarded(state, () => last.finish()));
      yield* batches(events, batchEvents);
      this.#resolve(totals);
    } catch (error) {
      this.#reject(error);
      throw error;
    } finally {
      simulation?.free();
      this.#reject(new AuditPolicyError("stopped", "the log was not read to its end"));
    }
  }
}

/** @template T @param {T[]} events @param {number} size */
function* batches(events, size) {
  for (let start = 0; start < events.length; start += size) yield events.slice(start, start + size);
}

/**
 * Returns the bytes of a log, decompressed if they are compressed with gzip.
 * @param {unknown} log
 */
function chunksOf(log) {
  if (typeof log === "string" || log instanceof Uint8Array || log instanceof ArrayBuffer) return plain([bytesOf(log, "the log")]);
  if (log !== null && typeof log === "object") {
    if (typeof Blob !== "undefined" && log instanceof Blob) return plain(readerOf(log.stream()));
    if (Symbol.asyncIterator in log || Symbol.iterator in log) return plain(/** @type {any} */ (log));
    if ("getReader" in log) return plain(readerOf(/** @type {any} */ (log)));
  }
  throw invalid("the log must be bytes, a stream, or an iterable of bytes");
}

/** Not every browser iterates over streams. @param {ReadableStream} stream */
async function* readerOf(stream) {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = Boolean(done);
      if (done) return;
      yield value;
    }
  } finally {
    if (!isDone) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

async function* plain(source) {
  const chunks = checked(source);
  // Both bytes of the mark of gzip, or all there are.
  const head = [];
  let length = 0;
  while (length < 2) {
    const { done, value } = await chunks.next();
    if (done) break;
    head.push(value);
    length += value.length;
  }
  const mark = head.flatMap((chunk) => [...chunk.subarray(0, 2)]);
  const all = chain(head, chunks);
  yield* mark[0] === 0x1f && mark[1] === 0x8b ? decompressed(all) : all;
}

async function* chain(head, rest) {
  try {
    yield* head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

async function* checked(source) {
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) throw invalid("the log must consist of `Uint8Array`s");
    yield chunk;
  }
}

async function* decompressed(chunks) {
  /** An error of the source, which is not one of the compression. @type {{ error: unknown } | null} */
  let failure = null;
  const source = new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        failure = { error };
        controller.error(error);
      }
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
  try {
    yield* readerOf(source.pipeThrough(new DecompressionStream("gzip")));
  } catch (error) {
    if (failure) throw failure.error;
    throw new AuditPolicyError("corrupt-log", "the log cannot be decompressed: it is damaged, not complete, or several files of gzip in one", { cause: error });
  }
}
