/** Where every page starts; maps, and passkeys, are all that needs a program. */

// Leaflet's style sheet comes with it, and ours comes after that.
import { followRuns } from "./follow";
import { MapPage } from "./map_page";
import { startPasskeys } from "./passkey";
import { PlaceMap } from "./place_map";
import { startShell } from "./shell";
import { StudyPage } from "./study_page";
import "@fontsource-variable/atkinson-hyperlegible-next/wght.css";
import "./style/tokens.css";
import "./style/page.css";
import "./style/shell.css";
import "./style/forms.css";
import "./style/map.css";
import "./style/site.css";
import "./style/study.css";
import "./style/chart.css";
import "./style/design.css";
import "./style/touch.css";
import "./style/print.css";
import type { Config, PlaceConfig, RunConfig } from "./types";

const config = document.querySelector("#config")?.textContent;
if (config) new MapPage(JSON.parse(config) as Config).start();
const run = document.querySelector("#run-config")?.textContent;
if (run) new StudyPage(JSON.parse(run) as RunConfig).start();
const place = document.querySelector("#place-config")?.textContent;
if (place) new PlaceMap(JSON.parse(place) as PlaceConfig).start();
followRuns();
startPasskeys();
startShell();
