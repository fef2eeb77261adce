/** The site's JSON API from a page: answers as values, refusals as errors with the server's own sentence. */

/** The server said no; `message` is its sentence in the reader's language. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly problem: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }

  /** Asking again later may be answered: the server is restarting or overloaded. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429;
  }
}

/** Nobody answered: the line is broken or the server is away. */
export class LineBroken extends Error {}

/** One request with a JSON body; throws Refused for every problem, LineBroken when nobody answers. */
export function call(method: string, path: string, body?: unknown): Promise<Response> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return reach(path, { method, cache: "no-store", ...json });
}

/** Any request; throws as `call` does. */
export async function reach(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch(() => {
    throw new LineBroken(url);
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (problem["code"] === "E_FRESH" && "document" in globalThis) proveFirst();
  const said = [problem["title"], problem["detail"]].find((one) => typeof one === "string");
  throw new Refused(response.status, String(problem["code"] ?? response.status), String(said ?? response.statusText), problem);
}

/** Lead the reader to prove once more who they are, and back to this page. */
function proveFirst(): void {
  location.assign(`/prove?next=${encodeURIComponent(location.pathname + location.search)}`);
}

export const getJson = async <T>(path: string): Promise<T> => (await (await call("GET", path)).json()) as T;

export const postJson = async <T>(path: string, body: unknown): Promise<T> => (await (await call("POST", path, body)).json()) as T;

export const getBytes = async (path: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await call("GET", path)).arrayBuffer());

export const getText = async (path: string): Promise<string> => (await call("GET", path)).text();

/** `null` instead of the refusal that there is no such thing. */
export const orNull = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((error: unknown) => {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  });
