/** RFC 9162 section 2.1.4.2: whether one tree of the log extends another. */

import { concat, equal, sha256, type Bytes } from "../bs1/bytes.js";

export interface Head {
  readonly size: bigint;
  readonly root: Bytes;
}

const node = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(concat(Uint8Array.of(1), left, right));

/** True when the path shows that `now` holds all entries of `before` in their places; every tree extends the empty one. */
export async function extendsTree(before: Head, now: Head, path: readonly Bytes[]): Promise<boolean> {
  if (before.size > now.size) return false;
  if (before.size === 0n) return !path.length && equal(before.root, await sha256(new Uint8Array()));
  if (before.size === now.size) return !path.length && equal(before.root, now.root);
  const complete = (before.size & (before.size - 1n)) === 0n;
  const [start, ...rest] = complete ? [before.root, ...path] : path;
  if (!start) return false;
  let [place, last] = [before.size - 1n, now.size - 1n];
  while (place & 1n) [place, last] = [place >> 1n, last >> 1n];
  let [first, second] = [start, start];
  for (const sibling of rest) {
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      [first, second] = [await node(sibling, first), await node(sibling, second)];
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else {
      second = await node(second, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && equal(first, before.root) && equal(second, now.root);
}
