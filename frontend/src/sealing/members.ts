/** A consortium's signed member list, which goes into the sealed summary: the server learns of it at the opening only. */

import { readConsortium } from "../bs1/consortium.js";
import type { Bytes } from "../bs1/bytes.js";
import { part } from "../site/dom.js";
import { say } from "../site/words.js";
import type { Lot } from "./lot.js";
import type { Wrong } from "./steps.js";

const CONTROL = "consortium";

export class MemberList {
  /** The file as it is sealed; null for a bidder on its own. */
  bytes: Bytes | null = null;
  names: readonly string[] = [];
  private fault: string | null = null;

  constructor(
    private readonly lot: Lot,
    changed: () => void,
  ) {
    const control = document.querySelector<HTMLInputElement>(`#${CONTROL}`);
    control?.addEventListener("change", () => void this.read(control.files?.[0] ?? null).then(changed));
  }

  faults(): Wrong[] {
    return this.fault ? [{ field: CONTROL, label: say("members"), text: this.fault }] : [];
  }

  private async read(file: File | null): Promise<void> {
    [this.bytes, this.names, this.fault] = [null, [], null];
    if (file) {
      try {
        const raw: Bytes = new Uint8Array(await file.arrayBuffer());
        const { envelope, list } = readConsortium(raw);
        const fits = list.lot_id === this.lot.id && list.members[0]!.id === this.lot.uscc;
        if (!fits) this.fault = say("members-other");
        else if (envelope.signatures.length < list.members.length) {
          this.fault = say("members-unsigned", { n: envelope.signatures.length, all: list.members.length });
        } else [this.bytes, this.names] = [raw, list.members.map(({ name }) => name)];
      } catch {
        this.fault = say("members-form");
      }
    }
    part("[data-members]").textContent = this.names.length ? say("members-sum", { names: this.names.join("、") }) : "";
  }
}
