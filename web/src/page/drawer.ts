// Opens and closes the side panel as the address says, with a trail of where the reader has been.

import { html } from "../markup.ts";
import { leaf, leafAt } from "../panel/panel.ts";
import type { Charts } from "./charts.ts";
import type { View } from "./view.ts";

/** An address that shows nothing and moves nothing. */
const CLOSED = "#/";

/** The side panel. */
export class Panel {
  private readonly element = document.querySelector("aside") as HTMLElement;
  private trail: { address: string; name: string }[] = [];
  private opener: HTMLElement | null = null;

  constructor(private readonly view: View, private readonly charts: Charts) {
    window.addEventListener("hashchange", () => this.follow());
    document.addEventListener("click", (event) => {
      const link = (event.target as Element).closest?.<HTMLElement>("a[href^='#/']");
      if (link && !this.element.contains(link)) this.opener = link;
      // The same address again is no change, but the reader wants to see it.
      if (link && link.getAttribute("href") === location.hash) this.follow();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !this.element.hidden) this.close();
    });
    window.addEventListener("resize", () => this.cover());
    this.follow();
  }

  private follow(): void {
    const target = leafAt(location.hash);
    if (!target) return this.hide();
    const shown = leaf(this.view, target.kind, target.id);
    const address = location.hash;
    this.element.dataset["address"] = address;
    const before = this.trail.findIndex((step) => step.address === address);
    this.trail = before >= 0 ? this.trail.slice(0, before) : this.trail;
    const trail = this.trail.slice(-4);
    const more = this.trail.length > trail.length;
    const back = this.trail[this.trail.length - 1];
    this.element.innerHTML = html`<div class="panel-head">${back ? html`<a class="back" href="${back.address}">← Back</a>` : html`<span></span>`}<button type="button" class="close" aria-label="Close">×</button></div>
      ${trail.length > 0 && html`<nav class="trail" aria-label="Trail">${more && html`<span>…</span>`}${trail.map((step) => html`<a href="${step.address}">${step.name}</a>`)}<span aria-current="page">${shown.name}</span></nav>`}
      <div class="leaf">${shown.content}</div>`.text;
    this.trail = [...this.trail, { address, name: shown.name }];
    this.element.hidden = false;
    document.body.classList.add("with-panel");
    this.element.scrollTop = 0;
    this.element.querySelector(".close")?.addEventListener("click", () => this.close());
    this.charts.watch(this.element);
    this.cover();
    const heading = this.element.querySelector<HTMLElement>("h2");
    if (heading) {
      heading.id = "panel-heading";
      heading.focus({ preventScroll: true });
    }
  }

  private close(): void {
    location.hash = CLOSED;
  }

  private hide(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.element.innerHTML = "";
    this.trail = [];
    document.body.classList.remove("with-panel");
    this.cover();
    // What opened the panel may have been drawn anew since.
    const opener = this.opener?.isConnected ? this.opener : document.querySelector<HTMLElement>(`main a[href="${CSS.escape(this.opener?.getAttribute("href") ?? "")}"]`);
    if (location.hash === CLOSED) opener?.focus({ preventScroll: true });
    this.opener = null;
  }

  /** On a narrow screen the panel covers the page, which is then out of reach. */
  private cover(): void {
    const covered = !this.element.hidden && window.innerWidth < 900;
    for (const part of document.querySelectorAll<HTMLElement>("main, header, footer")) part.inert = covered;
  }
}
