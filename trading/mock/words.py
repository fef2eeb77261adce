"""Sentences that a custodian's program says at a mock opening, by the keys that `frontend/src/custody` uses."""

from __future__ import annotations

MOCK_WORDS = {
    "ready": "Ready",
    "working": "Under way …",
    "refused": "Not done",
    "all-done": "Done. Load this page again to see how the mock opening goes on.",
    "some-done": "Not done. The reason stands above.",
    "short": "The passphrase needs at least {n} characters.",
    "missing": "Enter your passphrase.",
    "differ": "The two passphrases differ.",
    "wrong": "This passphrase does not open your keys. Nothing was sent.",
    "unexpected": "Something unexpected happened: {detail}",
    "no-key": "There is no key of yours for this lot, neither here nor in the files you chose.",
    "keys-made": "Keys made and given: {n}",
    "other-closing": "The closing is another lot's or another round's. Nothing was released.",
    "other-bids": (
        "The bids shown are not the set that was fixed at the closing. Nothing was released. Tell the "
        "supervising department."
    ),
    "other-key": "The key is not the one that the key manifest names for you. Nothing was released.",
    "bids": "The {n} bids shown are exactly those of the closing (root {root}…).",
    "capsules": (
        "Every capsule was held against its hash, its context field by field, and the bidder's commitment."
    ),
    "kept-back": "{bidder}, part {part}: share kept back [{code}]",
    "released": "Released: one message with the shares of {n} bids",
    "released-some": "Released for {n} bids, with the refusals above",
}
