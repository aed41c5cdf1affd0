// Builds the template of the page: TypeScript and style into one HTML file, with the hash of what it was made from.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const target = join(here, "../crates/melian-report/assets/page.html");

/** Everything that the template depends on, in order of its path. */
function sources() {
  const listed = readdirSync(join(here, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(here, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"));
  return ["build.mjs", "package-lock.json", "package.json", "tsconfig.json", ...listed].sort();
}

/** FNV-1a over names and contents: tells changed sources, with nothing to install on the Rust side that checks it. */
function fingerprint() {
  let hash = 0xcbf29ce484222325n;
  const take = (bytes) => {
    for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  };
  for (const name of sources()) {
    take(Buffer.from(name + "\n"));
    take(readFileSync(join(here, name)));
  }
  return hash.toString(16).padStart(16, "0");
}

async function bundle(entry) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
  });
  return result.outputFiles[0].text.trim();
}

const script = (await bundle("src/page/main.ts")).replaceAll("</script", "<\\/script");
const style = await bundle("src/page/style.css");
const parts = {
  "script-hash": `sha256-${createHash("sha256").update(script).digest("base64")}`,
  sources: fingerprint(),
  style,
  script,
};
let page = readFileSync(join(here, "src/page/template.html"), "utf8");
for (const [name, text] of Object.entries(parts)) page = page.replace(`{{${name}}}`, () => text);
writeFileSync(target, page);
console.log(`page: ${(page.length / 1024).toFixed(0)} KiB`);
