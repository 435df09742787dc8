/** The map's colours, taken from the style sheet's tokens, so that light and dark are said in one place. */

const NAMES = [
  "land", "water", "water-edge", "green", "street", "street-edge", "path", "district", "label", "label-water", "halo",
  "paper", "ink", "muted", "accent", "served", "unserved", "unknown", "free", "ring",
] as const; // prettier-ignore

export type Theme = Record<(typeof NAMES)[number], string> & { dark: boolean; font: string };

const preference = matchMedia("(prefers-color-scheme: dark)");

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--map-${name}`).trim()]));
  return { ...(colours as Record<(typeof NAMES)[number], string>), dark: preference.matches, font: getComputedStyle(document.body).fontFamily };
}

export function onThemeChange(tell: () => void): void {
  preference.addEventListener("change", tell);
}

/** A colour (#rgb or #rrggbb: the build shortens what it can) that lets some of the ground through. */
export function seeThrough(color: string, share: number): string {
  if (!color.startsWith("#")) return color;
  const full = color.length === 4 ? color.replace(/[0-9a-f]/gi, "$&$&") : color;
  return full + Math.round(share * 255).toString(16).padStart(2, "0");
}
