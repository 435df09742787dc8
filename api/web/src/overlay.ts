/** Draw what stands above the tiles: counted circles, signs of sites, ranks of gaps, names. */

import { drawNames } from "./names";
import type { Signs } from "./signs";
import type { Shows } from "./paint_sites";
import type { Theme } from "./theme";
import type { LayerLook, Tile, TileFeature } from "./types";

/** A tile and where its corner is, in pixels of the overlay. */
export interface Piece {
  tile: Tile;
  x: number;
  y: number;
}

/** Something on the overlay that can be pointed at. */
export interface Spot {
  x: number;
  y: number;
  radius: number;
  what: { kind: "counts"; total: number; cared: number } | { kind: "site"; layer: string; feature: TileFeature } | { kind: "gap"; feature: TileFeature } | { kind: "figure" };
}

export interface OverlayInput {
  sites: Piece[];
  base: Piece[];
  findings: Piece[];
  looks: LayerLook[];
  shows: Shows;
  zoom: number;
  numbers: Intl.NumberFormat;
}

interface Whole {
  feature: TileFeature;
  look: LayerLook;
  west: number;
  north: number;
  east: number;
  south: number;
}

const CIRCLE_APART_PX = 68;
const CIRCLE_SHIFT_PX = 17;
const SHIFTS = [[0, 0], [0, 1], [0, -1], [1, 0], [-1, 0], [1, 1], [-1, -1], [1, -1], [-1, 1], [0, 2], [0, -2], [2, 0], [-2, 0]] as const;
const FEW = 80;
const BADGE_PX = 44;
const MARK_PX = 24;
const CARED = ["cared_for", "lapsing", "needs_help"];

/** `more` draws what else there is, knowing where signs stand, and returns its places: names keep clear of all. */
export function drawOverlay(ctx: CanvasRenderingContext2D, input: OverlayInput, signs: Signs, theme: Theme, more: (taken: Spot[]) => Spot[] = () => []): Spot[] {
  const spots = drawSigns(ctx, input, signs);
  const ranks = placeNumbers(input.findings, "gaps", "rank");
  spots.push(...ranks);
  spots.push(...drawCircles(ctx, input, theme, spots));
  // What was asked for lies over what is always there.
  paintNumbers(ctx, ranks, "rank", theme.unserved, theme);
  spots.push(...more(spots));
  drawNames(ctx, input, spots, theme);
  return spots;
}

interface Circle {
  x: number;
  y: number;
  total: number;
  cared: number;
}

/** Add counted points of all layers up where they are near each other. */
export function mergeCounts(input: OverlayInput): Circle[] {
  const circles: Circle[] = [];
  for (const { tile, x, y } of input.sites) {
    for (const look of input.looks) {
      for (const feature of tile.get(`${look.id}-counts`) ?? []) {
        const statuses = Object.entries(feature.properties).filter(([status]) => status !== "count" && input.shows(look.id, status));
        const total = statuses.reduce((sum, [, count]) => sum + Number(count), 0);
        const cared = statuses.reduce((sum, [status, count]) => sum + (CARED.includes(status) ? Number(count) : 0), 0);
        if (total) addCircle(circles, { x: x + feature.box[0], y: y + feature.box[1], total, cared });
      }
    }
  }
  // Adding up moves circles, so that some are near each other again.
  const again: Circle[] = [];
  for (const circle of circles) addCircle(again, circle);
  return again;
}

function addCircle(circles: Circle[], added: Circle): void {
  const near = circles.find((circle) => Math.hypot(circle.x - added.x, circle.y - added.y) < CIRCLE_APART_PX);
  if (!near) {
    circles.push({ ...added });
    return;
  }
  const sum = near.total + added.total;
  near.x += ((added.x - near.x) * added.total) / sum;
  near.y += ((added.y - near.y) * added.total) / sum;
  near.total = sum;
  near.cared += added.cared;
}

