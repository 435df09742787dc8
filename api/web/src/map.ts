/** The only door to Leaflet: a map of canvas tiles with a canvas of signs and names above them. */

import "leaflet/dist/leaflet.css";
import * as L from "leaflet";
import type { Piece, Spot } from "./overlay";
import { getTile, wasCancelled } from "./request";
import { readTile, touches } from "./tile";
import type { Box, Place, Tile, TileFeature } from "./types";

const OVERLAY_PAD = 0.15;
const IS_TOUCHED = matchMedia("(pointer: coarse)").matches;
const SLACK_PX = IS_TOUCHED ? 16 : 7;
const MAX_ZOOM = 20;
const RING_PX = 19;
const ON_PAPER = matchMedia("print");
/** What an upright sheet of A4 holds beside its margins; the height leaves room for a legend. */
const PAPER_PX = { width: 680, height: 640 };

/** Where tiles come from and how they are painted. */
export interface TileSource {
  tilePx: number;
  /** The address of a tile; "" asks for none. */
  url(z: number, x: number, y: number): string;
  paint(ctx: CanvasRenderingContext2D, tile: Tile, zoom: number): void;
}

export interface Hit {
  layer: string;
  feature: TileFeature;
}

export interface MapEvents {
  moved(): void;
  /** A point was clicked, or touched: the sign there, or null for the ground. */
  clicked(lat: number, lng: number, spot: Spot | null): void;
  /** The pointer rests on a point; return what to say there, as safe HTML, or "". */
  hovered(lat: number, lng: number, spot: Spot | null): string;
  /** Draw signs and names on the overlay; return what can be clicked there. */
  overlay(ctx: CanvasRenderingContext2D, widthPx: number, heightPx: number, zoom: number): Spot[];
  loading(busy: boolean): void;
  failed(): void;
  /** The view changes, step by step. */
  moving?(place: Place): void;
}

interface Held {
  canvas: HTMLCanvasElement;
  coords: L.Coords;
  tile: Tile | null;
  waiting: AbortController;
  /** Tells Leaflet that the tile is there; it keeps older tiles under it until then. */
  done: L.DoneCallback;
}

/** Vector tiles, each painted on a canvas of its own. */
export class CanvasTiles extends L.GridLayer {
  private readonly held = new Map<string, Held>();

  constructor(private readonly source: TileSource, private readonly failed: () => void, pane: string) {
    super({ tileSize: source.tilePx, pane, updateWhenZooming: false, keepBuffer: 1, maxZoom: MAX_ZOOM });
    this.on("tileunload", (event) => this.drop((event as L.TileEvent).coords));
  }

  override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = this.source.tilePx * devicePixelRatio;
    const held: Held = { canvas, coords, tile: null, waiting: new AbortController(), done };
    this.held.set(keyOf(coords), held);
    void this.load(held);
    return canvas;
  }

  /** Ask for every tile again; the old picture stays until the new one is there. */
  refresh(): void {
    for (const held of this.held.values()) {
      held.waiting.abort();
      held.waiting = new AbortController();
      void this.load(held);
    }
  }

  repaint(): void {
    for (const held of this.held.values()) this.paint(held);
  }

  /** The tiles of the zoom in view, with their corners in pixels of the map. */
  pieces(map: L.Map): Piece[] {
    const zoom = Math.round(map.getZoom());
    const origin = map.getPixelBounds().min ?? L.point(0, 0);
    const pieces: Piece[] = [];
    for (const { coords, tile } of this.held.values()) {
      if (tile && coords.z === zoom) pieces.push({ tile, x: coords.x * this.source.tilePx - origin.x, y: coords.y * this.source.tilePx - origin.y });
    }
    return pieces;
  }

  hits(map: L.Map, at: L.LatLng): Hit[] {
    const zoom = Math.round(map.getZoom());
    const point = map.project(at, zoom);
    const corner = point.divideBy(this.source.tilePx).floor();
    const tile = this.held.get(`${corner.x}:${corner.y}:${zoom}`)?.tile;
    const [x, y] = [point.x - corner.x * this.source.tilePx, point.y - corner.y * this.source.tilePx];
    const found: Hit[] = [];
    for (const [layer, features] of tile ?? []) {
      for (const feature of features) if (touches(feature, x, y, SLACK_PX)) found.push({ layer, feature });
    }
    return found;
  }

  private async load(held: Held): Promise<void> {
    const { coords } = held;
    const shift = Math.log2(this.source.tilePx / 256);
    const url = coords.z < shift ? "" : this.source.url(coords.z - shift, coords.x, coords.y);
    const { signal } = held.waiting;
    try {
      // Leaflet does not know the tile before this has waited once.
      const bytes = await (url ? getTile(url, signal) : Promise.resolve(new ArrayBuffer(0)));
      if (signal.aborted) return;
      held.tile = readTile(bytes, this.source.tilePx);
      this.paint(held);
      this.settle(held);
    } catch (error) {
      if (wasCancelled(error)) return;
      this.failed();
      this.settle(held, error as Error);
    }
  }

  private settle(held: Held, error?: Error): void {
    held.done(error, held.canvas);
    held.done = () => this.fire("repainted");
  }

  private paint({ canvas, tile, coords }: Held): void {
    const ctx = tile ? wipe(canvas, this.source.tilePx, this.source.tilePx) : null;
    if (!ctx || !tile) return;
    this.source.paint(ctx, tile, coords.z);
  }

  private drop(coords: L.Coords): void {
    this.held.get(keyOf(coords))?.waiting.abort();
    this.held.delete(keyOf(coords));
  }
}

