/** The passphrase fields: one that is suggested or chosen and typed twice, or one that is asked for. */

import { randomBytes } from "../bs1/bytes.js";
import { part, refuse, settle } from "../site/dom.js";
import { say } from "../site/words.js";
import { MIN_PASSPHRASE } from "./keptKeys.js";

/** Without l, o, 0 and 1, which are mistaken for each other: 32 signs, five bits each. */
const SIGNS = "abcdefghijkmnpqrstuvwxyz23456789";

/** 120 bits in six groups of four, to be written down. */
export const suggestion = (): string =>
  Array.from(randomBytes(24), (byte, place) => (place && place % 4 === 0 ? "-" : "") + SIGNS[byte & 31]).join("");

export class Passphrase {
  private readonly field = part<HTMLInputElement>("#passphrase");
  private readonly again = document.querySelector<HTMLInputElement>("#passphrase-again");

  private readonly hints = new Map<HTMLInputElement, string>();

  constructor() {
    for (const field of [this.field, this.again]) if (field) this.hints.set(field, field.getAttribute("aria-describedby") ?? "");
    document.querySelector("[data-do=suggest]")?.addEventListener("click", () => this.suggest());
  }

  /** The passphrase, or null with the reason beside its field. */
  value(): string | null {
    const { value } = this.field;
    if (this.again && value.length < MIN_PASSPHRASE) return this.refuse(this.field, say("short", { n: MIN_PASSPHRASE }));
    if (!value) return this.refuse(this.field, say("missing"));
    if (this.again && value !== this.again.value) return this.refuse(this.again, say("differ"));
    this.settle();
    return value;
  }

  refuse(field: HTMLInputElement, words: string): null {
    this.settle();
    refuse(field, words, this.hints.get(field));
    return null;
  }

  wrong(): void {
    this.refuse(this.field, say("wrong"));
    this.field.select();
  }

  forget(): void {
    for (const field of [this.field, this.again]) if (field) field.value = "";
    part("[data-suggested]").textContent = "";
  }

  private suggest(): void {
    const value = suggestion();
    this.field.value = value;
    if (this.again) this.again.value = value;
    part("[data-suggested]").textContent = value;
    this.settle();
  }

  private settle(): void {
    for (const [field, hint] of this.hints) settle(field, hint);
  }
}
