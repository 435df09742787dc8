/** The day picker: a date, a month back or on, a slider over the years, and back to today. */

import { all, must, settle } from "./dom";
import type { Words } from "./words";

const SLIDE_MS = 180;

export class DayPicker {
  private readonly date = must<HTMLInputElement>("#at");
  private readonly slider = must<HTMLInputElement>("#months");

  constructor(private readonly today: string, private readonly words: Words, private readonly changed: (day: string) => void) {
    const soon = settle(() => this.changed(this.date.value), SLIDE_MS);
    must("#day").addEventListener("submit", (event) => event.preventDefault());
    this.date.addEventListener("change", () => this.date.value && this.pick(this.date.value));
    this.slider.addEventListener("input", () => {
      this.show(addMonths(this.today, this.slider.valueAsNumber));
      soon();
    });
    for (const button of all("[data-step]", must("#day"))) {
      button.addEventListener("click", () => this.pick(addMonths(this.date.value || this.today, Number(button.dataset["step"]))));
    }
    must("[data-today]").addEventListener("click", () => this.pick(this.today));
  }

  /** Show a day without telling anybody. */
  show(day: string): void {
    this.date.value = day;
    const months = monthsBetween(this.today, day);
    this.slider.value = String(months);
    this.slider.setAttribute("aria-valuetext", this.words.day(day));
    must("#day").classList.toggle("is-today", day === this.today);
  }

  private pick(day: string): void {
    this.show(day);
    this.changed(day);
  }
}

/** The same day of another month, or that month's last day. */
export function addMonths(iso: string, months: number): string {
  const [year = 0, month = 1, day = 1] = iso.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, last))).toISOString().slice(0, 10);
}

export function monthsBetween(from: string, to: string): number {
  const [fromYear = 0, fromMonth = 0] = from.split("-").map(Number);
  const [toYear = 0, toMonth = 0] = to.split("-").map(Number);
  return (toYear - fromYear) * 12 + toMonth - fromMonth;
}
