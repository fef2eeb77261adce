/** "My certificates": which key this browser keeps, and a new one made and certified here. */

import { Refused } from "../site/api.js";
import { enrol, signingKey, type SigningKey } from "../site/signingKey.js";
import { beijing, loadWords, say } from "../site/words.js";

const region = document.querySelector<HTMLElement>("[data-certificates]")!;
const state = region.querySelector<HTMLElement>("[data-state]")!;
const make = region.querySelector<HTMLElement>("[data-make]")!;
const button = make.querySelector("button")!;
const user = region.dataset["user"]!;

function show(key: SigningKey | null): void {
  const known = key && { sha256: key.certificate.sha256.slice(0, 16), until: beijing(key.certificate.notAfter) };
  state.textContent = known ? say("here", known) : say("none");
}

async function renew(): Promise<void> {
  button.disabled = true;
  state.textContent = say("making");
  try {
    await enrol(user);
    location.reload();
  } catch (error) {
    if (error instanceof Refused && error.code === "E_FRESH") {
      location.assign(`/prove?next=${encodeURIComponent(location.pathname)}`);
      return;
    }
    state.textContent = say("failed", { detail: error instanceof Refused ? error.message : String(error) });
    button.disabled = false;
  }
}

loadWords(region);
make.hidden = false;
button.addEventListener("click", () => void renew());
void signingKey(user).then(show);
