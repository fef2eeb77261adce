/** What a custodian's own browser finds out about a closing before any share leaves it (`trading/opening/closing_checks.py`). */

import { parseIdentity } from "../bs1/bech32.js";
import { base64, sha256Hex, unbase64, unhex, utf8, type Bytes } from "../bs1/bytes.js";
import { BadCapsule, contextOf, openCapsule } from "../bs1/capsules.js";
import { isIssuedBy, readCertificate, type Certificate } from "../bs1/certificates.js";
import { decodeEnvelope, mediaType, verify } from "../bs1/dsse.js";
import { fileKeyOf } from "../bs1/fileKey.js";
import { checkBid, holderRecipient, opensFrom, parseBidManifest, type BidManifest, type Part } from "../bs1/manifests.js";
import { bidsRoot } from "../bs1/merkle.js";
import { extendsTree } from "../log/consistency.js";
import { leads, leafOf, parseProof, parseVkey, signedBy, type Proof } from "../log/tlog.js";
import type { VerifiedManifest } from "../site/keyManifest.js";
import { beijing } from "../site/words.js";
import type { KeptKey, Pinned } from "./keptKeys.js";

export interface Bundle {
  readonly custodian: number;
  readonly opens: string;
  readonly closed_event: string;
  readonly proof: string;
  readonly closing_path: readonly string[];
  readonly since_path: readonly string[];
  /** What fixed the technical result, at the second stage. */
  readonly stage_event: string | null;
  readonly stage_proof: string | null;
  readonly bids: readonly GivenBid[];
}

export interface GivenBid {
  readonly envelope: string;
  readonly certificate: string;
  readonly capsules: readonly { readonly part: string; readonly data: string }[];
}

interface Closed {
  readonly lot_id: string;
  readonly round: number;
  readonly key_manifest_sha256: string;
  readonly cp_size: number;
  readonly cp_root: string;
  readonly bids_root: string;
  readonly eligible_count: number;
}

/** A check that does not hold, by the name of its sentence: nothing is released. */
export class ClosingRefused extends Error {
  constructor(readonly check: string) {
    super(check);
  }
}

/** Tells the reader that a check holds. */
export type Tell = (check: string, places?: Readonly<Record<string, string | number>>) => void;

export interface Checked {
  readonly rules: VerifiedManifest;
  readonly closedSha256: string;
  /** All of the closing, or those that passed into the second stage. */
  readonly bids: readonly CheckedBid[];
}

interface CheckedBid {
  readonly sha256: string;
  readonly manifest: BidManifest;
  readonly bidder: string;
  readonly capsules: ReadonlyMap<string, Bytes>;
  /** The protocol's code when the bid itself does not hold; its shares are kept back. */
  readonly refused: string | null;
}

function need(holds: boolean, check: string): void {
  if (!holds) throw new ClosingRefused(check);
}

/** The closing, proved to stand in the log that continues the pinned one, and exactly its bids. */
export async function checkClosing(
  rules: VerifiedManifest,
  pinned: Pinned,
  bundle: Bundle,
  authority: Certificate,
  tell: Tell,
): Promise<Checked> {
  need(rules.sha256 === pinned.key_manifest_sha256, "not-your-manifest");
  tell("manifest", { sha256: rules.sha256.slice(0, 16) });
  const event = utf8(bundle.closed_event);
  const { at, data } = closedEvent(bundle.closed_event, rules);
  const proof = parseProof(bundle.proof);
  await inLog(rules, proof, event);
  tell("in-log", { at: beijing(new Date(at)), size: String(proof.size) });
  need(await continues(proof, pinned.log_size, pinned.log_root, bundle.since_path), "log-rewritten");
  need(await continues(proof, data.cp_size, data.cp_root, bundle.closing_path), "log-rewritten");
  tell("continues", { size: pinned.log_size });
  await witnessed(rules, proof, tell);
  need(data.eligible_count >= opensFrom(rules.manifest), "too-few");
  const bids = await Promise.all(bundle.bids.map((one) => checkedBid(one, rules, authority, new Date(at))));
  const digests = bids.map((one) => one.sha256);
  const whole = bids.length === data.eligible_count && new Set(digests).size === bids.length;
  need(whole && (await bidsRoot(digests)) === data.bids_root, "other-bids");
  tell("bids", { n: bids.length, root: data.bids_root.slice(0, 16) });
  const closedSha256 = await sha256Hex(event);
  const open = await ofStage(bids, rules, bundle, proof, closedSha256, tell);
  const bad = open.filter((one) => one.refused);
  if (bad.length) bad.forEach((one) => tell("bad-bid", { bidder: one.bidder, code: one.refused! }));
  else tell("signatures");
  return { rules, closedSha256, bids: open };
}

/** The bids that this stage opens; those of the second were fixed by an event in the same tree. */
async function ofStage(
  bids: readonly CheckedBid[],
  rules: VerifiedManifest,
  bundle: Bundle,
  closing: Proof,
  closedSha256: string,
  tell: Tell,
): Promise<readonly CheckedBid[]> {
  if (bundle.opens === "opening") return bids;
  const event = utf8(bundle.stage_event ?? "");
  const proof = parseProof(bundle.stage_proof ?? "");
  need(proof.signed === closing.signed && (await leads(proof, await leafOf(event))), "no-stage");
  const { type, data } = JSON.parse(bundle.stage_event ?? "") as {
    type: string;
    data: { lot_id: string; round: number; tender_closed_sha256: string; passed: readonly string[] };
  };
  const ours = data.lot_id === rules.manifest.lot_id && data.round === rules.manifest.round;
  need(type === "evaluation.technical_fixed" && ours && data.tender_closed_sha256 === closedSha256, "no-stage");
  const found = bids.filter((one) => data.passed.includes(one.sha256));
  need(found.length === data.passed.length, "no-stage");
  tell("stage", { n: found.length });
  return found;
}

