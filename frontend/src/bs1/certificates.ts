/** Certificates of the registration CA, and requests for them, on WebCrypto. */

import { base64, equal, hex, sha256Hex, text, unbase64, type Bytes } from "./bytes.js";
import { BIT_STRING, INTEGER, SEQUENCE, children, read, write, derSignature, type Element } from "./der.js";
import { fits } from "./dsse.js";

/** A certificate is not from the registration CA that certified us, or not of a kind we know (E_CERT). */
export class BadCertificate extends Error {
  readonly code = "E_CERT";
}

export interface Certificate {
  readonly der: Bytes;
  readonly sha256: string;
  readonly key: CryptoKey;
  /** The organisation it speaks for; the common name where it names none, as an expert's. */
  readonly organisation: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Bytes;
}

const P256 = "2a8648ce3d030107"; // 1.2.840.10045.3.1.7
const ED25519 = "2b6570"; // 1.3.101.112
const COMMON_NAME = "550403"; // 2.5.4.3
const ORGANISATION = "55040a"; // 2.5.4.10
const UTC_TIME = 0x17;
const ECDSA_SHA256 = Uint8Array.of(0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);

/** The DER inside a PEM text. */
export function fromPem(pem: string): Bytes {
  const body = /-----BEGIN [A-Z ]+-----([^-]+)-----END/.exec(pem)?.[1];
  if (!body) throw new BadCertificate("not a PEM file");
  return unbase64(body.replace(/\s+/g, ""));
}

export const toPem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${base64(der).replace(/.{1,64}/g, "$&\n")}-----END ${label}-----\n`;

/** Read a certificate with a P-256 or Ed25519 key; its signature is checked by `isIssuedBy`. */
export async function readCertificate(der: Bytes): Promise<Certificate> {
  try {
    const [tbs, , signature] = children(read(der)) as [Element, Element, Element];
    const parts = children(tbs);
    // Version is [0] and always there in v3; serial and algorithm follow.
    const [, , , issuer, validity, subject, spki] = parts as [Element, Element, Element, Element, Element, Element, Element];
    const [from, until] = children(validity) as [Element, Element];
    return {
      der,
      sha256: await sha256Hex(der),
      key: await keyOf(spki),
      organisation: organisationOf(subject),
      notBefore: instant(from),
      notAfter: instant(until),
      issuer: issuer.whole,
      subject: subject.whole,
      signed: tbs.whole,
      signature: Uint8Array.from(signature.content.subarray(1)),
    };
  } catch (error) {
    if (error instanceof BadCertificate) throw error;
    throw new BadCertificate("not a certificate");
  }
}

/** True when the authority's key signed the certificate and its name stands as the issuer. */
export async function isIssuedBy(certificate: Certificate, authority: Certificate): Promise<boolean> {
  const named = equal(certificate.issuer, authority.subject);
  return named && (await fits(authority.key, certificate.signature, Uint8Array.from(certificate.signed)));
}

/** A signed PKCS#10 request without names: the authority takes them from its register, and the signature proves the key. */
export async function certificateRequest(pair: CryptoKeyPair): Promise<string> {
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const info = write(SEQUENCE, write(INTEGER, Uint8Array.of(0)), write(SEQUENCE), spki, write(0xa0));
  const raw = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, info));
  const signature = write(BIT_STRING, Uint8Array.of(0), derSignature(raw));
  return toPem("CERTIFICATE REQUEST", write(SEQUENCE, info, ECDSA_SHA256, signature));
}

/** A P-256 signing key whose private half no script can read out. */
export const newSigningKey = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);

async function keyOf(spki: Element): Promise<CryptoKey> {
  const kinds = children(children(spki)[0]!).map((one) => hex(one.content));
  const known = kinds.includes(P256)
    ? { name: "ECDSA", namedCurve: "P-256" }
    : kinds.includes(ED25519)
      ? { name: "Ed25519" }
      : null;
  if (!known) throw new BadCertificate("the key is neither P-256 nor Ed25519");
  return crypto.subtle.importKey("spki", Uint8Array.from(spki.whole), known, true, ["verify"]);
}

function organisationOf(subject: Element): string {
  const named = new Map<string, string>();
  for (const set of children(subject)) {
    const [kind, value] = children(children(set)[0]!);
    if (kind && value) named.set(hex(kind.content), text(value.content));
  }
  return named.get(ORGANISATION) ?? named.get(COMMON_NAME) ?? "";
}

function instant({ tag, content }: Element): Date {
  const digits = text(content);
  const year = tag === UTC_TIME ? (digits < "50" ? "20" : "19") + digits.slice(0, 2) : digits.slice(0, 4);
  const rest = digits.slice(tag === UTC_TIME ? 2 : 4);
  const [month, day, hour, minute, second] = rest.match(/\d\d/g) ?? [];
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
