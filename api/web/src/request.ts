/** The only door to the network. */

import { SafeHtml } from "./html";

/** The server's own sentence about what went wrong. */
export class RequestFailed extends Error {}

const remembered = new Map<string, ArrayBuffer>();
const REMEMBERED_MAX = 400;

export async function getJson<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return (await get(path, "application/json", signal)).json() as Promise<Answer>;
}

/** A piece of page that our own server rendered, and escaped. */
export async function getFragment(path: string, signal?: AbortSignal): Promise<SafeHtml> {
  return new SafeHtml(await (await get(path, "text/html", signal)).text());
}

/** The bytes of a vector tile; an empty tile has none. */
export async function getTile(path: string, signal: AbortSignal): Promise<ArrayBuffer> {
  const known = remembered.get(path);
  if (known) return known;
  const answer = await get(path, "application/vnd.mapbox-vector-tile", signal);
  const bytes = answer.status === 204 ? new ArrayBuffer(0) : await answer.arrayBuffer();
  const oldest = remembered.keys().next().value;
  if (remembered.size >= REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
  remembered.set(path, bytes);
  return bytes;
}

/** Send the fields of a form, its token among them, and read the answer. */
export async function postForm<Answer>(path: string, fields: FormData): Promise<Answer> {
  const texts = [...fields].filter((field): field is [string, string] => typeof field[1] === "string");
  const asked = { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(texts) };
  return (await answerTo(path, asked)).json() as Promise<Answer>;
}

/** Hear what the server tells of an address as it happens; `hear` answers whether there is more to come. */
export function listen<Told>(path: string, hear: (told: Told) => boolean): void {
  const source = new EventSource(path);
  source.addEventListener("message", (event: MessageEvent<string>) => {
    if (!hear(JSON.parse(event.data) as Told)) source.close();
  });
}

function get(path: string, accept: string, signal?: AbortSignal): Promise<Response> {
  return answerTo(path, { headers: { accept }, ...(signal ? { signal } : {}) });
}

async function answerTo(path: string, asked: RequestInit): Promise<Response> {
  const answer = await fetch(path, asked);
  if (!answer.ok) throw new RequestFailed(await sentence(answer));
  return answer;
}

async function sentence(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    return (JSON.parse(text) as { detail?: string }).detail ?? answer.statusText;
  } catch {
    return answer.statusText;
  }
}

/** Whether an error only says that nobody waits for the answer any more. */
export function wasCancelled(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
