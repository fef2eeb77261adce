/** The page's list of lots: what is being done with each, what was found, and what was done. */

import { downloadZip } from "client-zip";
import type { Bytes } from "../bs1/bytes.js";
import { made, part } from "../site/dom.js";

/** What the template says about a lot, in `data-seat`. */
export interface Seat {
  readonly lot_id: string;
  readonly lot_name: string;
  readonly round: number;
  readonly custodian: number;
  readonly opens: string;
  readonly stages: readonly string[];
}

/** One lot on the page. */
export class Row {
  readonly seat: Seat;

  constructor(private readonly element: HTMLElement) {
    this.seat = JSON.parse(element.dataset["seat"] ?? "{}") as Seat;
  }

  get lot(): string {
    return this.seat.lot_id;
  }

  /** The state in words; tests and style sheets read the kind. */
  state(kind: "waiting" | "working" | "ready" | "done" | "refused", words: string): void {
    this.element.dataset["state"] = kind;
    part("[data-state-words]", this.element).textContent = words;
  }

  is(kind: string): boolean {
    return this.element.dataset["state"] === kind;
  }

  /** A check that holds, or a reason that does not. */
  fact(words: string, kind: "holds" | "fails" | "note" = "holds"): void {
    const item = made("li");
    const mark = { holds: "✓", fails: "✗", note: "•" }[kind];
    item.dataset["fact"] = kind;
    item.append(`${mark} ${words}`);
    part("[data-facts]", this.element).append(item);
  }

  clear(): void {
    part("[data-facts]", this.element).replaceChildren();
  }

  details(pairs: readonly (readonly [string, string])[]): void {
    const list = made("dl", "", "fields");
    list.append(...pairs.flatMap(([name, value]) => [made("dt", name), made("dd", value)]));
    part("[data-details]", this.element).replaceChildren(list);
  }
}

export const rowsOf = (page: HTMLElement): Row[] => [...page.querySelectorAll<HTMLElement>("[data-seat]")].map((one) => new Row(one));

/** Hand the reader a ZIP of key files, laid out like the command line's folder. */
export async function save(name: string, files: ReadonlyMap<string, Bytes>): Promise<void> {
  const entries = [...files].map(([file, input]) => ({ name: file, input, lastModified: new Date() }));
  const link = made("a");
  link.href = URL.createObjectURL(await downloadZip(entries).blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