/** Empty a canvas, with the pen as it was at first. What is emptied in another way comes out white on paper, and hides what lies below. */
function wipe(canvas: HTMLCanvasElement, widthPx: number, heightPx: number): CanvasRenderingContext2D | null {
  const [width, height] = [widthPx, heightPx].map((px) => Math.round(px * devicePixelRatio)) as [number, number];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const ctx = canvas.getContext("2d");
  if (!ctx) return null;
  ctx.restore();
  ctx.save();
  ctx.globalCompositeOperation = "copy";
  ctx.fillStyle = "transparent";
  ctx.fillRect(0, 0, width, height);
  ctx.globalCompositeOperation = "source-over";
  ctx.scale(devicePixelRatio, devicePixelRatio);
  return ctx;
}

function keyOf(coords: L.Coords): string {
  return `${coords.x}:${coords.y}:${coords.z}`;
}

export class MapView {
  private readonly map: L.Map;
  private readonly canvas = document.createElement("canvas");
  private readonly tip = L.tooltip({ direction: "top", offset: [0, -8], className: "tip", opacity: 1 });
  private readonly layers: CanvasTiles[] = [];
  private readonly chosen = L.layerGroup();
  private spots: Spot[] = [];
  private pad = L.point(0, 0);
  private drawing = 0;
  private readonly dots = L.layerGroup();

