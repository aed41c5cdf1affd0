// What one future hung on: causes by when they came about, what would not have been without them, and the answer.

import { html, px } from "../markup.ts";
import { cut, svg, textWidth, timeScale, type Plot } from "./plot.ts";

/** Something that came about, or an assumption or noise, which was there from the beginning. */
export interface CauseNode {
  title: string;
  kind: string;
  /** The step in which it came about; none for an assumption or noise. */
  step: number | null;
  /** Whether the answer would have been another without it. */
  decides: boolean;
  /** Rows of what would not have been without it. */
  prevents: readonly number[];
}

/** What the chart shows. */
export interface Causes {
  title: string;
  description: string;
  nodes: readonly CauseNode[];
  /** The answer, and the step that it hangs on last. */
  answer: string;
  step: number;
}

const ROW = 26;
/** Room for the axis below. */
const AXIS = 22;

/** The height for so many nodes. */
export function causesHeight(nodes: number): number {
  return (nodes + 1) * ROW + AXIS + 8;
}

/** Draws the graph, its nodes in the order of the rows given. */
export function causesGraph(chart: Causes, dates: readonly Date[], width: number): Plot {
  const rows = [...chart.nodes.map(({ title }) => title), chart.answer];
  const names = Math.min(0.5 * width, Math.max(...rows.map((name) => textWidth(name, 12))) + 16);
  const height = causesHeight(chart.nodes.length);
  const { positions, axis } = timeScale(dates, names + 12, width - 14, height - AXIS);
  const x = (step: number | null): number => (step === null ? names + 12 : (positions[step] ?? width - 14));
  const y = (row: number): number => row * ROW + ROW / 2 + 2;
  const last = chart.nodes.length;
  const way = (from: number, to: number, toX: number): string => {
    const [x0, y0] = [x(chart.nodes[from]?.step ?? null), y(from)];
    const bend = Math.max(18, (toX - x0) / 2);
    return `M${px(x0)} ${px(y0)}C${px(x0 + bend)} ${px(y0)} ${px(toX - bend)} ${px(y(to))} ${px(toX)} ${px(y(to))}`;
  };
  const guides = rows.map((_, row) => html`<line class="tick" x1="${px(names)}" x2="${px(width - 14)}" y1="${px(y(row))}" y2="${px(y(row))}"/>`);
  const edges = chart.nodes.flatMap((node, row) => [
    ...node.prevents.map((other) => html`<path class="hangs" d="${way(row, other, x(chart.nodes[other]?.step ?? null))}"/>`),
    node.decides && html`<path class="hangs decides" d="${way(row, last, x(chart.step))}"/>`,
  ]);
  const dots = chart.nodes.map(({ title, kind, step }, row) => html`<text class="axis" x="${px(names - 6)}" y="${px(y(row) + 4)}" text-anchor="end">${cut(title, names - 10)}</text><circle class="cause ${kind}" cx="${px(x(step))}" cy="${px(y(row))}" r="5"><title>${title}</title></circle>`);
  const end = html`<text class="axis answer" x="${px(names - 6)}" y="${px(y(last) + 4)}" text-anchor="end">${cut(chart.answer, names - 10)}</text><rect class="cause whole" x="${px(x(chart.step) - 6)}" y="${px(y(last) - 6)}" width="12" height="12"><title>${chart.answer}</title></rect>`;
  return { svg: svg(width, height, chart.title, chart.description, html`${guides}${edges}${dots}${end}${axis}`), height };
}
