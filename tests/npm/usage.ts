// Calls of the npm package whose types are checked; nothing runs this.

import { AuditPolicyError, check, evaluate, init, load, simulate, test } from "../../npm/index.js";
import type { Finding, Level, SimulatedEvent, Totals } from "../../npm/index.js";

export async function use(response: Response, bytes: Uint8Array): Promise<Totals> {
  await init(fetch("engine_bg.wasm"));
  await init(bytes);
  const policy = load(bytes, { kubernetesVersion: "1.33" });
  const findings: Finding[] = check("", { file: "policy.yaml" }).findings;
  const level: Level = evaluate(policy, { user: "alice", groups: ["a"], verb: "get", path: "/" }, { explain: true }).level;
  // @ts-expect-error A misspelled key.
  evaluate(policy, { verbs: "get" });
  // @ts-expect-error Policies are created by `load`.
  new (policy.constructor as typeof import("../../npm/index.js").Policy)();
  const passed: boolean | null = test("", { policy })[0].passed;
  const simulation = simulate(policy, response.body ?? [bytes], { batchEvents: 10 });
  for await (const batch of simulation) batch.forEach((event: SimulatedEvent) => console.log(event.rule, level, passed, findings.length));
  return simulation.totals().catch((error: unknown) => {
    if (error instanceof AuditPolicyError && error.code === "not-a-log") console.error(error.help, error.line);
    throw error;
  });
}
