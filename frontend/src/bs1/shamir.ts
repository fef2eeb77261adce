/** Shamir's secret sharing over GF(2^8) modulo 0x11B; a share is the values followed by their x, as in `bidding_docs/shamir.py`. */

import { combine as combineMany, split as splitMany } from "shamir-secret-sharing";
import { concat, randomBytes, type Bytes } from "./bytes.js";

/** n shares of which any k give the secret back; 1 <= k <= n <= 255. */
export async function split(secret: Bytes, k: number, n: number): Promise<Bytes[]> {
  if (!(1 <= k && k <= n && n <= 255)) throw new RangeError("k and n must satisfy 1 <= k <= n <= 255");
  if (k > 1) return (await splitMany(secret, n, k)).map((share) => Uint8Array.from(share));
  // One share is enough: every point of the constant polynomial is the secret. The package starts at two.
  const points = new Set<number>();
  while (points.size < n) points.add(randomBytes(1)[0]! || 1);
  return [...points].map((x) => concat(secret, Uint8Array.of(x)));
}

/** The secret from at least k shares; throws when they cannot belong together. */
export async function combine(shares: readonly Uint8Array[]): Promise<Bytes> {
  if (shares.length === 1) return Uint8Array.from(shares[0]!.subarray(0, -1));
  return Uint8Array.from(await combineMany([...shares]));
}
