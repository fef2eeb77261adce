// Copies what the site serves from npm packages into govcore/web/static/vendor, minified, and records it in vendor.json.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { PurgeCSS } from "purgecss";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const STATIC = path.join(HERE, "..", "govcore", "web", "static");
const VENDOR = path.join(STATIC, "vendor");

const fromPackage = (name, file) => readFile(path.join(HERE, "node_modules", name, file), "utf8");
// A source map comment would make every browser with open tools ask for a file that is not there.
const withoutMap = (text) => text.replace(/\n?(\/\/[#@]|\/\*#) ?sourceMappingURL=.*$/m, "\n");
const listed = async (file) =>
  (await readFile(path.join(HERE, file), "utf8"))
    .split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .flatMap((line) => line.trim().split(/\s+/));

// The whole of Tabler is 79 KB compressed; only the listed classes stay, so that a first view is below 100 KB.
async function tabler() {
  const keep = await listed("tabler-classes.txt");
  const ours = await readFile(path.join(STATIC, "app.css"), "utf8");
  const [purged] = await new PurgeCSS().purge({
    content: [{ raw: keep.join(" "), extension: "txt" }],
    css: [{ raw: withoutMap(await fromPackage("@tabler/core", "dist/css/tabler.min.css")) }],
    defaultExtractor: (text) => text.split(" "),
    safelist: { variables: ours.match(/--tblr-[a-z0-9-]+/g) ?? [] },
    blocklist: [/data-bs-theme=["']?dark/, /\.theme-dark/],
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  return (await transform(purged.css, { loader: "css", minify: true, target: ["chrome100", "firefox100", "safari15"] })).code;
}

async function icons() {
  const symbols = await Promise.all(
    (await listed("icons.txt")).map(async (name) => {
      const svg = await fromPackage("@tabler/icons", `icons/outline/${name}.svg`);
      const shapes = svg.replace(/^[^]*?<svg[^>]*>|<\/svg>\s*$/g, "").replace(/\s*\n\s*/g, "");
      return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

// How Chinese files name the characters of fonts that they do not hold (pdf.js asks for these by name).
const CMAPS = ["Adobe-GB1-UCS2", "GB-EUC-H", "GB-EUC-V", "GBK-EUC-H", "GBK-EUC-V", "GBKp-EUC-H", "GBKp-EUC-V", "GBK2K-H", "GBK2K-V",
  "UniGB-UCS2-H", "UniGB-UCS2-V", "UniGB-UTF16-H", "UniGB-UTF16-V"].map((name) => `${name}.bcmap`);
const bytes = (name, file) => () => readFile(path.join(HERE, "node_modules", name, file));

const copy = (name, file) => async () => withoutMap(await fromPackage(name, file));
const FILES = [
  { file: "tabler.css", package: "@tabler/core", make: tabler },
  { file: "icons.svg", package: "@tabler/icons", make: icons },
  { file: "swagger-ui.css", package: "swagger-ui-dist", make: copy("swagger-ui-dist", "swagger-ui.css") },
  { file: "swagger-ui-bundle.js", package: "swagger-ui-dist", make: copy("swagger-ui-dist", "swagger-ui-bundle.js") },
  {
    file: "swagger-ui-bundle.js.LICENSE.txt",
    package: "swagger-ui-dist",
    make: copy("swagger-ui-dist", "swagger-ui-bundle.js.LICENSE.txt"),
  },
  ...CMAPS.map((file) => ({ file, package: "pdfjs-dist", make: bytes("pdfjs-dist", `cmaps/${file}`) })),
];

await rm(VENDOR, { recursive: true, force: true });
await mkdir(VENDOR, { recursive: true });
const entries = [];
for (const { file, package: name, make } of FILES) {
  const text = await make();
  const { version, license } = JSON.parse(await fromPackage(name, "package.json"));
  await writeFile(path.join(VENDOR, file), text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  entries.push({ file, package: name, version, licence: license, sha256 });
}
await writeFile(path.join(VENDOR, "vendor.json"), `${JSON.stringify(entries, null, 2)}\n`);
