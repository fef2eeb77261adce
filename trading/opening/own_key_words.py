"""Sentences that the page for a bidder's own keys says from its script, by the keys of `frontend/src/ownkeys`."""

from __future__ import annotations

OWN_KEY_WORDS = {
    "file-missing": "Choose your recovery file, bid-recovery.age.",
    "passphrase-missing": "Enter the passphrase of the file.",
    "wrong": "This passphrase does not open the file, or the file is damaged. Nothing was sent.",
    "no-recovery": "This is not a recovery file of a bid. Nothing was sent.",
    "other-lot": "This recovery file is of another lot. Nothing was sent.",
    "other-bid": "This recovery file is of another bid than the one that was received last. Nothing was sent.",
    "other-keys": (
        "The site shows other keys of the lot than those your bid was sealed for. Nothing was sent. "
        "Tell the supervising department."
    ),
    "working": "Opening the file on this computer, then sending …",
    "unexpected": "That did not work, and nothing may have been sent: {detail}",
}
