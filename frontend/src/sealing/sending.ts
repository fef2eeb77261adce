/**
 * Sends a sealed bid by pieces and submits it. The server is asked what it has before anything is sent, so a lost line, a
 * restarted server and a closed tab are the same thing: ask again, send the rest.
 */

import { equal, sha256, sha256Hex, unhex } from "../bs1/bytes.js";
import { LineBroken, Refused, call, postJson, reach } from "../site/api.js";
import { SealingFailed } from "./messages.js";
import { checkedReceipt, type Receipt } from "./receipt.js";
import { sealedFile, type SealedBid } from "./storage.js";

interface Here {
  readonly id: string;
  readonly piece_size: number;
  readonly parts: readonly { id: string; sha256: string; complete: boolean; pieces: readonly { n: number }[] }[];
  readonly capsules: readonly string[];
}

interface Place {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly staged: string | null;
}

export interface Watcher {
  /** Bytes that the server has, and all there are. */
  progress(done: number, total: number): void;
  /** The line is broken (true) or works again. */
  broken(broken: boolean): void;
}

/** Seconds between attempts; the last one for as long as it takes. */
const PATIENCE = [1, 2, 5];

/** Send what is not there yet, however often the line breaks; the upload's id. */
export async function send(place: string, bid: SealedBid, watcher: Watcher): Promise<string> {
  return persistently(watcher, async () => {
    const parts = bid.parts.map(({ id, size, sha256 }) => ({ id, size, sha256 }));
    const here = await postJson<Here>(`/api/lots/${bid.lot}/uploads`, { parts });
    watcher.broken(false);
    const total = bid.parts.reduce((sum, part) => sum + part.size, 0);
    let done = 0;
    const sent = (bytes: number) => watcher.progress((done += bytes), total);
    for (const part of bid.parts) {
      const there = here.parts.find((one) => one.sha256 === part.sha256);
      await sendPart(place, here, part, there, sent);
    }
    await sendCapsules(here, bid);
    return here.id;
  });
}

async function sendPart(
  place: string,
  here: Here,
  part: SealedBid["parts"][number],
  there: Here["parts"][number] | undefined,
  sent: (bytes: number) => void,
): Promise<void> {
  const present = new Set(there?.complete ? part.pieces.keys() : there?.pieces.map((piece) => piece.n));
  const lengthOf = (n: number) => Math.min(here.piece_size, part.size - n * here.piece_size);
  for (const n of present) sent(lengthOf(n));
  if (there?.complete) return;
  const address = `/api/uploads/${here.id}/parts/${part.sha256}`;
  const file = await openSealed(place, part.id);
  for (const [n, expected] of part.pieces.entries()) {
    if (present.has(n)) continue;
    const start = n * here.piece_size;
    // A slice of the file on disk: the browser reads it while it sends, and no copy waits for the garbage collector.
    const piece = file.slice(start, start + here.piece_size);
    // The tab may have been closed for days: what is sent is still what was tested and signed.
    if (!equal(await sha256(new Uint8Array(await piece.arrayBuffer())), unhex(expected))) throw new SealingFailed("E_SPOOL", part.id);
    await sendPiece(`${address}/${n}`, piece, expected);
    sent(piece.size);
  }
  await call("POST", `${address}/complete`);
}

async function sendPiece(address: string, piece: Blob, digest: string): Promise<void> {
  const { url, headers, staged } = await postJson<Place>(`${address}/place`, { sha256: digest });
  await reach(url, { method: "PUT", body: piece, headers });
  if (staged !== null) await call("POST", `${address}/staged`, { sha256: digest, staged });
}

async function openSealed(place: string, part: string): Promise<File> {
  try {
    return await (await sealedFile(place, part, { create: false })).getFile();
  } catch (error) {
    if (error instanceof DOMException) throw new SealingFailed("E_SPOOL", part);
    throw error;
  }
}

async function sendCapsules(here: Here, bid: SealedBid): Promise<void> {
  const digests = await Promise.all(bid.capsules.map((one) => sha256Hex(Uint8Array.from(atob(one), (sign) => sign.charCodeAt(0)))));
  if (digests.every((digest) => here.capsules.includes(digest))) return;
  await call("PUT", `/api/uploads/${here.id}/capsules`, { capsules: bid.capsules });
}

/** Submit; the receipt, whose signature and manifest were checked. The same key gives the same receipt, however often it is asked. */
export async function submit(bid: SealedBid, uploadId: string, watcher: Watcher): Promise<Receipt> {
  const body = { envelope: bid.envelope, upload_id: uploadId, idempotency_key: bid.idempotencyKey };
  return persistently(watcher, async () => {
    const raw = new Uint8Array(await (await call("POST", `/api/lots/${bid.lot}/bids`, body)).arrayBuffer());
    watcher.broken(false);
    return checkedReceipt(raw, bid.manifestSha256);
  });
}

/** Try again when the line is broken or the server is restarting; every other refusal is the caller's. */
async function persistently<T>(watcher: Watcher, act: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await act();
    } catch (error) {
      const passing = error instanceof LineBroken || (error instanceof Refused && error.passing);
      if (!passing) throw error;
      watcher.broken(true);
      await pause(PATIENCE[Math.min(failures, PATIENCE.length - 1)]!);
    }
  }
}

/** Wait, but not longer than until the browser says that it is on-line again. */
function pause(seconds: number): Promise<void> {
  return new Promise((over) => {
    const timer = setTimeout(done, seconds * 1000);
    function done(): void {
      clearTimeout(timer);
      removeEventListener("online", done);
      over();
    }
    addEventListener("online", done);
  });
}
