// Bundles our TypeScript with the npm packages it uses. Every bundle has a record beside it: what it was made from, and what
// came out. Tests compare both, so that a bundle older than its sources is noticed without Node.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.join(HERE, "..");
const APP = "govcore/web/static/app";

// entry below src/ -> the file it becomes; tests load the protocol alone.
const BUNDLES = {
  "log/page.ts": { out: `${APP}/log-proof.js` },
  "sealing/page.ts": { out: `${APP}/seal.js` },
  "sealing/withdraw.ts": { out: `${APP}/withdraw.js` },
  "sealing/seal.worker.ts": { out: `${APP}/seal-worker.js`, globalName: "worker" },
  "sealing/spool.worker.ts": { out: `${APP}/spool-worker.js`, globalName: "worker" },
  "custody/page.ts": { out: `${APP}/custody.js` },
  "certificates/signIn.ts": { out: `${APP}/certificate-sign-in.js` },
  "certificates/page.ts": { out: `${APP}/certificates.js` },
  "draws/page.ts": { out: `${APP}/draws.js` },
  "deadline/page.ts": { out: `${APP}/deadline.js` },
  "technical/page.ts": { out: `${APP}/technical.js` },
  "scoring/sheet.ts": { out: `${APP}/sheet.js` },
  "scoring/lock.ts": { out: `${APP}/sheet-lock.js` },
  "scoring/report.ts": { out: `${APP}/report-sign.js` },
  "reading/page.ts": { out: `${APP}/reading.js` },
  "reading/pdf.worker.ts": { out: `${APP}/pdf-worker.js` },
  "documents/release.ts": { out: `${APP}/release.js` },
  "contract/page.ts": { out: `${APP}/contract.js` },
  "ownkeys/page.ts": { out: `${APP}/own-keys.js` },
  "consortium/page.ts": { out: `${APP}/consortium.js` },
  "bs1/index.ts": { out: "tests/conformance/bs1.js", globalName: "bs1" },
};

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function packageOf(input) {
  const [, name] = input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  const { version, license } = JSON.parse(await readFile(path.join(HERE, "node_modules", name, "package.json"), "utf8"));
  return [name, { package: name, version, licence: license }];
}

async function bundle(entry, { out, globalName }) {
  const { metafile } = await build({
    entryPoints: [path.join("src", entry)],
    outfile: path.join(ROOT, out),
    absWorkingDir: HERE,
    bundle: true,
    minify: true,
    charset: "utf8",
    format: globalName ? "iife" : "esm",
    globalName,
    target: ["chrome120", "firefox130", "safari17"],
    legalComments: "eof",
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs).sort();
  const sources = await Promise.all(
    inputs
      .filter((input) => input.startsWith("src/"))
      .map(async (input) => [input, sha256(await readFile(path.join(HERE, input)))]),
  );
  const packages = await Promise.all(inputs.filter((input) => input.startsWith("node_modules/")).map(packageOf));
  const record = {
    file: path.basename(out),
    sha256: sha256(await readFile(path.join(ROOT, out))),
    packages: [...new Map(packages).values()],
    sources: Object.fromEntries(sources),
  };
  await writeFile(path.join(ROOT, `${out}.json`), `${JSON.stringify(record, null, 2)}\n`);
  return record.packages.map((one) => one.package);
}

// What the packages' licences ask to go along with them.
async function licences(names) {
  const texts = [...names].sort().map(async (name) => {
    const folder = path.join(HERE, "node_modules", name);
    const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
    const text = await readFile(path.join(folder, file), "utf8");
    return `${name}\n${"=".repeat(name.length)}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join("\n\n");
}

await rm(path.join(ROOT, APP), { recursive: true, force: true });
await mkdir(path.join(ROOT, APP), { recursive: true });
const used = new Set();
for (const [entry, how] of Object.entries(BUNDLES)) {
  for (const name of await bundle(entry, how)) used.add(name);
}
await writeFile(path.join(ROOT, APP, "LICENSES.txt"), await licences(used));
