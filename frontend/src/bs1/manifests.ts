/** The key manifest and the bid manifest: their members in signed order, and the checks that each can stand alone. */

import { parseRecipient } from "./bech32.js";
import { BadSchema, bidderId, count, decode, dict, digest, flag, id, list, nullable, oneOf, positive, recipient, struct, words, type Shaped } from "./encoding.js";

export const PIECE_SIZE = 8 * 1024 * 1024;
export const ADVICE = "advice";

const policy = struct(
  {
    k: positive,
    n: positive,
    gate: oneOf("remote", "local", "none"),
    bidder: oneOf("none", "required"),
  },
  { fewest_bids: oneOf(2) },
);
const custodian = struct({
  index: positive,
  role: id,
  cert_sha256: digest,
  client: oneOf("cli", "hosted", "platform"),
  recipients: dict(recipient),
});
const partRule = struct({ id, opens: id, public: flag, max_size: positive });
const keyManifest = struct({
  type: oneOf("key-manifest"),
  tender_id: id,
  lot_id: id,
  round: positive,
  suite: oneOf("bs1"),
  policy,
  custodians: list(custodian),
  gate: nullable(struct({ operator: words, recipients: dict(recipient) })),
  parts: list(partRule),
  windows: struct({ bidder_share: count, seal_check: count, release: count }),
  trust_anchors: list(digest),
  log: struct({ origin: words, vkey: words }),
  witnesses: list(struct({ vkey: words, required: flag })),
});
const capsuleRef = struct({ holder: words, size: count, sha256: digest, commit: digest });
const part = struct({
  id,
  recipient,
  size: positive,
  sha256: digest,
  piece_size: oneOf(PIECE_SIZE),
  pieces_root: digest,
  capsules: list(capsuleRef),
});
const bidManifest = struct({
  type: oneOf("bid-manifest"),
  tender_id: id,
  lot_id: id,
  round: positive,
  key_manifest_sha256: digest,
  suite: oneOf("bs1"),
  bidder_id: bidderId,
  cert_sha256: digest,
  seq: positive,
  supersedes: nullable(digest),
  parts: list(part),
});

export type KeyManifest = Shaped<typeof keyManifest>;
export type PartRule = Shaped<typeof partRule>;
export type CapsuleRef = Shaped<typeof capsuleRef>;
export type Part = Shaped<typeof part>;
export type BidManifest = Shaped<typeof bidManifest>;

function need(holds: boolean, detail: string): void {
  if (!holds) throw new BadSchema(detail);
}

const distinct = (values: readonly string[]): boolean => new Set(values).size === values.length;

/** A key manifest whose exact bytes are `payload` and which holds together by itself; BadSchema otherwise. */
export function parseKeyManifest(payload: Uint8Array): KeyManifest {
  const manifest = decode(payload, keyManifest);
  const stages = [...new Set(manifest.parts.map((rule) => rule.opens))].sort().join();
  const stagesOf = (recipients: object) => Object.keys(recipients).sort().join();
  need(manifest.policy.k <= manifest.policy.n && manifest.policy.n <= 255, "k is larger than n");
  need(manifest.custodians.map((one) => one.index).join() === range(manifest.policy.n).join(), "custodians are not 1 to n");
  need(manifest.parts.length > 0 && distinct(manifest.parts.map((rule) => rule.id)), "parts are missing or named twice");
  need((manifest.gate === null) === (manifest.policy.gate === "none"), "the gate does not fit the policy");
  need(manifest.custodians.every((one) => stagesOf(one.recipients) === stages), "a custodian's stages are not the parts'");
  if (manifest.gate) {
    const { [ADVICE]: _advice, ...gate } = manifest.gate.recipients;
    need(stagesOf(gate) === stages, "the gate's stages are not the parts'");
  }
  const recipients = recipientsOf(manifest);
  recipients.forEach(checkRecipient);
  need(distinct(recipients), "two holders have the same key");
  return manifest;
}

/** A bid manifest whose exact bytes are `payload` and which holds together by itself; BadSchema otherwise. */
export function parseBidManifest(payload: Uint8Array): BidManifest {
  const bid = decode(payload, bidManifest);
  need(bid.parts.length > 0 && distinct(bid.parts.map((one) => one.id)), "parts are missing or named twice");
  need((bid.seq === 1) === (bid.supersedes === null), "supersedes does not fit seq");
  bid.parts.forEach((one) => checkRecipient(one.recipient));
  need(distinct(bid.parts.map((one) => one.recipient)), "two parts have the same key");
  return bid;
}

/** With fewer bids at the closing nobody releases anything. */
export const opensFrom = ({ policy }: KeyManifest): number => policy.fewest_bids ?? 3;

/** The holders that every part of a bid must commit to, in the order of the manifest. */
export function holders(manifest: KeyManifest): string[] {
  const named = manifest.custodians.map((one) => `custodian:${one.index}`);
  return [...named, ...(manifest.gate ? ["gate"] : []), ...(manifest.policy.bidder === "required" ? ["bidder"] : [])];
}

/** The recipient of `gate` or `custodian:i` for one stage; BadSchema when there is none. */
export function holderRecipient(manifest: KeyManifest, holder: string, opens: string): string {
  const custodian = manifest.custodians.find((one) => `custodian:${one.index}` === holder);
  const found = (holder === "gate" ? manifest.gate : custodian)?.recipients[opens];
  if (!found) throw new BadSchema(`${holder} has no key for ${opens}`);
  return found;
}

/** Check a bid manifest against its key manifest; BadSchema when it is another tender's, or a part or holder is missing. */
export function checkBid(bid: BidManifest, manifest: KeyManifest, keyManifestSha256: string): void {
  const bound = (["tender_id", "lot_id", "round"] as const).every((field) => bid[field] === manifest[field]);
  need(bound && bid.key_manifest_sha256 === keyManifestSha256, "the bid belongs to another tender, lot, round or key manifest");
  need(bid.parts.map((one) => one.id).join() === manifest.parts.map((rule) => rule.id).join(), "the parts are not the tender's");
  const wanted = holders(manifest).join();
  for (const one of bid.parts) {
    need(one.capsules.map((capsule) => capsule.holder).join() === wanted, `the capsules of part ${one.id} are not the holders'`);
    need(one.capsules.every((capsule) => capsule.size > 0 || capsule.holder === "bidder"), "a capsule is empty");
  }
  need(distinct([...recipientsOf(manifest), ...bid.parts.map((one) => one.recipient)]), "a part has a holder's key");
}

const range = (n: number): number[] => Array.from({ length: n }, (_, place) => place + 1);

const recipientsOf = (manifest: KeyManifest): string[] =>
  [...manifest.custodians, ...(manifest.gate ? [manifest.gate] : [])].flatMap((one) => Object.values(one.recipients));

function checkRecipient(name: string): void {
  try {
    parseRecipient(name);
  } catch {
    throw new BadSchema("not an age recipient");
  }
}