function closedEvent(raw: string, rules: VerifiedManifest): { at: string; data: Closed } {
  const event = JSON.parse(raw) as { type: string; at: string; data: Closed };
  const { lot_id, round } = rules.manifest;
  const { data } = event;
  const ours = data.lot_id === lot_id && data.round === round && data.key_manifest_sha256 === rules.sha256;
  need(event.type === "tender.closed" && ours, "other-closing");
  return event;
}

async function inLog({ manifest }: VerifiedManifest, proof: Proof, event: Bytes): Promise<void> {
  need(await signedBy(proof, await parseVkey(manifest.log.vkey)), "not-in-log");
  need(proof.origin === manifest.log.origin && (await leads(proof, await leafOf(event))), "not-in-log");
}

const continues = (proof: Proof, size: number, root: string, path: readonly string[]): Promise<boolean> =>
  extendsTree({ size: BigInt(size), root: unhex(root) }, proof, path.map(unbase64));

async function witnessed({ manifest }: VerifiedManifest, proof: Proof, tell: Tell): Promise<void> {
  const required = manifest.witnesses.filter((one) => one.required);
  for (const { vkey } of required) need(await signedBy(proof, await parseVkey(vkey)), "no-witness");
  tell(required.length ? "witnessed" : "unwitnessed", { n: required.length });
}

export async function checkedBid(given: GivenBid, rules: VerifiedManifest, authority: Certificate, at: Date): Promise<CheckedBid> {
  const envelope = decodeEnvelope(utf8(given.envelope));
  const manifest = parseBidManifest(envelope.payload);
  const certificate = await readCertificate(unbase64(given.certificate));
  const capsules = new Map(given.capsules.map(({ part, data }) => [part, unbase64(data)]));
  const bidder = certificate.organisation;
  const found = { sha256: await sha256Hex(envelope.payload), manifest, bidder, capsules };
  // Whether it had ended is judged when a bid is received: what ended since was right when it signed.
  const valid = certificate.notBefore <= at && certificate.sha256 === manifest.cert_sha256;
  if (!valid || !(await isIssuedBy(certificate, authority))) return { ...found, refused: "E_CERT" };
  try {
    await verify(envelope, mediaType("bid-manifest"), new Map([[certificate.sha256, certificate.key]]));
    checkBid(manifest, rules.manifest, rules.sha256);
  } catch (error) {
    return { ...found, refused: (error as { code?: string }).code ?? "E_SCHEMA" };
  }
  return { ...found, refused: null };
}

type Release = { manifest_sha256: string; part: string } & ({ share: string } | { refused: string; proof?: string });

export interface Shares {
  /** The exact bytes to be signed. */
  readonly body: Bytes;
  readonly refused: readonly { readonly bidder: string; readonly part: string; readonly code: string }[];
}

/** Open this custodian's capsules of one stage: a share, or the code why it is kept back, for every part of every bid. */
export async function openShares(checked: Checked, index: number, key: KeptKey): Promise<Shares> {
  const { manifest, sha256 } = checked.rules;
  const holder = `custodian:${index}`;
  need(holderRecipient(manifest, holder, key.opens) === key.recipient, "other-key");
  const stage = new Set(manifest.parts.filter((rule) => rule.opens === key.opens).map((rule) => rule.id));
  const releases: Release[] = [];
  const refused: { bidder: string; part: string; code: string }[] = [];
  for (const bid of checked.bids) {
    for (const part of bid.manifest.parts.filter((one) => stage.has(one.id))) {
      const release = await releaseOf(bid, part, holder, parseIdentity(key.identity));
      releases.push(release);
      if ("refused" in release) refused.push({ bidder: bid.bidder, part: part.id, code: release.refused });
    }
  }
  const { tender_id, lot_id, round } = manifest;
  const bound = { type: "share-release", tender_id, lot_id, round, key_manifest_sha256: sha256 };
  const body = { ...bound, custodian: index, opens: key.opens, tender_closed_sha256: checked.closedSha256, releases };
  return { body: utf8(JSON.stringify(body)), refused };
}

async function releaseOf(bid: CheckedBid, part: Part, holder: string, identity: Bytes): Promise<Release> {
  const place = { manifest_sha256: bid.sha256, part: part.id };
  if (bid.refused) return { ...place, refused: bid.refused };
  const ref = part.capsules.find((one) => one.holder === holder)!;
  const sealed = bid.capsules.get(part.id) ?? new Uint8Array();
  if (sealed.length !== ref.size || (await sha256Hex(sealed)) !== ref.sha256) return { ...place, refused: "E_STORE_HASH" };
  try {
    const share = await openCapsule(sealed, identity, { ctx: contextOf(bid.manifest, part), holder, committed: ref.commit });
    return { ...place, share: base64(share) };
  } catch (error) {
    if (!(error instanceof BadCapsule)) throw error;
    const refused = error.code;
    if (refused === "E_CAPSULE_UNREADABLE") return { ...place, refused };
    return { ...place, refused, proof: base64(await fileKeyOf(sealed, identity)) };
  }
}

