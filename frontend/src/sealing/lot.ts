/** What the server says about the lot, as the page carries it in `data-lot`. */

import type { Field } from "../bs1/summary.js";

export interface PartLimit {
  readonly id: string;
  readonly label: string;
  /** Bytes of ciphertext. */
  readonly max_size: number;
  readonly max_files: number;
  /** Endings of file names; all when it is empty. */
  readonly types: readonly string[];
}

/** What a part's `summary.json` answers; in two envelopes the price has a form of its own. */
export interface PartForm {
  readonly part: "summary" | "price";
  readonly label: string;
  readonly fields: readonly Field[];
}

export interface Lot {
  readonly id: string;
  readonly tender_id: string;
  readonly user: string;
  readonly uscc: string;
  readonly opening_at: string | null;
  readonly parts: readonly PartLimit[];
  readonly max_total: number;
  readonly forms: readonly PartForm[];
  readonly workers: { readonly seal: string; readonly spool: string };
}

/** The lot of this page. */
export const lotOf = (page: HTMLElement): Lot => JSON.parse(page.dataset["lot"]!) as Lot;
