/** Paint what a run found by its look; classes and words differ by a pattern, a size or a figure, never by colour alone. */

import { classOf } from "./classes";
import type { Piece, Spot } from "./overlay";
import { trace } from "./paint_base";
import { addSign, paintBlocks, peoplePx, stripes } from "./paint_sites";
import { seeThrough, type Theme } from "./theme";
import type { FoundLayer, Tile, TileFeature } from "./types";
import type { Words } from "./words";

const FILLED = 0.8;
const MANY = 120;
const MOST_FIGURES = 40;
const FIGURE_PX = 26;
const FIGURE_SHIFTS = [[0, 0], [0, 14], [0, -14], [22, 0], [-22, 0], [0, 26], [0, -26], [38, 8], [-38, 8], [38, -12], [-38, -12]] as const;
/** Free stretches look the same on every map. */
export const FREE = "free";
/** What a scenario changes is drawn over the signs of sites. */
export const SCENARIO = "scenario";
const FREE_DASH = [8, 5];
const LINES: number[][] = [[], [10, 5], [3, 4], [14, 4, 3, 4], [6, 3]];

export function paintRun(ctx: CanvasRenderingContext2D, tile: Tile, zoom: number, layer: FoundLayer, place: number, theme: Theme): void {
  const features = tile.get(layer.output) ?? [];
  if (layer.output === SCENARIO) return;
  if (layer.look === "classes") paintClasses(ctx, features, layer, zoom, theme);
  else if (layer.look === "states") paintStates(ctx, features, layer, zoom, theme);
  else if (layer.look === "ranks") paintRanks(ctx, features, rankColor(layer, theme), theme);
  else if (layer.look === "lines") paintLines(ctx, features, layer, place, zoom, theme);
  else if (Object.keys(layer.states).length) paintStates(ctx, features, layer, zoom, theme);
  else circles(ctx, features, theme.free, theme.paper, 7 * near(zoom));
}

function shade(theme: Theme, step: number): string {
  return theme[`step-${step}` as keyof Theme] as string;
}

function paintClasses(ctx: CanvasRenderingContext2D, features: TileFeature[], layer: FoundLayer, zoom: number, theme: Theme): void {
  const classes = [...layer.breaks.keys(), -1];
  for (const at of classes) {
    const some = features.filter((feature) => classOf(feature.properties[layer.value], layer.breaks) === at);
    const areas = trace(some.filter((feature) => feature.kind === 3));
    if (at >= 0) {
      ctx.fillStyle = seeThrough(shade(theme, layer.steps[at] ?? 1), FILLED);
      ctx.fill(areas, "evenodd");
    }
    if (at < 0 || layer.steps[at] === 1) hatch(ctx, areas, at < 0 ? -1 : 1, seeThrough(theme.ink, at < 0 ? 0.3 : 0.42));
    // Of many small areas, edges would be all that is seen.
    const isFine = features.length > MANY && zoom < 16;
    ctx.strokeStyle = at < 0 ? theme.muted : seeThrough(theme.paper, isFine ? 0.45 : 1);
    ctx.lineWidth = isFine ? 0.4 : zoom < 13 ? 0.7 : 1.1;
    ctx.setLineDash(at < 0 ? [3, 3] : []);
    ctx.stroke(areas);
    ctx.setLineDash([]);
    circles(ctx, some, at < 0 ? theme.paper : shade(theme, layer.steps[at] ?? 1), theme.ink, (2.6 + 1.3 * Math.max(0, at)) * near(zoom));
  }
}

/** Points grow with their class. */
function circles(ctx: CanvasRenderingContext2D, features: TileFeature[], fill: string, edge: string, radius: number): void {
  const path = new Path2D();
  for (const { kind, box } of features) {
    if (kind !== 1) continue;
    path.moveTo(box[0] + radius, box[1]);
    path.arc(box[0], box[1], radius, 0, 2 * Math.PI);
  }
  ctx.fillStyle = fill;
  ctx.fill(path);
  ctx.strokeStyle = edge;
  ctx.lineWidth = 0.8;
  ctx.stroke(path);
}

function near(zoom: number): number {
  return Math.min(1.6, 2 ** ((zoom - 15) * 0.35));
}

function hatch(ctx: CanvasRenderingContext2D, areas: Path2D, direction: 1 | -1, color: string): void {
  ctx.save();
  ctx.clip(areas, "evenodd");
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.1;
  ctx.stroke(stripes(ctx.canvas.width, direction));
  ctx.restore();
}

