/** Sentences of the page (the server translated them), numbers and days in the reader's language. */

import type { Config } from "./types";

export class Words {
  readonly numbers: Intl.NumberFormat;
  private readonly shares: Intl.NumberFormat;
  private readonly days: Intl.DateTimeFormat;

  constructor(private readonly texts: Record<string, string>, language: string) {
    const locale = language === "en" ? "en-GB" : language;
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

  day(iso: string): string {
    return this.days.format(new Date(`${iso}T00:00:00Z`));
  }

  length(metres: number): string {
    return metres >= 1000 ? `${new Intl.NumberFormat(this.numbers.resolvedOptions().locale, { maximumFractionDigits: 2 }).format(metres / 1000)} km` : `${this.numbers.format(metres)} m`;
  }
}
