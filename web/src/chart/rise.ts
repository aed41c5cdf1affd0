// An event over time: the share of futures in which it has happened, one line per world.

import { line } from "d3-shape";
import { html } from "../markup.ts";
import { svg, timeScale, valueScale, type Plot } from "./plot.ts";

/** What a cumulative curve shows. */
export interface Rise {
  title: string;
  description: string;
  dates: readonly Date[];
  /** Per world, per step, between 0 and 1. */
  shares: readonly (readonly number[])[];
  height: number;
}

/** Draws cumulative curves. */
export function rise(chart: Rise, width: number): Plot {
  const top = 10;
  const bottom = chart.height - 24;
  const highest = Math.max(0.01, ...chart.shares.flat());
  // A chance above one half is seen against certainty; a small one against a scale that shows it.
  const ceiling = highest > 0.5 ? 1 : highest;
  const fine = ceiling < 0.04;
  const value = valueScale(0, ceiling, top, bottom, (share) => `${fine ? Math.round(share * 1000) / 10 : Math.round(share * 100)}%`, 3);
  const left = Math.ceil(value.room) + 10;
  const right = width - 10;
  const time = timeScale(chart.dates, left, right, bottom);
  const lines = chart.shares.map((row, world) => {
    const path = line<number>().digits(1).x((_, step) => time.x(step)).y((share) => value.y(share))([...row]) ?? "";
    return html`<path class="median w${world}" d="${path}"/>`;
  });
  const first = chart.shares[0] ?? [];
  const ground = value.y(0);
  const filled = first.length > 0 && html`<path class="band wide w0" d="${
    (line<number>().digits(1).x((_, step) => time.x(step)).y((share) => value.y(share))([...first]) ?? "") + `L${right},${ground}L${time.x(0)},${ground}Z`
  }"/>`;
  return {
    svg: svg(width, chart.height, chart.title, chart.description, html`${value.axis(left, right)}${filled}${lines}${time.axis}`),
    height: chart.height,
    steps: time.positions,
    top,
    bottom,
  };
}
