/** The leader's signature under the technical result: exactly the bids that the page shows, as `trading/evaluation/signing.py`. */

import { mediaType } from "../bs1/dsse.js";
import { decode, digest, id, list, oneOf, positive, struct } from "../bs1/encoding.js";
import { call, getBytes } from "../site/api.js";
import { part } from "../site/dom.js";
import { listen, signedBy } from "../site/signingForm.js";
import { say } from "../site/words.js";

const technicalResult = struct({
  type: oneOf("technical-result"),
  tender_id: id,
  lot_id: id,
  round: positive,
  key_manifest_sha256: digest,
  tender_closed_sha256: digest,
  passed: list(digest),
  failed: list(digest),
});

/** What the reader sees, in `data-lot`. */
interface Shown {
  readonly id: string;
  readonly code: string;
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

async function signAndFix(shown: Shown, user: string): Promise<void> {
  const path = `/api/lots/${shown.id}/technical-result`;
  const payload = await getBytes(path);
  const result = decode(payload, technicalResult);
  const same = result.passed.join() === shown.passed.join() && result.failed.join() === shown.failed.join();
  if (result.lot_id !== shown.id || !same) throw new Error(say("other-result"));
  const envelope = await signedBy(user, mediaType("technical-result"), payload);
  await call("POST", path, { envelope });
}

const page = part("[data-technical]");
const shown = JSON.parse(page.dataset["lot"]!) as Shown;
const act = () => signAndFix(shown, page.dataset["user"]!);
listen(page, act, () => location.reload(), shown.code);
