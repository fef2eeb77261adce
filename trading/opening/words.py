"""What states, codes and sides are called in the hall, as keys of the catalogue."""

from __future__ import annotations

CODE_WORDS = {
    "E_CTX_MISMATCH": "A sealed key share belongs to another bid.",
    "E_BIDDER_BAD_SHARE": "A key share is not the one that the bidder committed to.",
    "E_CAPSULE_UNREADABLE": "A sealed key share cannot be opened.",
    "E_BIDDER_KEY_MISMATCH": "The shares give a key that does not open the bid.",
    "E_BIDDER_TIMEOUT": "The bidder's own key share did not arrive in time.",
    "E_PAYLOAD": "The sealed file does not decrypt to its end.",
    "E_CONTENT": "The content is not of the published form.",
    "E_SHARE_COMMIT": "A custodian released a wrong key share.",
    "E_QUORUM": "Too few custodians released their key shares.",
    "E_STORE_HASH": "The stored file is not the one that was received.",
    "E_GATE_KEY": "The time gate's key share is missing.",
}
"""Why a bid could not be opened; its code stands beside it for the help desk."""

FAULT_WORDS = {
    "bidder": "The bidder answers for this: the bid counts as revoked, its deposit is at risk.",
    "custodian": "A custodian answers for this: the bid counts as withdrawn, its deposit goes back.",
    "platform": "The platform answers for this: the bid counts as withdrawn, its deposit goes back.",
}

CAPACITY_WORDS = {
    "bidder": "Bidder",
    "tenderer": "Tenderer",
    "agency": "Agency",
    "centre": "Trading centre",
    "regulator": "Supervising department",
}
