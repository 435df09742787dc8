/** The page of a run: its map (two, where runs are compared), the legend that switches layers, and rows that point at places. */

import { all, must, settle } from "./dom";
import { RunMap } from "./run_map";
import { onThemeChange } from "./theme";
import type { Box, Place, RunConfig } from "./types";
import { Words } from "./words";

export class StudyPage {
  private readonly words: Words;
  private readonly maps: RunMap[];
  private follows = false;
  private readonly sayFailure = settle(() => this.say(this.words.say("failed")), 500);

  constructor(config: RunConfig) {
    this.words = Words.of(config);
    this.maps = config.maps.map((look, place) => new RunMap(config, look, {
      pointed: (key) => this.point(key),
      picked: (key) => this.pick(key),
      moving: (at) => this.together(place, at),
      failed: () => this.sayFailure(),
      drew: (lat, lng) => this.draw(lat, lng),
    })); // prettier-ignore
  }

  start(): void {
    for (const map of this.maps) map.start(this.chosen());
    for (const box of all<HTMLInputElement>("[data-show]")) box.addEventListener("change", () => this.change());
    for (const row of all<HTMLTableRowElement>("tr[data-key], tr[data-box]")) this.link(row);
    onThemeChange(() => this.maps.forEach((map) => map.restyle()));
    this.points()?.addEventListener("input", () => this.showPoints());
    this.showPoints();
  }

  /** The field that takes the points where a site might come, as "longitude,latitude; …"; siting alone has it. */
  private points(): HTMLInputElement | null {
    return document.querySelector<HTMLInputElement>('.asks input[name="points"]');
  }

  /** While points are drawn, a click on the map is one. */
  private draw(lat: number, lng: number): boolean {
    const field = this.points();
    if (!field || !document.querySelector<HTMLInputElement>("[data-draw]")?.checked) return false;
    field.value = [...field.value.split(";").map((point) => point.trim()).filter(Boolean), `${lng.toFixed(6)},${lat.toFixed(6)}`].join("; ");
    this.showPoints();
    return true;
  }

  private showPoints(): void {
    const pairs = (this.points()?.value ?? "").split(";").map((point) => point.split(",").map(Number));
    const places = pairs.flatMap(([lng, lat]): [number, number][] => (Number.isFinite(lng) && Number.isFinite(lat) ? [[lat as number, lng as number]] : []));
    for (const map of this.maps) map.dot(places);
  }

  private chosen(): Set<string> {
    return new Set(all<HTMLInputElement>("[data-show]").filter((box) => box.checked).map((box) => box.value));
  }

  private change(): void {
    const shown = this.chosen();
    for (const map of this.maps) map.show(shown);
    for (const part of all("[data-legend-of]")) part.hidden = !shown.has(part.dataset["legendOf"] ?? "");
  }

  /** A row shows its place where the pointer or the focus is on it, and goes there where its name is chosen. */
  private link(row: HTMLTableRowElement): void {
    const key = row.dataset["key"] ?? "";
    for (const kind of ["mouseenter", "focusin"]) row.addEventListener(kind, () => this.point(key));
    for (const kind of ["mouseleave", "focusout"]) row.addEventListener(kind, () => this.point(""));
    row.querySelector("a[data-to-map]")?.addEventListener("click", (event) => {
      const box = row.dataset["box"]?.split(",").map(Number);
      if (box?.length !== 4 || (event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey) return;
      event.preventDefault();
      this.uncover(key);
      this.maps[0]?.fit(box as Box);
      this.point(key);
      this.say(this.words.say("moved", { place: row.querySelector("th")?.textContent?.trim() ?? "" }));
      if (matchMedia("(max-width: 1000px)").matches) must("[data-maps]").scrollIntoView({ block: "start" });
    });
  }

  /** Show the layer that has what a row is about, if none in view has. */
  private uncover(key: string): void {
    const boxes = all<HTMLInputElement>("[data-show][data-keyed]");
    if (!key || !boxes.length || boxes.some((box) => box.checked)) return;
    const [first] = boxes;
    if (first) first.checked = true;
    this.change();
  }

  private point(key: string): void {
    for (const map of this.maps) map.choose(key);
    for (const row of all("tr[data-key]")) row.classList.toggle("lit", key !== "" && row.dataset["key"] === key);
  }

  private pick(key: string): void {
    const row = all<HTMLTableRowElement>("tr[data-key]").find((one) => one.dataset["key"] === key && one.offsetParent);
    row?.scrollIntoView({ block: "nearest" });
    row?.querySelector("a")?.focus({ preventScroll: true });
    this.point(key);
  }

  /** Two maps show the same place. */
  private together(place: number, at: Place): void {
    if (this.follows) return;
    this.follows = true;
    this.maps.forEach((map, number) => number !== place && map.follow(at));
    this.follows = false;
  }

  private say(sentence: string): void {
    must("#said").textContent = sentence;
  }
}
