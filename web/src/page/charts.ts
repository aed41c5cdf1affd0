// Draws charts into their slots when they come near to the screen, again when their width changes, and moves a cursor through time.

import { dayText } from "../format/date.ts";
import { html, render } from "../markup.ts";
import type { Drawn, View } from "./view.ts";

/** All charts of the page. */
export class Charts {
  private readonly near: IntersectionObserver;
  private readonly sized: ResizeObserver;
  private readonly drawn = new WeakMap<Element, Drawn & { width: number }>();
  private readonly readout: HTMLElement;

  constructor(private readonly view: View) {
    this.near = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && this.draw(entry.target as HTMLElement)), {
      rootMargin: "400px",
    });
    this.sized = new ResizeObserver((entries) =>
      entries.forEach(({ target }) => {
        const before = this.drawn.get(target);
        if (before && Math.abs(before.width - target.clientWidth) > 1) this.draw(target as HTMLElement);
      }),
    );
    this.readout = document.createElement("div");
    this.readout.className = "readout";
    this.readout.hidden = true;
    document.body.append(this.readout);
    document.addEventListener("toggle", (event) => this.unfold(event.target as HTMLElement), true);
    document.addEventListener("pointermove", (event) => this.follow(event), { passive: true });
    document.addEventListener("keydown", (event) => this.step(event));
    document.addEventListener("focusout", () => this.hide());
  }

  /** Takes care of all slots below an element. */
  watch(root: ParentNode): void {
    for (const slot of root.querySelectorAll(".slot")) {
      this.near.observe(slot);
      this.sized.observe(slot);
    }
    this.roving(root);
  }

  /** Forgets what is gone, and takes care of what is new. */
  refresh(): void {
    const ids = new Set<string>();
    for (const element of document.querySelectorAll<HTMLElement>("[data-slot], [data-later], [data-take]"))
      ids.add(element.dataset["slot"] ?? element.dataset["later"] ?? element.dataset["take"] ?? "");
    this.view.slots.keep(ids);
    this.near.disconnect();
    this.sized.disconnect();
    this.hide();
    this.watch(document);
  }

  /** Only the first chart of a group is reached by Tab; the arrows up and down lead to the others. */
  private roving(root: ParentNode): void {
    const seen = new Set<string>();
    for (const slot of root.querySelectorAll<HTMLElement>(".slot[tabindex]")) {
      const group = this.view.slots.get(slot.dataset["slot"] ?? "")?.group;
      if (group === undefined) continue;
      slot.tabIndex = seen.has(group) ? -1 : 0;
      slot.dataset["group"] = group;
      seen.add(group);
    }
  }

  private draw(element: HTMLElement): void {
    const slot = this.view.slots.get(element.dataset["slot"] ?? "");
    const width = element.clientWidth;
    if (!slot || width === 0) return;
    const plot = slot.draw(width);
    element.innerHTML = plot.svg.text;
    element.style.minHeight = `${plot.height}px`;
    if (slot.read) element.setAttribute("aria-valuemax", String(Math.max(0, (plot.steps?.length ?? 1) - 1)));
    this.drawn.set(element, { ...plot, slot, width });
  }

  private unfold(element: HTMLElement): void {
    const id = element.dataset?.["later"];
    if (id === undefined || !(element as HTMLDetailsElement).open) return;
    const content = this.view.slots.open(id);
    if (!content) return;
    element.insertAdjacentHTML("beforeend", `<div class="scroll">${content.text}</div>`);
    this.watch(element);
  }

  /** Opens folds for paper, and those inside them, and draws what they hold. */
  unfoldAll(selector: string): void {
    for (let closed = this.closed(selector); closed.length > 0; closed = this.closed(selector))
      for (const fold of closed) {
        fold.open = true;
        fold.dataset["forPaper"] = "";
        this.unfold(fold);
      }
    document.querySelectorAll<HTMLElement>(".slot").forEach((slot) => this.draw(slot));
  }

  /** Closes what was opened for paper alone. */
  foldBack(): void {
    for (const fold of document.querySelectorAll<HTMLDetailsElement>("[data-for-paper]")) {
      fold.open = false;
      delete fold.dataset["forPaper"];
    }
  }

  private closed(selector: string): HTMLDetailsElement[] {
    return [...document.querySelectorAll<HTMLDetailsElement>(selector)].filter((fold) => !fold.open);
  }

  private follow(event: PointerEvent): void {
    const slot = (event.target as Element).closest?.<HTMLElement>(".slot");
    const drawn = slot ? this.drawn.get(slot) : undefined;
    if (!slot || !drawn?.slot.read || !drawn.steps) {
      if (!document.activeElement?.matches(".slot")) this.hide();
      return;
    }
    const x = event.clientX - slot.getBoundingClientRect().left;
    let nearest = 0;
    drawn.steps.forEach((position, step) => {
      if (Math.abs(position - x) < Math.abs((drawn.steps?.[nearest] ?? 0) - x)) nearest = step;
    });
    this.show(slot, nearest);
  }

  private step(event: KeyboardEvent): void {
    const slot = event.target as HTMLElement;
    const drawn = this.drawn.get(slot);
    if (!drawn?.slot.read || !drawn.steps) return;
    const last = drawn.steps.length - 1;
    const at = Number(slot.dataset["step"] ?? (event.key === "ArrowLeft" || event.key === "End" ? last + 1 : -1));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, PageUp: at - 4, PageDown: at + 4 }[event.key];
    if (to !== undefined) this.show(slot, Math.max(0, Math.min(last, to)));
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.move(slot, event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape" && !this.readout.hidden) {
      this.hide();
      event.stopPropagation();
    } else return;
    event.preventDefault();
  }

  /** Leads to the next chart of the group. */
  private move(slot: HTMLElement, by: number): void {
    const group = [...document.querySelectorAll<HTMLElement>(".slot[data-group]")].filter((other) => other.dataset["group"] === slot.dataset["group"]);
    const next = group[group.indexOf(slot) + by];
    if (!next) return;
    slot.tabIndex = -1;
    next.tabIndex = 0;
    const step = slot.dataset["step"];
    next.focus();
    this.draw(next);
    if (step !== undefined) this.show(next, Number(step));
  }

  /** Puts the cursor on a step: here with words, in the other charts of the group as a line. */
  private show(element: HTMLElement, step: number): void {
    const drawn = this.drawn.get(element);
    if (!drawn?.slot.read) return;
    this.clear();
    const date = this.view.dates[step];
    for (const other of document.querySelectorAll<HTMLElement>(".slot")) {
      const plot = this.drawn.get(other);
      if (!plot?.steps || (other !== element && (plot.slot.group === undefined || plot.slot.group !== drawn.slot.group))) continue;
      const x = plot.steps[step] ?? 0;
      const cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
      cursor.setAttribute("class", "cursor");
      for (const [name, value] of Object.entries({ x1: x, x2: x, y1: plot.top ?? 0, y2: plot.bottom ?? 0 })) cursor.setAttribute(name, String(value));
      other.querySelector("svg")?.append(cursor);
    }
    const words = drawn.slot.read(step);
    this.readout.innerHTML = html`<p class="date">${date && dayText(date)}</p>${words}`.text;
    this.readout.hidden = false;
    const box = element.getBoundingClientRect();
    const x = box.left + (drawn.steps?.[step] ?? 0);
    const width = this.readout.offsetWidth;
    const beside = x + 14 + width > document.documentElement.clientWidth ? x - 14 - width : x + 14;
    this.readout.style.left = `${Math.max(6, beside)}px`;
    this.readout.style.top = `${Math.max(6, box.top - 6)}px`;
    element.dataset["step"] = String(step);
    element.setAttribute("aria-valuenow", String(step));
    element.setAttribute("aria-valuetext", `${date ? dayText(date) : ""}. ${render(words).replace(/<\/p>/g, ". ").replace(/<[^>]*>/g, " ")}`);
  }

  private hide(): void {
    this.clear();
    this.readout.hidden = true;
  }

  private clear(): void {
    document.querySelectorAll(".cursor").forEach((cursor) => cursor.remove());
  }
}
