/** The map of a run on its page: what it found over the base map, the sites that serve on top, and one row of a table chosen. */

import { must } from "./dom";
import { html, SafeHtml } from "./html";
import { MapView, type CanvasTiles, type Hit, type MapEvents } from "./map";
import { drawNumbers, drawOverlay, type Spot } from "./overlay";
import { paintBase } from "./paint_base";
import { drawChanges, drawChosen, drawFigures, FREE, paintRun, rankColor, SCENARIO } from "./paint_run";
import { paintSites } from "./paint_sites";
import { Signs } from "./signs";
import { readTheme } from "./theme";
import type { Box, FoundLayer, LayerLook, Place, RunConfig, RunLook } from "./types";
import { Words } from "./words";

const GRID = "WebMercatorQuad";
const TILE_PX = 512;
const NOTHING = new SafeHtml("");
export const SITES = "sites";

/** What a map tells the page around it. */
export interface RunMapEvents {
  /** The pointer is over what a row is about, or over nothing ("") . */
  pointed(key: string): void;
  picked(key: string): void;
  moving(place: Place): void;
  failed(): void;
  /** A place was clicked; true where that drew a point, and is about nothing else. */
  drew(lat: number, lng: number): boolean;
}

export class RunMap implements MapEvents {
  private readonly words: Words;
  private readonly map: MapView;
  private theme = readTheme();
  private signs: Signs;
  private readonly base: CanvasTiles;
  private readonly sites: CanvasTiles;
  private readonly found: { layer: FoundLayer; tiles: CanvasTiles }[];
  private shown = new Set<string>();
  private key = "";
  private isBusy = true;

  constructor(private readonly config: RunConfig, private readonly look: RunLook, private readonly events: RunMapEvents) {
    this.words = Words.of(config);
    this.signs = new Signs(config, this.theme);
    this.map = new MapView(must(`#${look.id}`), this, { zoomIn: this.words.say("zoomIn"), zoomOut: this.words.say("zoomOut") }, true);
    if (config.tileUrl) this.map.addImages(config.tileUrl, config.tileAttribution);
    for (const credit of config.credits) this.map.credit(credit);
    const collections = config.base.join(",");
    this.base = this.map.addTiles({
      tilePx: TILE_PX,
      url: (z, x, y) => `/ogc/tiles/${GRID}/${z}/${y}/${x}?collections=${collections}`,
      paint: (ctx, tile, zoom) => paintBase(ctx, tile, zoom, this.theme),
    }, "base"); // prettier-ignore
    // What covers the map lies under what does not.
    const order = [...config.found].sort((one, two) => Number(two.ground) - Number(one.ground));
    this.found = order.map((layer) => ({ layer, tiles: this.addFound(layer) }));
    this.sites = this.map.addTiles({
      tilePx: TILE_PX,
      url: (z, x, y) => (look.sites.length && this.shown.has(SITES) ? `/ogc/tiles/${GRID}/${z}/${y}/${x}?collections=${[...look.sites].sort().join(",")}&at=${look.day}` : ""),
      paint: (ctx, tile, zoom) => paintSites(ctx, tile, zoom, this.looks(), this.signs, this.theme, () => true),
    }, "sites"); // prettier-ignore
  }

  start(shown: Set<string>): void {
    this.shown = shown;
    this.map.start(null, this.config.bbox);
    new ResizeObserver(() => this.map.resized()).observe(must(`#${this.look.id}`));
  }

  /** Show these layers, by their id, and the sites if they are among them. */
  show(shown: Set<string>): void {
    const before = this.shown;
    this.shown = shown;
    const changed = (name: string) => before.has(name) !== shown.has(name);
    for (const { layer, tiles } of this.found) if (changed(layer.id)) tiles.refresh();
    if (changed(SITES)) this.sites.refresh();
    this.map.redraw();
  }

  /** Outline what a row is about; "" outlines nothing. */
  choose(key: string): void {
    if (key === this.key) return;
    this.key = key;
    this.map.redraw();
  }

  fit(box: Box): void {
    this.map.fit(box, true, [28, 28, 28, 28], 17);
  }

  follow(place: Place): void {
    this.map.follow(place);
  }

  dot(places: readonly [number, number][]): void {
    this.map.dot(places);
  }

  restyle(): void {
    this.theme = readTheme();
    this.signs = new Signs(this.config, this.theme);
    for (const tiles of [this.base, this.sites, ...this.found.map((one) => one.tiles)]) tiles.repaint();
    this.map.redraw();
  }

  moved(): void {}

  moving(place: Place): void {
    this.events.moving(place);
  }

  clicked(lat: number, lng: number, spot: Spot | null): void {
    if (this.events.drew(lat, lng)) return;
    const key = this.keyAt(lat, lng, spot);
    this.events.pointed(key);
    if (key) this.events.picked(key);
  }

  hovered(lat: number, lng: number, spot: Spot | null): string {
    this.events.pointed(this.keyAt(lat, lng, spot));
    if (spot?.what.kind === "site") return this.describeSite(spot.what).text;
    const site = this.map.hits(this.sites, lat, lng)[0];
    if (site) return this.describeSite(site).text;
    const hit = spot?.what.kind === "gap" ? this.hitOf(spot) : this.foundAt(lat, lng);
    return (hit ? this.describeFound(hit.layer, hit.hit) : NOTHING).text;
  }

