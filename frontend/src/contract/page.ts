/** One side's signature under a contract: exactly the bytes whose hash the page shows, as `trading/contract/signing.py`. */

import { sha256Hex, text } from "../bs1/bytes.js";
import { encodeEnvelope, sign } from "../bs1/dsse.js";
import { Refused, call, getBytes } from "../site/api.js";
import { part, refuse, settle } from "../site/dom.js";
import { enrol, signingKey } from "../site/signingKey.js";
import { loadWords, say } from "../site/words.js";

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
  const { signer } = (await signingKey(user)) ?? (await enrol(user));
  const envelope = await sign(MEDIA_TYPE, payload, [signer]);
  await call("POST", `${path}/signatures`, { envelope: text(encodeEnvelope(envelope)) });
}

function listen(page: HTMLElement): void {
  const shown = JSON.parse(page.dataset["lot"]!) as Shown;
  const code = part<HTMLInputElement>("#code", page);
  const hint = code.getAttribute("aria-describedby") ?? "";
  const button = part<HTMLButtonElement>("[type=submit]", page);
  const state = part("[data-state]", page);
  part("form", page).addEventListener("submit", async (event) => {
    event.preventDefault();
    settle(code, hint);
    if (code.value.trim() !== shown.number) return refuse(code, say("code-wrong"), hint);
    button.disabled = true;
    state.textContent = say("signing");
    try {
      await signContract(shown, page.dataset["user"]!);
      location.reload();
    } catch (error) {
      const detail = error instanceof Refused ? `${error.message} [${error.code}]` : (error as Error).message;
      state.textContent = say("unexpected", { detail });
      button.disabled = false;
    }
  });
}

const page = part("[data-contract]");
loadWords(page);
listen(page);
page.dataset["ready"] = "";
