/** Search sites by name or number, and layers by what they are called, as a combobox that works by keyboard and with a screen reader. */

import { must, settle } from "./dom";
import { fill, html } from "./html";
import { getJson, wasCancelled } from "./request";
import type { LayerLook } from "./types";
import type { Words } from "./words";

interface Found {
  name: string;
  about: string;
  /** What is picked: a site, or a layer as a whole. */
  pick: () => void;
}

const SEARCH_MS = 160;
const MOST = 8;
/** Fewer letters are in the name of nearly every layer. */
const LEAST = 3;

export class Search {
  private readonly input = must<HTMLInputElement>("#q");
  private readonly list = must("#found");
  private found: Found[] = [];
  private active = -1;
  private waiting = new AbortController();

  constructor(
    private readonly looks: LayerLook[],
    private readonly words: Words,
    private readonly day: () => string,
    private readonly picked: (site: number) => void,
    private readonly pickedLayer: (layer: string) => void,
    private readonly say: (sentence: string) => void,
  ) {
    this.input.addEventListener("input", settle(() => void this.ask(), SEARCH_MS));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => window.setTimeout(() => this.hide(), 150));
    this.input.addEventListener("focus", () => this.found.length && this.input.value && this.show());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const row = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (row) this.pick(Number(row.dataset["at"]));
    });
    must("[data-search]").addEventListener("submit", (event) => {
      if (this.found.length) event.preventDefault();
      if (this.found.length) this.pick(Math.max(0, this.active));
    });
  }

  private async ask(): Promise<void> {
    this.waiting.abort();
    this.waiting = new AbortController();
    const text = this.input.value.trim();
    if (!text) return this.hide();
    const { signal } = this.waiting;
    const search = `q=${encodeURIComponent(text)}&at=${this.day()}`;
    try {
      const answer = await getJson<{ id: number; name: string; layer: string; status: string; ref: string }[]>(`/found?${search}`, signal);
      const sites = answer.slice(0, MOST).map((site) => {
        const look = this.looks.find((one) => one.id === site.layer);
        const about = [look?.one, site.ref, look?.words[site.status]].filter(Boolean).join(" · ");
        return { name: site.name || site.ref, about, pick: () => this.picked(site.id) };
      });
      this.found = [...this.layersOf(text), ...sites];
      this.show();
    } catch (error) {
      if (!wasCancelled(error)) this.say(this.words.say("failed"));
    }
  }

  /** Who types "garden" means all of them. */
  private layersOf(text: string): Found[] {
    const wanted = text.toLowerCase();
    const looks = text.length < LEAST ? [] : this.looks.filter(({ title, one }) => [title, one].some((name) => name.toLowerCase().includes(wanted)));
    return looks.map(({ id, title }) => ({ name: title, about: this.words.say("onlyLayer"), pick: () => this.pickedLayer(id) }));
  }

  private show(): void {
    this.active = -1;
    const rows = this.found.map((site, at) => html`<li role="option" id="found-${at}" data-at="${at}" aria-selected="false"><b>${site.name}</b><span>${site.about}</span></li>`);
    fill(this.list, rows.length ? html`${rows}` : html`<li class="none">${this.words.say("foundNone")}</li>`);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.say(this.found.length ? this.words.say("found", { count: this.found.length }) : this.words.say("foundNone"));
  }

  private hide(): void {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    if (this.list.hidden) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.hide();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    }
  }

  private move(step: number): void {
    if (!this.found.length) return;
    this.active = (this.active + step + this.found.length) % this.found.length;
    [...this.list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === this.active)));
    this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `found-${this.active}`);
  }

  private pick(at: number): void {
    const found = this.found[at];
    if (!found) return;
    this.hide();
    this.input.value = found.name;
    found.pick();
  }
}
