/** The opening summary (开标一览表): answers by the tender's form, amounts in fen, and their spelling in capitals (大写). */

import { encode } from "./encoding.js";
import type { Bytes } from "./bytes.js";

export const SUMMARY_FILE = "summary.json";
export const SUMMARY_PART = "summary";
const LARGEST = Number.MAX_SAFE_INTEGER;

export interface Field {
  readonly id: string;
  readonly label: string;
  readonly kind: "text" | "integer" | "money" | "date";
  readonly required: boolean;
  readonly max: number | null;
}

export type Value = string | number;
export type Answers = ReadonlyMap<string, Value>;

/** Why an answer is refused; the page has the sentence for it. */
export type Fault = "missing" | "number" | "money" | "large" | "date" | "long" | "signs" | "capitals";

/** `summary.json` in the one spelling that readers accept: the form's order, unanswered fields left out. */
export function writeSummary(fields: readonly Field[], answers: Answers): Bytes {
  return encode(Object.fromEntries(fields.filter(({ id }) => answers.has(id)).map(({ id }) => [id, answers.get(id)])));
}

/** What was typed as a value of the field, null when it was left empty, or the fault in it. */
export function readAnswer(field: Field, typed: string): { value: Value | null } | { fault: Fault } {
  const given = typed.trim();
  if (!given) return field.required ? { fault: "missing" } : { value: null };
  switch (field.kind) {
    case "money":
      return bounded(fen(given), "money", field);
    case "integer":
      return bounded(/^\d{1,16}$/.test(given) ? Number(given) : null, "number", field);
    case "date":
      return isDate(given) ? { value: given } : { fault: "date" };
    case "text":
      if ([...given].length > (field.max ?? 2000)) return { fault: "long" };
      return /(?!\n)\p{Cc}/u.test(given) ? { fault: "signs" } : { value: given };
  }
}

function bounded(value: number | null, fault: Fault, field: Field): { value: Value } | { fault: Fault } {
  if (value === null) return { fault };
  return value > (field.max ?? LARGEST) || value > LARGEST ? { fault: "large" } : { value };
}

function isDate(given: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(given)) return false;
  const at = new Date(`${given}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(given);
}

/** An amount of yuan in figures, with or without thousands separators, as fen; null for anything else. */
export function fen(figures: string): number | null {
  const match = /^(\d{1,3}(?:[,，]\d{3})+|\d{1,14})(?:\.(\d{1,2}))?$/.exec(figures.trim().replace(/\s*元$/, ""));
  if (!match) return null;
  return Number(match[1]!.replace(/[,，]/g, "")) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
}

/** Fen in figures: 123456789 is `1,234,567.89`. */
export const figures = (amount: number): string =>
  `${Math.floor(amount / 100).toString().replace(/\B(?=(\d{3})+$)/g, ",")}.${String(amount % 100).padStart(2, "0")}`;

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿", "兆"];

/** An amount of fen in the capitals of cheques and contracts: 100000500 is 壹佰万零伍元整. */
export function capitals(amount: number): string {
  const yuan = Math.floor(amount / 100);
  const [jiao, fens] = [Math.floor(amount / 10) % 10, amount % 10];
  const whole = yuan ? `${wholeYuan(yuan)}元` : "";
  if (!jiao && !fens) return `${whole || "零元"}整`;
  const gap = whole && (!jiao || yuan % 10 === 0) ? "零" : "";
  return whole + gap + (jiao ? `${DIGITS[jiao]}角` : "") + (fens ? `${DIGITS[fens]}分` : "整");
}

function wholeYuan(yuan: number): string {
  let out = "";
  let gap = false;
  for (let group = GROUPS.length - 1; group >= 0; group--) {
    const four = Math.floor(yuan / 10_000 ** group) % 10_000;
    if (!four) {
      gap = gap || out !== "";
      continue;
    }
    if (out && (gap || four < 1000)) out += "零";
    out += fourDigits(four) + GROUPS[group];
    gap = four % 10 === 0 && group > 0;
  }
  return out;
}

function fourDigits(four: number): string {
  let out = "";
  let gap = false;
  for (let place = 3; place >= 0; place--) {
    const digit = Math.floor(four / 10 ** place) % 10;
    if (!digit) gap = gap || out !== "";
    else {
      out += (gap ? "零" : "") + DIGITS[digit] + PLACES[place];
      gap = false;
    }
  }
  return out;
}

/** Capitals as people write them: 圆 for 元, 人民币 before it, 正 for 整, zeros between groups or not. */
const plain = (words: string): string =>
  words.replace(/\s+|^人民币[:：]?/g, "").replace(/圆/g, "元").replace(/正$/, "整").replace(/零/g, "").replace(/([角分])整$/, "$1");

/** True when the capitals say this amount; whether zeros are written between groups does not matter. */
export const capitalsFit = (amount: number, typed: string): boolean => plain(capitals(amount)) === plain(typed);
