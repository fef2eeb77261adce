/** A member's signature under its own sheet: exactly the bytes whose hash the page shows. */

import { sha256Hex } from "../bs1/bytes.js";
import { mediaType } from "../bs1/dsse.js";
import { call, getBytes } from "../site/api.js";
import { part } from "../site/dom.js";
import { listen, signedBy } from "../site/signingForm.js";
import { say } from "../site/words.js";

async function signAndLock(lot: string, sha256: string, user: string): Promise<void> {
  const document = await getBytes(`/api/lots/${lot}/sheet/document`);
  if ((await sha256Hex(document)) !== sha256) throw new Error(say("other-sheet"));
  const envelope = await signedBy(user, mediaType("score-sheet"), document);
  await call("POST", `/api/lots/${lot}/sheet/lock`, { sha256, envelope });
}

const page = part("[data-lock]");
const { lock, sha256, user } = page.dataset as { lock: string; sha256: string; user: string };
const act = () => signAndLock(lock, sha256, user);
listen(page, act, () => location.assign(`/evaluation/${lock}`));
