/** A custodian's own seat and keys in a lot, as the server gives them to that custodian alone. */

import { unbase64, type Bytes } from "../bs1/bytes.js";
import { getJson } from "../site/api.js";
import { fileName, unlock, type KeptKey } from "./keptKeys.js";

export interface OwnKey {
  readonly opens: string;
  readonly recipient: string;
  readonly blob: string | null;
  readonly capsule: string | null;
  readonly answered: boolean;
  readonly destroyed: boolean;
}

export interface OwnKeys {
  readonly tender_id: string;
  readonly lot_id: string;
  readonly round: number;
  readonly custodian: number;
  readonly cert_sha256: string | null;
  readonly keys: readonly OwnKey[];
}

/** There is no file of this key, neither at the site nor among the chosen ones, or it is another key's. */
export class NoKey extends Error {}

export const ownKeys = (lot: string): Promise<OwnKeys> => getJson<OwnKeys>(`/api/lots/${lot}/custodian-keys`);

/** The key from a chosen file, else from the site's copy; it must be the very one that was given for this lot. */
export async function openKept(own: OwnKeys, opens: string, passphrase: string, files: ReadonlyMap<string, Bytes>): Promise<KeptKey> {
  const given = own.keys.find((one) => one.opens === opens);
  const blob = files.get(fileName(own.lot_id, opens)) ?? (given?.blob ? unbase64(given.blob) : null);
  if (!given || !blob) throw new NoKey();
  const key = await unlock(blob, passphrase);
  if (key.lot_id !== own.lot_id || key.opens !== opens || key.recipient !== given.recipient) throw new NoKey();
  return key;
}
