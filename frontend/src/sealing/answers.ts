/** The tender's forms, one for each envelope: answers by its fields, an amount in figures held against its capitals. */

import type { Bytes } from "../bs1/bytes.js";
import { capitals, capitalsFit, figures, readAnswer, writeSummary, type Field, type Value } from "../bs1/summary.js";
import { part } from "../site/dom.js";
import { say } from "../site/words.js";
import type { PartForm } from "./lot.js";
import { showErrors, type Wrong } from "./steps.js";

const control = (id: string): HTMLInputElement => part<HTMLInputElement>(`#${CSS.escape(id)}`);
const inputOf = (field: Field): HTMLInputElement => control(`answer-${field.id}`);
const capitalsOf = (field: Field): HTMLInputElement => control(`answer-${field.id}-capitals`);

/** The answers to one form, which is a step of its own. */
export class Answers {
  private values = new Map<string, Value>();

  constructor(readonly form: PartForm) {}

  /** Read the form and show what is wrong; true when everything fits it. */
  check(): boolean {
    this.values = new Map();
    const faults = this.form.fields.flatMap((field) => this.read(field));
    showErrors(this.form.part, faults);
    return !faults.length;
  }

  bytes(): Bytes {
    return writeSummary(this.form.fields, this.values);
  }

  /** Label and answer of every field, for the review; amounts in figures and capitals. */
  rows(): { label: string; answer: string }[] {
    return this.form.fields.map((field) => ({ label: field.label, answer: this.shown(field) }));
  }

  private read(field: Field): Wrong[] {
    const read = readAnswer(field, inputOf(field).value);
    const wrong = (key: string, id = inputOf(field).id, places = {}): Wrong[] => [
      { field: id, label: field.label, text: say(key, places) },
    ];
    if ("fault" in read) return wrong(`answer-${read.fault}`, inputOf(field).id, { max: this.largest(field) });
    if (read.value !== null) this.values.set(field.id, read.value);
    if (field.kind !== "money" || typeof read.value !== "number") return [];
    const typed = capitalsOf(field).value;
    if (!typed.trim()) return wrong("answer-missing", capitalsOf(field).id);
    return capitalsFit(read.value, typed)
      ? []
      : wrong("answer-capitals", capitalsOf(field).id, { figures: figures(read.value), capitals: capitals(read.value) });
  }

  private largest(field: Field): string {
    if (field.max === null) return "";
    return field.kind === "money" ? figures(field.max) : String(field.max);
  }

  private shown(field: Field): string {
    const value = this.values.get(field.id);
    if (value === undefined) return "—";
    return field.kind === "money" ? `${figures(Number(value))} ${say("yuan")} · ${capitals(Number(value))}` : String(value);
  }
}
