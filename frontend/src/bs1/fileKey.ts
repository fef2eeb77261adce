/** The file key of one age file: it proves what that one capsule holds, and opens nothing else. */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { recipientOf } from "./age.js";
import { parseRecipient } from "./bech32.js";
import { concat, text, utf8, type Bytes } from "./bytes.js";

const STANZA = /^age-encryption\.org\/v1\n-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n---/;
const LABEL = utf8("age-encryption.org/v1/X25519");
/** PKCS#8 around a raw X25519 key, which WebCrypto takes in no other form. */
const PKCS8 = Uint8Array.from([0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20]);

const unpadded = (spelt: string): Bytes => Uint8Array.from(atob(spelt), (sign) => sign.charCodeAt(0));

/** Throws unless the file has one X25519 stanza that this identity opens. */
export async function fileKeyOf(sealed: Bytes, identity: Bytes): Promise<Bytes> {
  const [, spelt, wrapped] = STANZA.exec(text(sealed.slice(0, sealed.indexOf(0x2d, 40) + 3))) ?? [];
  if (!spelt || !wrapped) throw new Error("not a capsule with one X25519 stanza");
  const ephemeral = unpadded(spelt);
  const secret = await crypto.subtle.importKey("pkcs8", concat(PKCS8, identity), "X25519", false, ["deriveBits"]);
  const their = await crypto.subtle.importKey("raw", ephemeral, "X25519", false, []);
  const shared = await crypto.subtle.deriveBits({ name: "X25519", public: their }, secret, 256);
  const salt = concat(ephemeral, parseRecipient(await recipientOf(identity)));
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveBits"]);
  const key = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info: LABEL }, material, 256);
  return Uint8Array.from(chacha20poly1305(new Uint8Array(key), new Uint8Array(12)).decrypt(unpadded(wrapped)));
}
