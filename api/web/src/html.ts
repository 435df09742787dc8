/** HTML that is safe to insert: everything put into html`...` is escaped, unless it was made by html`...` itself. */

export class SafeHtml {
  constructor(readonly text: string) {}
}

const SPECIAL: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function html(strings: TemplateStringsArray, ...values: unknown[]): SafeHtml {
  return new SafeHtml(strings.reduce((text, part, at) => text + part + (at < values.length ? escaped(values[at]) : ""), ""));
}

function escaped(value: unknown): string {
  if (value instanceof SafeHtml) return value.text;
  if (Array.isArray(value)) return value.map(escaped).join("");
  return String(value ?? "").replace(/[&<>"']/g, (sign) => SPECIAL[sign] ?? sign);
}

export function fill(element: Element, content: SafeHtml): void {
  element.innerHTML = content.text;
}
