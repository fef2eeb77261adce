/** Protocol bs1 for browsers; `bidding_docs` is the same in Python, and tests/conformance holds one against the other. */

export * from "./age.js";
export * from "./archive.js";
export * from "./bech32.js";
export * from "./bytes.js";
export * from "./capsules.js";
export * from "./certificates.js";
export * from "./consortium.js";
export * from "./der.js";
export * from "./digester.js";
export * from "./draws.js";
export * from "./dsse.js";
export * from "./encoding.js";
export * from "./manifests.js";
export * from "./merkle.js";
export * from "./recovery.js";
export * from "./shamir.js";
export * from "./summary.js";
