// Runs the tests of the page: strict types, then everything in `tests/` under node's own runner.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));

function run(command, ...parts) {
  const { status } = spawnSync(command, parts, { cwd: here, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

run(process.execPath, "node_modules/typescript/bin/tsc", "--noEmit");
mkdirSync(`${here}out/tests`, { recursive: true });
const names = readdirSync(`${here}tests`).filter((name) => name.endsWith(".test.ts"));
await build({
  absWorkingDir: here,
  entryPoints: names.map((name) => `tests/${name}`),
  bundle: true,
  platform: "node",
  format: "esm",
  outdir: "out/tests",
  outExtension: { ".js": ".mjs" },
  external: ["playwright-core"],
  logLevel: "warning",
});
run(process.execPath, "--test", ...names.map((name) => `out/tests/${name.replace(/\.ts$/, ".mjs")}`));
