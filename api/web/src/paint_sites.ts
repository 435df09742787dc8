/** Paint sites and the results of analyses on one tile: an area's pattern and a line's build say its status. */

import { trace } from "./paint_base";
import type { Signs } from "./signs";
import { seeThrough, type Theme } from "./theme";
import type { LayerLook, Tile, TileFeature } from "./types";

export type Shows = (layer: string, status: string) => boolean;

/** Paint areas and lines, one path for each layer and status; points are signs, which the overlay draws. */
export function paintSites(ctx: CanvasRenderingContext2D, tile: Tile, zoom: number, looks: LayerLook[], signs: Signs, theme: Theme, shows: Shows): void {
  for (const look of looks) {
    for (const [status, features] of byStatus(tile.get(look.id) ?? [])) {
      if (!shows(look.id, status)) continue;
      if (look.geometry === "Polygon") paintAreas(ctx, features, look, status, zoom, signs);
      else if (look.geometry === "LineString") paintLines(ctx, features, look, status, zoom, signs, theme);
    }
  }
}

function byStatus(features: TileFeature[]): Map<string, TileFeature[]> {
  const groups = new Map<string, TileFeature[]>();
  for (const feature of features) {
    const status = String(feature.properties["status"]);
    const group = groups.get(status);
    if (group) group.push(feature);
    else groups.set(status, [feature]);
  }
  return groups;
}

function paintAreas(ctx: CanvasRenderingContext2D, features: TileFeature[], look: LayerLook, status: string, zoom: number, signs: Signs): void {
  const path = trace(features.filter((feature) => feature.kind === 3));
  ctx.fillStyle = signs.pattern(ctx, look, status);
  ctx.fill(path, "evenodd");
  ctx.strokeStyle = signs.color(look, status);
  ctx.lineWidth = zoom >= 17 ? 1.6 : zoom >= 15 ? 1.1 : 0.8;
  ctx.setLineDash(status === "available" && zoom >= 16 ? [4, 2.5] : []);
  ctx.stroke(path);
  ctx.setLineDash([]);
}

function paintLines(ctx: CanvasRenderingContext2D, features: TileFeature[], look: LayerLook, status: string, zoom: number, signs: Signs, theme: Theme): void {
  const path = trace(features.filter((feature) => feature.kind === 2));
  const width = Math.min(9, Math.max(3, 4.5 * 2 ** ((zoom - 14) * 0.4)));
  const color = signs.color(look, status);
  ctx.lineJoin = "round";
  ctx.lineCap = "butt";
  ctx.strokeStyle = seeThrough(theme.paper, 0.8);
  ctx.lineWidth = width + 2.5;
  ctx.stroke(path);
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.stroke(path);
  if (status === "cared_for") return;
  // Everything but "cared for" is a hollow line, told apart by what runs through its middle.
  ctx.strokeStyle = theme.paper;
  ctx.lineWidth = width - 2;
  ctx.stroke(path);
  const dashes: Record<string, number[]> = { requested: [8, 8], lapsing: [12, 3], needs_help: [2.5, 4] };
  const dash = dashes[status];
  if (!dash) return;
  ctx.strokeStyle = color;
  ctx.setLineDash(dash);
  ctx.stroke(path);
  ctx.setLineDash([]);
}

/** Paint what an analysis found: reached and unreached people, gaps, free stretches. */
export function paintFindings(ctx: CanvasRenderingContext2D, tile: Tile, zoom: number, theme: Theme): void {
  people(ctx, tile.get("demand") ?? [], zoom, theme);
  const gaps = tile.get("gaps") ?? [];
  const path = trace(gaps.filter((feature) => feature.kind === 3));
  ctx.fillStyle = seeThrough(theme.unserved, 0.2);
  ctx.fill(path, "evenodd");
  ctx.strokeStyle = theme.unserved;
  ctx.lineWidth = 1.6;
  ctx.setLineDash([5, 3]);
  ctx.stroke(path);
  ctx.setLineDash([]);
  free(ctx, tile.get("free") ?? [], zoom, theme);
}

function people(ctx: CanvasRenderingContext2D, features: TileFeature[], zoom: number, theme: Theme): void {
  const spread = 2 ** ((zoom - 15) * 0.5);
  const sizes = (feature: TileFeature) => Math.max(1.4, Math.min(9, (1 + Math.sqrt(Number(feature.properties["people"] ?? 1)) * 0.45) * spread));
  const paths: Record<string, Path2D> = { served: new Path2D(), unserved: new Path2D(), not_assessed: new Path2D() };
  for (const feature of features) {
    const path = paths[String(feature.properties["state"])];
    const [west, north, east, south] = feature.box;
    if (path) addSign(path, String(feature.properties["state"]), (west + east) / 2, (north + south) / 2, sizes(feature));
  }
  ctx.fillStyle = seeThrough(theme.served, 0.75);
  ctx.fill(paths["served"] as Path2D);
  ctx.fillStyle = theme.unserved;
  ctx.fill(paths["unserved"] as Path2D);
  ctx.strokeStyle = theme.unknown;
  ctx.lineWidth = 1.3;
  ctx.stroke(paths["not_assessed"] as Path2D);
}

/** Served: a dot. Unserved: a diamond. Not assessed: a cross. */
function addSign(path: Path2D, state: string, x: number, y: number, size: number): void {
  if (state === "served") {
    path.moveTo(x + size * 0.8, y);
    path.arc(x, y, size * 0.8, 0, 2 * Math.PI);
  } else if (state === "unserved") {
    path.moveTo(x, y - size * 1.25);
    path.lineTo(x + size * 1.25, y);
    path.lineTo(x, y + size * 1.25);
    path.lineTo(x - size * 1.25, y);
    path.closePath();
  } else {
    path.moveTo(x - size, y - size);
    path.lineTo(x + size, y + size);
    path.moveTo(x - size, y + size);
    path.lineTo(x + size, y - size);
  }
}

function free(ctx: CanvasRenderingContext2D, features: TileFeature[], zoom: number, theme: Theme): void {
  const path = trace(features.filter((feature) => feature.kind === 2));
  const width = Math.min(11, Math.max(5, 6 * 2 ** ((zoom - 14) * 0.4)));
  ctx.lineCap = "butt";
  ctx.strokeStyle = theme.paper;
  ctx.lineWidth = width + 3;
  ctx.stroke(path);
  ctx.strokeStyle = theme.free;
  ctx.lineWidth = width;
  ctx.stroke(path);
  ctx.strokeStyle = theme.paper;
  ctx.lineWidth = 1.6;
  ctx.setLineDash([1.6, 7]);
  ctx.stroke(path);
  ctx.setLineDash([]);
}
