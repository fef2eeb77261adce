/** The bidder's page "Seal a bid": one step after the other, from the signing key to the receipt. */

import { RECOVERY_FILE } from "../bs1/recovery.js";
import { Refused } from "../site/api.js";
import { made, part } from "../site/dom.js";
import { verifiedManifest, type VerifiedManifest } from "../site/keyManifest.js";
import { enrol, signingKey, type SigningKey } from "../site/signingKey.js";
import { beijing, loadWords, say, size } from "../site/words.js";
import { Answers } from "./answers.js";
import { Files } from "./files.js";
import { lotOf, type Lot } from "./lot.js";
import { SealingFailed } from "./messages.js";
import { Meter } from "./meter.js";
import { Sealing, lastBid } from "./sealing.js";
import type { Receipt } from "./receipt.js";
import { send, submit } from "./sending.js";
import { go, onEnter, showErrors, type Step, type Wrong } from "./steps.js";
import { dropBid, keepBid, placeOf, sealedBid, type SealedBid } from "./storage.js";

const EDITING: readonly Step[] = ["files", "summary", "price", "check"];

class SealPage {
  private readonly place: string;
  private readonly files: Files;
  private readonly answers: readonly Answers[];
  private key: SigningKey | null = null;
  private rules: VerifiedManifest | null = null;
  private sealing: Sealing | null = null;
  private bid: SealedBid | null = null;
  private busy = false;

  constructor(private readonly lot: Lot) {
    this.place = placeOf(lot.user, lot.id);
    this.files = new Files(lot, () => showErrors("files", []));
    this.answers = lot.forms.map((form) => new Answers(form));
    this.listen();
  }

  async start(): Promise<void> {
    this.key = await signingKey(this.lot.user);
    const kept = await sealedBid(this.place);
    if (this.key) this.rules = await verifiedManifest(this.lot.id, this.key.authority);
    if (kept && this.isComplete(kept) && (await this.isNew(kept))) return this.offerSending(kept);
    if (kept) await dropBid(this.place);
    go(this.key && this.isValid(this.key) ? "files" : "key");
  }

  /** For the keys that hold now; where the opening needs the bidder's share, it was saved before the keys were forgotten. */
  private isComplete(kept: SealedBid): boolean {
    const shared = this.rules?.manifest.policy.bidder === "required";
    return kept.keyManifestSha256 === this.rules?.sha256 && (kept.recoverySaved || !shared);
  }

  /** False when this bid was received already: the tab was closed before the receipt came. */
  private async isNew(kept: SealedBid): Promise<boolean> {
    return (await lastBid(this.lot.id))?.manifest_sha256 !== kept.manifestSha256;
  }

  private isValid(key: SigningKey): boolean {
    return key.certificate.notAfter.getTime() > Number(part("[data-now]").dataset["now"]);
  }

  private listen(): void {
    onEnter((step) => {
      if (step === "check") this.review();
    });
    const press = (name: string, act: () => unknown) => {
      const control = part(`[data-do="${name}"]`);
      control.addEventListener(control instanceof HTMLFormElement ? "submit" : "click", (event) => {
        event.preventDefault();
        void this.attempt(async () => act());
      });
    };
    press("enrol", () => this.enrol());
    press("to-summary", () => this.files.check() && go("summary", EDITING));
    for (const [n, one] of this.answers.entries()) {
      press(`from-${one.form.part}`, () => one.check() && go(this.answers[n + 1]?.form.part ?? "check", EDITING));
    }
    press("seal", () => this.seal());
    press("recovery", () => this.saveRecovery());
    press("to-send", () => this.send());
    press("submit", () => this.submit());
    press("resume", () => this.send());
    press("discard", () => this.discard());
    addEventListener("beforeunload", (event) => {
      if (this.busy || (!this.bid && this.files.chosen)) event.preventDefault();
    });
  }

