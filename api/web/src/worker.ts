/** Show a page of our own where the browser is offline. Nothing else is kept: every page comes from the register. */

interface Happening extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Happening {
  readonly request: Request;
  readonly preloadResponse: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}
interface Told extends Happening {
  readonly data: { language?: unknown };
}
interface Worker {
  readonly location: Location;
  readonly registration: { readonly navigationPreload?: { enable(): Promise<void> } };
  skipWaiting(): Promise<void>;
  addEventListener(kind: "install" | "activate", hear: (event: Happening) => void): void;
  addEventListener(kind: "fetch", hear: (event: Fetching) => void): void;
  addEventListener(kind: "message", hear: (event: Told) => void): void;
}
const worker = self as unknown as Worker;

const version = worker.location.search;
const KEPT = `offline${version}`;
const LANGUAGES = ["en", "nl"];
const SHEETS = [`/static/main.css${version}`, `/layers.css${version}`];
const CHOSEN = "/offline/chosen";

worker.addEventListener("install", (event) => event.waitUntil(keep().then(() => worker.skipWaiting())));
worker.addEventListener("activate", (event) => event.waitUntil(Promise.all([forgetOthers(), worker.registration.navigationPreload?.enable()])));
worker.addEventListener("message", (event) => {
  const { language } = event.data;
  if (typeof language === "string" && LANGUAGES.includes(language)) event.waitUntil(choose(language));
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname + new URL(request.url).search;
  // A form goes its own way: sent by this program, its answer would not be taken for a page.
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(navigate(event));
  else if (SHEETS.includes(path)) event.respondWith(fetch(request).catch(() => kept(path)));
});

/** Asked for without cookies, so that what is kept is nobody's own. */
async function keep(): Promise<void> {
  const cache = await caches.open(KEPT);
  await cache.addAll([...LANGUAGES.map((code) => `/offline/${code}`), ...SHEETS].map((path) => new Request(path, { credentials: "omit" })));
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("offline") && name !== KEPT).map((name) => caches.delete(name)));
}

async function choose(language: string): Promise<void> {
  await (await caches.open(KEPT)).put(CHOSEN, new Response(language));
}

async function navigate(event: Fetching): Promise<Response> {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    const cache = await caches.open(KEPT);
    const language = (await (await cache.match(CHOSEN))?.text()) ?? "en";
    return kept(`/offline/${language}`);
  }
}

async function kept(path: string): Promise<Response> {
  return (await (await caches.open(KEPT)).match(path, { ignoreVary: true })) ?? Response.error();
}
