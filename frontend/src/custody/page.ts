/** A custodian's pages: make keys, rehearse and sign for them, check closings and release shares; several lots in one go. */

import { base64, hex, sha256Hex, text, type Bytes } from "../bs1/bytes.js";
import { BadCapsule } from "../bs1/capsules.js";
import { decodeEnvelope, encodeEnvelope, mediaType, pae, sign } from "../bs1/dsse.js";
import { opensFrom, parseKeyManifest, type KeyManifest } from "../bs1/manifests.js";
import { parseCheckpoint } from "../log/tlog.js";
import { Refused, call, getBytes, getJson, getText } from "../site/api.js";
import { part } from "../site/dom.js";
import { registered, verifiedManifest } from "../site/keyManifest.js";
import { enrol, signingKey, type SigningKey } from "../site/signingKey.js";
import { loadWords, say } from "../site/words.js";
import { ClosingRefused, checkClosing, openShares, type Bundle, type Checked } from "./closing.js";
import { WrongPassphrase, fileName, lock, newKey, type KeptKey, type Pinned } from "./keptKeys.js";
import { makingTestKey, releasingTest } from "./mock.js";
import { NoKey, openKept, ownKeys, type OwnKeys } from "./ownKeys.js";
import { Passphrase } from "./passphrase.js";
import { answers } from "./rehearsal.js";
import { rowsOf, save, type Row } from "./rows.js";

/** What one act does with one lot; it throws when it cannot. */
type Act = (row: Row, passphrase: string) => Promise<void>;

/** The key files that lots were given on this page, for the copy that the custodian keeps. */
const copies = new Map<string, Bytes>();

class CustodyPage {
  private readonly rows: readonly Row[];
  private readonly passphrase = new Passphrase();
  private busy = false;

  constructor(
    private readonly page: HTMLElement,
    private readonly act: Act,
    /** Rows that the act is for; others stay as they are. */
    private readonly applies: (row: Row) => boolean = (row) => !row.is("done"),
  ) {
    this.rows = rowsOf(page);
    part("form[data-do=act]", page).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.run();
    });
    page.querySelector("[data-do=save]")?.addEventListener("click", () => void save("custodian-keys.zip", copies));
    addEventListener("beforeunload", (event) => this.busy && event.preventDefault());
  }

  private async run(): Promise<void> {
    const passphrase = this.busy ? null : this.passphrase.value();
    if (passphrase === null) return;
    this.busy = true;
    const wanted = this.rows.filter(this.applies);
    const meter = part<HTMLProgressElement>("progress", this.page);
    part("[data-progress]", this.page).hidden = false;
    meter.max = wanted.length;
    meter.value = 0;
    try {
      for (const row of wanted) {
        row.state("working", say("working"));
        await this.one(row, passphrase);
        meter.value += 1;
      }
      this.end(wanted);
    } catch (error) {
      // Only the passphrase is the same for all lots: nothing was done with any of them.
      if (!(error instanceof WrongPassphrase)) throw error;
      wanted.forEach((row) => row.is("working") && row.state("ready", say("ready")));
      this.passphrase.wrong();
    } finally {
      this.busy = false;
    }
  }

  private async one(row: Row, passphrase: string): Promise<void> {
    try {
      await this.act(row, passphrase);
    } catch (error) {
      if (error instanceof WrongPassphrase) throw error;
      row.fact(told(error), "fails");
      row.state("refused", say("refused"));
    }
  }

  private end(wanted: readonly Row[]): void {
    const done = wanted.filter((row) => row.is("done")).length;
    const outcome = part("[data-outcome]", this.page);
    part("p", outcome).textContent = say(done === wanted.length ? "all-done" : "some-done", { done, of: wanted.length });
    outcome.className = `note ${done === wanted.length ? "note-success" : "note-danger"}`;
    outcome.hidden = false;
    const keep = this.page.querySelector<HTMLElement>("[data-copy]");
    if (keep) keep.hidden = !copies.size;
    if (done === wanted.length) {
      this.passphrase.forget();
      part("form[data-do=act]", this.page).hidden = true;
    }
    outcome.focus();
  }
}

