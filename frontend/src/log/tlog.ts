/** Proofs, checkpoints and keys of the transparency log (C2SP tlog-proof, signed-note, tlog-cosignature), Ed25519 only. */

import { concat, equal, sha256, unbase64, utf8, type Bytes } from "../bs1/bytes.js";

/** Text that is not a proof, a checkpoint or a verifier key. */
export class Unreadable extends Error {}

const ED25519 = 1;
const COSIGNATURE = 4;
const HEADER = "c2sp.org/tlog-proof@v1";
const DASH = "— ";
/** How an event begins; blinded entries carry 32 random bytes before it. */
const CLEAR = utf8('{"v":1,');

export interface VerifierKey {
  readonly name: string;
  readonly id: Bytes;
  readonly kind: number;
  readonly key: Bytes;
}

export interface Proof {
  readonly index: bigint;
  readonly path: readonly Bytes[];
  readonly extra: Bytes | null;
  /** The checkpoint's text, and the signature lines under it: name, key id, signature. */
  readonly signed: string;
  readonly signatures: readonly (readonly [string, Bytes, Bytes])[];
  readonly origin: string;
  readonly size: bigint;
  readonly root: Bytes;
}

function bytesOf(spelt: string): Bytes {
  try {
    return unbase64(spelt);
  } catch {
    throw new Unreadable("not base64");
  }
}

/** `name+id+key`; the id is computed again. */
export async function parseVkey(spelt: string): Promise<VerifierKey> {
  const [, name, digits, encoded] = spelt.trim().match(/^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/) ?? [];
  if (!name || !digits || !encoded) throw new Unreadable("not a verifier key");
  const raw = bytesOf(encoded);
  const kind = raw[0]!;
  if (raw.length !== 33 || (kind !== ED25519 && kind !== COSIGNATURE)) throw new Unreadable("not an Ed25519 key");
  const id = (await sha256(concat(utf8(`${name}\n`), raw))).slice(0, 4);
  if (Array.from(id, (byte) => byte.toString(16).padStart(2, "0")).join("") !== digits)
    throw new Unreadable("the verifier key does not match its id");
  return { name, id, kind, key: raw.slice(1) };
}

export function parseProof(source: string): Proof {
  const gap = source.indexOf("\n\n");
  const lines = source.slice(0, Math.max(gap, 0)).split("\n");
  if (lines.shift() !== HEADER) throw new Unreadable("not a tlog-proof");
  const extra = lines[0]?.startsWith("extra ") ? bytesOf(lines.shift()!.slice(6)) : null;
  const [, index] = lines.shift()?.match(/^index (0|[1-9]\d{0,18})$/) ?? [];
  if (index === undefined) throw new Unreadable("no index");
  return { index: BigInt(index), path: lines.map(bytesOf), extra, ...parseCheckpoint(source.slice(gap + 2)) };
}

/** A signed checkpoint: what it says of the tree, its text and its signature lines, not yet verified. */
export function parseCheckpoint(note: string): Omit<Proof, "index" | "path" | "extra"> {
  const gap = note.lastIndexOf("\n\n");
  const signed = note.slice(0, gap + 1);
  const [, origin, size, root] = signed.match(/^([^\n]+)\n(0|[1-9]\d{0,18})\n([^\n]{44})\n$/) ?? [];
  if (!origin || !size || !root || !note.endsWith("\n")) throw new Unreadable("not a checkpoint of this log");
  const signatures = note
    .slice(gap + 2, -1)
    .split("\n")
    .map((line) => {
      const [name, encoded, ...rest] = line.slice(DASH.length).split(" ");
      if (!line.startsWith(DASH) || !name || !encoded || rest.length) throw new Unreadable("not a signature line");
      const raw = bytesOf(encoded);
      return [name, raw.slice(0, 4), raw.slice(4)] as const;
    });
  return { signed, signatures, origin, size: BigInt(size), root: bytesOf(root) };
}

/** The hash of an entry of the log: an event in clear, or a blinded one with its nonce before it. */
export async function leafOf(extra: Bytes): Promise<Bytes> {
  const clear = equal(extra.slice(0, CLEAR.length), CLEAR);
  const entry = clear
    ? concat(Uint8Array.of(2), extra)
    : concat(Uint8Array.of(1), await sha256(concat(utf8("bidseal/v1/leaf\n"), extra)));
  return sha256(concat(Uint8Array.of(0), entry));
}

/** RFC 9162 section 2.1.3.2: whether the path leads from the leaf to the root. */
export async function leads(proof: Proof, leaf: Bytes): Promise<boolean> {
  if (proof.index >= proof.size) return false;
  let [place, last, digest] = [proof.index, proof.size - 1n, leaf];
  for (const sibling of proof.path) {
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      digest = await node(sibling, digest);
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else {
      digest = await node(digest, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && equal(digest, proof.root);
}

const node = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(concat(Uint8Array.of(1), left, right));

/** Whether the key has signed the checkpoint; a line that claims the key and does not verify refuses it. */
export async function signedBy(proof: Proof, key: VerifierKey): Promise<boolean> {
  const claims = proof.signatures.filter(([name, id]) => name === key.name && equal(id, key.id));
  const verdicts = await Promise.all(claims.map(([, , signature]) => fits(key, proof.signed, signature)));
  return verdicts.length > 0 && verdicts.every(Boolean);
}

async function fits({ kind, key }: VerifierKey, signed: string, signature: Bytes): Promise<boolean> {
  let [message, bare] = [signed, signature];
  if (kind === COSIGNATURE) {
    if (signature.length !== 72) return false;
    const seconds = new DataView(signature.buffer).getBigUint64(signature.byteOffset);
    [message, bare] = [`cosignature/v1\ntime ${seconds}\n${signed}`, signature.slice(8)];
  }
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, bare, utf8(message));
}
