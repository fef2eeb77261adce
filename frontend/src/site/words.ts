/** Sentences of the page's catalogue: the server writes them in the reader's language, scripts only fill them in. */

const CATALOGUE = new Map<string, string>();

/** Read the catalogue that the page carries in `data-words`. */
export function loadWords(from: HTMLElement): void {
  for (const [key, sentence] of Object.entries(JSON.parse(from.dataset["words"] ?? "{}"))) CATALOGUE.set(key, String(sentence));
}

/** The sentence with its `{places}` filled; an unknown key is a bug of the page. */
export function say(key: string, places: Readonly<Record<string, string | number>> = {}): string {
  const sentence = CATALOGUE.get(key);
  if (sentence === undefined) throw new Error(`the page has no words for ${key}`);
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
}

/** Beijing time as tables show it, with seconds. */
export const beijing = (at: Date): string => new Date(at.getTime() + 8 * 3600e3).toISOString().slice(0, 19).replace("T", " ");

/** A size for people, as the server writes it. */
export function size(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  const digits = unit ? 1 : 0;
  return `${value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${units[unit]}`;
}

/** Time left as the countdowns write it. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return [whole / 3600, (whole % 3600) / 60, whole % 60].map((one) => String(Math.floor(one)).padStart(2, "0")).join(":");
}
