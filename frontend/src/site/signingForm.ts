/** A form whose button signs what the page shows, after the reader typed the code that it asks for, if any. */

import { sha256Hex, text, type Bytes } from "../bs1/bytes.js";
import { encodeEnvelope, sign } from "../bs1/dsse.js";
import { Refused, call, getBytes } from "./api.js";
import { part, refuse, settle } from "./dom.js";
import { enrol, signingKey } from "./signingKey.js";
import { loadWords, say } from "./words.js";

/** The envelope, as it travels, of these bytes signed with the person's key in this browser; made when there is none yet. */
export async function signedBy(user: string, mediaType: string, payload: Bytes): Promise<string> {
  const { signer } = (await signingKey(user)) ?? (await enrol(user));
  return text(encodeEnvelope(await sign(mediaType, payload, [signer])));
}

/** What a page shows by its hash, where its bytes are, and where their envelope goes. */
export interface ShownDocument {
  readonly from: string;
  readonly to: string;
  readonly sha256: string;
  readonly mediaType: string;
}

/** Sign what the page shows and hand it in; throws the sentence `other` when the site gives other bytes. */
export async function signShown(user: string, shown: ShownDocument, other: string): Promise<void> {
  const payload = await getBytes(shown.from);
  if ((await sha256Hex(payload)) !== shown.sha256) throw new Error(say(other));
  await call("POST", shown.to, { envelope: await signedBy(user, shown.mediaType, payload) });
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
      if (error instanceof Refused && error.code === "E_FRESH") {
        return location.assign(`/prove?next=${encodeURIComponent(location.pathname)}`);
      }
      const detail = error instanceof Refused ? `${error.message} [${error.code}]` : (error as Error).message;
      state.textContent = say("unexpected", { detail });
      button.disabled = false;
    }
  });
  page.dataset["ready"] = "";
}
