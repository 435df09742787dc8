import { describe, expect, it } from "vitest";
import { query } from "../src/address";
import { classOf } from "../src/classes";
import { addMonths, monthsBetween } from "../src/day";
import { html } from "../src/html";
import { drawNumbers } from "../src/overlay";
import type { Theme } from "../src/theme";
import { touches } from "../src/tile";
import type { TileFeature, View } from "../src/types";
import { Words } from "../src/words";

const ALL: View = { layers: null, statuses: null, day: "2026-05-01", site: null, overlay: "" };

function shape(kind: 1 | 2 | 3, ...paths: number[][]): TileFeature {
  const every = paths.flat();
  const [xs, ys] = [every.filter((_, at) => at % 2 === 0), every.filter((_, at) => at % 2 === 1)];
  const box: [number, number, number, number] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  return { id: 1, kind, paths: paths.map((path) => new Float32Array(path)), box, properties: {} };
}

describe("html", () => {
  it("escapes what is put into it", () => {
    expect(html`<b title="${'"x"'}">${"<script>"}</b>`.text).toBe('<b title="&quot;x&quot;">&lt;script&gt;</b>');
  });

  it("takes its own work as it is, one by one or in a list", () => {
    expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}</ul>`.text).toBe("<ul><li>1</li><li>2</li></ul>");
  });
});

describe("numbers on places", () => {
  const paper = new Proxy({}, { get: () => () => undefined, set: () => true }) as CanvasRenderingContext2D;
  const place = (key: string, value: number, ...path: number[]): TileFeature => ({ ...shape(3, path), properties: { key, value } });
  const spots = (...tiles: TileFeature[][]) =>
    drawNumbers(paper, tiles.map((some, at) => ({ tile: new Map([["found", some]]), x: 256 * at, y: 0 })), "found", "key", "value", "red", {} as Theme);

  it("stand on every place, though several have the same", () => {
    expect(spots([place("a", 2, 0, 0, 10, 10), place("b", 2, 50, 50, 60, 60)]).map(({ x, y }) => [x, y])).toEqual([[5, 5], [55, 55]]);
  });

  it("stand once on a place that tiles cut, on its largest piece", () => {
    expect(spots([place("a", 2, 0, 0, 10, 10)], [place("a", 2, 0, 0, 100, 100)]).map(({ x, y }) => [x, y])).toEqual([[306, 50]]);
  });
});

describe("months", () => {
  it("keep the day, or take the last one of a shorter month", () => {
    expect(addMonths("2024-05-17", -1)).toBe("2024-04-17");
    expect(addMonths("2024-01-31", 1)).toBe("2024-02-29");
    expect(addMonths("2024-12-31", 2)).toBe("2025-02-28");
  });

  it("are counted across years", () => {
    expect(monthsBetween("2026-05-01", "2024-04-30")).toBe(-25);
  });
});

describe("an address", () => {
  it("says nothing of what is as usual", () => {
    expect(query(ALL, "2026-05-01")).toBe("");
  });

  it("says what is chosen, also when that is nothing", () => {
    const view: View = { layers: new Set(["gardens", "rivers"]), statuses: new Set(), day: "2024-05-01", site: 7, overlay: "gaps" };
    expect(query(view, "2026-05-01")).toBe("?layers=gardens,rivers&status=none&at=2024-05-01&overlay=gaps&site=7");
  });
});

describe("a point", () => {
  const ring = [0, 0, 10, 0, 10, 10, 0, 10];
  const hole = [4, 4, 6, 4, 6, 6, 4, 6];

  it("is in a polygon, but not in its hole", () => {
    expect(touches(shape(3, ring, hole), 2, 2, 0)).toBe(true);
    expect(touches(shape(3, ring, hole), 5, 5, 0)).toBe(false);
    expect(touches(shape(3, ring), 12, 5, 3)).toBe(false);
  });

  it("is on a line within some pixels of it", () => {
    expect(touches(shape(2, [0, 0, 10, 0]), 5, 3, 4)).toBe(true);
    expect(touches(shape(2, [0, 0, 10, 0]), 5, 5, 4)).toBe(false);
    expect(touches(shape(2, [0, 0, 10, 0]), 13, 0, 4)).toBe(true);
  });
});

describe("words", () => {
  it("fill the gaps of a sentence with numbers as the reader writes them", () => {
    expect(new Words({ places: "{count} plekken" }, "nl").say("places", { count: 12345 })).toBe("12.345 plekken");
  });

  it("write days in full", () => {
    expect(new Words({}, "en").day("2024-05-01")).toBe("1 May 2024");
  });
});

describe("classes", () => {
  it("hold what is up to their upper bound, and the last what is above", () => {
    const breaks = [0, 0.4, 1];
    expect([0, 0.1, 0.4, 0.41, 1, 1.2].map((value) => classOf(value, breaks))).toEqual([0, 1, 1, 2, 2, 2]);
  });

  it("leave out what has no figure", () => {
    expect([undefined, "many", NaN].map((value) => classOf(value, [1]))).toEqual([-1, -1, -1]);
    expect(classOf(1, [])).toBe(-1);
  });
});

describe("figures on the map", () => {
  const words = new Words({}, "en");

  it("are written as tables write them", () => {
    expect(words.write(0.9999, "share")).toBe("99.9%");
    expect(words.write(0.613, "share")).toBe("61%");
    expect(words.write(0.007, "share")).toBe("0.7%");
    expect(words.write(1234.5, "metres")).toBe("1.23 km");
    expect(words.write(25_000, "area")).toBe("2.5 ha");
    expect(words.write(1234, "count")).toBe("1,234");
    expect(words.write("2024-05-01", "day")).toBe("1 May 2024");
    expect(new Words({}, "nl").write(0.1234, "number")).toBe("0,123");
  });
});
