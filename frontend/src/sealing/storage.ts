/** Where a sealed bid waits on this computer: ciphertext in the private file system, what to send in the database. */

import { SEALED_BIDS, read, remove, write } from "../site/database.js";

/** Nothing in it is secret: hashes, capsules that only custodians open, and the signed manifest. */
export interface SealedBid {
  readonly lot: string;
  readonly keyManifestSha256: string;
  readonly manifestSha256: string;
  readonly envelope: string;
  readonly parts: readonly { id: string; size: number; sha256: string; pieces: readonly string[] }[];
  readonly capsules: readonly string[];
  readonly idempotencyKey: string;
  readonly sealedAt: string;
  readonly recoverySaved: boolean;
}

const SEALED = "sealed";

/** One lot of one person: two people at one computer do not meet each other's bids. */
export const placeOf = (user: string, lot: string): string => `${user}.${lot}`;

export const sealedBid = (place: string): Promise<SealedBid | undefined> => read(SEALED_BIDS, place);

export const keepBid = (place: string, bid: SealedBid): Promise<unknown> => write(SEALED_BIDS, place, bid);

/** Forget a bid and delete its ciphertext. */
export async function dropBid(place: string): Promise<void> {
  await remove(SEALED_BIDS, place);
  const folder = await sealedFolder();
  await folder.removeEntry(place, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error;
  });
}

/** A part's ciphertext; NotFoundError when it is not there and not to be made. */
export async function sealedFile(place: string, part: string, options: { create: boolean }): Promise<FileSystemFileHandle> {
  const folder = await (await sealedFolder()).getDirectoryHandle(place, options);
  return folder.getFileHandle(`${part}.age`, options);
}

/** Bytes that the browser will still keep for this site. */
export async function freeSpace(): Promise<number> {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return quota - usage;
}

async function sealedFolder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(SEALED, { create: true });
}
