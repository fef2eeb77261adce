/** age files of the profile that tenders accept: binary, exactly one X25519 stanza, or one scrypt stanza for recovery files. */

import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { encodeIdentity } from "./bech32.js";
import { randomBytes, type Bytes } from "./bytes.js";

export const WORK_FACTOR = 15;
/** A fresh 32-byte identity and its recipient `age1…`. */
export async function newIdentity(): Promise<{ identity: Bytes; recipient: string }> {
  const identity = randomBytes(32);
  return { identity, recipient: await recipientOf(identity) };
}

export const recipientOf = (identity: Bytes): Promise<string> => identityToRecipient(encodeIdentity(identity));

function encrypterTo(recipient: string): Encrypter {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter;
}

function decrypterWith(identity: Bytes): Decrypter {
  const decrypter = new Decrypter();
  decrypter.addIdentity(encodeIdentity(identity));
  return decrypter;
}

export const encryptBytes = async (plain: Bytes, recipient: string): Promise<Bytes> =>
  Uint8Array.from(await encrypterTo(recipient).encrypt(plain));

export const decryptBytes = async (sealed: Bytes, identity: Bytes): Promise<Bytes> =>
  Uint8Array.from(await decrypterWith(identity).decrypt(sealed));

/** The ciphertext as it is made; memory does not grow with the stream. */
export const encryptStream = (plain: ReadableStream<Uint8Array>, recipient: string): Promise<ReadableStream<Uint8Array>> =>
  encrypterTo(recipient).encrypt(plain);

/** Authenticated chunks only; the stream fails when the ciphertext is altered or cut off. */
export const decryptStream = (sealed: ReadableStream<Uint8Array>, identity: Bytes): Promise<ReadableStream<Uint8Array>> =>
  decrypterWith(identity).decrypt(sealed);

export async function encryptWithPassphrase(plain: Bytes, passphrase: string, workFactor = WORK_FACTOR): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  return Uint8Array.from(await encrypter.encrypt(plain));
}

export async function decryptWithPassphrase(sealed: Bytes, passphrase: string): Promise<Bytes> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  return Uint8Array.from(await decrypter.decrypt(sealed));
}
