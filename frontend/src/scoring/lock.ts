/** A member's signature under its own sheet: exactly the bytes whose hash the page shows. */

import { sha256Hex, text } from "../bs1/bytes.js";
import { encodeEnvelope, mediaType, sign } from "../bs1/dsse.js";
import { Refused, call, getBytes } from "../site/api.js";
import { part } from "../site/dom.js";
import { enrol, signingKey } from "../site/signingKey.js";
import { loadWords, say } from "../site/words.js";

async function signAndLock(lot: string, sha256: string, user: string): Promise<void> {
  const document = await getBytes(`/api/lots/${lot}/sheet/document`);
  if ((await sha256Hex(document)) !== sha256) throw new Error(say("other-sheet"));
  const { signer } = (await signingKey(user)) ?? (await enrol(user));
  const envelope = await sign(mediaType("score-sheet"), document, [signer]);
  await call("POST", `/api/lots/${lot}/sheet/lock`, { sha256, envelope: text(encodeEnvelope(envelope)) });
}

const page = part("[data-lock]");
const { lock, sha256, user } = page.dataset as { lock: string; sha256: string; user: string };
const button = part<HTMLButtonElement>("[type=submit]", page);
const state = part("[data-state]", page);
loadWords(page);
part("form", page).addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  state.textContent = say("signing");
  try {
    await signAndLock(lock, sha256, user);
    location.assign(`/evaluation/${lock}`);
  } catch (error) {
    const detail = error instanceof Refused ? `${error.message} [${error.code}]` : (error as Error).message;
    state.textContent = say("unexpected", { detail });
    button.disabled = false;
  }
});
page.dataset["ready"] = "";
