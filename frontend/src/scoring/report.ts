/** A member's signature under the report: exactly the file that the page names, with the dissent typed below it. */

import { sha256Hex, text } from "../bs1/bytes.js";
import { mediaType } from "../bs1/dsse.js";
import { call, getBytes } from "../site/api.js";
import { part } from "../site/dom.js";
import { listen, signedBy } from "../site/signingForm.js";
import { say } from "../site/words.js";

interface Statement {
  readonly report_sha256: string;
  readonly dissent: string;
}

async function signReport(lot: string, sha256: string, user: string, dissent: string): Promise<void> {
  const report = await getBytes(`/evaluation/${lot}/report.pdf`);
  const asked = await call("POST", `/api/lots/${lot}/report/statement`, { dissent });
  const statement = new Uint8Array(await asked.arrayBuffer());
  const said = JSON.parse(text(statement)) as Statement;
  const same = (await sha256Hex(report)) === sha256 && said.report_sha256 === sha256 && said.dissent === dissent;
  if (!same) throw new Error(say("other-report"));
  const envelope = await signedBy(user, mediaType("report-signature"), statement);
  await call("POST", `/api/lots/${lot}/report/signature`, { sha256, dissent, envelope });
}

const page = part("[data-report]");
const { report, sha256, user } = page.dataset as { report: string; sha256: string; user: string };
const dissent = part<HTMLTextAreaElement>("#dissent", page);
listen(page, () => signReport(report, sha256, user, dissent.value.trim()), () => location.reload());
