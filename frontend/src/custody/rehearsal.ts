/** A custodian's answer to the tenderer's rehearsal capsules, as `bidding_docs/rehearsal.py` has it. */

import { decryptBytes } from "../bs1/age.js";
import { parseIdentity } from "../bs1/bech32.js";
import { concat, sha256Hex, text, unbase64, utf8 } from "../bs1/bytes.js";
import { BadCapsule } from "../bs1/capsules.js";
import { encodeEnvelope, mediaType, sign, type Signer } from "../bs1/dsse.js";
import { decode, encode, id, oneOf, positive, recipient, spelt64, struct, type Shaped } from "../bs1/encoding.js";
import type { KeptKey } from "./keptKeys.js";
import type { OwnKeys } from "./ownKeys.js";

const scope = struct({ tender_id: id, lot_id: id, round: positive, custodian: positive, opens: id, recipient });
const rehearsal = struct({ v: oneOf(1), type: oneOf("rehearsal"), scope, nonce: spelt64 });
type Scope = Shaped<typeof scope>;

/** The envelope with one answer for each key: a hash of what its capsule held, never the thing itself. */
export async function answers(own: OwnKeys, kept: ReadonlyMap<string, KeptKey>, signer: Signer): Promise<string> {
  const { tender_id, lot_id, round, custodian } = own;
  const given = await Promise.all(
    own.keys.map(async ({ opens, recipient, capsule }) => {
      const expected: Scope = { tender_id, lot_id, round, custodian, opens, recipient };
      return { scope: expected, answer: await answer(capsule ?? "", kept.get(opens)!, expected) };
    }),
  );
  const body = encode({ type: "rehearsal-answer", answers: given });
  return text(encodeEnvelope(await sign(mediaType("rehearsal-answer"), body, [signer])));
}

async function answer(capsule: string, key: KeptKey, expected: Scope): Promise<string> {
  const body = await decryptBytes(unbase64(capsule), parseIdentity(key.identity)).catch(() => null);
  if (!body) throw new BadCapsule("E_CAPSULE_UNREADABLE", expected.opens);
  const found = decode(body, rehearsal);
  for (const field of Object.keys(expected) as (keyof Scope)[]) {
    if (found.scope[field] !== expected[field]) throw new BadCapsule("E_CTX_MISMATCH", field);
  }
  return sha256Hex(concat(utf8("bidseal/v1/rehearsal\n"), unbase64(found.nonce)));
}
