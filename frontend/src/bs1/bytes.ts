/** Bytes, their spellings, and SHA-256 of what fits into memory. */

export type Bytes = Uint8Array<ArrayBuffer>;

const HEX = /^(?:[0-9a-f]{2})*$/;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Bytes => ENCODER.encode(text);

/** Throws TypeError for bytes that are not UTF-8. */
export const text = (bytes: Uint8Array): string => DECODER.decode(bytes);

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    out.set(part, place);
    place += part.length;
  }
  return out;
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Lower-case hex only, as in every signed document. */
export function unhex(digits: string): Bytes {
  if (!HEX.test(digits)) throw new Error("not lower-case hex");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Canonical padded base64 only. */
export function unbase64(spelt: string): Bytes {
  const bytes = Uint8Array.from(atob(spelt), (sign) => sign.charCodeAt(0));
  if (base64(bytes) !== spelt) throw new Error("base64 is not canonical");
  return bytes;
}

export const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, place) => byte === b[place]);

/** The bytewise exclusive or of keys of equal length. */
export function xor(first: Uint8Array, ...others: readonly Uint8Array[]): Bytes {
  const out = Uint8Array.from(first);
  for (const other of others) {
    if (other.length !== out.length) throw new Error("keys differ in length");
    other.forEach((byte, place) => (out[place]! ^= byte));
  }
  return out;
}

export const randomBytes = (count: number): Bytes => crypto.getRandomValues(new Uint8Array(count));

export const sha256 = async (bytes: Uint8Array): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Bytes));

export const sha256Hex = async (bytes: Uint8Array): Promise<string> => hex(await sha256(bytes));
