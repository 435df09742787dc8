/** The map page: joins the map, the legend, the day, the search and the panels around one view. */

import * as address from "./address";
import { DayPicker } from "./day";
import { all, isNarrow, must, settle } from "./dom";
import { Drawers } from "./drawers";
import { Fragment } from "./fragments";
import { html } from "./html";
import { Legend } from "./legend";
import { MapView, type MapEvents } from "./map";
import { MapLayers } from "./map_layers";
import type { Spot } from "./overlay";
import { getJson } from "./request";
import { Search } from "./search";
import { Telling } from "./telling";
import { onThemeChange } from "./theme";
import type { Box, Config, View } from "./types";
import { Words } from "./words";

/** Streets with names, a few minutes' walk across. */
const NEAR_ZOOM = 16;

export class MapPage implements MapEvents {
  private readonly words: Words;
  private readonly view: View;
  private readonly map: MapView;
  private readonly layers: MapLayers;
  private readonly drawers = new Drawers();
  private readonly legend: Legend;
  private readonly telling: Telling;
  private readonly picker: DayPicker;
  private readonly panel: Fragment;
  private readonly rows: Fragment;
  private readonly figures: Fragment;
  private readonly listSoon = settle(() => void this.showList(), 200);
  private readonly sayFailure = settle(() => this.say(this.words.say("failed")), 500);

  constructor(private readonly config: Config) {
    this.words = Words.of(config);
    this.view = address.readView(config.today);
    this.map = new MapView(must("#map"), this, { zoomIn: this.words.say("zoomIn"), zoomOut: this.words.say("zoomOut") });
    this.layers = new MapLayers(config, this.map, () => this.view, this.words);
    this.legend = new Legend(config, this.words, () => this.change({ layers: this.legend.layers(), statuses: this.legend.statuses() }));
    this.telling = new Telling(this.words, this.legend, (statuses) => this.filter(statuses), (lat, lng) => this.goNear(lat, lng));
    this.picker = new DayPicker(config.today, this.words, (day) => this.change({ day }));
    const pick = (site: number, from: HTMLElement) => void this.choose(site, from, true);
    this.panel = new Fragment(must("[data-panel]"), this.words.say("failed"), pick);
    this.rows = new Fragment(must("[data-rows]"), this.words.say("failed"), pick);
    this.figures = new Fragment(must("[data-figures]"), this.words.say("failed"), pick);
    new Search(config.layers, this.words, () => this.view.day, (site) => void this.choose(site, must("#q"), true), (layer) => this.onlyLayer(layer), (sentence) => this.say(sentence));
    this.listen();
  }

  start(): void {
    this.legend.choose(this.view.layers, this.view.statuses);
    this.picker.show(this.view.day);
    this.map.start(address.readPlace(), address.readBox() ?? this.config.bbox);
    // Counting a large register takes as long as a few tiles: the map comes first.
    void this.layers.drawn().then(() => this.count());
    void this.showFindings();
    if (this.view.site) void this.choose(this.view.site, null, false);
  }

  moved(): void {
    this.keep(false);
    if (this.drawers.isOpen("view-list")) this.listSoon();
  }

  clicked(lat: number, lng: number, spot: Spot | null): void {
    if (spot?.what.kind === "counts") {
      const at = this.map.locate(spot.x, spot.y);
      this.map.zoomTo(at.lat, at.lng, 2);
      return;
    }
    const site = spot?.what.kind === "site" ? spot.what.feature.id : this.layers.siteAt(lat, lng)?.feature.id;
    if (site !== undefined) void this.choose(site, null, true);
    else this.drawers.close("panel");
  }

  hovered(lat: number, lng: number, spot: Spot | null): string {
    return this.layers.describe(lat, lng, spot).text;
  }

  overlay(ctx: CanvasRenderingContext2D, _width: number, _height: number, zoom: number): Spot[] {
    return this.layers.draw(ctx, zoom);
  }

  loading(busy: boolean): void {
    must("#wait").hidden = !busy;
    must("#map").toggleAttribute("data-busy", busy);
  }

  failed(): void {
    this.sayFailure();
  }

  private listen(): void {
    this.drawers.on("panel", (open) => !open && this.forget());
    this.drawers.on("view-list", (open) => (open ? void this.showList() : this.rows.clear()));
    addEventListener("popstate", () => this.restore());
    addEventListener("hashchange", () => this.restore());
    new ResizeObserver(() => this.map.resized()).observe(must("#map"));
    onThemeChange(() => this.layers.restyle());
    for (const radio of all<HTMLInputElement>("[name=overlay]")) radio.addEventListener("change", () => this.change({ overlay: radio.value }));
    must("[data-figures]").addEventListener("click", (event) => {
      const box = (event.target as Element).closest<HTMLElement>("[data-box]")?.dataset["box"]?.split(",").map(Number);
      if (box?.length === 4) this.map.fit(box as Box, true, this.room(), 17);
      if (box && isNarrow()) this.drawers.close("side");
    });
    for (const link of all<HTMLAnchorElement>("[data-language]")) {
      link.addEventListener("click", () => {
        const asked = address.query(this.view, this.config.today);
        link.href = `/${asked}${asked ? "&" : "?"}lang=${link.dataset["language"]}${location.hash}`;
      });
    }
  }

