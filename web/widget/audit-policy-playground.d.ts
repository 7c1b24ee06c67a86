/**
 * Types of the element `<audit-policy-playground>` and of its messages, version 1. EMBEDDING.md describes both.
 */

/** A part of the page that is shown. */
export type View = "policy" | "events" | "why" | "volume" | "export";
/** Level of a rule, as in audit.k8s.io/v1. */
export type Level = "None" | "Metadata" | "Request" | "RequestResponse";
/** A saved state of the page, as crates/audit-workspace/WORKSPACE.md describes it. */
export interface Workspace {
  kind: "AuditPolicyWorkspace";
  version: number;
  policy?: string;
  kubernetesVersion?: string;
  /** Events of the log as JSON lines. */
  sample?: string;
  [member: string]: unknown;
}

/** What a host sets. A member that is missing stays as it is. */
export interface HostParts {
  /** Everything at once; the members below are applied after it. */
  workspace?: Workspace;
  /** The text in the editor. */
  policy?: string;
  /** Kubernetes version, such as `1.36`. */
  version?: string;
  /** Name of a lesson that comes with the page, or the text of another one. */
  lesson?: string;
  /** The audit log, as its file has it. An empty one is ignored. */
  log?: string;
  view?: View;
  /** Index of an event in the log, from 0, or the auditID of an event in a log of JSON lines. */
  select?: number | string;
  theme?: "light" | "dark" | "auto";
  readonly?: boolean;
}

/** Messages from the host to the frame. */
export type HostMessage =
  | ({ v: 1; type: "set"; id?: number | string } & HostParts)
  | { v: 1; type: "get"; id?: number | string }
  | { v: 1; type: "copied"; done: boolean };

/** An event that is selected, and what the policy does with it. */
export interface Selected {
  /** Index in the log, from 0. */
  index: number;
  /** In a log of JSON lines. */
  auditID?: string;
  /** Number of the rule, from 1; `null` if no rule matches, or if that is unknown. */
  rule: number | null;
  /** `null` if it is unknown. */
  level: Level | null;
}

export interface Ready { v: 1; type: "ready" }
/** Sent whenever the results of a text are there. */
export interface Verdict {
  v: 1;
  type: "verdict";
  /** Number of the edit, which grows. */
  edit: number;
  policy: string;
  /** Kubernetes version. */
  version: string;
  /** Whether kube-apiserver accepts the policy. If not, the figures are those of the last one that it accepts. */
  accepted: boolean;
  /** Number of findings. */
  findings: number;
  /** The results for the log; `null` without a log. */
  log: {
    /** Events in the log. */
    events: number;
    /** Their bytes. */
    bytes: number;
    /** Events and bytes that are written under the policy. */
    written: { events: number; bytes: number };
    /** Events by the level of the rule that matches. */
    levels: Record<Level, number>;
  } | null;
  selected: Selected | null;
}
export interface Select { v: 1; type: "select"; index: number; auditID?: string }
export interface Resize { v: 1; type: "resize"; /** In CSS pixels. */ height: number }
export interface Copy { v: 1; type: "copy"; text: string }
export interface WorkspaceAnswer { v: 1; type: "workspace"; id?: number | string; workspace: Workspace }
/** A message was not accepted, and nothing has changed. `start`: the frame did not start. */
export interface Failure {
  v: 1;
  type: "error";
  id?: number | string;
  problem: "malformed" | "version" | "type" | "member" | "size" | "select" | "start";
  message: string;
}
/** Messages from the frame to the host. */
export type FrameMessage = Ready | Verdict | Select | Resize | Copy | WorkspaceAnswer | Failure;

/** The element. */
export interface AuditPolicyPlayground extends HTMLElement {
  /** The text in the editor, as of the last verdict. */
  policy: string;
  /** Changes what is shown, now or once the frame is loaded. */
  set(parts: HostParts): void;
  /** Returns policy and settings. */
  getWorkspace(): Promise<Workspace>;
  addEventListener(type: "ready", listener: (event: CustomEvent<Ready>) => void): void;
  addEventListener(type: "verdict", listener: (event: CustomEvent<Verdict>) => void): void;
  addEventListener(type: "select", listener: (event: CustomEvent<Select>) => void): void;
  addEventListener(type: "error", listener: (event: CustomEvent<Failure>) => void): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "audit-policy-playground": AuditPolicyPlayground;
  }
}
