/** The plaintext of a part: one stored ZIP, its context first and padding last, as `bidding_docs/content.py` has it. */

import { makeZip, predictLength } from "client-zip";
import { utf8 } from "./bytes.js";
import type { Context } from "./capsules.js";
import { encode } from "./encoding.js";

export const CONTEXT_MEMBER = "bid-context.json";
export const PAD_MEMBER = ".pad";
export const MAX_FILES = 5000;
/** client-zip spells longer members in a way that readers may understand differently; the command line seals them. */
export const MAX_MEMBER = 0xfffffffe;
const SMALLEST = 65_536;
const MAX_NAME = 1024;
const MAX_COMPONENT = 255;
const ZEROS = new Uint8Array(65_536);
// Without a date of its own: when a file was last saved is nobody's business.
const DATED = new Date(1980, 0, 1);

/** Why a list of files cannot be sealed; `code` chooses the sentence, `name` is the file it is about. */
export class BadFiles extends Error {
  constructor(
    readonly code: "name-long" | "name-form" | "name-sign" | "name-path" | "name-folder" | "name-double" | "too-many" | "too-large",
    readonly file: string,
  ) {
    super(`${code}: ${file}`);
  }
}

export interface NamedFile {
  readonly name: string;
  readonly body: Blob;
}

/** The padded length: at most 12 % more, telling only O(log log length) bits. */
export function padme(length: number): number {
  const bits = BigInt(length).toString(2).length;
  const exponent = bits - 1;
  const low = 2 ** Math.max(0, exponent - (exponent ? exponent.toString(2).length : 0));
  return Math.ceil(length / low) * low;
}

/** Throw BadFiles unless the name is a relative path that every system can be given safely. */
export function checkName(name: string): void {
  const parts = name.split("/");
  if (name !== name.normalize("NFC")) throw new BadFiles("name-form", name);
  if (/[\p{Cc}\p{Cs}\\]/u.test(name)) throw new BadFiles("name-sign", name);
  if (utf8(name).length > MAX_NAME || parts.some((part) => utf8(part).length > MAX_COMPONENT)) {
    throw new BadFiles("name-long", name);
  }
  if (parts.some((part) => part === "" || part === "." || part === "..") || /^\p{L}:/u.test(name)) {
    throw new BadFiles("name-path", name);
  }
}

/** Throw BadFiles unless all names are safe, different, and none is a folder of another. */
export function checkFiles(files: readonly NamedFile[]): void {
  if (files.length > MAX_FILES) throw new BadFiles("too-many", files[MAX_FILES]!.name);
  const taken = new Set([CONTEXT_MEMBER, PAD_MEMBER]);
  for (const { name, body } of files) {
    checkName(name);
    if (taken.has(name)) throw new BadFiles("name-double", name);
    if (body.size > MAX_MEMBER) throw new BadFiles("too-large", name);
    taken.add(name);
  }
  for (const name of taken) {
    const parts = name.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      if (taken.has(parts.slice(0, depth).join("/"))) throw new BadFiles("name-folder", name);
    }
  }
}

/** The archive of a part, laid out: its exact length, known before the first byte is read, and its bytes. */
export interface Archive {
  readonly length: number;
  stream(): ReadableStream<Uint8Array>;
}

/** Lay the archive out; throws BadFiles for names no reader may accept. */
export function archive(ctx: Context, files: readonly NamedFile[]): Archive {
  checkFiles(files);
  const members = [{ name: CONTEXT_MEMBER, body: new Blob([encode(ctx)]) }, ...files];
  const lengthWith = (pad: number) =>
    Number(predictLength([...members.map(({ name, body }) => ({ name, size: body.size })), { name: PAD_MEMBER, size: pad }]));
  const length = padme(Math.max(lengthWith(0), SMALLEST));
  const pad = paddingFor(length, lengthWith);
  return { length, stream: () => makeZip(inputs(members, pad)) };
}

function paddingFor(length: number, lengthWith: (pad: number) => number): number {
  // A padding that pushes the directory past 4 GiB makes its entries longer, which the padding then gives back.
  for (let pad = length - lengthWith(0); pad >= 0; ) {
    const over = lengthWith(pad) - length;
    if (over === 0) return pad;
    pad -= over;
  }
  throw new BadFiles("too-large", PAD_MEMBER);
}

function* inputs(members: readonly NamedFile[], pad: number) {
  for (const { name, body } of members) yield { name, input: body, size: body.size, lastModified: DATED };
  yield { name: PAD_MEMBER, input: zeros(pad), size: pad, lastModified: DATED };
}

function zeros(left: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, ZEROS.length);
      left -= size;
      if (size) controller.enqueue(ZEROS.slice(0, size));
      if (!left) controller.close();
    },
  });
}

const CHUNK = 65_536;
const HEADER_AND_NONCE = 184; // version line, one X25519 stanza, MAC; then the payload's nonce

/** How long the sealed file of a plaintext is: header, nonce, and 16 bytes for each chunk of 64 KiB. */
export const sealedSize = (length: number): number => length + HEADER_AND_NONCE + 16 * Math.max(1, Math.ceil(length / CHUNK));
