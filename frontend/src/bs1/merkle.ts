/** Merkle tree heads of RFC 6962 over SHA-256 digests. */

import { concat, hex, sha256, unhex, type Bytes } from "./bytes.js";

/** The tree head whose leaves' data are the raw digests in this order. */
export async function merkleRoot(leaves: readonly Uint8Array[]): Promise<Bytes> {
  if (!leaves.length) return sha256(new Uint8Array());
  let level = await Promise.all(leaves.map((leaf) => sha256(concat(Uint8Array.of(0), leaf))));
  while (level.length > 1) {
    // Pairing from the left and carrying an odd last node up gives the split at the largest power of two.
    const above: Promise<Bytes>[] = [];
    for (let place = 0; place + 1 < level.length; place += 2) {
      above.push(sha256(concat(Uint8Array.of(1), level[place]!, level[place + 1]!)));
    }
    const odd = level.length % 2 ? [level[level.length - 1]!] : [];
    level = [...(await Promise.all(above)), ...odd];
  }
  return level[0]!;
}

/** The root over a file's pieces, whose digests are given in hex. */
export const piecesRoot = async (pieces: readonly string[]): Promise<string> => hex(await merkleRoot(pieces.map(unhex)));

/** The root over the sorted manifest digests. */
export const bidsRoot = (digests: readonly string[]): Promise<string> => piecesRoot([...digests].sort());
