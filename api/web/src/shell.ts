/** What every page does a little better with a program: the menu closes, notices go, and there is a page offline. */

import { all } from "./dom";

export function startShell(): void {
  for (const menu of all<HTMLDetailsElement>("details[data-menu]")) closeWhenLeft(menu);
  // On a phone the tab of this page may lie outside.
  document.querySelector(".study-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  void keepOfflinePage();
}

/** A menu closes by Escape, by a click elsewhere, and when the focus leaves it. */
function closeWhenLeft(menu: HTMLDetailsElement): void {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
}

/** Only an encrypted page, or one of this machine, may keep a page; where it may not, the browser says that it is offline. */
async function keepOfflinePage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(`/sw.js${new URL(import.meta.url).search}`, { scope: "/" });
    const ready = await navigator.serviceWorker.ready;
    ready.active?.postMessage({ language: document.documentElement.lang });
  } catch {
    // A browser that refuses still shows its own page.
  }
}
