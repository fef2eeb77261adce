/** Choosing files part by part: click, drop, whole folders; what cannot be sealed is said before anything is read. */

import { BadFiles, archive, checkName, sealedSize } from "../bs1/archive.js";
import { CONSORTIUM_FILE } from "../bs1/consortium.js";
import { encode } from "../bs1/encoding.js";
import type { Bytes } from "../bs1/bytes.js";
import { SUMMARY_FILE, SUMMARY_PART } from "../bs1/summary.js";
import { made, part } from "../site/dom.js";
import { say, size } from "../site/words.js";
import type { Lot, PartLimit } from "./lot.js";
import { MemberList } from "./members.js";
import type { PartFiles } from "./messages.js";
import { showErrors, type Wrong } from "./steps.js";

const CASH_NOTE = "deposit.json";

/** The files of one part, by the name they get in the archive. */
class Picker {
  readonly files = new Map<string, File>();
  private readonly list: HTMLElement;
  private readonly sum: HTMLElement;

  constructor(
    private readonly lot: Lot,
    readonly limit: PartLimit,
    section: HTMLElement,
    private readonly changed: () => void,
  ) {
    this.list = part("[data-list]", section);
    this.sum = part("[data-sum]", section);
    for (const input of section.querySelectorAll<HTMLInputElement>("input[type=file]")) {
      input.addEventListener("change", () => {
        this.add([...(input.files ?? [])].map((file) => [file.webkitRelativePath || file.name, file]));
        input.value = "";
      });
    }
    this.listenForCash(section);
    this.listenForDrops(part("[data-drop]", section));
    this.render();
  }

  /** What is wrong with this part now; the sentence names the file. */
  faults(): Wrong[] {
    const field = `files-${this.limit.id}`;
    const wrong = (key: string, places: Record<string, string | number> = {}): Wrong => ({
      field,
      label: this.limit.label,
      text: say(key, places),
    });
    if (!this.files.size && !this.answered) return [wrong("file-none")];
    if (this.files.size > this.limit.max_files) return [wrong("too-many", { n: this.limit.max_files })];
    const { types } = this.limit;
    const alien = types.length ? [...this.files.keys()].find((name) => !types.includes(ending(name))) : undefined;
    if (alien && alien !== CASH_NOTE) return [wrong("type", { file: alien, types: types.join(", ") })];
    try {
      const sealed = this.sealed();
      return sealed > this.limit.max_size ? [wrong("part-large", { size: size(sealed), limit: size(this.limit.max_size) })] : [];
    } catch (error) {
      if (error instanceof BadFiles) return [wrong(error.code, { file: error.file })];
      throw error;
    }
  }

  /** Bytes of ciphertext that these files will make; BadFiles for names no reader accepts. */
  sealed(): number {
    return sealedLength(this.lot, this.limit.id, this.named(new Uint8Array()));
  }

  /** What the part is sealed from; answers to its form, where it has one, come first. */
  named(answers: Bytes | undefined): { name: string; body: Blob }[] {
    const form = this.answered && answers ? [{ name: SUMMARY_FILE, body: new Blob([answers]) }] : [];
    return [...form, ...[...this.files].map(([name, body]) => ({ name, body }))];
  }

  private get answered(): boolean {
    return this.lot.forms.some((form) => form.part === this.limit.id);
  }

  private add(given: readonly (readonly [string, File])[]): void {
    for (const [path, file] of given) {
      const name = path.normalize("NFC");
      const same = this.files.get(name);
      if (same && same.size === file.size && same.lastModified === file.lastModified) continue;
      this.files.set(this.free(name), file);
    }
    this.render();
    this.changed();
  }

  private free(name: string): string {
    if (!this.files.has(name)) return name;
    const [, stem = name, end = ""] = /^(.+?)(\.[^./]*)?$/.exec(name) ?? [];
    for (let n = 2; ; n++) if (!this.files.has(`${stem} (${n})${end}`)) return `${stem} (${n})${end}`;
  }

  private render(): void {
    this.list.replaceChildren(...[...this.files].map(([name, file]) => this.row(name, file)));
    const bytes = [...this.files.values()].reduce((sum, file) => sum + file.size, 0);
    this.sum.textContent = this.files.size ? say("files-sum", { n: this.files.size, size: size(bytes) }) : say("files-none");
  }

  private row(name: string, file: File): HTMLElement {
    const item = made("li");
    const away = made("button", say("remove"), "btn btn-sm");
    away.type = "button";
    away.setAttribute("aria-label", say("remove-file", { file: name }));
    away.addEventListener("click", () => {
      this.files.delete(name);
      this.render();
      this.changed();
      this.sum.focus();
    });
    item.append(made("span", name, "what"), made("span", size(file.size), "facts"), away);
    const fault = nameFault(name);
    if (fault) item.append(made("span", fault, "field-error"));
    return item;
  }

