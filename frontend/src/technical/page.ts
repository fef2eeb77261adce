/** The leader's signature under the technical result: exactly the bids that the page shows, as `trading/evaluation/signing.py`. */

import { text } from "../bs1/bytes.js";
import { encodeEnvelope, mediaType, sign } from "../bs1/dsse.js";
import { decode, digest, id, list, oneOf, positive, struct } from "../bs1/encoding.js";
import { Refused, call, getBytes } from "../site/api.js";
import { part, refuse, settle } from "../site/dom.js";
import { enrol, signingKey } from "../site/signingKey.js";
import { loadWords, say } from "../site/words.js";

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
  const { signer } = (await signingKey(user)) ?? (await enrol(user));
  const envelope = await sign(mediaType("technical-result"), payload, [signer]);
  await call("POST", path, { envelope: text(encodeEnvelope(envelope)) });
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
    if (code.value.trim() !== shown.code) return refuse(code, say("code-wrong"), hint);
    button.disabled = true;
    state.textContent = say("signing");
    try {
      await signAndFix(shown, page.dataset["user"]!);
      location.reload();
    } catch (error) {
      const detail = error instanceof Refused ? `${error.message} [${error.code}]` : (error as Error).message;
      state.textContent = say("unexpected", { detail });
      button.disabled = false;
    }
  });
}

const page = part("[data-technical]");
loadWords(page);
listen(page);
page.dataset["ready"] = "";
