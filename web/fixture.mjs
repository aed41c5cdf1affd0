// Writes pages of reports that were never run, to look at: `npm run fixture` puts them into `out/`.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
mkdirSync(here + "out", { recursive: true });
await build({ absWorkingDir: here, entryPoints: ["fixtures/synthetic.ts"], bundle: true, format: "esm", outfile: "out/synthetic.mjs", logLevel: "warning" });
const { compared, differing, explained, synthetic, tiny } = await import(here + "out/synthetic.mjs");
const template = readFileSync(here + "../crates/melian-report/assets/page.html", "utf8");
const reports = { ally: synthetic(), large: synthetic({ worlds: 12, padding: 360 }), tiny: tiny(), compared: compared(), differing: differing(), explained: explained() };
for (const [name, report] of Object.entries(reports)) {
  const json = JSON.stringify(report).replaceAll("<", "\\u003c");
  writeFileSync(`${here}out/${name}.html`, template.replace("{{title}}", () => report.model.title).replace("{{report}}", () => json));
  writeFileSync(`${here}out/${name}.json`, JSON.stringify(report));
  console.log(`out/${name}.html: ${(json.length / 1e6).toFixed(2)} MB of report`);
}
