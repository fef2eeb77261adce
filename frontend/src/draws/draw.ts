/** A draw as the site tells it to who takes part (`trading/draws/schemas.py`). */

import { getJson } from "../site/api.js";

export interface GivenCustodian {
  readonly custodian: number;
  readonly recipient: string;
  readonly envelope: string;
  readonly certificate: string;
}

export interface GivenCapsule {
  readonly name: string;
  readonly custodian: number;
  readonly data: string;
  /** The locked file of the key that opens it, where the custodian left a copy with the site. */
  readonly locked: string | null;
}

export interface GivenDraw {
  readonly id: string;
  readonly own: string | null;
  readonly turn: string;
  readonly k: number;
  readonly reveal_until: string | null;
  readonly custodians: readonly GivenCustodian[];
  readonly withheld: readonly GivenCapsule[];
}

/** What the site says is not what it should be, or it is not our turn, by the name of its sentence: nothing left this computer. */
export class DrawRefused extends Error {}

export function need(holds: boolean, why: string): asserts holds {
  if (!holds) throw new DrawRefused(why);
}

export async function drawOf(id: string): Promise<GivenDraw> {
  const draw = await getJson<GivenDraw>(`/api/draws/${id}`);
  need(draw.id === id, "other-draw");
  return draw;
}
