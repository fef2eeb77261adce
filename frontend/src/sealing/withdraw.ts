/** Withdraw one's bid (招标投标法 art. 29): sign the message that the page shows and check the receipt for it. */

import { sha256Hex, text, type Bytes } from "../bs1/bytes.js";
import { encodeEnvelope, mediaType, sign } from "../bs1/dsse.js";
import { encode } from "../bs1/encoding.js";
import { Refused, call } from "../site/api.js";
import { part } from "../site/dom.js";
import { listen } from "../site/signingForm.js";
import { enrol, signingKey } from "../site/signingKey.js";
import { checkedReceipt } from "./receipt.js";

/** What the reader sees, in `data-withdrawal`: all that is signed but the certificate, in any order. */
interface Shown {
  readonly tender_id: string;
  readonly lot_id: string;
  readonly round: number;
  readonly key_manifest_sha256: string;
  readonly bidder_id: string;
  readonly seq: number;
  readonly withdraws: string;
}

const page = part("[data-withdrawal]");
const shown = JSON.parse(page.dataset["withdrawal"]!) as Shown;
const idempotencyKey = crypto.randomUUID();

/** The message, spelled in the one order in which it may be signed. */
const withdrawal = (certificate: string): Bytes =>
  encode({
    type: "bid-withdraw",
    tender_id: shown.tender_id,
    lot_id: shown.lot_id,
    round: shown.round,
    key_manifest_sha256: shown.key_manifest_sha256,
    bidder_id: shown.bidder_id,
    cert_sha256: certificate,
    seq: shown.seq,
    withdraws: shown.withdraws,
  });

async function withdraw(): Promise<void> {
  const { signer } = (await signingKey(page.dataset["user"]!)) ?? (await enrol(page.dataset["user"]!));
  const payload = withdrawal(signer.keyid);
  const envelope = text(encodeEnvelope(await sign(mediaType("bid-withdraw"), payload, [signer])));
  const message = { envelope, idempotency_key: idempotencyKey };
  try {
    const answer = await call("POST", `/api/lots/${shown.lot_id}/withdrawals`, message);
    await checkedReceipt(new Uint8Array(await answer.arrayBuffer()), await sha256Hex(payload));
  } catch (error) {
    if (error instanceof Refused && error.code === "E_CERT") offerConsent(await sha256Hex(payload));
    throw error;
  }
}

/** A key that is too new needs two members who confirm this very message. */
function offerConsent(digest: string): void {
  const way = part("[data-consent]", page);
  part<HTMLAnchorElement>("a", way).search = `?manifest=${digest}`;
  way.hidden = false;
}

listen(page, withdraw, () => location.assign(page.dataset["back"]!), page.dataset["code"]);
