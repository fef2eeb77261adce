/** A custodian's part in a mock opening: the same keys, capsules and signatures, made for one rehearsal alone. */

import { base64, sha256Hex, text, unbase64, utf8 } from "../bs1/bytes.js";
import { readCertificate } from "../bs1/certificates.js";
import { encodeEnvelope, mediaType, sign } from "../bs1/dsse.js";
import { parseKeyManifest } from "../bs1/manifests.js";
import { bidsRoot } from "../bs1/merkle.js";
import { call, getJson } from "../site/api.js";
import type { SigningKey } from "../site/signingKey.js";
import { say } from "../site/words.js";
import { ClosingRefused, checkedBid, openShares, type Checked, type GivenBid } from "./closing.js";
import { lock, newKey, unlock } from "./keptKeys.js";
import { NoKey } from "./ownKeys.js";
import type { Row } from "./rows.js";

interface MockBundle {
  readonly custodian: number;
  readonly recipient: string;
  readonly blob: string;
  readonly key_manifest: string;
  readonly closed_event: string;
  readonly authority: string;
  readonly bids: readonly GivenBid[];
}

type Mine = () => Promise<SigningKey>;
type Act = (row: Row, passphrase: string) => Promise<void>;

const address = (row: Row, what: string): string => `/api/mock-openings/${row.lot}/${what}`;

export const makingTestKey =
  (mine: Mine): Act =>
  async (row, passphrase) => {
    const { signer } = await mine();
    const key = await newKey(row.lot, 1, row.seat.opens);
    const blob = base64(await lock(key, passphrase));
    await call("POST", address(row, "keys"), { cert_sha256: signer.keyid, recipient: key.recipient, blob });
    row.state("done", say("keys-made", { n: 1 }));
  };

export const releasingTest =
  (mine: Mine): Act =>
  async (row, passphrase) => {
    row.clear();
    const { signer } = await mine();
    const given = await getJson<MockBundle>(address(row, "bundle"));
    const key = await unlock(unbase64(given.blob), passphrase);
    if (key.lot_id !== row.lot || key.recipient !== given.recipient) throw new NoKey();
    const checked = await checkMock(row, given);
    const { body, refused } = await openShares(checked, given.custodian, key);
    row.fact(say("capsules"));
    for (const one of refused) row.fact(say("kept-back", one), "fails");
    await call("POST", address(row, "share-releases"), {
      envelope: text(encodeEnvelope(await sign(mediaType("share-release"), body, [signer]))),
    });
    row.state("done", say(refused.length ? "released-some" : "released", { n: checked.bids.length }));
  };

/** Exactly the test envelopes that were fixed, all of this rehearsal: a mock opening has no entry in a lot's log. */
async function checkMock(row: Row, given: MockBundle): Promise<Checked> {
  const payload = unbase64(given.key_manifest);
  const manifest = parseKeyManifest(payload);
  const rules = { manifest, payload, sha256: await sha256Hex(payload), signers: new Map<string, string>() };
  const { type, at, data } = JSON.parse(given.closed_event) as { type: string; at: string; data: Record<string, unknown> };
  const ours = manifest.lot_id === row.lot && data["lot_id"] === row.lot && data["key_manifest_sha256"] === rules.sha256;
  if (type !== "mock.closed" || !ours) throw new ClosingRefused("other-closing");
  const authority = await readCertificate(unbase64(given.authority));
  const bids = await Promise.all(given.bids.map((one) => checkedBid(one, rules, authority, new Date(at))));
  const root = await bidsRoot(bids.map((one) => one.sha256));
  if (bids.length !== data["eligible_count"] || root !== data["bids_root"]) throw new ClosingRefused("other-bids");
  row.fact(say("bids", { n: bids.length, root: root.slice(0, 16) }));
  return { rules, closedSha256: await sha256Hex(utf8(given.closed_event)), bids };
}
