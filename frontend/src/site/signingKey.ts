/** A person's P-256 signing key on this device, with its certificate and the registration CA as it was when it certified. */

import type { Bytes } from "../bs1/bytes.js";
import { certificateRequest, fromPem, newSigningKey, readCertificate, type Certificate } from "../bs1/certificates.js";
import { p256Signer, type Signer } from "../bs1/dsse.js";
import { postJson } from "./api.js";
import { SIGNING_KEYS, all, read, write } from "./database.js";

interface Kept {
  readonly key: CryptoKey;
  readonly certificate: Bytes;
  readonly authority: Bytes;
}

export interface SigningKey {
  readonly signer: Signer;
  readonly certificate: Certificate;
  /** Pinned: a site cannot exchange it later. */
  readonly authority: Certificate;
}

/** The key of this user on this device, or null. */
export async function signingKey(user: string): Promise<SigningKey | null> {
  const kept = await read<Kept>(SIGNING_KEYS, user);
  return kept ? opened(kept) : null;
}

/** The keys of everybody who made one on this device. */
export async function signingKeys(): Promise<readonly SigningKey[]> {
  return Promise.all((await all<Kept>(SIGNING_KEYS)).map(opened));
}

/** Make a key, have it certified, and keep it; a key made before is replaced. */
export async function enrol(user: string): Promise<SigningKey> {
  const pair = await newSigningKey();
  const issued = await postJson<{ pem: string; authority_pem: string }>("/api/certificates", {
    csr: await certificateRequest(pair),
  });
  const kept = { key: pair.privateKey, certificate: fromPem(issued.pem), authority: fromPem(issued.authority_pem) };
  await write(SIGNING_KEYS, user, kept);
  return opened(kept);
}

async function opened({ key, certificate, authority }: Kept): Promise<SigningKey> {
  const own = await readCertificate(certificate);
  return { signer: p256Signer(key, own.sha256), certificate: own, authority: await readCertificate(authority) };
}
