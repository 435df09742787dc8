/** Load a piece of page that the server renders into a place, once at a time. */

import { all } from "./dom";
import { fill, html } from "./html";
import { getFragment, RequestFailed, wasCancelled } from "./request";

export class Fragment {
  private waiting = new AbortController();

  constructor(private readonly place: HTMLElement, private readonly failed: string, private readonly picked: (site: number, from: HTMLElement) => void) {
    place.addEventListener("click", (event) => this.click(event));
  }

  /** Show what an address answers; true when it is there, false when another was asked for since, or it failed. */
  async show(address: string): Promise<boolean> {
    this.waiting.abort();
    this.waiting = new AbortController();
    const { signal } = this.waiting;
    this.place.setAttribute("aria-busy", "true");
    try {
      fill(this.place, await getFragment(address, signal));
      return true;
    } catch (error) {
      if (wasCancelled(error)) return false;
      fill(this.place, html`<p class="note">${error instanceof RequestFailed ? error.message : this.failed}</p>`);
      return false;
    } finally {
      if (!signal.aborted) this.place.removeAttribute("aria-busy");
    }
  }

  clear(): void {
    this.waiting.abort();
    fill(this.place, html``);
  }

  rows(selector: string): HTMLElement[] {
    return all(selector, this.place);
  }

  /** Links to sites open in the panel, links to pages of the same list in their place; others are plain links. */
  private click(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-pick], a[data-page]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset["pick"]) this.picked(Number(link.dataset["pick"]), link);
    else void this.show(link.href);
  }
}
