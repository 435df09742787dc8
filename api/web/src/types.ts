/** What the page tells the browser (`api/map_config.py`), and what the parts tell each other. */

export type Box = [west: number, south: number, east: number, north: number];
export type Ink = "fill" | "line" | "paper" | "knock";
export type Properties = Record<string, string | number | boolean>;

export interface LayerLook {
  id: string;
  title: string;
  one: string;
  color: string;
  colorDark: string;
  symbol: string;
  geometry: "Point" | "LineString" | "Polygon";
  measured: boolean;
  minZoom: number;
  words: Record<string, string>;
}

export interface Config {
  language: string;
  today: string;
  day: string;
  bbox: Box;
  layers: LayerLook[];
  statuses: string[];
  marks: Record<string, [Ink, string][]>;
  tileUrl: string;
  tileAttribution: string;
  credits: string[];
  base: string[];
  texts: Record<string, string>;
}

/** A layer of findings as a map draws it (`api/run_map.py`). */
export interface FoundLayer {
  /** A name of its own: an output may be drawn by several of its properties. */
  id: string;
  output: string;
  title: string;
  /** What its figures are figures of. */
  about: string;
  look: "classes" | "states" | "ranks" | "lines" | "points";
  value: string;
  key: string;
  kind: CellKind;
  /** One such layer covers the map; the others lie on it. */
  ground: boolean;
  /** Ranks of what would help, and not of who is left out. */
  proposed: boolean;
  /** Upper bounds of classes, and the shade (1 to 7) of each. */
  breaks: number[];
  steps: number[];
  states: Record<string, { tone: string; words: string }>;
}

export type CellKind = "text" | "count" | "number" | "share" | "metres" | "area" | "day";

/** The map of one run: the sites of its day, and what it found. */
export interface RunLook {
  id: string;
  run: number;
  day: string;
  sites: string[];
  /** What it found; of two runs one may lack what the other drew on top. */
  outputs: string[];
}

export interface RunConfig extends Config {
  maps: RunLook[];
  found: FoundLayer[];
}

/** A small map in a page: of one site, or of none, where a form asks for a place. */
export interface PlaceConfig extends Config {
  site: number | null;
}

export interface Place {
  zoom: number;
  lat: number;
  lng: number;
}

/** What the map is asked to show; the address keeps it. Null means all. */
export interface View {
  layers: Set<string> | null;
  statuses: Set<string> | null;
  day: string;
  site: number | null;
  overlay: string;
}

/** One feature of a vector tile, in CSS pixels from the tile's corner. */
export interface TileFeature {
  id: number;
  kind: 1 | 2 | 3;
  paths: Float32Array[];
  box: Box;
  properties: Properties;
}

export type Tile = Map<string, TileFeature[]>;
