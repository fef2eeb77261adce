/** A member's sheet: each field is saved as it is left, Enter and the arrows move between fields. Without it the form does the same. */

import { LineBroken, Refused, call } from "../site/api.js";
import { part, refuse, settle } from "../site/dom.js";
import { beijing, loadWords, say } from "../site/words.js";

interface Saved {
  readonly done: number;
  readonly total: number;
  readonly saved_at: string;
}

type Entry = string | Record<string, number | string>;

const page = part("[data-sheet]");
const form = part<HTMLFormElement>("[data-entries]", page);
const state = part("[data-state]", page);
const inputs = [...form.querySelectorAll<HTMLInputElement>("input[data-bid]")];
const path = `/api/lots/${page.dataset["sheet"]}/sheet`;
const hints = new Map(inputs.map((input) => [input, input.getAttribute("aria-describedby") ?? ""]));
/** Saves follow each other, so that the last word about a field is the last one that was typed. */
let queue: Promise<void> = Promise.resolve();
let lost: HTMLInputElement[] = [];

/** What all fields of one entry say: a criterion with steps is entered as a whole. */
function entry(input: HTMLInputElement): Entry {
  if (!input.dataset["step"]) return input.value.trim();
  const steps = inputs.filter((one) => one.dataset["bid"] === input.dataset["bid"] && one.dataset["leaf"] === input.dataset["leaf"]);
  const given = steps.filter((one) => one.value.trim() !== "");
  return Object.fromEntries(given.map((one) => [one.dataset["step"]!, /^\d{1,3}$/.test(one.value.trim()) ? Number(one.value) : one.value]));
}

async function save(changed: readonly HTMLInputElement[]): Promise<void> {
  const points: Record<string, Record<string, Entry>> = {};
  for (const input of changed) (points[input.dataset["bid"]!] ??= {})[input.dataset["leaf"]!] = entry(input);
  const why = form.querySelector<HTMLInputElement>("#why")?.value ?? "";
  state.textContent = say("saving");
  const last = changed[changed.length - 1]!;
  try {
    const saved = (await (await call("PUT", path, { points, why })).json()) as Saved;
    for (const input of changed) settle(input, hints.get(input));
    lost = [];
    state.textContent = say("saved", { time: beijing(new Date(saved.saved_at)) });
    progress(saved);
  } catch (error) {
    if (error instanceof Refused) {
      state.textContent = "";
      const field = error.code === "E_SCORE_WHY" ? (form.querySelector<HTMLInputElement>("#why") ?? last) : last;
      settle(field, hints.get(field));
      refuse(field, error.message, hints.get(field));
    } else if (error instanceof LineBroken) {
      lost = [...new Set([...lost, ...changed])];
      state.textContent = say("lost");
    } else throw error;
  }
}

function progress({ done, total }: Saved): void {
  const shown = document.querySelector<HTMLElement>("[data-progress]");
  const bar = shown?.querySelector("progress");
  const text = shown?.querySelector(".muted");
  if (bar) bar.value = done;
  if (text) text.textContent = say("filled", { done, total });
}

form.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  if (!inputs.includes(input) || input.readOnly) return;
  queue = queue.then(() => save([...new Set([...lost, input])]));
});

form.addEventListener("keydown", (event) => {
  const at = inputs.indexOf(event.target as HTMLInputElement);
  const step = event.key === "ArrowUp" ? -1 : event.key === "Enter" || event.key === "ArrowDown" ? 1 : 0;
  if (at < 0 || !step) return;
  event.preventDefault();
  const next = inputs[at + step];
  if (next) next.focus(), next.select();
  else if (step > 0) part<HTMLButtonElement>("button[type=submit]", form).focus();
});

/** Leaving by a form waits for what is being saved. */
for (const one of page.querySelectorAll<HTMLFormElement>("form[method=post]")) {
  one.addEventListener("submit", (event) => {
    event.preventDefault();
    void queue.then(() => one.submit());
  });
}

loadWords(page);
page.dataset["ready"] = "";