  /** Do it once at a time; what goes wrong is said at the top of the page. */
  async attempt(act: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const trouble = part("[data-trouble]");
    trouble.hidden = true;
    try {
      await act();
    } catch (error) {
      const { text, code } = told(error);
      part("p", trouble).textContent = text;
      part(".help-code", trouble).textContent = code;
      trouble.hidden = false;
      trouble.focus();
      if (!(error instanceof Refused || error instanceof SealingFailed)) console.error(error);
    } finally {
      this.busy = false;
    }
  }

  private async enrol(): Promise<void> {
    this.key = await enrol(this.lot.user);
    this.rules = await verifiedManifest(this.lot.id, this.key.authority);
    go("files", ["key"]);
  }

  /** Show everything once more; what the browser's Forward button skipped is checked here too. */
  private review(): void {
    const wrong = this.answers.find((one) => !one.check());
    if (!this.files.check()) return this.correct("files", () => this.files.check());
    if (wrong) return this.correct(wrong.form.part, () => wrong.check());
    const rows = this.files.rows().map(({ label, n, bytes, names }) => {
      const files = made("dd", say("files-sum", { n, size: size(bytes) }));
      files.append(...names.slice(0, 20).map((name) => made("div", name, "why")));
      if (n > 20) files.append(made("div", say("more-files", { n: n - 20 }), "why"));
      return [made("dt", label), files];
    });
    part("[data-review-files]").replaceChildren(...rows.flat());
    for (const one of this.answers) {
      const answers = one.rows().map(({ label, answer }) => [made("dt", label), made("dd", answer)]);
      part(`[data-review="${one.form.part}"]`).replaceChildren(...answers.flat());
    }
    void this.reviewKey();
  }

  /** Back to a step with a fault, whose summary of errors then has the focus. */
  private correct(step: Step, check: () => unknown): void {
    go(step, EDITING);
    check();
  }

  private async reviewKey(): Promise<void> {
    const { certificate } = this.key!;
    const until = beijing(certificate.notAfter);
    part("[data-review-key]").textContent = say("signed-with", { name: certificate.organisation, until });
    const { opening_at } = this.lot;
    part("[data-expires]").hidden = !opening_at || certificate.notAfter > new Date(opening_at);
    const last = await lastBid(this.lot.id);
    part("[data-other-key]").hidden = !last || last.cert_sha256 === certificate.sha256;
    part("[data-replaces]").hidden = last?.state !== "submitted";
  }

  private async seal(): Promise<void> {
    go("seal");
    part("[data-sealing]").hidden = false;
    part("[data-sealed]").hidden = true;
    const meter = new Meter(part("[data-sealing]"));
    this.sealing = new Sealing(this.lot);
    try {
      // Fetched and checked again: the lot may have a new round since the page was opened.
      this.rules = await verifiedManifest(this.lot.id, this.key!.authority);
      const parts = this.files.parts(new Map(this.answers.map((one) => [one.form.part, one.bytes()])));
      this.bid = await this.sealing.run(this.rules, this.key!, parts, this.files.sealed(), (done, total) => meter.show(done, total));
    } catch (error) {
      this.sealing.end();
      await dropBid(this.place);
      go("check", EDITING);
      throw error;
    }
    part("[data-sealing]").hidden = true;
    part("[data-sealed]").hidden = false;
    part("[data-manifest]").textContent = this.bid.manifestSha256;
    part("[data-sealed] h3").focus();
  }

  private async saveRecovery(): Promise<void> {
    const [first, again] = ["passphrase", "passphrase-again"].map((id) => part<HTMLInputElement>(`#${id}`).value);
    const short = first!.length < 12 ? [wrong("passphrase", "passphrase-short")] : [];
    const other = first === again ? [] : [wrong("passphrase-again", "passphrase-other")];
    showErrors("seal", [...short, ...other]);
    if (short.length || other.length) return;
    const state = part("[data-recovery-state]");
    state.textContent = say("locking");
    const file = await this.sealing!.recovery(first!);
    const link = made("a");
    link.href = URL.createObjectURL(new Blob([file], { type: "application/octet-stream" }));
    link.download = RECOVERY_FILE;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    state.textContent = say("recovery-saved", { file: RECOVERY_FILE });
    this.bid = { ...this.bid!, recoverySaved: true };
    await keepBid(this.place, this.bid);
    for (const id of ["passphrase", "passphrase-again"]) part<HTMLInputElement>(`#${id}`).value = "";
    part("[data-do=to-send]").focus();
  }

