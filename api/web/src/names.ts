/** Write names of districts, water and streets where there is room, and never over each other. */

import { streetRank } from "./paint_base";
import type { OverlayInput, Spot } from "./overlay";
import type { Theme } from "./theme";
import type { TileFeature } from "./types";

interface Name {
  text: string;
  x: number;
  y: number;
  angle: number;
  font: string;
  color: string;
  width: number;
  height: number;
  /** How far up or down it may go for a free place, in pixels, the best first. */
  shifts: number[];
}

const SAME_NAME_APART_PX = 340;
const STRAIGHT_RAD = 0.32;
const DISTRICT_SHIFTS = [0, -18, 18, -36, 36, -54, 54];

export function drawNames(ctx: CanvasRenderingContext2D, input: OverlayInput, spots: Spot[], theme: Theme): void {
  const taken: Name[] = [];
  for (const name of [...districtNames(ctx, input, theme), ...streetNames(ctx, input, theme)]) {
    const place = name.shifts.map((shift) => ({ ...name, y: name.y + shift })).find((tried) => !taken.some((other) => meet(tried, other)) && !spots.some((spot) => covers(tried, spot)));
    if (!place) continue;
    taken.push(place);
    write(ctx, place, theme);
  }
}

function write(ctx: CanvasRenderingContext2D, name: Name, theme: Theme): void {
  ctx.save();
  ctx.translate(name.x, name.y);
  ctx.rotate(name.angle);
  ctx.font = name.font;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3;
  ctx.strokeStyle = theme.halo;
  ctx.strokeText(name.text, 0, 0);
  ctx.fillStyle = name.color;
  ctx.fillText(name.text, 0, 0);
  ctx.restore();
}

function bounds(name: Name): [number, number, number, number] {
  const [cos, sin] = [Math.abs(Math.cos(name.angle)), Math.abs(Math.sin(name.angle))];
  const halfX = (name.width * cos + name.height * sin) / 2;
  const halfY = (name.width * sin + name.height * cos) / 2;
  return [name.x - halfX, name.y - halfY, name.x + halfX, name.y + halfY];
}

function meet(one: Name, two: Name): boolean {
  if (one.text === two.text && Math.hypot(one.x - two.x, one.y - two.y) < SAME_NAME_APART_PX) return true;
  const [a, b] = [bounds(one), bounds(two)];
  return a[0] < b[2] + 6 && b[0] < a[2] + 6 && a[1] < b[3] + 3 && b[1] < a[3] + 3;
}

function covers(name: Name, spot: Spot): boolean {
  const [west, north, east, south] = bounds(name);
  return spot.x + spot.radius > west && spot.x - spot.radius < east && spot.y + spot.radius > north && spot.y - spot.radius < south;
}

function nameOf(feature: TileFeature): string {
  return String(feature.properties["name"] ?? "");
}

/** A district's name stands in the middle of what is seen of it. */
function districtNames(ctx: CanvasRenderingContext2D, input: OverlayInput, theme: Theme): Name[] {
  if (input.zoom > 16) return [];
  const seen = new Map<string, { x: number; y: number; weight: number }>();
  for (const { tile, x, y } of input.base) {
    for (const feature of tile.get("districts") ?? []) {
      const [west, north, east, south] = feature.box;
      const weight = Math.max(1, (east - west) * (south - north));
      const sum = seen.get(nameOf(feature)) ?? { x: 0, y: 0, weight: 0 };
      sum.x += ((west + east) / 2 + x) * weight;
      sum.y += ((north + south) / 2 + y) * weight;
      sum.weight += weight;
      seen.set(nameOf(feature), sum);
    }
  }
  const font = `600 ${input.zoom < 13 ? 11.5 : 13}px ${theme.font}`;
  ctx.font = font;
  return [...seen].filter(([text]) => text).map(([text, { x, y, weight }]) => (
    { text, x: x / weight, y: y / weight, angle: 0, font, color: theme.label, width: ctx.measureText(text).width, height: 15, shifts: DISTRICT_SHIFTS }
  )); // prettier-ignore
}

/** A street's name runs along a straight enough part of it, main streets first. */
function streetNames(ctx: CanvasRenderingContext2D, input: OverlayInput, theme: Theme): Name[] {
  if (input.zoom < 14) return [];
  const found: { name: Name; rank: number }[] = [];
  for (const { tile, x, y } of input.base) {
    const lines = [...(tile.get("streets") ?? []), ...(tile.get("water") ?? [])].filter((feature) => feature.kind === 2 && nameOf(feature));
    for (const feature of lines) {
      const isWater = feature.properties["class"] === undefined && !(tile.get("streets") ?? []).includes(feature);
      const rank = isWater ? 1 : streetRank(feature);
      if (rank > (input.zoom < 15 ? 0 : input.zoom < 16 ? 1 : 3)) continue;
      const font = `${rank === 0 ? 600 : 450} ${rank < 2 ? 12 : 11}px ${theme.font}`;
      ctx.font = font;
      const width = ctx.measureText(nameOf(feature)).width;
      const run = straightRun(feature, width + 12);
      const color = isWater ? theme["label-water"] : theme.label;
      if (run) found.push({ rank, name: { text: nameOf(feature), x: run.x + x, y: run.y + y, angle: run.angle, font, color, width, height: 12, shifts: [0] } });
    }
  }
  return found.sort((one, two) => one.rank - two.rank).map(({ name }) => name);
}

/** The middle and direction of the first run of a line that is long and straight enough. */
function straightRun(feature: TileFeature, leastPx: number): { x: number; y: number; angle: number } | null {
  for (const path of feature.paths) {
    let start = 0;
    for (let at = 2; at < path.length; at += 2) {
      const [ax, ay, bx, by] = [path[start] ?? 0, path[start + 1] ?? 0, path[at] ?? 0, path[at + 1] ?? 0];
      const whole = Math.atan2(by - ay, bx - ax);
      const last = Math.atan2(by - (path[at - 1] ?? 0), bx - (path[at - 2] ?? 0));
      if (Math.abs(Math.atan2(Math.sin(whole - last), Math.cos(whole - last))) > STRAIGHT_RAD) start = at - 2;
      else if (Math.hypot(bx - ax, by - ay) >= leastPx) return { x: (ax + bx) / 2, y: (ay + by) / 2, angle: upright(whole) };
    }
  }
  return null;
}

function upright(angle: number): number {
  if (angle > Math.PI / 2) return angle - Math.PI;
  return angle < -Math.PI / 2 ? angle + Math.PI : angle;
}