/** Reached and unreached people look as they do on the map of sites; other words have a tone and a pattern each. */
function paintStates(ctx: CanvasRenderingContext2D, features: TileFeature[], layer: FoundLayer, zoom: number, theme: Theme): void {
  for (const [word, { tone }] of Object.entries(layer.states)) {
    const some = features.filter((feature) => String(feature.properties[layer.value]) === word);
    const color = theme[tone as keyof Theme] as string;
    const state = tone === "unknown" ? "not_assessed" : tone;
    const areas = trace(some.filter((feature) => feature.kind === 3));
    if (tone.startsWith("tone-")) paintTone(ctx, areas, Number(tone.slice(-1)), color);
    else paintBlocks(ctx, areas, state, color);
    ctx.strokeStyle = seeThrough(color, 0.5);
    ctx.lineWidth = 0.7;
    ctx.stroke(areas);
    const signs = new Path2D();
    for (const one of some) if (one.kind === 1) addSign(signs, signOf(state), one.box[0], one.box[1], one.properties["people"] === undefined ? 6 * near(zoom) : peoplePx(one, zoom));
    ctx.strokeStyle = theme.paper;
    ctx.lineWidth = 3;
    ctx.stroke(signs);
    ctx.fillStyle = ctx.strokeStyle = color;
    ctx.lineWidth = 1.3;
    if (signOf(state) === "not_assessed") ctx.stroke(signs);
    else ctx.fill(signs);
  }
}

function signOf(state: string): string {
  const signs: Record<string, string> = { "tone-2": "triangle", "tone-4": "square", "tone-3": "not_assessed", unserved: "unserved", not_assessed: "not_assessed" };
  return signs[state] ?? "served";
}

function paintTone(ctx: CanvasRenderingContext2D, areas: Path2D, number: number, color: string): void {
  ctx.fillStyle = seeThrough(color, number === 5 ? 0.22 : 0.4);
  ctx.fill(areas, "evenodd");
  if (number === 2 || number === 4) hatch(ctx, areas, 1, color);
  if (number === 3 || number === 4) hatch(ctx, areas, -1, color);
}

/** What is proposed has the colour of what a scenario adds. */
export function rankColor(layer: FoundLayer, theme: Theme): string {
  return layer.proposed ? theme["tone-3"] : theme.unserved;
}

function paintRanks(ctx: CanvasRenderingContext2D, features: TileFeature[], color: string, theme: Theme): void {
  ctx.fillStyle = seeThrough(color, 0.2);
  ctx.fill(trace(features.filter((feature) => feature.kind === 3)), "evenodd");
  const lines = trace(features.filter((feature) => feature.kind === 2));
  ctx.strokeStyle = seeThrough(color, 0.3);
  ctx.lineWidth = 11;
  ctx.stroke(lines);
  const path = trace(features.filter((feature) => feature.kind !== 1));
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.6;
  ctx.setLineDash([5, 3]);
  ctx.stroke(path);
  ctx.setLineDash([]);
  circles(ctx, features, color, theme.paper, 5);
}

/** Lines of the first layer are whole, those of the next dashed: how one is drawn follows its place among them. */
function paintLines(ctx: CanvasRenderingContext2D, features: TileFeature[], layer: FoundLayer, place: number, zoom: number, theme: Theme): void {
  const path = trace(features.filter((feature) => feature.kind === 2));
  const width = Math.min(10, Math.max(3.5, 5 * 2 ** ((zoom - 14) * 0.4)));
  ctx.lineCap = "butt";
  ctx.lineJoin = "round";
  ctx.strokeStyle = theme.paper;
  ctx.lineWidth = width + 2.5;
  ctx.stroke(path);
  ctx.strokeStyle = lineColor(layer, place, theme);
  ctx.lineWidth = width;
  ctx.setLineDash(layer.output === FREE ? FREE_DASH : (LINES[place % LINES.length] ?? []));
  ctx.stroke(path);
  ctx.setLineDash([]);
}

function lineColor(layer: FoundLayer, place: number, theme: Theme): string {
  return layer.output === FREE ? theme.free : (theme[`tone-${(place % 5) + 1}` as keyof Theme] as string);
}

