/** Two people of the tenderer move a deadline: one signs and passes a file on, the other looks at it, signs and hands it in. */

import { text, type Bytes } from "../bs1/bytes.js";
import { encodeEnvelope } from "../bs1/dsse.js";
import { Refused, call } from "../site/api.js";
import { part, refuse, settle } from "../site/dom.js";
import { enrol, signingKey, type SigningKey } from "../site/signingKey.js";
import { beijing, loadWords, say } from "../site/words.js";
import { NotNext, checkFirst, countersign, signNext, type Checked } from "./schedule.js";

interface Lot {
  readonly id: string;
  readonly code: string;
}

class DeadlinePage {
  private readonly lot: Lot;
  private readonly user: string;
  /** Where the signed schedule is handed in, and the page to look at then. */
  private readonly to: string;
  private readonly back: string;
  private readonly state: HTMLElement;
  private checked: Checked | null = null;

  constructor(page: HTMLElement) {
    this.lot = JSON.parse(page.dataset["lot"]!) as Lot;
    this.user = page.dataset["user"]!;
    this.to = page.dataset["to"]!;
    this.back = page.dataset["back"]!;
    this.state = part("[data-state]", page);
    const on = (name: string, field: string, act: (field: HTMLInputElement) => Promise<void>) =>
      part(`form[data-do=${name}]`, page).addEventListener("submit", (event) => {
        event.preventDefault();
        void this.attempt(part<HTMLInputElement>(field), act);
      });
    on("sign", "#deadline", (field) => this.sign(field));
    on("countersign", "#code", (field) => this.handIn(field));
    const file = part<HTMLInputElement>("#schedule", page);
    file.addEventListener("change", () => void this.attempt(file, () => this.look(file)));
  }

  /** What goes wrong is said beside the field that it is about. */
  private async attempt(field: HTMLInputElement, act: (field: HTMLInputElement) => Promise<void>): Promise<void> {
    const hint = field.dataset["hint"] ?? (field.dataset["hint"] = field.getAttribute("aria-describedby") ?? "");
    settle(field, hint);
    this.state.textContent = "";
    try {
      await act(field);
    } catch (error) {
      refuse(field, told(error), hint);
    }
  }

  private async key(): Promise<SigningKey> {
    return (await signingKey(this.user)) ?? enrol(this.user);
  }

  private async sign(field: HTMLInputElement): Promise<void> {
    const at = new Date(`${field.value}+08:00`);
    if (Number.isNaN(at.getTime())) throw new NotNext("no-time");
    const deadline = at.toISOString().replace(/\.\d+Z$/, "Z");
    const { body, envelope } = await signNext(this.lot.id, await this.key(), deadline);
    save(`${this.lot.id}.schedule-${body.n}.json`, encodeEnvelope(envelope));
    this.state.textContent = say("signed");
  }

  private async look(field: HTMLInputElement): Promise<void> {
    const shown = part("[data-shown]");
    shown.hidden = true;
    this.checked = null;
    const [file] = field.files ?? [];
    if (!file) return;
    this.checked = await checkFirst(this.lot.id, await this.key(), new Uint8Array(await file.arrayBuffer()));
    const { before, body, by } = this.checked;
    part("[data-before]").textContent = beijing(new Date(before.deadline_at));
    part("[data-after]").textContent = beijing(new Date(body.deadline_at));
    part("[data-by]").textContent = by;
    shown.hidden = false;
  }

  private async handIn(field: HTMLInputElement): Promise<void> {
    if (!this.checked) return;
    if (field.value.trim() !== this.lot.code) throw new NotNext("code-wrong");
    const envelope = await countersign(this.checked, await this.key());
    await call("POST", this.to, { envelope: text(encodeEnvelope(envelope)) });
    location.assign(this.back);
  }
}

function told(error: unknown): string {
  if (error instanceof NotNext) return say(error.message);
  if (error instanceof Refused) return `${error.message} [${error.code}]`;
  console.error(error);
  return say("unexpected", { detail: (error as Error).message });
}

function save(name: string, data: Bytes): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([data], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const page = part("[data-deadline]");
loadWords(page);
new DeadlinePage(page);
page.dataset["ready"] = "";