  private offerSending(kept: SealedBid): void {
    this.bid = kept;
    go("send");
    part("[data-kept]").hidden = false;
    part("[data-sending]").hidden = true;
    part("[data-kept-at]").textContent = beijing(new Date(kept.sealedAt));
    part("[data-no-recovery]").hidden = kept.recoverySaved;
  }

  private async send(): Promise<void> {
    // The share that the bidder hands in at the opening is nowhere else.
    if (this.rules!.manifest.policy.bidder === "required" && !this.bid!.recoverySaved) {
      showErrors("seal", [wrong("passphrase", "recovery-needed")]);
      return;
    }
    this.sealing?.end();
    this.sealing = null;
    go("send");
    part("[data-kept]").hidden = true;
    part("[data-sending]").hidden = false;
    part("[data-send-manifest]").textContent = this.bid!.manifestSha256;
    const button = part<HTMLButtonElement>("[data-do=submit]");
    button.disabled = true;
    const uploadId = await send(this.place, this.bid!, this.watcher(new Meter(part("[data-sending]"))));
    button.disabled = false;
    button.dataset["upload"] = uploadId;
    part("[data-send-state]").textContent = say("all-there");
    button.focus();
  }

  private async submit(): Promise<void> {
    const uploadId = part("[data-do=submit]").dataset["upload"]!;
    part("[data-send-state]").textContent = say("submitting");
    const receipt = await submit(this.bid!, uploadId, this.watcher(null));
    await dropBid(this.place);
    this.show(receipt);
  }

  private watcher(meter: Meter | null) {
    const state = part("[data-send-state]");
    return {
      progress: (done: number, total: number) => meter?.show(done, total),
      broken: (broken: boolean) => {
        state.textContent = say(broken ? "line-broken" : "sending");
        state.classList.toggle("field-error", broken);
      },
    };
  }

  private show(receipt: Receipt): void {
    for (const band of document.querySelectorAll<HTMLElement>(".band-danger")) {
      const link = band.querySelector("a");
      band.hidden = !link || link.pathname === `/lots/${this.lot.id}/bid`;
    }
    part("[data-received]").textContent = beijing(new Date(receipt.received_at));
    part("[data-receipt-manifest]").textContent = receipt.manifest_sha256;
    part("[data-seq]").textContent = String(receipt.seq);
    this.bid = null;
    go("receipt");
  }

  private async discard(): Promise<void> {
    await dropBid(this.place);
    this.bid = null;
    go(this.key ? "files" : "key");
  }
}

const wrong = (field: string, key: string): Wrong => ({ field, label: "", text: say(key) });

/** A sentence for people, and the code for the help desk. */
function told(error: unknown): { text: string; code: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : error instanceof Error ? error.name : "";
  if (error instanceof Refused && error.status === 401) return { text: say("sign-in-again"), code };
  if (error instanceof Refused) return { text: error.message, code };
  const known = ["QuotaExceededError", "NotReadableError", "NotFoundError", "E_PAYLOAD", "E_SPOOL", "E_LIMIT", "E_MANIFEST_SIG", "E_CERT"];
  const key = known.find((one) => one === code) ?? "E_UNKNOWN";
  return { text: say(key, { detail: error instanceof Error ? error.message : "" }), code };
}

function begin(): void {
  const root = part("[data-seal-page]");
  loadWords(root);
  const page = new SealPage(lotOf(root));
  void page.attempt(() => page.start());
}

begin();
