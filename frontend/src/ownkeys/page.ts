/**
 * A bidder's own keys at the opening, out of its recovery file: the share that a tender may ask for, or the keys themselves
 * when too few custodians released (`trading/bidding/recovering.py`). The file is read here and goes nowhere; what leaves
 * this computer is about the parts of the present stage alone.
 */

import { sha256Hex } from "../bs1/bytes.js";
import { decodeEnvelope } from "../bs1/dsse.js";
import { BadSchema } from "../bs1/encoding.js";
import { parseKeyManifest } from "../bs1/manifests.js";
import { readRecovery, type Recovery } from "../bs1/recovery.js";
import { Refused, call, getBytes } from "../site/api.js";
import { part, refuse, settle } from "../site/dom.js";
import { loadWords, say } from "../site/words.js";

/** What the server says of the bid, in `data-asked`. */
interface Asked {
  readonly act: "share" | "recovery";
  readonly lot_id: string;
  readonly opens: string;
  readonly manifest_sha256: string;
}

/** The recovery file cannot be used here, by the name of its sentence. */
class WrongFile extends Error {}

const need = (holds: boolean, why: string): void => {
  if (!holds) throw new WrongFile(why);
};

/** The parts that open now; they are those of the key manifest that the bid was sealed for, whatever the site shows. */
async function openingNow(kept: Recovery, asked: Asked): Promise<Recovery["parts"]> {
  need(kept.lot_id === asked.lot_id, "other-lot");
  need(kept.manifest_sha256 === asked.manifest_sha256, "other-bid");
  const { payload } = decodeEnvelope(await getBytes(`/api/lots/${asked.lot_id}/key-manifest`));
  need((await sha256Hex(payload)) === kept.key_manifest_sha256, "other-keys");
  const now = parseKeyManifest(payload).parts.filter((rule) => rule.opens === asked.opens);
  return kept.parts.filter(({ id }) => now.some((rule) => rule.id === id));
}

async function handIn(asked: Asked, sealed: Uint8Array<ArrayBuffer>, passphrase: string): Promise<void> {
  const kept = await readRecovery(sealed, passphrase).catch((error: unknown) => {
    throw new WrongFile(error instanceof BadSchema ? "no-recovery" : "wrong");
  });
  const parts = await openingNow(kept, asked);
  if (asked.act === "recovery") {
    const identities = Object.fromEntries(parts.map(({ id, identity }) => [id, identity]));
    await call("POST", `/api/lots/${asked.lot_id}/recovery`, { identities });
  } else {
    const shares = Object.fromEntries(parts.map(({ id, bidder_share }) => [id, bidder_share]));
    await call("POST", `/api/lots/${asked.lot_id}/bidder-shares`, { shares });
  }
}

class OwnKeysPage {
  private readonly asked: Asked;
  private readonly file = part<HTMLInputElement>("#recovery");
  private readonly passphrase = part<HTMLInputElement>("#passphrase");
  private readonly hints: readonly [HTMLInputElement, string][];
  private busy = false;

  constructor(page: HTMLElement) {
    this.asked = JSON.parse(page.dataset["asked"]!) as Asked;
    this.hints = [this.file, this.passphrase].map((one) => [one, one.getAttribute("aria-describedby") ?? ""]);
    part("form[data-do=hand-in]").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.busy) void this.act();
    });
  }

  private async act(): Promise<void> {
    this.busy = true;
    this.hints.forEach(([field, hint]) => settle(field, hint));
    const state = part("[data-state]");
    try {
      const [file] = this.file.files ?? [];
      if (!file) return this.wrong(this.file, say("file-missing"));
      if (!this.passphrase.value) return this.wrong(this.passphrase, say("passphrase-missing"));
      state.textContent = say("working");
      await handIn(this.asked, new Uint8Array(await file.arrayBuffer()), this.passphrase.value);
      this.end();
    } catch (error) {
      if (error instanceof WrongFile) return this.wrong(error.message === "wrong" ? this.passphrase : this.file, say(error.message));
      if (!(error instanceof Refused)) console.error(error);
      this.wrong(this.file, error instanceof Refused ? `${error.message} [${error.code}]` : say("unexpected", { detail: String(error) }));
    } finally {
      state.textContent = "";
      this.busy = false;
    }
  }

  private wrong(field: HTMLInputElement, words: string): void {
    refuse(field, words, this.hints.find(([one]) => one === field)![1]);
  }

  private end(): void {
    this.passphrase.value = "";
    part("form[data-do=hand-in]").hidden = true;
    const done = part("[data-done]");
    done.hidden = false;
    done.focus();
  }
}

const page = part("[data-own-keys]");
loadWords(page);
new OwnKeysPage(page);
page.dataset["ready"] = "";
