/** Draw marks, symbols and fill patterns on a canvas from the same paths that the page draws as SVG. */

import { seeThrough, type Theme } from "./theme";
import type { Config, Ink, LayerLook } from "./types";

const MARK_GRID = 16;
const SYMBOL_GRID = 24;
const PATTERN_PX = 8;

type Pattern = string | CanvasPattern;

export class Signs {
  private readonly marks: Map<string, [Ink, Path2D][]>;
  private readonly symbols: Map<string, Path2D>;
  private readonly patterns = new Map<string, Pattern>();

  constructor(config: Config, private readonly theme: Theme) {
    this.marks = new Map(
      Object.entries(config.marks).map(([status, strokes]) => [status, strokes.map(([ink, path]) => [ink, new Path2D(path)])]),
    );
    this.symbols = new Map(config.layers.map((layer) => [layer.id, new Path2D(layer.symbol)]));
  }

  color(layer: LayerLook, status = ""): string {
    if (status === "not_adoptable") return this.theme.muted;
    return this.theme.dark ? layer.colorDark : layer.color;
  }

  /** Draw a status mark around a point. */
  mark(ctx: CanvasRenderingContext2D, layer: LayerLook, status: string, x: number, y: number, sizePx: number): void {
    const color = this.color(layer, status);
    ctx.save();
    ctx.translate(x - sizePx / 2, y - sizePx / 2);
    ctx.scale(sizePx / MARK_GRID, sizePx / MARK_GRID);
    ctx.lineJoin = ctx.lineCap = "round";
    for (const [ink, path] of this.marks.get(status) ?? []) {
      if (ink === "fill") {
        ctx.strokeStyle = this.theme.paper;
        ctx.lineWidth = 2.4;
        ctx.stroke(path);
      }
      if (ink === "fill" || ink === "paper") {
        ctx.fillStyle = ink === "fill" ? color : this.theme.paper;
        ctx.fill(path);
      } else {
        ctx.strokeStyle = ink === "line" ? color : this.theme.paper;
        ctx.lineWidth = ink === "line" ? 1.8 : 2;
        ctx.stroke(path);
      }
    }
    ctx.restore();
  }

  /** Draw a layer's symbol on a disc, with the status mark at its corner. */
  badge(ctx: CanvasRenderingContext2D, layer: LayerLook, status: string, x: number, y: number): void {
    const radiusPx = 12;
    ctx.save();
    ctx.beginPath();
    ctx.arc(x, y, radiusPx, 0, 2 * Math.PI);
    ctx.fillStyle = this.color(layer, status);
    ctx.strokeStyle = this.theme.paper;
    ctx.lineWidth = 3;
    ctx.stroke();
    ctx.fill();
    const scale = 16 / SYMBOL_GRID;
    ctx.translate(x - (SYMBOL_GRID * scale) / 2, y - (SYMBOL_GRID * scale) / 2);
    ctx.scale(scale, scale);
    ctx.lineWidth = 2.2;
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.strokeStyle = this.theme.paper;
    ctx.stroke(this.symbols.get(layer.id) ?? new Path2D());
    ctx.restore();
    this.mark(ctx, layer, status, x + 10, y + 9, 13);
  }

  /** How an area of a status is filled: each status has its own pattern, whatever its colour. */
  pattern(ctx: CanvasRenderingContext2D, layer: LayerLook, status: string): Pattern {
    const key = `${layer.id}/${status}`;
    const known = this.patterns.get(key);
    if (known) return known;
    const made = this.makePattern(ctx, this.color(layer, status), status);
    this.patterns.set(key, made);
    return made;
  }

  private makePattern(ctx: CanvasRenderingContext2D, color: string, status: string): Pattern {
    if (status === "cared_for") return seeThrough(color, 0.66);
    if (status === "available") return seeThrough(this.theme.paper, 0.72);
    if (status === "not_adoptable") return seeThrough(color, 0.22);
    const tile = document.createElement("canvas");
    const scale = Math.ceil(devicePixelRatio);
    tile.width = tile.height = PATTERN_PX * scale;
    const pen = tile.getContext("2d");
    if (!pen) return color;
    pen.scale(scale, scale);
    pen.fillStyle = seeThrough(status === "requested" ? this.theme.paper : color, status === "requested" ? 0.7 : 0.3);
    pen.fillRect(0, 0, PATTERN_PX, PATTERN_PX);
    hatch(pen, color, status);
    const pattern = ctx.createPattern(tile, "repeat");
    pattern?.setTransform(new DOMMatrix().scale(1 / scale));
    return pattern ?? color;
  }
}

function hatch(pen: CanvasRenderingContext2D, color: string, status: string): void {
  const size = PATTERN_PX;
  pen.strokeStyle = pen.fillStyle = color;
  pen.lineWidth = 1.6;
  pen.beginPath();
  if (status === "needs_help") {
    pen.arc(size / 2, size / 2, 1.9, 0, 2 * Math.PI);
    pen.fill();
    return;
  }
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
    if (status === "lapsing") {
      pen.moveTo(shift - 1, -1);
      pen.lineTo(shift + size + 1, size + 1);
    }
  }
  pen.stroke();
}
