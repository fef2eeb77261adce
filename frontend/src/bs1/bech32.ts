/** The spelling of age's keys, `age1…` and `AGE-SECRET-KEY-1…`, apart from age itself, which pages need not load. */

import { bech32 } from "@scure/base";
import type { Bytes } from "./bytes.js";

const IDENTITY = "AGE-SECRET-KEY-";

function keyIn(prefix: string, spelt: string): Bytes {
  const { prefix: found, bytes } = bech32.decodeToBytes(spelt);
  if (found.toLowerCase() !== prefix || bytes.length !== 32) throw new Error("not an age key");
  return Uint8Array.from(bytes);
}

/** `AGE-SECRET-KEY-1…`, which the stock command reads. */
export const encodeIdentity = (identity: Bytes): string => bech32.encodeFromBytes(IDENTITY, identity).toUpperCase();

/** The 32 bytes of `AGE-SECRET-KEY-1…`; throws for anything else. */
export function parseIdentity(spelt: string): Bytes {
  if (spelt !== spelt.toUpperCase()) throw new Error("not an age identity");
  return keyIn(IDENTITY.toLowerCase(), spelt);
}

/** The 32-byte public key of `age1…`; throws for anything else. */
export function parseRecipient(spelt: string): Bytes {
  if (spelt !== spelt.toLowerCase()) throw new Error("not an age recipient");
  return keyIn("age", spelt);
}
