/** The pages of draws: commit to a value, find it again to reveal it, make a custodian's key, show withheld shares. */

import { BadCapsule } from "../bs1/capsules.js";
import { BadCertificate } from "../bs1/certificates.js";
import { utf8, type Bytes } from "../bs1/bytes.js";
import { BadSignature } from "../bs1/dsse.js";
import { BadSchema } from "../bs1/encoding.js";
import { WrongPassphrase } from "../custody/keptKeys.js";
import { Passphrase } from "../custody/passphrase.js";
import { Refused } from "../site/api.js";
import { made, part, refuse, settle } from "../site/dom.js";
import { loadWords, say } from "../site/words.js";
import { commitTo, keptValue } from "./contributing.js";
import { DrawRefused } from "./draw.js";
import { KEY_FILE, makeKey, showShares } from "./keeping.js";

/** What went wrong, in the reader's language and with its code. */
function told(error: unknown): string {
  if (error instanceof Refused) return `${error.message} [${error.code}]`;
  if (error instanceof DrawRefused) return say(error.message);
  const refusals = [BadCertificate, BadSignature, BadCapsule, BadSchema];
  if (refusals.some((kind) => error instanceof kind)) return say("not-right", { detail: (error as Error).message });
  console.error(error);
  return say("unexpected", { detail: String((error as Error)?.message ?? error) });
}

function save(name: string, content: Bytes): void {
  const link = made("a");
  link.href = URL.createObjectURL(new Blob([content]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

class DrawPage {
  private busy = false;
  private readonly draw: string;
  private readonly user: string;

  constructor(private readonly page: HTMLElement) {
    this.draw = page.dataset["draw"] ?? "";
    this.user = page.dataset["user"] ?? "";
  }

  /** Do this when the form is sent, one at a time; nothing is told as done that was refused. */
  onSubmit(act: () => Promise<string | null>): void {
    part("form[data-do=act]", this.page).addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.busy) void this.run(act);
    });
  }

  private async run(act: () => Promise<string | null>): Promise<void> {
    this.busy = true;
    try {
      const done = await act();
      if (done !== null) this.end(done, true);
    } catch (error) {
      this.end(told(error), false);
    } finally {
      this.busy = false;
    }
  }

  private end(words: string, done: boolean): void {
    const outcome = part("[data-outcome]", this.page);
    part("p", outcome).textContent = words;
    outcome.className = `note ${done ? "note-success" : "note-danger"}`;
    outcome.hidden = false;
    if (done) {
      part("form[data-do=act]", this.page).hidden = true;
      const after = this.page.querySelector<HTMLElement>("[data-after]");
      if (after) after.hidden = false;
    }
    outcome.focus();
  }

  private offer(name: string, content: Bytes): void {
    part("[data-do=save]", this.page).addEventListener("click", () => save(name, content));
  }

  commit(): void {
    const field = part<HTMLTextAreaElement>("#value", this.page);
    const hint = field.getAttribute("aria-describedby") ?? "";
    this.onSubmit(async () => {
      settle(field, hint);
      const own = field.value.trim().toLowerCase();
      if (own && !/^[0-9a-f]{64}$/.test(own)) {
        refuse(field, say("no-value"), hint);
        return null;
      }
      const { value, custodians } = await commitTo(this.draw, this.user, own);
      this.offer(`draw-${this.draw}.value`, utf8(`${value}\n`));
      return say("committed", { custodians: custodians.join("；") });
    });
  }

  /** The form is an ordinary one; this only finds the value that was kept here. */
  async reveal(): Promise<void> {
    const value = await keptValue(this.user, this.draw);
    if (!value) return;
    part<HTMLTextAreaElement>("#value", this.page).value = value;
    part("[data-found]", this.page).hidden = false;
  }

  key(): void {
    const passphrase = new Passphrase();
    this.onSubmit(async () => {
      const typed = passphrase.value();
      if (typed === null) return null;
      this.offer(KEY_FILE, await makeKey(this.user, typed));
      passphrase.forget();
      return say("key-given");
    });
  }

  open(): void {
    const passphrase = new Passphrase();
    this.onSubmit(async () => {
      const typed = passphrase.value();
      if (typed === null) return null;
      const [file] = part<HTMLInputElement>("#key-file", this.page).files ?? [];
      try {
        await showShares(this.draw, typed, file ? new Uint8Array(await file.arrayBuffer()) : null);
      } catch (error) {
        if (!(error instanceof WrongPassphrase)) throw error;
        passphrase.wrong();
        return null;
      }
      passphrase.forget();
      return say("shown");
    });
  }
}

async function start(element: HTMLElement): Promise<void> {
  loadWords(element);
  const page = new DrawPage(element);
  const kind = element.dataset["draws"];
  if (kind === "commit") page.commit();
  else if (kind === "reveal") await page.reveal();
  else if (kind === "key") page.key();
  else page.open();
  element.dataset["ready"] = "";
}

void start(part("[data-draws]"));
