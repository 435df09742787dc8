/** The layers of the map: base, findings and sites, where their tiles come from and what is under a point. */

import { html, SafeHtml } from "./html";
import type { CanvasTiles, Hit, MapView } from "./map";
import { drawOverlay, type Spot } from "./overlay";
import { paintBase } from "./paint_base";
import { paintFindings, paintSites } from "./paint_sites";
import { Signs } from "./signs";
import { readTheme } from "./theme";
import type { Config, LayerLook, View } from "./types";
import type { Words } from "./words";

const GRID = "WebMercatorQuad";
/** Large tiles are few requests; a tile is drawn one zoom closer than its number says. */
const TILE_PX = 512;
const NOTHING = new SafeHtml("");

export class MapLayers {
  theme = readTheme();
  private signs: Signs;
  private readonly sites: CanvasTiles;
  private readonly base: CanvasTiles;
  private readonly findings: CanvasTiles;
  private found: { run: number; output: string } | null = null;

  constructor(private readonly config: Config, private readonly map: MapView, private readonly view: () => View, private readonly words: Words) {
    this.signs = new Signs(config, this.theme);
    if (config.tileUrl) map.addImages(config.tileUrl, config.tileAttribution);
    for (const credit of config.credits) map.credit(credit);
    const collections = config.base.join(",");
    this.base = map.addTiles({
      tilePx: TILE_PX,
      url: (z, x, y) => `/ogc/tiles/${GRID}/${z}/${y}/${x}?collections=${collections}`,
      paint: (ctx, tile, zoom) => paintBase(ctx, tile, zoom, this.theme),
    }, "base"); // prettier-ignore
    this.findings = map.addTiles({
      tilePx: TILE_PX,
      url: (z, x, y) => (this.found ? `/api/runs/${this.found.run}/tiles/${this.found.output}/${z}/${y}/${x}` : ""),
      paint: (ctx, tile, zoom) => paintFindings(ctx, tile, zoom, this.theme),
    }, "findings"); // prettier-ignore
    this.sites = map.addTiles({
      tilePx: TILE_PX,
      url: (z, x, y) => this.siteUrl(z, x, y),
      paint: (ctx, tile, zoom) => paintSites(ctx, tile, zoom, this.looks(), this.signs, this.theme, this.shows),
    }, "sites"); // prettier-ignore
  }

  /** Ask for the sites again: another day, or other layers. */
  refresh(): void {
    this.sites.refresh();
  }

  /** Settles when the first sites are drawn. */
  drawn(): Promise<void> {
    return new Promise((done) => this.sites.once("load", () => done()));
  }

  repaint(): void {
    this.sites.repaint();
    this.map.redraw();
  }

  restyle(): void {
    this.theme = readTheme();
    this.signs = new Signs(this.config, this.theme);
    for (const tiles of [this.base, this.findings, this.sites]) tiles.repaint();
    this.map.redraw();
  }

  showFindings(found: { run: number; output: string } | null): void {
    this.found = found;
    this.findings.refresh();
    this.map.redraw();
  }

  draw(ctx: CanvasRenderingContext2D, zoom: number): Spot[] {
    const input = {
      sites: this.map.pieces(this.sites), base: this.map.pieces(this.base), findings: this.map.pieces(this.findings),
      looks: this.looks(), shows: this.shows, zoom, numbers: this.words.numbers,
    }; // prettier-ignore
    return drawOverlay(ctx, input, this.signs, this.theme);
  }

  /** The site under a point: a line before an area, and of areas the smallest. */
  siteAt(lat: number, lng: number): Hit | null {
    const looks = new Map(this.looks().map((look) => [look.id, look]));
    const hits = this.map.hits(this.sites, lat, lng).filter(({ layer, feature }) => looks.has(layer) && this.shows(layer, String(feature.properties["status"])));
    return hits.sort((one, two) => one.feature.kind - two.feature.kind || size(one) - size(two))[0] ?? null;
  }

  /** What a tooltip says of a point. */
  describe(lat: number, lng: number, spot: Spot | null): SafeHtml {
    if (spot?.what.kind === "counts") {
      const { total, cared } = spot.what;
      return html`<b>${this.words.say("places", { count: total })}</b><br>${this.words.say("caredFor", { share: this.words.share(cared, total) })}`;
    }
    const hit = spot?.what.kind === "site" ? spot.what : spot?.what.kind === "gap" ? null : this.siteAt(lat, lng);
    return hit ? this.describeSite(hit) : this.describeFinding(lat, lng);
  }

  private describeSite({ layer, feature }: Hit): SafeHtml {
    const look = this.config.layers.find((one) => one.id === layer);
    const { name, ref, status } = feature.properties;
    return html`<b>${name || ref}</b><br>${look?.one} · ${look?.words[String(status)]}`;
  }

  private describeFinding(lat: number, lng: number): SafeHtml {
    const hit = this.found ? this.map.hits(this.findings, lat, lng)[0] : undefined;
    if (!hit) return NOTHING;
    const { rank, people, district, distance_m, state } = hit.feature.properties;
    const states: Record<string, string> = { served: "served", unserved: "unserved", not_assessed: "notAssessed" };
    const title = hit.layer === "gaps" ? this.words.say("gap", { rank: Number(rank) }) : hit.layer === "demand" ? this.words.say(states[String(state)] ?? "") : "";
    const length = Number(hit.feature.properties["length_m"]);
    if (hit.layer === "free") return length ? html`${this.words.say("freeStretch", { length: this.words.length(length) })}` : NOTHING;
    const parts = [district, people !== undefined && this.words.say("people", { count: Number(people) }), Number.isFinite(Number(distance_m)) && distance_m !== undefined && this.words.say("distance", { distance: this.words.length(Number(distance_m)) })];
    return html`<b>${title}</b><br>${parts.filter(Boolean).join(" · ")}`;
  }

  private readonly shows = (layer: string, status: string): boolean => {
    const { layers, statuses } = this.view();
    return (!layers || layers.has(layer)) && (!statuses || statuses.has(status));
  };

  /** The layers to draw: areas under lines under points, and what lies inside another over it. */
  private looks(): LayerLook[] {
    const { layers } = this.view();
    const order = { Polygon: 0, LineString: 1, Point: 2 };
    const chosen = this.config.layers.filter((look) => !layers || layers.has(look.id));
    return chosen.sort((one, two) => order[one.geometry] - order[two.geometry] || one.minZoom - two.minZoom);
  }

  private siteUrl(z: number, x: number, y: number): string {
    const collections = this.looks().map((look) => look.id).sort().join(",");
    return collections && `/ogc/tiles/${GRID}/${z}/${y}/${x}?collections=${collections}&at=${this.view().day}`;
  }
}

function size({ feature: { box } }: Hit): number {
  return (box[2] - box[0]) * (box[3] - box[1]);
}