/** What went wrong with a lot, in the reader's language and with its code. */
function told(error: unknown): string {
  if (error instanceof Refused) return `${error.message} [${error.code}]`;
  if (error instanceof ClosingRefused) return say(error.check);
  if (error instanceof NoKey) return say("no-key");
  if (error instanceof BadCapsule) return say("rehearsal-fails", { code: error.code });
  console.error(error);
  return say("unexpected", { detail: String((error as Error)?.message ?? error) });
}

/** This user's signing key on this device; made and certified when there is none yet. */
async function myKey(user: string): Promise<SigningKey> {
  return (await signingKey(user)) ?? enrol(user);
}

// Make keys

function makingKeys(user: string): Act {
  return async (row, passphrase) => {
    const { signer } = await myKey(user);
    const recipients: Record<string, string> = {};
    const blobs: Record<string, string> = {};
    for (const opens of row.seat.stages) {
      const key = await newKey(row.lot, row.seat.round, opens);
      const blob = await lock(key, passphrase);
      [recipients[opens], blobs[opens]] = [key.recipient, base64(blob)];
      copies.set(fileName(row.lot, opens), blob);
    }
    await call("POST", `/api/lots/${row.lot}/custodian-keys`, { cert_sha256: signer.keyid, recipients, blobs, client: "platform" });
    row.state("done", say("keys-made", { n: row.seat.stages.length }));
  };
}

// Rehearse and sign

/** The manifest that waits for signatures: its exact bytes, and its own statement. */
async function unsigned(lot: string): Promise<{ manifest: KeyManifest; payload: Bytes }> {
  const { payload } = decodeEnvelope(await getBytes(`/api/lots/${lot}/key-manifest`));
  return { manifest: parseKeyManifest(payload), payload };
}

/** Everything that the signature covers and a person can judge; names come from certificates, not from the page. */
async function showManifest(row: Row, key: SigningKey): Promise<void> {
  const { manifest, payload } = await unsigned(row.lot);
  const names = await Promise.all(
    manifest.custodians.map(async (one) => `${one.index}. ${(await registered(one.cert_sha256, key.authority)).organisation}`),
  );
  const { gate, policy, witnesses, windows } = manifest;
  const mine = manifest.custodians.find((one) => one.cert_sha256 === key.signer.keyid);
  row.details([
    [say("sign-tender"), `${manifest.tender_id} · ${manifest.lot_id} · ${say("round", { n: manifest.round })}`],
    [say("sign-custodians"), `${say("k-of-n", { k: policy.k, n: policy.n })} ${names.join("；")}`],
    [say("sign-gate"), gate ? `${gate.operator} (${policy.gate})` : say("none")],
    [say("sign-witnesses"), witnesses.map((one) => one.vkey.split("+")[0]).join("；") || say("none")],
    [say("sign-fewest"), String(opensFrom(manifest))],
    [say("sign-parts"), manifest.parts.map((one) => `${one.id} → ${one.opens}`).join("；")],
    [say("sign-windows"), say("windows", { seal_check: windows.seal_check, release: windows.release })],
    [say("sign-own-key"), mine ? Object.values(mine.recipients).join("；") : say("not-named")],
    ["SHA-256", await sha256Hex(payload)],
  ]);
}

function signing(user: string, files: ReadonlyMap<string, Bytes>): Act {
  return async (row, passphrase) => {
    const key = await myKey(user);
    const own = await ownKeys(row.lot);
    const kept = new Map<string, KeptKey>();
    for (const { opens } of own.keys) kept.set(opens, await openKept(own, opens, passphrase, files));
    const { manifest, payload } = await unsigned(row.lot);
    if (!namesMe(manifest, own, key, kept)) throw new ClosingRefused("not-named");
    if (!own.keys.every((one) => one.answered)) {
      await call("POST", `/api/lots/${row.lot}/rehearsals/answers`, { envelope: await answers(own, kept, key.signer) });
    }
    row.fact(say("rehearsed"));
    await pin(own, kept, await pinnedTo(payload), passphrase);
    const sig = await key.signer.sign(pae(mediaType("key-manifest"), payload));
    await call("POST", `/api/lots/${row.lot}/key-manifest/signatures`, { keyid: key.signer.keyid, sig: base64(sig) });
    row.state("done", say("signed"));
  };
}

