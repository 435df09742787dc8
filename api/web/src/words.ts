/** Sentences of the page (the server translated them), numbers and days in the reader's language. */

import type { CellKind, Config } from "./types";

const HECTARE_M2 = 10_000;

export class Words {
  readonly numbers: Intl.NumberFormat;
  private readonly locale: string;
  private readonly shares: Intl.NumberFormat;
  private readonly days: Intl.DateTimeFormat;

  constructor(private readonly texts: Record<string, string>, language: string) {
    const locale = language === "en" ? "en-GB" : language;
    this.locale = locale;
    this.numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
    this.shares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
    this.days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
  }

  static of(config: Config): Words {
    return new Words(config.texts, config.language);
  }

  /** A sentence with its gaps filled: say("found", { count: 3 }). */
  say(name: string, gaps: Record<string, string | number> = {}): string {
    return (this.texts[name] ?? name).replace(/\{(\w+)\}/g, (_, gap: string) => {
      const value = gaps[gap] ?? "";
      return typeof value === "number" ? this.numbers.format(value) : value;
    });
  }

  share(part: number, whole: number): string {
    return this.shares.format(whole ? part / whole : 0);
  }

  /** A figure as tables write it. */
  write(value: string | number | boolean, kind: CellKind): string {
    if (kind === "text" || typeof value !== "number") return kind === "day" ? this.day(String(value)) : String(value);
    if (kind === "share") return this.percent(value);
    if (kind === "metres") return this.length(value);
    if (kind === "area") return value >= HECTARE_M2 ? `${this.decimal(value / HECTARE_M2, 2)} ha` : `${this.numbers.format(value)} m²`;
    return kind === "count" ? this.numbers.format(value) : this.decimal(value, 3);
  }

  /** What is not all is never shown as 100 %. */
  private percent(share: number): string {
    const shown = share < 1 ? Math.min(share, 0.999) : share;
    const exact = shown > 0 && (shown < 0.1 || (shown > 0.99 && shown < 1));
    return new Intl.NumberFormat(this.locale, { style: "percent", maximumFractionDigits: exact ? 1 : 0 }).format(shown);
  }

  private decimal(value: number, digits: number): string {
    return new Intl.NumberFormat(this.locale, { maximumFractionDigits: digits }).format(value);
  }

  day(iso: string): string {
    return this.days.format(new Date(`${iso}T00:00:00Z`));
  }

  length(metres: number): string {
    return metres >= 1000 ? `${this.decimal(metres / 1000, 2)} km` : `${this.numbers.format(metres)} m`;
  }
}
