/** Digests of a sealed file while it is written: SHA-256 of the whole and of every piece (WebCrypto cannot stream). */

import { createSHA256, type IHasher } from "hash-wasm";
import { piecesRoot } from "./merkle.js";
import { PIECE_SIZE } from "./manifests.js";

export interface Digests {
  readonly size: number;
  readonly sha256: string;
  readonly pieces: readonly string[];
  readonly piecesRoot: string;
}

export type Hasher = IHasher;

export const newHasher = (): Promise<Hasher> => createSHA256();

/** Takes a file's bytes in order and tells its digests. */
export class Digester {
  private size = 0;
  private filled = 0;
  private readonly pieces: string[] = [];

  private constructor(
    private readonly whole: Hasher,
    private readonly piece: Hasher,
  ) {}

  static async start(): Promise<Digester> {
    return new Digester(await newHasher(), await newHasher());
  }

  update(data: Uint8Array): void {
    this.whole.update(data);
    this.size += data.length;
    for (let rest = data; rest.length; ) {
      const part = rest.subarray(0, PIECE_SIZE - this.filled);
      this.piece.update(part);
      this.filled += part.length;
      rest = rest.subarray(part.length);
      if (this.filled === PIECE_SIZE) this.closePiece();
    }
  }

  /** Nothing may be added afterwards. */
  async finish(): Promise<Digests> {
    if (this.filled) this.closePiece();
    const { size, pieces } = this;
    return { size, sha256: this.whole.digest("hex"), pieces, piecesRoot: await piecesRoot(pieces) };
  }

  private closePiece(): void {
    this.pieces.push(this.piece.digest("hex"));
    this.piece.init();
    this.filled = 0;
  }
}
