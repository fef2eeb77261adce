/** The page for a consortium's member list: the lead writes and signs it, each member signs the same bytes. */

import { CONSORTIUM_FILE, CONSORTIUM_TYPE, parseConsortium, readConsortium, type Grade, type Member } from "../bs1/consortium.js";
import { encodeEnvelope, sign, type Envelope } from "../bs1/dsse.js";
import { encode } from "../bs1/encoding.js";
import { Refused } from "../site/api.js";
import { made, part, refuse, settle } from "../site/dom.js";
import { enrol, signingKey } from "../site/signingKey.js";
import { loadWords, say } from "../site/words.js";

/** What the server says, in `data-lot`. */
interface Lot {
  readonly id: string;
  readonly tender_id: string;
  readonly user: string;
}

const page = part("[data-consortium]");
const lot = JSON.parse(page.dataset["lot"]!) as Lot;
const state = part("[data-state]");
let given: Envelope | null = null;

/** Say what came of it, where the reader then is. */
function tell(text: string): void {
  state.textContent = text;
  state.focus();
}

/** Sign the bytes with this person's key, beside whoever signed before, and hand the file out. */
async function signed(payload: Envelope["payload"], before: Envelope["signatures"]): Promise<void> {
  const { signer } = (await signingKey(lot.user)) ?? (await enrol(lot.user));
  const own = await sign(CONSORTIUM_TYPE, payload, [signer]);
  const others = before.filter(({ keyid }) => keyid !== signer.keyid);
  const envelope = { ...own, signatures: [...others, ...own.signatures] };
  const link = made("a");
  link.href = URL.createObjectURL(new Blob([encodeEnvelope(envelope)], { type: "application/json" }));
  link.download = CONSORTIUM_FILE;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  const all = parseConsortium(payload).members.length;
  tell(say(envelope.signatures.length < all ? "pass-on" : "complete", { n: envelope.signatures.length, all }));
}

/** `水利水电工程施工总承包 3`, one a line; null when a line ends with no number from 0 to 9. */
function gradesOf(text: string): Grade[] | null {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const read = lines.map((line) => /^(.{1,500}?)[\s:：]*([0-9])$/u.exec(line));
  return read.some((one) => !one) ? null : read.map((one) => ({ speciality: one![1]!, level: Number(one![2]) }));
}

/** The members as typed; the first fault is shown at its control. */
function typed(): Member[] | null {
  const rows = [...page.querySelectorAll<HTMLElement>("[data-member]:not([hidden])")];
  const members: Member[] = [];
  for (const row of rows) {
    const field = <T extends HTMLInputElement | HTMLTextAreaElement>(name: string): T => part<T>(`[data-field=${name}]`, row);
    for (const name of ["code", "name", "work", "grades"]) settle(field(name));
    const [code, name, work] = ["code", "name", "work"].map((one) => field(one).value.trim());
    if (!/^[0-9A-Za-z-]{1,64}$/.test(code!)) return refuse(field("code"), say("code-wrong")), null;
    if (members.some((one) => one.id === code)) return refuse(field("code"), say("code-twice")), null;
    if (!name) return refuse(field("name"), say("missing")), null;
    if (!work) return refuse(field("work"), say("missing")), null;
    const grades = gradesOf(field<HTMLTextAreaElement>("grades").value);
    if (!grades) return refuse(field("grades"), say("grade-wrong")), null;
    members.push({ id: code!, name, work, grades });
  }
  return members;
}

async function write(): Promise<void> {
  const members = typed();
  if (members) await signed(encode({ type: "consortium", tender_id: lot.tender_id, lot_id: lot.id, members }), []);
}

async function read(control: HTMLInputElement): Promise<void> {
  const hint = "given-hint";
  settle(control, hint);
  given = null;
  const [table, button] = [part("[data-given]"), part<HTMLButtonElement>("[data-do=sign]")];
  [table.hidden, button.disabled] = [true, true];
  const file = control.files?.[0];
  if (!file) return;
  try {
    const { envelope, list } = readConsortium(new Uint8Array(await file.arrayBuffer()));
    if (list.lot_id !== lot.id) return refuse(control, say("other-lot"), hint);
    given = envelope;
    const rows = list.members.map((one) => {
      const row = made("tr");
      const grades = one.grades.map(({ speciality, level }) => `${speciality} ${level}`).join("、");
      row.append(made("td", one.id), made("td", one.name), made("td", one.work), made("td", grades));
      return row;
    });
    part("tbody", table).replaceChildren(...rows);
    part("[data-count]").textContent = say("signatures", { n: envelope.signatures.length, all: list.members.length });
    [table.hidden, button.disabled] = [false, false];
  } catch {
    refuse(control, say("other-file"), hint);
  }
}

/** What goes wrong is said beside the buttons. */
async function attempt(act: () => Promise<void>): Promise<void> {
  state.textContent = "";
  try {
    await act();
  } catch (error) {
    const detail = error instanceof Refused ? `${error.message} [${error.code}]` : (error as Error).message;
    tell(say("unexpected", { detail }));
  }
}

loadWords(page);
part("[data-write]").addEventListener("submit", (event) => (event.preventDefault(), void attempt(write)));
part("[data-do=add]").addEventListener("click", () => {
  const next = page.querySelector<HTMLElement>("[data-member][hidden]");
  if (!next) return;
  next.hidden = false;
  part("input", next).focus();
  part("[data-do=add]").hidden = !page.querySelector("[data-member][hidden]");
});
const control = part<HTMLInputElement>("#given");
control.addEventListener("change", () => void attempt(() => read(control)));
part("[data-do=sign]").addEventListener("click", () => void attempt(async () => { if (given) await signed(given.payload, given.signatures); }));
page.dataset["ready"] = "";
