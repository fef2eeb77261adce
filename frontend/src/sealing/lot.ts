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

export interface Lot {
  readonly id: string;
  readonly tender_id: string;
  readonly user: string;
  readonly uscc: string;
  readonly opening_at: string | null;
  readonly parts: readonly PartLimit[];
  readonly max_total: number;
  readonly fields: readonly Field[];
  readonly workers: { readonly seal: string; readonly spool: string };
}

/** An element that the template promises. */
export function part<T extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A new element with a class and text. */
export function made<K extends keyof HTMLElementTagNameMap>(tag: K, text = "", className = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}
