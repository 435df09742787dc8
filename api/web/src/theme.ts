/** The map's colours, taken from the style sheet's tokens, so that light and dark are said in one place. */

const NAMES = [
  "land", "water", "water-edge", "green", "street", "street-edge", "path", "district", "label", "label-water", "halo",
  "paper", "ink", "muted", "accent", "served", "unserved", "unknown", "free", "ring",
  "step-1", "step-2", "step-3", "step-4", "step-5", "step-6", "step-7",
  "tone-1", "tone-2", "tone-3", "tone-4", "tone-5",
] as const; // prettier-ignore

export type Theme = Record<(typeof NAMES)[number], string> & { dark: boolean; font: string };

const preference = matchMedia("(prefers-color-scheme: dark)");
/** Paper is white, whatever the screen is. */
const paper = matchMedia("print");

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--map-${name}`).trim()]));
  return { ...(colours as Record<(typeof NAMES)[number], string>), dark: preference.matches && !paper.matches, font: getComputedStyle(document.body).fontFamily };
}

export function onThemeChange(tell: () => void): void {
  preference.addEventListener("change", tell);
  paper.addEventListener("change", tell);
}

/** A colour (#rgb or #rrggbb: the build shortens what it can) that lets some of the ground through. */
export function seeThrough(color: string, share: number): string {
  if (!color.startsWith("#")) return color;
  const full = color.length === 4 ? color.replace(/[0-9a-f]/gi, "$&$&") : color;
  return full + Math.round(share * 255).toString(16).padStart(2, "0");
}
