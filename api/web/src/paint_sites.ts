/** Paint sites and the results of analyses on one tile: an area's pattern and a line's build say its status. */

import { trace } from "./paint_base";
import type { Signs } from "./signs";
import { seeThrough, type Theme } from "./theme";
import type { LayerLook, Tile, TileFeature } from "./types";

const STRIPE_PX = 8;

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

/** People of a block fill it with a pattern, people at a point are a sign; both differ by more than colour. */
function people(ctx: CanvasRenderingContext2D, features: TileFeature[], zoom: number, theme: Theme): void {
  const colors: Record<string, string> = { served: theme.served, unserved: theme.unserved, not_assessed: theme.unknown };
  for (const [state, color] of Object.entries(colors)) {
    const some = features.filter((feature) => feature.properties["state"] === state);
    paintBlocks(ctx, trace(some.filter((feature) => feature.kind === 3)), state, color);
    const signs = new Path2D();
    for (const feature of some) if (feature.kind === 1) addSign(signs, state, feature.box[0], feature.box[1], peoplePx(feature, zoom));
    ctx.fillStyle = ctx.strokeStyle = color;
    ctx.lineWidth = 1.3;
    if (state === "not_assessed") ctx.stroke(signs);
    else ctx.fill(signs);
  }
}

export function paintBlocks(ctx: CanvasRenderingContext2D, path: Path2D, state: string, color: string): void {
  ctx.fillStyle = seeThrough(color, state === "served" ? 0.3 : 0.16);
  ctx.fill(path, "evenodd");
  if (state === "served") return;
  ctx.save();
  ctx.clip(path, "evenodd");
  ctx.strokeStyle = seeThrough(color, 0.75);
  ctx.lineWidth = 1.4;
  ctx.stroke(stripes(ctx.canvas.width, state === "unserved" ? 1 : -1));
  ctx.restore();
}

/** Slanted lines over a whole tile, which meet those of its neighbours. */
export function stripes(sizePx: number, direction: 1 | -1): Path2D {
  const lines = new Path2D();
  for (let start = -sizePx; start < 2 * sizePx; start += STRIPE_PX) {
    lines.moveTo(start, 0);
    lines.lineTo(start - direction * sizePx, sizePx);
  }
  return lines;
}

export function peoplePx(feature: TileFeature, zoom: number): number {
  const people = Number(feature.properties["people"] ?? 1);
  return Math.max(1.4, Math.min(9, (1 + Math.sqrt(people) * 0.45) * 2 ** ((zoom - 15) * 0.5)));
}

/** Served: a dot. Unserved: a diamond. Not assessed: a cross. Words of other kinds have a triangle or a square, too. */
export function addSign(path: Path2D, state: string, x: number, y: number, size: number): void {
  if (state === "served") {
    path.moveTo(x + size * 0.8, y);
    path.arc(x, y, size * 0.8, 0, 2 * Math.PI);
  } else if (state === "unserved") {
    path.moveTo(x, y - size * 1.25);
    path.lineTo(x + size * 1.25, y);
    path.lineTo(x, y + size * 1.25);
    path.lineTo(x - size * 1.25, y);
    path.closePath();
  } else if (state === "triangle") {
    path.moveTo(x, y - size * 1.1);
    path.lineTo(x + size * 1.1, y + size * 0.8);
    path.lineTo(x - size * 1.1, y + size * 0.8);
    path.closePath();
  } else if (state === "square") {
    path.rect(x - size * 0.75, y - size * 0.75, size * 1.5, size * 1.5);
  } else {
    path.moveTo(x - size, y - size);
    path.lineTo(x + size, y + size);
    path.moveTo(x - size, y + size);
    path.lineTo(x + size, y - size);
  }
}

/** A free stretch is a wide band under the river's own line. */
function free(ctx: CanvasRenderingContext2D, features: TileFeature[], zoom: number, theme: Theme): void {
  const path = trace(features.filter((feature) => feature.kind === 2));
  const width = Math.min(24, Math.max(13, 15 * 2 ** ((zoom - 14) * 0.4)));
  ctx.lineCap = "butt";
  ctx.lineJoin = "round";
  ctx.strokeStyle = theme.free;
  ctx.lineWidth = width;
  ctx.stroke(path);
  ctx.strokeStyle = seeThrough(theme.paper, 0.55);
  ctx.lineWidth = width - 3;
  ctx.stroke(path);
}
