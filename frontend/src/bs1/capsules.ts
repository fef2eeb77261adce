/** Capsules: one holder's share of a part's key, bound to tender, lot, round, bidder, part and recipient. */

import { decryptBytes, encryptBytes, newIdentity } from "./age.js";
import { base64, concat, randomBytes, sha256, sha256Hex, unbase64, utf8, xor, type Bytes } from "./bytes.js";
import { bidderId, decode, digest, encode, id, oneOf, positive, recipient, spelt64, struct, words, type Shaped } from "./encoding.js";
import type { BidManifest, KeyManifest, Part } from "./manifests.js";
import { split } from "./shamir.js";

export const GATE = "gate";
export const BIDDER = "bidder";
const KEY_SIZE = 32;
const SHARE_SIZE = 33;

const context = struct({
  v: oneOf(1),
  tender_id: id,
  lot_id: id,
  round: positive,
  key_manifest_sha256: digest,
  bidder_id: bidderId,
  part_id: id,
  recipient,
});
const capsule = struct({ v: oneOf(1), ctx: context, holder: words, share: spelt64 });

/** What one part's key belongs to; also the first member of the part's archive. */
export type Context = Shaped<typeof context>;

export const parseContext = (bytes: Uint8Array): Context => decode(bytes, context);

/** A capsule that must not be released, with the protocol's code. */
export class BadCapsule extends Error {
  constructor(
    readonly code: "E_CAPSULE_UNREADABLE" | "E_CTX_MISMATCH" | "E_BIDDER_BAD_SHARE",
    detail: string,
  ) {
    super(detail);
  }
}

/** The secrets of one part: its identity and everybody's shares by holder. */
export interface Dealt {
  readonly identity: Bytes;
  readonly recipient: string;
  readonly bidderShare: Bytes | null;
  readonly shares: ReadonlyMap<string, Bytes>;
}

/** Draw a part's key and deal it: `identity = q xor g xor d`, q by Shamir among the custodians. */
export async function deal({ policy, custodians, gate }: KeyManifest): Promise<Dealt> {
  const { identity, recipient } = await newIdentity();
  const g = gate ? randomBytes(KEY_SIZE) : new Uint8Array(KEY_SIZE);
  const d = policy.bidder === "required" ? randomBytes(KEY_SIZE) : null;
  const points = await split(xor(identity, g, d ?? new Uint8Array(KEY_SIZE)), policy.k, policy.n);
  const shares = new Map(custodians.map((one, place) => [`custodian:${one.index}`, points[place]!]));
  if (gate) shares.set(GATE, g);
  if (d) shares.set(BIDDER, d);
  return { identity, recipient, bidderShare: d, shares };
}

/** The context that every capsule and the archive of this part must carry. */
export const contextOf = (bid: BidManifest, part: Part): Context => ({
  v: 1,
  tender_id: bid.tender_id,
  lot_id: bid.lot_id,
  round: bid.round,
  key_manifest_sha256: bid.key_manifest_sha256,
  bidder_id: bid.bidder_id,
  part_id: part.id,
  recipient: part.recipient,
});

/** The commitment to a share: hex of SHA-256 over the context's hash, the holder and the share. */
export async function commit(ctx: Context, holder: string, share: Bytes): Promise<string> {
  const bound = await sha256(concat(utf8("bidseal/v1/ctx\n"), encode(ctx)));
  return sha256Hex(concat(utf8("bidseal/v1/share\n"), bound, utf8(holder), Uint8Array.of(0), share));
}

/** The capsule's age file for one holder. */
export const buildCapsule = (ctx: Context, holder: string, share: Bytes, to: string): Promise<Bytes> =>
  encryptBytes(encode({ v: 1, ctx, holder, share: base64(share) }), to);

/** The share, when every field of the context, the holder and the commitment fit; BadCapsule otherwise. */
export async function openCapsule(
  sealed: Bytes,
  identity: Bytes,
  expected: { ctx: Context; holder: string; committed: string },
): Promise<Bytes> {
  const body = await decryptBytes(sealed, identity).catch(() => null);
  if (!body) throw new BadCapsule("E_CAPSULE_UNREADABLE", expected.holder);
  const found = readOrNull(body);
  if (!found) throw new BadCapsule("E_BIDDER_BAD_SHARE", expected.holder);
  for (const field of Object.keys(expected.ctx) as (keyof Context)[]) {
    if (found.ctx[field] !== expected.ctx[field]) throw new BadCapsule("E_CTX_MISMATCH", field);
  }
  if (found.holder !== expected.holder) throw new BadCapsule("E_CTX_MISMATCH", "holder");
  if (!(await shareFits(expected.ctx, found.holder, found.share, expected.committed))) {
    throw new BadCapsule("E_BIDDER_BAD_SHARE", expected.holder);
  }
  return found.share;
}

/** True when the share has its holder's length and is the one committed to. */
export async function shareFits(ctx: Context, holder: string, share: Bytes, committed: string): Promise<boolean> {
  const size = holder === GATE || holder === BIDDER ? KEY_SIZE : SHARE_SIZE;
  return share.length === size && (await commit(ctx, holder, share)) === committed;
}

function readOrNull(body: Bytes): { ctx: Context; holder: string; share: Bytes } | null {
  try {
    const { ctx, holder, share } = decode(body, capsule);
    return { ctx, holder, share: unbase64(share) };
  } catch {
    return null;
  }
}
