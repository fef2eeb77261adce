/** The little of ASN.1's DER that certificates, requests and ECDSA signatures need. */

import { concat, type Bytes } from "./bytes.js";

export const SEQUENCE = 0x30;
export const SET = 0x31;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OBJECT_ID = 0x06;

/** One element: its tag, its content, and the whole of it with tag and length. */
export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

/** Throws RangeError when the bytes are cut off or the length is not in its one DER spelling. */
export function read(bytes: Uint8Array, start = 0): Element {
  const [tag, first] = [bytes[start], bytes[start + 1]];
  if (tag === undefined || first === undefined) throw new RangeError("DER is cut off");
  let [size, place] = [first, start + 2];
  if (first >= 0x80) {
    const digits = first & 0x7f;
    if (digits === 0 || digits > 4) throw new RangeError("DER has an unknown length");
    size = 0;
    for (const end = place + digits; place < end; place++) size = size * 256 + (bytes[place] ?? 0);
    if (size < 0x80 || bytes[start + 2] === 0) throw new RangeError("DER has a long length for a short element");
  }
  if (place + size > bytes.length) throw new RangeError("DER is cut off");
  return { tag, content: bytes.subarray(place, place + size), whole: bytes.subarray(start, place + size) };
}

/** The elements inside one element. */
export function children(parent: Element): Element[] {
  const found: Element[] = [];
  for (let place = 0; place < parent.content.length; ) {
    const element = read(parent.content, place);
    found.push(element);
    place += element.whole.length;
  }
  return found;
}

export function write(tag: number, ...parts: readonly Uint8Array[]): Bytes {
  const content = concat(...parts);
  if (content.length < 0x80) return concat(Uint8Array.of(tag, content.length), content);
  const digits: number[] = [];
  for (let rest = content.length; rest; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return concat(Uint8Array.of(tag, 0x80 | digits.length, ...digits), content);
}

function unsigned(number: Uint8Array): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  const short = first < 0 ? Uint8Array.of(0) : number.subarray(first);
  return short[0]! & 0x80 ? concat(Uint8Array.of(0), short) : short;
}

/** WebCrypto's r||s of P-256 as the DER that everybody else reads. */
export function derSignature(raw: Uint8Array): Bytes {
  if (raw.length !== 64) throw new RangeError("an r||s signature of P-256 is 64 bytes long");
  const half = (from: number) => write(INTEGER, unsigned(raw.subarray(from, from + 32)));
  return write(SEQUENCE, half(0), half(32));
}

/** The DER of an ECDSA signature as WebCrypto's r||s of P-256; throws RangeError for anything else. */
export function rawSignature(der: Uint8Array): Bytes {
  const outer = read(der);
  const numbers = outer.tag === SEQUENCE && outer.whole.length === der.length ? children(outer) : [];
  if (numbers.length !== 2) throw new RangeError("not an ECDSA signature");
  const out = new Uint8Array(64);
  numbers.forEach(({ tag, content }, n) => {
    const digits = content[0] === 0 ? content.subarray(1) : content;
    if (tag !== INTEGER || digits.length > 32) throw new RangeError("not an ECDSA signature of P-256");
    out.set(digits, 32 * n + 32 - digits.length);
  });
  return out;
}
