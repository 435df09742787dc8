/** Open and close the panels over the map: focus goes in, comes back, and Escape closes the top one. */

import { all, isNarrow, must } from "./dom";

export class Drawers {
  private readonly openers = new Map<string, HTMLElement>();
  private readonly told = new Map<string, (open: boolean) => void>();

  constructor() {
    for (const button of all("[data-open]")) button.addEventListener("click", () => this.toggle(button.dataset["open"] ?? "", button));
    for (const button of all("[data-close]")) button.addEventListener("click", () => this.close(button.dataset["close"] ?? ""));
    document.addEventListener("keydown", (event) => this.escape(event));
  }

  on(id: string, tell: (open: boolean) => void): void {
    this.told.set(id, tell);
  }

  isOpen(id: string): boolean {
    return must(`#${id}`).classList.contains("open");
  }

  /** `opener` is where the focus returns to; without one the focus stays where it is. */
  open(id: string, opener: HTMLElement | null): void {
    if (opener) this.openers.set(id, opener);
    // A phone has room for one.
    if (isNarrow()) for (const other of ["side", "view-list", "panel"]) if (other !== id) this.show(other, false);
    this.show(id, true);
    if (opener) must(`#${id}`).focus({ preventScroll: true });
  }

  close(id: string): void {
    if (!this.isOpen(id)) return;
    const held = must(`#${id}`).contains(document.activeElement);
    this.show(id, false);
    const opener = this.openers.get(id);
    this.openers.delete(id);
    if (held) (opener?.isConnected && opener.offsetParent ? opener : must("#map")).focus({ preventScroll: true });
  }

  toggle(id: string, opener: HTMLElement): void {
    if (this.isOpen(id)) this.close(id);
    else this.open(id, opener);
  }

  private show(id: string, open: boolean): void {
    const drawer = must(`#${id}`);
    if (drawer.classList.contains("open") === open) return;
    drawer.classList.toggle("open", open);
    if (id !== "side") drawer.hidden = !open;
    document.body.classList.toggle(`has-${id}`, open);
    for (const button of all(`[data-open="${id}"]`)) button.setAttribute("aria-expanded", String(open));
    this.told.get(id)?.(open);
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    const top = ["panel", "view-list", "side"].find((id) => this.isOpen(id));
    if (top) this.close(top);
  }
}
