// The error of every function, and the conversion of what the engine throws.

export class AuditPolicyError extends Error {
  /** @param {string} code @param {string} message @param {{ help?: string, line?: number | null, column?: number | null, cause?: unknown }} [details] */
  constructor(code, message, { help = "", line = null, column = null, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "AuditPolicyError";
    this.code = code;
    this.help = help;
    this.line = line;
    this.column = column;
  }
}

/**
 * Calls the engine. It throws its errors as JSON; anything else it throws is a defect, after which its memory is not to be trusted.
 * @template T
 * @param {{ failure: AuditPolicyError | null }} state @param {() => T} call
 * @returns {T}
 */
export function guarded(state, call) {
  if (state.failure) throw state.failure;
  try {
    return call();
  } catch (error) {
    if (typeof error === "string") {
      const { code, message, ...details } = JSON.parse(error);
      throw new AuditPolicyError(code, message, details);
    }
    if (error instanceof AuditPolicyError) throw error;
    state.failure = new AuditPolicyError("internal", `the engine has stopped: ${error instanceof Error ? error.message : error}`, {
      help: "load the module in a new worker or process, and report the input",
      cause: error,
    });
    throw state.failure;
  }
}
