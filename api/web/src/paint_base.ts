/** Paint the register's own context as a base map: land, green, water, streets by class, districts. */

import type { Theme } from "./theme";
import type { Tile, TileFeature } from "./types";

const MAIN = new Set(["motorway", "trunk", "primary", "main", "arterial", "avenue", "1"]);
const BUSY = new Set(["secondary", "tertiary", "collector", "street", "2", "3"]);
const SMALL = new Set(["service", "living_street", "track", "alley", "lane", "5"]);
const FOOT = new Set(["footway", "path", "pedestrian", "steps", "cycleway", "bridleway", "sidewalk", "crossing", "walk"]);

/** Widths in pixels at zoom 14, and the zoom from which a class of street is drawn. */
const STREETS = [
  { width: 4.4, from: 9 },
  { width: 3.1, from: 11.5 },
  { width: 1.8, from: 12.5 },
  { width: 1.2, from: 14 },
  { width: 0.9, from: 15 },
];

export function streetRank(feature: TileFeature): number {
  const name = String(feature.properties["class"] ?? feature.properties["kind"] ?? "").toLowerCase().replace(/_link$/, "");
  if (MAIN.has(name)) return 0;
  if (BUSY.has(name)) return 1;
  if (SMALL.has(name)) return 3;
  return FOOT.has(name) ? 4 : 2;
}

export function paintBase(ctx: CanvasRenderingContext2D, tile: Tile, zoom: number, theme: Theme): void {
  ctx.lineJoin = ctx.lineCap = "round";
  areas(ctx, tile.get("green") ?? [], theme.green, theme.green);
  water(ctx, tile.get("water") ?? [], zoom, theme);
  streets(ctx, tile.get("streets") ?? [], zoom, theme);
  districts(ctx, tile.get("districts") ?? [], zoom, theme);
}

export function trace(features: Iterable<TileFeature>): Path2D {
  const path = new Path2D();
  for (const feature of features) {
    for (const points of feature.paths) {
      path.moveTo(points[0] ?? 0, points[1] ?? 0);
      for (let at = 2; at < points.length; at += 2) path.lineTo(points[at] ?? 0, points[at + 1] ?? 0);
      if (feature.kind === 3) path.closePath();
    }
  }
  return path;
}

function areas(ctx: CanvasRenderingContext2D, features: TileFeature[], fill: string, edge: string): void {
  const path = trace(features.filter((feature) => feature.kind === 3));
  ctx.fillStyle = fill;
  ctx.fill(path, "evenodd");
  ctx.strokeStyle = edge;
  ctx.lineWidth = 0.8;
  ctx.stroke(path);
}

function water(ctx: CanvasRenderingContext2D, features: TileFeature[], zoom: number, theme: Theme): void {
  areas(ctx, features, theme.water, theme["water-edge"]);
  ctx.strokeStyle = theme.water;
  ctx.lineWidth = 1.8 * 2 ** ((zoom - 14) * 0.6);
  ctx.stroke(trace(features.filter((feature) => feature.kind === 2)));
}

function streets(ctx: CanvasRenderingContext2D, features: TileFeature[], zoom: number, theme: Theme): void {
  const ranks = STREETS.map((street, rank) => ({
    path: zoom >= street.from ? trace(features.filter((feature) => feature.kind === 2 && streetRank(feature) === rank)) : null,
    width: street.width * 2 ** ((zoom - 14) * 0.66),
    rank,
  })).reverse();
  ctx.lineCap = "butt";
  for (const { path, width, rank } of ranks) {
    if (!path || rank > 3 || width < 1.4) continue;
    ctx.strokeStyle = theme["street-edge"];
    ctx.lineWidth = width + 1.6;
    ctx.stroke(path);
  }
  ctx.lineCap = "round";
  for (const { path, width, rank } of ranks) {
    if (!path) continue;
    const thin = width < 1.4;
    ctx.strokeStyle = rank > 3 ? theme.path : thin ? theme["street-edge"] : theme.street;
    ctx.lineWidth = rank > 3 ? Math.min(1.4, width) : Math.max(0.7, width);
    ctx.setLineDash(rank > 3 ? [3, 3] : []);
    ctx.stroke(path);
  }
  ctx.setLineDash([]);
}

function districts(ctx: CanvasRenderingContext2D, features: TileFeature[], zoom: number, theme: Theme): void {
  ctx.strokeStyle = theme.district;
  ctx.lineWidth = zoom < 13 ? 0.9 : 1.2;
  ctx.setLineDash([6, 4]);
  ctx.lineCap = "butt";
  ctx.stroke(trace(features.filter((feature) => feature.kind === 3)));
  ctx.setLineDash([]);
}
