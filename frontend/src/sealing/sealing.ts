/** Drives the two workers through sealing, and signs what they made. */

import { encode } from "../bs1/encoding.js";
import { base64, randomBytes, sha256Hex, text, type Bytes } from "../bs1/bytes.js";
import { encodeEnvelope, mediaType, sign } from "../bs1/dsse.js";
import { checkBid, parseBidManifest, type BidManifest } from "../bs1/manifests.js";
import { getJson, orNull } from "../site/api.js";
import type { VerifiedManifest } from "../site/keyManifest.js";
import type { SigningKey } from "../site/signingKey.js";
import type { Lot } from "./lot.js";
import { SealingFailed, type Order, type PartFiles, type Report } from "./messages.js";
import { dropBid, freeSpace, keepBid, placeOf, type SealedBid } from "./storage.js";

/** What else the browser must have room for besides the ciphertext. */
const SPARE = 64 << 20;

export interface Last {
  readonly state: string;
  readonly seq: number;
  readonly manifest_sha256: string;
  readonly cert_sha256: string;
}

/** One's own last message in this lot, or null. */
export const lastBid = (lot: string): Promise<Last | null> => orNull(getJson<Last>(`/api/lots/${lot}/my-bid`));

/** One sealing; its worker holds the keys until `end`. */
export class Sealing {
  private readonly sealer: Worker;
  private readonly spooler: Worker;
  private manifest: Bytes | null = null;

  constructor(private readonly lot: Lot) {
    this.sealer = new Worker(lot.workers.seal);
    this.spooler = new Worker(lot.workers.spool);
  }

  /** Forget the keys. */
  end(): void {
    this.sealer.terminate();
    this.spooler.terminate();
  }

  /** Seal, test, sign and keep; `progress` gets bytes done and the whole. */
  async run(
    rules: VerifiedManifest,
    key: SigningKey,
    parts: readonly PartFiles[],
    estimate: number,
    progress: (done: number, total: number) => void,
  ): Promise<SealedBid> {
    const place = placeOf(this.lot.user, this.lot.id);
    await dropBid(place);
    await navigator.storage.persist();
    if ((await freeSpace()) < estimate + SPARE) throw new SealingFailed("QuotaExceededError", String(estimate));
    const last = await lastBid(this.lot.id);
    const sealed = await this.seal(rules.payload, parts, place, progress);
    const manifest: BidManifest = {
      type: "bid-manifest",
      tender_id: rules.manifest.tender_id,
      lot_id: rules.manifest.lot_id,
      round: rules.manifest.round,
      key_manifest_sha256: rules.sha256,
      suite: "bs1",
      bidder_id: this.lot.uscc,
      cert_sha256: key.certificate.sha256,
      seq: (last?.seq ?? 0) + 1,
      supersedes: last?.manifest_sha256 ?? null,
      parts: sealed.parts.map(({ part }) => part),
    };
    this.manifest = encode(manifest);
    checkBid(parseBidManifest(this.manifest), rules.manifest, rules.sha256);
    const envelope = await sign(mediaType("bid-manifest"), this.manifest, [key.signer]);
    const bid: SealedBid = {
      lot: this.lot.id,
      keyManifestSha256: rules.sha256,
      manifestSha256: await sha256Hex(this.manifest),
      envelope: text(encodeEnvelope(envelope)),
      parts: sealed.parts.map(({ part, pieces }) => ({ id: part.id, size: part.size, sha256: part.sha256, pieces })),
      capsules: sealed.capsules,
      idempotencyKey: base64(randomBytes(24)).replaceAll("+", "-").replaceAll("/", "_"),
      sealedAt: new Date().toISOString(),
      recoverySaved: false,
    };
    await keepBid(place, bid);
    return bid;
  }

  /** `bid-recovery.age` under a passphrase. */
  async recovery(passphrase: string): Promise<Bytes> {
    if (!this.manifest) throw new Error("nothing is sealed yet");
    this.order({ do: "recovery", manifest: this.manifest, passphrase });
    return (await this.report("recovery")).file;
  }

  private async seal(keyManifest: Bytes, parts: readonly PartFiles[], folder: string, progress: (done: number, total: number) => void) {
    const { port1, port2 } = new MessageChannel();
    this.spooler.postMessage(port1, [port1]);
    let total = 1;
    const watch = ({ data }: MessageEvent<Report>) => {
      if (data.did === "length") total = data.total;
      if (data.did === "progress") progress(data.done, total);
    };
    this.sealer.addEventListener("message", watch);
    this.order({ do: "seal", keyManifest, bidderId: this.lot.uscc, parts, folder, spool: port2 }, [port2]);
    return this.report("sealed").finally(() => this.sealer.removeEventListener("message", watch));
  }

  private order(order: Order, transfer: Transferable[] = []): void {
    this.sealer.postMessage(order, transfer);
  }

  private report<D extends Report["did"]>(did: D): Promise<Extract<Report, { did: D }>> {
    return new Promise((resolve, reject) => {
      const stop = new AbortController();
      const { signal } = stop;
      const listen = ({ data }: MessageEvent<Report>) => {
        if (data.did !== did && data.did !== "failed") return;
        stop.abort();
        if (data.did === "failed") reject(new SealingFailed(data.code, data.detail));
        else resolve(data as Extract<Report, { did: D }>);
      };
      this.sealer.addEventListener("message", listen, { signal });
      for (const worker of [this.sealer, this.spooler]) {
        worker.addEventListener("error", (event) => (stop.abort(), reject(new SealingFailed("E_WORKER", event.message))), { signal });
      }
    });
  }
}
