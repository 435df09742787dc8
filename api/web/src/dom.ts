/** Find what the page holds, and fail loudly where a template and this code disagree. */

export function must<Kind extends Element = HTMLElement>(selector: string, root: ParentNode = document): Kind {
  const found = root.querySelector<Kind>(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}

export function all<Kind extends Element = HTMLElement>(selector: string, root: ParentNode = document): Kind[] {
  return [...root.querySelectorAll<Kind>(selector)];
}

/** Return a function that waits until it has not been called for a while. */
export function settle<Args extends unknown[]>(act: (...args: Args) => void, waitMs: number): (...args: Args) => void {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => act(...args), waitMs);
  };
}

export function isNarrow(): boolean {
  return matchMedia("(max-width: 820px)").matches;
}
