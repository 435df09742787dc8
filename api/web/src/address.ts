/** Keep what the map shows in the address, so that it can be shared and the back button works. */

import type { Box, Place, View } from "./types";

export function readView(today: string): View {
  const asked = new URLSearchParams(location.search);
  return {
    layers: listed(asked.get("layers")),
    statuses: listed(asked.get("status")),
    day: /^\d{4}-\d{2}-\d{2}$/.test(asked.get("at") ?? "") ? (asked.get("at") as string) : today,
    site: Number(asked.get("site")) || null,
    overlay: asked.get("overlay") ?? "",
  };
}

function listed(text: string | null): Set<string> | null {
  return text ? new Set(text.split(",").filter((part) => part !== "none")) : null;
}

export function readPlace(): Place | null {
  const found = /^#([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(location.hash);
  return found ? { zoom: Number(found[1]), lat: Number(found[2]), lng: Number(found[3]) } : null;
}

export function readBox(): Box | null {
  const edges = /^#box=(.+)$/.exec(location.hash)?.[1]?.split(",").map(Number) ?? [];
  return edges.length === 4 && edges.every(Number.isFinite) ? (edges as Box) : null;
}

export function query(view: View, today: string): string {
  const parts: [string, string][] = [];
  if (view.layers) parts.push(["layers", [...view.layers].join(",") || "none"]);
  if (view.statuses) parts.push(["status", [...view.statuses].join(",") || "none"]);
  if (view.day !== today) parts.push(["at", view.day]);
  if (view.overlay) parts.push(["overlay", view.overlay]);
  if (view.site) parts.push(["site", String(view.site)]);
  // Commas are legal in a query, and read better there.
  return parts.length ? `?${parts.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`).join("&")}` : "";
}

export function write(view: View, place: Place, today: string, push: boolean): void {
  const digits = place.zoom > 12 ? 5 : 4;
  const hash = `#${place.zoom}/${place.lat.toFixed(digits)}/${place.lng.toFixed(digits)}`;
  const address = `${location.pathname}${query(view, today)}${hash}`;
  if (address === location.pathname + location.search + location.hash) return;
  history[push ? "pushState" : "replaceState"](null, "", address);
}
