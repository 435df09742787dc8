/** Read a vector tile into features measured in CSS pixels, and find what lies under a point of it. */

import { VectorTile, type VectorTileFeature } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";
import type { Box, Tile, TileFeature } from "./types";

export function readTile(bytes: ArrayBuffer, sizePx: number): Tile {
  const tile: Tile = new Map();
  if (!bytes.byteLength) return tile;
  const read = new VectorTile(new PbfReader(bytes));
  for (const [name, layer] of Object.entries(read.layers)) {
    const scale = sizePx / layer.extent;
    const features: TileFeature[] = [];
    for (let at = 0; at < layer.length; at++) {
      const feature = toFeature(layer.feature(at), scale);
      if (feature) features.push(feature);
    }
    tile.set(name, features);
  }
  return tile;
}

function toFeature(feature: VectorTileFeature, scale: number): TileFeature | null {
  if (feature.type === 0) return null;
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  const paths = feature.loadGeometry().map((points) => {
    const path = new Float32Array(points.length * 2);
    points.forEach((point, at) => {
      const x = point.x * scale;
      const y = point.y * scale;
      path[at * 2] = x;
      path[at * 2 + 1] = y;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    });
    return path;
  });
  return { id: feature.id ?? -1, kind: feature.type, paths, box, properties: feature.properties };
}

/** Whether a point is on a feature, or within some pixels of it where it is a line or a point. */
export function touches(feature: TileFeature, x: number, y: number, slackPx: number): boolean {
  const [west, north, east, south] = feature.box;
  if (x < west - slackPx || x > east + slackPx || y < north - slackPx || y > south + slackPx) return false;
  if (feature.kind === 3) return inside(feature.paths, x, y);
  return feature.paths.some((path) => (feature.kind === 1 ? nearPoint(path, x, y, slackPx) : nearLine(path, x, y, slackPx)));
}

function nearPoint(path: Float32Array, x: number, y: number, slackPx: number): boolean {
  return Math.hypot((path[0] ?? 0) - x, (path[1] ?? 0) - y) <= slackPx;
}

function nearLine(path: Float32Array, x: number, y: number, slackPx: number): boolean {
  for (let at = 0; at + 3 < path.length; at += 2) {
    const [ax = 0, ay = 0, bx = 0, by = 0] = path.subarray(at, at + 4);
    const length2 = (bx - ax) ** 2 + (by - ay) ** 2;
    const along = length2 ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2)) : 0;
    if (Math.hypot(ax + along * (bx - ax) - x, ay + along * (by - ay) - y) <= slackPx) return true;
  }
  return false;
}

/** The even-odd rule over all rings: holes are out. */
function inside(rings: Float32Array[], x: number, y: number): boolean {
  let within = false;
  for (const ring of rings) {
    const count = ring.length;
    for (let at = 0, before = count - 2; at < count; before = at, at += 2) {
      const [ax, ay, bx, by] = [ring[at] ?? 0, ring[at + 1] ?? 0, ring[before] ?? 0, ring[before + 1] ?? 0];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
    }
  }
  return within;
}
