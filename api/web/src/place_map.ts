/** A small map in a page: one site and what lies around it, or where a form gets the place that it asks for. */

import { must } from "./dom";
import { MapView, type MapEvents } from "./map";
import { MapLayers } from "./map_layers";
import type { Spot } from "./overlay";
import { getJson } from "./request";
import { onThemeChange } from "./theme";
import type { PlaceConfig, View } from "./types";
import { Words } from "./words";

export class PlaceMap implements MapEvents {
  private readonly map: MapView;
  private readonly layers: MapLayers;
  private readonly view: View;

  constructor(private readonly config: PlaceConfig) {
    const words = Words.of(config);
    this.view = { layers: null, statuses: null, day: config.day, site: config.site, overlay: "" };
    this.map = new MapView(must("#place-map"), this, { zoomIn: words.say("zoomIn"), zoomOut: words.say("zoomOut") }, true);
    this.layers = new MapLayers(config, this.map, () => this.view, words);
  }

  start(): void {
    this.map.start(null, this.config.bbox);
    new ResizeObserver(() => this.map.resized()).observe(must("#place-map"));
    onThemeChange(() => this.layers.restyle());
    this.field()?.addEventListener("input", () => this.showPoint());
    if (this.config.site) void this.outline(this.config.site);
  }

  moved(): void {}

  /** A click puts a point into the form that asks for one; on a site's own map it leads to the place that was clicked. */
  clicked(lat: number, lng: number, spot: Spot | null): void {
    const field = this.field();
    if (field) {
      field.value = `${lng.toFixed(6)}, ${lat.toFixed(6)}`;
      this.showPoint();
    } else if (spot?.what.kind === "counts") {
      const at = this.map.locate(spot.x, spot.y);
      this.map.zoomTo(at.lat, at.lng, 2);
    } else {
      const site = spot?.what.kind === "site" ? spot.what.feature.id : this.layers.siteAt(lat, lng)?.feature.id;
      if (site !== undefined && site !== this.config.site) location.assign(`/sites/${site}?at=${this.config.day}`);
    }
  }

  hovered(lat: number, lng: number, spot: Spot | null): string {
    return this.layers.describe(lat, lng, spot).text;
  }

  overlay(ctx: CanvasRenderingContext2D, _width: number, _height: number, zoom: number): Spot[] {
    return this.layers.draw(ctx, zoom);
  }

  loading(busy: boolean): void {
    must("#place-map").toggleAttribute("data-busy", busy);
  }

  /** The page has the place in words. */
  failed(): void {}

  private field(): HTMLTextAreaElement | null {
    return document.querySelector<HTMLTextAreaElement>("textarea[data-place]");
  }

  /** Put a dot where the field says, if it says longitude and latitude. */
  private showPoint(): void {
    const [lng, lat, ...more] = (this.field()?.value ?? "").split(",").map((part) => (part.trim() ? Number(part) : NaN));
    const isPoint = !more.length && Number.isFinite(lng) && Number.isFinite(lat);
    this.map.dot(isPoint ? [[lat as number, lng as number]] : []);
  }

  private async outline(site: number): Promise<void> {
    const layer = must("article[data-layer]").dataset["layer"];
    try {
      const shape = await getJson<GeoJSON.Feature>(`/ogc/collections/${layer}/items/${site}?at=${this.config.day}`);
      this.map.choose(shape, this.layers.theme.ink);
    } catch {
      this.failed();
    }
  }
}
