/** A contributor's and a custodian's side of draws, as `trading/draws/escrow.py` and `replay.py` have it. */

import { decryptBytes, encryptBytes } from "./age.js";
import { base64, randomBytes, hex, sha256Hex, text, unhex, utf8, type Bytes } from "./bytes.js";
import { BadCapsule } from "./capsules.js";
import { isIssuedBy, readCertificate, BadCertificate, type Certificate } from "./certificates.js";
import { decodeEnvelope, encodeEnvelope, mediaType, sign, verify, type Signer } from "./dsse.js";
import { decode, digest, encode, id, oneOf, positive, recipient, spelt64, struct, time, type Shaped } from "./encoding.js";
import { fileKeyOf } from "./fileKey.js";
import { split } from "./shamir.js";

const VALUE = /^[0-9a-f]{64}$/;
const share = struct({ v: oneOf(1), type: oneOf("draw-share"), draw_id: id, name: id, custodian: positive, share: spelt64 });
const drawKey = struct({ type: oneOf("draw-key"), cert_sha256: digest, recipient, since: time });

export type DrawKey = Shaped<typeof drawKey>;

/** Of which draw, contributor and custodian a capsule is. */
export interface Place {
  readonly draw_id: string;
  readonly name: string;
  readonly custodian: number;
}

export const isDrawValue = (digits: string): boolean => VALUE.test(digits);

/** 32 bytes of chance, as 64 hex digits. */
export const newDrawValue = (): string => hex(randomBytes(32));

/** What a contributor publishes before anybody shows a value. */
export const drawCommitment = (drawId: string, name: string, value: string): Promise<string> =>
  sha256Hex(utf8(`bidseal/v1/draw-commit\n${drawId}\n${name}\n${value}`));

/** One capsule for each custodian, any k of which give the value back. */
export async function escrowDraw(
  value: string,
  { draw_id, name, k }: { readonly draw_id: string; readonly name: string; readonly k: number },
  recipients: ReadonlyMap<number, string>,
): Promise<ReadonlyMap<number, Bytes>> {
  const points = await split(unhex(value), k, recipients.size);
  const sealed = [...recipients].map(async ([custodian, to], place) => {
    const body = encode({ v: 1, type: "draw-share", draw_id, name, custodian, share: base64(points[place]!) });
    return [custodian, await encryptBytes(body, to)] as const;
  });
  return new Map(await Promise.all(sealed));
}

/** The envelope in which a custodian gives its key for draws. */
export async function signDrawKey(to: string, since: Date, signer: Signer): Promise<string> {
  const body = { type: "draw-key", cert_sha256: signer.keyid, recipient: to, since: `${since.toISOString().slice(0, 19)}Z` };
  return text(encodeEnvelope(await sign(mediaType("draw-key"), encode(body), [signer])));
}

/** The organisation that signed for this recipient; throws unless a certificate of the authority did. */
export async function drawKeyHolder(
  given: { readonly recipient: string; readonly envelope: string; readonly certificate: Bytes },
  authority: Certificate,
): Promise<string> {
  const certificate = await readCertificate(given.certificate);
  if (!(await isIssuedBy(certificate, authority))) throw new BadCertificate("a custodian's certificate is of another authority");
  const keys = new Map([[certificate.sha256, certificate.key]]);
  const found = decode(await verify(decodeEnvelope(utf8(given.envelope)), mediaType("draw-key"), keys), drawKey);
  if (found.cert_sha256 !== certificate.sha256 || found.recipient !== given.recipient) {
    throw new BadCertificate("a custodian signed for another key");
  }
  return certificate.organisation;
}

/** What shows the share in this one capsule to anybody, and opens nothing else; BadCapsule for one that is not of this place. */
export async function proveDrawShare(sealed: Bytes, identity: Bytes, place: Place): Promise<Bytes> {
  const body = await decryptBytes(sealed, identity).catch(() => null);
  if (!body) throw new BadCapsule("E_CAPSULE_UNREADABLE", `custodian:${place.custodian}`);
  const found = decode(body, share);
  for (const field of ["draw_id", "name", "custodian"] as const) {
    if (found[field] !== place[field]) throw new BadCapsule("E_CTX_MISMATCH", field);
  }
  return fileKeyOf(sealed, identity);
}
