/** One thing a page: shows one step, marks it in the list, moves the focus, and lets the Back button go back. */

import { made, part } from "../site/dom.js";

export const STEPS = ["key", "files", "summary", "price", "check", "seal", "send", "receipt"] as const;
export type Step = (typeof STEPS)[number];

let allowed: readonly Step[] = [];
let shown: Step | null = null;
let entered: (step: Step) => void = () => undefined;

/** Call `enter` whenever another step is shown. */
export function onEnter(enter: (step: Step) => void): void {
  entered = enter;
  addEventListener("hashchange", () => {
    const wanted = location.hash.slice(1) as Step;
    if (wanted !== shown && allowed.includes(wanted)) show(wanted);
    else if (shown && wanted !== shown) history.replaceState(null, "", `#${shown}`);
  });
}

/** Show a step; `back` are the steps that can be returned to from here. */
export function go(step: Step, back: readonly Step[] = []): void {
  allowed = [...back, step];
  show(step);
  // What is entered may have sent the reader on to another step.
  if (location.hash !== `#${shown}`) location.hash = shown!;
}

function show(step: Step): void {
  shown = step;
  for (const section of document.querySelectorAll<HTMLElement>("[data-step]")) section.hidden = section.dataset["step"] !== step;
  for (const mark of document.querySelectorAll<HTMLElement>("[data-mark]")) {
    const place = STEPS.indexOf(mark.dataset["mark"] as Step) - STEPS.indexOf(step);
    mark.toggleAttribute("data-done", place < 0);
    if (place) mark.removeAttribute("aria-current");
    else mark.setAttribute("aria-current", "step");
  }
  part(`[data-step="${step}"] h2`).focus();
  entered(step);
}

/** What is wrong with which control; the label goes before the text where the control is not in sight. */
export interface Wrong {
  readonly field: string;
  readonly label: string;
  readonly text: string;
}

/** Show the error summary at the top of a step and each error beside its field; an empty list takes them away. */
export function showErrors(step: Step, errors: readonly Wrong[]): void {
  const section = part(`[data-step="${step}"]`);
  for (const old of section.querySelectorAll(".field-wrong")) old.classList.remove("field-wrong");
  for (const old of section.querySelectorAll("[data-error]")) old.remove();
  for (const old of section.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
  const summary = part(".error-summary", section);
  summary.hidden = !errors.length;
  part("ul", summary).replaceChildren(...errors.map(entry));
  errors.forEach(beside);
  if (errors.length) summary.focus();
}

function entry({ field, label, text }: Wrong): HTMLElement {
  const item = made("li");
  const link = made("a", label ? `${label}: ${text}` : text);
  link.href = `#${field}`;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(field)?.focus();
  });
  item.append(link);
  return item;
}

function beside({ field, text }: Wrong): void {
  const control = document.getElementById(field);
  const frame = control?.closest(".field");
  if (!control || !frame) return;
  frame.classList.add("field-wrong");
  control.setAttribute("aria-invalid", "true");
  const error = made("div", text, "field-error");
  error.dataset["error"] = "";
  error.id = `${field}-error`;
  control.before(error);
  const described = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== error.id);
  control.setAttribute("aria-describedby", [...described, error.id].join(" "));
}
