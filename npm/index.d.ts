/** A text, or its bytes in UTF-8. A policy may be UTF-16 with a byte order mark, too. */
export type Text = string | Uint8Array | ArrayBuffer;

/** Level of a rule or event. */
export type Level = "None" | "Metadata" | "Request" | "RequestResponse";

/** Severity of a finding. */
export type Severity = "error" | "warning" | "info";

/** Kind of an error, for programs. */
export type ErrorCode =
  | "not-initialized"
  | "init-failed"
  | "invalid-argument"
  | "unknown-version"
  | "unknown-code"
  | "too-large"
  | "policy-rejected"
  | "not-a-request"
  | "invalid-tests"
  | "not-a-log"
  | "corrupt-log"
  | "already-read"
  | "stopped"
  | "internal";

/** The error of every function. */
export class AuditPolicyError extends Error {
  readonly name: "AuditPolicyError";
  /** Kind of the error. */
  readonly code: ErrorCode;
  /** The remedy; empty if it is not known. */
  readonly help: string;
  /** Line in the policy or the tests, from 1; null if the error is not about a place. */
  readonly line: number | null;
  /** Column in the line, from 1. */
  readonly column: number | null;
}

/** What the engine's module is loaded from. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the engine; every other function needs it. Without a source, the file `engine_bg.wasm` next to the package's script is loaded. Further calls
 * return the promise of the first one.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;

/** Options of every function that loads a policy. */
export interface VersionOptions {
  /** Kubernetes version to emulate, such as `1.33`; the newest if not set. */
  kubernetesVersion?: string;
}

/** A policy that kube-apiserver accepts. */
export class Policy {
  private constructor();
  /** Number of rules. */
  readonly rules: number;
  /** Kubernetes version that is emulated. */
  readonly kubernetesVersion: string;
}

/** Loads a policy as kube-apiserver does. Throws `policy-rejected` with the server's message if it does not accept it. */
export function load(policy: Text, options?: VersionOptions): Policy;

/** A place in a text. Line and column count from 1, columns in characters. */
export interface Position {
  line: number;
  column: number;
}

/** A part of a text. */
export interface Span {
  start: Position;
  end: Position;
}

/** A finding about a policy. */
export interface Finding {
  /** Code such as `AP012`; `explain` returns its page. */
  code: string;
  severity: Severity;
  message: string;
  /** Path of the value in the policy, such as `rules[0].level`. */
  path: string;
  span: Span;
  /** The remedy; may be empty. */
  help: string;
  fix: { title: string; /** It changes what is logged. */ optional: boolean; edits: { span: Span; text: string }[] } | null;
}

/** Result of `check`: the object that `audit-policy check --format json` prints for a file that is a policy, without `repair`. */
export interface CheckResult {
  file: string;
  /** True if kube-apiserver starts with it. */
  accepted: boolean;
  /** The server's error. */
  error: string | null;
  /** The server's warning. */
  warning: string | null;
  /** The policy as loaded. */
  policy: Record<string, unknown> | null;
  findings: Finding[];
  /** Findings that comments take away; left out if there are none. */
  ignored?: { code: string; line: number; reason: string; message: string }[];
}

/** Returns what kube-apiserver says about a policy, and findings about probable mistakes. A policy that is rejected is a result, too. */
export function check(policy: Text | Policy, options?: VersionOptions & { file?: string }): CheckResult;

/** A request, as `audit-policy evaluate` reads it. What is left out is empty. */
export interface AuditRequest {
  user?: string | null;
  groups?: string[] | null;
  verb?: string | null;
  namespace?: string | null;
  apiGroup?: string | null;
  resource?: string | null;
  subresource?: string | null;
  name?: string | null;
  path?: string | null;
  /** True for a request for a resource; without it, a request is for the URL `path`. */
  isResourceRequest?: boolean | null;
}

