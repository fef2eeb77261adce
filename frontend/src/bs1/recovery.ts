/** The bidder's own way back: the keys of its parts under a passphrase, as `bidding_docs/recovery.py` reads it. */

import { decryptWithPassphrase, encryptWithPassphrase } from "./age.js";
import { encodeIdentity } from "./bech32.js";
import { base64, type Bytes } from "./bytes.js";
import type { Dealt } from "./capsules.js";
import { bidderId, decode, digest, encode, id, list, matching, nullable, oneOf, positive, recipient, spelt64, struct, type Shaped } from "./encoding.js";
import type { BidManifest } from "./manifests.js";

export const RECOVERY_FILE = "bid-recovery.age";

const recovery = struct({
  v: oneOf(1),
  tender_id: id,
  lot_id: id,
  round: positive,
  key_manifest_sha256: digest,
  bidder_id: bidderId,
  seq: positive,
  manifest_sha256: digest,
  parts: list(struct({ id, recipient, identity: matching(/^AGE-SECRET-KEY-1[0-9A-Z]+$/), bidder_share: nullable(spelt64) })),
});

export type Recovery = Shaped<typeof recovery>;

/** The content of `bid-recovery.age`; it holds every key of the bid. */
export function recoveryOf(bid: BidManifest, manifestSha256: string, dealt: ReadonlyMap<string, Dealt>): Recovery {
  const parts = bid.parts.map((part) => {
    const keys = dealt.get(part.id)!;
    return {
      id: part.id,
      recipient: part.recipient,
      identity: encodeIdentity(keys.identity),
      bidder_share: keys.bidderShare && base64(keys.bidderShare),
    };
  });
  const { tender_id, lot_id, round, key_manifest_sha256, bidder_id, seq } = bid;
  return { v: 1, tender_id, lot_id, round, key_manifest_sha256, bidder_id, seq, manifest_sha256: manifestSha256, parts };
}

/** The file, which also the stock `age -d` opens with the passphrase. */
export const writeRecovery = (content: Recovery, passphrase: string, workFactor?: number): Promise<Bytes> =>
  encryptWithPassphrase(encode(content), passphrase, workFactor);

/** BadSchema for another kind of file; whatever age throws for a wrong passphrase or a damaged one. */
export const readRecovery = async (sealed: Bytes, passphrase: string): Promise<Recovery> =>
  decode(await decryptWithPassphrase(sealed, passphrase), recovery);