  overlay(ctx: CanvasRenderingContext2D, _width: number, _height: number, zoom: number): Spot[] {
    const visible = this.found.filter(({ layer }) => this.shown.has(layer.id)).map(({ layer, tiles }) => ({ layer, pieces: this.map.pieces(tiles) }));
    if (this.key) for (const { layer, pieces } of visible) if (layer.key) drawChosen(ctx, pieces, layer, this.key, this.theme);
    const sites = this.shown.has(SITES) ? this.map.pieces(this.sites) : [];
    const input = { sites, base: this.map.pieces(this.base), findings: [], looks: this.looks(), shows: () => true, zoom, numbers: this.words.numbers };
    return drawOverlay(ctx, input, this.signs, this.theme, (signs) => {
      const changes = visible.flatMap(({ layer, pieces }) => (layer.output === SCENARIO ? drawChanges(ctx, pieces, layer, this.theme) : []));
      const taken = [...signs, ...changes];
      const others = visible.filter(({ layer }) => layer.output !== SCENARIO).flatMap(({ layer, pieces }) => {
        const isNumbered = layer.look === "ranks" || (layer.look === "points" && layer.value && !Object.keys(layer.states).length);
        const [key, color] = layer.look === "ranks" ? [layer.value, rankColor(layer, this.theme)] : [layer.key || layer.value, this.theme.free];
        if (isNumbered) return drawNumbers(ctx, pieces, layer.output, key, layer.value, color, this.theme);
        return layer.look === "classes" && layer.key ? drawFigures(ctx, pieces, layer, this.words, this.theme, taken) : [];
      });
      return [...changes, ...others];
    });
  }

  loading(busy: boolean): void {
    this.isBusy = busy;
    must(`#${this.look.id}`).toggleAttribute("data-busy", this.isBusy);
  }

  failed(): void {
    this.events.failed();
  }

  private addFound(layer: FoundLayer): CanvasTiles {
    const place = this.config.found.filter((one) => one.look === "lines" && one.output !== FREE).indexOf(layer);
    return this.map.addTiles({
      tilePx: TILE_PX,
      url: (z, x, y) => (this.shown.has(layer.id) && this.look.outputs.includes(layer.output) ? `/api/runs/${this.look.run}/tiles/${layer.output}/${z}/${y}/${x}` : ""),
      paint: (ctx, tile, zoom) => paintRun(ctx, tile, zoom, layer, place, this.theme),
    }, "findings"); // prettier-ignore
  }

  private looks(): LayerLook[] {
    return this.config.layers.filter((look) => this.look.sites.includes(look.id));
  }

  private foundAt(lat: number, lng: number): { layer: FoundLayer; hit: Hit } | null {
    for (const { layer, tiles } of [...this.found].reverse()) {
      const hit = this.shown.has(layer.id) ? this.map.hits(tiles, lat, lng)[0] : undefined;
      if (hit) return { layer, hit };
    }
    return null;
  }

  private hitOf(spot: Spot): { layer: FoundLayer; hit: Hit } | null {
    const layer = this.found.map((one) => one.layer).find((one) => ["ranks", "points"].includes(one.look) && this.shown.has(one.id));
    return layer && spot.what.kind === "gap" ? { layer, hit: { layer: layer.output, feature: spot.what.feature } } : null;
  }

  private keyAt(lat: number, lng: number, spot: Spot | null): string {
    const found = spot?.what.kind === "gap" ? this.hitOf(spot) : this.foundAt(lat, lng);
    return found?.layer.key ? String(found.hit.feature.properties[found.layer.key] ?? "") : "";
  }

  private describeSite({ layer, feature }: Hit): SafeHtml {
    const look = this.config.layers.find((one) => one.id === layer);
    const { name, ref, status } = feature.properties;
    return html`<b>${name || ref}</b><br>${look?.one} · ${look?.words[String(status)]}`;
  }

  private describeFound(layer: FoundLayer, { feature: { properties } }: Hit): SafeHtml {
    const value = properties[layer.value];
    const [people, metres] = [properties["people"], properties["distance_m"] ?? properties["length_m"]];
    const state = layer.states[String(value)]?.words;
    const figure = state ? state : layer.look === "classes" ? (value === undefined ? this.words.say("noFigure") : this.words.write(value, layer.kind)) : "";
    const named = layer.look === "ranks" ? this.words.say("rank", { rank: Number(value) }) : properties[layer.key] ?? properties["name"] ?? "";
    const parts = [
      layer.look === "classes" ? `${layer.about}: ${figure}` : state ?? (layer.look === "ranks" ? properties["district"] : layer.look === "points" && value !== undefined ? `${layer.about}: ${this.words.write(value, layer.kind)}` : layer.title),
      typeof people === "number" && layer.value !== "people" && this.words.say("people", { count: people }),
      properties["distance_m"] !== undefined && typeof metres === "number" && this.words.say("distance", { distance: this.words.length(metres) }),
      properties["distance_m"] === undefined && typeof metres === "number" && this.words.length(metres),
    ]; // prettier-ignore
    const said = html`${parts.filter(Boolean).join(" · ")}`;
    return named ? html`<b>${named}</b><br>${said}` : said;
  }
}