  private listenForCash(section: HTMLElement): void {
    const cash = section.querySelector<HTMLInputElement>("[data-cash]");
    cash?.addEventListener("change", () => {
      if (cash.checked) this.files.set(CASH_NOTE, new File([encode({ form: "cash" })], CASH_NOTE));
      else this.files.delete(CASH_NOTE);
      this.render();
      this.changed();
    });
  }

  private listenForDrops(area: HTMLElement): void {
    area.addEventListener("dragover", (event) => {
      event.preventDefault();
      area.classList.add("drop-over");
    });
    area.addEventListener("dragleave", () => area.classList.remove("drop-over"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      area.classList.remove("drop-over");
      // Entries must be asked for before the event is over; the files in them come later.
      const dropped = [...(event.dataTransfer?.items ?? [])].map(filesOf);
      void Promise.all(dropped).then((found) => this.add(found.flat()));
    });
  }
}

/** All parts with files; the summary is a form and nothing else. */
export class Files {
  private readonly pickers: readonly Picker[];
  private readonly members: MemberList;

  constructor(
    private readonly lot: Lot,
    changed: () => void,
  ) {
    this.pickers = lot.parts
      .filter(({ id }) => id !== SUMMARY_PART)
      .map((limit) => new Picker(lot, limit, part(`[data-part="${limit.id}"]`), changed));
    this.members = new MemberList(lot, changed);
    // A file that misses its place would otherwise replace the page.
    for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  }

  /** Show what is wrong; true when the files can be sealed. */
  check(): boolean {
    const faults = [...this.members.faults(), ...this.pickers.flatMap((one) => one.faults())];
    if (!faults.length && this.sealed() > this.lot.max_total) {
      faults.push({ field: `files-${this.pickers[0]?.limit.id}`, label: "", text: say("bid-large", { limit: size(this.lot.max_total) }) });
    }
    showErrors("files", faults);
    return !faults.length;
  }

  get chosen(): boolean {
    return this.pickers.some((one) => one.files.size > 0);
  }

  sealed(): number {
    return this.pickers.reduce((sum, one) => sum + one.sealed(), 0);
  }

  /** What each part is sealed from, the answers by part included, in the tender's order. */
  parts(answers: ReadonlyMap<string, Bytes>): PartFiles[] {
    return this.lot.parts.map(({ id }) =>
      id === SUMMARY_PART
        ? { id, files: this.summary(answers.get(id)!) }
        : { id, files: this.pickers.find((one) => one.limit.id === id)!.named(answers.get(id)) },
    );
  }

  /** The answers, and the member list of a consortium beside them. */
  private summary(answers: Bytes): { name: string; body: Blob }[] {
    const { bytes } = this.members;
    const list = bytes ? [{ name: CONSORTIUM_FILE, body: new Blob([bytes]) }] : [];
    return [{ name: SUMMARY_FILE, body: new Blob([answers]) }, ...list];
  }

  /** Rows for the review: part, number of files, size before sealing; a part that is only a form has none. */
  rows(): { label: string; n: number; bytes: number; names: string[] }[] {
    const chosen = this.pickers.filter(({ files }) => files.size).map(({ limit, files }) => ({
      label: limit.label,
      n: files.size,
      bytes: [...files.values()].reduce((sum, file) => sum + file.size, 0),
      names: [...files.keys()],
    }));
    const { bytes, names } = this.members;
    return bytes ? [{ label: say("members"), n: 1, bytes: bytes.length, names: [...names] }, ...chosen] : chosen;
  }
}

/** A context of the length that the real one will have: only lengths matter before keys exist. */
function sealedLength(lot: Lot, id: string, files: { name: string; body: Blob }[]): number {
  const ctx = {
    v: 1 as const,
    tender_id: lot.tender_id,
    lot_id: lot.id,
    round: 1,
    key_manifest_sha256: "0".repeat(64),
    bidder_id: lot.uscc,
    part_id: id,
    recipient: `age1${"q".repeat(58)}`,
  };
  return sealedSize(archive(ctx, files).length);
}

const ending = (name: string): string => /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";

function nameFault(name: string): string | null {
  try {
    checkName(name);
    return null;
  } catch (error) {
    if (error instanceof BadFiles) return say(error.code, { file: name });
    throw error;
  }
}

/** What was dropped: a folder's files, a file, or nothing when it was text. */
function filesOf(item: DataTransferItem): Promise<(readonly [string, File])[]> {
  const entry = item.webkitGetAsEntry();
  if (entry) return filesIn(entry);
  const file = item.getAsFile();
  return Promise.resolve(file ? [[file.name, file]] : []);
}

/** Every file below a dropped entry, with its path. */
async function filesIn(entry: FileSystemEntry): Promise<(readonly [string, File])[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((found, failed) => (entry as FileSystemFileEntry).file(found, failed));
    return [[entry.fullPath.replace(/^\//, ""), file]];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  // A reader gives a hundred entries at a time, and an empty list at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((found, failed) => reader.readEntries(found, failed));
    if (!some.length) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.map(filesIn))).flat();
}
