"""Sentences that the custodian's pages say from their script, by the keys that `frontend/src/custody` uses."""

from __future__ import annotations

CUSTODY_WORDS = {
    "ready": "Ready",
    "working": "Under way …",
    "refused": "Not done",
    "all-done": "Done for all {of} lots.",
    "some-done": "Done for {done} of {of} lots. What is wrong with the others stands beside them.",
    "short": "The passphrase needs at least {n} characters.",
    "missing": "Enter your passphrase.",
    "differ": "The two passphrases differ.",
    "wrong": "This passphrase does not open your keys. Nothing was sent.",
    "unexpected": "Something unexpected happened: {detail}",
    "no-key": "There is no key of yours for this lot, neither here nor in the files you chose.",
    "keys-made": "Keys made and given: {n}",
    "rehearsed": "Your keys opened the tenderer's rehearsal capsule.",
    "rehearsal-fails": (
        "Your key does not open the rehearsal capsule [{code}]. Nothing was signed; make new keys."
    ),
    "not-named": (
        "The key manifest does not name your certificate with the keys you hold. Nothing was signed. "
        "Sign in the browser that made the keys, and tell the other custodians if it refuses there "
        "too."
    ),
    "signed": "Signed by you",
    "none": "none",
    "round": "round {n}",
    "k-of-n": "{k} of {n}:",
    "sign-tender": "Tender and lot",
    "sign-custodians": "Custodians",
    "sign-gate": "Time gate",
    "sign-witnesses": "Witnesses of the log",
    "sign-fewest": "Fewest bids that are opened",
    "sign-parts": "Parts and when they open",
    "sign-windows": "Windows",
    "windows": "check of the seals {seal_check} s, releases {release} s",
    "sign-own-key": "Your key",
    "manifest": "Key manifest {sha256}… is the one you signed.",
    "in-log": "The closing of {at} stands in the signed log of {size} entries.",
    "continues": (
        "The log continues the one of {size} entries that you saw when you signed, and the one of the "
        "closing."
    ),
    "witnessed": "Required witnesses that cosigned this log: {n}",
    "unwitnessed": "No witness is named, so only the log's own key protects you against another history.",
    "bids": "The {n} bids shown are exactly those of the closing (root {root}…).",
    "signatures": (
        "Every bid is signed under a certificate that the pinned registration CA issued before the closing. "
        "Whether it had ended or was revoked when the bid came is judged by the server."
    ),
    "bad-bid": "{bidder}: the bid does not hold [{code}]; its shares are kept back.",
    "capsules": (
        "Every capsule was held against its hash, its context field by field, and the bidder's commitment."
    ),
    "kept-back": "{bidder}, part {part}: share kept back [{code}]",
    "released": "Released: one message with the shares of {n} bids",
    "released-some": "Released for {n} bids, with the refusals above",
    "never-signed": (
        "This key file was never signed for: it pins no key manifest. Choose the copy that you saved "
        "after signing."
    ),
    "not-your-manifest": (
        "The site shows another key manifest than the one you signed. Nothing was released. Tell the "
        "supervising department."
    ),
    "not-in-log": (
        "The closing is not in the log whose key the manifest names. Nothing was released. Tell the "
        "supervising department."
    ),
    "log-rewritten": (
        "The log is not a continuation of the log you saw: somebody rewrote it. Nothing was released. "
        "Tell the supervising department."
    ),
    "other-closing": "The closing is another lot's or another round's. Nothing was released.",
    "other-bids": (
        "The bids shown are not the set that was fixed at the closing. Nothing was released. Tell the "
        "supervising department."
    ),
    "no-witness": (
        "A required witness has not cosigned this log. Nothing was released; try again in a moment."
    ),
    "stage": "The technical result is fixed in the same log; {n} bids passed and are opened further.",
    "no-stage": (
        "The technical result is not in the log, or is another closing's. Nothing was released. "
        "Tell the supervising department."
    ),
    "too-few": "The closing counts fewer bids than the key manifest asks for. Nothing is released.",
    "other-key": "The key is not the one that the key manifest names for you. Nothing was released.",
}
