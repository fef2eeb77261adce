/** A custodian's one-time key as it is kept: one age file under a passphrase, as `bidding_docs/kept_keys.py` has it. */

import { decryptWithPassphrase, encryptWithPassphrase, newIdentity, recipientOf } from "../bs1/age.js";
import { encodeIdentity, parseIdentity } from "../bs1/bech32.js";
import type { Bytes } from "../bs1/bytes.js";
import { BadSchema, count, decode, digest, encode, id, nullable, oneOf, positive, recipient, struct, words, type Shaped } from "../bs1/encoding.js";

export const MIN_PASSPHRASE = 16;

const pinned = struct({ key_manifest_sha256: digest, log_size: count, log_root: digest });
const keptKey = struct({ v: oneOf(1), lot_id: id, round: positive, opens: id, recipient, identity: words, pinned: nullable(pinned) });

/** The key manifest that was signed, and the log as it was then. */
export type Pinned = Shaped<typeof pinned>;
export type KeptKey = Shaped<typeof keptKey>;

export class WrongPassphrase extends Error {}

export async function newKey(lot: string, round: number, opens: string): Promise<KeptKey> {
  const { identity, recipient } = await newIdentity();
  return { v: 1, lot_id: lot, round, opens, recipient, identity: encodeIdentity(identity), pinned: null };
}

export const lock = (key: KeptKey, passphrase: string): Promise<Bytes> => encryptWithPassphrase(encode(key), passphrase);

/** Throws WrongPassphrase, or BadSchema when the file holds something else. */
export async function unlock(blob: Bytes, passphrase: string): Promise<KeptKey> {
  const plain = await decryptWithPassphrase(blob, passphrase).catch(() => null);
  if (!plain) throw new WrongPassphrase();
  const key = decode(plain, keptKey);
  if ((await recipientOf(parseIdentity(key.identity))) !== key.recipient) throw new BadSchema("the identity is not the recipient's");
  return key;
}

export const fileName = (lot: string, opens: string): string => `${lot}.${opens}.age`;
