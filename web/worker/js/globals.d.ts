// What the script of a worker shares with the engine.

/** Starts the engine; wasm-bindgen's script defines it. */
declare function wasm_bindgen(options: { module_or_path: WebAssembly.Module }): Promise<unknown>;

declare namespace wasm_bindgen {
  /** Returns the size of the last allocation that failed, in bytes, or 0. */
  function failedAllocation(): number;
}

interface WorkerGlobalScope {
  /** Name that the worker was created with. */
  readonly name: string;
  /** Messages that have arrived before the engine was ready. */
  pending: unknown[];
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  /** Whether the page knows that the engine has stopped. */
  hasStopped?: boolean;
  /** Message of a panic of the engine. */
  panicked?: string;
  /** Resolves once a module has arrived; requests it from the page if it is wanted now. Rejects if it cannot be loaded. */
  moduleNamed(name: string, isWanted: boolean): Promise<WebAssembly.Module>;
  /** Starts a worker like this one that helps to read a log. */
  startReader(): Worker;
}
