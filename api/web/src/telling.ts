/** What the map says in words before anybody asks: how much is free; on a phone, what an analysis found. */

import { must } from "./dom";
import { getPosition } from "./position";
import type { Legend } from "./legend";
import type { Words } from "./words";

const FREE = "available";

export class Telling {
  private readonly place = must("#telling");
  private readonly only = must<HTMLButtonElement>("[data-only-free]", this.place);
  private readonly found = must("[data-found]", this.place);

  /** `choose` is told which statuses to show (null: all), `near` where the reader is. */
  constructor(private readonly words: Words, private readonly legend: Legend, choose: (statuses: Set<string> | null) => void, near: (lat: number, lng: number) => string) {
    this.only.addEventListener("click", () => choose(this.isOnly() ? null : new Set([FREE])));
    const button = must<HTMLButtonElement>("[data-near]");
    button.hidden = !isSecureContext || !("geolocation" in navigator);
    button.addEventListener("click", () => void this.findMe(button, near));
  }

  /** Say how much is free of the layers that are shown; nothing before it was counted, or where there is nothing. */
  tell(day: string, today: string): void {
    const [free, all] = [this.legend.counted(FREE), this.legend.counted()];
    this.place.hidden = !all;
    const gaps = { count: free ?? 0, all: all ?? 0, day: this.words.day(day) };
    must("[data-free]", this.place).textContent = this.words.say(day === today ? "free" : "freeOn", gaps);
    this.only.textContent = this.words.say(this.isOnly() ? "showAll" : "showFree");
    // Where all or none are free, there is nothing to choose.
    this.only.hidden = (!free || free === all) && !this.isOnly();
  }

  /** Repeat what was found beside the map, for who does not see that; null: nothing was asked. */
  tellFound(figures: HTMLElement | null): void {
    const parts = figures?.querySelectorAll("[data-sentence], .key") ?? [];
    this.found.replaceChildren(...[...parts].map((part) => part.cloneNode(true)));
    this.place.classList.toggle("with-found", parts.length > 0);
  }

  private isOnly(): boolean {
    const chosen = this.legend.statuses();
    return chosen?.size === 1 && chosen.has(FREE);
  }

  private async findMe(button: HTMLButtonElement, near: (lat: number, lng: number) => string): Promise<void> {
    button.setAttribute("aria-busy", "true");
    const at = await getPosition();
    button.removeAttribute("aria-busy");
    const said = must("[data-near-said]");
    said.textContent = at ? near(at.latitude, at.longitude) : this.words.say("noPosition");
    said.hidden = !said.textContent;
  }
}
