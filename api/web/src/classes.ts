/** The classes of a choropleth; the server makes their breaks (`geocommons/analysis/classify.py`). */

/** Which class a figure is in: the first whose upper bound is no less; -1 where there is no figure. */
export function classOf(value: unknown, breaks: number[]): number {
  if (typeof value !== "number" || Number.isNaN(value) || !breaks.length) return -1;
  const found = breaks.findIndex((upper) => value <= upper);
  return found < 0 ? breaks.length - 1 : found;
}
