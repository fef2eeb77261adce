/** What page, sealing worker and spooling worker tell each other. Keys travel between the two workers only. */

import type { Part } from "../bs1/manifests.js";

export interface PartFiles {
  readonly id: string;
  readonly files: readonly { readonly name: string; readonly body: Blob }[];
}

/** Page to sealing worker. `spool` is the line to the spooling worker, `folder` where the ciphertext goes. */
export type Order =
  | {
      readonly do: "seal";
      readonly keyManifest: Uint8Array<ArrayBuffer>;
      readonly bidderId: string;
      readonly parts: readonly PartFiles[];
      readonly folder: string;
      readonly spool: MessagePort;
    }
  | { readonly do: "recovery"; readonly manifest: Uint8Array<ArrayBuffer>; readonly passphrase: string };

/** One sealed part as the manifest names it, and the hashes of its pieces. */
export interface SealedPart {
  readonly part: Part;
  readonly pieces: readonly string[];
}

export type Report =
  | { readonly did: "length"; readonly total: number }
  | { readonly did: "progress"; readonly done: number }
  | { readonly did: "sealed"; readonly parts: readonly SealedPart[]; readonly capsules: readonly string[] }
  | { readonly did: "recovery"; readonly file: Uint8Array<ArrayBuffer> }
  | { readonly did: "failed"; readonly code: string; readonly detail: string };

/** Sealing worker to spooling worker, for one part after the other. */
export type Spool =
  | { readonly do: "begin"; readonly folder: string; readonly name: string; readonly identity: Uint8Array<ArrayBuffer> }
  | { readonly do: "write"; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly do: "end" };

export type Spooled =
  | { readonly did: "written"; readonly bytes: number }
  | {
      readonly did: "ended";
      readonly size: number;
      readonly sha256: string;
      readonly pieces: readonly string[];
      readonly piecesRoot: string;
      readonly plain: string;
    }
  | { readonly did: "failed"; readonly code: string; readonly detail: string };

/** A refusal that the page has a sentence for; everything else is shown as it is. */
export class SealingFailed extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

export const failure = (error: unknown): { did: "failed"; code: string; detail: string } => ({
  did: "failed",
  code: error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : nameOf(error),
  detail: error instanceof Error ? error.message : String(error),
});

/** `NotReadableError` and `QuotaExceededError` are the ones that people can do something about. */
const nameOf = (error: unknown): string => (error instanceof DOMException ? error.name : "E_PAYLOAD");
