/** The legend is the filter: layers and statuses with their counts on the chosen day. */

import { all, must } from "./dom";
import { getJson, wasCancelled } from "./request";
import type { Config } from "./types";
import type { Words } from "./words";

type Counts = Record<string, Record<string, number>>;
const CARED = ["cared_for", "lapsing", "needs_help"];

export class Legend {
  private waiting = new AbortController();
  private counts: Counts | null = null;

  constructor(private readonly config: Config, private readonly words: Words, private readonly changed: () => void) {
    for (const box of this.boxes()) box.addEventListener("change", () => this.tell());
  }

  layers(): Set<string> | null {
    return this.chosen("layer");
  }

  statuses(): Set<string> | null {
    return this.chosen("status");
  }

  choose(layers: Set<string> | null, statuses: Set<string> | null): void {
    for (const box of this.boxes()) {
      const chosen = box.name === "layer" ? layers : statuses;
      box.checked = chosen === null || chosen.has(box.value);
    }
    this.show();
  }

  /** Count again for a day; return how many sites there are then, or null when nobody waits for it any more. */
  async count(day: string): Promise<number | null> {
    this.waiting.abort();
    this.waiting = new AbortController();
    try {
      this.counts = await getJson<Counts>(`/api/counts?at=${day}`, this.waiting.signal);
    } catch (error) {
      if (wasCancelled(error)) return null;
      throw error;
    }
    this.show();
    return Object.values(this.counts ?? {}).reduce((sum, layer) => sum + total(layer), 0);
  }

  /** How many sites of the layers that are shown have a status, or any; null before they were counted. */
  counted(status?: string): number | null {
    const [counted, layers] = [this.counts, this.layers()];
    if (!counted) return null;
    const shown = this.config.layers.filter((look) => !layers || layers.has(look.id)).map((look) => counted[look.id] ?? {});
    return shown.reduce((sum, counts) => sum + (status ? (counts[status] ?? 0) : total(counts)), 0);
  }

  private tell(): void {
    this.show();
    this.changed();
  }

  private show(): void {
    if (!this.counts) return;
    const counted = this.counts;
    for (const look of this.config.layers) {
      const row = must(`[data-layer="${look.id}"]`);
      const counts = counted[look.id] ?? {};
      const cared = CARED.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
      must("[data-count]", row).textContent = this.words.numbers.format(total(counts));
      must("[data-share]", row).setAttribute("width", String(total(counts) ? (cared / total(counts)) * 100 : 0));
    }
    for (const status of this.config.statuses) {
      const count = this.counted(status) ?? 0;
      const row = must(`[data-status="${status}"]`);
      row.classList.toggle("none", count === 0);
      must("[data-count]", row).textContent = this.words.numbers.format(count);
    }
  }

  private chosen(name: string): Set<string> | null {
    const boxes = this.boxes().filter((box) => box.name === name);
    return boxes.every((box) => box.checked) ? null : new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  }

  private boxes(): HTMLInputElement[] {
    return all<HTMLInputElement>("#side input[type=checkbox]");
  }
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