/** Result of `evaluate`: the object that `audit-policy evaluate` prints. */
export interface Verdict {
  level: Level;
  omitStages: string[];
  omitManagedFields: boolean;
  /** Index of the rule that matches, from 0; null if none does. */
  rule: number | null;
  /** The result of each rule, with the option `explain`. */
  why?: RuleResult[];
}

/** Why a rule matches or not. */
export interface RuleResult {
  rule: number;
  matched: boolean;
  /** False if an earlier rule matches. */
  evaluated?: false;
  /** The first predicate that fails. */
  predicate: string | null;
  value: string | string[] | null;
  allowed: string[] | null;
  /** The reason in words. */
  text: string;
}

/** Returns the verdict of a policy on a request. */
export function evaluate(policy: Text | Policy, request: AuditRequest, options?: VersionOptions & { explain?: boolean }): Verdict;

/** Returns the page of a code of findings about policies, in Markdown. */
export function explain(code: string): string;

/** Returns all codes of findings about policies. */
export function codes(): { code: string; severity: Severity; title: string }[];

/** Outcome of an event. */
export type Outcome = "written" | "dropped-level" | "dropped-stage" | "dropped-truncation" | "unknowable";

/** An event of a log under a policy: the object that `audit-policy simulate --format json` prints. */
export interface SimulatedEvent {
  file: string;
  /** Line in the log, from 1. */
  line: number;
  auditID: string | null;
  stage: string | null;
  recordedLevel: Level | null;
  /** Index of the rule that matches, from 0; null if none does. */
  rule: number | null;
  /** Null if the log lacks what the policy depends on. */
  level: Level | null;
  outcome: Outcome;
  recordedBytes: number;
  /** 0 if the event is dropped; null if the size cannot be known. */
  writtenBytes: number | null;
  /** What the log lacks. */
  missing: string | null;
}

/** Events and bytes. */
export interface Amount {
  events: number;
  bytes: number;
}

/** The totals of a log: the object that `audit-policy simulate --format summary` prints. */
export interface Totals {
  recorded: Amount;
  written: Amount;
  derived: Amount;
  sizesUnknown: number;
  byLevel: Record<string, unknown>[];
  byRule: Record<string, unknown>[];
  byOutcome: Record<Outcome, number>;
  byStage: Record<string, unknown>[];
  /** Number of places that could not be read. */
  unreadable: number;
  files: { file: string; format: string; events: number; unreadable: number; lost: string[]; reasons: { reason: string; count: number; line: number | null }[] }[];
}

/** A log: its bytes, or a stream of them. Logs compressed with gzip are decompressed. */
export type Log = Text | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The events of a log under a policy, in batches. It can be read once. */
export class Simulation implements AsyncIterable<SimulatedEvent[]> {
  private constructor();
  [Symbol.asyncIterator](): AsyncGenerator<SimulatedEvent[], void, undefined>;
  /** The totals, once the log is read to its end. Reads it if nothing iterates over the events. */
  totals(): Promise<Totals>;
}

/** Applies a policy to the events of a log. Memory does not depend on the log's size. */
export function simulate(
  policy: Text | Policy,
  log: Log,
  options?: VersionOptions & { /** Name of the log in results. */ file?: string; /** Largest number of events in a batch; 1,000 if not set. */ batchEvents?: number },
): Simulation;

/** Result of a test: an object that `audit-policy test --format json` prints. */
export interface TestResult {
  file: string;
  name: string;
  /** Null if neither the policy nor the flags decide the claim. */
  passed: boolean | null;
  message: string;
  /** A request that refutes the claim. */
  witness: AuditRequest | null;
  /** Line of the test, from 1. */
  line: number;
  /** True if the claim is proved for all requests of a class. */
  proved: boolean;
  verdict: Verdict | null;
  id?: string;
  source?: string;
}

/** Runs tests of a policy, which they contain or the option names. Files that they name are not read. */
export function test(tests: Text, options?: VersionOptions & { policy?: Text | Policy; file?: string }): TestResult[];
