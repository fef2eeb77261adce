/** The signed member list of a consortium (联合体), as `bidding_docs/consortium.py` has it. */

import type { Bytes } from "./bytes.js";
import { decodeEnvelope, mediaType, type Envelope } from "./dsse.js";
import { BadSchema, bidderId, count, decode, id, list, oneOf, struct, words, type Shaped } from "./encoding.js";

export const CONSORTIUM_FILE = "consortium.dsse.json";
export const CONSORTIUM_TYPE = mediaType("consortium");
const [FEWEST, MOST, LOWEST_LEVEL] = [2, 10, 9];

const grade = struct({ speciality: words, level: count });
const member = struct({ id: bidderId, name: words, work: words, grades: list(grade) });
const consortium = struct({ type: oneOf("consortium"), tender_id: id, lot_id: id, members: list(member) });

export type Grade = Shaped<typeof grade>;
export type Member = Shaped<typeof member>;
export type Consortium = Shaped<typeof consortium>;

/** The list whose exact bytes are `payload`; BadSchema unless two to ten different members are named. */
export function parseConsortium(payload: Uint8Array): Consortium {
  const found = decode(payload, consortium);
  const ids = new Set(found.members.map((one) => one.id));
  const grades = found.members.flatMap((one) => one.grades);
  if (ids.size !== found.members.length || ids.size < FEWEST || ids.size > MOST) throw new BadSchema("two to ten members, each once");
  if (grades.some(({ level }) => level > LOWEST_LEVEL)) throw new BadSchema("a grade is a number from 0 to 9");
  return found;
}

/** A list in its envelope, without a look at the signatures: whose certificates they are the opening finds out. */
export function readConsortium(raw: Bytes): { envelope: Envelope; list: Consortium } {
  const envelope = decodeEnvelope(raw);
  if (envelope.payloadType !== CONSORTIUM_TYPE) throw new BadSchema("not the member list of a consortium");
  return { envelope, list: parseConsortium(envelope.payload) };
}
