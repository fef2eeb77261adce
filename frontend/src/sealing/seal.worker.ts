/**
 * Seals a bid: deals the keys of every part, streams its files through ZIP and age to the spooling worker, and builds the
 * capsules. The keys live in this worker's memory only; the page gets ciphertext, hashes, and the locked recovery file.
 */

import { encryptStream } from "../bs1/age.js";
import { archive } from "../bs1/archive.js";
import { base64, concat, sha256Hex, type Bytes } from "../bs1/bytes.js";
import { BIDDER, buildCapsule, commit, deal, type Context, type Dealt } from "../bs1/capsules.js";
import { newHasher } from "../bs1/digester.js";
import { PIECE_SIZE, holderRecipient, parseBidManifest, parseKeyManifest, type CapsuleRef, type KeyManifest, type PartRule } from "../bs1/manifests.js";
import { recoveryOf, writeRecovery } from "../bs1/recovery.js";
import { SealingFailed, failure, type Order, type PartFiles, type Report, type SealedPart, type Spool, type Spooled } from "./messages.js";

const BATCH = 1 << 20;
const AHEAD = 8;

const dealt = new Map<string, Dealt>();
const tell = (report: Report) => postMessage(report);

/** The line to the spooling worker; `send` waits while too much is under way, so memory does not grow with the file. */
class Line {
  private ahead = 0;
  private wake: (() => void) | null = null;
  private failed: SealingFailed | null = null;
  private ended: Extract<Spooled, { did: "ended" }> | null = null;

  constructor(
    private readonly port: MessagePort,
    private readonly written: (bytes: number) => void,
  ) {
    port.onmessage = ({ data }: MessageEvent<Spooled>) => this.take(data);
  }

  begin(folder: string, name: string, identity: Bytes): void {
    this.ended = null;
    this.post({ do: "begin", folder, name, identity });
  }

  async send(data: Bytes): Promise<void> {
    this.ahead++;
    this.post({ do: "write", data }, [data.buffer]);
    await this.until(() => this.ahead < AHEAD);
  }

  async end(): Promise<Extract<Spooled, { did: "ended" }>> {
    this.post({ do: "end" });
    await this.until(() => this.ended !== null);
    return this.ended!;
  }

  private post(order: Spool, transfer: Transferable[] = []): void {
    this.port.postMessage(order, transfer);
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!this.failed && !holds()) await new Promise<void>((wake) => (this.wake = wake));
    if (this.failed) throw this.failed;
  }

  private take(report: Spooled): void {
    if (report.did === "written") {
      this.ahead--;
      this.written(report.bytes);
    } else if (report.did === "ended") this.ended = report;
    else this.failed = new SealingFailed(report.code, report.detail);
    this.wake?.();
  }
}

interface Job {
  readonly rules: KeyManifest;
  readonly keyManifestSha256: string;
  readonly bidderId: string;
  readonly folder: string;
  readonly line: Line;
}

async function seal(order: Extract<Order, { do: "seal" }>): Promise<void> {
  const rules = parseKeyManifest(order.keyManifest);
  const files = new Map(order.parts.map((one) => [one.id, one]));
  let [done, told] = [0, 0];
  const line = new Line(order.spool, (bytes) => {
    done += bytes;
    if (performance.now() - told < 100) return;
    told = performance.now();
    tell({ did: "progress", done });
  });
  const keyManifestSha256 = await sha256Hex(order.keyManifest);
  const job = { rules, keyManifestSha256, bidderId: order.bidderId, folder: order.folder, line };
  dealt.clear();
  for (const rule of rules.parts) dealt.set(rule.id, await deal(rules));
  const laid = rules.parts.map((rule) => lay(job, rule, files.get(rule.id)));
  tell({ did: "length", total: laid.reduce((sum, one) => sum + one.length, 0) });
  const parts: SealedPart[] = [];
  const capsules: string[] = [];
  for (const [place, rule] of rules.parts.entries()) {
    const { ctx, stream } = laid[place]!;
    const sealed = await payload(job, rule, ctx, stream());
    const made = await capsulesOf(job, rule, ctx);
    capsules.push(...made.bodies);
    parts.push({ part: { ...sealed.part, capsules: made.refs }, pieces: sealed.pieces });
  }
  tell({ did: "progress", done });
  tell({ did: "sealed", parts, capsules });
}

function lay(job: Job, rule: PartRule, given: PartFiles | undefined): { ctx: Context; length: number; stream: () => ReadableStream<Uint8Array> } {
  if (!given?.files.length) throw new SealingFailed("E_SCHEMA", `part ${rule.id} has no file`);
  const { rules, keyManifestSha256, bidderId } = job;
  const ctx: Context = {
    v: 1,
    tender_id: rules.tender_id,
    lot_id: rules.lot_id,
    round: rules.round,
    key_manifest_sha256: keyManifestSha256,
    bidder_id: bidderId,
    part_id: rule.id,
    recipient: dealt.get(rule.id)!.recipient,
  };
  const { length, stream } = archive(ctx, given.files);
  if (length > rule.max_size) throw new SealingFailed("E_LIMIT", rule.id);
  return { ctx, length, stream };
}

async function payload(job: Job, rule: PartRule, ctx: Context, plain: ReadableStream<Uint8Array>) {
  const hasher = await newHasher();
  const watched = plain.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        hasher.update(chunk);
        controller.enqueue(chunk);
      },
    }),
  );
  job.line.begin(job.folder, rule.id, dealt.get(rule.id)!.identity);
  let [batch, filled]: [Uint8Array[], number] = [[], 0];
  for await (const chunk of await encryptStream(watched, ctx.recipient)) {
    batch.push(chunk);
    filled += chunk.length;
    if (filled < BATCH) continue;
    await job.line.send(concat(...batch));
    [batch, filled] = [[], 0];
  }
  if (filled) await job.line.send(concat(...batch));
  const { size, sha256, pieces, piecesRoot, plain: readBack } = await job.line.end();
  if (readBack !== hasher.digest("hex")) throw new SealingFailed("E_PAYLOAD", `part ${rule.id} does not read back as it was sealed`);
  if (size > rule.max_size) throw new SealingFailed("E_LIMIT", rule.id);
  const part = { id: rule.id, recipient: ctx.recipient, size, sha256, piece_size: PIECE_SIZE, pieces_root: piecesRoot } as const;
  return { part, pieces };
}

async function capsulesOf(job: Job, rule: PartRule, ctx: Context): Promise<{ refs: CapsuleRef[]; bodies: string[] }> {
  const refs: CapsuleRef[] = [];
  const bodies: string[] = [];
  for (const [holder, share] of dealt.get(rule.id)!.shares) {
    const committed = await commit(ctx, holder, share);
    if (holder === BIDDER) {
      refs.push({ holder, size: 0, sha256: await sha256Hex(new Uint8Array()), commit: committed });
      continue;
    }
    const body = await buildCapsule(ctx, holder, share, holderRecipient(job.rules, holder, rule.opens));
    refs.push({ holder, size: body.length, sha256: await sha256Hex(body), commit: committed });
    bodies.push(base64(body));
  }
  return { refs, bodies };
}

async function recovery(order: Extract<Order, { do: "recovery" }>): Promise<void> {
  const content = recoveryOf(parseBidManifest(order.manifest), await sha256Hex(order.manifest), dealt);
  tell({ did: "recovery", file: await writeRecovery(content, order.passphrase) });
}

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  const work = data.do === "seal" ? seal(data) : recovery(data);
  work.catch((error: unknown) => tell(failure(error)));
});
