/** DSSE envelopes around exact bytes, with Ed25519 and P-256 signatures, as `govcore/dsse.py` has them. */

import { concat, utf8, unbase64, base64, text, type Bytes } from "./bytes.js";
import { BadSchema, encode, list, matching, spelt64, struct } from "./encoding.js";
import { derSignature, rawSignature } from "./der.js";

/** A signature that must be there is missing or wrong (E_MANIFEST_SIG). */
export class BadSignature extends Error {
  readonly code = "E_MANIFEST_SIG";
}

export interface Signature {
  readonly keyid: string;
  readonly sig: Bytes;
}

export interface Envelope {
  readonly payload: Bytes;
  readonly payloadType: string;
  readonly signatures: readonly Signature[];
}

/** Signs messages; `keyid` is the SHA-256 of the certificate. */
export interface Signer {
  readonly keyid: string;
  sign(message: Bytes): Promise<Bytes>;
}

const SPELT = struct({
  payload: spelt64,
  payloadType: matching(/^[^]{1,200}$/),
  signatures: list(struct({ keyid: matching(/^[^]{1,200}$/), sig: spelt64 })),
});

export const mediaType = (kind: string): string => `application/vnd.bidseal.${kind}+json`;

/** The bytes that are signed: DSSE's pre-authentication encoding. */
export function pae(payloadType: string, body: Uint8Array): Bytes {
  return concat(utf8(`DSSEv1 ${utf8(payloadType).length} ${payloadType} ${body.length} `), body);
}

export async function sign(payloadType: string, body: Bytes, signers: readonly Signer[]): Promise<Envelope> {
  const message = pae(payloadType, body);
  const signatures = await Promise.all(
    signers.map(async (signer) => ({ keyid: signer.keyid, sig: await signer.sign(message) })),
  );
  return { payload: body, payloadType, signatures };
}

export function encodeEnvelope({ payload, payloadType, signatures }: Envelope): Bytes {
  const spelt = signatures.map(({ keyid, sig }) => ({ keyid, sig: base64(sig) }));
  return encode({ payload: base64(payload), payloadType, signatures: spelt });
}

/** Without looking at signatures; BadSchema unless it is an envelope without unknown members. */
export function decodeEnvelope(raw: Uint8Array): Envelope {
  try {
    const { payload, payloadType, signatures } = SPELT(JSON.parse(text(raw)), "$");
    return {
      payload: unbase64(payload),
      payloadType,
      signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig: unbase64(sig) })),
    };
  } catch {
    throw new BadSchema("not a signed document");
  }
}

/** The payload, when all of `keys` (by keyid) signed it; BadSchema for another type, BadSignature otherwise. */
export async function verify(envelope: Envelope, payloadType: string, keys: ReadonlyMap<string, CryptoKey>): Promise<Bytes> {
  if (envelope.payloadType !== payloadType) throw new BadSchema("not a signed document of the expected kind");
  const found = new Map(envelope.signatures.map(({ keyid, sig }) => [keyid, sig]));
  if (!keys.size || found.size !== envelope.signatures.length) throw new BadSignature("a signature is missing or doubled");
  const message = pae(payloadType, envelope.payload);
  for (const [keyid, key] of keys) {
    const sig = found.get(keyid);
    if (!sig || !(await fits(key, sig, message))) throw new BadSignature("a signature is missing or does not fit");
  }
  return envelope.payload;
}

/** True when the key made the signature over the message. */
export async function fits(key: CryptoKey, signature: Bytes, message: Bytes): Promise<boolean> {
  if (key.algorithm.name === "Ed25519") return crypto.subtle.verify("Ed25519", key, signature, message);
  try {
    return await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, rawSignature(signature), message);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A signer over a P-256 key that WebCrypto holds. */
export const p256Signer = (key: CryptoKey, keyid: string): Signer => ({
  keyid,
  sign: async (message) =>
    derSignature(new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, message))),
});
