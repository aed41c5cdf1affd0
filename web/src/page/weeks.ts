// A slider over the steps of a run, with a button that lets them pass.

import { dayText } from "../format/date.ts";
import { html, type Markup } from "../markup.ts";
import type { View } from "./view.ts";

/** Milliseconds between steps that pass by themselves. */
const PACE = 180;

/** The slider, at a step. */
export function weeks(view: View, id: string, step: number): Markup {
  return html`<span class="week"><button type="button" data-control="play" aria-label="Play">▶</button><label for="${id}-step" class="date"></label><input id="${id}-step" type="range" min="0" max="${view.dates.length - 1}" step="1" value="${step}" data-control="step"></span>`;
}

/** What moves the slider, and says where it stands. */
export class Weeks {
  private readonly slider: HTMLInputElement;
  private timer: number | undefined;

  constructor(private readonly root: HTMLElement, private readonly view: View, private readonly changed: () => void) {
    this.slider = root.querySelector("[data-control=step]") as HTMLInputElement;
    this.slider.addEventListener("input", changed);
    root.querySelector("[data-control=play]")?.addEventListener("click", () => this.play());
  }

  /** The chosen step. */
  get step(): number {
    return Number(this.slider.value);
  }

  /** Writes the date of the step, and what is seen there for those who hear it. */
  say(spoken: string): void {
    const date = dayText(this.view.atlas.report.model.step_ends[this.step] ?? "");
    const label = this.root.querySelector(".date");
    if (label) label.textContent = date;
    this.slider.setAttribute("aria-valuetext", `${date}. ${spoken}`);
  }

  /** Stands still. */
  stop(): void {
    window.clearInterval(this.timer);
    this.timer = undefined;
    this.button("\u25b6", "Play");
  }

  private play(): void {
    if (this.timer !== undefined) return this.stop();
    if (this.slider.value === this.slider.max) this.slider.value = "0";
    this.button("\u275a\u275a", "Pause");
    this.timer = window.setInterval(() => {
      if (this.slider.value === this.slider.max || !this.root.isConnected) return this.stop();
      this.slider.value = String(this.step + 1);
      this.changed();
    }, PACE);
  }

  private button(text: string, label: string): void {
    const button = this.root.querySelector("[data-control=play]");
    if (!button) return;
    button.textContent = text;
    button.setAttribute("aria-label", label);
  }
}