function drawCircles(ctx: CanvasRenderingContext2D, input: OverlayInput, theme: Theme, taken: Spot[]): Spot[] {
  return mergeCounts(input).map(({ x: meanX, y: meanY, total, cared }) => {
    const radius = Math.min(25, 10.5 + Math.log10(total + 1) * 4);
    const [x, y] = aside(meanX, meanY, radius, taken);
    ring(ctx, x, y, radius, 1, theme.paper, radius * 2, true);
    ring(ctx, x, y, radius - 2.5, 1, theme.ring, 4);
    ring(ctx, x, y, radius - 2.5, cared / total, theme.accent, 4);
    ctx.fillStyle = theme.ink;
    ctx.font = `620 ${total > 999 ? 11 : 12}px ${theme.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(input.numbers.format(total), x, y + 0.5);
    return { x, y, radius, what: { kind: "counts", total, cared } };
  });
}

/** The nearest place to a point where a circle covers no sign; the point itself if there is none. */
function aside(x: number, y: number, radius: number, taken: Spot[]): [number, number] {
  for (const [right, down] of SHIFTS) {
    const [triedX, triedY] = [x + right * CIRCLE_SHIFT_PX, y + down * CIRCLE_SHIFT_PX];
    if (!taken.some((spot) => Math.hypot(spot.x - triedX, spot.y - triedY) < spot.radius + radius + 1)) return [triedX, triedY];
  }
  return [x, y];
}

function ring(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number, share: number, color: string, width: number, filled = false): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, -Math.PI / 2, -Math.PI / 2 + share * 2 * Math.PI);
  if (filled) {
    ctx.fillStyle = color;
    ctx.fill();
    return;
  }
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.lineCap = "butt";
  ctx.stroke();
}

type Numbered = Spot & { what: { kind: "gap"; feature: TileFeature } };

/** Put a number on the largest piece of each place of an output, told by its key. */
export function drawNumbers(ctx: CanvasRenderingContext2D, findings: Piece[], output: string, key: string, value: string, color: string, theme: Theme): Spot[] {
  const found = placeNumbers(findings, output, key);
  paintNumbers(ctx, found, value, color, theme);
  return found;
}

function placeNumbers(findings: Piece[], output: string, key: string): Numbered[] {
  const found = new Map<string, Numbered>();
  for (const { tile, x, y } of findings) {
    for (const feature of tile.get(output) ?? []) {
      const [west, north, east, south] = feature.box;
      const own = String(feature.properties[key]);
      const known = found.get(own);
      if (known && boxPx2(known.what.feature) >= boxPx2(feature)) continue;
      found.set(own, { x: x + (west + east) / 2, y: y + (north + south) / 2, radius: 13, what: { kind: "gap", feature } });
    }
  }
  return [...found.values()];
}

/** The lowest numbers lie on top. */
function paintNumbers(ctx: CanvasRenderingContext2D, found: Numbered[], value: string, color: string, theme: Theme): void {
  const number = (spot: Numbered) => Number(spot.what.feature.properties[value]);
  for (const spot of [...found].sort((one, two) => number(two) - number(one))) {
    ring(ctx, spot.x, spot.y, 14, 1, theme.paper, 0, true);
    ring(ctx, spot.x, spot.y, 12, 1, color, 0, true);
    ctx.fillStyle = theme.paper;
    ctx.font = `700 12px ${theme.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(String(number(spot)), spot.x, spot.y + 0.5);
  }
}

function boxPx2({ box: [west, north, east, south] }: TileFeature): number {
  return (east - west) * (south - north);
}

/** Put a sign on each point and on each area that has room for one, or that is one of few. */
function drawSigns(ctx: CanvasRenderingContext2D, input: OverlayInput, signs: Signs): Spot[] {
  const spots: Spot[] = [];
  for (const look of input.looks) {
    if (look.geometry === "LineString") continue;
    const wholes = [...wholeFeatures(input, look).values()];
    for (const whole of wholes) {
      const spot = place(whole, wholes.length <= FEW, input.zoom);
      if (!spot || spots.some((other) => Math.hypot(other.x - spot.x, other.y - spot.y) < other.radius + spot.radius - 4)) continue;
      const status = String(whole.feature.properties["status"]);
      if (spot.radius > 10) signs.badge(ctx, look, status, spot.x, spot.y);
      else signs.mark(ctx, look, status, spot.x, spot.y, spot.radius * 2);
      spots.push(spot);
    }
  }
  return spots;
}

function place(whole: Whole, few: boolean, zoom: number): Spot | null {
  const isPoint = whole.look.geometry === "Point";
  const side = Math.min(whole.east - whole.west, whole.south - whole.north);
  if (!isPoint && !few && side < MARK_PX) return null;
  const badge = isPoint ? zoom >= 17 && few : side >= BADGE_PX || (few && zoom >= whole.look.minZoom + 3);
  const radius = badge ? 12 : isPoint || side >= MARK_PX ? 8 : 6;
  const what = { kind: "site", layer: whole.look.id, feature: whole.feature } as const;
  return { x: (whole.west + whole.east) / 2, y: (whole.north + whole.south) / 2, radius, what };
}

/** Join the pieces of a feature that tiles cut up, by its id. */
function wholeFeatures(input: OverlayInput, look: LayerLook): Map<number, Whole> {
  const wholes = new Map<number, Whole>();
  for (const { tile, x, y } of input.sites) {
    for (const feature of tile.get(look.id) ?? []) {
      if (!input.shows(look.id, String(feature.properties["status"]))) continue;
      const [west, north, east, south] = feature.box;
      const known = wholes.get(feature.id);
      const whole = known ?? { feature, look, west: Infinity, north: Infinity, east: -Infinity, south: -Infinity };
      whole.west = Math.min(whole.west, west + x);
      whole.north = Math.min(whole.north, north + y);
      whole.east = Math.max(whole.east, east + x);
      whole.south = Math.max(whole.south, south + y);
      if (!known) wholes.set(feature.id, whole);
    }
  }
  return wholes;
}
