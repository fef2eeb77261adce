/** One side's signature under a contract: exactly the bytes whose hash the page shows, as `trading/contract/signing.py`. */

import { part } from "../site/dom.js";
import { listen, signShown } from "../site/signingForm.js";

/** What the reader sees, in `data-lot`. */
interface Shown {
  readonly id: string;
  readonly number: string;
  readonly sha256: string;
}

const page = part("[data-contract]");
const shown = JSON.parse(page.dataset["lot"]!) as Shown;
const path = `/api/lots/${shown.id}/contract`;
const signed = {
  from: `${path}/document`,
  to: `${path}/signatures`,
  sha256: shown.sha256,
  mediaType: "application/vnd.trading.contract+json",
};
const act = () => signShown(page.dataset["user"]!, signed, "other-contract");
listen(page, act, () => location.reload(), shown.number);
