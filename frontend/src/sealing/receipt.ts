/** The platform's receipt for a message, held against the message and the platform's key before it is believed. */

import { equal, utf8, type Bytes } from "../bs1/bytes.js";
import { fromPem } from "../bs1/certificates.js";
import { BadSignature, decodeEnvelope, mediaType, verify } from "../bs1/dsse.js";
import { getText } from "../site/api.js";

export interface Receipt {
  readonly received_at: string;
  readonly receipt_id: string;
  readonly seq: number;
  readonly manifest_sha256: string;
}

/** The receipt in an answer; throws unless the platform signed it for this very message. */
export async function checkedReceipt(raw: Bytes, manifestSha256: string): Promise<Receipt> {
  const spki = fromPem(await getText("/api/receipt-key"));
  const key = await crypto.subtle.importKey("spki", spki, "Ed25519", true, ["verify"]);
  const envelope = decodeEnvelope(raw);
  const keys = new Map(envelope.signatures.slice(0, 1).map(({ keyid }) => [keyid, key]));
  const payload = await verify(envelope, mediaType("receipt"), keys);
  const receipt = JSON.parse(new TextDecoder().decode(payload)) as Receipt;
  if (!equal(utf8(receipt.manifest_sha256), utf8(manifestSha256))) throw new BadSignature("the receipt is for another bid");
  return receipt;
}
