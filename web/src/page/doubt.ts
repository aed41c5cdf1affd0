// Luck against knowledge: for each answer, how much of its doubt better evidence could lessen.

import { split } from "../chart/split.ts";
import { errorText, knowledgeShare, type Reading } from "../format/estimate.ts";
import { count, percent } from "../format/number.ts";
import { hash } from "../highlight.ts";
import { html, type Markup } from "../markup.ts";
import type { Estimate, Label } from "../report.ts";
import { readingsOf } from "./readings.ts";
import type { Section } from "./view.ts";

/** All answers, those first about which most could be learned. */
export const doubt: Section = {
  id: "doubt",
  name: "Doubt",
  worldly: false,
  draw: (view) => {
    const { questions, measures } = view.atlas.report;
    const all = [...questions, ...measures].flatMap((answer) => {
      const [value] = answer.worlds;
      const known = value ? knowledgeShare(value) : null;
      return value && known !== null ? [{ label: answer.label, value, known, reading: readingsOf(answer) }] : [];
    });
    if (all.length === 0) return null;
    all.sort((a, b) => b.known - a.known);
    const certain = questions.length + measures.length - all.length;
    return html`<h2>Luck against knowledge</h2>
      <p class="lede">The doubt about an answer, as the part of its variance that comes from <i class="patch known"></i> what is not known, and the part that comes from <i class="patch"></i> luck. Evidence can lessen only the first. The Monte Carlo error is that of the run itself: more futures lessen it.${certain > 0 && ` ${count(certain)} ${certain === 1 ? "answer has" : "answers have"} no doubt to divide and ${certain === 1 ? "is" : "are"} left out.`}</p>
      <div class="scroll tall" tabindex="0" role="region" aria-label="The doubt of every answer"><table class="doubts"><caption>Luck against knowledge</caption><thead><tr><th scope="col">Answer</th><td></td><th scope="col">Not known</th><th scope="col">Luck</th><th scope="col">Monte Carlo error</th></tr></thead><tbody>${all.map(row)}</tbody></table></div>`;
  },
};

/** An answer with the part of its variance that is lack of knowledge. */
interface Divided {
  label: Label;
  value: Estimate;
  known: number;
  reading: Reading;
}

function row({ label, value, known, reading }: Divided): Markup {
  return html`<tr><th scope="row"><a href="${hash("is", label.declaration)}">${label.title}</a></th><td>${split(known, "")}</td><td>${percent(known)}</td><td>${percent(1 - known)}</td><td>${errorText(value, reading)}</td></tr>`;
}
