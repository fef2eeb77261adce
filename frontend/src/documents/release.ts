/** The officer's signature under a version of the documents: exactly the bytes whose hash the page shows. */

import { mediaType } from "../bs1/dsse.js";
import { part } from "../site/dom.js";
import { listen, signShown } from "../site/signingForm.js";

/** What the reader sees, in `data-release`. */
interface Shown {
  readonly tender: string;
  readonly number: number;
  readonly code: string;
  readonly sha256: string;
}

const page = part("[data-release]");
const shown = JSON.parse(page.dataset["release"]!) as Shown;
const path = `/api/tenders/${shown.tender}/versions/${shown.number}/signed-release`;
const signed = { from: path, to: path, sha256: shown.sha256, mediaType: mediaType("documents-release") };
const act = () => signShown(page.dataset["user"]!, signed, "other-version");
listen(page, act, () => location.assign(page.dataset["back"]!), shown.code);
