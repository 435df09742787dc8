/** Follow a run that is at work: the bar and the words go on, and the page comes again when it ended. */

import { all, must } from "./dom";
import { listen } from "./request";

interface Told {
  state: string;
  progress: number;
  step: string;
}

const OPEN = ["queued", "running"];

export function followRuns(): void {
  for (const section of all("[data-follow]")) {
    listen<Told>(section.dataset["follow"] ?? "", (told) => {
      const goesOn = OPEN.includes(told.state);
      must<HTMLProgressElement>("progress", section).value = told.progress;
      if (told.step) must("[data-step-words]", section).textContent = told.step;
      if (!goesOn) location.reload();
      return goesOn;
    });
  }
}
