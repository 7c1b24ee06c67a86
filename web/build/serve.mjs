// Serves dist/ on this machine until standard input closes: `node web/build/serve.mjs [PORT]`.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "./server.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const port = Number(process.argv[2] ?? 8080);
try {
  await serve(join(root, "dist"), ["/"], port);
} catch (error) {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  console.error(isTaken ? `error: port ${port} is in use: choose another one with --port` : `error: ${error}`);
  process.exit(1);
}
process.stdin.on("end", () => process.exit(0)).resume();