  /** Change what is shown, and redo only what that touches. */
  private change(wanted: Partial<View>, push = false): void {
    const before = { ...this.view };
    Object.assign(this.view, wanted);
    this.keep(push);
    if (before.day !== this.view.day) void this.count();
    if (before.day !== this.view.day && this.view.site) void this.fillPanel(this.view.site);
    if (before.day !== this.view.day || String(before.layers && [...before.layers]) !== String(this.view.layers && [...this.view.layers])) this.layers.refresh();
    // What is switched off goes at once; what is switched on comes with its tiles.
    this.layers.repaint();
    this.telling.tell(this.view.day, this.config.today);
    if (before.overlay !== this.view.overlay) void this.showFindings();
    if (this.drawers.isOpen("view-list")) this.listSoon();
  }

  private onlyLayer(layer: string): void {
    const layers = new Set([layer]);
    this.legend.choose(layers, this.view.statuses);
    this.change({ layers });
  }

  private filter(statuses: Set<string> | null): void {
    this.legend.choose(this.view.layers, statuses);
    this.change({ statuses });
  }

  /** Go to where the reader is and return what there is to say of it: something only where the map ends before. */
  private goNear(lat: number, lng: number): string {
    const [west, south, east, north] = this.config.bbox;
    if (lng < west || lng > east || lat < south || lat > north) return this.words.say("outside");
    this.map.dot([[lat, lng]]);
    this.map.go({ lat, lng, zoom: NEAR_ZOOM });
    return "";
  }

  /** Follow the address: back, forward, or a pasted place. */
  private restore(): void {
    const asked = address.readView(this.config.today);
    const place = address.readPlace();
    if (place) this.map.go(place);
    const { site, ...rest } = asked;
    this.change(rest);
    this.legend.choose(asked.layers, asked.statuses);
    this.telling.tell(asked.day, this.config.today);
    this.picker.show(asked.day);
    if (site && site !== this.view.site) void this.choose(site, null, false);
    else if (!site) this.drawers.close("panel");
  }

  private keep(push: boolean): void {
    address.write(this.view, this.map.place(), this.config.today, push);
  }

  private async choose(site: number, from: HTMLElement | null, push: boolean): Promise<void> {
    this.view.site = site;
    this.keep(push);
    this.drawers.open("panel", from);
    if (await this.fillPanel(site)) this.say(must("[data-panel] .site-title").textContent ?? "");
  }

  private async fillPanel(site: number): Promise<boolean> {
    const shown = await this.panel.show(`/sites/${site}?panel=1&at=${this.view.day}`);
    if (!shown || this.view.site !== site) return false;
    must("[data-panel]").scrollTop = 0;
    const article = must("[data-panel] article");
    const box = article.dataset["bbox"]?.split(",").map(Number) as Box;
    const layer = this.config.layers.find((look) => article.classList.contains(`layer-${look.id}`));
    this.map.bring(box, this.room(), layer?.measured ? 0 : Math.max(15, (layer?.minZoom ?? 0) + 1));
    const shape = await getJson<GeoJSON.Feature>(`/ogc/collections/${layer?.id}/items/${site}?at=${this.view.day}`);
    if (this.view.site !== site) return false;
    this.map.choose(shape, this.layers.theme.ink);
    return true;
  }

  private forget(): void {
    this.view.site = null;
    this.panel.clear();
    this.map.choose(null, "");
    this.keep(false);
  }

  /** What the panels cover of the map, in pixels. */
  private room(): [number, number, number, number] {
    const stage = must("#map").getBoundingClientRect();
    const open = ["panel", "view-list"].filter((id) => this.drawers.isOpen(id)).map((id) => must(`#${id}`).getBoundingClientRect());
    if (isNarrow()) return [20, 70, 20, Math.max(20, ...open.map((box) => stage.bottom - box.top)) + 12];
    return [40, 60, Math.max(40, ...open.map((box) => stage.right - box.left + 30)), 90];
  }

  private async showList(): Promise<void> {
    const layers = [...(this.view.layers ?? [])].join(",");
    const statuses = [...(this.view.statuses ?? [])].join(",");
    await this.rows.show(`/list?panel=1&bbox=${this.map.box().map((edge) => edge.toFixed(6)).join(",")}&at=${this.view.day}&layer=${layers}&status=${statuses}`);
  }

  private async showFindings(): Promise<void> {
    const kind = this.view.overlay;
    for (const radio of all<HTMLInputElement>("[name=overlay]")) radio.checked = radio.value === kind;
    if (!kind) this.figures.clear();
    if (kind && !(await this.figures.show(`/analyses/${kind}?panel=1`))) return;
    const run = must("[data-figures]").querySelector<HTMLElement>("[data-run]");
    this.telling.tellFound(kind ? must("[data-figures]") : null);
    if (kind) must("[data-figures]").scrollIntoView({ block: "nearest" });
    this.layers.showFindings(run ? { run: Number(run.dataset["run"]), output: run.dataset["output"] ?? "" } : null);
  }

  private async count(): Promise<void> {
    const { day } = this.view;
    try {
      const count = await this.legend.count(day);
      this.telling.tell(day, this.config.today);
      if (count !== null && day !== this.config.day) this.say(this.words.say("countsOn", { count, day: this.words.day(day) }));
    } catch {
      this.failed();
    }
  }

  private say(sentence: string): void {
    must("#said").textContent = html`${sentence}`.text && sentence;
  }
}
