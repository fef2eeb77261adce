/** Sign in with a key that this browser keeps: it signs the site's question, and only a question of this very site. */

import { base64, utf8 } from "../bs1/bytes.js";
import { toPem } from "../bs1/certificates.js";
import { pae } from "../bs1/dsse.js";
import { Refused, postJson } from "../site/api.js";
import { signingKeys, type SigningKey } from "../site/signingKey.js";
import { loadWords, say } from "../site/words.js";

interface Asked {
  readonly challenge: string;
  readonly origin: string;
  readonly payload_type: string;
}

const region = document.querySelector<HTMLElement>("[data-sign-in]")!;
const state = region.querySelector<HTMLElement>("[data-state]")!;
const list = region.querySelector<HTMLElement>("[data-keys]")!;

const beijing = (at: Date): string => new Date(at.getTime() + 8 * 3600e3).toISOString().slice(0, 10);

async function signIn({ signer, certificate }: SigningKey): Promise<void> {
  state.textContent = say("signing");
  try {
    const asked = await postJson<Asked>("/api/challenges", { purpose: "sign-in" });
    if (asked.origin !== location.origin) {
      state.textContent = say("other-site");
      return;
    }
    const signature = await signer.sign(pae(asked.payload_type, utf8(asked.challenge)));
    await postJson("/api/session/certificate", {
      challenge: asked.challenge,
      certificate: toPem("CERTIFICATE", certificate.der),
      signature: base64(signature),
    });
    location.assign(region.dataset["next"]!);
  } catch (error) {
    state.textContent = say("failed", { detail: error instanceof Refused ? error.message : String(error) });
  }
}

function row(key: SigningKey): HTMLElement {
  const [item, what, button] = [document.createElement("li"), document.createElement("span"), document.createElement("button")];
  const { organisation, sha256, notAfter } = key.certificate;
  what.className = "what";
  what.id = `key-${sha256}`;
  what.textContent = say("key", { organisation, sha256: sha256.slice(0, 16), until: beijing(notAfter) });
  button.type = "button";
  button.className = "btn btn-primary";
  button.textContent = say("use");
  button.setAttribute("aria-describedby", what.id);
  button.addEventListener("click", () => void signIn(key));
  item.append(what, button);
  return item;
}

loadWords(region);
void signingKeys().then((keys) => {
  if (keys.length) list.replaceChildren(...keys.map(row));
  else state.textContent = say("none");
});
