// Why a number is uncertain: the part of its variance that is lack of knowledge, and the part that is luck.

import { html, type Markup } from "../markup.ts";

/** Draws the two parts; `knowledge` is a share of the variance. */
export function split(knowledge: number, title: string): Markup {
  const width = 64;
  const known = Math.round(knowledge * width);
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="split" viewBox="0 0 ${width} 8" preserveAspectRatio="none" width="${width}" height="8" ${title === "" ? html`aria-hidden="true">` : html`role="img" aria-label="${title}"><title>${title}</title>`}<rect class="luck" width="${width}" height="8" rx="2"/><rect class="knowledge" width="${known}" height="8" rx="2"/></svg>`;
}
