/** A custodian's side: the key for draws is made, and shares are opened, on this computer; only what is asked for leaves it. */

import { parseIdentity } from "../bs1/bech32.js";
import { base64, unbase64, type Bytes } from "../bs1/bytes.js";
import { proveDrawShare, signDrawKey } from "../bs1/draws.js";
import { lock, newKey, unlock } from "../custody/keptKeys.js";
import { call } from "../site/api.js";
import { enrol, signingKey } from "../site/signingKey.js";
import { drawOf, need } from "./draw.js";

const SCOPE = "draws";
export const KEY_FILE = "draws.age";

/** Make the standing key, give its public half, leave the locked file with the site; the file for one's own copy. */
export async function makeKey(user: string, passphrase: string): Promise<Bytes> {
  const { signer } = (await signingKey(user)) ?? (await enrol(user));
  const key = await newKey(SCOPE, 1, SCOPE);
  const locked = await lock(key, passphrase);
  const envelope = await signDrawKey(key.recipient, new Date(), signer);
  await call("POST", "/api/draw-keys", { envelope, locked: base64(locked) });
  return locked;
}

/** Show one's shares of the values that were withheld; whose these are. This computer's clock decides, not the site's. */
export async function showShares(drawId: string, passphrase: string, chosen: Bytes | null): Promise<readonly string[]> {
  const draw = await drawOf(drawId);
  need(draw.reveal_until !== null && Date.now() >= Date.parse(draw.reveal_until), "too-early");
  need(draw.withheld.length > 0, "nothing-withheld");
  for (const { name, custodian, data, locked } of draw.withheld) {
    const file = chosen ?? (locked ? unbase64(locked) : null);
    need(file !== null, "no-file");
    const key = await unlock(file, passphrase);
    const seat = draw.custodians.find((one) => one.custodian === custodian);
    need(key.opens === SCOPE && key.recipient === seat?.recipient, "other-key");
    const proof = await proveDrawShare(unbase64(data), parseIdentity(key.identity), { draw_id: drawId, name, custodian });
    await call("POST", `/api/draws/${drawId}/proofs`, { name, custodian, proof: base64(proof) });
  }
  return [...new Set(draw.withheld.map((one) => one.name))];
}
