/** A lot's key manifest, checked as `trading.tender.signing.verified_manifest` does: nobody seals to keys that nobody signed. */

import { sha256Hex, type Bytes } from "../bs1/bytes.js";
import { BadCertificate, fromPem, isIssuedBy, readCertificate, type Certificate } from "../bs1/certificates.js";
import { BadSignature, decodeEnvelope, mediaType, verify } from "../bs1/dsse.js";
import { parseKeyManifest, type KeyManifest } from "../bs1/manifests.js";
import { getBytes, getText } from "./api.js";

export interface VerifiedManifest {
  readonly manifest: KeyManifest;
  readonly payload: Bytes;
  readonly sha256: string;
  /** The organisations that signed, by the fingerprint of their certificates. */
  readonly signers: ReadonlyMap<string, string>;
}

/** Signed by every custodian it names and by one more, the tenderer, all certified by the pinned authority. */
export async function verifiedManifest(lot: string, authority: Certificate): Promise<VerifiedManifest> {
  const envelope = decodeEnvelope(await getBytes(`/api/lots/${lot}/key-manifest`));
  const certificates = await Promise.all(envelope.signatures.map(({ keyid }) => registered(keyid, authority)));
  const keys = new Map(certificates.map((one) => [one.sha256, one.key]));
  const payload = await verify(envelope, mediaType("key-manifest"), keys);
  const manifest = parseKeyManifest(payload);
  const custodians = manifest.custodians.map((one) => one.cert_sha256);
  if (manifest.lot_id !== lot || !manifest.trust_anchors.includes(authority.sha256)) {
    throw new BadSignature("the key manifest is another lot's, or names another registration CA");
  }
  if (!custodians.every((one) => keys.has(one)) || keys.size <= new Set(custodians).size) {
    throw new BadSignature("the key manifest is not signed by all custodians and the tenderer");
  }
  const signers = new Map(certificates.map((one) => [one.sha256, one.organisation]));
  return { manifest, payload, sha256: await sha256Hex(payload), signers };
}

/** The certificate with this fingerprint, when the pinned authority issued it; BadCertificate otherwise. */
export async function registered(sha256: string, authority: Certificate): Promise<Certificate> {
  const certificate = await readCertificate(fromPem(await getText(`/api/certificates/${sha256}`)));
  if (certificate.sha256 !== sha256 || !(await isIssuedBy(certificate, authority))) {
    throw new BadCertificate("a certificate is not from the registration CA that certified you");
  }
  return certificate;
}