/** Write the figure of each of a few large areas near its middle, clear of what stands there; return the places. */
export function drawFigures(ctx: CanvasRenderingContext2D, pieces: Piece[], layer: FoundLayer, words: Words, theme: Theme, taken: Spot[]): Spot[] {
  const seen = new Map<string, { x: number; y: number; weight: number; value: number; wide: number; high: number }>();
  for (const { tile, x, y } of pieces) {
    for (const { box, properties, kind } of tile.get(layer.output) ?? []) {
      const value = properties[layer.value];
      if (kind !== 3 || typeof value !== "number") continue;
      const weight = Math.max(1, (box[2] - box[0]) * (box[3] - box[1]));
      const key = String(properties[layer.key]);
      const sum = seen.get(key) ?? { x: 0, y: 0, weight: 0, value, wide: 0, high: 0 };
      sum.x += ((box[0] + box[2]) / 2 + x) * weight;
      sum.y += ((box[1] + box[3]) / 2 + y) * weight;
      sum.weight += weight;
      sum.wide = Math.max(sum.wide, box[2] - box[0]);
      sum.high = Math.max(sum.high, box[3] - box[1]);
      seen.set(key, sum);
    }
  }
  const spots: Spot[] = [];
  if (seen.size > MOST_FIGURES) return spots;
  for (const { x, y, weight, value, wide, high } of seen.values()) {
    const isLarge = wide >= FIGURE_PX * 1.5 && high >= FIGURE_PX;
    const place = isLarge ? clear(x / weight, y / weight, wide, high, [...taken, ...spots]) : null;
    if (place) spots.push(writeFigure(ctx, words.write(value, layer.kind), place[0], place[1], theme));
  }
  return spots;
}

/** The nearest place to the middle of an area where a figure covers nothing and stays inside; null where there is none. */
function clear(x: number, y: number, wide: number, high: number, taken: Spot[]): [number, number] | null {
  const inside = FIGURE_SHIFTS.filter(([right, down]) => Math.abs(right) <= wide / 4 && Math.abs(down) <= high / 4);
  const tried = inside.map(([right, down]): [number, number] => [x + right, y + down]);
  return tried.find(([atX, atY]) => !taken.some((spot) => Math.abs(spot.x - atX) < spot.radius + 20 && Math.abs(spot.y - atY) < spot.radius + 9)) ?? null;
}

function writeFigure(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, theme: Theme): Spot {
  ctx.font = `700 12px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const width = ctx.measureText(text).width + 10;
  ctx.fillStyle = seeThrough(theme.halo, 0.9);
  ctx.beginPath();
  ctx.roundRect(x - width / 2, y - 9, width, 18, 9);
  ctx.fill();
  ctx.fillStyle = theme.ink;
  ctx.fillText(text, x, y + 0.5);
  return { x, y, radius: 10, what: { kind: "figure" } };
}

/** Draw what a scenario changes: a plus where a site comes, a cross over one that closes, a ring around one adopted. */
export function drawChanges(ctx: CanvasRenderingContext2D, pieces: Piece[], layer: FoundLayer, theme: Theme): Spot[] {
  const spots: Spot[] = [];
  for (const { tile, x, y } of pieces) {
    for (const { box, properties } of tile.get(layer.output) ?? []) {
      const [what, size] = [String(properties[layer.value]), 7];
      const [atX, atY] = [box[0] + x, box[1] + y];
      const sign = new Path2D();
      if (what === "adopted") sign.arc(atX, atY, 12, 0, 2 * Math.PI);
      else {
        const [along, across] = what === "added" ? [size, 0] : [size, size];
        sign.moveTo(atX - along, atY - across);
        sign.lineTo(atX + along, atY + across);
        sign.moveTo(atX + across, atY - along);
        sign.lineTo(atX - across, atY + along);
        const ground = new Path2D();
        ground.arc(atX, atY, 12, 0, 2 * Math.PI);
        ctx.fillStyle = seeThrough(theme.paper, 0.75);
        ctx.fill(ground);
      }
      ctx.strokeStyle = what === "added" ? theme["tone-3"] : what === "closed" ? theme.unserved : theme.served;
      ctx.lineWidth = 3.5;
      ctx.stroke(sign);
      spots.push({ x: atX, y: atY, radius: 12, what: { kind: "figure" } });
    }
  }
  return spots;
}

/** Draw an outline around what a row of a table is about. */
export function drawChosen(ctx: CanvasRenderingContext2D, pieces: Piece[], layer: FoundLayer, key: string, theme: Theme): void {
  for (const { tile, x, y } of pieces) {
    const some = (tile.get(layer.output) ?? []).filter((feature) => String(feature.properties[layer.key]) === key);
    if (!some.length) continue;
    ctx.save();
    ctx.translate(x, y);
    ctx.beginPath();
    ctx.lineJoin = "round";
    const path = trace(some.filter((feature) => feature.kind !== 1));
    for (const { kind, box } of some) if (kind === 1) path.arc(box[0], box[1], 11, 0, 2 * Math.PI);
    for (const [color, width] of [[theme.paper, 6], [theme.ink, 3]] as const) {
      ctx.strokeStyle = color;
      ctx.lineWidth = width;
      ctx.stroke(path);
    }
    ctx.restore();
  }
}
