/**
 * Writes ciphertext to the private file system and reads it back at once: what is on the disk, not what was in memory, is
 * decrypted to the end and hashed. So a bid that could not be opened is noticed before it is sent.
 */

import { decryptStream } from "../bs1/age.js";
import type { Bytes } from "../bs1/bytes.js";
import { Digester, newHasher, type Hasher } from "../bs1/digester.js";
import { failure, type Spool, type Spooled } from "./messages.js";
import { sealedFile } from "./storage.js";

/** The part of the File System API that only workers have. */
interface AccessHandle {
  write(data: Uint8Array, options: { at: number }): number;
  read(into: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

/** Decrypts what it is given and hashes the plaintext, which goes nowhere. */
class SelfTest {
  private readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  private readonly hashed: Promise<void>;

  constructor(
    identity: Bytes,
    private readonly hasher: Hasher,
  ) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    this.writer = writable.getWriter();
    this.hashed = this.hash(readable, identity);
    // A failure is thrown where it is waited for; until then it must not count as unhandled.
    this.hashed.catch(() => this.writer.abort().catch(() => undefined));
  }

  async take(sealed: Uint8Array): Promise<void> {
    await Promise.race([this.writer.write(sealed), this.hashed]);
  }

  async finish(): Promise<string> {
    await Promise.race([this.writer.close(), this.hashed]);
    await this.hashed;
    return this.hasher.digest("hex");
  }

  private async hash(sealed: ReadableStream<Uint8Array>, identity: Bytes): Promise<void> {
    for await (const plain of await decryptStream(sealed, identity)) this.hasher.update(plain);
  }
}

class PartSpool {
  private place = 0;

  private constructor(
    private readonly handle: AccessHandle,
    private readonly digester: Digester,
    private readonly test: SelfTest,
  ) {}

  static async begin(folder: string, name: string, identity: Bytes): Promise<PartSpool> {
    const file = (await sealedFile(folder, name, { create: true })) as unknown as {
      createSyncAccessHandle(): Promise<AccessHandle>;
    };
    const handle = await file.createSyncAccessHandle();
    handle.truncate(0);
    return new PartSpool(handle, await Digester.start(), new SelfTest(identity, await newHasher()));
  }

  async write(data: Bytes): Promise<void> {
    const written = this.handle.write(data, { at: this.place });
    if (written !== data.length) throw new DOMException("the disk is full", "QuotaExceededError");
    this.digester.update(data);
    const back = new Uint8Array(data.length);
    this.handle.read(back, { at: this.place });
    this.place += data.length;
    await this.test.take(back);
  }

  async end(): Promise<Spooled> {
    this.handle.flush();
    const plain = await this.test.finish();
    return { did: "ended", ...(await this.digester.finish()), plain };
  }

  close(): void {
    this.handle.close();
  }
}

function serve(port: MessagePort): void {
  let spool: PartSpool | null = null;
  let turn = Promise.resolve();
  const tell = (report: Spooled) => port.postMessage(report);
  const obey = async (order: Spool): Promise<void> => {
    if (order.do === "begin") {
      spool = await PartSpool.begin(order.folder, order.name, order.identity);
    } else if (order.do === "write") {
      await spool!.write(order.data);
      tell({ did: "written", bytes: order.data.length });
    } else {
      tell(await spool!.end());
      spool!.close();
    }
  };
  port.onmessage = ({ data }: MessageEvent<Spool>) => {
    turn = turn.then(() => obey(data)).catch((error: unknown) => {
      spool?.close();
      tell(failure(error));
      port.onmessage = null;
    });
  };
}

addEventListener("message", ({ data }: MessageEvent<MessagePort>) => serve(data));
