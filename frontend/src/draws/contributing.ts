/** A contributor's side: the value is drawn and sealed here; the site gets its hash, and shares that only custodians open. */

import { drawCommitment, drawKeyHolder, escrowDraw, isDrawValue, newDrawValue } from "../bs1/draws.js";
import { base64, unbase64 } from "../bs1/bytes.js";
import { fromPem, readCertificate, type Certificate } from "../bs1/certificates.js";
import { call, getText } from "../site/api.js";
import { DRAW_VALUES, read, write } from "../site/database.js";
import { signingKey, signingKeys } from "../site/signingKey.js";
import { drawOf, need } from "./draw.js";

const place = (user: string, drawId: string): string => `${user}:${drawId}`;

/** The value of this user for this draw on this device, or nothing. */
export const keptValue = (user: string, drawId: string): Promise<string | undefined> => read(DRAW_VALUES, place(user, drawId));

export interface Committed {
  readonly value: string;
  readonly custodians: readonly string[];
}

/** Commit to a value of chance, or to the reader's own; a value that was kept before is handed in again. */
export async function commitTo(drawId: string, user: string, own: string): Promise<Committed> {
  const draw = await drawOf(drawId);
  need(draw.own !== null && draw.turn === "commit", "not-now");
  const authority = await knownAuthority(user);
  const holders = draw.custodians.map((one) => drawKeyHolder({ ...one, certificate: unbase64(one.certificate) }, authority));
  const custodians = await Promise.all(holders);
  need(custodians.length > 0 && new Set(custodians).size === custodians.length, "custodians-twice");
  const value = (await keptValue(user, drawId)) ?? (own || newDrawValue());
  need(isDrawValue(value), "no-value");
  await write(DRAW_VALUES, place(user, drawId), value);
  const recipients = new Map(draw.custodians.map((one) => [one.custodian, one.recipient]));
  const sealed = await escrowDraw(value, { draw_id: drawId, name: draw.own, k: draw.k }, recipients);
  const capsules = Object.fromEntries([...sealed].map(([seat, bytes]) => [seat, base64(bytes)]));
  const commitment = await drawCommitment(drawId, draw.own, value);
  await call("POST", `/api/draws/${drawId}/commitment`, { commitment, capsules });
  return { value, custodians };
}

/** The registration authority: the one pinned when a key was made on this device, else the one that the site names. */
async function knownAuthority(user: string): Promise<Certificate> {
  const key = (await signingKey(user)) ?? (await signingKeys())[0];
  return key?.authority ?? readCertificate(fromPem(await getText("/api/authority")));
}