  /** A map that is part of a longer page leaves one finger, and the wheel until it has the focus, to the page. */
  constructor(element: HTMLElement, private readonly events: MapEvents, words: { zoomIn: string; zoomOut: string }, private readonly inPage = false) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = L.map(element, {
      zoomControl: false, minZoom: 3, maxZoom: MAX_ZOOM, zoomAnimation: !still, fadeAnimation: !still,
      wheelPxPerZoomLevel: 90, attributionControl: true, scrollWheelZoom: !inPage, dragging: !(inPage && IS_TOUCHED),
    }); // prettier-ignore
    if (inPage) this.map.on("focus", () => this.map.scrollWheelZoom.enable()).on("blur", () => this.map.scrollWheelZoom.disable());
    L.control.zoom({ position: "topright", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(this.map);
    L.control.scale({ position: "bottomright", imperial: false }).addTo(this.map);
    this.map.createPane("base").style.zIndex = "210";
    this.map.createPane("findings").style.zIndex = "220";
    this.map.createPane("sites").style.zIndex = "230";
    this.map.createPane("signs").style.zIndex = "450";
    this.map.createPane("dots").style.zIndex = "460";
    this.map.getPane("signs")?.append(this.canvas);
    this.canvas.className = "signs leaflet-zoom-hide";
  }

  /** Start at a place; nothing is loaded before. */
  start(place: Place | null, box: Box): void {
    if (place) this.map.setView([place.lat, place.lng], place.zoom);
    else if (this.inPage) this.fit(box, false, [8, 8, 8, 8]);
    else this.fill(box);
    this.map.on("moveend", () => this.settled());
    this.map.on("move", () => this.events.moving?.(this.place()));
    this.map.on("click", (event) => this.events.clicked(event.latlng.lat, event.latlng.lng, this.spotAt(event.containerPoint)));
    this.map.on("mousemove", (event) => this.rest(event));
    this.map.on("mouseout dragstart zoomstart", () => this.map.closeTooltip(this.tip));
    this.settled();
  }

  /** Show a whole box; one zoom closer where it would leave most of a narrow map empty. */
  private fill(box: Box): void {
    this.fit(box, false);
    const size = this.map.getSize();
    const [a, b] = [this.map.latLngToContainerPoint([box[3], box[0]]), this.map.latLngToContainerPoint([box[1], box[2]])];
    if (size.y > size.x && (b.y - a.y) * 2 < size.y) this.map.setZoom(this.map.getZoom() + 1, { animate: false });
  }

  addTiles(source: TileSource, pane: "base" | "findings" | "sites"): CanvasTiles {
    const tiles = new CanvasTiles(source, () => this.events.failed(), pane);
    tiles.on("loading", () => this.events.loading(true));
    tiles.on("load", () => this.events.loading(this.layers.some((layer) => layer.isLoading())));
    tiles.on("tileload load repainted", () => this.redraw());
    this.layers.push(tiles);
    return tiles.addTo(this.map);
  }

  /** Put dots at places, in the stead of those before. */
  dot(places: readonly [number, number][]): void {
    this.dots.clearLayers().addTo(this.map);
    for (const [lat, lng] of places) this.dots.addLayer(L.circleMarker([lat, lng], { className: "drawn-point", pane: "dots", radius: 7, interactive: false }));
  }

  addImages(url: string, attribution: string): void {
    L.tileLayer(url, { attribution: attribution.replace(/[<>&]/g, ""), maxZoom: MAX_ZOOM, pane: "base" }).addTo(this.map);
  }

  credit(text: string): void {
    if (text) this.map.attributionControl.addAttribution(text.replace(/[<>&]/g, ""));
  }

  pieces(tiles: CanvasTiles): Piece[] {
    return tiles.pieces(this.map).map((piece) => ({ tile: piece.tile, x: piece.x + this.pad.x, y: piece.y + this.pad.y }));
  }

  hits(tiles: CanvasTiles, lat: number, lng: number): Hit[] {
    return tiles.hits(this.map, L.latLng(lat, lng));
  }

  place(): Place {
    const { lat, lng } = this.map.getCenter();
    return { zoom: this.map.getZoom(), lat, lng };
  }

  box(): Box {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  go(place: Place): void {
    this.map.setView([place.lat, place.lng], place.zoom);
  }

  /** Be where another map is, at once. */
  follow(place: Place): void {
    this.map.setView([place.lat, place.lng], place.zoom, { animate: false });
  }

  /** Show a box; `room` is what panels cover, in pixels: left, top, right, bottom. */
  fit([west, south, east, north]: Box, moving = true, room: [number, number, number, number] = [24, 24, 24, 24], maxZoom = 18): void {
    const bounds = L.latLngBounds([south, west], [north, east]);
    this.map.fitBounds(bounds, { animate: moving, maxZoom, paddingTopLeft: [room[0], room[1]], paddingBottomRight: [room[2], room[3]] });
  }

  /** Bring a box into the part of the map that panels leave free; zoom in to `leastZoom` only where it is too far off. */
  bring(box: Box, room: [number, number, number, number], leastZoom: number): void {
    if (this.map.getZoom() >= leastZoom && this.shows(box, room)) return;
    this.fit(box, true, room, Math.max(this.map.getZoom(), leastZoom));
  }

  /** Whether a box is in view, outside what panels cover. */
  private shows([west, south, east, north]: Box, room: [number, number, number, number]): boolean {
    const size = this.map.getSize();
    const [a, b] = [this.map.latLngToContainerPoint([north, west]), this.map.latLngToContainerPoint([south, east])];
    return a.x >= room[0] && a.y >= room[1] && b.x <= size.x - room[2] && b.y <= size.y - room[3];
  }

  zoomTo(lat: number, lng: number, steps: number): void {
    this.map.setView([lat, lng], Math.min(MAX_ZOOM, this.map.getZoom() + steps));
  }

  locate(x: number, y: number): { lat: number; lng: number } {
    return this.map.containerPointToLatLng([x - this.pad.x, y - this.pad.y]);
  }

  /** Show which site is chosen: its outline, and a ring where that is too small to see; null shows none. */
  choose(shape: GeoJSON.Feature | null, color: string): void {
    this.chosen.clearLayers().addTo(this.map);
    if (!shape) return;
    const ring = { color, weight: 3, fill: false, interactive: false, radius: RING_PX };
    const isLine = shape.geometry.type.endsWith("LineString");
    const outline = L.geoJSON(shape, {
      interactive: false,
      // A line's own colours say its status, so its choice is a shade around it.
      style: isLine ? { color, weight: 18, opacity: 0.22 } : { color, weight: 3, fill: false },
      pointToLayer: (_, at) => L.circleMarker(at, ring),
    }).addTo(this.chosen); // prettier-ignore
    const [from, to] = [outline.getBounds().getSouthWest(), outline.getBounds().getNorthEast()].map((at) => this.map.latLngToLayerPoint(at));
    if (from && to && !isLine && from.distanceTo(to) < RING_PX * 2) L.circleMarker(outline.getBounds().getCenter(), ring).addTo(this.chosen);
  }

  resized(): void {
    if (ON_PAPER.matches) return;
    this.map.invalidateSize({ pan: false });
    this.rememberSize();
    this.redraw();
  }

  /** Let the style sheet show the map on paper as large as it was drawn, or as large as a sheet can hold. */
  private rememberSize(): void {
    const { x, y } = this.map.getSize();
    const style = this.map.getContainer().style;
    style.setProperty("--drawn-width", `${x}px`);
    style.setProperty("--drawn-height", `${y}px`);
    style.setProperty("--on-paper", String(Math.min(1, PAPER_PX.width / x, PAPER_PX.height / y)));
  }

  /** Draw signs and names again, once, before the next frame; paper has no next frame. */
  redraw(): void {
    cancelAnimationFrame(this.drawing);
    if (ON_PAPER.matches) return this.draw();
    this.drawing = requestAnimationFrame(() => this.draw());
  }

  private settled(): void {
    this.draw();
    this.events.moved();
  }

  private draw(): void {
    cancelAnimationFrame(this.drawing);
    this.drawing = 0;
    const size = this.map.getSize();
    this.pad = size.multiplyBy(OVERLAY_PAD).round();
    const full = size.add(this.pad.multiplyBy(2));
    L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint(this.pad.multiplyBy(-1)));
    this.canvas.style.width = `${full.x}px`;
    this.canvas.style.height = `${full.y}px`;
    const ctx = wipe(this.canvas, full.x, full.y);
    if (!ctx) return;
    this.spots = this.events.overlay(ctx, full.x, full.y, this.map.getZoom());
  }

  private spotAt(point: L.Point): Spot | null {
    // What was just switched off must not answer a click that is faster than the next frame.
    if (this.drawing) this.draw();
    const [x, y] = [point.x + this.pad.x, point.y + this.pad.y];
    const near = this.spots.filter((spot) => Math.hypot(spot.x - x, spot.y - y) <= spot.radius + (IS_TOUCHED ? 6 : 0));
    return near.sort((one, two) => Math.hypot(one.x - x, one.y - y) - Math.hypot(two.x - x, two.y - y))[0] ?? null;
  }

  private rest(event: L.LeafletMouseEvent): void {
    if (IS_TOUCHED) return;
    const { lat, lng } = event.latlng;
    const words = this.events.hovered(lat, lng, this.spotAt(event.containerPoint));
    this.map.getContainer().classList.toggle("pointing", words !== "");
    if (words) this.tip.setLatLng(event.latlng).setContent(words).openOn(this.map);
    else this.map.closeTooltip(this.tip);
  }
}
