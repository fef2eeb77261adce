/**
 * Signed JSON with exact bytes, as `bidding_docs/encoding.py` has it: declared member order, no spaces, JSON's minimal
 * escapes, integers only. A shape both checks a value and is the place where its member order is declared.
 */

import { equal, text, utf8, type Bytes } from "./bytes.js";

/** A document is not of the documented form (E_SCHEMA). */
export class BadSchema extends Error {
  readonly code: string = "E_SCHEMA";
}

/** Returns the value when it has the shape; throws BadSchema naming the place otherwise. */
export type Shape<T> = (value: unknown, place: string) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

function refuse(place: string, wanted: string): never {
  throw new BadSchema(`${place}: ${wanted} expected`);
}

export const matching =
  (pattern: RegExp): Shape<string> =>
  (value, place) =>
    typeof value === "string" && pattern.test(value) ? value : refuse(place, String(pattern));

export const whole =
  (least: number): Shape<number> =>
  (value, place) =>
    Number.isSafeInteger(value) && (value as number) >= least ? (value as number) : refuse(place, "a whole number");

export const flag: Shape<boolean> = (value, place) => (typeof value === "boolean" ? value : refuse(place, "true or false"));

export const oneOf =
  <const T extends string | number>(...allowed: readonly T[]): Shape<T> =>
  (value, place) =>
    allowed.includes(value as T) ? (value as T) : refuse(place, allowed.join(" or "));

export const nullable =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, place) =>
    value === null ? null : shape(value, place);

export const list =
  <T>(shape: Shape<T>): Shape<readonly T[]> =>
  (value, place) =>
    Array.isArray(value) ? value.map((item, n) => shape(item, `${place}[${n}]`)) : refuse(place, "a list");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const dict =
  <T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  (value, place) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shape(item, `${place}.${key}`)]))
      : refuse(place, "an object");

type Members = Record<string, Shape<unknown>>;
type Struct<M extends Members, O extends Members> = { readonly [K in keyof M]: Shaped<M[K]> } & {
  readonly [K in keyof O]?: Shaped<O[K]>;
};

/** Exactly these members, in this order; the optional ones come last and may be missing. */
export const struct =
  <M extends Members, O extends Members = Record<never, never>>(members: M, optional?: O): Shape<Struct<M, O>> =>
  (value, place) => {
    if (!isObject(value)) refuse(place, "an object");
    const shapes: Members = { ...members, ...optional };
    const names = Object.keys(shapes).filter((name) => name in members || name in value);
    if (Object.keys(value).join() !== names.join()) refuse(place, `the members ${names.join(", ")}`);
    const checked = names.map((name) => [name, shapes[name]!(value[name], `${place}.${name}`)] as const);
    return Object.fromEntries(checked) as Struct<M, O>;
  };

export const id = matching(/^[a-z0-9-]{1,64}$/);
export const bidderId = matching(/^[0-9A-Za-z-]{1,64}$/);
export const digest = matching(/^[0-9a-f]{64}$/);
export const time = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
export const recipient = matching(/^age1[0-9a-z]{8,2048}$/);
export const spelt64 = matching(/^[A-Za-z0-9+/]*={0,2}$/);
export const words = matching(/^[^]{1,512}$/u);
export const count = whole(0);
export const positive = whole(1);

/** The exact bytes that are signed and hashed; members are printed in the order in which they were set. */
export const encode = (value: unknown): Bytes => utf8(JSON.stringify(value));

/** The value whose exact bytes are `bytes`; BadSchema for anything else. */
export function decode<T>(bytes: Uint8Array, shape: Shape<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text(bytes));
  } catch {
    throw new BadSchema("not JSON");
  }
  const checked = shape(value, "$");
  if (!equal(encode(checked), bytes)) throw new BadSchema("the bytes are not in the one documented spelling");
  return checked;
}
