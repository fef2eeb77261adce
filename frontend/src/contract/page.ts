/** One side's signature under a contract: exactly the bytes whose hash the page shows, as `trading/contract/signing.py`. */

import { sha256Hex } from "../bs1/bytes.js";
import { call, getBytes } from "../site/api.js";
import { part } from "../site/dom.js";
import { listen, signedBy } from "../site/signingForm.js";
import { say } from "../site/words.js";

const MEDIA_TYPE = "application/vnd.trading.contract+json";

/** What the reader sees, in `data-lot`. */
interface Shown {
  readonly id: string;
  readonly number: string;
  readonly sha256: string;
}

async function signContract(shown: Shown, user: string): Promise<void> {
  const path = `/api/lots/${shown.id}/contract`;
  const payload = await getBytes(`${path}/document`);
  if ((await sha256Hex(payload)) !== shown.sha256) throw new Error(say("other-contract"));
  await call("POST", `${path}/signatures`, { envelope: await signedBy(user, MEDIA_TYPE, payload) });
}

const page = part("[data-contract]");
const shown = JSON.parse(page.dataset["lot"]!) as Shown;
const act = () => signContract(shown, page.dataset["user"]!);
listen(page, act, () => location.reload(), shown.number);
