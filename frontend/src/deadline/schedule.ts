/** A lot's schedules and the next one: as `trading/tender/signing.py` makes, checks and countersigns them. */

import { sha256Hex, type Bytes } from "../bs1/bytes.js";
import { decodeEnvelope, mediaType, sign, verify, type Envelope } from "../bs1/dsse.js";
import { BadSchema, decode, digest, encode, id, nullable, oneOf, positive, struct, time, type Shaped } from "../bs1/encoding.js";
import { getBytes } from "../site/api.js";
import { registered, verifiedManifest } from "../site/keyManifest.js";
import type { SigningKey } from "../site/signingKey.js";

const schedule = struct({
  type: oneOf("schedule"),
  tender_id: id,
  lot_id: id,
  round: positive,
  key_manifest_sha256: digest,
  n: positive,
  deadline_at: time,
  opening_at: time,
  prev_sha256: nullable(digest),
});

export type Schedule = Shaped<typeof schedule>;

const KIND = mediaType("schedule");

/** A file cannot be countersigned, by the name of its sentence. */
export class NotNext extends Error {}

/** The schedule that holds now, and its digest. */
async function present(lot: string): Promise<{ body: Schedule; sha256: string }> {
  const { payload } = decodeEnvelope(await getBytes(`/api/lots/${lot}/schedule`));
  return { body: decode(payload, schedule), sha256: await sha256Hex(payload) };
}

/** The next schedule with one person's signature; NotNext when it is not later than the present one. */
export async function signNext(lot: string, key: SigningKey, deadline: string): Promise<{ body: Schedule; envelope: Envelope }> {
  const { manifest, sha256 } = await verifiedManifest(lot, key.authority);
  const last = await present(lot);
  if (deadline <= last.body.deadline_at) throw new NotNext("not-later");
  const body: Schedule = {
    type: "schedule",
    tender_id: manifest.tender_id,
    lot_id: lot,
    round: manifest.round,
    key_manifest_sha256: sha256,
    n: last.body.n + 1,
    deadline_at: deadline,
    opening_at: deadline,
    prev_sha256: last.sha256,
  };
  return { body, envelope: await sign(KIND, encode(body), [key.signer]) };
}

export interface Checked {
  readonly envelope: Envelope;
  readonly body: Schedule;
  readonly before: Schedule;
  /** The organisation that signed first. */
  readonly by: string;
}

/** A first person's schedule, whose signature verifies and which follows the present one; NotNext otherwise. */
export async function checkFirst(lot: string, key: SigningKey, file: Bytes): Promise<Checked> {
  const envelope = read(file);
  const signers = await Promise.all(envelope.signatures.map(({ keyid }) => registered(keyid, key.authority)));
  if (signers.some((one) => one.sha256 === key.certificate.sha256)) throw new NotNext("own-signature");
  const payload = await verify(envelope, KIND, new Map(signers.map((one) => [one.sha256, one.key])));
  const body = decode(payload, schedule);
  const last = await present(lot);
  if (body.lot_id !== lot) throw new NotNext("other-lot");
  const follows = body.n === last.body.n + 1 && body.prev_sha256 === last.sha256;
  if (!follows || body.deadline_at < last.body.deadline_at) throw new NotNext("not-next");
  return { envelope, body, before: last.body, by: signers.map((one) => one.organisation).join(", ") };
}

function read(file: Bytes): Envelope {
  try {
    return decodeEnvelope(file);
  } catch (error) {
    if (error instanceof BadSchema) throw new NotNext("no-schedule");
    throw error;
  }
}

/** The same schedule with the second person's signature added. */
export async function countersign({ envelope }: Checked, key: SigningKey): Promise<Envelope> {
  const { signatures } = await sign(KIND, envelope.payload, [key.signer]);
  return { ...envelope, signatures: [...envelope.signatures, ...signatures] };
}
