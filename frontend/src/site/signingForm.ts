/** A form whose button signs what the page shows, after the reader typed the code that it asks for, if any. */

import { text, type Bytes } from "../bs1/bytes.js";
import { encodeEnvelope, sign } from "../bs1/dsse.js";
import { Refused } from "./api.js";
import { part, refuse, settle } from "./dom.js";
import { enrol, signingKey } from "./signingKey.js";
import { loadWords, say } from "./words.js";

/** The envelope, as it travels, of these bytes signed with the person's key in this browser; made when there is none yet. */
export async function signedBy(user: string, mediaType: string, payload: Bytes): Promise<string> {
  const { signer } = (await signingKey(user)) ?? (await enrol(user));
  return text(encodeEnvelope(await sign(mediaType, payload, [signer])));
}

/** Do `act` when the form is sent, then `leave`; where the reader must type a code first, `code` is that. */
export function listen(page: HTMLElement, act: () => Promise<void>, leave: () => void, code?: string): void {
  loadWords(page);
  const field = code === undefined ? null : part<HTMLInputElement>("#code", page);
  const hint = field?.getAttribute("aria-describedby") ?? "";
  const button = part<HTMLButtonElement>("[type=submit]", page);
  const state = part("[data-state]", page);
  part("form", page).addEventListener("submit", async (event) => {
    event.preventDefault();
    if (field) {
      settle(field, hint);
      if (field.value.trim() !== code) return refuse(field, say("code-wrong"), hint);
    }
    button.disabled = true;
    state.textContent = say("signing");
    try {
      await act();
      leave();
    } catch (error) {
      const detail = error instanceof Refused ? `${error.message} [${error.code}]` : (error as Error).message;
      state.textContent = say("unexpected", { detail });
      button.disabled = false;
    }
  });
  page.dataset["ready"] = "";
}
