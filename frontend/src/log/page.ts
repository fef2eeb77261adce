/** The page that checks one entry's proof here, in the reader's browser; the server is only asked for the proof itself. */

import { equal, hex, text, unbase64, unhex, type Bytes } from "../bs1/bytes.js";
import { leads, leafOf, parseProof, parseVkey, signedBy, Unreadable, type Proof } from "./tlog.js";

type Check = "leaf" | "path" | "signature" | "witness";
type Verdict = "good" | "bad" | "missing" | "unreadable" | "waiting" | "offline" | "unsupported";

/** Why nothing could be checked. */
class Stopped extends Error {
  constructor(readonly verdict: Verdict) {
    super(verdict);
  }
}

interface Given {
  readonly proof: string | null;
  readonly leaf: Bytes | null;
}

const region = document.querySelector<HTMLElement>("[data-log-proof]")!;
const form = region.querySelector("form")!;
const files = form.querySelector<HTMLInputElement>("input[type=file]")!;
const pasted = form.querySelector("textarea")!;
const vkey = form.querySelector<HTMLInputElement>("[name=log-key]")!;
const steps = [...region.querySelectorAll<HTMLElement>("[data-check]")];
const witnesses = (region.dataset["witnesses"] ?? "").split(" ").filter(Boolean);

/** What was chosen and pasted: a proof, a receipt, or both. */
async function given(): Promise<Given> {
  const texts = await Promise.all([...(files.files ?? [])].map((file) => file.text()));
  if (pasted.value.trim()) texts.push(pasted.value.trim() + "\n");
  if (!texts.length) throw new Stopped("missing");
  const isProof = (one: string): boolean => one.startsWith("c2sp.org/tlog-proof@v1\n");
  const proof = texts.find(isProof) ?? null;
  const other = texts.find((one) => !isProof(one));
  return { proof, leaf: other === undefined ? null : leafOfReceipt(other) };
}

/** The leaf that a signed receipt names, or a leaf's hash in hex. */
function leafOfReceipt(source: string): Bytes {
  const bare = source.trim();
  if (/^[0-9a-f]{64}$/.test(bare)) return unhex(bare);
  const receipt: unknown = JSON.parse(text(unbase64(String(JSON.parse(bare).payload))));
  const leaf = (receipt as { leaf?: unknown }).leaf;
  if (typeof leaf !== "string" || leaf.length !== 64) throw new Unreadable("the receipt names no entry of the log");
  return unhex(leaf);
}

async function fetched(leaf: Bytes): Promise<string> {
  const answer = await fetch(`/api/log/proof/${hex(leaf)}`, { cache: "no-store" }).catch(() => null);
  if (answer === null) throw new Stopped("offline");
  if (!answer.ok) throw new Stopped(answer.status === 404 ? "waiting" : "offline");
  return answer.text();
}

async function check(): Promise<Verdict> {
  const { proof: own, leaf: named } = await given();
  if (own === null && named === null) throw new Stopped("missing");
  const proof = parseProof(own ?? (await fetched(named!)));
  const told = proof.extra && (await leafOf(proof.extra));
  const leaf = told ?? named;
  if (leaf === null) throw new Stopped("missing");
  const key = await parseVkey(vkey.value);
  const checks: [Check, () => Promise<boolean>, string][] = [
    ["leaf", async () => named === null || equal(leaf, named), hex(leaf)],
    ["path", () => leads(proof, leaf), `${proof.index} / ${proof.size}`],
    ["signature", async () => proof.origin === key.name && signedBy(proof, key), proof.origin],
    ["witness", () => cosigned(proof), witnesses.map((one) => one.split("+")[0]).join(", ")],
  ];
  let good = true;
  for (const [name, holds, detail] of checks) {
    const held: boolean = good && (await holds());
    show(name, good ? (held ? "good" : "bad") : "skipped", detail);
    good &&= held;
  }
  return good ? "good" : "bad";
}

async function cosigned(proof: Proof): Promise<boolean> {
  const keys = await Promise.all(witnesses.map(parseVkey));
  return (await Promise.all(keys.map((key) => signedBy(proof, key)))).every(Boolean);
}

function show(name: Check, mark: "good" | "bad" | "skipped", detail: string): void {
  const step = steps.find((one) => one.dataset["check"] === name);
  if (!step) return; // no witness is required
  const template = region.querySelector<HTMLTemplateElement>(`template[data-mark=${mark}]`)!;
  step.querySelector("[data-mark-here]")!.replaceChildren(template.content.cloneNode(true));
  step.querySelector("[data-detail]")!.textContent = detail;
  step.hidden = false;
}

function conclude(verdict: Verdict): void {
  for (const one of region.querySelectorAll<HTMLElement>("[data-verdict]"))
    one.hidden = one.dataset["verdict"] !== verdict;
}

async function run(): Promise<void> {
  for (const step of steps) step.hidden = true;
  for (const one of region.querySelectorAll<HTMLElement>("[data-verdict]")) one.hidden = true;
  try {
    conclude(await check());
  } catch (reason) {
    // NotSupportedError: this browser's WebCrypto knows no Ed25519.
    const unsupported = reason instanceof DOMException && reason.name === "NotSupportedError";
    conclude(reason instanceof Stopped ? reason.verdict : unsupported ? "unsupported" : "unreadable");
  }
}

region.hidden = false;
if (!globalThis.crypto?.subtle) conclude("unsupported");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void run();
});