/** The manifest gives my seat exactly the keys that I hold: a site that exchanged one would read bids alone. */
function namesMe(manifest: KeyManifest, own: OwnKeys, key: SigningKey, kept: ReadonlyMap<string, KeptKey>): boolean {
  const mine = manifest.custodians.filter((one) => one.cert_sha256 === key.signer.keyid);
  const [seat] = mine;
  if (mine.length !== 1 || !seat || seat.index !== own.custodian || manifest.lot_id !== own.lot_id) return false;
  const named = Object.entries(seat.recipients);
  return named.length === kept.size && named.every(([opens, recipient]) => kept.get(opens)?.recipient === recipient);
}

async function pinnedTo(payload: Bytes): Promise<Pinned> {
  const { size, root } = parseCheckpoint(await getText("/log/checkpoint"));
  return { key_manifest_sha256: await sha256Hex(payload), log_size: Number(size), log_root: hex(root) };
}

/** Lock the keys again with what is signed inside; the site's copy is replaced, so every machine sees the same. */
async function pin(own: OwnKeys, kept: ReadonlyMap<string, KeptKey>, pinned: Pinned, passphrase: string): Promise<void> {
  const blobs: Record<string, string> = {};
  for (const [opens, key] of kept) {
    const blob = await lock({ ...key, pinned }, passphrase);
    copies.set(fileName(own.lot_id, opens), blob);
    blobs[opens] = base64(blob);
  }
  await call("PUT", `/api/lots/${own.lot_id}/custodian-keys`, { blobs });
}

// Check and release

function releasing(user: string, files: ReadonlyMap<string, Bytes>): Act {
  return async (row, passphrase) => {
    row.clear();
    const key = await myKey(user);
    const own = await ownKeys(row.lot);
    const kept = await openKept(own, row.seat.opens, passphrase, files);
    if (!kept.pinned) throw new ClosingRefused("never-signed");
    const checked = await closingOf(row, key, kept.pinned);
    const { body, refused } = await openShares(checked, own.custodian, kept);
    row.fact(say("capsules"));
    for (const one of refused) row.fact(say("kept-back", one), "fails");
    const envelope = text(encodeEnvelope(await sign(mediaType("share-release"), body, [key.signer])));
    await call("POST", `/api/lots/${row.lot}/share-releases`, { envelope });
    row.state("done", say(refused.length ? "released-some" : "released", { n: checked.bids.length }));
  };
}

async function closingOf(row: Row, key: SigningKey, pinned: Pinned): Promise<Checked> {
  const rules = await verifiedManifest(row.lot, key.authority);
  const bundle = await getJson<Bundle>(`/api/lots/${row.lot}/bundle?since=${pinned.log_size}`);
  return checkClosing(rules, pinned, bundle, key.authority, (check, places) =>
    row.fact(say(check, places), check === "bad-bid" ? "fails" : check === "unwitnessed" ? "note" : "holds"),
  );
}

/** Key files that the custodian chose, by name; they are read here and go nowhere. */
async function chosenFiles(page: HTMLElement, files: Map<string, Bytes>): Promise<void> {
  const input = page.querySelector<HTMLInputElement>("[data-files]");
  input?.addEventListener("change", async () => {
    for (const file of input.files ?? []) files.set(file.name, new Uint8Array(await file.arrayBuffer()));
  });
}

async function start(page: HTMLElement): Promise<void> {
  loadWords(page);
  const user = page.dataset["user"] ?? "";
  const files = new Map<string, Bytes>();
  await chosenFiles(page, files);
  const acts: Record<string, () => Act> = {
    keys: () => makingKeys(user),
    sign: () => signing(user, files),
    release: () => releasing(user, files),
    "mock-key": () => makingTestKey(() => myKey(user)),
    "mock-release": () => releasingTest(() => myKey(user)),
  };
  const kind = page.dataset["custody"] ?? "";
  new CustodyPage(page, acts[kind]!());
  if (kind === "sign") {
    const key = await myKey(user);
    for (const row of rowsOf(page)) await showManifest(row, key).catch((error: unknown) => row.fact(told(error), "fails"));
  }
  page.dataset["ready"] = "";
}

void start(part("[data-custody]"));
